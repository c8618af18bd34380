/* Pixels to the network's input, with memory that is kept from image to image. */
#ifndef BITOCR_IMAGE_PREPARE_H
#define BITOCR_IMAGE_PREPARE_H

#include "bitocr.h"

/* Buffers that grow on demand. Start with zeros; release with bitocr_image_scratch_free. */
typedef struct {
    void *memory;
    size_t bytes;
} image_scratch;

void bitocr_image_scratch_free(image_scratch *scratch);

/* Makes room for `bytes`, whose contents are undefined; 0: out of memory. */
int bitocr_image_scratch_reserve(image_scratch *scratch, size_t bytes);

/* As bitocr_natural_width, for lines that are read at this height. */
int bitocr_image_width(int width, int height, int out_height);

/* BITOCR_OK where bitocr_image_prepare would take these arguments. */
bitocr_status bitocr_image_check(const bitocr_image *image, int out_height, int out_width,
                                 bitocr_error *error);

/* As bitocr_prepare, to an output [out_height][out_width]. Allocates only where `scratch` is too
 * small. */
bitocr_status bitocr_image_prepare(image_scratch *scratch, const bitocr_image *image,
                                   int out_height, int out_width, int8_t *out, bitocr_error *error);

#endif
