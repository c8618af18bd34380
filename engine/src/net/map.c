#include "net/map.h"

#include <string.h>

map bitocr_map_take(arena *a, const kernel_table *kernel, map_size size, int rows, bool has_signs) {
    map m = {.size = size, .mask = 1};
    uint64_t row = (uint64_t)size.width * (uint64_t)size.channels, kept = (uint64_t)size.height;
    while (m.mask + 1 < (unsigned)rows)
        m.mask = 2 * m.mask + 1;
    if (m.mask + 1 < (unsigned)size.height)
        kept = m.mask + 1;
    else
        m.mask = MAP_WHOLE;
    m.values = bitocr_arena_take(a, kept * row * sizeof *m.values);
    if (!has_signs)
        return m;
    m.pixel_bytes = (size_t)(size.channels / kernel->channels_per_byte);
    m.row_bytes = (size_t)(size.width + 2) * m.pixel_bytes;
    m.signs = bitocr_arena_take(a, (uint64_t)(size.height + 2) * m.row_bytes);
    return m;
}

map bitocr_map_of(float *values, map_size size) {
    return (map){.size = size, .mask = MAP_WHOLE, .values = values};
}

void bitocr_map_pad(const map *m) {
    size_t row = m->row_bytes, pixel = m->pixel_bytes;
    memset(m->signs, 0, row);
    for (int y = 0; y < m->size.height; y++) {
        memset(map_signs(m, y) - pixel, 0, pixel);
        memset(map_signs(m, y) + row - 2 * pixel, 0, pixel);
    }
    memset(map_signs(m, m->size.height) - pixel, 0, row);
}
