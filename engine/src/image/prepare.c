/* Gray, resize, normalise.
 *
 * The resize is separable with a triangle filter that widens when it shrinks (Pillow's BILINEAR),
 * in integers throughout, so that every platform computes the same bytes:
 *   1. rows become gray, each once, as the vertical pass asks for them;
 *   2. vertical, strip by strip: output row o is a weighted sum of rows, kept as gray << 6 in
 *      `columns`, which is transposed to [source x][height];
 *   3. horizontal: output column o is a weighted sum of whole columns.
 * Both sums run along contiguous memory, which compilers turn into vector code.
 */
#include "image/prepare.h"
#include "base/arithmetic.h"
#include "base/error.h"
#include "image/filter.h"
#include "image/gray.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMN_SHIFT = 8, /* the vertical pass keeps 14 - 8 = 6 bits below the gray level */
    EXTRA_FOURS = 4,  /* short words are wider than their aspect: see bitocr_natural_width */
    STRIP = 1024      /* columns that the vertical pass does at once, which bounds its memory */
};

int bitocr_image_width(int width, int height, int out_height) {
    if (width < 1 || height < 1)
        return 0;
    int64_t fours = ((int64_t)out_height * width + 2 * (int64_t)height) / (4 * (int64_t)height);
    fours += EXTRA_FOURS;
    return fours > INT_MAX / 4 ? INT_MAX / 4 * 4 : (int)fours * 4;
}

int bitocr_natural_width(int width, int height) {
    return bitocr_image_width(width, height, BITOCR_HEIGHT);
}

bitocr_status bitocr_image_check(const bitocr_image *image, int out_height, int out_width,
                                 bitocr_error *error) {
    bitocr_status status = bitocr_image_check_pixels(image, error);
    if (status != BITOCR_OK)
        return status;
    if (out_width > BITOCR_MAX_WIDTH)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE,
                           "the line is too long: %d pixels wide at height %d, at most %d",
                           out_width, out_height, BITOCR_MAX_WIDTH);
    if (out_width < BITOCR_MIN_WIDTH || out_width % 4)
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the input width is %d; it must be a multiple of 4 from %d to %d",
                           out_width, BITOCR_MIN_WIDTH, BITOCR_MAX_WIDTH);
    return BITOCR_OK;
}

/* Everything that one image needs, in one piece of memory. */
typedef struct {
    int height, width; /* of the output */
    filters vertical, horizontal;
    int32_t *sums;    /* [STRIP] and [height] */
    int16_t *columns; /* [image width][height], gray << 6 */
    uint8_t *resized; /* [width][height] */
    uint8_t *gray;    /* [vertical.most][STRIP], a ring of gray rows */
    int ground;       /* of transparent pixels */
} plan;

/* Columns of the image, and how many of their rows are gray by now. */
typedef struct {
    const bitocr_image *image;
    int left, width;
    int gray_rows;
} strip;

static void *take(image_scratch *scratch, size_t *used, size_t bytes) {
    void *piece = scratch->memory ? (char *)scratch->memory + *used : NULL;
    *used += (bytes + 63) / 64 * 64;
    return piece;
}

static void take_filters(filters *f, image_scratch *scratch, size_t *used, int in, int out) {
    f->most = bitocr_filter_most(in, out);
    f->first = take(scratch, used, (size_t)out * sizeof(int32_t));
    f->count = take(scratch, used, (size_t)out * sizeof(int32_t));
    f->weights = take(scratch, used, (size_t)out * (size_t)f->most * sizeof(int16_t));
}

/* Lays the plan out over the scratch memory; returns the bytes that it takes. */
static size_t lay_out(plan *p, image_scratch *scratch, const bitocr_image *image) {
    size_t used = 0, width = (size_t)image->width, height = (size_t)p->height;
    take_filters(&p->vertical, scratch, &used, image->height, p->height);
    take_filters(&p->horizontal, scratch, &used, image->width, p->width);
    p->sums = take(scratch, &used, STRIP * sizeof(int32_t));
    p->columns = take(scratch, &used, width * height * sizeof(int16_t));
    p->resized = take(scratch, &used, (size_t)p->width * height);
    p->gray = take(scratch, &used, image->channels == 1 ? 0 : STRIP * (size_t)p->vertical.most);
    return used;
}

static bitocr_status make_plan(plan *p, image_scratch *scratch, const bitocr_image *image,
                               bitocr_error *error) {
    if (!bitocr_image_scratch_reserve(scratch, lay_out(p, scratch, image)))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image",
                           image->width, image->height);
    lay_out(p, scratch, image);
    p->ground = bitocr_image_ground(image);
    bitocr_filter_make(&p->vertical, image->height, p->height);
    bitocr_filter_make(&p->horizontal, image->width, p->width);
    return BITOCR_OK;
}

/* Row y of the strip in gray. Rows are asked for in windows that only move down and are never
 * longer than the ring, so each is converted once. */
static const uint8_t *row(const plan *p, strip *s, int y) {
    const bitocr_image *image = s->image;
    const uint8_t *pixels = image->pixels + (ptrdiff_t)s->left * image->channels;
    if (image->channels == 1)
        return pixels + y * image->stride;
    size_t ring = (size_t)p->vertical.most;
    for (; s->gray_rows <= y; s->gray_rows++)
        bitocr_gray_row(pixels + s->gray_rows * image->stride, s->width, image->channels, p->ground,
                        p->gray + (size_t)s->gray_rows % ring * STRIP);
    return p->gray + (size_t)y % ring * STRIP;
}

static void add_row(int32_t *restrict sums, const uint8_t *restrict in, int weight, int width) {
    for (int x = 0; x < width; x++)
        sums[x] += in[x] * weight;
}

static void resize_strip(const plan *p, strip *s) {
    const filters *f = &p->vertical;
    int height = p->height;
    int16_t *columns = p->columns + (size_t)s->left * (size_t)height;
    for (int o = 0; o < height; o++) {
        memset(p->sums, 0, (size_t)s->width * sizeof *p->sums);
        for (int k = 0; k < f->count[o]; k++)
            add_row(p->sums, row(p, s, f->first[o] + k), f->weights[o * f->most + k], s->width);
        for (int x = 0; x < s->width; x++)
            columns[x * height + o] =
                (int16_t)((p->sums[x] + (1 << (COLUMN_SHIFT - 1))) >> COLUMN_SHIFT);
    }
}

static void vertical_pass(const plan *p, const bitocr_image *image) {
    for (int left = 0; left < image->width; left += STRIP) {
        int rest = image->width - left;
        strip s = {image, left, rest < STRIP ? rest : STRIP, 0};
        resize_strip(p, &s);
    }
}

static void add_column(int32_t *restrict sums, const int16_t *restrict in, int weight, int height) {
    for (int y = 0; y < height; y++)
        sums[y] += in[y] * weight;
}

static void horizontal_pass(const plan *p) {
    const filters *f = &p->horizontal;
    const int shift = 28 - COLUMN_SHIFT, height = p->height;
    for (int o = 0; o < p->width; o++) {
        const int16_t *weights = f->weights + (size_t)o * (size_t)f->most;
        const int16_t *column = p->columns + (size_t)f->first[o] * (size_t)height;
        memset(p->sums, 0, (size_t)height * sizeof *p->sums);
        for (int k = 0; k < f->count[o]; k++, column += height)
            add_column(p->sums, column, weights[k], height);
        for (int y = 0; y < height; y++)
            p->resized[o * height + y] = (uint8_t)((p->sums[y] + (1 << (shift - 1))) >> shift);
    }
}

/* The table from gray level to clamp(round((p - mean) * 32 / max(deviation, 4)), -127, 127), halves
 * away from zero; mean and deviation come from exact integer sums. */
static void make_levels(int8_t levels[256], const uint8_t *pixels, int count) {
    uint32_t sum = 0;
    uint64_t squares = 0;
    for (int i = 0; i < count; i++)
        sum += pixels[i];
    for (int i = 0; i < count; i++)
        squares += (uint32_t)pixels[i] * pixels[i];
    uint64_t n = (uint64_t)count, spread = n * squares - (uint64_t)sum * sum;
    double mean = (double)sum / count, deviation = sqrt((double)spread) / count;
    for (int level = 0; level < 256; level++) {
        double q = (level - mean) * 32 / (deviation > 4 ? deviation : 4);
        q = q > 127 ? 127 : q < -127 ? -127 : q;
        levels[level] = (int8_t)(q < 0 ? q - 0.5 : q + 0.5);
    }
}

static void normalise(const plan *p, int8_t *out) {
    int8_t levels[256];
    make_levels(levels, p->resized, p->width * p->height);
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            out[y * p->width + x] = levels[p->resized[x * p->height + y]];
}

void bitocr_image_scratch_free(image_scratch *scratch) {
    free(scratch->memory);
    scratch->memory = NULL;
    scratch->bytes = 0;
}

int bitocr_image_scratch_reserve(image_scratch *scratch, size_t bytes) {
    if (bytes <= scratch->bytes)
        return 1;
    free(scratch->memory);
    scratch->memory = malloc(bytes);
    scratch->bytes = scratch->memory ? bytes : 0;
    return scratch->memory != NULL;
}

bitocr_status bitocr_image_prepare(image_scratch *scratch, const bitocr_image *image,
                                   int out_height, int out_width, int8_t *out,
                                   bitocr_error *error) {
    plan p = {.height = out_height, .width = out_width};
    bitocr_status status = bitocr_image_check(image, out_height, out_width, error);
    if (status == BITOCR_OK)
        status = make_plan(&p, scratch, image, error);
    if (status != BITOCR_OK)
        return status;
    vertical_pass(&p, image);
    horizontal_pass(&p);
    normalise(&p, out);
    return BITOCR_OK;
}

bitocr_status bitocr_prepare(const bitocr_image *image, int out_width, int8_t *out,
                             bitocr_error *error) {
    image_scratch scratch = {NULL, 0};
    bitocr_status status =
        bitocr_image_prepare(&scratch, image, BITOCR_HEIGHT, out_width, out, error);
    bitocr_image_scratch_free(&scratch);
    return status;
}
