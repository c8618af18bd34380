/* Joining components that are parts of one line: letters or words that stand far apart. */
#include "page/boxes.h"

#include <math.h>
#include <stdlib.h>

enum { LIKE = 128 };            /* heights of one line differ by less: a factor of 1.41 */
static const double NEAR = 0.8, /* heights between texts that are joined, */
    SPACED = 1.2,               /* and where the gap map sees no space between words */
    ENDS = 0.5,                 /* kernels are further apart than their texts by so much */
    ALIGNED = 0.26;             /* axes of long lines differ by less: 15 degrees */

/* Looks from the end of a component along its line. */
typedef struct {
    page_boxes *boxes;
    const page_maps *maps;
    const page_component *from;
    const page_box *box;
} look;

static bool is_gap(const page_maps *maps, int x, int y) {
    return maps->values[((size_t)y * (size_t)maps->width + (size_t)x) * PAGE_MAPS + MAP_GAP] > 0;
}

/* Can these be one line? */
static bool fits(const look *l, const page_component *other, const page_box *box) {
    if (abs(l->from->height - other->height) >= LIKE)
        return false;
    return fabs(l->box->ux * box->uy - l->box->uy * box->ux) < ALIGNED;
}

/* The component that is near enough in the direction `sign`; -1: none. Distances are in cells. */
static int find_next(const look *l, int own, int sign) {
    const page_box *box = l->box;
    const page_components *c = &l->boxes->components;
    double height = box->height / PAGE_CELL;
    double reach = (box->length / PAGE_CELL - ENDS * height) / 2, most = SPACED + ENDS;
    for (double t = 0; t <= most * height; t += 1) {
        double ahead = sign * (reach + t);
        int x = (int)floor(box->x / PAGE_CELL + ahead * box->ux),
            y = (int)floor(box->y / PAGE_CELL + ahead * box->uy);
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
            look l = {b, maps, &c->components[i], &b->boxes[i]};
            int k = find_next(&l, i, sign);
            if (k >= 0 && fits(&l, &c->components[k], &b->boxes[k])) {
                bitocr_components_unite(c, c->order[l.from->first],
                                        c->order[c->components[k].first]);
                is_changed = true;
            }
        }
    return !is_changed || bitocr_components_gather(c, maps);
}
