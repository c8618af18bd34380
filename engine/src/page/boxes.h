/* Components of the kernel map as boxes of lines. */
#ifndef BITOCR_PAGE_BOXES_H
#define BITOCR_PAGE_BOXES_H

#include "bitocr.h"
#include "page/components.h"

enum { PAGE_NODES = 9 }; /* on a curved line, evenly spaced from end to end */

/* A rectangle along a line of text, in pixels; pixel 0 is from 0 to 1. Or a band along a curve
 * (curve.h): then the middle is halfway along it, and the unit vector points from its first end to
 * its last one. */
typedef struct {
    double x, y;           /* its middle */
    double ux, uy;         /* unit vector along the text, to the right or straight down */
    double length, height; /* along the text, and across it */
    double score;          /* probability of the kernel, 0 to 1 */
    bool is_column; /* of upright characters, which is read from its top down; the unit vector
                     * points to the right of the characters */
    bool is_curved;
    bool is_other; /* from a further look, of whose lines those are taken that are read better */
    float nodes[PAGE_NODES][2]; /* from the middle, along the unit vector and across it, in lengths:
                                 * these hold however the box is moved, turned and scaled */
} page_box;

/* Memory of one thread; start with zeros. */
typedef struct {
    page_components components;
    page_box *boxes;
    int count;
    double ux, uy; /* how the page leans: along most of its text */
    buffer memory[2];
} page_boxes;

void bitocr_boxes_free(page_boxes *b);

/* Finds the lines in the detector's maps: components, joined where letters are far apart, without
 * what is hardly there. In the detector's pixels, top left first. False: out of memory. */
bool bitocr_boxes_find(page_boxes *b, const page_maps *maps);

/* Used by it. The box of a component along its own axis, or where `along` is not NULL along that.
 */
page_box bitocr_boxes_measure(const page_components *c, const page_component *k,
                              const page_box *along);
bool bitocr_boxes_join(page_boxes *b, const page_maps *maps);
bool bitocr_boxes_part(page_boxes *b, const page_maps *maps);

/* A box along (ux, uy) or against it, with its corners from the text's top left, clockwise. */
bitocr_quad bitocr_boxes_quad(const page_box *box);

bool bitocr_boxes_contains(const page_box *box, double x, double y);

/* A box that is longer and higher by so many pixels. */
page_box bitocr_boxes_grown(const page_box *box, double along, double across);

/* A box whose text is read the other way. */
page_box bitocr_boxes_reversed(const page_box *box);

/* The box of a quadrilateral: its middle, with the means of opposite sides. */
page_box bitocr_boxes_of(const bitocr_quad *quad);

#endif
