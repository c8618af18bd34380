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
#include "image/gray.h"
#include "image/reduce.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { EXTRA_FOURS = 4 }; /* short words are wider than their aspect: see bitocr_natural_width */

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
    reduction vertical;
    filters horizontal;
    int32_t *sums;    /* [height] */
    int16_t *columns; /* [image width][height], gray << 6 */
    uint8_t *resized; /* [width][height] */
} plan;

/* Lays the plan out over the scratch memory; returns the bytes that it takes. */
static size_t lay_out(plan *p, const buffer *scratch, const bitocr_image *image) {
    size_t used = 0, width = (size_t)image->width, height = (size_t)p->height;
    bitocr_reduce_lay_out(&p->vertical, scratch, &used, image, p->height);
    bitocr_reduce_take_filters(&p->horizontal, scratch, &used, image->width, p->width);
    p->sums = bitocr_reduce_take(scratch, &used, height * sizeof(int32_t));
    p->columns = bitocr_reduce_take(scratch, &used, width * height * sizeof(int16_t));
    p->resized = bitocr_reduce_take(scratch, &used, (size_t)p->width * height);
    return used;
}

static bitocr_status make_plan(plan *p, buffer *scratch, const bitocr_image *image,
                               bitocr_error *error) {
    buffer none = {NULL, 0};
    if (!bitocr_buffer_reserve(scratch, lay_out(p, &none, image), 1))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image",
                           image->width, image->height);
    lay_out(p, scratch, image);
    bitocr_reduce_make(&p->vertical, image, p->height);
    bitocr_filter_make(&p->horizontal, image->width, p->width);
    return BITOCR_OK;
}

static void add_column(int32_t *restrict sums, const int16_t *restrict in, int weight, int height) {
    for (int y = 0; y < height; y++)
        sums[y] += in[y] * weight;
}

static void horizontal_pass(const plan *p) {
    const filters *f = &p->horizontal;
    const int shift = 28 - REDUCE_SHIFT, height = p->height;
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

bitocr_status bitocr_image_prepare(buffer *scratch, const bitocr_image *image, int out_height,
                                   int out_width, int8_t *out, bitocr_error *error) {
    plan p = {.height = out_height, .width = out_width};
    bitocr_status status = bitocr_image_check(image, out_height, out_width, error);
    if (status == BITOCR_OK)
        status = make_plan(&p, scratch, image, error);
    if (status != BITOCR_OK)
        return status;
    bitocr_reduce(&p.vertical, image, 0, p.height, p.height, p.columns);
    horizontal_pass(&p);
    normalise(&p, out);
    return BITOCR_OK;
}

bitocr_status bitocr_prepare(const bitocr_image *image, int out_width, int8_t *out,
                             bitocr_error *error) {
    buffer scratch = {NULL, 0};
    bitocr_status status =
        bitocr_image_prepare(&scratch, image, BITOCR_HEIGHT, out_width, out, error);
    bitocr_buffer_free(&scratch);
    return status;
}
