#include "page/order.h"

#include <math.h>
#include <stdlib.h>

enum { LEAST_PROSE = 9 };            /* lines; fewer go row by row */
static const double PROSE_WIDTH = 6, /* heights: lines of prose are wider */
    PROSE_SHARE = 0.65;              /* the share of such lines in prose */

void bitocr_order_free(page_order *o) {
    for (int i = 0; i < 6; i++)
        bitocr_buffer_free(&o->memory[i]);
    *o = (page_order){0};
}

static int compare(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

double bitocr_order_median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return count ? values[count / 2] : 0;
}

bool bitocr_order_same_row(const page_rect *a, const page_rect *b) {
    return fabs(page_middle(a) - page_middle(b)) < 0.5 * page_least(page_height(a), page_height(b));
}

double bitocr_order_shared(const page_rect *a, const page_rect *b) {
    double width = page_least(page_width(a), page_width(b));
    double common = page_least(a->right, b->right) - page_most(a->left, b->left);
    return width > 0 ? common / width : 0;
}

bool bitocr_order_find(page_order *o, const page_rect *rects, int count) {
    size_t n = (size_t)count;
    if (!bitocr_buffer_reserve(&o->memory[0], n, sizeof *o->order) ||
        !bitocr_buffer_reserve(&o->memory[1], n, sizeof *o->places) ||
        !bitocr_buffer_reserve(&o->memory[2], n, sizeof(double)))
        return false;
    o->order = o->memory[0].memory;
    o->places = o->memory[1].memory;
    double *scratch = o->memory[2].memory;
    for (int i = 0; i < count; i++)
        scratch[i] = page_height(&rects[i]);
    double height = bitocr_order_median(scratch, count);
    for (int i = 0; i < count; i++)
        scratch[i] = page_width(&rects[i]);
    bitocr_order_median(scratch, count);
    bool is_prose = count >= LEAST_PROSE && count <= ORDER_MOST_PROSE &&
                    scratch[(int)((1 - PROSE_SHARE) * count)] > PROSE_WIDTH * height;
    if (!is_prose)
        bitocr_order_rows(rects, count, height, o->order, scratch);
    else if (!bitocr_order_prose(o, rects, count, height, o->order))
        return false;
    bitocr_order_place(rects, o->order, count, height, o->places);
    return true;
}

/* Levels lines that lean a little, so that their lean does not make them higher. */
static page_rect rect_of(const page_box *box, double ux, double uy) {
    double x = box->x * ux + box->y * uy, y = box->y * ux - box->x * uy;
    double along = fabs(box->ux * ux + box->uy * uy), across = fabs(box->ux * uy - box->uy * ux);
    double width = along >= across ? box->length : box->height,
           height = along >= across ? box->height : box->length;
    return (page_rect){x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

/* Turns a page of columns, read from right to left, into a page of lines. */
static void turn(page_rect *rects, int count) {
    for (int i = 0; i < count; i++) {
        page_rect r = rects[i];
        rects[i] = (page_rect){r.top, -r.right, r.bottom, -r.left};
    }
}

/* Do these columns stand beside each other? */
static bool are_beside(const page_rect *a, const page_rect *b) {
    double common = page_least(a->bottom, b->bottom) - page_most(a->top, b->top);
    return 2 * common > page_least(page_height(a), page_height(b));
}

/* Orders neighbouring columns on a page of lines from right to left. */
static void reverse_columns(const page_order *o, const page_box *boxes, const page_rect *rects,
                            int count) {
    for (int i = 1; i < count; i++) {
        int held = o->order[i], k = i;
        for (; k > 0 && boxes[held].is_column && boxes[o->order[k - 1]].is_column; k--) {
            const page_rect *before = &rects[o->order[k - 1]];
            if (!are_beside(before, &rects[held]) || before->left >= rects[held].left)
                break;
            o->order[k] = o->order[k - 1];
        }
        o->order[k] = held;
    }
}

bool bitocr_order_boxes(page_order *o, const page_box *boxes, int count, double ux, double uy) {
    if (!bitocr_buffer_reserve(&o->memory[5], (size_t)count, sizeof(page_rect)))
        return false;
    page_rect *rects = o->memory[5].memory;
    int columns = 0;
    for (int i = 0; i < count; i++) {
        rects[i] = rect_of(&boxes[i], ux, uy);
        columns += boxes[i].is_column;
    }
    bool is_turned = 2 * columns > count;
    if (is_turned)
        turn(rects, count);
    if (!bitocr_order_find(o, rects, count))
        return false;
    if (!is_turned && columns > 1)
        reverse_columns(o, boxes, rects, count);
    return true;
}
