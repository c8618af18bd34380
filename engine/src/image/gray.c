#include "image/gray.h"
#include "base/error.h"

#include <string.h>

enum {
    WHITE = 255,
    BLACK = 0,
    FAR_MORE = 16 /* times the variance: of black text on a white label with a transparent margin it
                   * is more on black, too, but never by so much */
};

bitocr_status bitocr_image_check_pixels(const bitocr_image *image, bitocr_error *error) {
    if (!image)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "there is no image");
    bitocr_status status = bitocr_check_size("bitocr_image", image->size, sizeof *image, error);
    if (status != BITOCR_OK)
        return status;
    if (!image->pixels)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE, "the image has no pixels");
    int w = image->width, h = image->height, channels = image->channels;
    if (w < 1 || h < 1)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE, "the image is empty (%d x %d pixels)", w, h);
    if (w > BITOCR_MAX_SIDE || h > BITOCR_MAX_SIDE)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE,
                           "the image is too large (%d x %d pixels; at most %d a side)", w, h,
                           BITOCR_MAX_SIDE);
    if (channels != 1 && channels != 3 && channels != 4)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE,
                           "an image has 1, 3 or 4 channels, this one has %d", channels);
    if (image->stride < (ptrdiff_t)w * channels)
        return bitocr_fail(error, BITOCR_ERROR_IMAGE, "the stride is shorter than a row of pixels");
    if (h > 1 && image->stride > (PTRDIFF_MAX - (ptrdiff_t)w * channels) / (h - 1))
        return bitocr_fail(error, BITOCR_ERROR_IMAGE,
                           "with this stride the image does not fit into memory");
    return BITOCR_OK;
}

static int luma(int r, int g, int b) {
    return (77 * r + 150 * g + 29 * b + 128) >> 8;
}

/* A channel of alpha a over the ground: (c * a + ground * (255 - a)) / 255, rounded. */
static int shown(int c, int a, int ground) {
    int t = c * a + ground * (255 - a) + 128;
    return (t + (t >> 8)) >> 8;
}

typedef struct {
    uint64_t sum, squares;
} moments;

static void add_level(moments *m, int level) {
    m->sum += (uint64_t)level;
    m->squares += (uint64_t)(level * level);
}

static double variance(const moments *m, double n) {
    double mean = (double)m->sum / n;
    return (double)m->squares / n - mean * mean;
}

static int is_opaque(const bitocr_image *image) {
    uint8_t common = 255;
    for (int y = 0; y < image->height; y++)
        for (ptrdiff_t x = 0; x < image->width; x++)
            common &= image->pixels[y * image->stride + 4 * x + 3];
    return common == 255;
}

int bitocr_image_ground(const bitocr_image *image) {
    moments white = {0, 0}, black = {0, 0};
    if (image->channels != 4 || is_opaque(image))
        return WHITE;
    for (int y = 0; y < image->height; y++) {
        const uint8_t *in = image->pixels + y * image->stride;
        for (int x = 0; x < image->width; x++, in += 4) {
            int level = luma(in[0], in[1], in[2]);
            add_level(&white, shown(level, in[3], WHITE));
            add_level(&black, shown(level, in[3], BLACK));
        }
    }
    double n = (double)image->width * image->height;
    return variance(&black, n) > FAR_MORE * variance(&white, n) ? BLACK : WHITE;
}

void bitocr_gray_row(const uint8_t *in, int width, int channels, int ground, uint8_t *out) {
    if (channels == 1)
        memcpy(out, in, (size_t)width);
    else if (channels == 3)
        for (int x = 0; x < width; x++, in += 3)
            out[x] = (uint8_t)luma(in[0], in[1], in[2]);
    else
        for (int x = 0; x < width; x++, in += 4)
            out[x] = (uint8_t)luma(shown(in[0], in[3], ground), shown(in[1], in[3], ground),
                                   shown(in[2], in[3], ground));
}

bitocr_status bitocr_gray(const bitocr_image *image, uint8_t *out, bitocr_error *error) {
    bitocr_status status = bitocr_image_check_pixels(image, error);
    if (status != BITOCR_OK)
        return status;
    size_t width = (size_t)image->width;
    int ground = bitocr_image_ground(image);
    for (int y = 0; y < image->height; y++)
        bitocr_gray_row(image->pixels + y * image->stride, image->width, image->channels, ground,
                        out + (size_t)y * width);
    return BITOCR_OK;
}

void bitocr_channel_row(const uint8_t *in, int width, int channels, int channel, int ground,
                        uint8_t *out) {
    for (int x = 0; x < width; x++, in += channels)
        out[x] = channels == 4 ? (uint8_t)shown(in[channel], in[3], ground) : in[channel];
}
