/* Divides by the local level of the paper. In each tile it is the level that a fifth of the pixels
 * exceed; tiles that are all ink or picture take that of tiles around them (D. Bloomberg,
 * Leptonica's background normalization). */
#include "image/clean/steps.h"

#include <string.h>

enum {
    LEAST_TILE = 16, /* pixels of a tile's side */
    TILES = 48,      /* or the shorter side through so many */
    REACH = 2,       /* tiles around one, that stand in for it */
    DARK = 96,       /* a page whose paper is darker is light on dark: it stays as it is */
    LEAST = 64,      /* levels of paper: what is darker is not made white */
    FRACTION = 8     /* bits of a place between two tiles */
};

typedef struct {
    int size, columns, rows;
    uint8_t *levels, *held; /* [rows][columns] */
} tiles;

static int clamp(int x, int most) {
    return x < 0 ? 0 : x > most ? most : x;
}

static uint8_t level_of(const gray_image *image, int left, int top, int size) {
    int counts[256] = {0}, sum = 0, level = 255;
    int right = clamp(left + size, image->width), bottom = clamp(top + size, image->height);
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++)
            counts[image->pixels[(size_t)y * image->stride + (size_t)x]]++;
    int above = (right - left) * (bottom - top) / 5;
    while (level > 0 && (sum += counts[level]) <= above)
        level--;
    return (uint8_t)level;
}

typedef uint8_t combine(const tiles *t, int column, int row);

static uint8_t lightest(const tiles *t, int column, int row) {
    uint8_t out = 0;
    for (int y = clamp(row - REACH, t->rows - 1); y <= clamp(row + REACH, t->rows - 1); y++)
        for (int x = clamp(column - REACH, t->columns - 1);
             x <= clamp(column + REACH, t->columns - 1); x++)
            out = t->levels[y * t->columns + x] > out ? t->levels[y * t->columns + x] : out;
    return out;
}

static uint8_t darkest(const tiles *t, int column, int row) {
    uint8_t out = 255;
    for (int y = clamp(row - REACH, t->rows - 1); y <= clamp(row + REACH, t->rows - 1); y++)
        for (int x = clamp(column - REACH, t->columns - 1);
             x <= clamp(column + REACH, t->columns - 1); x++)
            out = t->levels[y * t->columns + x] < out ? t->levels[y * t->columns + x] : out;
    return out;
}

static uint8_t mean(const tiles *t, int column, int row) {
    int sum = 0;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++)
            sum += t->levels[clamp(row + y, t->rows - 1) * t->columns +
                             clamp(column + x, t->columns - 1)];
    return (uint8_t)((sum + 4) / 9);
}

static void change(tiles *t, combine *how) {
    for (int row = 0; row < t->rows; row++)
        for (int column = 0; column < t->columns; column++)
            t->held[row * t->columns + column] = how(t, column, row);
    uint8_t *levels = t->levels;
    t->levels = t->held;
    t->held = levels;
}

static bool find_levels(tiles *t, const gray_image *image, clean_scratch *scratch) {
    int side = image->width < image->height ? image->width : image->height;
    t->size = side / TILES > LEAST_TILE ? side / TILES : LEAST_TILE;
    t->columns = (image->width + t->size - 1) / t->size;
    t->rows = (image->height + t->size - 1) / t->size;
    size_t count = (size_t)t->columns * (size_t)t->rows;
    if (!bitocr_buffer_reserve(&scratch->cells, 2 * count, 1))
        return false;
    t->levels = scratch->cells.memory;
    t->held = t->levels + count;
    for (int row = 0; row < t->rows; row++)
        for (int column = 0; column < t->columns; column++)
            t->levels[row * t->columns + column] =
                level_of(image, column * t->size, row * t->size, t->size);
    change(t, lightest);
    change(t, darkest);
    change(t, mean);
    return true;
}

/* The tile whose middle is before pixel x, and the distance of x from it, of 1 << FRACTION. */
static int place(const tiles *t, int x, int *part) {
    int64_t at = (((2 * (int64_t)x + 1) << FRACTION) / t->size - (1 << FRACTION)) / 2;
    at = at < 0 ? 0 : at;
    *part = (int)(at & ((1 << FRACTION) - 1));
    return (int)(at >> FRACTION);
}

static void whiten_row(const tiles *t, uint8_t *row, int y, int width) {
    int b, top = place(t, y, &b), one = 1 << FRACTION;
    const uint8_t *upper = t->levels + (size_t)clamp(top, t->rows - 1) * (size_t)t->columns,
                  *lower = t->levels + (size_t)clamp(top + 1, t->rows - 1) * (size_t)t->columns;
    for (int x = 0; x < width; x++) {
        int a, left = place(t, x, &a), right = clamp(left + 1, t->columns - 1);
        left = clamp(left, t->columns - 1);
        int high = upper[left] * (one - a) + upper[right] * a,
            low = lower[left] * (one - a) + lower[right] * a,
            paper = (high * (one - b) + low * b + (1 << (2 * FRACTION - 1))) >> (2 * FRACTION);
        paper = paper > LEAST ? paper : LEAST;
        row[x] = (uint8_t)clamp((row[x] * 255 + paper / 2) / paper, 255);
    }
}

bool bitocr_clean_ground(const gray_image *image, clean_scratch *scratch) {
    tiles t;
    if (bitocr_clean_paper(image) < DARK)
        return true;
    if (!find_levels(&t, image, scratch))
        return false;
    for (int y = 0; y < image->height; y++)
        whiten_row(&t, image->pixels + (size_t)y * image->stride, y, image->width);
    return true;
}
