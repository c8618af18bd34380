/* The vertical pass of a resize: weighted sums of an image's rows, as columns of gray. */
#ifndef BITOCR_IMAGE_REDUCE_H
#define BITOCR_IMAGE_REDUCE_H

#include "base/buffer.h"
#include "bitocr.h"
#include "image/filter.h"

enum {
    REDUCE_SHIFT = 8,    /* columns keep 14 - 8 = 6 bits below the gray level */
    REDUCE_STRIP = 1024, /* columns that are done at once, which bounds the memory */
};

typedef struct {
    filters filters; /* from the image's height to the output's */
    int32_t *sums;   /* [REDUCE_STRIP] */
    uint8_t *gray;   /* [filters.most][REDUCE_STRIP], a ring of gray rows */
    int ground;      /* of transparent pixels */
} reduction;

/* `bytes` of memory after the `used` part, which grows by them. NULL without memory: then this only
 * counts the bytes to reserve. */
void *bitocr_reduce_take(const buffer *memory, size_t *used, size_t bytes);

/* Lays out filters from `in` to `out` samples, and all of a reduction. */
void bitocr_reduce_take_filters(filters *f, const buffer *memory, size_t *used, int in, int out);
void bitocr_reduce_lay_out(reduction *r, const buffer *memory, size_t *used,
                           const bitocr_image *image, int out_height);

/* Fills the laid-out arrays. */
void bitocr_reduce_make(reduction *r, const bitocr_image *image, int out_height);

/* Output rows `top` to top + rows - 1 of the whole width, to columns [width][pitch] of
 * gray << 6. */
void bitocr_reduce(const reduction *r, const bitocr_image *image, int top, int rows, int pitch,
                   int16_t *columns);

#endif
