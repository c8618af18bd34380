/* Finds the text of an image. A first look at a small picture measures the height and lean of most
 * text. A second look shows the text at the height that suits the detector best. */
#include "base/error.h"
#include "api/looks.h"

#include <math.h>
#include <stdlib.h>

enum {
    FIRST_SIDE = 640,          /* pixels of the first look's longer side */
    TEXT = 20,                 /* pixels that most text should be high */
    ENLARGED_PIXELS = 6 << 20, /* of a picture that is enlarged */
    MOST_SIDE = 45000,         /* pixels of a look's side; turned, at most sqrt(2) times as many */
    MOST_PIXELS = 1 << 28,
    MOST_FURTHER = 4 << 20, /* pixels of a further look */
    LONG = 3,               /* heights: only longer lines show how the page leans */
    MANY = 8,               /* pieces of text: with fewer, a turned page must show lines */
    LEAST_LEAN = 3          /* so many; and so many lines must agree on a lean */
};
static const double LEAST = 0.1, MOST = 2, /* scales */
    LEAST_FIRST = 0.35, /* of the first look: it must still see small text on a large screen */
    ENOUGH = 1.2,       /* ratio of scales: a second look nearer to the first is skipped */
    COARSE = 0.4,       /* of the first look's scale, for text that is too large for it */
    FURTHER = 1.5,      /* of the first look's scale, for a further look at a photograph */
    STRAIGHT = 0.12,    /* sine of a lean that does not bother the detector: 7 degrees */
    FAR = 0.26,         /* sine of a lean that does: 15 degrees */
    LINE = 5,           /* heights: longer boxes are whole lines, not pieces */
    SCATTERED = 0.4, CLEARLY = 0.2, /* shares of text in lines: too few; a clear gain */
    TURN_X = 0.848048096156426, TURN_Y = 0.5299192642332049; /* 32 degrees */

static int compare(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* The median height of the text, weighted by length. 0: there is no text. */
static double text_height(finder *f) {
    const page_boxes *b = &f->boxes;
    if (!b->count || !bitocr_buffer_reserve(&f->ranks, 2 * (size_t)b->count, sizeof(double)))
        return 0;
    double *pairs = f->ranks.memory, total = 0, sum = 0;
    for (int i = 0; i < b->count; i++) {
        pairs[2 * i] = b->boxes[i].height;
        pairs[2 * i + 1] = b->boxes[i].length / b->boxes[i].height; /* characters, about */
        total += pairs[2 * i + 1];
    }
    qsort(pairs, (size_t)b->count, 2 * sizeof *pairs, compare);
    int i = 0;
    while (i < b->count - 1 && (sum += pairs[2 * i + 1]) < total / 2)
        i++;
    return pairs[2 * i];
}

static double first_scale(const bitocr_image *image) {
    int side = image->width > image->height ? image->width : image->height;
    return side > FIRST_SIDE ? fmax((double)FIRST_SIDE / side, LEAST_FIRST) : 1;
}

static double best_scale(const bitocr_image *image, double height) {
    double scale = height > 0 ? TEXT / height : 1;
    double pixels = (double)image->width * image->height;
    double most = fmin(MOST, fmax(1, sqrt(ENLARGED_PIXELS / pixels)));
    return fmax(LEAST, fmin(scale, most));
}

/* Reduces the scale to the largest one within the limits of a look. */
static double limited(const bitocr_image *image, double scale) {
    double side = image->width > image->height ? image->width : image->height,
           pixels = (double)image->width * image->height;
    return fmin(scale, fmin(MOST_SIDE / side, sqrt(MOST_PIXELS / pixels)));
}

/* Should the next look be turned, since enough long lines lean as the page does? If they lean far,
 * the detector sees them in pieces, whose axes are less exact. */
static bool leans(const page_boxes *b) {
    int agree = 0, count = 0;
    double lean = fabs(b->uy), most = lean > FAR ? FAR : STRAIGHT;
    for (int i = 0; i < b->count; i++) {
        const page_box *box = &b->boxes[i];
        if (box->length < LONG * box->height)
            continue;
        count++;
        agree += fabs(box->ux * b->uy - box->uy * b->ux) < most;
    }
    return lean > STRAIGHT && agree >= LEAST_LEAN && 3 * agree >= 2 * count;
}

/* The share of the text, by length, in lines as long as a page has. */
static double share_long(const page_boxes *b) {
    double total = 0, whole = 0;
    for (int i = 0; i < b->count; i++) {
        const page_box *box = &b->boxes[i];
        total += box->length;
        whole += box->length > LINE * box->height ? box->length : 0;
    }
    return total > 0 ? whole / total : 0;
}

static int count_long(const page_boxes *b) {
    int count = 0;
    for (int i = 0; i < b->count; i++)
        count += b->boxes[i].length > LINE * b->boxes[i].height;
    return count;
}

/* If text is in pieces, the page may be turned further than the detector can handle. Looks at it
 * turned both ways, and finally in the way that shows the longest lines. */
static bitocr_status look_around(const bitocr_detector *detector, finder *f,
                                 const bitocr_image *image, finder_view *view,
                                 bitocr_error *error) {
    const finder_view views[] = {
        {view->scale, 1, 0}, {view->scale, TURN_X, TURN_Y}, {view->scale, TURN_X, -TURN_Y}};
    double best = share_long(&f->boxes);
    int least = f->boxes.count < MANY ? LEAST_LEAN : 0;
    if (best > SCATTERED)
        return BITOCR_OK;
    bitocr_status status = BITOCR_OK;
    int last = 0, chosen = 0;
    for (int i = 1; i < 3 && status == BITOCR_OK; last = i++) {
        status = bitocr_finder_look(detector, f, image, &views[i], error);
        double share = share_long(&f->boxes);
        if (share > best + CLEARLY && count_long(&f->boxes) >= least) {
            best = share;
            chosen = i;
        }
    }
    *view = views[chosen];
    if (status == BITOCR_OK && chosen != last)
        status = bitocr_finder_look(detector, f, image, view, error);
    return status;
}

/* How to look the second time. */
static finder_view next_view(finder *f, const bitocr_image *image) {
    finder_view view = {limited(image, best_scale(image, text_height(f))), 1, 0};
    if (leans(&f->boxes)) {
        view.ux = f->boxes.ux;
        view.uy = f->boxes.uy;
    }
    return view;
}

static bitocr_status out_of_memory(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

/* Looks, and keeps the lines. */
static bitocr_status look(const bitocr_detector *detector, finder *f, const bitocr_image *image,
                          const finder_view *view, bitocr_error *error) {
    bitocr_status status = bitocr_finder_look(detector, f, image, view, error);
    if (status == BITOCR_OK && !bitocr_looks_keep(f, view->scale))
        status = out_of_memory(error);
    return status;
}

/* Does the second look differ enough from the first one to be worth it? */
static bool differs(const finder_view *second, const finder_view *first) {
    return second->ux != 1 || second->scale > ENOUGH * first->scale ||
           second->scale * ENOUGH < first->scale;
}

/* Another scale may suit the few lines of a photograph better. Reading them decides. */
static bitocr_status look_further(const bitocr_detector *detector, finder *f,
                                  const bitocr_image *image, const finder_view *view,
                                  bitocr_error *error) {
    double pixels = (double)image->width * image->height * view->scale * view->scale;
    if (f->count > PHOTO_LINES || pixels > MOST_FURTHER)
        return BITOCR_OK;
    bitocr_status status = bitocr_finder_look(detector, f, image, view, error);
    if (status == BITOCR_OK && !bitocr_looks_add_others(f))
        status = out_of_memory(error);
    return status;
}

bitocr_status bitocr_finder_run(const bitocr_detector *detector, finder *f,
                                const bitocr_image *image, double scale, bitocr_error *error) {
    finder_view first = {limited(image, scale > 0 ? scale : first_scale(image)), 1, 0};
    f->looks = f->others = 0;
    bitocr_status status = bitocr_finder_look(detector, f, image, &first, error);
    if (status == BITOCR_OK)
        status = look_around(detector, f, image, &first, error);
    if (status != BITOCR_OK)
        return status;
    finder_view second = next_view(f, image);
    if (scale > 0)
        second.scale = first.scale;
    if (!bitocr_looks_keep(f, first.scale))
        return out_of_memory(error);
    if (differs(&second, &first))
        status = look(detector, f, image, &second, error);
    f->scale = differs(&second, &first) ? second.scale : first.scale;
    f->ux = f->boxes.ux;
    f->uy = f->boxes.uy;
    finder_view coarse = {COARSE * first.scale, second.ux, second.uy};
    if (status == BITOCR_OK && scale <= 0 && second.scale * ENOUGH > first.scale)
        status = look(detector, f, image, &coarse, error);
    if (status == BITOCR_OK && (!bitocr_looks_merge(f) || !bitocr_looks_limit(f, image)))
        status = out_of_memory(error);
    finder_view further = {FURTHER * first.scale, second.ux, second.uy};
    if (status == BITOCR_OK && scale <= 0)
        status = look_further(detector, f, image, &further, error);
    return status;
}
