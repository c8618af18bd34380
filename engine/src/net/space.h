/* The parts of a workspace: the maps of the backbone and what the neck and the head need. */
#ifndef BITOCR_NET_SPACE_H
#define BITOCR_NET_SPACE_H

#include <stdbool.h>

#include "net/parts.h"

enum {
    HEAD_ROWS = 8
}; /* time steps of the head at once: with many classes, their sums are large */

/* A map of float32 [height][width][channels] and its signs, one pixel of +1 around them. */
typedef struct {
    int height, width, channels;
    float *values;
    uint8_t *signs;
    size_t pixel_bytes, row_bytes; /* of signs */
} map;

/* The parts of a workspace, and the number of bytes up to the end of the last. */
typedef struct {
    char *base;
    size_t bytes;
    int16_t
        *pixels; /* the image [33][width + 2], a zero row above it and a zero column on its left */
    float *values[2];
    uint8_t *signs[2];
    float *row; /* of a block, after its first half */
    uint8_t *row_signs;
    float *features;    /* [steps][features] */
    int16_t *quantized; /* [steps][the most inputs of a matrix] */
    float *scales;      /* [steps] */
    float *neck;        /* [steps][2 * hidden] */
    float *narrow;      /* [steps][bottleneck] */
    void *lstm;
    int32_t *sums; /* [HEAD_ROWS][classes, or the bottleneck's outputs] */
} buffers;

/* The map after the stem, and that after a block; without memory. */
map bitocr_space_stem_map(const network *net, int width);
map bitocr_space_next_map(const network *net, const map *m, const bitocr_block *block);

size_t bitocr_space_sign_bytes(const map *m);

/* The parts for an input of this width; false: out of memory. */
bool bitocr_space_prepare(workspace *space, const network *net, int width, buffers *out);

#endif
