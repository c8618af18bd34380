#include "api/looks.h"

#include <math.h>
#include <stdlib.h>

enum {
    LARGE = 64,          /* higher text than this is seen better at the smaller scale */
    MOST_LINES = 2000,   /* of noise, */
    LINE_PIXELS = 20000, /* or one for so many pixels of a large picture; */
    MOST_LENGTH = 12000, /* of all lines together, in heights, */
    HEIGHT_PIXELS = 300, /* or one for so many pixels; */
    MOST_COVERED = 3     /* and how often they may cover the image */
};

static bool contains(const page_box *box, const page_box *other) {
    double x = other->x - box->x, y = other->y - box->y;
    return fabs(x * box->ux + y * box->uy) < box->length / 2 &&
           fabs(y * box->ux - x * box->uy) < box->height / 2;
}

static bool append(finder *f, const page_box *box) {
    if (!bitocr_buffer_reserve(&f->found, (size_t)f->count + 1, sizeof *f->lines))
        return false;
    f->lines = f->found.memory;
    f->lines[f->count++] = *box;
    return true;
}

/* Is a large line of the coarse look better than what the fine one sees in it? It is not where that
 * is a line about as high, or small lines that fill it. */
static bool is_better(const page_box *large, const seen *fine) {
    double filled = 0;
    for (int i = 0; i < fine->count; i++) {
        const page_box *box = &fine->boxes[i];
        if (!contains(large, box))
            continue;
        if (2 * box->height > large->height)
            return false;
        filled += box->length * box->height;
    }
    return 3 * filled < large->length * large->height;
}

bool bitocr_looks_merge(finder *f, const seen *coarse, const seen *fine) {
    for (int i = 0; i < coarse->count; i++) {
        const page_box *box = &coarse->boxes[i];
        if (box->height * fine->scale > LARGE && is_better(box, fine) && !append(f, box))
            return false;
    }
    int large = f->count;
    for (int i = 0; i < fine->count; i++) {
        int k = 0;
        while (k < large && !contains(&f->lines[k], &fine->boxes[i]))
            k++;
        if (k == large && !append(f, &fine->boxes[i]))
            return false;
    }
    return true;
}

static int compare(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* What reading a line costs: characters, about, and pixels. */
typedef struct {
    double minus_score, characters, pixels;
} cost;

/* How many lines, best first, are within the limits. */
static int count_within(const cost *costs, int count, double area) {
    double characters = 0, pixels = 0, most_lines = fmax(MOST_LINES, area / LINE_PIXELS),
           most_length = fmax(MOST_LENGTH, area / HEIGHT_PIXELS);
    int i = 0;
    for (; i < count && i < most_lines; i++) {
        characters += costs[i].characters;
        pixels += costs[i].pixels;
        if (characters > most_length || (i && pixels > MOST_COVERED * area))
            break;
    }
    return i;
}

bool bitocr_looks_limit(finder *f, const bitocr_image *image) {
    int kept = 0;
    double side = image->width > image->height ? image->width : image->height;
    for (int i = 0; i < f->count; i++)
        if (f->lines[i].height <= side && f->lines[i].length <= 2 * side)
            f->lines[kept++] = f->lines[i];
    f->count = kept;
    if (!bitocr_buffer_reserve(&f->ranks, (size_t)kept, sizeof(cost)))
        return false;
    cost *costs = f->ranks.memory;
    for (int i = 0; i < kept; i++) {
        const page_box *box = &f->lines[i];
        costs[i] = (cost){-box->score, 1 + box->length / box->height, box->length * box->height};
    }
    qsort(costs, (size_t)kept, sizeof *costs, compare);
    int good = count_within(costs, kept, (double)image->width * image->height);
    double least = good < kept ? costs[good].minus_score : 1;
    f->count = 0;
    for (int i = 0; i < kept; i++)
        if (-f->lines[i].score < least)
            f->lines[f->count++] = f->lines[i];
    return true;
}
