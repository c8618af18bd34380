/* Orders cells: splits them into columns of prose at white gaps, or else into parts above each
 * other, or else goes row by row. */
#include "page/order.h"

#include <stdlib.h>

enum {
    DEEPEST = 64,    /* cuts within cuts */
    TRIES = 8,       /* how many of the widest gaps are tried */
    LEAST_LINES = 4, /* of a column */
    LOOK_BACK = 8    /* lines after a row that may still belong to it */
};
static const double COLUMN_GAP = 0.5, COLUMN_HEIGHT = 4, COLUMN_WIDTH = 6, PART_GAP = 0.8;

/* In heights; `scratch` [count]. */
typedef struct {
    const page_rect *rects;
    double height;
    double *scratch;
} cutter;

typedef struct {
    double at;
    int line;
} key;

static int compare_keys(const void *a, const void *b) {
    const key *p = a, *q = b;
    int order = (p->at > q->at) - (p->at < q->at);
    return order ? order : (p->line > q->line) - (p->line < q->line);
}

/* By left or upper edges, or by middles. */
typedef enum { BY_LEFT, BY_TOP, BY_MIDDLE } side;

static double side_of(const page_rect *r, side by) {
    return by == BY_LEFT ? r->left : by == BY_TOP ? r->top : page_middle(r);
}

/* Sorts line numbers by heap sort, which needs no memory and has no bad cases. */
static void sift(const cutter *c, int *lines, int from, int count, side by) {
    for (int child; (child = 2 * from + 1) < count; from = child) {
        key best = {side_of(&c->rects[lines[child]], by), lines[child]};
        if (child + 1 < count) {
            key right = {side_of(&c->rects[lines[child + 1]], by), lines[child + 1]};
            if (compare_keys(&right, &best) > 0) {
                best = right;
                child++;
            }
        }
        key own = {side_of(&c->rects[lines[from]], by), lines[from]};
        if (compare_keys(&own, &best) >= 0)
            return;
        int held = lines[from];
        lines[from] = lines[child];
        lines[child] = held;
    }
}

static void sort(const cutter *c, int *lines, int count, side by) {
    for (int i = count / 2 - 1; i >= 0; i--)
        sift(c, lines, i, count, by);
    for (int end = count - 1; end > 0; end--) {
        int held = lines[0];
        lines[0] = lines[end];
        lines[end] = held;
        sift(c, lines, 0, end, by);
    }
}

/* The widest gap below `less` among sorted lines, as the number of lines before it; 0: there is
 * none. */
static int widest(const cutter *c, const int *lines, int count, side by, double less, double *gap) {
    int at = 0;
    double reach = 0;
    *gap = 0;
    for (int i = 0; i < count; i++) {
        const page_rect *r = &c->rects[lines[i]];
        double white = side_of(r, by) - reach;
        if (i && white > *gap && white < less) {
            *gap = white;
            at = i;
        }
        double end = by == BY_LEFT ? r->right : r->bottom;
        reach = i ? page_most(reach, end) : end;
    }
    return at;
}

/* Could these lines be a column of prose? */
static bool is_column(const cutter *c, const int *lines, int count) {
    if (count < LEAST_LINES)
        return false;
    double top = c->rects[lines[0]].top, bottom = c->rects[lines[0]].bottom;
    for (int i = 0; i < count; i++) {
        const page_rect *r = &c->rects[lines[i]];
        top = page_least(top, r->top);
        bottom = page_most(bottom, r->bottom);
        c->scratch[i] = page_width(r);
    }
    return bottom - top > COLUMN_HEIGHT * c->height &&
           bitocr_order_median(c->scratch, count) > COLUMN_WIDTH * c->height;
}

/* Where the lines split into two columns; 0: nowhere. */
static int find_columns(const cutter *c, int *lines, int count) {
    double gap, less = 1e30;
    sort(c, lines, count, BY_LEFT);
    for (int i = 0; i < TRIES; i++, less = gap) {
        int at = widest(c, lines, count, BY_LEFT, less, &gap);
        if (!at || gap < COLUMN_GAP * c->height)
            return 0;
        if (is_column(c, lines, at) && is_column(c, lines + at, count - at))
            return at;
    }
    return 0;
}

static int find_parts(const cutter *c, int *lines, int count) {
    double gap;
    sort(c, lines, count, BY_TOP);
    int at = widest(c, lines, count, BY_TOP, 1e30, &gap);
    return gap > PART_GAP * c->height ? at : 0;
}

/* Moves each line up to its row, and sorts each row from left to right. */
static void sort_rows(const cutter *c, int *lines, int count) {
    sort(c, lines, count, BY_MIDDLE);
    for (int start = 0, end; start < count; start = end) {
        const page_rect *first = &c->rects[lines[start]];
        end = start + 1;
        for (int i = end; i < count && i < end + LOOK_BACK; i++)
            if (bitocr_order_same_row(first, &c->rects[lines[i]])) {
                int held = lines[i];
                for (int k = i; k > end; k--)
                    lines[k] = lines[k - 1];
                lines[end++] = held;
            }
        sort(c, lines + start, end - start, BY_LEFT);
    }
}

static void cut(const cutter *c, int *lines, int count, int depth) {
    if (count < 2)
        return;
    int at = depth < DEEPEST ? find_columns(c, lines, count) : 0;
    if (!at && depth < DEEPEST)
        at = find_parts(c, lines, count);
    if (!at) {
        sort_rows(c, lines, count);
        return;
    }
    cut(c, lines, at, depth + 1);
    cut(c, lines + at, count - at, depth + 1);
}

void bitocr_order_rows(const page_rect *rects, int count, double height, int *order,
                       double *scratch) {
    const cutter c = {rects, height, scratch};
    for (int i = 0; i < count; i++)
        order[i] = i;
    cut(&c, order, count, 0);
}
