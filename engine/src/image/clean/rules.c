/* Rules are long thin runs of ink: an opening of the ink with a long line leaves them and hardly
 * any letter (D. Bloomberg, "Multiresolution morphological approach to document image analysis",
 * ICDAR 1991). Where ink goes on above or below the rule, a letter touches it, and it stays. */
#include "image/clean/blobs.h"

#include <string.h>

enum {
    LONG = 5,        /* letters' heights: the least length of a rule, */
    LEAST_LONG = 25, /* and in pixels */
    GAP = 2,         /* pixels that may be missing in it */
    THIN = 3,        /* the letters' height through it is the most thickness, */
    LEAST_THIN = 3,  /* and in pixels */
    TOUCH = 4,       /* through it: how far ink must go on to be a letter's, */
    LEAST_TOUCH = 2
};

/* The picture in one of its two directions: pixel i of line k is at i * along + k * across. */
typedef struct {
    const gray_image *image;
    const uint8_t *ink;
    uint8_t *rule; /* as the ink: what is in a long run, a bit for each direction */
    uint8_t bit;
    ptrdiff_t along, across, pixel_along, pixel_across;
    int length, count, least_long, thin, touch;
} direction;

static int at_least(int value, int least) {
    return value > least ? value : least;
}

/* Marks the long runs of line k. */
static void mark_runs(const direction *d, int k) {
    const uint8_t *ink = d->ink + k * d->across;
    uint8_t *rule = d->rule + k * d->across;
    for (int i = 0, end; i < d->length; i = end + 1) {
        int missing = 0, last = i;
        for (end = i; end < d->length && missing <= GAP; end++) {
            missing = ink[end * d->along] ? 0 : missing + 1;
            last = missing ? last : end;
        }
        for (int x = i; last - i + 1 >= d->least_long && x <= last; x++)
            rule[x * d->along] |= d->bit;
        end = last > i ? last : i;
    }
}

/* Does ink, that is not of a crossing rule, go on from line k by `step`? */
static bool goes_on(const direction *d, int i, int k, int step) {
    for (int n = 0; n < d->touch; n++, k += step) {
        ptrdiff_t at = i * d->along + k * d->across;
        if (k < 0 || k >= d->count || !d->ink[at] || (d->rule[at] & ~d->bit))
            return false;
    }
    return true;
}

static uint8_t level_at(const direction *d, int i, int k) {
    k = k < 0 ? 0 : k >= d->count ? d->count - 1 : k;
    return d->image->pixels[i * d->pixel_along + k * d->pixel_across];
}

/* Paints over lines `first` to `last` - 1 of the rule at i, and its faint edges. */
static void paint(const direction *d, int i, int first, int last) {
    uint8_t above = level_at(d, i, first - 2), below = level_at(d, i, last + 1),
            paper = above > below ? above : below;
    for (int k = first - 1; k <= last; k++) {
        if (k < 0 || k >= d->count)
            continue;
        uint8_t *pixel = d->image->pixels + i * d->pixel_along + k * d->pixel_across;
        *pixel = *pixel > paper ? *pixel : paper;
    }
}

/* Paints over the rules that cross the other way at i. */
static void paint_across(const direction *d, int i) {
    const uint8_t *rule = d->rule + i * d->along;
    for (int k = 0; k < d->count; k++) {
        int first = k;
        while (k < d->count && (rule[k * d->across] & d->bit))
            k++;
        if (k == first || k - first > d->thin)
            continue;
        if (!goes_on(d, i, first - 1, -1) && !goes_on(d, i, k, 1))
            paint(d, i, first, k);
    }
}

static void mark_rules(const direction *d) {
    for (int k = 0; k < d->count; k++)
        mark_runs(d, k);
}

static void paint_rules(const direction *d) {
    for (int i = 0; i < d->length; i++)
        paint_across(d, i);
}

bool bitocr_clean_rules(const gray_image *image, clean_scratch *scratch) {
    size_t area = (size_t)image->width * (size_t)image->height;
    if (!bitocr_buffer_reserve(&scratch->ink, area, 1) ||
        !bitocr_buffer_reserve(&scratch->more, area, 1) ||
        !bitocr_clean_ink(image, scratch, scratch->ink.memory))
        return false;
    const uint8_t *ink = scratch->ink.memory;
    int high = bitocr_blobs_letter_height(scratch, ink, image->width, image->height);
    if (high < 0)
        return false;
    direction d = {.image = image,
                   .ink = ink,
                   .rule = scratch->more.memory,
                   .bit = 1,
                   .along = 1,
                   .across = image->width,
                   .pixel_along = 1,
                   .pixel_across = (ptrdiff_t)image->stride,
                   .length = image->width,
                   .count = image->height,
                   .least_long = at_least(LONG * high, LEAST_LONG),
                   .thin = at_least(high / THIN, LEAST_THIN),
                   .touch = at_least(high / TOUCH, LEAST_TOUCH)};
    direction down = d;
    down.bit = 2;
    down.along = d.across;
    down.across = d.along;
    down.pixel_along = d.pixel_across;
    down.pixel_across = d.pixel_along;
    down.length = d.count;
    down.count = d.length;
    memset(d.rule, 0, area);
    mark_rules(&d);
    mark_rules(&down);
    paint_rules(&d);
    paint_rules(&down);
    return true;
}
