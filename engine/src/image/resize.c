#include "image/resize.h"

#include <math.h>
#include <string.h>

#include "base/arithmetic.h"
#include "image/filter.h"
#include "image/gray.h"

enum {
    BAND = 32,        /* rows that are made at once: sums over their columns become vector code */
    STRIP = 1024,     /* columns that the vertical pass does at once */
    COLUMN_SHIFT = 8, /* it keeps 14 - 8 = 6 bits below the gray level */
    FRACTION = 8      /* bits of a place between two pixels */
};

/* Everything that one image needs, in one piece of memory. */
typedef struct {
    filters vertical, horizontal;
    int32_t *sums;    /* [STRIP] */
    int ground;       /* of transparent pixels */
    int16_t *columns; /* [width][BAND], gray << 6 */
    uint8_t *gray;    /* [vertical.most][STRIP], a ring of gray rows */
} plan;

static void *take(buffer *memory, size_t *used, size_t bytes) {
    void *piece = memory->memory ? (char *)memory->memory + *used : NULL;
    *used += (bytes + 63) / 64 * 64;
    return piece;
}

static void take_filters(filters *f, buffer *memory, size_t *used, int in, int out) {
    f->most = bitocr_filter_most(in, out);
    f->first = take(memory, used, (size_t)out * sizeof(int32_t));
    f->count = take(memory, used, (size_t)out * sizeof(int32_t));
    f->weights = take(memory, used, (size_t)out * (size_t)f->most * sizeof(int16_t));
}

static size_t lay_out(plan *p, buffer *memory, const bitocr_image *image, const gray_image *out) {
    size_t used = 0;
    take_filters(&p->vertical, memory, &used, image->height, out->height);
    take_filters(&p->horizontal, memory, &used, image->width, out->width);
    p->sums = take(memory, &used, STRIP * sizeof(int32_t));
    p->columns = take(memory, &used, (size_t)image->width * BAND * sizeof(int16_t));
    p->gray = take(memory, &used, image->channels == 1 ? 0 : STRIP * (size_t)p->vertical.most);
    return used;
}

/* Columns of the image, and how many of their rows are gray by now. */
typedef struct {
    const bitocr_image *image;
    int left, width;
    int gray_rows;
} strip;

static const uint8_t *row_of(const plan *p, strip *s, int y) {
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

/* The vertical pass for output rows from `top` on. */
static void reduce_strip(const plan *p, strip *s, int top, int rows) {
    const filters *f = &p->vertical;
    int16_t *columns = p->columns + (size_t)s->left * BAND;
    for (int o = 0; o < rows; o++) {
        int at = top + o;
        memset(p->sums, 0, (size_t)s->width * sizeof *p->sums);
        for (int k = 0; k < f->count[at]; k++)
            add_row(p->sums, row_of(p, s, f->first[at] + k),
                    f->weights[(size_t)at * (size_t)f->most + (size_t)k], s->width);
        for (int x = 0; x < s->width; x++)
            columns[x * BAND + o] =
                (int16_t)((p->sums[x] + (1 << (COLUMN_SHIFT - 1))) >> COLUMN_SHIFT);
    }
}

static void reduce_columns(const plan *p, const gray_image *out, int top, int rows) {
    const filters *f = &p->horizontal;
    const int shift = 28 - COLUMN_SHIFT;
    for (int o = 0; o < out->width; o++) {
        int32_t sums[BAND] = {0};
        const int16_t *weights = f->weights + (size_t)o * (size_t)f->most;
        const int16_t *column = p->columns + (size_t)f->first[o] * BAND;
        for (int k = 0; k < f->count[o]; k++, column += BAND)
            for (int y = 0; y < BAND; y++)
                sums[y] += column[y] * weights[k];
        uint8_t *to = out->pixels + (size_t)top * out->stride + o;
        for (int y = 0; y < rows; y++, to += out->stride)
            *to = (uint8_t)((sums[y] + (1 << (shift - 1))) >> shift);
    }
}

static void copy(const bitocr_image *image, const gray_image *out) {
    int ground = bitocr_image_ground(image);
    for (int y = 0; y < out->height; y++)
        bitocr_gray_row(image->pixels + y * image->stride, image->width, image->channels, ground,
                        out->pixels + (size_t)y * out->stride);
}

bool bitocr_resize(const bitocr_image *image, const gray_image *out, buffer *memory) {
    if (image->width == out->width && image->height == out->height) {
        copy(image, out);
        return true;
    }
    plan p;
    buffer none = {NULL, 0};
    if (!bitocr_buffer_reserve(memory, lay_out(&p, &none, image, out), 1))
        return false;
    lay_out(&p, memory, image, out);
    p.ground = bitocr_image_ground(image);
    bitocr_filter_make(&p.vertical, image->height, out->height);
    bitocr_filter_make(&p.horizontal, image->width, out->width);
    memset(p.columns, 0, (size_t)image->width * BAND * sizeof *p.columns);
    for (int top = 0; top < out->height; top += BAND) {
        int rows = out->height - top < BAND ? out->height - top : BAND;
        for (int left = 0; left < image->width; left += STRIP) {
            int rest = image->width - left;
            strip s = {image, left, rest < STRIP ? rest : STRIP, p.vertical.first[top]};
            reduce_strip(&p, &s, top, rows);
        }
        reduce_columns(&p, out, top, rows);
    }
    return true;
}

static int clamp(int x, int most) {
    return x < 0 ? 0 : x > most ? most : x;
}

static uint8_t between(const gray_image *in, double x, double y) {
    const int one = 1 << FRACTION;
    x = fmin(fmax(x, -1), in->width); /* also where it is far outside */
    y = fmin(fmax(y, -1), in->height);
    int fx = (int)floor(x * one + 0.5), fy = (int)floor(y * one + 0.5);
    int left = clamp(fx >> FRACTION, in->width - 1),
        right = clamp((fx >> FRACTION) + 1, in->width - 1);
    const uint8_t *top = in->pixels + (size_t)clamp(fy >> FRACTION, in->height - 1) * in->stride,
                  *bottom =
                      in->pixels + (size_t)clamp((fy >> FRACTION) + 1, in->height - 1) * in->stride;
    int a = fx & (one - 1), b = fy & (one - 1);
    int upper = top[left] * (one - a) + top[right] * a,
        lower = bottom[left] * (one - a) + bottom[right] * a;
    return (uint8_t)((upper * (one - b) + lower * b + (1 << (2 * FRACTION - 1))) >> (2 * FRACTION));
}

void bitocr_turn(const gray_image *in, plane_vector origin, plane_vector right, plane_vector down,
                 const gray_image *out) {
    for (int y = 0; y < out->height; y++) {
        uint8_t *row = out->pixels + (size_t)y * out->stride;
        for (int x = 0; x < out->width; x++)
            row[x] = between(in, origin.x + x * right.x + y * down.x,
                             origin.y + x * right.y + y * down.y);
    }
}
