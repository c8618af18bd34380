/* libFuzzer: an image of any size, stride and channels to the input of a network of any height. The
 * pixels are a buffer of exactly the bytes that such an image has, so that a read beyond it is
 * seen. */
#include "image/prepare.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 9, MAX_BYTES = 1 << 20 };

static int u16(const uint8_t *data) {
    return data[0] | data[1] << 8;
}

/* Fills the pixels with the fuzzer's bytes, over and over. */
static uint8_t *make_pixels(size_t bytes, const uint8_t *data, size_t size) {
    uint8_t *pixels = malloc(bytes ? bytes : 1);
    for (size_t at = 0; pixels && at < bytes; at += size) {
        size_t part = bytes - at < size ? bytes - at : size;
        memcpy(pixels + at, data, part);
    }
    return pixels;
}

static bitocr_status prepare(const bitocr_image *image, int out_height, int out_width, int8_t *out,
                             bitocr_error *error) {
    buffer scratch = {0};
    if (out_height == BITOCR_HEIGHT)
        return bitocr_prepare(image, out_width, out, error);
    bitocr_status status = bitocr_image_prepare(&scratch, image, out_height, out_width, out, error);
    bitocr_buffer_free(&scratch);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size <= HEAD)
        return 0;
    int width = u16(data), height = u16(data + 2), channels = data[4] % 6;
    int out_height = data[8] & 2 ? 1 + data[8] : BITOCR_HEIGHT;
    int natural = bitocr_image_width(width, height, out_height);
    int out_width = data[8] & 1 ? (int16_t)u16(data + 5) : natural;
    ptrdiff_t stride = (ptrdiff_t)width * channels + (int8_t)data[7];
    size_t row = (size_t)width * (size_t)channels, bytes = 0;
    if (width && height && stride > 0)
        bytes = (size_t)(height - 1) * (size_t)stride + row;
    if (bytes > MAX_BYTES)
        return 0;
    uint8_t *pixels = make_pixels(bytes, data + HEAD, size - HEAD);
    int is_possible = out_width > 0 && out_width <= BITOCR_MAX_WIDTH;
    int8_t *out = malloc(is_possible ? (size_t)out_height * (size_t)out_width : 1);
    bitocr_image image = {sizeof image, pixels, width, height, stride, channels};
    bitocr_error error = {sizeof error, ""};
    if (pixels && out &&
        (prepare(&image, out_height, out_width, out, &error) == BITOCR_OK) != !error.message[0])
        abort();
    free(out);
    free(pixels);
    return 0;
}
