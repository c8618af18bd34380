/* Gray, resize, normalise.
 *
 * The resize is separable with a triangle filter that widens when it shrinks (Pillow's BILINEAR),
 * in integers throughout, so that every platform computes the same bytes:
 *   1. rows become gray, each once, as the vertical pass asks for them;
 *   2. vertical: output row o is a weighted sum of whole rows, kept as gray << 6 in `columns`,
 *      which is transposed to [source x][32];
 *   3. horizontal: output column o is a weighted sum of whole columns of 32 values.
 * Both sums run along contiguous memory, which compilers turn into vector code.
 */
#include "image/prepare.h"
#include "base/arithmetic.h"
#include "base/error.h"
#include "image/filter.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    H = BITOCR_HEIGHT,
    COLUMN_SHIFT = 8, /* the vertical pass keeps 14 - 8 = 6 bits below the gray level */
    EXTRA_FOURS = 4   /* short words are wider than their aspect: see bitocr_natural_width */
};

int bitocr_natural_width(int width, int height) {
    if (width < 1 || height < 1)
        return 0;
    int64_t fours = (2 * (int64_t)(H / 4) * width + height) / (2 * (int64_t)height);
    fours += EXTRA_FOURS;
    return fours > INT_MAX / 4 ? INT_MAX / 4 * 4 : (int)fours * 4;
}

static bitocr_status check_pixels(const bitocr_image *image, bitocr_error *error) {
    if (!image)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "there is no image");
    bitocr_status status = bitocr_check_size("bitocr_image", image->size, sizeof *image, error);
    if (status != BITOCR_OK)
        return status;
    if (!image->pixels)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE, "the image has no pixels");
    int w = image->width, h = image->height, channels = image->channels;
    if (w < 1 || h < 1)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE, "the image is empty (%d x %d pixels)", w, h);
    if (w > BITOCR_MAX_SIDE || h > BITOCR_MAX_SIDE)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE,
                           "the image is too large (%d x %d pixels; at most %d a side)", w, h,
                           BITOCR_MAX_SIDE);
    if (channels != 1 && channels != 3 && channels != 4)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE,
                           "an image has 1, 3 or 4 channels, this one has %d", channels);
    if (image->stride < (ptrdiff_t)w * channels)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE, "the stride is shorter than a row of pixels");
    return BITOCR_OK;
}

bitocr_status bitocr_image_check(const bitocr_image *image, int out_width, bitocr_error *error) {
    bitocr_status status = check_pixels(image, error);
    if (status != BITOCR_OK)
        return status;
    if (out_width > BITOCR_MAX_WIDTH)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE,
                           "the line is too long: %d pixels wide at height %d, at most %d",
                           out_width, H, BITOCR_MAX_WIDTH);
    if (out_width < BITOCR_MIN_WIDTH || out_width % 4)
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the input width is %d; it must be a multiple of 4 from %d to %d",
                           out_width, BITOCR_MIN_WIDTH, BITOCR_MAX_WIDTH);
    return BITOCR_OK;
}

/* Everything that one image needs, in one piece of memory. */
typedef struct {
    filters vertical, horizontal;
    int32_t *sums;    /* [width] */
    int16_t *columns; /* [width][32], gray << 6 */
    uint8_t *resized; /* [out_width][32] */
    uint8_t *gray;    /* [vertical.most][width], a ring of gray rows */
    int gray_rows;    /* rows turned gray so far */
} plan;

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
static size_t lay_out(plan *p, image_scratch *scratch, const bitocr_image *image, int out_width) {
    size_t used = 0, width = (size_t)image->width;
    take_filters(&p->vertical, scratch, &used, image->height, H);
    take_filters(&p->horizontal, scratch, &used, image->width, out_width);
    p->sums = take(scratch, &used, width * sizeof(int32_t));
    p->columns = take(scratch, &used, width * H * sizeof(int16_t));
    p->resized = take(scratch, &used, (size_t)out_width * H);
    p->gray = take(scratch, &used, image->channels == 1 ? 0 : width * (size_t)p->vertical.most);
    p->gray_rows = 0;
    return used;
}

static bitocr_status make_plan(plan *p, image_scratch *scratch, const bitocr_image *image,
                               int out_width, bitocr_error *error) {
    size_t bytes = lay_out(p, scratch, image, out_width);
    if (bytes > scratch->bytes) {
        free(scratch->memory);
        scratch->memory = malloc(bytes);
        scratch->bytes = scratch->memory ? bytes : 0;
        if (!scratch->memory)
            return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image",
                               image->width, image->height);
        lay_out(p, scratch, image, out_width);
    }
    bitocr_filter_make(&p->vertical, image->height, H);
    bitocr_filter_make(&p->horizontal, image->width, out_width);
    return BITOCR_OK;
}

static int luma(int r, int g, int b) {
    return (77 * r + 150 * g + 29 * b + 128) >> 8;
}

/* A channel of alpha a over white: (c * a + 255 * (255 - a)) / 255, rounded. */
static int on_white(int c, int a) {
    int t = c * a + 255 * (255 - a) + 128;
    return (t + (t >> 8)) >> 8;
}

static void gray_row(const uint8_t *in, int width, int channels, uint8_t *out) {
    if (channels == 1)
        memcpy(out, in, (size_t)width);
    else if (channels == 3)
        for (int x = 0; x < width; x++, in += 3)
            out[x] = (uint8_t)luma(in[0], in[1], in[2]);
    else
        for (int x = 0; x < width; x++, in += 4)
            out[x] = (uint8_t)luma(on_white(in[0], in[3]), on_white(in[1], in[3]),
                                   on_white(in[2], in[3]));
}

/* Row y of the image in gray. Rows are asked for in windows that only move down and are never
 * longer than the ring, so each is converted once. */
static const uint8_t *row(plan *p, const bitocr_image *image, int y) {
    if (image->channels == 1)
        return image->pixels + y * image->stride;
    size_t width = (size_t)image->width, ring = (size_t)p->vertical.most;
    for (; p->gray_rows <= y; p->gray_rows++)
        gray_row(image->pixels + p->gray_rows * image->stride, image->width, image->channels,
                 p->gray + (size_t)p->gray_rows % ring * width);
    return p->gray + (size_t)y % ring * width;
}

static void add_row(int32_t *restrict sums, const uint8_t *restrict in, int weight, int width) {
    for (int x = 0; x < width; x++)
        sums[x] += in[x] * weight;
}

static void vertical_pass(plan *p, const bitocr_image *image) {
    const filters *f = &p->vertical;
    int width = image->width;
    for (int o = 0; o < H; o++) {
        memset(p->sums, 0, (size_t)width * sizeof *p->sums);
        for (int k = 0; k < f->count[o]; k++)
            add_row(p->sums, row(p, image, f->first[o] + k), f->weights[o * f->most + k], width);
        for (int x = 0; x < width; x++)
            p->columns[x * H + o] =
                (int16_t)((p->sums[x] + (1 << (COLUMN_SHIFT - 1))) >> COLUMN_SHIFT);
    }
}

static void horizontal_pass(const plan *p, int out_width) {
    const filters *f = &p->horizontal;
    const int shift = 28 - COLUMN_SHIFT;
    for (int o = 0; o < out_width; o++) {
        int32_t sums[H] = {0};
        const int16_t *weights = f->weights + (size_t)o * (size_t)f->most;
        const int16_t *column = p->columns + (size_t)f->first[o] * H;
        for (int k = 0; k < f->count[o]; k++, column += H)
            for (int y = 0; y < H; y++)
                sums[y] += column[y] * weights[k];
        for (int y = 0; y < H; y++)
            p->resized[o * H + y] = (uint8_t)((sums[y] + (1 << (shift - 1))) >> shift);
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

static void normalise(const plan *p, int out_width, int8_t *out) {
    int8_t levels[256];
    make_levels(levels, p->resized, out_width * H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < out_width; x++)
            out[y * out_width + x] = levels[p->resized[x * H + y]];
}

void bitocr_image_scratch_free(image_scratch *scratch) {
    free(scratch->memory);
    scratch->memory = NULL;
    scratch->bytes = 0;
}

bitocr_status bitocr_image_prepare(image_scratch *scratch, const bitocr_image *image, int out_width,
                                   int8_t *out, bitocr_error *error) {
    plan p;
    bitocr_status status = bitocr_image_check(image, out_width, error);
    if (status == BITOCR_OK)
        status = make_plan(&p, scratch, image, out_width, error);
    if (status != BITOCR_OK)
        return status;
    vertical_pass(&p, image);
    horizontal_pass(&p, out_width);
    normalise(&p, out_width, out);
    return BITOCR_OK;
}

bitocr_status bitocr_prepare(const bitocr_image *image, int out_width, int8_t *out,
                             bitocr_error *error) {
    image_scratch scratch = {NULL, 0};
    bitocr_status status = bitocr_image_prepare(&scratch, image, out_width, out, error);
    bitocr_image_scratch_free(&scratch);
    return status;
}

bitocr_status bitocr_gray(const bitocr_image *image, uint8_t *out, bitocr_error *error) {
    bitocr_status status = check_pixels(image, error);
    if (status != BITOCR_OK)
        return status;
    size_t width = (size_t)image->width;
    for (int y = 0; y < image->height; y++)
        gray_row(image->pixels + y * image->stride, image->width, image->channels,
                 out + (size_t)y * width);
    return BITOCR_OK;
}
