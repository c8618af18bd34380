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

/* BITOCR_OK where bitocr_prepare would take these arguments. */
bitocr_status bitocr_image_check(const bitocr_image *image, int out_width, bitocr_error *error);

/* As bitocr_prepare. Allocates only where `scratch` is too small. */
bitocr_status bitocr_image_prepare(image_scratch *scratch, const bitocr_image *image, int out_width,
                                   int8_t *out, bitocr_error *error);

#endif
