/* Up-sampling by repetition: what the finer map of two gets from the coarser one. */
#ifndef BITOCR_NET_UPSAMPLE_H
#define BITOCR_NET_UPSAMPLE_H

#include "net/map.h"

/* Adds to row y of `fine` the values of `coarse` that lie over it: pixel (y, x) gets that of
 * (y / factor, x / factor). Both maps have the same channels, and `coarse` at least the sizes of
 * `fine` over `factor`, rounded up. */
void bitocr_upsample_add_row(const map *coarse, int factor, const map *fine, int y);

#endif
