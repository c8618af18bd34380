#include "net/lstm.h"

#include <string.h>

int bitocr_lstm_activation_range(int inputs) {
    int limit = INT32_MAX / (128 * inputs);
    return limit < INT16_MAX ? limit : INT16_MAX;
}

void bitocr_lstm_quantize(const kernel_table *kernel, const float *x, int steps, int n, int16_t *q,
                          float *scales) {
    int range = bitocr_lstm_activation_range(n);
    for (int t = 0; t < steps; t++, x += n, q += n)
        scales[t] = kernel->quantize(x, n, range, q);
}

static size_t round_up(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* Cell, quantized state, gates, state sums, input sums: all a multiple of 64 bytes long. */
typedef struct {
    size_t cell, state_q, gates, state_sum, input_sum, bytes;
} layout;

static layout layout_of(const lstm_layer *layer, int steps) {
    size_t n = (size_t)layer->units;
    layout l;
    l.cell = 0;
    l.state_q = l.cell + round_up(n * sizeof(float));
    l.gates = l.state_q + round_up(n * sizeof(int16_t));
    l.state_sum = l.gates + round_up(4 * n * sizeof(float));
    l.input_sum = l.state_sum + round_up(4 * n * sizeof(int32_t));
    l.bytes = l.input_sum + round_up((size_t)steps * 4 * n * sizeof(int32_t));
    return l;
}

size_t bitocr_lstm_scratch_bytes(const lstm_layer *layer, int steps) {
    return layout_of(layer, steps).bytes;
}

void bitocr_lstm_run(const kernel_table *kernel, const lstm_layer *layer, const int16_t *q,
                     const float *scales, int steps, int backward, float *out, size_t out_stride,
                     void *scratch) {
    layout l = layout_of(layer, steps);
    char *memory = scratch;
    int16_t *state_q = (int16_t *)(memory + l.state_q);
    int32_t *state_sum = (int32_t *)(memory + l.state_sum);
    int32_t *input_sum = (int32_t *)(memory + l.input_sum);
    memset(memory, 0, l.input_sum); /* the first step starts from a state of zeros */
    kernel->multiply(&layer->input, q, steps, input_sum);
    for (int i = 0; i < steps; i++) {
        int t = backward ? steps - 1 - i : i;
        if (i)
            kernel->multiply(&layer->state, state_q, 1, state_sum);
        lstm_cell cell = {
            .units = layer->units,
            .input_sum = input_sum + (size_t)t * 4 * (size_t)layer->units,
            .input_scale = layer->scale_ih,
            .bias = layer->bias,
            .state_sum = state_sum,
            .state_scale = layer->scale_hh,
            .step_scale = scales[t],
            .range = bitocr_lstm_activation_range(layer->units),
            .gates = (float *)(memory + l.gates),
            .cell = (float *)(memory + l.cell),
            .state = out + (size_t)t * out_stride,
            .state_q = state_q,
        };
        kernel->lstm(&cell);
    }
}
