/* What building a network needs of its model file: tensors by name, checked, as arrays of the
 * network. Used by create.c alone. */
#ifndef BITOCR_NET_BUILDER_H
#define BITOCR_NET_BUILDER_H

#include "net/parts.h"

struct allocation {
    allocation *next;
};

/* What all steps of the building need; the first failure is kept and makes the later ones idle. */
typedef struct {
    const bitocr_model_file *model;
    network *net;
    bitocr_status status;
    bitocr_error *error;
} network_builder;

/* All of these give NULL after a failure. A tensor is called `prefix``name` and has `count` values.
 */

/* Aligned memory that the network owns. */
void *bitocr_builder_take(network_builder *b, size_t bytes);

/* The file's own values, of this kind. */
const void *bitocr_builder_values(network_builder *b, const char *prefix, const char *name,
                                  size_t count, bitocr_dtype kind);

/* A float tensor as float32, which the network owns. */
const float *bitocr_builder_floats(network_builder *b, const char *prefix, const char *name,
                                   int count);

/* The same with each value times `factor`. */
const float *bitocr_builder_scaled_floats(network_builder *b, const char *prefix, const char *name,
                                          int count, float factor);

/* A matrix's weights as int8; where they are not the file's own, they are `unpacked` too, which the
 * caller frees. */
const int8_t *bitocr_builder_weights(network_builder *b, const char *prefix, const char *name,
                                     size_t count, int8_t **unpacked);

#endif
