/* Connected components of ink, and the height of letters. */
#ifndef BITOCR_IMAGE_CLEAN_BLOBS_H
#define BITOCR_IMAGE_CLEAN_BLOBS_H

#include "image/clean/steps.h"

/* A box around connected ink, from the first row and column to before the last. */
typedef struct {
    int left, top, right, bottom;
} blob;

/* The 8-connected blobs in rows `first` to `last` - 1 of ink [..][width]; returns how many are in
 * scratch->blobs, or -1: out of memory. */
int bitocr_blobs_find(clean_scratch *scratch, const uint8_t *ink, int width, int first, int last);

/* Rows that are looked at together, so that memory is bounded. */
int bitocr_blobs_rows(int width);

/* The median height of blobs that may be letters, in pixels; a default if there are none; -1: out
 * of memory. */
int bitocr_blobs_letter_height(clean_scratch *scratch, const uint8_t *ink, int width, int height);

#endif
