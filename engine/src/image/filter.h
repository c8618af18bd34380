/* The triangle filter that resizes a row of samples, in integers. */
#ifndef BITOCR_IMAGE_FILTER_H
#define BITOCR_IMAGE_FILTER_H

#include <stdint.h>

enum { FILTER_ONE = 1 << 14 }; /* the sum of a filter's weights */

/* One filter for each output sample o: the weights [o * most ...] of the count[o] input samples
 * from first[o] on, which never falls from one output to the next. */
typedef struct {
    int32_t *first;
    int32_t *count;
    int16_t *weights;
    int most;
} filters;

/* No filter from `in` to `out` samples has more weights than this. */
int bitocr_filter_most(int in, int out);

/* Fills the arrays, [out] and [out * most], of filters from `in` to `out` samples. */
void bitocr_filter_make(const filters *f, int in, int out);

#endif
