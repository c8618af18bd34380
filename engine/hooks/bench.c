/* The hooks of testing.h that run and time whole networks, and time a layer. */
#include <stdlib.h>
#include <string.h>

#include "kernels/dispatch.h"
#include "base/error.h"
#include "net/network.h"
#include "base/platform.h"
#include "testing.h"

typedef struct {
    bitocr_model_file *file;
    network *net;
    workspace space;
} loaded;

static int load(loaded *l, const char *kernel, const void *model, size_t bytes,
                bitocr_error *error) {
    *l = (loaded){0};
    const kernel_table *table = bitocr_find_kernel(kernel, error);
    if (!table)
        return BITOCR_ERROR_USAGE;
    bitocr_status status = bitocr_model_open_memory(model, bytes, &l->file, error);
    return status ? status : bitocr_network_create(l->file, table, &l->net, error);
}

static void unload(loaded *l) {
    bitocr_network_free(l->net);
    bitocr_model_close(l->file);
    bitocr_workspace_free(&l->space);
}

int bitocr_test_network(const char *kernel, const void *model, size_t bytes, const int8_t *q,
                        int width, float *features, float *logprobs, bitocr_error *error) {
    loaded l;
    int status = load(&l, kernel, model, bytes, error);
    if (status == BITOCR_OK)
        status =
            bitocr_network_run_profiled(l.net, &l.space, q, width, logprobs, features, NULL, error);
    unload(&l);
    return status;
}

/* Numbers from 0 to 255, the same in every run. */
static uint8_t random_byte(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (uint8_t)(*state >> 24);
}

/* The fastest run by its sum; its stages are kept. */
static int time_network(loaded *l, int width, int repeats, const int8_t *q, float *logprobs,
                        double *lap, double *seconds, bitocr_error *error) {
    int stages = bitocr_network_stages(l->net), status = BITOCR_OK;
    double best = 0;
    for (int i = 0; i < repeats && status == BITOCR_OK; i++) {
        status =
            bitocr_network_run_profiled(l->net, &l->space, q, width, logprobs, NULL, lap, error);
        double total = 0;
        for (int stage = 0; stage < stages; stage++)
            total += lap[stage];
        if (i == 0 || total < best) {
            best = total;
            memcpy(seconds, lap, (size_t)stages * sizeof *lap);
        }
    }
    return status;
}

int bitocr_bench_network(const char *kernel, const void *model, size_t bytes, int width,
                         int repeats, double *seconds, int stages, bitocr_error *error) {
    loaded l;
    int status = load(&l, kernel, model, bytes, error);
    if (status == BITOCR_OK && bitocr_network_stages(l.net) > stages)
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "the network has %d stages, not %d",
                             bitocr_network_stages(l.net), stages);
    if (status == BITOCR_OK) {
        size_t pixels = BITOCR_HEIGHT * (size_t)width;
        size_t values =
            (size_t)bitocr_network_steps(l.net, width) * (size_t)bitocr_network_classes(l.net);
        int8_t *q = malloc(pixels);
        float *logprobs = malloc(values * sizeof *logprobs);
        double *lap = malloc((size_t)bitocr_network_stages(l.net) * sizeof *lap);
        uint32_t state = 1;
        for (size_t i = 0; q && i < pixels; i++)
            q[i] = (int8_t)(random_byte(&state) - 128);
        if (q && logprobs && lap)
            status = time_network(&l, width, repeats, q, logprobs, lap, seconds, error);
        else
            status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
        free(q);
        free(logprobs);
        free(lap);
    }
    unload(&l);
    return status;
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
