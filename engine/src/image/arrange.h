/* Arranges text that is not an upright line as one: turns it, or puts its parts side by side. */
#ifndef BITOCR_IMAGE_ARRANGE_H
#define BITOCR_IMAGE_ARRANGE_H

#include "image/prepare.h"

/* Memory that is kept from image to image. Start with zeros. */
typedef struct {
    buffer plane, out;
} arrange_scratch;

void bitocr_arrange_free(arrange_scratch *scratch);

/* Whether it is small enough to be copied. */
int bitocr_arrange_can(const bitocr_image *image);

/* `out` gets the gray image after turning back text that is turned clockwise by `angle` (90, 180,
 * 270). It is valid until the scratch is used again. */
bitocr_status bitocr_arrange_turn(arrange_scratch *scratch, const bitocr_image *image, int angle,
                                  bitocr_image *out, bitocr_error *error);

/* `out` gets the characters of a column, or two or three lines, side by side in gray; its width is
 * 0 if the image is neither. `is_column` says whether there are three or more characters of about
 * equal height, which cannot be an upright line. */
bitocr_status bitocr_arrange_unstack(arrange_scratch *scratch, const bitocr_image *image,
                                     bitocr_image *out, int *is_column, bitocr_error *error);

/* Whether it has the shape of a column. */
int bitocr_arrange_is_tall(const bitocr_image *image);

#endif
