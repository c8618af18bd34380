/* Lines of several looks at an image as one list. Used by finder.c alone. */
#ifndef BITOCR_API_LOOKS_H
#define BITOCR_API_LOOKS_H

#include "api/detector.h"

enum { PHOTO_LINES = 15 }; /* more are a page */

/* Keeps the lines of f->boxes, which a look at this scale saw; of looks at one scale the last
 * counts as the finest. False: out of memory. */
bool bitocr_looks_keep(finder *f, double scale);

/* All that is kept together in f->lines: what finer looks saw, but for large lines, which are taken
 * from coarser ones. False: out of memory. */
bool bitocr_looks_merge(finder *f);

/* Adds the lines of f->boxes behind f->lines, as others. False: out of memory. */
bool bitocr_looks_add_others(finder *f);

/* Drops what no image can hold, and of more lines than a page has those of the least scores. */
bool bitocr_looks_limit(finder *f, const bitocr_image *image);

#endif
