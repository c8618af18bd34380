#include "net/upsample.h"

void bitocr_upsample_add_row(const map *coarse, int factor, const map *fine, int y) {
    size_t channels = (size_t)fine->size.channels;
    const float *from = map_row(coarse, y / factor);
    float *restrict to = map_row(fine, y);
    for (int x = 0; x < fine->size.width; x++, to += channels) {
        const float *pixel = from + (size_t)(x / factor) * channels;
        for (size_t c = 0; c < channels; c++)
            to[c] += pixel[c];
    }
}
