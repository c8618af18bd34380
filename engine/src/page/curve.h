/* Lines of text along a curve: on round signs, seals and bottles, and on pages of an open book. */
#ifndef BITOCR_PAGE_CURVE_H
#define BITOCR_PAGE_CURVE_H

#include "page/boxes.h"

/* Quadrilaterals of equal length that a curved line is cut into. */
enum { CURVE_SLICES = 32 };

typedef struct {
    double x, y;
} page_point;

/* A point on a curved box's middle line, and the direction of the text there. */
typedef struct {
    double x, y, ux, uy;
} curve_place;

/* The place `along` pixels from the first end. Beyond the ends the line keeps its curvature. */
curve_place bitocr_curve_at(const page_box *box, double along);

/* Makes `box` a curve through closely spaced points, in pixels. */
void bitocr_curve_set(page_box *box, const page_point *points, int count);

/* Lengthens a curved box at its ends by so many pixels. */
void bitocr_curve_grow(page_box *box, double before, double after);

/* The part of a curved box from `left` to `right` pixels along it, and from `top` to `bottom`
 * across it. */
bitocr_quad bitocr_curve_part(const page_box *box, double left, double top, double right,
                              double bottom);

/* The slices of a curved box, from its first end. */
void bitocr_curve_slices(const page_box *box, bitocr_quad slices[CURVE_SLICES]);

/* The rectangle around a curved box, along its unit vector. */
page_box bitocr_curve_enclosing(const page_box *box);

/* A straight line that takes up as much of its row: as high as the text, at its mean place. Other
 * boxes stay as they are. */
page_box bitocr_curve_straight(const page_box *box);

/* Is the point inside the curved box? */
bool bitocr_curve_contains(const page_box *box, double x, double y);

/* Bends a component's box, measured along its own axis, to follow the component, if that is clearly
 * curved and as thick as one line. */
void bitocr_curve_fit(const page_components *c, const page_component *k, page_box *box);

#endif
