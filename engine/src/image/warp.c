#include "image/warp.h"

#include <math.h>

#include "base/arithmetic.h"
#include "base/error.h"
#include "image/gray.h"

enum {
    FRACTION = 8, /* bits of a place between two pixels */
    MOST_SAMPLES = 4,
    MOST_WIDTH = 1 << 14
};
static const double STRAIGHT = 0.5; /* pixels that corners of rectangles may be off by */

void bitocr_warp_free(warp_scratch *scratch) {
    bitocr_buffer_free(&scratch->patch);
    bitocr_buffer_free(&scratch->crop);
}

/* From the unit square to the image: ((ax s + bx t + cx) / w, ...) with w = g s + h t + 1. */
typedef struct {
    double ax, bx, cx, ay, by, cy, g, h;
} projection;

/* P. Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989. */
static bool project(const bitocr_quad *quad, projection *p) {
    const bitocr_point *q = quad->corners;
    double x1 = (double)q[1].x - q[2].x, x2 = (double)q[3].x - q[2].x, y1 = (double)q[1].y - q[2].y,
           y2 = (double)q[3].y - q[2].y;
    double sx = (double)q[0].x - q[1].x + q[2].x - q[3].x,
           sy = (double)q[0].y - q[1].y + q[2].y - q[3].y;
    double area = x1 * y2 - x2 * y1;
    if (!(fabs(area) > 0))
        return false;
    p->g = (sx * y2 - x2 * sy) / area;
    p->h = (x1 * sy - sx * y1) / area;
    if (!(p->g > -1 && p->h > -1 && p->g + p->h > -1))
        return false; /* it would pass through infinity */
    p->ax = (double)q[1].x - q[0].x + p->g * q[1].x;
    p->bx = (double)q[3].x - q[0].x + p->h * q[3].x;
    p->cx = q[0].x;
    p->ay = (double)q[1].y - q[0].y + p->g * q[1].y;
    p->by = (double)q[3].y - q[0].y + p->h * q[3].y;
    p->cy = q[0].y;
    return true;
}

static double distance(bitocr_point a, bitocr_point b) {
    double x = (double)a.x - b.x, y = (double)a.y - b.y;
    return sqrt(x * x + y * y);
}

/* Quadrilaterals beside each other, which become a picture. */
typedef struct {
    const bitocr_quad *quads;
    int count;
} slices;

static double coordinate(const slices *in, int i, int is_y) {
    const bitocr_point *p = &in->quads[i / 4].corners[i % 4];
    return is_y ? p->y : p->x;
}

static double least(const slices *in, int is_y) {
    double out = coordinate(in, 0, is_y);
    for (int i = 1; i < 4 * in->count; i++)
        out = fmin(out, coordinate(in, i, is_y));
    return out;
}

static double most(const slices *in, int is_y) {
    double out = coordinate(in, 0, is_y);
    for (int i = 1; i < 4 * in->count; i++)
        out = fmax(out, coordinate(in, i, is_y));
    return out;
}

/* In pixels of the image. */
static double height_of(const slices *in) {
    double out = 1;
    for (int i = 0; i < in->count; i++) {
        const bitocr_point *q = in->quads[i].corners;
        out = fmax(out, fmax(distance(q[0], q[3]), distance(q[1], q[2])));
    }
    return out;
}

static double width_of(const slices *in) {
    double out = 0;
    for (int i = 0; i < in->count; i++) {
        const bitocr_point *q = in->quads[i].corners;
        double upper = distance(q[0], q[1]), lower = distance(q[3], q[2]);
        out += in->count > 1 ? (upper + lower) / 2 : fmax(upper, lower);
    }
    return fmax(out, 1);
}

/* Pixels left to right - 1 and top to bottom - 1. */
typedef struct {
    int left, top, right, bottom;
} bounds;

static int limit(double x, int high) {
    return x > 0 ? (x < high ? (int)x : high) : 0;
}

static bounds bounds_of(const bitocr_image *image, double left, double top, double right,
                        double bottom) {
    return (bounds){limit(floor(left), image->width), limit(floor(top), image->height),
                    limit(ceil(right), image->width), limit(ceil(bottom), image->height)};
}

static bool is_empty(const bounds *b) {
    return b->left >= b->right || b->top >= b->bottom;
}

/* A part of the image as it is. */
static bitocr_image part_of(const bitocr_image *image, const bounds *b) {
    bitocr_image out = *image;
    out.pixels += (ptrdiff_t)b->top * image->stride + (ptrdiff_t)b->left * image->channels;
    out.width = b->right - b->left;
    out.height = b->bottom - b->top;
    return out;
}

/* Whether it is a rectangle along the image's sides, and not turned. */
static bool is_straight(const bitocr_quad *quad) {
    const bitocr_point *q = quad->corners;
    return fabs((double)q[0].y - q[1].y) < STRAIGHT && fabs((double)q[2].y - q[3].y) < STRAIGHT &&
           fabs((double)q[0].x - q[3].x) < STRAIGHT && fabs((double)q[1].x - q[2].x) < STRAIGHT &&
           q[0].x < q[1].x && q[0].y < q[3].y;
}

/* A gray copy of the image's part that is looked at. */
typedef struct {
    const uint8_t *pixels;
    int left, top, width, height;
} patch;

static int clamp(int x, int high) {
    return x < 0 ? 0 : x > high ? high : x;
}

/* Gray between four pixels, times 4^FRACTION. */
static int sample(const patch *p, double x, double y) {
    const int one = 1 << FRACTION;
    x = fmin(fmax(x - p->left, 0), p->width); /* also where it is far outside */
    y = fmin(fmax(y - p->top, 0), p->height);
    /* A pixel's value holds in its middle. */
    int fx = (int)floor((x - 0.5) * one + 0.5), fy = (int)floor((y - 0.5) * one + 0.5);
    int left = clamp(fx >> FRACTION, p->width - 1),
        right = clamp((fx >> FRACTION) + 1, p->width - 1),
        top = clamp(fy >> FRACTION, p->height - 1),
        bottom = clamp((fy >> FRACTION) + 1, p->height - 1);
    const uint8_t *upper = p->pixels + (size_t)top * (size_t)p->width,
                  *lower = p->pixels + (size_t)bottom * (size_t)p->width;
    int a = fx & (one - 1), b = fy & (one - 1);
    return (upper[left] * (one - a) + upper[right] * a) * (one - b) +
           (lower[left] * (one - a) + lower[right] * a) * b;
}

/* The crop's pixel (x, y), in slice k of `count`: the mean of n x n samples. */
static uint8_t pixel(const patch *in, const projection *p, int k, int count, int x, int y,
                     int width, int height, int n) {
    int64_t sum = 0;
    for (int i = 0; i < n * n; i++) {
        double s = (x + (i % n + 0.5) / n) / width * count - k,
               t = (y + ((double)(i / n) + 0.5) / n) / height;
        double w = p->g * s + p->h * t + 1;
        sum += sample(in, (p->ax * s + p->bx * t + p->cx) / w, (p->ay * s + p->by * t + p->cy) / w);
    }
    int64_t all = (int64_t)n * n << (2 * FRACTION);
    return (uint8_t)((sum + all / 2) / all);
}

static bool make_patch(const bitocr_image *image, const bounds *b, buffer *memory, patch *out) {
    *out = (patch){NULL, b->left, b->top, b->right - b->left, b->bottom - b->top};
    size_t width = (size_t)out->width;
    if (!bitocr_buffer_reserve(memory, width * (size_t)out->height, 1))
        return false;
    uint8_t *gray = memory->memory;
    bitocr_image part = part_of(image, b);
    int ground = bitocr_image_ground(&part);
    for (int y = 0; y < out->height; y++)
        bitocr_gray_row(part.pixels + y * part.stride, out->width, part.channels, ground,
                        gray + (size_t)y * width);
    out->pixels = gray;
    return true;
}

static void take_part(const bitocr_image *image, const bounds *b, warped *out) {
    float left = (float)b->left, top = (float)b->top, right = (float)b->right,
          bottom = (float)b->bottom;
    out->image = part_of(image, b);
    out->quad = (bitocr_quad){{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

/* Fills a picture in the scratch's memory. */
static bool draw(const bitocr_image *image, const bounds *b, const projection *p, const slices *of,
                 warp_scratch *scratch, bitocr_image *out) {
    double high = height_of(of), wide = width_of(of);
    double shrink = fmax(1, fmax(high / WARP_MOST, wide / MOST_WIDTH));
    int width = (int)ceil(wide / shrink), height = (int)ceil(high / shrink);
    int n = (int)ceil(fmin(shrink, MOST_SAMPLES));
    patch in;
    if (!make_patch(image, b, &scratch->patch, &in) ||
        !bitocr_buffer_reserve(&scratch->crop, (size_t)width * (size_t)height, 1))
        return false;
    uint8_t *to = scratch->crop.memory;
    *out = (bitocr_image){sizeof *out, to, width, height, width, 1};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int k = (int)((int64_t)x * of->count / width);
            *to++ = pixel(&in, &p[k], k, of->count, x, y, width, height, n);
        }
    return true;
}

bitocr_status bitocr_warp_slices(const bitocr_image *image, const bitocr_quad *quads, int count,
                                 warp_scratch *scratch, warped *out, bitocr_error *error) {
    const slices of = {quads, count};
    bool straight = count == 1 && is_straight(quads);
    double margin = straight ? 0 : 1;
    bounds b = bounds_of(image, least(&of, 0) - margin, least(&of, 1) - margin,
                         most(&of, 0) + margin, most(&of, 1) + margin);
    projection p[WARP_SLICES];
    bool is_good = !is_empty(&b);
    for (int i = 0; i < count && is_good; i++)
        is_good = project(&quads[i], &p[i]);
    if (!is_good)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE, "the quadrilateral is not in the image");
    if (straight) {
        take_part(image, &b, out);
        return BITOCR_OK;
    }
    out->quad = *quads;
    if (!draw(image, &b, p, &of, scratch, &out->image))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    return BITOCR_OK;
}

bitocr_status bitocr_warp(const bitocr_image *image, const bitocr_quad *quad, warp_scratch *scratch,
                          warped *out, bitocr_error *error) {
    return bitocr_warp_slices(image, quad, 1, scratch, out, error);
}
