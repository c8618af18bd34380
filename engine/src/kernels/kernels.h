/* The table of functions that every instruction set implements; picked at run time (dispatch.h).
 *
 * All of them give the same bits. Float arithmetic is done elementwise in exactly the written
 * order, a multiplication and then an addition, never contracted into one; everything else is
 * integers.
 *
 * Each kernel packs signs in its own layout, `channels_per_byte` to a byte: a pixel of c channels
 * takes c / channels_per_byte bytes, pixels follow each other without gaps, and zero bytes are +1,
 * so a cleared plane is padded. Channels are multiples of 32 in all binary layers. */
#ifndef BITOCR_KERNELS_KERNELS_H
#define BITOCR_KERNELS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arithmetic.h"

/* A binary convolution, kernel x kernel taps, with what follows it:
 * z = (float)dot * scale + bias + shortcut; z = z >= 0 ? z : z * slope; z = z + shift. */
typedef struct {
    int kernel; /* 1 or 3 */
    int cin;
    int cout;
    const void *weights; /* packed by pack_conv */
    const float *scale;  /* [cout], and the same below */
    const float *bias;
    const float *slope;
    const float *shift;
} conv_layer;

/* One row of a convolution's output. */
typedef struct {
    const uint8_t *bits; /* the signs under the first tap of the first output pixel */
    size_t row_bytes;    /* between two rows of taps */
    size_t step_bytes;   /* between the first taps of two output pixels */
    int pixels;
    const float *shortcut; /* [pixels][shortcut_channels]; output k takes channel k % them */
    int shortcut_channels; /* a multiple of 32, at least half of cout */
    float *out;            /* [pixels][cout]; may be `shortcut` where the channels are equal */
    const float *beta;     /* [cout] of the next sign: bit = (z + beta) < 0; NULL: no next sign */
    uint8_t *out_bits;     /* [pixels], packed */
} conv_row;

/* The stem: 3x3, stride 2, zero padding 1, one int8 channel in: y = (float)acc * scale + bias. */
typedef struct {
    int channels;        /* a multiple of 32 */
    const void *weights; /* packed by pack_stem */
    const float *scale;  /* [channels] */
    const float *bias;
} stem_layer;

/* Weights of a matrix product with int16 inputs and int32 sums. */
typedef struct {
    int inputs;
    int outputs;
    const void *weights; /* packed by pack_matrix */
} matrix;

/* One step of an LSTM of n units, gates in the order i, f, g, o:
 * gate = ((float)input_sum * (input_scale[] * step_scale) + bias) + (float)state_sum * state_scale.
 */
typedef struct {
    int units;
    const int32_t *input_sum; /* [4n], and the same for the four below */
    const float *input_scale;
    const float *bias;
    const int32_t *state_sum;
    const float *state_scale;
    float step_scale;
    int range;        /* of state_q */
    float *gates;     /* [4n], scratch */
    float *cell;      /* [n], updated */
    float *state;     /* [n] out: the unit's output h */
    int16_t *state_q; /* [n] out: h * range, rounded */
} lstm_cell;

/* One time step of the head: logit = (float)sum * (scale[] * step_scale) + bias. */
typedef struct {
    int classes;
    const int32_t *sums; /* [classes], and the same below */
    const float *scale;
    const float *bias;
    float step_scale;
} head_step;

typedef struct {
    const char *name;
    int channels_per_byte;

    /* Bytes of the packed weights, and the packing. `weights` holds bits, LSB first in each byte,
     * as [cout][kernel][kernel][cin]. */
    size_t (*conv_bytes)(int kernel, int cin, int cout);
    void (*pack_conv)(const uint8_t *weights, int kernel, int cin, int cout, void *packed);
    void (*conv)(const conv_layer *layer, const conv_row *row);

    /* bit = (x + beta) < 0 of x [pixels][channels]. */
    void (*sign)(const float *x, const float *beta, int pixels, int channels, uint8_t *bits);

    /* weights int8 [channels][3][3]. `rows` are three rows of int16 pixels, each beginning with the
     * column left of the image; the kernel reads 2 * pixels + 2 of each. out [pixels][channels]. */
    size_t (*stem_bytes)(int channels);
    void (*pack_stem)(const int8_t *weights, int channels, void *packed);
    void (*stem)(const stem_layer *layer, const int16_t *const rows[3], int pixels, float *out);

    /* weights int8 [outputs][inputs]. sums int32 [rows][outputs] of x int16 [rows][inputs]. */
    size_t (*matrix_bytes)(int inputs, int outputs);
    void (*pack_matrix)(const int8_t *weights, int inputs, int outputs, void *packed);
    void (*multiply)(const matrix *m, const int16_t *x, int rows, int32_t *sums);

    /* The rest is one code for all, in elementwise.h, compiled for each instruction set. */

    /* The mean over sh x sw pixels (1 or 2 each) of one row or two of [width][channels], as
     * ((x00 + x01) + (x10 + x11)) * 0.25, (a + b) * 0.5; out [ceil(width / sw)][channels]. An odd
     * last pixel stands for its missing neighbour too. */
    void (*average_pool)(const float *top, const float *bottom, int width, int channels, int sw,
                         float *out);
    /* The mean over rows, top to bottom, of [rows][n]; then times 1.0f / rows. */
    void (*mean)(const float *x, int rows, size_t n, float *out);
    /* x [n] as integers in [-range, range]; returns the size of a unit, 0 where x is all zeros. */
    float (*quantize)(const float *x, int n, int range, int16_t *out);
    void (*lstm)(const lstm_cell *cell);
    /* The log-softmax of the logits; logprobs [classes]. */
    void (*head)(const head_step *step, float *logprobs);
    /* The index of the largest of x [n], n > 0; the first of several. */
    int (*largest)(const float *x, int n);
    /* The first index from `from` on at which x [n] is `least` or more; n: there is none. */
    int (*next)(const float *x, int from, int n, float least);
    /* For tests: x [n] in place. */
    void (*log_softmax)(float *x, int n);
    void (*sigmoid)(float *x, int n);
    void (*tanh)(float *x, int n);
} kernel_table;

extern const kernel_table bitocr_kernel_generic;

#endif
