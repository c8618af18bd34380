#include "api/looks.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST_OTHERS = 40,    /* lines of a further look: a photograph does not have more */
    LARGE = 64,          /* pixels: higher text suits the smaller scale better */
    MOST_LINES = 2000,   /* lines; more are noise, */
    LINE_PIXELS = 20000, /* unless a large picture has so many pixels for each */
    MOST_LENGTH = 12000, /* of all lines together, in heights, */
    HEIGHT_PIXELS = 300, /* or so many pixels for each height */
    MOST_COVERED = 3     /* how often the lines may cover the image */
};

static bool contains(const page_box *box, const page_box *other) {
    return bitocr_boxes_contains(box, other->x, other->y);
}

bool bitocr_looks_keep(finder *f, double scale) {
    int at = f->looks++;
    finder_seen seen = f->seen[at];
    for (; at > 0 && f->seen[at - 1].scale <= scale; at--)
        f->seen[at] = f->seen[at - 1];
    seen.count = f->boxes.count;
    seen.scale = scale;
    bool is_done = bitocr_buffer_reserve(&seen.boxes, (size_t)seen.count, sizeof(page_box));
    f->seen[at] = seen;
    page_box *copy = seen.boxes.memory;
    for (int i = 0; i < seen.count && is_done; i++)
        copy[i] = f->boxes.boxes[i];
    return is_done;
}

/* Is a line too large for a look at this scale? */
static bool is_large(const page_box *box, double scale) {
    return box->height * scale > LARGE;
}

/* Is a large line better than what the finer looks, down to `scale`, see in its place? No, if they
 * see a line that is about as high and not too large for them, or small lines that fill the large
 * one. */
static bool is_better(const page_box *large, const finder *fine, double scale) {
    double filled = 0;
    for (int i = 0; i < fine->count; i++) {
        const page_box *box = &fine->lines[i];
        if (!contains(large, box))
            continue;
        if (2 * box->height > large->height && !is_large(box, scale))
            return false;
        filled += 2 * box->height > large->height ? 0 : box->length * box->height;
    }
    return 3 * filled < large->length * large->height;
}

/* Did the finer looks see nothing where a line is? Counts only for photographs: on a page with much
 * text, what only a coarse look sees is not text. */
static bool is_new(const page_box *box, const finder *fine) {
    if (fine->count > PHOTO_LINES)
        return false;
    for (int i = 0; i < fine->count; i++)
        if (bitocr_boxes_overlap(box, &fine->lines[i]))
            return false;
    return true;
}

/* Adds a look's large lines to those of the finer looks, and drops what lies within them. */
static bool add_large(finder *f, const finder_seen *coarse, double scale) {
    const page_box *boxes = coarse->boxes.memory;
    if (!bitocr_buffer_reserve(&f->merged, (size_t)f->count + (size_t)coarse->count, sizeof *boxes))
        return false;
    page_box *out = f->merged.memory;
    int large = 0;
    for (int i = 0; i < coarse->count; i++)
        if (is_large(&boxes[i], scale) ? is_better(&boxes[i], f, scale) : is_new(&boxes[i], f))
            out[large++] = boxes[i];
    int count = large;
    for (int i = 0; i < f->count; i++) {
        int k = 0;
        while (k < large && !contains(&out[k], &f->lines[i]))
            k++;
        if (k == large)
            out[count++] = f->lines[i];
    }
    buffer held = f->found;
    f->found = f->merged;
    f->merged = held;
    f->lines = out;
    f->count = count;
    return true;
}

bool bitocr_looks_merge(finder *f) {
    f->count = 0;
    if (!add_large(f, &f->seen[0], INFINITY))
        return false;
    for (int i = 1; i < f->looks; i++)
        if (!add_large(f, &f->seen[i], f->seen[i - 1].scale))
            return false;
    return true;
}

static int compare(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* The cost of reading a line: about the number of its characters, and its pixels. */
typedef struct {
    double minus_score, characters, pixels;
} cost;

/* How many lines, starting with the best, are within the limits. */
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

bool bitocr_looks_add_others(finder *f) {
    int count = f->boxes.count < MOST_OTHERS ? f->boxes.count : 0;
    if (!bitocr_buffer_reserve(&f->found, (size_t)(f->count + count), sizeof *f->lines))
        return false;
    f->lines = f->found.memory;
    for (int i = 0; i < count; i++) {
        f->lines[f->count + i] = f->boxes.boxes[i];
        f->lines[f->count + i].look = PAGE_FURTHER;
    }
    f->others = count;
    return true;
}
