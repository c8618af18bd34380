/* Joins components of one line: letters or words that stand far apart. */
#include "page/curve.h"

#include <math.h>
#include <stdlib.h>

enum { LIKE = 128 };            /* heights within a line differ by less: a factor of 1.41 */
static const double NEAR = 0.8, /* the most heights between texts that are joined */
    SPACED = 1.2,               /* the same if the gap map sees no space between words */
    ENDS = 0.5,                 /* heights by which kernels are further apart than their texts */
    ALIGNED = 0.26,             /* the largest sine between long lines: 15 degrees */
    BENDING = 0.5;              /* the same at the ends of curved ones: 30 degrees */

/* A search from an end of a component along its line; backwards if `sign` is below 0. */
typedef struct {
    page_boxes *boxes;
    const page_maps *maps;
    const page_component *from;
    const page_box *box;
    int sign;
} look;

/* A curved line's last end, or its first if `sign` is below 0; the middle of other lines. */
static curve_place end_of(const page_box *box, int sign) {
    return box->is_curved ? bitocr_curve_at(box, sign < 0 ? 0 : box->length)
                          : (curve_place){box->x, box->y, box->ux, box->uy};
}

/* The place `t` cells beyond the kernel's end, in cells. */
static page_point ahead(const look *l, double t) {
    const page_box *box = l->box;
    double height = box->height / PAGE_CELL;
    double reach = (box->length / PAGE_CELL - ENDS * height) / 2, way = l->sign * (reach + t);
    if (!box->is_curved)
        return (page_point){box->x / PAGE_CELL + way * box->ux, box->y / PAGE_CELL + way * box->uy};
    curve_place p = bitocr_curve_at(box, box->length / 2 + way * PAGE_CELL);
    return (page_point){p.x / PAGE_CELL, p.y / PAGE_CELL};
}

static bool is_gap(const page_maps *maps, int x, int y) {
    return maps->values[((size_t)y * (size_t)maps->width + (size_t)x) * PAGE_MAPS + MAP_GAP] > 0;
}

/* Can these two be one line? */
static bool fits(const look *l, const page_component *other, const page_box *box) {
    if (abs(l->from->height - other->height) >= LIKE)
        return false;
    curve_place here = end_of(l->box, l->sign), there = end_of(box, -l->sign);
    double most = l->box->is_curved || box->is_curved ? BENDING : ALIGNED;
    return fabs(here.ux * there.uy - here.uy * there.ux) < most;
}

/* The nearest component that is near enough; -1: there is none. Distances are in cells. */
static int find_next(const look *l, int own) {
    const page_components *c = &l->boxes->components;
    double height = l->box->height / PAGE_CELL, most = SPACED + ENDS;
    for (double t = 0; t <= most * height; t += 1) {
        page_point at = ahead(l, t);
        int x = (int)floor(at.x), y = (int)floor(at.y);
        if (x < 0 || y < 0 || x >= l->maps->width || y >= l->maps->height)
            return -1;
        int run = bitocr_components_at(c, x, y);
        if (run >= 0 && c->runs[run].component != own)
            return c->runs[run].component;
        if (run < 0 && is_gap(l->maps, x, y))
            most = NEAR + ENDS;
    }
    return -1;
}

bool bitocr_boxes_join(page_boxes *b, const page_maps *maps) {
    page_components *c = &b->components;
    bool is_changed = false;
    for (int i = 0; i < b->count; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const look l = {b, maps, &c->components[i], &b->boxes[i], sign};
            int k = find_next(&l, i);
            if (k >= 0 && fits(&l, &c->components[k], &b->boxes[k])) {
                bitocr_components_unite(c, c->order[l.from->first],
                                        c->order[c->components[k].first]);
                is_changed = true;
            }
        }
    return !is_changed || bitocr_components_gather(c, maps);
}
