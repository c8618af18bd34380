/* The public functions that clean a picture of a page. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arithmetic.h"
#include "base/error.h"
#include "image/clean/steps.h"
#include "image/gray.h"
#include "page/numbers.h"

enum { OUTSIDE = 1 }; /* pixels beyond the source's edge that interpolation reaches */

struct bitocr_cleaned {
    clean_scratch scratch;
    buffer pixels, turned;
    bitocr_image image;
    float angle;
};

bitocr_cleaned *bitocr_cleaned_create(void) {
    return calloc(1, sizeof(bitocr_cleaned));
}

void bitocr_cleaned_free(bitocr_cleaned *cleaned) {
    if (!cleaned)
        return;
    bitocr_clean_free(&cleaned->scratch);
    bitocr_buffer_free(&cleaned->pixels);
    bitocr_buffer_free(&cleaned->turned);
    free(cleaned);
}

const bitocr_image *bitocr_cleaned_image(const bitocr_cleaned *cleaned) {
    return cleaned && cleaned->image.pixels ? &cleaned->image : NULL;
}

float bitocr_cleaned_angle(const bitocr_cleaned *cleaned) {
    return cleaned ? cleaned->angle : 0;
}

/* Narrows `first` to `last` to the pixels that come from inside the source, where pixel i comes
 * from start + i * step. */
static void clip(double start, double step, int size, int *first, int *last) {
    double low = -OUTSIDE, high = size - 1 + OUTSIDE;
    if (fabs(step) < 1e-9) {
        if (start < low || start > high)
            *last = *first - 1;
        return;
    }
    double a = (low - start) / step, b = (high - start) / step;
    double begin = ceil(fmin(a, b)), end = floor(fmax(a, b));
    *first = begin > *first ? (int)fmin(begin, *last + 1.0) : *first;
    *last = end < *last ? (int)fmax(end, *first - 1.0) : *last;
}

/* Fills the pixels that come from outside the source. */
static void paint_outside(const gray_image *in, plane_vector origin, plane_vector right,
                          plane_vector down, const gray_image *out, int paper) {
    for (int y = 0; y < out->height; y++) {
        uint8_t *row = out->pixels + (size_t)y * out->stride;
        int first = 0, last = out->width - 1;
        clip(origin.x + y * down.x, right.x, in->width, &first, &last);
        clip(origin.y + y * down.y, right.y, in->height, &first, &last);
        memset(row, paper, (size_t)first);
        memset(row + last + 1, paper, (size_t)(out->width - 1 - last));
    }
}

/* Turns the picture so that lines that fall by `slope` become level. It grows to hold
 * everything. */
static bool turn(bitocr_cleaned *c, gray_image *image, double slope) {
    double ux = 1 / sqrt(1 + slope * slope), uy = slope * ux, across = fabs(ux), down = fabs(uy);
    gray_image out = {NULL, (int)ceil(image->width * across + image->height * down),
                      (int)ceil(image->width * down + image->height * across), 0};
    out.stride = (size_t)out.width;
    if (!bitocr_buffer_reserve(&c->turned, out.stride * (size_t)out.height, 1))
        return false;
    out.pixels = c->turned.memory;
    plane_vector right = {ux, uy}, under = {-uy, ux};
    double x = (1 - out.width) / 2.0, y = (1 - out.height) / 2.0;
    plane_vector origin = {(image->width - 1) / 2.0 + x * right.x + y * under.x,
                           (image->height - 1) / 2.0 + x * right.y + y * under.y};
    int paper = bitocr_clean_paper(image);
    bitocr_turn(image, origin, right, under, &out);
    paint_outside(image, origin, right, under, &out, paper);
    buffer held = c->pixels;
    c->pixels = c->turned;
    c->turned = held;
    c->angle = (float)bitocr_page_degrees(ux, uy);
    *image = out;
    return true;
}

static bool deskew(bitocr_cleaned *c, gray_image *image) {
    double slope;
    if (!bitocr_clean_skew(image, &c->scratch, &slope))
        return false;
    return slope == 0 || turn(c, image, slope);
}

static bool binarize(bitocr_cleaned *c, const gray_image *image, int how) {
    if (how == BITOCR_SAUVOLA)
        return bitocr_clean_sauvola_binarize(image, &c->scratch);
    bitocr_clean_otsu_binarize(image);
    return true;
}

/* The steps, in the order in which each helps the next. */
static bool run(bitocr_cleaned *c, gray_image *image, const bitocr_clean_options *options) {
    clean_scratch *s = &c->scratch;
    return (!options->normalize || bitocr_clean_ground(image, s)) &&
           (!options->denoise ||
            (bitocr_clean_median(image, s) && bitocr_clean_specks(image, s))) &&
           (!options->deskew || deskew(c, image)) &&
           (!options->remove_rules || bitocr_clean_rules(image, s)) &&
           (!options->binarize || binarize(c, image, options->binarize));
}

static bitocr_status check(const bitocr_image *image, const bitocr_clean_options *options,
                           const bitocr_cleaned *cleaned, bitocr_error *error) {
    if (!cleaned || !options)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    bitocr_status status =
        bitocr_check_size("bitocr_clean_options", options->size, sizeof *options, error);
    if (status == BITOCR_OK && (options->binarize < 0 || options->binarize > BITOCR_SAUVOLA))
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "there is no such binarization");
    return status == BITOCR_OK ? bitocr_image_check_pixels(image, error) : status;
}

bitocr_status bitocr_clean(const bitocr_image *image, const bitocr_clean_options *options,
                           bitocr_cleaned *cleaned, bitocr_error *error) {
    bitocr_status status = check(image, options, cleaned, error);
    if (cleaned)
        cleaned->image.pixels = NULL;
    if (status != BITOCR_OK)
        return status;
    gray_image gray = {NULL, image->width, image->height, (size_t)image->width};
    cleaned->angle = 0;
    bool is_done = bitocr_buffer_reserve(&cleaned->pixels, gray.stride * (size_t)gray.height, 1);
    if (is_done) {
        gray.pixels = cleaned->pixels.memory;
        bitocr_gray(image, gray.pixels, NULL);
        is_done = run(cleaned, &gray, options);
    }
    if (!is_done)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image",
                           image->width, image->height);
    cleaned->image = (bitocr_image){
        sizeof cleaned->image, gray.pixels, gray.width, gray.height, (ptrdiff_t)gray.stride, 1};
    return BITOCR_OK;
}
