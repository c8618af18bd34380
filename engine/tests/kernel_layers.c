/* Runs of the functions that work on signs and integers. */
#include "kernel_tests.h"

#include <string.h>

/* Puts the signs of `pixels` pixels, one byte each: kernels have the first channel of a byte in its
 * lowest used bit. */
static void put_signs(const kernel_table *kernel, const uint8_t *signs, int pixels, int channels) {
    int step = kernel->channels_per_byte;
    for (int i = 0; i < pixels * channels; i++) {
        uint8_t bit = (signs[i / step] >> (8 - step + i % step)) & 1;
        put_bytes(&bit, 1);
    }
}

static uint8_t *take_signs(const kernel_table *kernel, int pixels, int channels) {
    size_t bytes = (size_t)pixels * (size_t)(channels / kernel->channels_per_byte);
    uint8_t *signs = take(bytes);
    memset(signs, 0, bytes);
    return signs;
}

/* Half of the thresholds meet their values exactly, where the sign is +1. */
static void make_thresholds(float *beta, const float *x, int channels) {
    for (int c = 0; c < channels; c += 2)
        beta[c] = -x[c];
}

void run_sign(const kernel_table *kernel, const int shape[8]) {
    int pixels = shape[0], channels = shape[1];
    float *x = random_floats((size_t)(pixels * channels), 1);
    float *beta = random_floats((size_t)channels, 1);
    make_thresholds(beta, x, channels);
    uint8_t *signs = take_signs(kernel, pixels, channels);
    kernel->sign(x, beta, pixels, channels, signs);
    put_signs(kernel, signs, pixels, channels);
}

/* A map of random signs, or of +1 alone, with a border of +1. */
static uint8_t *make_map(const kernel_table *kernel, int height, int width, int channels,
                         int is_random) {
    uint8_t *map = take_signs(kernel, (height + 2) * (width + 2), channels);
    size_t pixel = (size_t)(channels / kernel->channels_per_byte);
    float *x = random_floats((size_t)(width * channels), 1);
    float *beta = random_floats((size_t)channels, 0.5f);
    for (int y = 0; y < height && is_random; y++) {
        for (int i = 0; i < width * channels; i++)
            x[i] = random_float(1);
        kernel->sign(x, beta, width, channels, map + (size_t)((y + 1) * (width + 2) + 1) * pixel);
    }
    return map;
}

static conv_layer make_conv(const kernel_table *kernel, int size, int cin, int cout, int weights,
                            float spread) {
    size_t bytes = (size_t)(size * size * cin * cout / 8), n = (size_t)cout;
    uint8_t *bits = take(bytes);
    void *packed = take(kernel->conv_bytes(size, cin, cout));
    random_bytes(bits, bytes);
    if (weights)
        memset(bits, weights > 0 ? 0 : 0xFF, bytes);
    kernel->pack_conv(bits, size, cin, cout, packed);
    return (conv_layer){.kernel = size,
                        .cin = cin,
                        .cout = cout,
                        .weights = packed,
                        .scale = random_floats(n, spread),
                        .bias = random_floats(n, spread),
                        .slope = random_floats(n, 1),
                        .shift = random_floats(n, spread)};
}

/* shape: kernel, cin, cout, pixels, step in pixels, shortcut channels (0: `out` itself),
 * what weights are (0: random; 1 or -1: that alone, on a map of +1), scales of 2^n. */
void run_conv(const kernel_table *kernel, const int shape[8]) {
    int size = shape[0], cin = shape[1], cout = shape[2], pixels = shape[3], step = shape[4];
    int shortcut_channels = shape[5] ? shape[5] : cout, width = pixels * step + 1;
    float spread = 1;
    for (int i = 0; i < shape[7]; i++)
        spread *= 2;
    const uint8_t *map = make_map(kernel, size, width, cin, !shape[6]);
    conv_layer layer = make_conv(kernel, size, cin, cout, shape[6], spread);
    size_t pixel = (size_t)(cin / kernel->channels_per_byte), values = (size_t)(pixels * cout);
    float *shortcut = random_floats((size_t)(pixels * shortcut_channels), spread);
    float *out = shape[5] ? take_floats(values) : shortcut;
    float *beta = random_floats((size_t)cout, spread);
    uint8_t *signs = take_signs(kernel, pixels, cout);
    conv_row row = {.bits = map + (size == 1 ? (size_t)(width + 3) * pixel : 0),
                    .row_bytes = (size_t)(width + 2) * pixel,
                    .step_bytes = (size_t)step * pixel,
                    .pixels = pixels,
                    .shortcut = shortcut,
                    .shortcut_channels = shortcut_channels,
                    .out = out,
                    .beta = pixels % 3 ? beta : NULL,
                    .out_bits = signs};
    kernel->conv(&layer, &row);
    put_floats(out, values);
    put_signs(kernel, signs, pixels, cout);
}

/* shape: channels, pixels, 1: the largest weights and values. */
void run_stem(const kernel_table *kernel, const int shape[8]) {
    int channels = shape[0], pixels = shape[1], width = 2 * pixels + 2;
    size_t n = (size_t)channels;
    int8_t *weights = take(9 * n);
    int16_t *taps = take(3 * (size_t)width * sizeof *taps);
    void *packed = take(kernel->stem_bytes(channels));
    random_bytes(weights, 9 * n);
    for (int i = 0; i < 3 * width; i++)
        taps[i] = (int16_t)random_between(-127, 127);
    if (shape[2]) {
        memset(weights, -128, 9 * n);
        for (int i = 0; i < 3 * width; i++)
            taps[i] = -127;
    }
    kernel->pack_stem(weights, channels, packed);
    stem_layer layer = {channels, packed, random_floats(n, 1), random_floats(n, 1)};
    float *out = take_floats((size_t)pixels * n);
    const int16_t *const rows[3] = {taps, taps + width, taps + 2 * width};
    kernel->stem(&layer, rows, pixels, out);
    put_floats(out, (size_t)pixels * n);
}

/* shape: inputs, outputs, rows, the largest value; 1: the largest weights and values alone; 2:
 * weights of seven bits; 3: the largest of these. */
void run_multiply(const kernel_table *kernel, const int shape[8]) {
    int inputs = shape[0], outputs = shape[1], rows = shape[2], range = shape[3];
    size_t count = (size_t)inputs * (size_t)outputs, sums_count = (size_t)(rows * outputs);
    int8_t *weights = take(count);
    int16_t *x = take((size_t)(rows * inputs) * sizeof *x);
    int32_t *sums = take(sums_count * sizeof *sums);
    void *packed = take(kernel->matrix_bytes(inputs, outputs));
    random_bytes(weights, count);
    int are_largest = shape[4] % 2, are_narrow = shape[4] / 2;
    if (are_largest)
        memset(weights, -128, count);
    for (size_t i = 0; are_narrow && i < count; i++)
        weights[i] /= 2;
    for (int i = 0; i < rows * inputs; i++)
        x[i] = (int16_t)(are_largest ? range : random_between(-range, range));
    kernel->pack_matrix(weights, inputs, outputs, packed);
    matrix m = {inputs, outputs, packed};
    kernel->multiply(&m, x, rows, sums);
    put_bytes(sums, sums_count * sizeof *sums);
}
