#include "image/resize.h"

#include <math.h>
#include <string.h>

#include "base/arithmetic.h"
#include "image/gray.h"
#include "image/reduce.h"

enum {
    BAND = 32,   /* rows that are made at once: sums over their columns become vector code */
    FRACTION = 8 /* bits of a place between two pixels */
};

/* Everything that one image needs, in one piece of memory. */
typedef struct {
    reduction vertical;
    filters horizontal;
    int16_t *columns; /* [width][BAND], gray << 6 */
} plan;

static size_t lay_out(plan *p, const buffer *memory, const bitocr_image *image,
                      const gray_image *out) {
    size_t used = 0;
    bitocr_reduce_lay_out(&p->vertical, memory, &used, image, out->height);
    bitocr_reduce_take_filters(&p->horizontal, memory, &used, image->width, out->width);
    p->columns = bitocr_reduce_take(memory, &used, (size_t)image->width * BAND * sizeof(int16_t));
    return used;
}

static void reduce_columns(const plan *p, const gray_image *out, int top, int rows) {
    const filters *f = &p->horizontal;
    const int shift = 28 - REDUCE_SHIFT;
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
    bitocr_reduce_make(&p.vertical, image, out->height);
    bitocr_filter_make(&p.horizontal, image->width, out->width);
    memset(p.columns, 0, (size_t)image->width * BAND * sizeof *p.columns);
    for (int top = 0; top < out->height; top += BAND) {
        int rows = out->height - top < BAND ? out->height - top : BAND;
        bitocr_reduce(&p.vertical, image, top, rows, BAND, p.columns);
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
