/* Where an image has ink, so that blank margins are left out before it is prepared. */
#ifndef BITOCR_IMAGE_TRIM_H
#define BITOCR_IMAGE_TRIM_H

#include "image/prepare.h"

/* As bitocr_trim, with memory that is kept from image to image. Where gray has no ink, one of the
 * channels may have: `*channel` is -1 for gray. NULL: channels are not looked at. */
bitocr_status bitocr_image_trim(buffer *scratch, const bitocr_image *image, int *channel,
                                bitocr_image *part, bitocr_error *error);

/* How many pixels of an image lie to the left of such a part. */
int bitocr_image_left(const bitocr_image *image, const bitocr_image *part);

#endif
