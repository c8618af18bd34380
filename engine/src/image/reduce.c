#include "image/reduce.h"

#include <string.h>

#include "image/gray.h"

/* Columns of the image, and how many of their rows are gray by now. */
typedef struct {
    const bitocr_image *image;
    int left, width;
    int gray_rows;
} strip;

void *bitocr_reduce_take(const buffer *memory, size_t *used, size_t bytes) {
    void *piece = memory->memory ? (char *)memory->memory + *used : NULL;
    *used += (bytes + 63) / 64 * 64;
    return piece;
}

void bitocr_reduce_take_filters(filters *f, const buffer *memory, size_t *used, int in, int out) {
    f->most = bitocr_filter_most(in, out);
    f->first = bitocr_reduce_take(memory, used, (size_t)out * sizeof(int32_t));
    f->count = bitocr_reduce_take(memory, used, (size_t)out * sizeof(int32_t));
    f->weights = bitocr_reduce_take(memory, used, (size_t)out * (size_t)f->most * sizeof(int16_t));
}

void bitocr_reduce_lay_out(reduction *r, const buffer *memory, size_t *used,
                           const bitocr_image *image, int out_height) {
    bitocr_reduce_take_filters(&r->filters, memory, used, image->height, out_height);
    size_t ring = image->channels == 1 ? 0 : (size_t)r->filters.most;
    r->sums = bitocr_reduce_take(memory, used, REDUCE_STRIP * sizeof(int32_t));
    r->gray = bitocr_reduce_take(memory, used, ring * REDUCE_STRIP);
}

void bitocr_reduce_make(reduction *r, const bitocr_image *image, int out_height) {
    r->ground = bitocr_image_ground(image);
    bitocr_filter_make(&r->filters, image->height, out_height);
}

/* Row y of the strip in gray. Windows of rows only move down and are never longer than the ring, so
 * each row is converted once. */
static const uint8_t *gray_row(const reduction *r, strip *s, int y) {
    const bitocr_image *image = s->image;
    const uint8_t *pixels = image->pixels + (ptrdiff_t)s->left * image->channels;
    if (image->channels == 1)
        return pixels + y * image->stride;
    size_t ring = (size_t)r->filters.most;
    for (; s->gray_rows <= y; s->gray_rows++)
        bitocr_gray_row(pixels + s->gray_rows * image->stride, s->width, image->channels, r->ground,
                        r->gray + (size_t)s->gray_rows % ring * REDUCE_STRIP);
    return r->gray + (size_t)y % ring * REDUCE_STRIP;
}

static void add_row(int32_t *restrict sums, const uint8_t *restrict in, int weight, int width) {
    for (int x = 0; x < width; x++)
        sums[x] += in[x] * weight;
}

static void sum_rows(const reduction *r, strip *s, int at) {
    const filters *f = &r->filters;
    const int16_t *weights = f->weights + (size_t)at * (size_t)f->most;
    memset(r->sums, 0, (size_t)s->width * sizeof *r->sums);
    for (int k = 0; k < f->count[at]; k++)
        add_row(r->sums, gray_row(r, s, f->first[at] + k), weights[k], s->width);
}

static void reduce_strip(const reduction *r, strip *s, int top, int rows, int pitch,
                         int16_t *columns) {
    for (int o = 0; o < rows; o++) {
        sum_rows(r, s, top + o);
        for (int x = 0; x < s->width; x++)
            columns[(size_t)x * (size_t)pitch + (size_t)o] =
                (int16_t)((r->sums[x] + (1 << (REDUCE_SHIFT - 1))) >> REDUCE_SHIFT);
    }
}

void bitocr_reduce(const reduction *r, const bitocr_image *image, int top, int rows, int pitch,
                   int16_t *columns) {
    for (int left = 0; left < image->width; left += REDUCE_STRIP) {
        int rest = image->width - left, width = rest < REDUCE_STRIP ? rest : REDUCE_STRIP;
        strip s = {image, left, width, r->filters.first[top]};
        reduce_strip(r, &s, top, rows, pitch, columns + (size_t)left * (size_t)pitch);
    }
}
