/* Decides which pixels of a line are ink: those on the other side of Otsu's threshold from most of
 * the border. */
#include "page/glyphs.h"

#include <string.h>

#include "base/arithmetic.h"

enum {
    LEVELS = 256,
    MIDDLE_FROM = 9, /* rows where two lines may be split */
    MIDDLE_TO = 23,
    LEAST_RULE = 3 * GLYPH_ROWS /* columns */
};
static const double WHITE = 0.12, /* of a line's densest row: less is white between lines, */
    BARELY = 0.02,                /* as are rows next to it with hardly more */
    RULE = 0.85;                  /* of the picture's width: a row with more ink is a rule */

void bitocr_ink_free(page_ink *ink) {
    for (int i = 0; i < 3; i++)
        bitocr_buffer_free(&ink->memory[i]);
    *ink = (page_ink){0};
}

/* Otsu, A Threshold Selection Method from Gray-Level Histograms, 1979. Levels above it are
 * light. */
static int find_threshold(const int counts[LEVELS], int n) {
    double total = 0, below = 0, best = -1;
    int count = 0, out = 0;
    for (int i = 0; i < LEVELS; i++)
        total += (double)i * counts[i];
    for (int i = 0; i < LEVELS - 1; i++) {
        count += counts[i];
        below += (double)i * counts[i];
        if (!count || count == n)
            continue;
        double apart = below / count - (total - below) / (n - count);
        double between = apart * apart * count * (n - count);
        if (between > best) {
            best = between;
            out = i;
        }
    }
    return out;
}

/* Are most pixels on the picture's border above the threshold? */
static int is_light_border(const int8_t *picture, int width, int threshold) {
    int light = 0, count = 2 * width + 2 * GLYPH_ROWS;
    for (int x = 0; x < width; x++)
        light += (picture[x] > threshold) + (picture[(GLYPH_ROWS - 1) * width + x] > threshold);
    for (int y = 0; y < GLYPH_ROWS; y++)
        light += (picture[y * width] > threshold) + (picture[y * width + width - 1] > threshold);
    return 2 * light >= count;
}

/* Clears rows that a rule fills: an underline would join all letters of its words. */
static void drop_rules(const page_ink *ink) {
    for (int y = 0; y < GLYPH_ROWS && ink->width >= LEAST_RULE; y++) {
        uint8_t *row = ink->mask + (size_t)y * (size_t)ink->width;
        int count = 0;
        for (int x = 0; x < ink->width; x++)
            count += row[x];
        if (count > RULE * ink->width)
            memset(row, 0, (size_t)ink->width);
    }
}

bool bitocr_ink_find(page_ink *ink, const int8_t *picture, int width) {
    size_t n = (size_t)width * GLYPH_ROWS;
    if (!bitocr_buffer_reserve(&ink->memory[0], (size_t)width, sizeof *ink->ink) ||
        !bitocr_buffer_reserve(&ink->memory[1], n, 1))
        return false;
    ink->width = width;
    ink->ink = ink->memory[0].memory;
    ink->mask = ink->memory[1].memory;
    int counts[LEVELS] = {0};
    for (size_t i = 0; i < n; i++)
        counts[picture[i] + LEVELS / 2]++;
    int threshold = find_threshold(counts, (int)n) - LEVELS / 2;
    int is_dark = is_light_border(picture, width, threshold);
    memset(ink->ink, 0, (size_t)width * sizeof *ink->ink);
    for (size_t i = 0; i < n; i++)
        ink->mask[i] = (picture[i] > threshold) != is_dark;
    drop_rules(ink);
    for (int y = 0; y < GLYPH_ROWS; y++)
        for (int x = 0; x < width; x++)
            ink->ink[x] += ink->mask[(size_t)y * (size_t)width + (size_t)x];
    return true;
}

bool bitocr_ink_part(const page_ink *ink, int *start, int *end) {
    int rows[GLYPH_ROWS] = {0}, most = 0, at = MIDDLE_FROM;
    for (int y = 0; y < GLYPH_ROWS; y++) {
        for (int x = 0; x < ink->width; x++)
            rows[y] += ink->mask[y * ink->width + x];
        most = rows[y] > most ? rows[y] : most;
    }
    for (int y = MIDDLE_FROM; y < MIDDLE_TO; y++)
        if (rows[y] < rows[at])
            at = y;
    if (rows[at] >= WHITE * most)
        return false;
    double white = rows[at] + BARELY * most; /* the white excludes descenders */
    for (*start = at; *start > 0 && rows[*start - 1] < white; --*start)
        ;
    for (*end = at; *end < GLYPH_ROWS && rows[*end] < white; ++*end)
        ;
    return *start > 0 && *end < GLYPH_ROWS;
}
