#include "page/glyphs.h"

#include <math.h>
#include <stdlib.h>

#include "base/arithmetic.h"

enum { NO_INK = 3 };             /* so many white columns end a line's last character */
static const double SPACE = 0.3, /* heights: narrower white is not a space, */
    TIMES = 2.2, MORE = 0.06,    /* nor is white below TIMES the usual plus so many heights, */
    APART = 1.5;                 /* nor white where middles are closer: narrow typewriter letters */

/* White columns, or the one with the least ink: start to end - 1, possibly none. */
typedef struct {
    int start, end;
} white;

static int clamp(int x, int low, int high) {
    return x < low ? low : x > high ? high : x;
}

/* The cost of a border where letters touch: its ink, and its distance from the middle. */
static int cost(const page_ink *ink, int x, int from, int to) {
    return 2 * ink->ink[x] + abs(2 * x + 1 - from - to);
}

/* The widest white among columns `from` to `to` - 1, or the cheapest border if there is none. */
static white find_white(const page_ink *ink, int from, int to) {
    white best = {from, from};
    int least = from;
    for (int x = from, start; x < to; x++) {
        if (cost(ink, x, from, to) < cost(ink, least, from, to))
            least = x;
        for (start = x; x < to && !ink->ink[x]; x++)
            ;
        if (x - start > best.end - best.start)
            best = (white){start, x};
    }
    if (best.end > best.start)
        return best;
    return (white){least, least};
}

/* The last column of ink from column x on, moving by `step`. */
static int find_end(const page_ink *ink, int x, int step) {
    int last = x, empty = 0;
    for (; x >= 0 && x < ink->width && empty < NO_INK; x += step) {
        empty = ink->ink[x] ? 0 : empty + 1;
        if (ink->ink[x])
            last = x;
    }
    return last;
}

/* Fits the character's box to the ink in its columns. */
static void trim(const page_ink *ink, page_glyph *g, int left, int right) {
    int first = right, last = left - 1, top = GLYPH_ROWS, bottom = 0;
    for (int x = left; x < right; x++)
        for (int y = 0; y < GLYPH_ROWS && ink->ink[x]; y++)
            if (ink->mask[y * ink->width + x]) {
                first = x < first ? x : first;
                last = x;
                top = y < top ? y : top;
                bottom = y > bottom ? y : bottom;
            }
    int has_ink = first <= last;
    g->left = (float)(has_ink ? first : left);
    g->right = (float)(has_ink ? last + 1 : right > left ? right : left + 1);
    g->top = (float)(has_ink ? top : 0);
    g->bottom = (float)(has_ink ? bottom + 1 : GLYPH_ROWS);
}

static int is_space(const page_glyph *g) {
    return g->character == ' ' || g->character == 0x3000;
}

/* Removes spaces, and marks the characters behind them. */
static int drop_spaces(page_glyph *glyphs, int count) {
    int kept = 0, is_first = 1;
    for (int i = 0; i < count; i++) {
        if (is_space(&glyphs[i])) {
            is_first = 1;
            continue;
        }
        glyphs[kept] = glyphs[i];
        glyphs[kept++].is_first = is_first;
        is_first = 0;
    }
    return kept;
}

int bitocr_glyphs_is_wide(uint32_t c) {
    return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7AF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF00 && c <= 0xFFEF) || c >= 0x20000;
}

static bool is_letter(uint32_t c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           (c >= 0xC0 && c < 0x2000) || (c >= 0x3040 && c < 0xFF00) ||
           (c >= 0xFF10 && c < 0xFFE0) || c >= 0x20000;
}

int bitocr_glyphs_count_letters(const page_glyph *glyphs, int count) {
    int letters = 0;
    for (int i = 0; i < count; i++)
        if (is_letter(glyphs[i].character))
            letters += bitocr_glyphs_is_wide(glyphs[i].character) ? 2 : 1;
    return letters;
}

static int compare(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double white_before(const page_glyph *g) {
    return (double)g->left - g[-1].right;
}

/* The distance between the middles of this character and the one before. */
static double pitch_before(const page_glyph *g) {
    return ((double)g->left + g->right - g[-1].left - g[-1].right) / 2;
}

/* The median within words, or -1 if no two letters share a word. `values` [count - 1]. */
static double usual(double (*measure)(const page_glyph *), const page_glyph *glyphs, int count,
                    double *values) {
    int n = 0;
    for (int i = 1; i < count; i++)
        if (!glyphs[i].is_first)
            values[n++] = measure(&glyphs[i]);
    qsort(values, (size_t)n, sizeof *values, compare);
    return n ? values[n / 2] : -1;
}

/* Starts a word if the white before a character is as wide as a space. `values` [count - 1]. */
static void restore_spaces(page_glyph *glyphs, int count, double height, double *values) {
    double pitch = usual(pitch_before, glyphs, count, values);
    double white = usual(white_before, glyphs, count, values);
    double least = fmax(SPACE * height, TIMES * white + MORE * height);
    for (int i = 1; i < count; i++)
        if (white_before(&glyphs[i]) >= least && pitch_before(&glyphs[i]) >= APART * pitch &&
            !bitocr_glyphs_is_wide(glyphs[i].character) &&
            !bitocr_glyphs_is_wide(glyphs[i - 1].character))
            glyphs[i].is_first = 1;
}

int bitocr_glyphs_place(page_ink *ink, double height, page_glyph *glyphs, int count,
                        bool *is_done) {
    count = drop_spaces(glyphs, count);
    *is_done = bitocr_buffer_reserve(&ink->memory[2], (size_t)count + 1, sizeof(double));
    if (!*is_done || !count)
        return 0;
    int last = ink->width - 1;
    int left = find_end(ink, clamp((int)glyphs[0].x, 0, last), -1);
    for (int i = 0; i < count; i++) {
        int x = clamp((int)glyphs[i].x, 0, last);
        white gap = {0, 0};
        if (i + 1 < count)
            gap = find_white(ink, x, clamp((int)glyphs[i + 1].x + 1, x + 1, last + 1));
        else
            gap.start = find_end(ink, x, 1) + 1;
        trim(ink, &glyphs[i], left < gap.start ? left : gap.start, gap.start);
        left = gap.end;
    }
    restore_spaces(glyphs, count, height, ink->memory[2].memory);
    return count;
}
