#include "net/lstm.h"

#include <string.h>

#include "net/linear.h"

lstm_layer bitocr_lstm_build(network_builder *b, const char *prefix, int inputs, int units) {
    return (lstm_layer){
        .units = units,
        .input = bitocr_builder_matrix(b, prefix, "weight_ih", inputs, 4 * units),
        .state = bitocr_builder_matrix(b, prefix, "weight_hh", units, 4 * units),
        .scale_ih = bitocr_builder_floats(b, prefix, "scale_ih", 4 * units),
        .scale_hh = bitocr_builder_scaled_floats(b, prefix, "scale_hh", 4 * units,
                                                 1.0f / (float)bitocr_linear_range(units)),
        .bias = bitocr_builder_floats(b, prefix, "bias", 4 * units),
    };
}

lstm_scratch bitocr_lstm_scratch(arena *a, const lstm_layer *layer, int steps) {
    uint64_t n = (uint64_t)layer->units, t = (uint64_t)steps;
    lstm_scratch s;
    s.quantized = bitocr_arena_take(a, t * (uint64_t)layer->input.inputs * sizeof *s.quantized);
    s.scales = bitocr_arena_take(a, t * sizeof *s.scales);
    s.cell = bitocr_arena_take(a, n * sizeof *s.cell);
    s.state = bitocr_arena_take(a, n * sizeof *s.state);
    s.gates = bitocr_arena_take(a, 4 * n * sizeof *s.gates);
    s.state_sum = bitocr_arena_take(a, 4 * n * sizeof *s.state_sum);
    s.input_sum = bitocr_arena_take(a, t * 4 * n * sizeof *s.input_sum);
    return s;
}

void bitocr_lstm_run(const kernel_table *kernel, const lstm_layer *layer, int steps, int backward,
                     const lstm_scratch *s, float *out, size_t out_stride) {
    size_t units = (size_t)layer->units;
    memset(s->cell, 0, units * sizeof *s->cell); /* the first step starts from zeros */
    memset(s->state_sum, 0, 4 * units * sizeof *s->state_sum);
    kernel->multiply(&layer->input, s->quantized, steps, s->input_sum);
    for (int i = 0; i < steps; i++) {
        int t = backward ? steps - 1 - i : i;
        if (i)
            kernel->multiply(&layer->state, s->state, 1, s->state_sum);
        lstm_cell cell = {
            .units = layer->units,
            .input_sum = s->input_sum + (size_t)t * 4 * units,
            .input_scale = layer->scale_ih,
            .bias = layer->bias,
            .state_sum = s->state_sum,
            .state_scale = layer->scale_hh,
            .step_scale = s->scales[t],
            .range = bitocr_linear_range(layer->units),
            .gates = s->gates,
            .cell = s->cell,
            .state = out + (size_t)t * out_stride,
            .state_q = s->state,
        };
        kernel->lstm(&cell);
    }
}

void bitocr_lstm_run_both(const kernel_table *kernel, const lstm_layer layers[2], const float *x,
                          int steps, const lstm_scratch *scratch, float *out, size_t out_stride) {
    bitocr_linear_quantize(kernel, x, steps, layers[0].input.inputs, scratch->quantized,
                           scratch->scales);
    for (int backward = 0; backward < 2; backward++)
        bitocr_lstm_run(kernel, &layers[backward], steps, backward, scratch,
                        out + backward * layers[0].units, out_stride);
}
