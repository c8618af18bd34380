/* A bidirectional LSTM layer and the linear head, with int8 weights.
 *
 * Activations are rounded to 16 bits: the inputs of each time step with a scale of their own, the
 * state with a fixed one, as it lies in (-1, 1). The products are then exact integers, the same
 * with every kernel, and the rounding is far below that of the weights. */
#ifndef BITOCR_NET_LSTM_H
#define BITOCR_NET_LSTM_H

#include "kernels/kernels.h"

/* One direction. Gates in the order input, forget, cell, output; arrays of [4 * units]. */
typedef struct {
    int units;
    matrix input;          /* [4 * units][inputs] */
    matrix state;          /* [4 * units][units] */
    const float *scale_ih; /* of a row of the input weights */
    const float *scale_hh; /* of a row of the state weights, over the range of the state */
    const float *bias;
} lstm_layer;

/* The largest activation with which a sum over `inputs` products cannot overflow 32 bits. */
int bitocr_lstm_activation_range(int inputs);

/* Rows of activations as integers: x [steps][n] -> q [steps][n], scales [steps]. */
void bitocr_lstm_quantize(const kernel_table *kernel, const float *x, int steps, int n, int16_t *q,
                          float *scales);

/* Bytes of scratch memory, a multiple of 64, that bitocr_lstm_run needs. */
size_t bitocr_lstm_scratch_bytes(const lstm_layer *layer, int steps);

/* q int16 [steps][inputs] and scales [steps] from bitocr_lstm_quantize; out float32
 * [steps][out_stride]: the first `units` of each row are written. `backward` runs from the last
 * step to the first. */
void bitocr_lstm_run(const kernel_table *kernel, const lstm_layer *layer, const int16_t *q,
                     const float *scales, int steps, int backward, float *out, size_t out_stride,
                     void *scratch);

#endif
