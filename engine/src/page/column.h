/* Columns of upright characters, one above the other: vertical Chinese. */
#ifndef BITOCR_PAGE_COLUMN_H
#define BITOCR_PAGE_COLUMN_H

#include "page/glyphs.h"

enum { COLUMN_CELLS = 64 }; /* at most */

/* Columns start to end of the picture hold a character. */
typedef struct {
    double start, end;
} column_cell;

/* Cuts the ink of a column into cells at an even pitch. The column runs to the right in its
 * picture, with its characters on their sides; `height` is the text's. Leaves out empty cells.
 * Returns how many there are, or 0 if the ink does not fit a pitch; -1: out of memory. */
int bitocr_column_cut(page_ink *ink, double height, column_cell cells[COLUMN_CELLS]);

#endif
