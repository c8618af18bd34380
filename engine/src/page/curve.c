/* The geometry of boxes along a curve: a spline through evenly spaced nodes. */
#include "page/curve.h"

#include <math.h>

enum { SPANS = PAGE_NODES - 1 };

/* Node i in pixels from the box's middle, along the unit vector and across it. Beyond the ends the
 * line goes on as before. */
static page_point node_of(const page_box *box, int i) {
    int inner = i < 0 ? 0 : i > SPANS ? SPANS : i;
    const float *p = box->nodes[inner], *mirrored = box->nodes[2 * inner - i];
    double x = p[0] + ((double)p[0] - mirrored[0]), y = p[1] + ((double)p[1] - mirrored[1]);
    return i == inner ? (page_point){p[0] * box->length, p[1] * box->length}
                      : (page_point){x * box->length, y * box->length};
}

/* A cubic between points 1 and 2 of four, with its slope, at t from 0 to 1. E. Catmull and R. Rom,
 * A Class of Local Interpolating Splines, 1974. */
static double spline(const double p[4], double t, double *slope) {
    double a = 3 * (p[1] - p[2]) + p[3] - p[0], b = 2 * p[0] - 5 * p[1] + 4 * p[2] - p[3],
           c = p[2] - p[0];
    *slope = (3 * a * t + 2 * b) * t + c;
    return ((a * t + b) * t + c) * t / 2 + p[1];
}

/* A place between the ends, in the box's own directions. */
static curve_place inner_place(const page_box *box, double along) {
    double at = fmin(fmax(along / box->length * SPANS, 0), SPANS), x[4], y[4];
    int i = at < SPANS ? (int)at : SPANS - 1;
    for (int k = 0; k < 4; k++) {
        page_point p = node_of(box, i + k - 1);
        x[k] = p.x;
        y[k] = p.y;
    }
    curve_place out;
    out.x = spline(x, at - i, &out.ux);
    out.y = spline(y, at - i, &out.uy);
    double slope = sqrt(out.ux * out.ux + out.uy * out.uy);
    out.ux = slope > 0 ? out.ux / slope : 1;
    out.uy = slope > 0 ? out.uy / slope : 0;
    return out;
}

/* Mirrors a place in the line across the curve's end. */
static curve_place mirrored(const curve_place *p, const curve_place *end) {
    double ahead = 2 * ((end->x - p->x) * end->ux + (end->y - p->y) * end->uy),
           turn = 2 * (p->ux * end->ux + p->uy * end->uy);
    return (curve_place){p->x + ahead * end->ux, p->y + ahead * end->uy, turn * end->ux - p->ux,
                         turn * end->uy - p->uy};
}

curve_place bitocr_curve_at(const page_box *box, double along) {
    double inner = fmin(fmax(along, 0), box->length);
    curve_place p = inner_place(box, 2 * inner - along);
    if (along != inner) {
        curve_place end = inner_place(box, inner);
        p = mirrored(&p, &end);
    }
    return (curve_place){box->x + p.x * box->ux - p.y * box->uy,
                         box->y + p.x * box->uy + p.y * box->ux, p.ux * box->ux - p.uy * box->uy,
                         p.ux * box->uy + p.uy * box->ux};
}

static double distance(page_point a, page_point b) {
    double x = a.x - b.x, y = a.y - b.y;
    return sqrt(x * x + y * y);
}

/* Spaces the nodes evenly along the points. Returns their length. */
static double space_evenly(const page_point *points, int count, page_point nodes[PAGE_NODES]) {
    double length = 0, passed = 0;
    for (int i = 1; i < count; i++)
        length += distance(points[i - 1], points[i]);
    for (int i = 1, k = 0; i < count; i++) {
        page_point a = points[i - 1], b = points[i];
        double step = distance(a, b);
        for (; k < PAGE_NODES && (i == count - 1 || passed + step >= length * k / SPANS); k++) {
            double t = step > 0 ? (length * k / SPANS - passed) / step : 0;
            nodes[k] = (page_point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        }
        passed += step;
    }
    return length;
}

void bitocr_curve_set(page_box *box, const page_point *points, int count) {
    page_point nodes[PAGE_NODES];
    box->is_curved = true;
    box->length = space_evenly(points, count, nodes);
    page_point first = nodes[0], last = nodes[SPANS];
    double chord = distance(first, last);
    box->x = nodes[SPANS / 2].x;
    box->y = nodes[SPANS / 2].y;
    box->ux = chord > 0 ? (last.x - first.x) / chord : 1;
    box->uy = chord > 0 ? (last.y - first.y) / chord : 0;
    for (int k = 0; k < PAGE_NODES; k++) {
        double x = (nodes[k].x - box->x) / box->length, y = (nodes[k].y - box->y) / box->length;
        box->nodes[k][0] = (float)(x * box->ux + y * box->uy);
        box->nodes[k][1] = (float)(y * box->ux - x * box->uy);
    }
}

void bitocr_curve_grow(page_box *box, double before, double after) {
    page_point points[CURVE_SLICES + 1];
    for (int i = 0; i <= CURVE_SLICES; i++) {
        double along = (box->length + before + after) * i / CURVE_SLICES - before;
        curve_place p = bitocr_curve_at(box, along);
        points[i] = (page_point){p.x, p.y};
    }
    bitocr_curve_set(box, points, CURVE_SLICES + 1);
}

/* The points `top` and `bottom` below a curved box's upper edge, `along` pixels from its end. */
static void across(const page_box *box, double along, double top, double bottom,
                   bitocr_point *upper, bitocr_point *lower) {
    curve_place p = bitocr_curve_at(box, along);
    top -= box->height / 2;
    bottom -= box->height / 2;
    *upper = (bitocr_point){(float)(p.x - top * p.uy), (float)(p.y + top * p.ux)};
    *lower = (bitocr_point){(float)(p.x - bottom * p.uy), (float)(p.y + bottom * p.ux)};
}

bitocr_quad bitocr_curve_part(const page_box *box, double left, double top, double right,
                              double bottom) {
    bitocr_quad q;
    across(box, left, top, bottom, &q.corners[0], &q.corners[3]);
    across(box, right, top, bottom, &q.corners[1], &q.corners[2]);
    return q;
}

void bitocr_curve_slices(const page_box *box, bitocr_quad slices[CURVE_SLICES]) {
    double step = box->length / CURVE_SLICES;
    for (int i = 0; i < CURVE_SLICES; i++)
        slices[i] = bitocr_curve_part(box, i * step, 0, (i + 1) * step, box->height);
}

page_box bitocr_curve_enclosing(const page_box *box) {
    bitocr_quad slices[CURVE_SLICES];
    double left = 0, top = 0, right = 0, bottom = 0;
    bitocr_curve_slices(box, slices);
    for (int i = 0; i < 4 * CURVE_SLICES; i++) {
        const bitocr_point *p = &slices[i / 4].corners[i % 4];
        double x = p->x - box->x, y = p->y - box->y;
        double along = x * box->ux + y * box->uy, down = y * box->ux - x * box->uy;
        left = fmin(left, along);
        right = fmax(right, along);
        top = fmin(top, down);
        bottom = fmax(bottom, down);
    }
    double along = (left + right) / 2, down = (top + bottom) / 2;
    return (page_box){.x = box->x + along * box->ux - down * box->uy,
                      .y = box->y + along * box->uy + down * box->ux,
                      .ux = box->ux,
                      .uy = box->uy,
                      .length = right - left,
                      .height = bottom - top,
                      .score = box->score};
}

page_box bitocr_curve_straight(const page_box *box) {
    if (!box->is_curved)
        return *box;
    page_box out = bitocr_curve_enclosing(box);
    double sum = 0;
    for (int k = 0; k < PAGE_NODES; k++)
        sum += box->nodes[k][1];
    double down =
        sum / PAGE_NODES * box->length - ((out.y - box->y) * box->ux - (out.x - box->x) * box->uy);
    out.x -= down * box->uy;
    out.y += down * box->ux;
    out.height = box->height;
    return out;
}

bool bitocr_curve_contains(const page_box *box, double x, double y) {
    double a = (x - box->x) * box->ux + (y - box->y) * box->uy,
           b = (y - box->y) * box->ux - (x - box->x) * box->uy;
    for (int i = 0; i < SPANS; i++) {
        page_point p = node_of(box, i), q = node_of(box, i + 1);
        double dx = q.x - p.x, dy = q.y - p.y, span = sqrt(dx * dx + dy * dy);
        double along = (a - p.x) * dx + (b - p.y) * dy, down = (b - p.y) * dx - (a - p.x) * dy;
        if (along >= 0 && along <= span * span && fabs(down) < span * box->height / 2)
            return true;
    }
    return false;
}
