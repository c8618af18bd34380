/* A component's cells as they are seen from the centre of a circle through them: places along it
 * are tangents of half of their angles, so that nothing but square roots is needed. */
#ifndef BITOCR_PAGE_CIRCLE_H
#define BITOCR_PAGE_CIRCLE_H

#include "page/curve.h"

/* The component as seen along its box's axis. */
typedef struct {
    const page_components *components;
    const page_component *component;
    double x, y, ux, uy; /* its middle, in cells of the map */
    double height;       /* of the line, in cells */
} page_strip;

/* The cells of a strip one after the other: their places along the axis and across it. */
typedef struct {
    int run, at;
    double along, across;
} page_cursor;

bool bitocr_circle_next(const page_strip *s, page_cursor *at); /* false: that was the last one */

/* A circle around (x, y), in cells from the component's middle. (ux, uy): from there to the middle
 * of the line; (ex, ey): along the line there. */
typedef struct {
    double x, y, radius, ux, uy, ex, ey;
} page_circle;

/* False: there is none, or it is too small for a line. `length` is the line's, in cells. */
bool bitocr_circle_fit(const page_strip *s, double length, page_circle *out);

/* Where a cell is along the line: 0 in the middle; and how far outside of the circle. */
double bitocr_circle_place(const page_circle *c, const page_cursor *p, double *height);

/* The point `height` outside of the circle at a place, in cells along the axis and across it. */
page_point bitocr_circle_point(const page_circle *c, double place, double height);

/* How much further along the line a place is that is `length` behind this one. */
double bitocr_circle_step(const page_circle *c, double place, double length);

#endif
