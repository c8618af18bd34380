/* Quadrilaterals of an image as upright gray pictures. */
#ifndef BITOCR_IMAGE_WARP_H
#define BITOCR_IMAGE_WARP_H

#include "base/buffer.h"
#include "bitocr.h"

/* Memory of one thread; start with zeros. */
typedef struct {
    buffer patch, crop;
} warp_scratch;

void bitocr_warp_free(warp_scratch *scratch);

/* The contents of a quadrilateral as an image with the corners in its corners: in perspective,
 * about as large as the original, but at most WARP_MOST pixels high. */
enum { WARP_MOST = 96, WARP_SLICES = 64 };
typedef struct {
    bitocr_image image; /* valid until the scratch is used again, or as long as the whole is */
    bitocr_quad quad;   /* its corners in the whole image */
} warped;

/* The same of up to WARP_SLICES quadrilaterals, each as wide in the picture, which are beside each
 * other: a curved line. The result's quad is that of the first one. */
bitocr_status bitocr_warp_slices(const bitocr_image *image, const bitocr_quad *slices, int count,
                                 warp_scratch *scratch, warped *out, bitocr_error *error);

/* Rectangles along the image's sides become a part of it as it is, of whole pixels. Beyond the
 * image its border repeats.
 * Fails with BITOCR_ERROR_IMAGE where the quadrilateral lies outside of the image or is folded. */
bitocr_status bitocr_warp(const bitocr_image *image, const bitocr_quad *quad, warp_scratch *scratch,
                          warped *out, bitocr_error *error);

#endif
