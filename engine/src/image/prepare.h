/* Turns pixels into the network's input, with memory that is kept from image to image. */
#ifndef BITOCR_IMAGE_PREPARE_H
#define BITOCR_IMAGE_PREPARE_H

#include "base/buffer.h"
#include "bitocr.h"

/* As bitocr_natural_width, for lines that are read at this height. */
int bitocr_image_width(int width, int height, int out_height);

/* BITOCR_OK if bitocr_image_prepare would accept these arguments. */
bitocr_status bitocr_image_check(const bitocr_image *image, int out_height, int out_width,
                                 bitocr_error *error);

/* Like bitocr_prepare, to an output [out_height][out_width]. Allocates only if `scratch` is too
 * small. */
bitocr_status bitocr_image_prepare(buffer *scratch, const bitocr_image *image, int out_height,
                                   int out_width, int8_t *out, bitocr_error *error);

#endif
