/* Groups lines that are in reading order into rows, paragraphs and blocks. */
#include "page/order.h"

static const double BLOCK_GAP = 1.8,  /* heights of white above a line that starts a new block */
    LIKE = 1.6,                       /* how much heights within a block may differ, as a factor */
    HEADING = 1.4, HEADING_GAP = 0.8, /* a heading differs so much, with so much white */
    INDENT = 0.8,  /* heights by which the first line of a paragraph is indented */
    SHORT = 0.75,  /* of a block's width: a shorter line ends its paragraph */
    LEADING = 1.4; /* times the white above the line before: more starts a paragraph */

/* A block while it grows. */
typedef struct {
    double left, right, bottom; /* of all rows but the last; the bottom of the last row */
    double row_left, row_right; /* of the last row */
    double white;               /* above the last row; below 0 if it is the first */
    double line_height;
} block;

static block begin(const page_rect *r) {
    return (block){r->left, r->right, r->bottom, r->left, r->right, -1, page_height(r)};
}

static bool continues(const block *b, const page_rect *r, double height) {
    double white = r->top - b->bottom, own = page_height(r);
    double common = page_least(b->right, r->right) - page_most(b->left, r->left);
    double larger = page_most(own, b->line_height), smaller = page_least(own, b->line_height);
    return white < BLOCK_GAP * page_most(height, smaller) && white > -larger / 2 && common > 0 &&
           larger < LIKE * smaller;
}

static bool is_new_paragraph(const block *b, const page_rect *r, double height) {
    double white = r->top - b->bottom, own = page_height(r);
    bool is_other = page_most(own, b->line_height) > HEADING * page_least(own, b->line_height);
    if (is_other && white > HEADING_GAP * height)
        return true;
    if (b->white >= 0 && white > LEADING * b->white + 0.2 * height)
        return true;
    bool is_indented =
        r->left > b->left + INDENT * height && b->row_left < b->left + INDENT * height;
    bool was_short = b->row_right < b->left + SHORT * (b->right - b->left);
    return is_indented || was_short;
}

static void extend_row(block *b, const page_rect *r) {
    b->row_left = page_least(b->row_left, r->left);
    b->row_right = page_most(b->row_right, r->right);
    b->left = page_least(b->left, r->left);
    b->right = page_most(b->right, r->right);
    b->bottom = page_most(b->bottom, r->bottom);
}

static void add_row(block *b, const page_rect *r) {
    b->white = page_most(0, r->top - b->bottom);
    b->row_left = r->left;
    b->row_right = r->right;
    b->bottom = r->bottom;
    b->left = page_least(b->left, r->left);
    b->right = page_most(b->right, r->right);
}

void bitocr_order_place(const page_rect *rects, const int *order, int count, double height,
                        page_place *places) {
    block b = {0};
    page_place place = {0, 0, 0};
    for (int i = 0; i < count; i++) {
        const page_rect *r = &rects[order[i]], *before = i ? &rects[order[i - 1]] : NULL;
        if (!before) {
            b = begin(r);
        } else if (bitocr_order_same_row(before, r) && r->left > before->left) {
            extend_row(&b, r);
        } else {
            place.row++;
            if (!continues(&b, r, height)) {
                place.block++;
                place.paragraph++;
                b = begin(r);
            } else {
                place.paragraph += is_new_paragraph(&b, r, height);
                add_row(&b, r);
            }
        }
        places[i] = place;
    }
}
