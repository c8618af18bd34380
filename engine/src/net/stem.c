#include "net/stem.h"

#include <string.h>

stem_layer bitocr_stem_build(network_builder *b, int channels) {
    const void *weights =
        bitocr_builder_values(b, "stem", "weight", BITOCR_I8, (const int[4]){channels, 3, 3});
    void *packed = bitocr_builder_take(b, b->kernel->stem_bytes(channels));
    if (packed)
        b->kernel->pack_stem(weights, channels, packed);
    return (stem_layer){
        .channels = channels,
        .weights = packed,
        .scale = bitocr_builder_floats(b, "stem", "scale", channels),
        .bias = bitocr_builder_floats(b, "stem", "bias", channels),
    };
}

map_size bitocr_stem_size(const stem_layer *stem, int height, int width) {
    return (map_size){map_strided(height, 2), map_strided(width, 2), stem->channels};
}

/* What the kernel reads of a row of pixels. */
static size_t line_of(int width) {
    return 2 * (size_t)map_strided(width, 2) + 2;
}

uint64_t bitocr_stem_scratch_bytes(int width) {
    return 3 * (uint64_t)line_of(width) * sizeof(int16_t);
}

/* Row y of the image, which may be one beyond it, with zeros around it. */
static void widen_row(const gray_map *in, int y, int16_t *line) {
    size_t width = (size_t)in->width, length = line_of(in->width);
    if (y < 0 || y >= in->height) {
        memset(line, 0, length * sizeof *line);
        return;
    }
    const int8_t *pixels = in->pixels + (size_t)y * width;
    line[0] = 0;
    for (size_t x = 0; x < width; x++)
        line[x + 1] = pixels[x];
    for (size_t x = width + 1; x < length; x++)
        line[x] = 0;
}

void bitocr_stem_row(const kernel_table *kernel, const stem_layer *stem, const gray_map *in,
                     const map *out, int y, const float *beta, int16_t *scratch) {
    const int16_t *rows[3];
    for (int i = 0; i < 3; i++) {
        int16_t *line = scratch + (size_t)i * line_of(in->width);
        widen_row(in, 2 * y - 1 + i, line);
        rows[i] = line;
    }
    float *values = map_row(out, y);
    kernel->stem(stem, rows, out->size.width, values);
    if (beta)
        kernel->sign(values, beta, out->size.width, out->size.channels, map_signs(out, y));
}
