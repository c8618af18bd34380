/* The network of a model file, repacked for one kernel, and its forward pass. */
#ifndef BITOCR_NET_NETWORK_H
#define BITOCR_NET_NETWORK_H

#include "bitocr.h"
#include "kernels/kernels.h"
#include "model/file.h"

/* Immutable after bitocr_network_create: any number of threads may run it, each with its own
 * workspace. */
typedef struct network network;

/* Memory of one thread, grown on demand and kept from run to run. Start with zeros. */
typedef struct {
    void *memory;
    size_t bytes;
} workspace;

void bitocr_workspace_free(workspace *space);

/* Copies what it needs: the model file, which bitocr_model_open has checked, may go afterwards.
 * Fails with BITOCR_ERROR_MODEL or BITOCR_ERROR_MEMORY. */
bitocr_status bitocr_network_create(const bitocr_model_file *model, const kernel_table *kernel,
                                    network **out, bitocr_error *error);
void bitocr_network_free(network *net);

int bitocr_network_classes(const network *net);
/* Time steps T for an input of this width. */
int bitocr_network_steps(const network *net, int width);

/* q int8 [32][width] -> logprobs float32 [T][classes], natural logarithms. Allocates only where the
 * workspace is too small for this width. */
bitocr_status bitocr_network_run(const network *net, workspace *space, const int8_t *q, int width,
                                 float *logprobs, bitocr_error *error);

/* As bitocr_network_run, for bench and tests: `features` [T][channels] and `seconds` [stages] may
 * be NULL. Stages: the stem, every block, the neck, the head. */
int bitocr_network_stages(const network *net);
int bitocr_network_features(const network *net);
bitocr_status bitocr_network_run_profiled(const network *net, workspace *space, const int8_t *q,
                                          int width, float *logprobs, float *features,
                                          double *seconds, bitocr_error *error);

#endif
