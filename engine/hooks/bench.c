/* The hook of testing.h that times a layer. Those for networks are in networks.c. */
#include <stdlib.h>

#include "kernels/dispatch.h"
#include "base/platform.h"
#include "testing.h"

/* Numbers from 0 to 255, the same in every run. */
static uint8_t random_byte(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (uint8_t)(*state >> 24);
}

/* A layer's arrays, carved out of `floats` [channels * 6 + 2 * values] and `signs` (two maps). */
static void time_conv(const kernel_table *kernel, int channels, int height, int width, int repeats,
                      const void *packed, float *floats, uint8_t *signs, double *seconds) {
    size_t c = (size_t)channels, values = c * (size_t)(height * width);
    size_t pixel = (size_t)(channels / kernel->channels_per_byte);
    size_t line = pixel * (size_t)(width + 2);
    for (size_t i = 0; i < 6 * c + values; i++)
        floats[i] = (float)(i % 7) - 3.0f;
    float *shortcut = floats + 6 * c, *out = shortcut + values;
    uint8_t *next_signs = signs + (size_t)(height + 2) * line;
    for (int y = 0; y < height; y++)
        kernel->sign(shortcut + (size_t)(y * width) * c, floats, width, channels,
                     signs + (size_t)(y + 1) * line + pixel);
    conv_layer layer = {3,          channels,       channels,       packed,
                        floats + c, floats + 2 * c, floats + 3 * c, floats + 4 * c};
    for (int i = 0; i < repeats; i++) {
        double start = bitocr_platform_seconds();
        for (int y = 0; y < height; y++) {
            size_t first = (size_t)(y * width) * c;
            conv_row row = {signs + (size_t)y * line,
                            line,
                            pixel,
                            width,
                            shortcut + first,
                            channels,
                            out + first,
                            floats + 5 * c,
                            next_signs + (size_t)y * line};
            kernel->conv(&layer, &row);
        }
        double time = bitocr_platform_seconds() - start;
        if (i == 0 || time < *seconds)
            *seconds = time;
    }
}

int bitocr_bench_conv(const char *name, int channels, int height, int width, int repeats,
                      double *seconds) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    size_t c = (size_t)channels, values = c * (size_t)(height * width);
    uint8_t *weights = malloc(9 * c * c / 8);
    void *packed = malloc(kernel->conv_bytes(3, channels, channels));
    float *floats = malloc((6 * c + 2 * values) * sizeof *floats);
    uint8_t *signs = calloc(2 * (size_t)(height + 2) * (size_t)(width + 2) * c, 1);
    int status = weights && packed && floats && signs ? BITOCR_OK : BITOCR_ERROR_MEMORY;
    if (status == BITOCR_OK) {
        uint32_t state = 1;
        for (size_t i = 0; i < 9 * c * c / 8; i++)
            weights[i] = random_byte(&state);
        kernel->pack_conv(weights, 3, channels, channels, packed);
        time_conv(kernel, channels, height, width, repeats, packed, floats, signs, seconds);
    }
    free(weights);
    free(packed);
    free(floats);
    free(signs);
    return status;
}
