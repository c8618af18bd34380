#include "net/linear.h"

linear_layer bitocr_linear_build(network_builder *b, const char *prefix, int inputs, int outputs,
                                 bool has_bias) {
    return (linear_layer){
        .weights = bitocr_builder_matrix(b, prefix, "weight", inputs, outputs),
        .scale = bitocr_builder_floats(b, prefix, "scale", outputs),
        .bias = has_bias ? bitocr_builder_floats(b, prefix, "bias", outputs) : NULL,
    };
}

linear_scratch bitocr_linear_scratch(arena *a, int inputs, int outputs) {
    linear_scratch s;
    s.quantized = bitocr_arena_take(a, BITOCR_LINEAR_ROWS * (uint64_t)inputs * sizeof *s.quantized);
    s.sums = bitocr_arena_take(a, BITOCR_LINEAR_ROWS * (uint64_t)outputs * sizeof *s.sums);
    return s;
}

int bitocr_linear_range(int inputs) {
    int limit = INT32_MAX / (128 * inputs);
    return limit < INT16_MAX ? limit : INT16_MAX;
}

void bitocr_linear_quantize(const kernel_table *kernel, const float *x, int rows, int n, int16_t *q,
                            float *scales) {
    int range = bitocr_linear_range(n);
    for (int row = 0; row < rows; row++, x += n, q += n)
        scales[row] = kernel->quantize(x, n, range, q);
}

/* The sums of the next rows of x, at most BITOCR_LINEAR_ROWS of `left`; returns how many. */
static int next_sums(const kernel_table *kernel, const matrix *m, const float *x, int left,
                     const linear_scratch *scratch, float scales[BITOCR_LINEAR_ROWS]) {
    int rows = left < BITOCR_LINEAR_ROWS ? left : BITOCR_LINEAR_ROWS;
    bitocr_linear_quantize(kernel, x, rows, m->inputs, scratch->quantized, scales);
    kernel->multiply(m, scratch->quantized, rows, scratch->sums);
    return rows;
}

static void scale_row(const linear_layer *layer, const int32_t *sums, float step_scale,
                      float *restrict out) {
    const float *scale = layer->scale, *bias = layer->bias;
    int n = layer->weights.outputs;
    for (int i = 0; i < n; i++)
        out[i] = (float)sums[i] * (scale[i] * step_scale);
    for (int i = 0; bias && i < n; i++)
        out[i] += bias[i];
}

void bitocr_linear_run(const kernel_table *kernel, const linear_layer *layer, const float *x,
                       int rows, const linear_scratch *scratch, float *out) {
    const matrix *m = &layer->weights;
    float scales[BITOCR_LINEAR_ROWS];
    for (int done = 0, count; done < rows; done += count) {
        count = next_sums(kernel, m, x + (size_t)done * (size_t)m->inputs, rows - done, scratch,
                          scales);
        for (int i = 0; i < count; i++)
            scale_row(layer, scratch->sums + (size_t)i * (size_t)m->outputs, scales[i],
                      out + (size_t)(done + i) * (size_t)m->outputs);
    }
}

void bitocr_linear_log_softmax(const kernel_table *kernel, const linear_layer *layer,
                               const float *x, int rows, const linear_scratch *scratch,
                               float *out) {
    const matrix *m = &layer->weights;
    float scales[BITOCR_LINEAR_ROWS];
    for (int done = 0, count; done < rows; done += count) {
        count = next_sums(kernel, m, x + (size_t)done * (size_t)m->inputs, rows - done, scratch,
                          scales);
        for (int i = 0; i < count; i++) {
            head_step step = {
                .classes = m->outputs,
                .sums = scratch->sums + (size_t)i * (size_t)m->outputs,
                .scale = layer->scale,
                .bias = layer->bias,
                .step_scale = scales[i],
            };
            kernel->head(&step, out + (size_t)(done + i) * (size_t)m->outputs);
        }
    }
}
