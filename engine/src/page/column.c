#include "page/column.h"

#include <math.h>

static const double PITCHES[] = {0.9, 1, 1.1, 1.2, 1.35, 1.5, 1.65}; /* heights */
enum { PITCH_COUNT = sizeof PITCHES / sizeof *PITCHES };
static const double UNEVEN = 0.22, /* of the pitch, by which a cell may be longer or shorter */
    STIFF = 12,  /* times half the square of that is its cost, in pixels of cut ink */
    FULL = 1.35, /* heights: more ink in a cell is two characters */
    TWO = 20,    /* pixels of ink: what two characters cost */
    CUT = 4;     /* the most that a cell may cost */

/* The cheapest cuts from the left up to each column. */
typedef struct {
    const page_ink *ink;
    double height, pitch;
    int first, last; /* columns of ink; `last` is behind it */
    double *costs;   /* [width + 1]; INFINITY: no cut is allowed there */
    double *origins; /* [width + 1]: the previous cut */
} plan;

/* The ink that a cut before column x hits. */
static double cut_at(const plan *p, int x) {
    const int *ink = p->ink->ink;
    return x <= p->first || x >= p->last ? 0 : (ink[x - 1] + ink[x]) / 2.0;
}

/* The cost of a cell from `start` to `end`. */
static double cost_of(const plan *p, int start, int end) {
    double uneven = (end - start - p->pitch) / (UNEVEN * p->pitch);
    double cost = STIFF / 2 * uneven * uneven;
    int from = start, to = end;
    while (from < to && !p->ink->ink[from])
        from++;
    while (from < to && !p->ink->ink[to - 1])
        to--;
    return to - from > FULL * p->height ? cost + TWO : cost;
}

static void find_cut(plan *p, int end) {
    int least = (int)ceil((1 - UNEVEN) * p->pitch), most = (int)((1 + UNEVEN) * p->pitch);
    p->costs[end] = end <= p->first && p->first - end <= p->pitch / 2 ? 0 : INFINITY;
    p->origins[end] = -1;
    for (int start = end - most; start <= end - least; start++) {
        if (start < 0 || !(p->costs[start] < INFINITY))
            continue;
        double cost = p->costs[start] + cost_of(p, start, end) + cut_at(p, end);
        if (cost < p->costs[end]) {
            p->costs[end] = cost;
            p->origins[end] = start;
        }
    }
}

/* Finds the cheapest last cut, behind the ink. Returns the mean cost of a cell; INFINITY: there is
 * none. */
static double find_cuts(plan *p, int *last) {
    int width = p->ink->width;
    double best = INFINITY;
    for (int x = 0; x <= width; x++)
        find_cut(p, x);
    for (int x = p->last; x <= width && x - p->last <= p->pitch / 2; x++) {
        double cost = p->costs[x] * p->pitch / (p->last - p->first);
        if (cost < best) {
            best = cost;
            *last = x;
        }
    }
    return best;
}

static bool has_ink(const page_ink *ink, int start, int end) {
    for (int x = start; x < end; x++)
        if (ink->ink[x])
            return true;
    return false;
}

/* Lists the cells before the last cut, in order. 0: there are too many. */
static int take_cells(const plan *p, int last, column_cell *cells) {
    int count = 0;
    for (int end = last, start; (start = (int)p->origins[end]) >= 0; end = start) {
        if (!has_ink(p->ink, start, end))
            continue;
        if (count == COLUMN_CELLS)
            return 0;
        cells[count++] = (column_cell){start, end};
    }
    for (int i = 0; i < count / 2; i++) {
        column_cell held = cells[i];
        cells[i] = cells[count - 1 - i];
        cells[count - 1 - i] = held;
    }
    return count;
}

int bitocr_column_cut(page_ink *ink, double height, column_cell cells[COLUMN_CELLS]) {
    size_t room = (size_t)ink->width + 1;
    if (!bitocr_buffer_reserve(&ink->memory[2], 2 * room, sizeof(double)))
        return -1;
    plan p = {.ink = ink, .height = height, .costs = ink->memory[2].memory};
    p.origins = p.costs + room;
    p.last = ink->width;
    while (p.first < p.last && !ink->ink[p.first])
        p.first++;
    while (p.last > p.first && !ink->ink[p.last - 1])
        p.last--;
    double best = INFINITY;
    int last = 0, chosen = 0;
    for (int i = 0; i < PITCH_COUNT && p.last > p.first; i++) {
        p.pitch = PITCHES[i] * height;
        double cost = find_cuts(&p, &last);
        chosen = cost < best ? i : chosen;
        best = fmin(best, cost);
    }
    p.pitch = PITCHES[chosen] * height;
    return best < CUT && find_cuts(&p, &last) < INFINITY ? take_cells(&p, last, cells) : 0;
}
