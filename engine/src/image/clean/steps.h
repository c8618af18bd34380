/* Steps that clean a gray picture of a page. They are independent, and change the picture in place
 * unless they say otherwise. They use integers, or double precision in a fixed order, so that every
 * platform gives the same bytes. False: out of memory. */
#ifndef BITOCR_IMAGE_CLEAN_STEPS_H
#define BITOCR_IMAGE_CLEAN_STEPS_H

#include "image/resize.h"

/* Memory of the steps; start with zeros. */
typedef struct {
    buffer ink, columns, runs, parents, blobs, cells, more;
} clean_scratch;

void bitocr_clean_free(clean_scratch *scratch);

/* Ink and paper: `ink` gets [height][width], 1 where a pixel is darker than the threshold of its
 * neighbourhood, else 0 (Sauvola). */
bool bitocr_clean_ink(const gray_image *in, clean_scratch *scratch, uint8_t *ink);

/* The gray level that best divides all pixels into two classes; ink is not above it (Otsu). */
int bitocr_clean_otsu(const gray_image *in);

/* The picture in black and white. */
void bitocr_clean_otsu_binarize(const gray_image *image);
bool bitocr_clean_sauvola_binarize(const gray_image *image, clean_scratch *scratch);

/* Replaces pixels that differ from nearly all around them by the median of these. */
bool bitocr_clean_median(const gray_image *image, clean_scratch *scratch);

/* Paints over specks of ink that are far smaller than letters and stand away from them. */
bool bitocr_clean_specks(const gray_image *image, clean_scratch *scratch);

/* Paints over long horizontal and vertical lines, but not where letters touch or cross them. */
bool bitocr_clean_rules(const gray_image *image, clean_scratch *scratch);

/* Makes the paper white everywhere. */
bool bitocr_clean_ground(const gray_image *image, clean_scratch *scratch);

/* How many pixels lines of text fall per pixel to the right, -0.29 to 0.29; 0 if unknown. */
bool bitocr_clean_skew(const gray_image *in, clean_scratch *scratch, double *slope);

/* The median gray level, which is mostly that of the paper. */
int bitocr_clean_paper(const gray_image *in);

#endif
