#include "page/circle.h"

#include <math.h>

static const double BAND = 0.0208, /* squared heights across a straight kernel, half as high */
    FARTHEST = 16,  /* lengths to the centre: a larger circle is as good as straight */
    NEAREST = 0.75, /* heights: the least radius */
    ROUND = 0.7;    /* an arc of a larger angle does not resemble a parabola */

bool bitocr_circle_next(const page_strip *s, page_cursor *at) {
    const page_component *k = s->component;
    while (at->run < k->count) {
        const page_run *r = &s->components->runs[s->components->order[k->first + at->run]];
        if (r->start + at->at < r->end) {
            double x = r->start + at->at - s->x, y = r->y - s->y;
            at->at++;
            at->along = x * s->ux + y * s->uy;
            at->across = y * s->ux - x * s->uy;
            return true;
        }
        at->run++;
        at->at = 0;
    }
    return false;
}

/* Sums over cells, relative to their mean: of along^2, along * across, and so on. */
typedef struct {
    double n, aa, ab, bb, aaa, aab, abb, bbb, aaaa;
} moments;

static moments sum_of(const page_strip *s) {
    moments m = {.n = s->component->cells};
    for (page_cursor p = {0}; bitocr_circle_next(s, &p);) {
        double a = p.along, b = p.across;
        m.aa += a * a;
        m.ab += a * b;
        m.bb += b * b;
        m.aaa += a * a * a;
        m.aab += a * a * b;
        m.abb += a * b * b;
        m.bbb += b * b * b;
        m.aaaa += a * a * a * a;
    }
    return m;
}

/* The centre of the circle with the least squared difference between squared distances and squared
 * radius. I. Kasa, A Circle Fitting Procedure and its Error Analysis, 1976. What the band's height
 * adds is subtracted. */
static page_point round_middle(const moments *m, double height) {
    double bb = fmax(m->bb - BAND * m->n * height * height, m->bb / 8),
           area = m->aa * bb - m->ab * m->ab;
    double a3 = m->aaa + m->abb, b3 = m->aab + m->bbb;
    return (page_point){(a3 * bb - b3 * m->ab) / (2 * area),
                        (b3 * m->aa - a3 * m->ab) / (2 * area)};
}

/* The curvature of a parabola along the axis. */
static double bend_of(const moments *m) {
    return 2 * m->aab / (m->aaaa - m->aa * m->aa / m->n);
}

bool bitocr_circle_fit(const page_strip *s, double length, page_circle *out) {
    moments m = sum_of(s);
    double bend = bend_of(&m), flattest = 1 / (FARTHEST * length);
    if (fabs(bend) < flattest)
        bend = bend < 0 ? -flattest : flattest;
    page_point c = {0, 1 / bend};
    if (fabs(bend) * length > ROUND)
        c = round_middle(&m, s->height);
    double away = sqrt(c.x * c.x + c.y * c.y);
    if (!(away > 0 && away <= FARTHEST * length))
        return false;
    double ux = -c.x / away, uy = -c.y / away;
    double sign = s->ux * uy + s->uy * ux > 0 ? 1 : -1; /* to the right in the map */
    double radius = sqrt(away * away + (m.aa + m.bb) / m.n);
    *out = (page_circle){c.x, c.y, radius, ux, uy, sign * uy, -sign * ux};
    return radius > NEAREST * s->height;
}

double bitocr_circle_place(const page_circle *c, const page_cursor *p, double *height) {
    double x = p->along - c->x, y = p->across - c->y, away = sqrt(x * x + y * y);
    double near = away + x * c->ux + y * c->uy;
    *height = away - c->radius;
    return near > 1e-3 * away ? (x * c->ex + y * c->ey) / near : 0;
}

double bitocr_circle_step(const page_circle *c, double place, double length) {
    return length * (1 + place * place) / (2 * c->radius);
}

page_point bitocr_circle_point(const page_circle *c, double place, double height) {
    double square = place * place, radius = c->radius + height;
    double cosine = (1 - square) / (1 + square), sine = 2 * place / (1 + square);
    return (page_point){c->x + radius * (cosine * c->ux + sine * c->ex),
                        c->y + radius * (cosine * c->uy + sine * c->ey)};
}
