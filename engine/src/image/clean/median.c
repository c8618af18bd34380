/* A switching median: only pixels that look like noise are replaced by the median of the 3 x 3
 * around them, so that thin strokes stay. T. Sun and Y. Neuvo, "Detail-preserving median based
 * filters in image processing", Pattern Recognition Letters 15 (1994). */
#include "image/clean/steps.h"

#include <string.h>

enum { UNLIKE = 40 }; /* levels by which noise is darker, or lighter, than all around it */

/* The eight pixels around (x, y), from three rows. */
static void take_around(uint8_t *const rows[3], int width, int x, uint8_t around[8]) {
    int left = x ? x - 1 : x, right = x + 1 < width ? x + 1 : x;
    for (int i = 0; i < 3; i++) {
        around[i] = rows[i][left];
        around[3 + i] = rows[i][right];
    }
    around[6] = rows[0][x];
    around[7] = rows[2][x];
}

/* Sorts them, too. */
static uint8_t median_of(uint8_t values[8]) {
    for (int i = 1; i < 8; i++)
        for (int k = i; k > 0 && values[k] < values[k - 1]; k--) {
            uint8_t held = values[k];
            values[k] = values[k - 1];
            values[k - 1] = held;
        }
    return (uint8_t)((values[3] + values[4]) / 2);
}

static uint8_t mended(uint8_t level, uint8_t around[8]) {
    uint8_t middle = median_of(around);
    return around[0] - level > UNLIKE || level - around[7] > UNLIKE ? middle : level;
}

bool bitocr_clean_median(const gray_image *image, clean_scratch *scratch) {
    size_t width = (size_t)image->width;
    if (!bitocr_buffer_reserve(&scratch->more, 3 * width, 1))
        return false;
    uint8_t *copy = scratch->more.memory, *rows[3] = {copy, copy + width, copy + 2 * width};
    memcpy(rows[0], image->pixels, width); /* above the picture its first row repeats */
    memcpy(rows[1], image->pixels, width);
    for (int y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride, around[8];
        memcpy(rows[2], y + 1 < image->height ? row + image->stride : row, width);
        for (int x = 0; x < image->width; x++) {
            take_around(rows, image->width, x, around);
            row[x] = mended(row[x], around);
        }
        uint8_t *first = rows[0];
        rows[0] = rows[1];
        rows[1] = rows[2];
        rows[2] = first;
    }
    return true;
}
