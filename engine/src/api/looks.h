/* Lines of several looks at an image as one list. Used by finder.c alone. */
#ifndef BITOCR_API_LOOKS_H
#define BITOCR_API_LOOKS_H

#include "api/detector.h"

/* Lines of one look. */
typedef struct {
    const page_box *boxes;
    int count;
    double scale;
} seen;

/* Both looks together in f->lines: the coarse one's large lines, and the fine one's that are not
 * within them. False: out of memory. */
bool bitocr_looks_merge(finder *f, const seen *coarse, const seen *fine);

/* Drops what no image can hold, and of more lines than a page has those of the least scores. */
bool bitocr_looks_limit(finder *f, const bitocr_image *image);

#endif
