/* Finds heads and feet of pages with columns: titles, dates and page numbers above or below all
 * columns, which belong to none of them. */
#include "page/order.h"

#include <math.h>

enum { MOST_HEAD = 6, MOST_FOOT = 3 }; /* lines */
static const double GAP = 0.8,         /* heights of white between them and the columns */
    ALIGNED = 0.3,                     /* heights: edges of one column differ by less */
    TALL = 1.5,                        /* heights: so high a line is a title by its size alone */
    SHARED = 0.1; /* of the narrower width: lines that overlap more share columns */

/* Lines sorted by their middles, from the top or from the bottom. */
typedef struct {
    const page_rect **lines;
    int count;
    bool is_foot;
    double height;
} margin;

static const page_rect *line_of(const margin *m, int i) {
    return m->lines[m->is_foot ? m->count - 1 - i : i];
}

/* Does a band of white across the page separate the first n lines from the others? */
static bool is_parted(const margin *m, int n) {
    double inner = m->is_foot ? INFINITY : -INFINITY, outer = -inner;
    for (int i = 0; i < n; i++) {
        const page_rect *r = line_of(m, i);
        inner = m->is_foot ? page_least(inner, r->top) : page_most(inner, r->bottom);
    }
    for (int i = n; i < m->count; i++) {
        const page_rect *r = line_of(m, i);
        outer = m->is_foot ? page_most(outer, r->bottom) : page_least(outer, r->top);
    }
    return (m->is_foot ? inner - outer : outer - inner) >= GAP * m->height;
}

static bool is_alone(const margin *m, int i) {
    for (int j = 0; j < m->count; j++)
        if (j != i && bitocr_order_same_row(line_of(m, i), line_of(m, j)))
            return false;
    return true;
}

/* Does line i start where the nearest line of its column does? */
static bool is_of_column(const margin *m, int i, int n) {
    const page_rect *line = line_of(m, i);
    if (!m->is_foot && page_height(line) > TALL * m->height && is_alone(m, i))
        return false;
    for (int j = n; j < m->count; j++)
        if (bitocr_order_shared(line, line_of(m, j)) > SHARED)
            return fabs(line->left - line_of(m, j)->left) < ALIGNED * m->height;
    return false;
}

static double leftmost(const margin *m) {
    double left = INFINITY;
    for (int i = 0; i < m->count; i++)
        left = page_least(left, m->lines[i]->left);
    return left;
}

/* Are the first n lines a margin? A line that starts with the first column may belong to a margin
 * if other lines do. */
static bool is_margin(const margin *m, int n) {
    double left = leftmost(m) + ALIGNED * m->height;
    bool is_any = false;
    for (int i = 0; i < n; i++) {
        bool is_column = is_of_column(m, i, n);
        if (is_column && line_of(m, i)->left > left)
            return false;
        is_any = is_any || !is_column;
    }
    return is_any && is_parted(m, n);
}

static int count_margin(const margin *m, int most) {
    int found = 0;
    for (int n = 1; n <= most && n <= m->count / 4; n++)
        if (is_margin(m, n))
            found = n;
    return found;
}

page_margins bitocr_order_margins(const page_rect **lines, int count, double height) {
    margin head = {lines, count, false, height}, foot = {lines, count, true, height};
    return (page_margins){count_margin(&head, MOST_HEAD), count_margin(&foot, MOST_FOOT)};
}
