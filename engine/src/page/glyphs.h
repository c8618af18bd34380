/* Characters' boxes in a picture of a line, from where a recognizer saw them and where ink is. */
#ifndef BITOCR_PAGE_GLYPHS_H
#define BITOCR_PAGE_GLYPHS_H

#include "base/buffer.h"

#include <stdint.h>

enum { GLYPH_ROWS = 32 }; /* of the picture */

/* A character of a line. Places are in pixels of the picture, whose first is from 0 to 1. */
typedef struct {
    uint32_t character;
    float score;
    float x; /* its middle, as the recognizer saw it; rising from one to the next */
    float left, top, right, bottom; /* out: around its ink */
    int is_first;                   /* out: of a word */
} page_glyph;

/* Memory of one thread; start with zeros. */
typedef struct {
    int *ink; /* [width]: pixels of ink in each column */
    int width;
    uint8_t *mask; /* [GLYPH_ROWS][width]: 1 where ink is */
    buffer memory[3];
} page_ink;

void bitocr_ink_free(page_ink *ink);

/* Finds the ink in a picture int8 [GLYPH_ROWS][width] of dark on light or light on dark. False: out
 * of memory. */
bool bitocr_ink_find(page_ink *ink, const int8_t *picture, int width);

/* Parts the characters of a line at white columns, and words at spaces, which are taken out, and
 * where the white is as wide as a space. `height` is that of the text in the picture. Returns how
 * many characters are left. False in *is_done: out of memory. */
int bitocr_glyphs_place(page_ink *ink, double height, page_glyph *glyphs, int count, bool *is_done);

/* Do the picture's rows part two lines of text that are above each other? Rows `start` to `end` - 1
 * are the white between them. */
bool bitocr_ink_part(const page_ink *ink, int *start, int *end);

/* How many of these are letters or digits; a hanzi, which says as much as a syllable, counts twice.
 */
int bitocr_glyphs_count_letters(const page_glyph *glyphs, int count);

/* In scripts without spaces between words: Chinese, Japanese. */
int bitocr_glyphs_is_wide(uint32_t character);

#endif
