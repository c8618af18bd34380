/* Up-sampling by repetition: adds a coarse map to a finer one. */
#ifndef BITOCR_NET_UPSAMPLE_H
#define BITOCR_NET_UPSAMPLE_H

#include "net/map.h"

/* Adds values of `coarse` to row y of `fine`: pixel (y, x) gets that of (y / factor, x / factor).
 * Both maps have the same channels, and `coarse` is at least as large as `fine` over `factor`,
 * rounded up. */
void bitocr_upsample_add_row(const map *coarse, int factor, const map *fine, int y);

#endif
