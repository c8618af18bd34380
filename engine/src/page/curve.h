/* Lines of text along a curve: on round signs, seals and bottles, on pages of an open book. */
#ifndef BITOCR_PAGE_CURVE_H
#define BITOCR_PAGE_CURVE_H

#include "page/boxes.h"

/* Quadrilaterals that a curved line is cut into, of even length along it. */
enum { CURVE_SLICES = 32 };

typedef struct {
    double x, y;
} page_point;

/* A point on a curved box's middle line, and the direction of the text there. */
typedef struct {
    double x, y, ux, uy;
} curve_place;

/* The place `along` pixels from the first end. Beyond the ends the line goes on as it is bent
 * there.
 */
curve_place bitocr_curve_at(const page_box *box, double along);

/* Makes `box` the curve through points close to each other, in pixels. */
void bitocr_curve_set(page_box *box, const page_point *points, int count);

/* Makes a curved box longer at its ends, by so many pixels. */
void bitocr_curve_grow(page_box *box, double before, double after);

/* From `left` to `right` pixels along a curved box, and from `top` to `bottom` across it. */
bitocr_quad bitocr_curve_part(const page_box *box, double left, double top, double right,
                              double bottom);

/* The slices of a curved box, from its first end. */
void bitocr_curve_slices(const page_box *box, bitocr_quad slices[CURVE_SLICES]);

/* The rectangle around a curved box, along its unit vector. */
page_box bitocr_curve_enclosing(const page_box *box);

/* As a straight line that takes as much of its row: as high as the text, in the mean of its places.
 * Other boxes stay as they are. */
page_box bitocr_curve_straight(const page_box *box);

/* Is the point in the curved box? */
bool bitocr_curve_contains(const page_box *box, double x, double y);

/* Bends a component's box, which was measured along its own axis, to the component where that is
 * clearly curved and as thick as one line. */
void bitocr_curve_fit(const page_components *c, const page_component *k, page_box *box);

#endif
