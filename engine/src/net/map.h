/* Maps of any height and width, which layers read and write. */
#ifndef BITOCR_NET_MAP_H
#define BITOCR_NET_MAP_H

#include "kernels/kernels.h"
#include "net/space.h"

#define MAP_WHOLE 0xffffu /* no map has more rows */

typedef struct {
    int height, width, channels;
} map_size;

/* float32 [height][width][channels], and its signs with one pixel of +1 around them, packed as the
 * kernel does.
 *
 * Only the last few rows of the floats may be kept, 2, 4, 8 ...: row y takes the place of row
 * y - rows. Signs, a 32nd of the floats, are always complete. */
typedef struct {
    map_size size;
    unsigned mask; /* rows kept - 1, or MAP_WHOLE */
    float *values;
    uint8_t *signs;                /* NULL: none are wanted */
    size_t pixel_bytes, row_bytes; /* of signs */
} map;

/* A gray image as networks take it: int8 [height][width], in which 32 stands for 1. */
typedef struct {
    const int8_t *pixels;
    int height, width;
} gray_map;

static inline float *map_row(const map *m, int y) {
    return m->values + ((unsigned)y & m->mask) * (size_t)m->size.width * (size_t)m->size.channels;
}

/* The signs of a row's first pixel; row -1 and the pixel before the first are the padding. */
static inline uint8_t *map_signs(const map *m, int y) {
    return m->signs + (size_t)(y + 1) * m->row_bytes + m->pixel_bytes;
}

/* A size divided by a stride of 1 or 2, rounded up. */
static inline int map_strided(int size, int stride) {
    return (size + stride - 1) >> (stride - 1);
}

/* A map that keeps at least `rows` rows, or all; its memory comes from the arena. */
map bitocr_map_take(arena *a, const kernel_table *kernel, map_size size, int rows, bool has_signs);

/* A complete map of floats that are stored elsewhere. */
map bitocr_map_of(float *values, map_size size);

/* Makes the padding +1: the signs themselves need no clearing. */
void bitocr_map_pad(const map *m);

#endif
