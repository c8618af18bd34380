#include "api/zeros.h"

#include <math.h>

#include "api/formats.h"
#include "api/formats_text.h"
#include "api/line.h"
#include "api/token.h"
#include "api/views.h"
#include "base/error.h"

enum { MOST = FORMAT_MOST, /* characters */ KINDS = 3 };

/* What a logistic regression on rendered codes has found: how far each ratio of widths, a word with
 * other capitals, and the network's own view speak for O. */
static const double EVEN = -2.8, RATIOS[KINDS] = {4.34, 1.74, 5.34}, CAPITALS = 2.12, SEEN = 0.46,
                    BESIDE = 0.5,    /* of a neighbour: chosen, since random codes do not show it */
    LEAST = 0.01, MOST_SURE = 0.999; /* of a character's score */

/* Characters to compare with: digits, capitals, and round capitals; none is narrower than most. */
static const char *const OTHERS[KINDS] = {"23456789", "ABCDEFGHKLNPQRSTUVXYZ", "CDGQ"};

typedef struct {
    double median[KINDS]; /* width of a kind's characters; 0: there are none */
} widths;

static double width_of(const page_glyph *glyph) {
    return (double)glyph->right - (double)glyph->left;
}

static double median_of(const page_glyph *glyphs, int count, const char *kind) {
    double found[MOST];
    int n = 0;
    for (int i = 0; i < count; i++) {
        double width = width_of(&glyphs[i]);
        if (width <= 0 || !bitocr_format_is_in(glyphs[i].character, kind))
            continue;
        int at = n++;
        for (; at > 0 && found[at - 1] > width; at--)
            found[at] = found[at - 1];
        found[at] = width;
    }
    return n ? (found[(n - 1) / 2] + found[n / 2]) / 2 : 0;
}

/* How much speaks for O rather than 0: the logarithm of the odds. */
static double evidence(const page_glyph *glyph, const widths *w) {
    double score = fmin(fmax((double)glyph->score, LEAST), MOST_SURE),
           seen = log(score / (1 - score)), sum = EVEN;
    sum += SEEN * (glyph->character == 'O' ? seen : -seen) + (w->median[1] > 0 ? CAPITALS : 0);
    for (int k = 0; k < KINDS; k++)
        if (w->median[k] > 0)
            sum += RATIOS[k] * log(width_of(glyph) / w->median[k]);
    return sum;
}

static bool is_either(uint32_t c) {
    return c == 'O' || c == '0';
}

/* Does a word, from `first` to before `last`, have both a capital and a digit that are sure? */
static bool is_mixed(const uint32_t *text, int first, int last) {
    bool has_capital = false, has_digit = false;
    for (int i = first; i < last; i++) {
        has_capital |= is_upper(text[i]) && text[i] != 'O';
        has_digit |= is_digit(text[i]) && text[i] != '0';
    }
    return has_capital && has_digit;
}

/* Marks the characters to decide on. Returns how many there are. */
static int mark(const uint32_t *text, int count, bool marked[MOST]) {
    int marks = 0;
    for (int first = 0, last; first < count; first = last + 1) {
        for (last = first; last < count && text[last] != ' '; last++)
            ;
        bool mixed = is_mixed(text, first, last);
        for (int i = first; i < last; i++)
            marks += marked[i] = mixed && is_either(text[i]);
    }
    return marks;
}

/* Finds the boxes of the reading's characters in the usual view. Returns how many there are,
 * without spaces. */
static bitocr_status find_boxes(const bitocr_model *model, const bitocr_image *ink, session *s,
                                const ctc_space *reading, const uint32_t *text,
                                page_glyph glyphs[MOST], int *count, bitocr_error *error) {
    int width = bitocr_view_width(model, ink, bitocr_view_at(0, false));
    bitocr_status status = bitocr_line_prepare(model, ink, width, s, error);
    bool is_done = status == BITOCR_OK && bitocr_ink_find(&s->ink, s->input, width);
    for (int i = 0; i < reading->count; i++)
        glyphs[i] =
            (page_glyph){.character = text[i],
                         .score = reading->characters[i].score,
                         .x = reading->characters[i].time * (float)width / (float)reading->steps};
    if (is_done)
        *count = bitocr_glyphs_place(&s->ink, GLYPH_ROWS, glyphs, reading->count, &is_done);
    if (status != BITOCR_OK || is_done)
        return status;
    return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

/* How much a neighbour speaks for O. */
static double neighbour(const uint32_t *text, int count, int i) {
    if (i < 0 || i >= count || is_either(text[i]))
        return 0;
    return is_digit(text[i]) ? -BESIDE : is_letter(text[i]) ? BESIDE : 0;
}

/* Replaces marked characters that are rather the other one. */
static void decide(const bitocr_model *model, const page_glyph *glyphs, int count,
                   const bool marked[MOST], const uint32_t *text, ctc_space *reading) {
    const int labels[2] = {bitocr_format_label(model, '0'), bitocr_format_label(model, 'O')};
    widths w;
    for (int k = 0; k < KINDS; k++)
        w.median[k] = median_of(glyphs, count, OTHERS[k]);
    if (!labels[0] || !labels[1])
        return;
    for (int i = 0, k = 0; i < reading->count && k < count; i++) {
        if (text[i] == ' ')
            continue;
        const page_glyph *glyph = &glyphs[k++];
        if (!marked[i] || width_of(glyph) <= 0)
            continue;
        double sum = evidence(glyph, &w) + neighbour(text, reading->count, i - 1) +
                     neighbour(text, reading->count, i + 1);
        reading->characters[i].label = labels[sum > 0];
    }
}

bitocr_status bitocr_zeros_mend(const bitocr_model *model, const bitocr_image *ink, session *s,
                                ctc_space *reading, bitocr_error *error) {
    const uint32_t *charset = bitocr_model_charset(model->file);
    uint32_t text[MOST];
    bool marked[MOST] = {false};
    page_glyph glyphs[MOST];
    int count = 0;
    if (reading->count > MOST || !bitocr_is_mostly_code(reading, charset))
        return BITOCR_OK;
    for (int i = 0; i < reading->count; i++)
        text[i] = charset[reading->characters[i].label - 1];
    if (!mark(text, reading->count, marked))
        return BITOCR_OK;
    bitocr_status status = find_boxes(model, ink, s, reading, text, glyphs, &count, error);
    if (status == BITOCR_OK)
        decide(model, glyphs, count, marked, text, reading);
    return status;
}
