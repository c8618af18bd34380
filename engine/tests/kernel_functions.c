/* Runs of the functions that work on floats one by one (kernels/elementwise.h). */
#include "kernel_tests.h"

#include <math.h>

/* shape: width, channels, columns that become one, rows that become one. */
void run_pool(const kernel_table *kernel, const int shape[8]) {
    int width = shape[0], channels = shape[1], columns = shape[2];
    size_t n = (size_t)(width * channels);
    size_t values = (size_t)((width + columns - 1) / columns * channels);
    float *top = random_floats(n, 4), *out = take_floats(values);
    float *bottom = shape[3] == 2 ? random_floats(n, 4) : NULL;
    kernel->average_pool(top, bottom, width, channels, columns, out);
    put_floats(out, values);
}

/* shape: rows, values of each. */
void run_mean(const kernel_table *kernel, const int shape[8]) {
    size_t n = (size_t)shape[1];
    float *x = random_floats((size_t)shape[0] * n, 4), *out = take_floats(n);
    kernel->mean(x, shape[0], n, out);
    put_floats(out, n);
}

/* shape: values, range; 1: all are zero. */
void run_quantize(const kernel_table *kernel, const int shape[8]) {
    int n = shape[0];
    float *x = random_floats((size_t)n, 3);
    int16_t *out = take((size_t)n * sizeof *out);
    for (int i = 0; i < n && shape[2]; i++)
        x[i] = i % 2 ? -0.0f : 0.0f;
    float unit = kernel->quantize(x, n, shape[1], out);
    put_floats(&unit, 1);
    put_bytes(out, (size_t)n * sizeof *out);
}

static int32_t *random_sums(size_t count, int most) {
    int32_t *sums = take(count * sizeof *sums);
    for (size_t i = 0; i < count; i++)
        sums[i] = random_between(-most, most);
    return sums;
}

/* shape: units, the largest sum. */
void run_lstm(const kernel_table *kernel, const int shape[8]) {
    size_t n = (size_t)shape[0];
    lstm_cell cell = {.units = shape[0],
                      .input_sum = random_sums(4 * n, shape[1]),
                      .input_scale = random_floats(4 * n, 0x1p-20f),
                      .bias = random_floats(4 * n, 2),
                      .state_sum = random_sums(4 * n, shape[1]),
                      .state_scale = random_floats(4 * n, 0x1p-20f),
                      .step_scale = 0.75f,
                      .range = 16383,
                      .gates = take_floats(4 * n),
                      .cell = random_floats(n, 2),
                      .state = take_floats(n),
                      .state_q = take(n * sizeof(int16_t))};
    kernel->lstm(&cell);
    put_floats(cell.cell, n);
    put_floats(cell.state, n);
    put_bytes(cell.state_q, n * sizeof *cell.state_q);
}

/* shape: classes, the largest sum. */
void run_head(const kernel_table *kernel, const int shape[8]) {
    size_t n = (size_t)shape[0];
    head_step step = {.classes = shape[0],
                      .sums = random_sums(n, shape[1]),
                      .scale = random_floats(n, 0x1p-16f),
                      .bias = random_floats(n, 1),
                      .step_scale = 0.5f};
    float *logprobs = take_floats(n);
    kernel->head(&step, logprobs);
    put_floats(logprobs, n);
}

/* The largest, and all that are at least as large as some. shape: values; 1: few different ones. */
void run_search(const kernel_table *kernel, const int shape[8]) {
    int n = shape[0];
    float *x = random_floats((size_t)n, 8);
    for (int i = 0; i < n && shape[1]; i++)
        x[i] = (float)random_between(-1, 1);
    for (int i = n - 1; i >= 0; i -= 61)
        x[i] = -INFINITY;
    int at = kernel->largest(x, n);
    put_bytes(&at, sizeof at);
    float least = x[at] - 1;
    for (at = -1; at < n; put_bytes(&at, sizeof at))
        at = kernel->next(x, at + 1, n, least);
}

/* shape: values, their spread. */
void run_functions(const kernel_table *kernel, const int shape[8]) {
    size_t n = (size_t)shape[0];
    float *x[3] = {random_floats(n, (float)shape[1]), random_floats(n, (float)shape[1]),
                   random_floats(n, (float)shape[1])};
    if (n > 8) {
        x[0][1] = INFINITY;
        x[1][3] = -INFINITY;
        x[0][n - 1] = -1e30f;
    }
    kernel->sigmoid(x[0], shape[0]);
    kernel->tanh(x[1], shape[0]);
    kernel->log_softmax(x[2], shape[0]);
    for (int i = 0; i < 3; i++)
        put_floats(x[i], n);
}
