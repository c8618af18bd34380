/* Splits a component of two short lines, one above the other, whose kernels touch. The cut goes
 * where it is thin. */
#include "page/boxes.h"

#include <math.h>

enum { ROWS = 64 };               /* rows of cells across a component, at most */
static const double THICK = 1.25, /* heights across: one kernel has half a height */
    SHORT = 5,                    /* heights: a longer line can seem thick because it is bent */
    THIN = 0.6; /* the most ink in a cut, as a share of the densest row on either side */

/* The number of cells in each row of a component, counted across its axis. */
typedef struct {
    const page_run *first;
    double ux, uy, top;
    int count;
    int cells[ROWS];
} profile;

static double across(const profile *p, const page_run *r) {
    double x = (r->start + r->end - 1) / 2.0 - p->first->start;
    return (r->y - p->first->y) * p->ux - x * p->uy;
}

static int row_of(const profile *p, const page_run *r) {
    return (int)(across(p, r) - p->top);
}

static const page_run *run_of(const page_components *c, const page_component *k, int i) {
    return &c->runs[c->order[k->first + i]];
}

/* False: it has too many rows. */
static bool find_profile(const page_components *c, const page_component *k, const page_box *box,
                         profile *p) {
    *p = (profile){.first = run_of(c, k, 0), .ux = box->ux, .uy = box->uy};
    double bottom = 0;
    for (int i = 0; i < k->count; i++) {
        double at = across(p, run_of(c, k, i));
        p->top = at < p->top ? at : p->top;
        bottom = at > bottom ? at : bottom;
    }
    p->count = (int)(bottom - p->top) + 1;
    if (!(bottom - p->top < ROWS))
        return false;
    for (int i = 0; i < k->count; i++) {
        const page_run *r = run_of(c, k, i);
        p->cells[row_of(p, r)] += r->end - r->start;
    }
    return true;
}

static int densest(const profile *p, int from, int to) {
    int most = 0;
    for (int i = from; i < to; i++)
        most = p->cells[i] > most ? p->cells[i] : most;
    return most;
}

/* The row where two lines meet; 0: there is one line. */
static int find_cut(const profile *p) {
    int at = p->count / 4 + 1;
    for (int i = at; i < p->count - p->count / 4 - 1; i++)
        at = p->cells[i] < p->cells[at] ? i : at;
    int above = densest(p, 0, at), below = densest(p, at + 1, p->count);
    return at < p->count && p->cells[at] < THIN * (above < below ? above : below) ? at : 0;
}

static bool is_thick(const profile *p, const page_box *box) {
    return !box->is_curved && p->count * PAGE_CELL > THICK * box->height &&
           box->length < SHORT * box->height;
}

/* Splits component k if it is thick. `side` has room for all runs. */
static bool part(page_components *c, const page_maps *maps, int k, const page_box *box,
                 bool *side) {
    profile p;
    const page_component *one = &c->components[k];
    if (!find_profile(c, one, box, &p) || !is_thick(&p, box))
        return false;
    int cut = find_cut(&p);
    for (int i = 0; cut && i < one->count; i++)
        side[i] = row_of(&p, run_of(c, one, i)) > cut;
    if (cut)
        bitocr_components_part(c, maps, k, side);
    return cut > 0;
}

bool bitocr_boxes_part(page_boxes *b, const page_maps *maps) {
    page_components *c = &b->components;
    size_t runs = (size_t)c->run_count;
    if (!bitocr_buffer_reserve(&b->memory[0], runs, sizeof *b->boxes) ||
        !bitocr_buffer_reserve(&b->memory[1], runs, sizeof *b->boxes))
        return false;
    b->boxes = b->memory[0].memory;
    for (int k = 0, count = b->count; k < count; k++) {
        const page_box axis = b->boxes[k];
        if (!part(c, maps, k, &axis, b->memory[1].memory))
            continue;
        b->boxes[k] = bitocr_boxes_measure(c, &c->components[k], &axis);
        b->boxes[b->count++] = bitocr_boxes_measure(c, &c->components[c->count - 1], &axis);
    }
    return true;
}
