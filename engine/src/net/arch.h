/* The interface to an architecture: a kind of network made of the layers in this folder, fixed
 * except for the numbers in its config. crnn.c implements one. */
#ifndef BITOCR_NET_ARCH_H
#define BITOCR_NET_ARCH_H

#include "net/network.h"

/* The beginning of every architecture's network. */
struct network {
    const struct architecture *arch;
    const kernel_table *kernel;
    network_info info;
    allocation *allocations; /* all its arrays */
};

typedef struct architecture {
    const char *name; /* "arch" of the header's "network" */
    network_output output;
    size_t bytes; /* of its struct, which begins with a `network` */

    /* Reads and checks its config, the header's "network", and completes net->info. */
    bitocr_status (*read)(const bitocr_model_file *model, const json_node *config, network *net,
                          bitocr_error *error);
    /* Makes its layers from the tensors that they need; what is missing fails in the builder. */
    void (*build)(network_builder *b, network *net);
    map_size (*size)(const network *net, int height, int width);
    bitocr_status (*run)(const network *net, const network_pass *pass, bitocr_error *error);
} architecture;

/* Like bitocr_network_create, with these `count` architectures. */
bitocr_status bitocr_network_create_among(const architecture *const *known, int count,
                                          const bitocr_model_file *model,
                                          const kernel_table *kernel, network **out,
                                          bitocr_error *error);

#endif
