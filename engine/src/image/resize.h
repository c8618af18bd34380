/* A gray picture of another size: the detector's input, and crops of lines that lean. */
#ifndef BITOCR_IMAGE_RESIZE_H
#define BITOCR_IMAGE_RESIZE_H

#include "base/buffer.h"
#include "bitocr.h"

/* Gray pixels, `stride` bytes from row to row. */
typedef struct {
    uint8_t *pixels;
    int width, height;
    size_t stride;
} gray_image;

/* Fills `out` with the whole image at out's size: a triangle filter that widens as it shrinks, in
 * integers, as bitocr_prepare's. `memory` is scratch. False: out of memory. */
bool bitocr_resize(const bitocr_image *image, const gray_image *out, buffer *memory);

/* Fills `out` with a turned part of `in`: pixel (x, y), from middle to middle, comes from
 * origin + x * right + y * down, between four pixels; beyond the picture its border repeats. */
typedef struct {
    double x, y;
} plane_vector;

void bitocr_turn(const gray_image *in, plane_vector origin, plane_vector right, plane_vector down,
                 const gray_image *out);

#endif
