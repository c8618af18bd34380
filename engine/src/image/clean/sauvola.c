/* A threshold for each pixel, from the mean m and the deviation s of a window around it:
 * m * (1 + k * (s / R - 1)). J. Sauvola and M. Pietikainen, "Adaptive document image binarization",
 * Pattern Recognition 33 (2000). Sums over the window's columns move down with it, so that memory
 * is a few rows, whatever the picture's height. */
#include "base/arithmetic.h"
#include "image/clean/steps.h"

#include <math.h>
#include <string.h>

enum {
    LEAST_RADIUS = 16,
    SIDES = 64 /* the window's radius is the shorter side through so many, if that is more */
};
static const double K = 0.3, R = 128;

/* Sums of gray levels and of their squares. */
typedef struct {
    uint64_t sum, squares;
} moments;

typedef struct {
    const gray_image *in;
    int radius, top, bottom; /* rows whose sums the columns hold */
    moments *columns;        /* [width] */
    moments *before;         /* [width + 1]: of all columns further left */
} window;

static void add_row(const window *w, int y, int sign) {
    const uint8_t *row = w->in->pixels + (size_t)y * w->in->stride;
    for (int x = 0; x < w->in->width; x++) {
        uint64_t level = row[x], square = level * level;
        w->columns[x].sum += sign > 0 ? level : -level;
        w->columns[x].squares += sign > 0 ? square : -square;
    }
}

static void move_to(window *w, int y) {
    while (w->bottom < w->in->height && w->bottom <= y + w->radius)
        add_row(w, w->bottom++, 1);
    while (w->top < y - w->radius)
        add_row(w, w->top++, -1);
    w->before[0] = (moments){0, 0};
    for (int x = 0; x < w->in->width; x++)
        w->before[x + 1] = (moments){w->before[x].sum + w->columns[x].sum,
                                     w->before[x].squares + w->columns[x].squares};
}

static double threshold(const window *w, int x) {
    int left = x > w->radius ? x - w->radius : 0, right = x + w->radius + 1;
    right = right < w->in->width ? right : w->in->width;
    const moments *a = &w->before[left], *b = &w->before[right];
    uint64_t n = (uint64_t)(right - left) * (uint64_t)(w->bottom - w->top), sum = b->sum - a->sum,
             spread = n * (b->squares - a->squares) - sum * sum;
    double mean = (double)sum / (double)n, deviation = sqrt((double)spread) / (double)n;
    return mean * (1 + K * (deviation / R - 1));
}

bool bitocr_clean_ink(const gray_image *in, clean_scratch *scratch, uint8_t *ink) {
    size_t width = (size_t)in->width;
    if (!bitocr_buffer_reserve(&scratch->columns, 2 * width + 1, sizeof(moments)))
        return false;
    int side = in->width < in->height ? in->width : in->height, radius = side / SIDES;
    window w = {in,  radius > LEAST_RADIUS ? radius : LEAST_RADIUS, 0, 0, scratch->columns.memory,
                NULL};
    w.before = w.columns + width;
    memset(w.columns, 0, width * sizeof *w.columns);
    for (int y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * in->stride;
        move_to(&w, y);
        for (int x = 0; x < in->width; x++)
            ink[(size_t)y * width + (size_t)x] = row[x] < threshold(&w, x);
    }
    return true;
}

bool bitocr_clean_sauvola_binarize(const gray_image *image, clean_scratch *scratch) {
    size_t width = (size_t)image->width;
    if (!bitocr_buffer_reserve(&scratch->ink, width * (size_t)image->height, 1))
        return false;
    uint8_t *ink = scratch->ink.memory;
    if (!bitocr_clean_ink(image, scratch, ink))
        return false;
    for (int y = 0; y < image->height; y++)
        for (size_t x = 0; x < width; x++)
            image->pixels[(size_t)y * image->stride + x] = ink[(size_t)y * width + x] ? 0 : 255;
    return true;
}
