/* Finds characters' boxes in a picture of a line, from where a recognizer saw them and from the
 * ink. */
#ifndef BITOCR_PAGE_GLYPHS_H
#define BITOCR_PAGE_GLYPHS_H

#include "base/buffer.h"

#include <stdint.h>

enum { GLYPH_ROWS = 32 }; /* of the picture */

/* A character of a line. Places are in pixels of the picture, whose first is from 0 to 1. */
typedef struct {
    uint32_t character;
    float score;
    float x;                        /* its middle, as the recognizer saw it, in rising order */
    float left, top, right, bottom; /* out: the box around its ink */
    int is_first;                   /* out: it starts a word */
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

/* Finds the boxes of a line's characters by splitting the ink at white columns. Words begin at
 * spaces, which it removes, and where the white is as wide as one. `height` is the text's in the
 * picture. Returns how many characters are left. *is_done becomes false: out of memory. */
int bitocr_glyphs_place(page_ink *ink, double height, page_glyph *glyphs, int count, bool *is_done);

/* Does the picture show two lines of text, one above the other? The white between them is in rows
 * `start` to `end` - 1. */
bool bitocr_ink_part(const page_ink *ink, int *start, int *end);

/* Counts letters and digits. A hanzi counts twice, since it says as much as a syllable. */
int bitocr_glyphs_count_letters(const page_glyph *glyphs, int count);

/* Does the character belong to a script without spaces between words: Chinese, Japanese? */
int bitocr_glyphs_is_wide(uint32_t character);

#endif
