#include "page/curve.h"

#include <math.h>
#include <stdlib.h>

enum {
    LEAST_CELLS = 2,
    LEAST_LOGIT = 51, /* a component's least mean logit: a probability of 0.55 */
    LEAST_PIXELS = 5, /* the least height of a line */
    LEAST_RULED = 4   /* the fewest long lines that must lean alike */
};
static const double ENDS = 0.5, /* heights by which a kernel is shorter than its line */
    LONG = 5,                   /* heights: the axis of a longer component can be trusted */
    STEEP = 0.5,    /* that of a shorter one too if its sine to the page's is larger: 30 degrees, */
    STEEP_LONG = 2, /* and if it is longer than so many heights */
    RULED = 0.06,   /* sine of the angle between lines that lean alike */
    LEAN_ERROR = 0.26, /* error of the lean, as a sine, of a line one height long */
    WEAK = 0.009;      /* with a larger error of the page's lean, a small lean is not trusted */

void bitocr_boxes_free(page_boxes *b) {
    bitocr_components_free(&b->components);
    for (int i = 0; i < 2; i++)
        bitocr_buffer_free(&b->memory[i]);
    *b = (page_boxes){.count = 0};
}

/* The direction of the largest spread, to the right or straight down. */
static void set_axis(const page_component *k, page_box *box) {
    double n = k->cells, x = (double)k->x / n, y = (double)k->y / n;
    double xx = (double)k->xx / n - x * x, yy = (double)k->yy / n - y * y;
    double xy = (double)k->xy / n - x * y, half = (xx - yy) / 2;
    double spread = sqrt(half * half + xy * xy);
    box->ux = half >= 0 ? half + spread : fabs(xy);
    box->uy = half >= 0 ? xy : (xy < 0 ? half - spread : spread - half);
    double length = sqrt(box->ux * box->ux + box->uy * box->uy);
    if (length > 0) {
        box->ux /= length;
        box->uy /= length;
    } else {
        box->ux = 1;
        box->uy = 0;
    }
    if (box->ux == 0)
        box->uy = 1;
}

page_box bitocr_boxes_measure(const page_components *c, const page_component *k,
                              const page_box *along) {
    const page_run *first = &c->runs[c->order[k->first]];
    double x = (double)k->x / k->cells + first->start, y = (double)k->y / k->cells + first->y;
    page_box box = {.height = PAGE_HEIGHT * bitocr_page_exp2(k->height)};
    if (along) {
        box.ux = along->ux;
        box.uy = along->uy;
    } else {
        set_axis(k, &box);
    }
    double low = 0, high = 0;
    for (int i = 0; i < k->count; i++) {
        const page_run *r = &c->runs[c->order[k->first + i]];
        double across = (r->y - y) * box.uy, left = (r->start - x) * box.ux + across,
               right = (r->end - 1 - x) * box.ux + across;
        low = left < low ? left : low;
        high = right > high ? right : high;
    }
    double middle = (low + high) / 2;
    box.x = (x + middle * box.ux + 0.5) * PAGE_CELL;
    box.y = (y + middle * box.uy + 0.5) * PAGE_CELL;
    box.length = (high - low + 1) * PAGE_CELL + ENDS * box.height;
    box.score = bitocr_page_sigmoid((int)(k->logits / k->cells));
    return box;
}

/* The place of a box's axis in the order of directions from straight up to straight down. */
static int compare_lean(const void *a, const void *b) {
    double p = ((const page_box *)a)->uy, q = ((const page_box *)b)->uy;
    return (p > q) - (p < q);
}

/* The page's lean is the median of its long lines' leans, weighted by their lengths. If these lines
 * are few and short, a lean within their error counts as level, as most pages are. */
static void find_lean(page_boxes *b, page_box *lines) {
    int count = 0;
    double total = 0, sum = 0, evidence = 0;
    for (int i = 0; i < b->count; i++) {
        const page_box *box = &b->boxes[i];
        if (box->length > LONG * box->height) {
            lines[count++] = *box;
            total += box->length;
            evidence += box->length / box->height * (box->length / box->height);
        }
    }
    b->ux = 1;
    b->uy = 0;
    qsort(lines, (size_t)count, sizeof *lines, compare_lean);
    for (int i = 0; i < count && sum < total / 2; i++) {
        sum += lines[i].length;
        b->ux = lines[i].ux;
        b->uy = lines[i].uy;
    }
    double error = LEAN_ERROR / sqrt(fmax(evidence, 1));
    if (error > WEAK && b->ux > 0 && fabs(b->uy) < 2 * error) {
        b->ux = 1;
        b->uy = 0;
    }
}

/* Do many long lines lean as the page does? They do in documents, and not in photographs. */
static bool is_ruled(const page_boxes *b) {
    int agree = 0, count = 0;
    for (int i = 0; i < b->count; i++) {
        const page_box *box = &b->boxes[i];
        if (box->length <= LONG * box->height)
            continue;
        count++;
        agree += fabs(box->ux * b->uy - box->uy * b->ux) < RULED;
    }
    return agree >= LEAST_RULED && 3 * agree >= 2 * count;
}

static bool leans_alone(const page_box *box, const page_box *lean, bool is_ruled) {
    double cross = box->ux * lean->uy - box->uy * lean->ux;
    return box->length > LONG * box->height ||
           (box->length > STEEP_LONG * box->height && (!is_ruled || fabs(cross) > STEEP));
}

/* Makes boxes of all components. Short ones lean as the page does. */
static bool measure_all(page_boxes *b) {
    const page_components *c = &b->components;
    size_t count = (size_t)c->count;
    if (!bitocr_buffer_reserve(&b->memory[0], count, sizeof *b->boxes) ||
        !bitocr_buffer_reserve(&b->memory[1], count, sizeof *b->boxes))
        return false;
    b->boxes = b->memory[0].memory;
    b->count = c->count;
    for (int i = 0; i < b->count; i++) {
        b->boxes[i] = bitocr_boxes_measure(c, &c->components[i], NULL);
        bitocr_curve_fit(c, &c->components[i], &b->boxes[i]);
    }
    find_lean(b, b->memory[1].memory);
    const page_box lean = {.ux = b->ux, .uy = b->uy};
    bool ruled = is_ruled(b);
    for (int i = 0; i < b->count; i++)
        if (!b->boxes[i].is_curved && !leans_alone(&b->boxes[i], &lean, ruled))
            b->boxes[i] = bitocr_boxes_measure(c, &c->components[i], &lean);
    return true;
}

static void drop_noise(page_boxes *b) {
    int kept = 0;
    for (int i = 0; i < b->count; i++) {
        const page_component *k = &b->components.components[i];
        if (k->cells >= LEAST_CELLS && k->logits >= (int64_t)LEAST_LOGIT * k->cells &&
            b->boxes[i].height >= LEAST_PIXELS)
            b->boxes[kept++] = b->boxes[i];
    }
    b->count = kept;
}

bool bitocr_boxes_find(page_boxes *b, const page_maps *maps) {
    if (!bitocr_components_find(&b->components, maps) || !measure_all(b) ||
        !bitocr_boxes_join(b, maps) || !measure_all(b) || !bitocr_boxes_part(b, maps))
        return false;
    drop_noise(b);
    return true;
}

bitocr_quad bitocr_boxes_quad(const page_box *box) {
    bitocr_quad quad;
    for (int i = 0; i < 4; i++) {
        double along = (i == 1 || i == 2 ? 0.5 : -0.5) * box->length,
               down = (i >= 2 ? 0.5 : -0.5) * box->height;
        quad.corners[i].x = (float)(box->x + along * box->ux - down * box->uy);
        quad.corners[i].y = (float)(box->y + along * box->uy + down * box->ux);
    }
    return quad;
}

bool bitocr_boxes_contains(const page_box *box, double x, double y) {
    if (box->is_curved)
        return bitocr_curve_contains(box, x, y);
    x -= box->x;
    y -= box->y;
    return fabs(x * box->ux + y * box->uy) < box->length / 2 &&
           fabs(y * box->ux - x * box->uy) < box->height / 2;
}

page_box bitocr_boxes_grown(const page_box *box, double along, double across) {
    page_box out = *box;
    out.height += across;
    if (box->is_curved)
        bitocr_curve_grow(&out, along / 2, along / 2);
    else
        out.length += along;
    return out;
}

page_box bitocr_boxes_reversed(const page_box *box) {
    page_box out = *box;
    out.ux = -box->ux;
    out.uy = -box->uy;
    for (int k = 0; k < PAGE_NODES; k++)
        for (int i = 0; i < 2; i++)
            out.nodes[k][i] = -box->nodes[PAGE_NODES - 1 - k][i];
    return out;
}

page_box bitocr_boxes_of(const bitocr_quad *quad) {
    const bitocr_point *c = quad->corners;
    double ux = ((double)c[1].x - c[0].x + c[2].x - c[3].x) / 2,
           uy = ((double)c[1].y - c[0].y + c[2].y - c[3].y) / 2,
           vx = ((double)c[3].x - c[0].x + c[2].x - c[1].x) / 2,
           vy = ((double)c[3].y - c[0].y + c[2].y - c[1].y) / 2;
    page_box box = {.x = ((double)c[0].x + c[1].x + c[2].x + c[3].x) / 4,
                    .y = ((double)c[0].y + c[1].y + c[2].y + c[3].y) / 4,
                    .ux = 1,
                    .length = sqrt(ux * ux + uy * uy),
                    .height = sqrt(vx * vx + vy * vy)};
    if (box.length > 0) {
        box.ux = ux / box.length;
        box.uy = uy / box.length;
    }
    return box;
}

bool bitocr_boxes_overlap(const page_box *a, const page_box *b) {
    return bitocr_boxes_contains(a, b->x, b->y) || bitocr_boxes_contains(b, a->x, a->y);
}
