#include "image/arrange.h"
#include "base/error.h"
#include "image/gray.h"

enum { MOST_PIXELS = 1 << 24 };

void bitocr_arrange_free(arrange_scratch *scratch) {
    bitocr_buffer_free(&scratch->plane);
    bitocr_buffer_free(&scratch->out);
}

int bitocr_arrange_can(const bitocr_image *image) {
    return (int64_t)image->width * image->height <= MOST_PIXELS;
}

int bitocr_arrange_is_tall(const bitocr_image *image) {
    return 2 * image->height >= 3 * image->width;
}

/* Row y of the image becomes a row or a column of `out`. */
static void place_row(const uint8_t *row, const bitocr_image *image, int y, int angle,
                      uint8_t *out) {
    ptrdiff_t w = image->width, h = image->height;
    for (ptrdiff_t x = 0; x < w; x++)
        if (angle == 180)
            out[(h - 1 - y) * w + w - 1 - x] = row[x];
        else if (angle == 90)
            out[(w - 1 - x) * h + y] = row[x];
        else
            out[x * h + h - 1 - y] = row[x];
}

bitocr_status bitocr_arrange_turn(arrange_scratch *scratch, const bitocr_image *image, int angle,
                                  bitocr_image *out, bitocr_error *error) {
    size_t width = (size_t)image->width, height = (size_t)image->height;
    if (!bitocr_buffer_reserve(&scratch->plane, width, 1) ||
        !bitocr_buffer_reserve(&scratch->out, width * height, 1))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image",
                           image->width, image->height);
    int ground = bitocr_image_ground(image);
    for (int y = 0; y < image->height; y++) {
        bitocr_gray_row(image->pixels + y * image->stride, image->width, image->channels, ground,
                        scratch->plane.memory);
        place_row(scratch->plane.memory, image, y, angle, scratch->out.memory);
    }
    int is_half = angle == 180;
    *out = (bitocr_image){.size = sizeof *out,
                          .pixels = scratch->out.memory,
                          .width = is_half ? image->width : image->height,
                          .height = is_half ? image->height : image->width,
                          .channels = 1};
    out->stride = out->width;
    return BITOCR_OK;
}
