/* The reading order of lines. Sizes in "heights" are in medians of the lines' heights. */
#ifndef BITOCR_PAGE_ORDER_H
#define BITOCR_PAGE_ORDER_H

#include "page/boxes.h"

#include <stdint.h>

/* A line on a level page. */
typedef struct {
    double left, top, right, bottom;
} page_rect;

/* The block, paragraph and row of a line, counted from 0 in reading order. */
typedef struct {
    int block, paragraph, row;
} page_place;

/* Memory of one thread; start with zeros. */
typedef struct {
    int *order;         /* [count], the result: line numbers in reading order */
    page_place *places; /* [count], of the lines in that order */
    buffer memory[6];
} page_order;

void bitocr_order_free(page_order *o);

/* Orders lines. Prose, whose lines are long, goes column by column; cells of tables and receipts go
 * row by row. False: out of memory. */
bool bitocr_order_find(page_order *o, const page_rect *rects, int count);

/* The same for boxes on a page whose text runs along (ux, uy). Columns go from right to left. */
bool bitocr_order_boxes(page_order *o, const page_box *boxes, int count, double ux, double uy);

/* Used by these two. Both put the numbers 0 to count - 1 into `order`. */
enum { ORDER_MOST_PROSE = 1000 };
bool bitocr_order_prose(page_order *o, const page_rect *rects, int count, double height,
                        int *order);
void bitocr_order_rows(const page_rect *rects, int count, double height, int *order,
                       double *scratch);

/* How many lines stand above all columns and how many below, without belonging to one. */
typedef struct {
    int head, foot;
} page_margins;

/* Finds the margins of `lines` [count], sorted by their middles. */
page_margins bitocr_order_margins(const page_rect **lines, int count, double height);

/* Finds the blocks, paragraphs and rows of ordered lines. `scratch` [count]. */
void bitocr_order_place(const page_rect *rects, const int *order, int count, double height,
                        page_place *places);

/* The median of values [count], which it sorts. */
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

/* The share of the narrower one's width that lies above or below the other. */
double bitocr_order_shared(const page_rect *a, const page_rect *b);

#endif
