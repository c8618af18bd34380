/* A bidirectional LSTM layer, one direction at a time, with int8 weights.
 *
 * Activations are rounded to 16 bits: the inputs with one scale per time step (net/linear.h), the
 * state with a fixed scale, since it is in (-1, 1). The products are then exact integers.
 *
 * Tensors of the direction called P: `P.weight_ih` int [4 units, inputs]; `P.weight_hh` int
 * [4 units, units]; `P.{scale_ih, scale_hh, bias}` float [4 units]: gates in the order input,
 * forget, cell, output. */
#ifndef BITOCR_NET_LSTM_H
#define BITOCR_NET_LSTM_H

#include "net/builder.h"
#include "net/space.h"

typedef struct {
    int units;
    matrix input;          /* [4 * units][inputs] */
    matrix state;          /* [4 * units][units] */
    const float *scale_ih; /* of a row of the input weights */
    const float *scale_hh; /* of a row of the state weights, over the range of the state */
    const float *bias;
} lstm_layer;

/* Memory for both directions of a layer, one after the other. */
typedef struct {
    int16_t *quantized; /* [steps][inputs] */
    float *scales;      /* [steps] */
    float *cell;        /* [units] */
    int16_t *state;     /* [units] */
    float *gates;       /* [4 * units] */
    int32_t *state_sum; /* [4 * units] */
    int32_t *input_sum; /* [steps][4 * units] */
} lstm_scratch;

lstm_layer bitocr_lstm_build(network_builder *b, const char *prefix, int inputs, int units);

lstm_scratch bitocr_lstm_scratch(arena *a, const lstm_layer *layer, int steps);

/* x float32 [steps][inputs]; out float32 [steps][out_stride]: of each row, the forward direction
 * (layers[0]) writes the first `units`, the backward direction (layers[1]) the next. */
void bitocr_lstm_run_both(const kernel_table *kernel, const lstm_layer layers[2], const float *x,
                          int steps, const lstm_scratch *scratch, float *out, size_t out_stride);

/* Runs one direction on scratch->quantized and scratch->scales; `backward` runs from the last step
 * to the first. */
void bitocr_lstm_run(const kernel_table *kernel, const lstm_layer *layer, int steps, int backward,
                     const lstm_scratch *scratch, float *out, size_t out_stride);

#endif
