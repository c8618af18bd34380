/* Boxes of lines from components of the kernel map. */
#ifndef BITOCR_PAGE_BOXES_H
#define BITOCR_PAGE_BOXES_H

#include "bitocr.h"
#include "page/components.h"

enum { PAGE_NODES = 9 }; /* on a curved line, evenly spaced from end to end */

/* A rectangle along a line of text, in pixels; pixel 0 is from 0 to 1. Or a band along a curve
 * (curve.h): then the middle is halfway along the curve, and the unit vector points from its first
 * end to its last. */
typedef struct {
    double x, y;           /* its middle */
    double ux, uy;         /* unit vector along the text, to the right or straight down */
    double length, height; /* along the text, and across it */
    double score;          /* probability of the kernel, 0 to 1 */
    bool is_column; /* upright characters, read from the top down; (ux, uy) points to their right */
    bool is_curved;
    int look; /* 0: of the first looks; else an alternative, which is kept only if it is read better
               */
    float nodes[PAGE_NODES][2]; /* from the middle, along and across the unit vector, in lengths */
} page_box;

/* Memory of one thread; start with zeros. */
typedef struct {
    page_components components;
    page_box *boxes;
    int count;
    double ux, uy; /* how the page leans: the direction of most of its text */
    buffer memory[2];
} page_boxes;

void bitocr_boxes_free(page_boxes *b);

/* Finds the lines in the detector's maps: joins components if letters are far apart, and drops
 * faint ones. Boxes are in the detector's pixels, top left first. False: out of memory. */
bool bitocr_boxes_find(page_boxes *b, const page_maps *maps);

/* Used by bitocr_boxes_find. The box of a component along `along`, or along its own axis if that is
 * NULL. */
page_box bitocr_boxes_measure(const page_components *c, const page_component *k,
                              const page_box *along);
bool bitocr_boxes_join(page_boxes *b, const page_maps *maps);
bool bitocr_boxes_part(page_boxes *b, const page_maps *maps);

/* The corners of a box, clockwise from the text's top left. */
bitocr_quad bitocr_boxes_quad(const page_box *box);

bool bitocr_boxes_contains(const page_box *box, double x, double y);

/* Does the middle of one of the boxes lie in the other? */
bool bitocr_boxes_overlap(const page_box *a, const page_box *b);

/* A box that is so many pixels longer and higher. */
page_box bitocr_boxes_grown(const page_box *box, double along, double across);

/* The same box with its text in the other direction. */
page_box bitocr_boxes_reversed(const page_box *box);

/* The box of a quadrilateral: it has the same middle, and the means of opposite sides. */
page_box bitocr_boxes_of(const bitocr_quad *quad);

#endif
