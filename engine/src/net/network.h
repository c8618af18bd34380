/* A network of any architecture: made from a model file for one kernel, and run. */
#ifndef BITOCR_NET_NETWORK_H
#define BITOCR_NET_NETWORK_H

#include "base/pool.h"
#include "net/builder.h"
#include "net/map.h"

/* Immutable after bitocr_network_create: any number of threads may run it, each with its own
 * workspace. */
typedef struct network network;

typedef enum {
    NETWORK_LOGPROBS, /* of the classes, for each step in time: height 1, width T */
    NETWORK_MAP       /* values for places of the image */
} network_output;

typedef struct {
    const char *arch;
    network_output output;
    int channels;   /* of the output: the classes, or the maps */
    int height;     /* of the image; 0: any */
    int width_unit; /* of widths at which lines are read: those of others end in a part of a step */
    int stages;     /* that a run is timed in */
    int features;   /* channels of network_pass.features; 0: there are none */
} network_info;

/* One run. */
typedef struct {
    gray_map image;
    workspace *space; /* grows where it is too small */
    pool *threads;    /* that share the image; NULL: the caller alone */
    float *out;       /* of bitocr_network_size */
    float *features;  /* NULL, or [T][features] out: what comes before an LSTM and a head */
    double *seconds;  /* NULL, or [stages] out: takes one thread */
} network_pass;

/* Copies what it needs, so you can free the model file afterwards. Fails with BITOCR_ERROR_MODEL if
 * the file has no network of a known architecture, or with BITOCR_ERROR_MEMORY. */
bitocr_status bitocr_network_create(const bitocr_model_file *model, const kernel_table *kernel,
                                    network **out, bitocr_error *error);
void bitocr_network_free(network *net); /* NULL is fine */

const network_info *bitocr_network_describe(const network *net);

/* The size of the output for an image of this size. */
map_size bitocr_network_size(const network *net, int height, int width);

/* The same for a network that reads lines: the classes, and the time steps of an input of this
 * width. */
int bitocr_network_classes(const network *net);
int bitocr_network_steps(const network *net, int width);

/* Fails with BITOCR_ERROR_USAGE if the network does not take images of this size, or with
 * BITOCR_ERROR_MEMORY. Any number of threads and any kernel give the same bits. */
bitocr_status bitocr_network_run(const network *net, const network_pass *pass, bitocr_error *error);

#endif
