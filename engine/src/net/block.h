/* A binary block: a 3x3 convolution of signs and a 1x1 convolution of signs, each with a shortcut
 * around it and RPReLU after it (docs/engine.md, The deploy form).
 *
 * Tensors of the block called P: `P.{beta1, scale1, bias1, slope1, shift1, beta2}` float [in];
 * `P.conv1.weight` b1 [in, 3, 3, in]; `P.conv2.weight` b1 [out, 1, 1, in];
 * `P.{scale2, bias2, slope2, shift2}` float [out]. */
#ifndef BITOCR_NET_BLOCK_H
#define BITOCR_NET_BLOCK_H

#include "net/builder.h"
#include "net/map.h"

typedef struct {
    int in, out; /* channels, multiples of 32; the shortcut of output k is channel k mod in */
    int stride_h, stride_w; /* 1 or 2 */
} block_config;

typedef struct {
    int stride_h, stride_w;
    int piece;          /* pixels of the output that are computed together */
    const float *beta1; /* [in], of the signs before conv1 */
    const float *beta2; /* [in], of those before conv2 */
    conv_layer conv1;   /* 3x3, in -> in */
    conv_layer conv2;   /* 1x1, in -> out */
} block_layer;

/* Memory of one thread for bitocr_block_row. */
typedef struct {
    float *values; /* of a piece of a row, after the 3x3 convolution */
    uint8_t *signs;
} block_scratch;

block_layer bitocr_block_build(network_builder *b, const char *prefix, const block_config *config);

/* The size of the output for a map of this size. */
map_size bitocr_block_size(const block_layer *block, map_size in);

/* For blocks with up to this many input channels. */
block_scratch bitocr_block_scratch(arena *a, const kernel_table *kernel, int channels);

/* Row y of the output, with the signs of value + next_beta [out]; next_beta NULL: none. Reads the
 * signs of `in` (of its values + beta1) in rows y * stride - 1 to y * stride + 1, and its values in
 * the stride's rows from y * stride on. `in` is padded (bitocr_map_pad). */
void bitocr_block_row(const kernel_table *kernel, const block_layer *block, const map *in,
                      const map *out, int y, const float *next_beta, const block_scratch *scratch);

#endif
