/* The stem: a 3x3 convolution with stride 2 of a gray image, with int8 weights and zero padding.
 *
 * Tensors: `stem.weight` i8 [channels, 3, 3]; `stem.{scale, bias}` float [channels]. */
#ifndef BITOCR_NET_STEM_H
#define BITOCR_NET_STEM_H

#include "net/builder.h"
#include "net/map.h"

stem_layer bitocr_stem_build(network_builder *b, int channels);

/* The size of the output for an image of this size. */
map_size bitocr_stem_size(const stem_layer *stem, int height, int width);

/* Bytes of scratch memory that bitocr_stem_row needs. */
uint64_t bitocr_stem_scratch_bytes(int width);

/* Row y of the output, with the signs of value + beta [channels]; beta NULL: none. */
void bitocr_stem_row(const kernel_table *kernel, const stem_layer *stem, const gray_map *in,
                     const map *out, int y, const float *beta, int16_t *scratch);

#endif
