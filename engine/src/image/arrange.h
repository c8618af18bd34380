/* Text that is not one upright line, arranged as one: turned, or taken apart and put side by side.
 */
#ifndef BITOCR_IMAGE_ARRANGE_H
#define BITOCR_IMAGE_ARRANGE_H

#include "image/prepare.h"

/* Memory that is kept from image to image. Start with zeros. */
typedef struct {
    buffer plane, out;
} arrange_scratch;

void bitocr_arrange_free(arrange_scratch *scratch);

/* Is it small enough to be copied? */
int bitocr_arrange_can(const bitocr_image *image);

/* `out` gets in gray what stands upright in `image` after text that is turned clockwise by `angle`
 * (90, 180, 270) has been turned back. It lives as long as the scratch is not used again. */
bitocr_status bitocr_arrange_turn(arrange_scratch *scratch, const bitocr_image *image, int angle,
                                  bitocr_image *out, bitocr_error *error);

/* `out` gets in gray the characters of a column, or two or three lines, side by side; its width is
 * 0 where the image is neither. `is_column`: are there three characters or more, about equally
 * high? Then it is no upright line. */
bitocr_status bitocr_arrange_unstack(arrange_scratch *scratch, const bitocr_image *image,
                                     bitocr_image *out, int *is_column, bitocr_error *error);

/* Is it a column by its shape? */
int bitocr_arrange_is_tall(const bitocr_image *image);

#endif
