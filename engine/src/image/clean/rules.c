/* Rules are long thin runs of ink: an opening of the ink with a long line leaves them and hardly
 * any letter (D. Bloomberg, "Multiresolution morphological approach to document image analysis",
 * ICDAR 1991). Where ink goes on above or below the rule, a letter touches it, and it stays. */
#include "image/clean/blobs.h"

#include <string.h>

enum {
    LONG = 8,        /* letters' heights: the least length of a rule, */
    LEAST_LONG = 25, /* and in pixels */
    GAP = 2,         /* pixels that may be missing in it at a place, */
    WHOLE = 16,      /* and of it all one in so many: serifs in a row have wider gaps */
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

/* The last pixel of the run of ink from i on; `missing` gets how many are missing in it. */
static int run_end(const direction *d, const uint8_t *ink, int i, int *missing) {
    int last = i, gap = 0;
    *missing = 0;
    for (int x = i; x < d->length && gap <= GAP; x++) {
        gap = ink[x * d->along] ? 0 : gap + 1;
        if (gap)
            continue;
        *missing += x - last > 1 ? x - last - 1 : 0;
        last = x;
    }
    return last;
}

/* Marks the long runs of line k. */
static void mark_runs(const direction *d, int k) {
    const uint8_t *ink = d->ink + k * d->across;
    uint8_t *rule = d->rule + k * d->across;
    for (int i = 0; i < d->length; i++) {
        int missing = 0, last = ink[i * d->along] ? run_end(d, ink, i, &missing) : i;
        if (last - i + 1 >= d->least_long && WHOLE * missing <= last - i + 1)
            for (int x = i; x <= last; x++)
                rule[x * d->along] |= d->bit;
        i = last;
    }
}

/* Whether ink goes on from line k by `step`, other than that of a crossing rule. */
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
