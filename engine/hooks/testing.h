/* Single layers and whole networks by kernel name, for parity tests and `bitocr bench`. They are
 * exported, but not part of the API. They return BITOCR_OK, BITOCR_ERROR_USAGE for a kernel that
 * cannot run here, or BITOCR_ERROR_MEMORY. They do not check sizes. */
#ifndef BITOCR_TESTING_H
#define BITOCR_TESTING_H

#include "bitocr.h"

/* A binary convolution of a whole map, with the steps that follow it (kernels/kernels.h:
 * conv_layer). Padding is 1 for kernel 3 and 0 for kernel 1; oh = ceil(height / stride_h), and ow
 * likewise. */
typedef struct {
    int kernel;
    int cin, cout;
    int height, width;
    int stride_h, stride_w;
    int shortcut_channels;
    const float *x;         /* [height][width][cin] */
    const float *beta;      /* [cin]: bit = (x + beta) < 0 */
    const uint8_t *weights; /* bits [cout][kernel][kernel][cin], LSB first */
    const float *scale;     /* [cout], like the three below */
    const float *bias;
    const float *slope;
    const float *shift;
    const float *shortcut;  /* [oh][ow][shortcut_channels] */
    const float *next_beta; /* [cout] or NULL */
    float *out;             /* [oh][ow][cout] */
    uint8_t *next_signs;    /* [oh][ow][cout] out: 0 or 1 each, if next_beta is given */
} bitocr_test_conv_args;

BITOCR_API int bitocr_test_conv(const char *kernel, const bitocr_test_conv_args *args);

/* Prepares a line for networks of this height: out gets [height][width] (image/prepare.h). */
BITOCR_API int bitocr_test_prepare(const bitocr_image *image, int height, int width, int8_t *out,
                                   bitocr_error *error);

/* The stem: q int8 [height][width] -> out float32 [oh][ow][channels], with oh = ceil(height / 2),
 * and ow likewise; weights [channels][3][3]. */
BITOCR_API int bitocr_test_stem(const char *kernel, const int8_t *q, int height, int width,
                                int channels, const int8_t *weights, const float *scale,
                                const float *bias, float *out);

/* weights int8 [outputs][inputs], x int16 [rows][inputs] -> sums int32 [rows][outputs]. */
BITOCR_API int bitocr_test_multiply(const char *kernel, const int8_t *weights, int inputs,
                                    int outputs, const int16_t *x, int rows, int32_t *sums);

/* One direction of an LSTM: x float32 [steps][inputs] -> out [steps][units]; weights int8
 * [4 * units][inputs] and [4 * units][units], floats [4 * units]. */
BITOCR_API int bitocr_test_lstm(const char *kernel, const float *x, int steps, int inputs,
                                int units, const int8_t *weight_ih, const int8_t *weight_hh,
                                const float *scale_ih, const float *scale_hh, const float *bias,
                                int backward, float *out);

/* "sigmoid", "tanh" or "log_softmax" of x [n], in place. */
BITOCR_API int bitocr_test_function(const char *kernel, const char *function, float *x, int n);

/* The index of the largest of x [n]. */
BITOCR_API int bitocr_test_largest(const char *kernel, const float *x, int n, int *index);

/* The first index from *index on at which x [n] is `least` or more; n if there is none. */
BITOCR_API int bitocr_test_next(const char *kernel, const float *x, int n, float least, int *index);

/* Runs a model file's network, with an architecture of the engine or of toy.h: q int8
 * [height][width] -> out, of the size that bitocr_test_network_size gives. `features` [T][channels]
 * may be NULL; only networks that read lines have them. */
BITOCR_API int bitocr_test_network(const char *kernel, const void *model, size_t bytes, int threads,
                                   const int8_t *q, int height, int width, float *features,
                                   float *out, bitocr_error *error);

/* size: height, width, channels. */
BITOCR_API int bitocr_test_network_size(const void *model, size_t bytes, int height, int width,
                                        int size[3], bitocr_error *error);

/* Finds the boxes in a detector's maps, int16 [height][width][3] (page/components.h): x, y, ux, uy,
 * length, height, score of the first `room` boxes. Returns how many there are; -1: out of
 * memory. */
BITOCR_API int bitocr_test_boxes(const int16_t *maps, int height, int width, double *out, int room,
                                 double lean[2]);
/* For each curved box in the maps, 33 points (x, y) on its middle line. Returns how many boxes
 * there are. */
BITOCR_API int bitocr_test_curves(const int16_t *maps, int height, int width, double *out,
                                  int room);

/* Finds the reading order of rects [count], each left, top, right, bottom. places [count] get
 * block, paragraph and row, in that order. */
BITOCR_API int bitocr_test_order(const double *rects, int count, int *order, int *places);

/* Drops the symbols of a line of a photograph (api/page_symbols.c). characters [count], each its
 * code, score, left, right, and 1 if it starts a word. line: x, y, ux, uy, length, confidence,
 * score, and 1 if it is a column. Changes both; returns how many characters are left. */
BITOCR_API int bitocr_test_symbols(double *characters, int count, double line[8]);

BITOCR_API double bitocr_test_degrees(double x, double y);
BITOCR_API double bitocr_test_exp2(int x);

/* 1 if the compiler fuses multiplications and additions, which makes results differ from those of
 * other platforms; otherwise 0. On x86, only call it where the kernel avx2 runs. */
BITOCR_API int bitocr_test_contracts(void);

/* Seconds of the fastest of `repeats` runs of a binary 3x3 convolution, channels -> channels on a
 * map of height x width, with its scale, shortcut, RPReLU and next signs: 9 * channels^2 * height *
 * width multiply-accumulates. */
BITOCR_API int bitocr_bench_conv(const char *kernel, int channels, int height, int width,
                                 int repeats, double *seconds);

/* Seconds [stages] of the fastest of `repeats` runs of a model at this input width, by stage: the
 * stem, each block, the neck, the head. `seconds` has room for `stages`. Fewer than blocks + 3 are
 * BITOCR_ERROR_USAGE. */
BITOCR_API int bitocr_bench_network(const char *kernel, const void *model, size_t bytes, int width,
                                    int repeats, double *seconds, int stages, bitocr_error *error);

/* Seconds of the fastest of `repeats` runs of a bit_crnn's stem and blocks over an image of any
 * size, shared by `threads`. */
BITOCR_API int bitocr_bench_backbone(const char *kernel, const void *model, size_t bytes,
                                     int height, int width, int threads, int repeats,
                                     double *seconds, bitocr_error *error);

/* Mends the codes in a text (api/formats.h) of at most 128 characters, in place in
 * text [128]. Returns its new length. */
BITOCR_API int bitocr_test_formats(uint32_t *text, int count);

#endif
