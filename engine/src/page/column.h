/* Columns of characters that stand upright above each other: vertical Chinese. */
#ifndef BITOCR_PAGE_COLUMN_H
#define BITOCR_PAGE_COLUMN_H

#include "page/glyphs.h"

enum { COLUMN_CELLS = 64 }; /* at most */

/* Columns start to end of the picture hold a character. */
typedef struct {
    double start, end;
} column_cell;

/* Cuts the ink of a column that runs to the right in its picture, its characters lying on their
 * sides, into cells at an even pitch; `height` is that of the text. Empty cells are left out.
 * Returns how many there are, 0 where the ink is not like that; -1: out of memory. */
int bitocr_column_cut(page_ink *ink, double height, column_cell cells[COLUMN_CELLS]);

#endif
