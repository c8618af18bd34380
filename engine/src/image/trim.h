/* Finds the ink of an image, to cut off blank margins before it is prepared. */
#ifndef BITOCR_IMAGE_TRIM_H
#define BITOCR_IMAGE_TRIM_H

#include "image/prepare.h"

/* Like bitocr_trim, with memory that is kept from image to image. If gray has no ink, one of the
 * channels may have some: `*channel` is -1 for gray. NULL: does not try channels. */
bitocr_status bitocr_image_trim(buffer *scratch, const bitocr_image *image, int *channel,
                                bitocr_image *part, bitocr_error *error);

/* The number of pixels of an image to the left of such a part. */
int bitocr_image_left(const bitocr_image *image, const bitocr_image *part);

#endif
