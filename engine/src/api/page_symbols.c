/* Drops what symbols and patterns of photographs look like: a letter alone, and short words beside
 * the text. */
#include <math.h>

#include "api/page_lines.h"

enum { SHORT = 2 };              /* characters of a word that may be a symbol */
static const float LONE = 0.75F, /* the least confidence of a single letter */
    BESIDE = 0.85F;              /* the least mean score of a short word at the end of a line */

static bool is_symbol(const page_glyph *glyphs, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
        if (bitocr_glyphs_is_wide(glyphs[i].character))
            return false;
        sum += glyphs[i].score;
    }
    return count <= SHORT && sum < BESIDE * (float)count;
}

/* The confidence without the other characters: it is about the product of all words' own. */
static float confidence_of(const page_reading *one, int first, int last) {
    float dropped = 1, sum = 0;
    for (int i = 0; i < one->count; i++)
        if (i >= first && i < last)
            sum += one->glyphs[i].score;
        else
            dropped *= one->glyphs[i].score;
    return fminf(one->confidence / fmaxf(dropped, 1e-6F), sum / (float)(last - first));
}

/* Keeps the characters from `first` to `last` - 1, and their part of the box. */
static void keep(page_reading *one, int first, int last) {
    page_box *box = &one->box;
    one->confidence = confidence_of(one, first, last);
    double left = first ? box->length : 0, right = last < one->count ? 0 : box->length;
    for (int i = first; i < last; i++) {
        left = fmin(left, one->glyphs[i].left);
        right = fmax(right, one->glyphs[i].right);
    }
    one->glyphs += first;
    one->count = last - first;
    for (int i = 0; i < one->count; i++) {
        one->glyphs[i].left -= (float)left;
        one->glyphs[i].right -= (float)left;
    }
    double along = (left + right - box->length) / 2;
    box->x += along * box->ux;
    box->y += along * box->uy;
    box->length = right - left;
}

/* Drops symbols at both ends of a line, but no text that stands alone. */
static void trim(page_reading *one) {
    int first = 0, last = one->count;
    for (;;) {
        int end = first + 1, start = last - 1;
        while (end < last && !one->glyphs[end].is_first)
            end++;
        while (start > first && !one->glyphs[start].is_first)
            start--;
        if (end == last)
            break;
        if (is_symbol(one->glyphs + first, end - first))
            first = end;
        else if (is_symbol(one->glyphs + start, last - start))
            last = start;
        else
            break;
    }
    if (last - first < one->count)
        keep(one, first, last);
}

void bitocr_page_drop_symbols(page_reading *one) {
    if (!one->box.is_curved && !one->box.is_column)
        trim(one);
    if (one->confidence < LONE && bitocr_glyphs_count_letters(one->glyphs, one->count) == 1)
        one->score = 0;
}
