/* A component's cells as seen from the centre of a circle through them. A place along the circle is
 * the tangent of half its angle, so square roots are the only functions needed. */
#ifndef BITOCR_PAGE_CIRCLE_H
#define BITOCR_PAGE_CIRCLE_H

#include "page/curve.h"

/* The component along its box's axis. */
typedef struct {
    const page_components *components;
    const page_component *component;
    double x, y, ux, uy; /* the component's middle, in cells of the map */
    double height;       /* of the line, in cells */
} page_strip;

/* Walks over the cells of a strip: their places along the axis and across it. */
typedef struct {
    int run, at;
    double along, across;
} page_cursor;

bool bitocr_circle_next(const page_strip *s, page_cursor *at); /* false: that was the last one */

/* A circle around (x, y), in cells from the component's middle. (ux, uy) points from there to the
 * middle of the line, and (ex, ey) along the line there. */
typedef struct {
    double x, y, radius, ux, uy, ex, ey;
} page_circle;

/* Fits a circle. False: there is none, or it is too small for a line. `length` is the line's, in
 * cells. */
bool bitocr_circle_fit(const page_strip *s, double length, page_circle *out);

/* The place of a cell along the line, with 0 in the middle, and its distance outside the circle. */
double bitocr_circle_place(const page_circle *c, const page_cursor *p, double *height);

/* The point at this place, `height` outside the circle, in cells along the axis and across it. */
page_point bitocr_circle_point(const page_circle *c, double place, double height);

/* How far to move from this place to get `length` further along the line. */
double bitocr_circle_step(const page_circle *c, double place, double length);

#endif
