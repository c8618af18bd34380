/* Products of int8 weights: a linear layer for each step in time, or a 1x1 convolution for each
 * pixel of a map.
 *
 * Activations are rounded to 16 bits with one scale per row of inputs, that is per step or pixel.
 * The sums are then exact integers, the same with every kernel, and the rounding error is far below
 * that of the weights.
 *
 * Tensors of the layer called P: `P.weight` int [outputs, inputs]; `P.scale` float [outputs]; with
 * a bias, `P.bias` float [outputs]. */
#ifndef BITOCR_NET_LINEAR_H
#define BITOCR_NET_LINEAR_H

#include "net/builder.h"
#include "net/space.h"

typedef struct {
    matrix weights;
    const float *scale; /* [outputs], of a row of the weights */
    const float *bias;  /* [outputs], or NULL */
} linear_layer;

/* Rows at once: with many outputs, their sums are large. */
enum { BITOCR_LINEAR_ROWS = 8 };

/* Memory of one thread. */
typedef struct {
    int16_t *quantized; /* [BITOCR_LINEAR_ROWS][inputs] */
    int32_t *sums;      /* [BITOCR_LINEAR_ROWS][outputs] */
} linear_scratch;

linear_layer bitocr_linear_build(network_builder *b, const char *prefix, int inputs, int outputs,
                                 bool has_bias);

/* For layers with up to this many inputs and outputs. */
linear_scratch bitocr_linear_scratch(arena *a, int inputs, int outputs);

/* The largest activation with which a sum over `inputs` products cannot overflow 32 bits. */
int bitocr_linear_range(int inputs);

/* Rows of activations as integers: x [rows][n] -> q [rows][n], scales [rows]. */
void bitocr_linear_quantize(const kernel_table *kernel, const float *x, int rows, int n, int16_t *q,
                            float *scales);

/* x [rows][inputs] -> out [rows][outputs] = (float)sum * (scale * row's scale) + bias. */
void bitocr_linear_run(const kernel_table *kernel, const linear_layer *layer, const float *x,
                       int rows, const linear_scratch *scratch, float *out);

/* The same of a layer with a bias, and the log-softmax of each row. */
void bitocr_linear_log_softmax(const kernel_table *kernel, const linear_layer *layer,
                               const float *x, int rows, const linear_scratch *scratch, float *out);

#endif
