#include "image/clean/blobs.h"

#include <string.h>

enum {
    BAND_PIXELS = 1 << 21,
    LEAST_ROWS = 128,
    LEAST_LETTER = 5, /* pixels: what is lower may be noise */
    MOST_LETTER = 255,
    FEWEST = 10, /* letters that tell a height */
    UNKNOWN = 12 /* the height if there are fewer */
};

/* Ink from `left` to before `right` in a row. */
typedef struct {
    int left, right, row;
} run;

int bitocr_blobs_rows(int width) {
    int rows = BAND_PIXELS / width;
    return rows > LEAST_ROWS ? rows : LEAST_ROWS;
}

/* The root of a run's tree, with the way there halved. */
static int root(int *parents, int i) {
    while (parents[i] != i) {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    return i;
}

static void join(int *parents, int a, int b) {
    a = root(parents, a);
    b = root(parents, b);
    if (a < b)
        parents[b] = a;
    else
        parents[a] = b;
}

/* Appends the runs of a row; returns how many there are now, or -1. */
static int add_runs(clean_scratch *scratch, const uint8_t *ink, int width, int row, int count) {
    for (int x = 0; x < width;) {
        const uint8_t *next = memchr(ink + x, 1, (size_t)(width - x));
        if (!next)
            break;
        int left = (int)(next - ink);
        for (x = left; x < width && ink[x]; x++)
            ;
        if (!bitocr_buffer_reserve(&scratch->runs, (size_t)count + 1, sizeof(run)) ||
            !bitocr_buffer_reserve(&scratch->parents, (size_t)count + 1, sizeof(int)))
            return -1;
        ((run *)scratch->runs.memory)[count] = (run){left, x, row};
        ((int *)scratch->parents.memory)[count] = count;
        count++;
    }
    return count;
}

/* Joins runs from `middle` on to those of the row above, which begin at `above`. */
static void join_rows(const clean_scratch *scratch, int above, int middle, int end) {
    const run *runs = scratch->runs.memory;
    for (int a = above, b = middle; a < middle && b < end;) {
        if (runs[a].left <= runs[b].right && runs[b].left <= runs[a].right)
            join(scratch->parents.memory, a, b);
        if (runs[a].right < runs[b].right)
            a++;
        else
            b++;
    }
}

static void widen(blob *b, const run *r) {
    b->left = r->left < b->left ? r->left : b->left;
    b->right = r->right > b->right ? r->right : b->right;
    b->bottom = r->row + 1;
}

/* Roots come before their runs; in `parents` they change to their blob's number, below zero. */
static int collect(clean_scratch *scratch, int count) {
    int *parents = scratch->parents.memory, found = 0;
    const run *runs = scratch->runs.memory;
    for (int i = 0; i < count; i++)
        parents[i] = root(parents, i);
    for (int i = 0; i < count; i++) {
        const run *r = &runs[i];
        if (parents[i] == i) {
            if (!bitocr_buffer_reserve(&scratch->blobs, (size_t)found + 1, sizeof(blob)))
                return -1;
            ((blob *)scratch->blobs.memory)[found] = (blob){r->left, r->row, r->right, r->row + 1};
            parents[i] = -1 - found++;
        } else {
            widen((blob *)scratch->blobs.memory + (-1 - parents[parents[i]]), r);
        }
    }
    return found;
}

int bitocr_blobs_find(clean_scratch *scratch, const uint8_t *ink, int width, int first, int last) {
    int above = 0, count = 0;
    for (int y = first; y < last; y++) {
        int end = add_runs(scratch, ink + (size_t)y * (size_t)width, width, y, count);
        if (end < 0)
            return -1;
        join_rows(scratch, above, count, end);
        above = count;
        count = end;
    }
    return collect(scratch, count);
}

/* The height that half of the letters do not exceed. */
static int median_height(const int counts[MOST_LETTER + 1]) {
    int total = 0, sum = 0, height = LEAST_LETTER;
    for (int i = 0; i <= MOST_LETTER; i++)
        total += counts[i];
    if (total < FEWEST)
        return UNKNOWN;
    while ((sum += counts[height]) < (total + 1) / 2)
        height++;
    return height;
}

int bitocr_blobs_letter_height(clean_scratch *scratch, const uint8_t *ink, int width, int height) {
    int counts[MOST_LETTER + 1] = {0}, rows = bitocr_blobs_rows(width);
    for (int first = 0; first < height; first += rows) {
        int last = height - first < rows ? height : first + rows;
        int found = bitocr_blobs_find(scratch, ink, width, first, last);
        if (found < 0)
            return -1;
        const blob *b = scratch->blobs.memory;
        for (const blob *end = b + found; b < end; b++) {
            int high = b->bottom - b->top, wide = b->right - b->left;
            if (high >= LEAST_LETTER && high <= MOST_LETTER && wide <= 3 * high)
                counts[high]++;
        }
    }
    return median_height(counts);
}
