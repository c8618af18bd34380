/* In which order lines are read. Sizes that say "heights" are in medians of the lines' heights. */
#ifndef BITOCR_PAGE_ORDER_H
#define BITOCR_PAGE_ORDER_H

#include "page/boxes.h"

#include <stdint.h>

/* A line on a page that does not lean. */
typedef struct {
    double left, top, right, bottom;
} page_rect;

/* Where a line stands among the others, counted from 0 in reading order. */
typedef struct {
    int block, paragraph, row;
} page_place;

/* Memory of one thread; start with zeros. */
typedef struct {
    int *order;         /* [count], the result: numbers of lines as they are read */
    page_place *places; /* [count], of the lines in that order */
    buffer memory[6];
} page_order;

void bitocr_order_free(page_order *o);

/* Prose, whose lines are long, goes column by column; cells of tables and receipts row by row.
 * False: out of memory. */
bool bitocr_order_find(page_order *o, const page_rect *rects, int count);

/* The same of boxes on a page whose text runs along (ux, uy). Columns go from right to left. */
bool bitocr_order_boxes(page_order *o, const page_box *boxes, int count, double ux, double uy);

/* Used by them. Both put the numbers 0 to count - 1 into `order`. */
enum { ORDER_MOST_PROSE = 1000 };
bool bitocr_order_prose(page_order *o, const page_rect *rects, int count, double height,
                        int *order);
void bitocr_order_rows(const page_rect *rects, int count, double height, int *order,
                       double *scratch);

/* How many lines above and below all columns belong to none. */
typedef struct {
    int head, foot;
} page_margins;

/* Of `lines` [count], sorted by their middles. */
page_margins bitocr_order_margins(const page_rect **lines, int count, double height);

/* Blocks, paragraphs and rows of lines in their order. `scratch` [count]. */
void bitocr_order_place(const page_rect *rects, const int *order, int count, double height,
                        page_place *places);

/* The median of values [count], which are sorted. */
double bitocr_order_median(double *values, int count);

static inline double page_width(const page_rect *r) {
    return r->right - r->left;
}

static inline double page_height(const page_rect *r) {
    return r->bottom - r->top;
}

static inline double page_middle(const page_rect *r) {
    return (r->top + r->bottom) / 2;
}

static inline double page_least(double a, double b) {
    return a < b ? a : b;
}

static inline double page_most(double a, double b) {
    return a > b ? a : b;
}

/* Do two lines stand beside each other? */
bool bitocr_order_same_row(const page_rect *a, const page_rect *b);

/* How much of the narrower one's width lies above or below the other. */
double bitocr_order_shared(const page_rect *a, const page_rect *b);

#endif
