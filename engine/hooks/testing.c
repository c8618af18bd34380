/* The hooks that run one function of a kernel table or prepare a line. Those that run and time
 * networks are in networks.c. */
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#include "image/prepare.h"
#include "kernels/dispatch.h"
#include "net/linear.h"
#include "net/lstm.h"
#include "net/stem.h"

/* Unpacks the signs of one pixel: kernels put a byte's first channel in its lowest used bit. */
static void unpack_signs(const kernel_table *kernel, const uint8_t *signs, int channels,
                         uint8_t *out) {
    int step = kernel->channels_per_byte;
    for (int c = 0; c < channels; c++)
        out[c] = (signs[c / step] >> (8 - step + c % step)) & 1;
}

static void run_rows(const kernel_table *kernel, const bitocr_test_conv_args *a, const void *packed,
                     uint8_t *signs, uint8_t *row_signs) {
    int pad = a->kernel / 2, ow = (a->width + a->stride_w - 1) / a->stride_w;
    size_t pixel = (size_t)(a->cin / kernel->channels_per_byte);
    size_t line = pixel * (size_t)(a->width + 2 * pad);
    size_t out_pixel = (size_t)(a->cout / kernel->channels_per_byte);
    for (int y = 0; y < a->height; y++)
        kernel->sign(a->x + (size_t)y * (size_t)(a->width * a->cin), a->beta, a->width, a->cin,
                     signs + (size_t)(y + pad) * line + (size_t)pad * pixel);
    conv_layer layer = {a->kernel, a->cin, a->cout, packed, a->scale, a->bias, a->slope, a->shift};
    for (int y = 0; y * a->stride_h < a->height; y++) {
        size_t first = (size_t)y * (size_t)ow;
        conv_row row = {
            .bits = signs + (size_t)(y * a->stride_h) * line,
            .row_bytes = line,
            .step_bytes = (size_t)a->stride_w * pixel,
            .pixels = ow,
            .shortcut = a->shortcut + first * (size_t)a->shortcut_channels,
            .shortcut_channels = a->shortcut_channels,
            .out = a->out + first * (size_t)a->cout,
            .beta = a->next_beta,
            .out_bits = row_signs,
        };
        kernel->conv(&layer, &row);
        for (int x = 0; a->next_beta && x < ow; x++)
            unpack_signs(kernel, row_signs + (size_t)x * out_pixel, a->cout,
                         a->next_signs + (first + (size_t)x) * (size_t)a->cout);
    }
}

int bitocr_test_conv(const char *name, const bitocr_test_conv_args *a) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    size_t padded = (size_t)(a->height + 2) * (size_t)(a->width + 2) * (size_t)a->cin;
    void *packed = malloc(kernel->conv_bytes(a->kernel, a->cin, a->cout));
    uint8_t *signs = calloc(padded / (size_t)kernel->channels_per_byte, 1);
    uint8_t *row_signs = malloc((size_t)a->width * (size_t)a->cout);
    int status = packed && signs && row_signs ? BITOCR_OK : BITOCR_ERROR_MEMORY;
    if (status == BITOCR_OK) {
        kernel->pack_conv(a->weights, a->kernel, a->cin, a->cout, packed);
        run_rows(kernel, a, packed, signs, row_signs);
    }
    free(packed);
    free(signs);
    free(row_signs);
    return status;
}

int bitocr_test_stem(const char *name, const int8_t *q, int height, int width, int channels,
                     const int8_t *weights, const float *scale, const float *bias, float *out) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    int16_t *scratch = malloc(bitocr_stem_scratch_bytes(width));
    void *packed = malloc(kernel->stem_bytes(channels));
    int status = scratch && packed ? BITOCR_OK : BITOCR_ERROR_MEMORY;
    if (status == BITOCR_OK) {
        kernel->pack_stem(weights, channels, packed);
        stem_layer layer = {channels, packed, scale, bias};
        gray_map image = {q, height, width};
        map whole = bitocr_map_of(out, bitocr_stem_size(&layer, height, width));
        for (int y = 0; y < whole.size.height; y++)
            bitocr_stem_row(kernel, &layer, &image, &whole, y, NULL, scratch);
    }
    free(scratch);
    free(packed);
    return status;
}

int bitocr_test_multiply(const char *name, const int8_t *weights, int inputs, int outputs,
                         const int16_t *x, int rows, int32_t *sums) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    void *packed = malloc(kernel->matrix_bytes(inputs, outputs));
    if (!packed)
        return BITOCR_ERROR_MEMORY;
    kernel->pack_matrix(weights, inputs, outputs, packed);
    matrix m = {inputs, outputs, packed};
    kernel->multiply(&m, x, rows, sums);
    free(packed);
    return BITOCR_OK;
}

static int run_lstm(const kernel_table *kernel, const lstm_layer *layer, const float *x, int steps,
                    int backward, float *out) {
    workspace space = {0};
    arena a = {0};
    bitocr_lstm_scratch(&a, layer, steps);
    if (!bitocr_workspace_reserve(&space, a.bytes, &a))
        return BITOCR_ERROR_MEMORY;
    lstm_scratch scratch = bitocr_lstm_scratch(&a, layer, steps);
    bitocr_linear_quantize(kernel, x, steps, layer->input.inputs, scratch.quantized,
                           scratch.scales);
    bitocr_lstm_run(kernel, layer, steps, backward, &scratch, out, (size_t)layer->units);
    bitocr_workspace_free(&space);
    return BITOCR_OK;
}

int bitocr_test_lstm(const char *name, const float *x, int steps, int inputs, int units,
                     const int8_t *weight_ih, const int8_t *weight_hh, const float *scale_ih,
                     const float *scale_hh, const float *bias, int backward, float *out) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    size_t gates = 4 * (size_t)units;
    void *ih = malloc(kernel->matrix_bytes(inputs, 4 * units));
    void *hh = malloc(kernel->matrix_bytes(units, 4 * units));
    float *state_scale = malloc(gates * sizeof *state_scale);
    int status = ih && hh && state_scale ? BITOCR_OK : BITOCR_ERROR_MEMORY;
    if (status == BITOCR_OK) {
        kernel->pack_matrix(weight_ih, inputs, 4 * units, ih);
        kernel->pack_matrix(weight_hh, units, 4 * units, hh);
        for (size_t i = 0; i < gates; i++)
            state_scale[i] = scale_hh[i] / (float)bitocr_linear_range(units);
        lstm_layer layer = {
            units, {inputs, 4 * units, ih}, {units, 4 * units, hh}, scale_ih, state_scale, bias};
        status = run_lstm(kernel, &layer, x, steps, backward, out);
    }
    free(ih);
    free(hh);
    free(state_scale);
    return status;
}

int bitocr_test_function(const char *name, const char *function, float *x, int n) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    if (!strcmp(function, "sigmoid"))
        kernel->sigmoid(x, n);
    else if (!strcmp(function, "tanh"))
        kernel->tanh(x, n);
    else if (!strcmp(function, "log_softmax"))
        kernel->log_softmax(x, n);
    else
        return BITOCR_ERROR_USAGE;
    return BITOCR_OK;
}

int bitocr_test_largest(const char *name, const float *x, int n, int *index) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    *index = kernel->largest(x, n);
    return BITOCR_OK;
}

int bitocr_test_next(const char *name, const float *x, int n, float least, int *index) {
    const kernel_table *kernel = bitocr_find_kernel(name, NULL);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    *index = kernel->next(x, *index, n, least);
    return BITOCR_OK;
}

int bitocr_test_prepare(const bitocr_image *image, int height, int width, int8_t *out,
                        bitocr_error *error) {
    buffer scratch = {0};
    int status = bitocr_image_prepare(&scratch, image, height, width, out, error);
    bitocr_buffer_free(&scratch);
    return status;
}
