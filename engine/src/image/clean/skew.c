/* Ink is summed along slanted rows; where these run as the lines of text do, the sums of
 * neighbouring rows differ most. W. Postl, "Detection of linear oblique structures and skew scan in
 * digitized documents", ICPR 1986. */
#include "base/arithmetic.h"
#include "image/clean/steps.h"

#include <stdlib.h>
#include <string.h>

enum {
    STEPS = 2000,     /* a slope is a number of steps, through this */
    MOST_STEPS = 580, /* 16 degrees */
    COARSE = 8,       /* steps, a quarter of a degree */
    SLOPES = 2 * MOST_STEPS / COARSE + 1,
    STRIPS = 512,    /* of columns, that move as one, at most; */
    ROWS = 4096,     /* and of rows */
    LEAST_STEPS = 4, /* less is level: turning it would only blur it */
    LEAST_SIDE = 32
};
static const double CLEARLY = 2; /* times the median slope's sum is that of text */

/* How much ink is in each strip of columns and row of some pixels. */
typedef struct {
    int wide, high, strips, rows, margin;
    uint16_t *counts; /* [strips][rows] */
    uint32_t *sums;   /* [rows + 2 * margin] */
} profile;

static bool make_profile(profile *p, const gray_image *in, clean_scratch *scratch) {
    p->wide = (in->width + STRIPS - 1) / STRIPS;
    p->wide = p->wide < 4 ? 4 : p->wide;
    p->high = (in->height + ROWS - 1) / ROWS;
    p->strips = (in->width + p->wide - 1) / p->wide;
    p->rows = (in->height + p->high - 1) / p->high;
    p->margin = (int)((int64_t)in->width * MOST_STEPS / STEPS / p->high) + 2;
    size_t counts = (size_t)p->strips * (size_t)p->rows, width = (size_t)in->width,
           sums = (size_t)p->rows + 2 * (size_t)p->margin;
    if (!bitocr_buffer_reserve(&scratch->ink, width * (size_t)in->height, 1) ||
        !bitocr_buffer_reserve(&scratch->more, counts, sizeof *p->counts) ||
        !bitocr_buffer_reserve(&scratch->cells, sums, sizeof *p->sums))
        return false;
    const uint8_t *ink = scratch->ink.memory;
    if (!bitocr_clean_ink(in, scratch, scratch->ink.memory))
        return false;
    p->counts = scratch->more.memory;
    p->sums = scratch->cells.memory;
    memset(p->counts, 0, counts * sizeof *p->counts);
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            p->counts[(size_t)(x / p->wide) * (size_t)p->rows + (size_t)(y / p->high)] +=
                ink[(size_t)y * width + (size_t)x];
    return true;
}

/* The squares of the differences between neighbouring rows at a slope, summed. */
static uint64_t contrast(const profile *p, int steps) {
    int count = p->rows + 2 * p->margin;
    uint64_t out = 0;
    memset(p->sums, 0, (size_t)count * sizeof *p->sums);
    for (int s = 0; s < p->strips; s++) {
        int64_t middle = (2 * (int64_t)s + 1) * p->wide, unit = 2 * (int64_t)STEPS * p->high;
        int64_t fall = middle * (steps + STEPS) + unit / 2;                  /* not below zero, */
        int shift = (int)(fall / unit - (middle * STEPS + unit / 2) / unit); /* as rounding takes */
        uint32_t *sums = p->sums + p->margin - shift;
        const uint16_t *counts = p->counts + (size_t)s * (size_t)p->rows;
        for (int y = 0; y < p->rows; y++)
            sums[y] += counts[y];
    }
    for (int i = 1; i < count; i++) {
        int64_t difference = (int64_t)p->sums[i] - p->sums[i - 1];
        out += (uint64_t)(difference * difference);
    }
    return out;
}

static int compare(const void *a, const void *b) {
    uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;
    return (p > q) - (p < q);
}

/* The best of the slopes around one, `step` apart. */
static int best_around(const profile *p, int middle, int reach, int step) {
    int best = middle;
    uint64_t most = 0;
    for (int steps = middle - reach; steps <= middle + reach; steps += step) {
        uint64_t now = contrast(p, steps);
        if (now > most) {
            most = now;
            best = steps;
        }
    }
    return best;
}

bool bitocr_clean_skew(const gray_image *in, clean_scratch *scratch, double *slope) {
    profile p;
    uint64_t found[SLOPES], most = 0;
    int best = 0;
    *slope = 0;
    if (in->width < LEAST_SIDE || in->height < LEAST_SIDE)
        return true;
    if (!make_profile(&p, in, scratch))
        return false;
    for (int i = 0; i < SLOPES; i++) {
        found[i] = contrast(&p, i * COARSE - MOST_STEPS);
        if (found[i] > most) {
            most = found[i];
            best = i * COARSE - MOST_STEPS;
        }
    }
    qsort(found, SLOPES, sizeof *found, compare);
    if ((double)most < CLEARLY * (double)found[SLOPES / 2] || abs(best) > MOST_STEPS - COARSE)
        return true;
    best = best_around(&p, best, COARSE, 1);
    *slope = abs(best) < LEAST_STEPS ? 0 : (double)best / STEPS;
    return true;
}
