/* Fits the middle line of a curved component: a circle, plus a smooth curve through the mean
 * distances from it in slices. */
#include "page/circle.h"

#include <math.h>

enum {
    SLICES = 9,
    DENSE = 33 /* points of the curve, from which evenly spaced nodes are taken */
};
static const double BENT = 0.25, /* heights by which a curved line must leave its chord */
    SPREAD = 0.03, /* squared heights across: a straight kernel, a band half as high, has 0.021 */
    THICK = 0.06,  /* squared heights around the curve: more is not one line */
    CLEARLY = 0.7, /* of the spread across the axis: more around the curve is no better */
    LONG = 3,      /* heights: a shorter component is not a line either */
    ENDS = 0.25;   /* heights that a kernel is shorter at each end */

/* Means over slices of the line, from `low` to `high`. */
typedef struct {
    double low, high;
    double cells[SLICES], heights[SLICES];
} profile;

static void find_ends(const page_strip *s, const page_circle *c, profile *p) {
    double height;
    p->low = INFINITY;
    p->high = -INFINITY;
    for (page_cursor at = {0}; bitocr_circle_next(s, &at);) {
        double place = bitocr_circle_place(c, &at, &height);
        p->low = fmin(p->low, place);
        p->high = fmax(p->high, place);
    }
}

static int slice_of(const profile *p, double place) {
    int i = (int)((place - p->low) / (p->high - p->low) * SLICES);
    return i < SLICES ? i : SLICES - 1;
}

/* Interpolates the heights of slices without cells, which lie between words. */
static void fill_gaps(profile *p) {
    for (int i = 1, last = 0; i < SLICES; i++) {
        if (p->cells[i] == 0)
            continue;
        for (int k = last + 1; k < i; k++)
            p->heights[k] =
                p->heights[last] + (p->heights[i] - p->heights[last]) * (k - last) / (i - last);
        last = i;
    }
}

static bool find_profile(const page_strip *s, const page_circle *c, profile *p) {
    double height;
    *p = (profile){.low = 0};
    find_ends(s, c, p);
    if (!(p->high > p->low))
        return false;
    for (page_cursor at = {0}; bitocr_circle_next(s, &at);) {
        int i = slice_of(p, bitocr_circle_place(c, &at, &height));
        p->cells[i] += 1;
        p->heights[i] += height;
    }
    for (int i = 0; i < SLICES; i++)
        p->heights[i] /= fmax(p->cells[i], 1);
    fill_gaps(p);
    return true;
}

/* Gram's polynomials of degrees 0 to 3 for nine values, at t from -4 to 4. */
static void polynomials(double t, double out[4]) {
    out[0] = 1;
    out[1] = t;
    out[2] = 3 * t * t - 20;
    out[3] = (5 * t * t - 59) * t / 6;
}

/* The cubic through the slices' heights. */
static void find_cubic(const profile *p, double out[4]) {
    static const double norms[4] = {9, 60, 2772, 990};
    for (int k = 0; k < 4; k++)
        out[k] = 0;
    for (int i = 0; i < SLICES; i++) {
        double basis[4];
        polynomials(i - SLICES / 2, basis);
        for (int k = 0; k < 4; k++)
            out[k] += p->heights[i] * basis[k] / norms[k];
    }
}

static double height_at(const profile *p, const double cubic[4], double place) {
    double t = (place - p->low) / (p->high - p->low) * SLICES - SLICES / 2.0, basis[4], sum = 0;
    polynomials(fmin(fmax(t, -SLICES / 2.0), SLICES / 2.0), basis);
    for (int k = 0; k < 4; k++)
        sum += cubic[k] * basis[k];
    return sum;
}

/* The mean squared distance of cells from the curve. */
static double spread_around(const page_strip *s, const page_circle *c, const profile *p,
                            const double cubic[4]) {
    double sum = 0, height;
    for (page_cursor at = {0}; bitocr_circle_next(s, &at);) {
        double place = bitocr_circle_place(c, &at, &height),
               off = height - height_at(p, cubic, place);
        sum += off * off;
    }
    return sum / s->component->cells;
}

/* The largest distance of the points from the chord through their ends. */
static double sagitta(const page_point *points) {
    double x = points[DENSE - 1].x - points[0].x, y = points[DENSE - 1].y - points[0].y;
    double chord = sqrt(x * x + y * y), most = 0;
    for (int i = 1; i < DENSE - 1; i++)
        most = fmax(most, fabs((points[i].x - points[0].x) * y - (points[i].y - points[0].y) * x));
    return chord > 0 ? most / chord : INFINITY;
}

/* Converts the strip's cells to pixels. */
static void move_points(const page_strip *s, page_point *points) {
    for (int i = 0; i < DENSE; i++) {
        page_point p = points[i];
        points[i].x = (s->x + p.x * s->ux - p.y * s->uy + 0.5) * PAGE_CELL;
        points[i].y = (s->y + p.x * s->uy + p.y * s->ux + 0.5) * PAGE_CELL;
    }
}

/* The spread of cells around their mean across the axis, in squared cells. */
static double spread_across(const page_component *k, const page_box *box) {
    double n = k->cells, x = (double)k->x / n, y = (double)k->y / n;
    double xx = (double)k->xx / n - x * x, yy = (double)k->yy / n - y * y,
           xy = (double)k->xy / n - x * y;
    return yy * box->ux * box->ux - 2 * xy * box->ux * box->uy + xx * box->uy * box->uy;
}

void bitocr_curve_fit(const page_components *c, const page_component *k, page_box *box) {
    const page_run *first = &c->runs[c->order[k->first]];
    page_strip s = {c,
                    k,
                    (double)k->x / k->cells + first->start,
                    (double)k->y / k->cells + first->y,
                    box->ux,
                    box->uy,
                    box->height / PAGE_CELL};
    double square = s.height * s.height, across = spread_across(k, box), cubic[4];
    page_circle round;
    profile p;
    if (box->length < LONG * box->height || across < SPREAD * square ||
        !bitocr_circle_fit(&s, box->length / PAGE_CELL, &round) || !find_profile(&s, &round, &p))
        return;
    find_cubic(&p, cubic);
    if (spread_around(&s, &round, &p, cubic) > fmin(THICK * square, CLEARLY * across))
        return;
    double more = 0.5 + ENDS * s.height, low = p.low - bitocr_circle_step(&round, p.low, more),
           high = p.high + bitocr_circle_step(&round, p.high, more);
    page_point points[DENSE];
    for (int i = 0; i < DENSE; i++) {
        double place = low + (high - low) * i / (DENSE - 1);
        points[i] = bitocr_circle_point(&round, place, height_at(&p, cubic, place));
    }
    if (sagitta(points) < BENT * s.height)
        return;
    move_points(&s, points);
    bitocr_curve_set(box, points, DENSE);
}
