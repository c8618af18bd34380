/* Single layers and whole networks by kernel name, for parity tests and `bitocr bench`. Exported,
 * but no part of the API. All return BITOCR_OK, BITOCR_ERROR_USAGE for a kernel that cannot run
 * here, or BITOCR_ERROR_MEMORY; sizes are trusted. */
#ifndef BITOCR_TESTING_H
#define BITOCR_TESTING_H

#include "bitocr.h"

/* A binary convolution of a whole map with what follows it (kernels/kernels.h: conv_layer). Padding
 * is 1 for kernel 3 and 0 for kernel 1; oh = ceil(height / stride_h), ow alike. */
typedef struct {
    int kernel;
    int cin, cout;
    int height, width;
    int stride_h, stride_w;
    int shortcut_channels;
    const float *x;         /* [height][width][cin] */
    const float *beta;      /* [cin]: bit = (x + beta) < 0 */
    const uint8_t *weights; /* bits [cout][kernel][kernel][cin], LSB first */
    const float *scale;     /* [cout], and the three below */
    const float *bias;
    const float *slope;
    const float *shift;
    const float *shortcut;  /* [oh][ow][shortcut_channels] */
    const float *next_beta; /* [cout] or NULL */
    float *out;             /* [oh][ow][cout] */
    uint8_t *next_signs;    /* [oh][ow][cout] out: 0 or 1 each, where next_beta is given */
} bitocr_test_conv_args;

BITOCR_API int bitocr_test_conv(const char *kernel, const bitocr_test_conv_args *args);

/* A line as networks of this height read it: out gets [height][width] (image/prepare.h). */
BITOCR_API int bitocr_test_prepare(const bitocr_image *image, int height, int width, int8_t *out,
                                   bitocr_error *error);

/* The stem: q int8 [height][width] -> out float32 [oh][ow][channels], with oh = ceil(height / 2)
 * and ow alike; weights [channels][3][3]. */
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

/* From *index on, the first index at which x [n] is `least` or more; n: there is none. */
BITOCR_API int bitocr_test_next(const char *kernel, const float *x, int n, float least, int *index);

/* A model file's network, of an architecture of the engine's or of toy.h: q int8 [height][width] ->
 * out, of the size that bitocr_test_network_size gives. `features` [T][channels] may be NULL, and
 * is for networks that read lines. */
BITOCR_API int bitocr_test_network(const char *kernel, const void *model, size_t bytes, int threads,
                                   const int8_t *q, int height, int width, float *features,
                                   float *out, bitocr_error *error);

/* size: height, width, channels. */
BITOCR_API int bitocr_test_network_size(const void *model, size_t bytes, int height, int width,
                                        int size[3], bitocr_error *error);

/* Boxes in a detector's maps, int16 [height][width][3] (page/components.h): x, y, ux, uy, length,
 * height, score of the first `room` of them; returns how many there are, -1: out of memory. */
BITOCR_API int bitocr_test_boxes(const int16_t *maps, int height, int width, double *out, int room,
                                 double lean[2]);
/* Of each curved box in the maps 33 points on its middle line, (x, y); the return value: how many
 * boxes. */
BITOCR_API int bitocr_test_curves(const int16_t *maps, int height, int width, double *out,
                                  int room);

/* Reading order of rects [count] of left, top, right, bottom: places [count] of block, paragraph,
 * row are in that order. */
BITOCR_API int bitocr_test_order(const double *rects, int count, int *order, int *places);

BITOCR_API double bitocr_test_degrees(double x, double y);
BITOCR_API double bitocr_test_exp2(int x);

/* 1 where the compiler fuses multiplications and additions, so that results differ from those of
 * other platforms; else 0. On x86 it takes a processor that runs the kernel avx2. */
BITOCR_API int bitocr_test_contracts(void);

/* Seconds of the fastest of `repeats` runs of a binary 3x3 convolution, channels -> channels on a
 * map of height x width, with its scale, shortcut, RPReLU and next signs: 9 * channels^2 * height *
 * width multiply-accumulates. */
BITOCR_API int bitocr_bench_conv(const char *kernel, int channels, int height, int width,
                                 int repeats, double *seconds);

/* Seconds [stages] of a model's fastest run of `repeats` at this input width, by stage: the stem,
 * each block, the neck, the head. `stages` is how many `seconds` has room for; at least blocks + 3,
 * or BITOCR_ERROR_USAGE. */
BITOCR_API int bitocr_bench_network(const char *kernel, const void *model, size_t bytes, int width,
                                    int repeats, double *seconds, int stages, bitocr_error *error);

/* Seconds of the fastest of `repeats` runs of a bit_crnn's stem and blocks over an image of any
 * size, which `threads` share. */
BITOCR_API int bitocr_bench_backbone(const char *kernel, const void *model, size_t bytes,
                                     int height, int width, int threads, int repeats,
                                     double *seconds, bitocr_error *error);

#endif
