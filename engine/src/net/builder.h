/* Builds a network's arrays from the tensors of its model file, by name and checked. */
#ifndef BITOCR_NET_BUILDER_H
#define BITOCR_NET_BUILDER_H

#include "kernels/kernels.h"
#include "model/file.h"

/* A piece of memory that a network owns, in a list. */
typedef struct allocation {
    struct allocation *next;
} allocation;

/* The state of the building. After the first failure, which is kept, later steps do nothing. */
typedef struct {
    const bitocr_model_file *model;
    const kernel_table *kernel;
    allocation **allocations; /* the network's list */
    bitocr_status status;
    bitocr_error *error;
} network_builder;

/* All of these return NULL after a failure. Tensors are called `prefix`.`name`. */

/* Aligned memory that the network owns. */
void *bitocr_builder_take(network_builder *b, size_t bytes);

/* The file's own values, of this dtype and shape, which ends at the first 0. */
const void *bitocr_builder_values(network_builder *b, const char *prefix, const char *name,
                                  bitocr_dtype kind, const int shape[4]);

/* A float tensor [count] as float32, which the network owns. */
const float *bitocr_builder_floats(network_builder *b, const char *prefix, const char *name,
                                   int count);

/* The same with each value times `factor`. */
const float *bitocr_builder_scaled_floats(network_builder *b, const char *prefix, const char *name,
                                          int count, float factor);

/* An integer tensor [outputs][inputs], packed. */
matrix bitocr_builder_matrix(network_builder *b, const char *prefix, const char *name, int inputs,
                             int outputs);

/* Frees the memory of a network. */
void bitocr_builder_free(allocation *list);

#endif
