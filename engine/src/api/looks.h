/* Merges the lines of several looks at an image. Used by finder.c alone. */
#ifndef BITOCR_API_LOOKS_H
#define BITOCR_API_LOOKS_H

#include "api/detector.h"

/* Keeps the lines in f->boxes, from a look at this scale. Of two looks at one scale, the later
 * counts as the finer. False: out of memory. */
bool bitocr_looks_keep(finder *f, double scale);

/* Merges all kept lines into f->lines: those of the finer looks, with large lines from the coarser
 * ones. False: out of memory. */
bool bitocr_looks_merge(finder *f);

/* Appends the lines of f->boxes to f->lines, as alternatives. False: out of memory. */
bool bitocr_looks_add_others(finder *f);

/* Drops lines that no image can hold, and if there are more than a page has, those with the lowest
 * scores. */
bool bitocr_looks_limit(finder *f, const bitocr_image *image);

#endif
