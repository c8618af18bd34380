/* Specks are blobs that are far smaller than letters. The dot of an i and a full stop are so too,
 * so blobs near a letter stay. */
#include "image/clean/blobs.h"

#include <string.h>

enum {
    SPECK = 3, /* the letters' height through it is the longest side of a speck, */
    LETTER = 2 /* and through this the least one of what may be a letter */
};

/* Squares of about a letter's size, where letters are marked. */
typedef struct {
    int size, columns, rows, letter, speck;
    uint8_t *marks;
} grid;

static int longer_side(const blob *b) {
    int wide = b->right - b->left, high = b->bottom - b->top;
    return wide > high ? wide : high;
}

static void mark_row(const grid *g, int row, int left, int right) {
    int first = left / g->size, last = (right - 1) / g->size;
    memset(g->marks + (size_t)row * (size_t)g->columns + first, 1, (size_t)(last - first) + 1);
}

/* Marks the squares of a letter, or of the sides of something larger: a frame has paper in it. */
static void mark(const grid *g, const blob *b) {
    int top = b->top / g->size, bottom = (b->bottom - 1) / g->size;
    for (int row = top; row <= bottom; row++) {
        if (row == top || row == bottom || longer_side(b) <= 4 * g->size) {
            mark_row(g, row, b->left, b->right);
        } else {
            mark_row(g, row, b->left, b->left + 1);
            mark_row(g, row, b->right - 1, b->right);
        }
    }
}

static bool is_near_letter(const grid *g, const blob *b) {
    int left = b->left / g->size - 1, right = (b->right - 1) / g->size + 1;
    int top = b->top / g->size - 1, bottom = (b->bottom - 1) / g->size + 1;
    for (int row = top < 0 ? 0 : top; row <= bottom && row < g->rows; row++)
        for (int column = left < 0 ? 0 : left; column <= right && column < g->columns; column++)
            if (g->marks[(size_t)row * (size_t)g->columns + (size_t)column])
                return true;
    return false;
}

static int clamp(int x, int most) {
    return x < 0 ? 0 : x > most ? most : x;
}

/* The mean level of the paper around a box. */
static uint8_t paper_around(const gray_image *image, const uint8_t *ink, const blob *b) {
    int sum = 0, count = 0;
    for (int y = clamp(b->top - 2, image->height); y < clamp(b->bottom + 2, image->height); y++)
        for (int x = clamp(b->left - 2, image->width); x < clamp(b->right + 2, image->width); x++)
            if (!ink[(size_t)y * (size_t)image->width + (size_t)x]) {
                sum += image->pixels[(size_t)y * image->stride + (size_t)x];
                count++;
            }
    return count ? (uint8_t)((sum + count / 2) / count) : 255;
}

static void paint(const gray_image *image, const uint8_t *ink, const blob *b) {
    uint8_t paper = paper_around(image, ink, b);
    int left = clamp(b->left - 1, image->width), right = clamp(b->right + 1, image->width);
    for (int y = clamp(b->top - 1, image->height); y < clamp(b->bottom + 1, image->height); y++)
        memset(image->pixels + (size_t)y * image->stride + left, paper, (size_t)(right - left));
}

typedef void visit(const grid *g, const gray_image *image, const uint8_t *ink, const blob *b);

static void mark_letters(const grid *g, const gray_image *image, const uint8_t *ink,
                         const blob *b) {
    (void)image;
    (void)ink;
    if (longer_side(b) >= g->letter)
        mark(g, b);
}

static void paint_specks(const grid *g, const gray_image *image, const uint8_t *ink,
                         const blob *b) {
    if (longer_side(b) <= g->speck && !is_near_letter(g, b))
        paint(image, ink, b);
}

/* Visits blobs in bands that overlap by some letters, so that small blobs are complete in one. */
static bool visit_all(clean_scratch *scratch, const grid *g, const gray_image *image, visit *each) {
    const uint8_t *ink = scratch->ink.memory;
    int step = bitocr_blobs_rows(image->width), overlap = 2 * g->speck + 2;
    for (int first = 0; first < image->height; first += step) {
        int rest = image->height - first,
            last = first + (rest < step + overlap ? rest : step + overlap);
        int found = bitocr_blobs_find(scratch, ink, image->width, first, last);
        if (found < 0)
            return false;
        const blob *b = scratch->blobs.memory;
        for (const blob *end = b + found; b < end; b++) {
            bool is_cut = (b->top == first && first) || (b->bottom == last && last < image->height);
            if (!is_cut || longer_side(b) > g->speck)
                each(g, image, ink, b);
        }
    }
    return true;
}

bool bitocr_clean_specks(const gray_image *image, clean_scratch *scratch) {
    size_t area = (size_t)image->width * (size_t)image->height;
    if (!bitocr_buffer_reserve(&scratch->ink, area, 1) ||
        !bitocr_clean_ink(image, scratch, scratch->ink.memory))
        return false;
    int high =
        bitocr_blobs_letter_height(scratch, scratch->ink.memory, image->width, image->height);
    if (high < 0)
        return false;
    grid g = {high, image->width / high + 1, image->height / high + 1, high / LETTER, high / SPECK,
              NULL};
    size_t squares = (size_t)g.columns * (size_t)g.rows;
    if (!bitocr_buffer_reserve(&scratch->cells, squares, 1))
        return false;
    g.marks = scratch->cells.memory;
    memset(g.marks, 0, squares);
    return visit_all(scratch, &g, image, mark_letters) &&
           visit_all(scratch, &g, image, paint_specks);
}
