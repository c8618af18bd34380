/* bitocr: reads text in images with 1-bit neural networks. This header is the engine's whole API.
 *
 * Said once, for every file of the engine: sign(0) = +1; bit 0 is +1 and bit 1 is -1, so that the
 * dot product of K signs is K - 2 * popcount(a xor b); binary convolutions are padded with +1.
 *
 * No function aborts or prints. Those that can fail return a status and, where `error` is not NULL,
 * write one line of text there. Nothing is global: every handle stands alone.
 */
#ifndef BITOCR_H
#define BITOCR_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && defined(BITOCR_BUILD)
#define BITOCR_API __declspec(dllexport)
#elif defined(__GNUC__)
#define BITOCR_API __attribute__((visibility("default")))
#else
#define BITOCR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    BITOCR_OK = 0,
    BITOCR_ERROR_USAGE = 1,  /* a wrong argument, an unknown kernel */
    BITOCR_ERROR_IMAGE = 2,  /* an image that cannot be read as a line */
    BITOCR_ERROR_MODEL = 3,  /* a model file that is missing, damaged or too new */
    BITOCR_ERROR_MEMORY = 4, /* out of memory */
} bitocr_status;

typedef struct {
    char message[256]; /* one line, UTF-8, without a line feed */
} bitocr_error;

/* ---- images ---- */

#define BITOCR_HEIGHT 32      /* of the network's input */
#define BITOCR_MIN_WIDTH 16   /* of the network's input; widths are multiples of 4 */
#define BITOCR_MAX_WIDTH 8192 /* 256 times the height */
#define BITOCR_MAX_SIDE 65535 /* of a source image */

/* Pixels of 8 bits a channel, rows from top to bottom, `stride` bytes from row to row. */
typedef struct {
    const uint8_t *pixels;
    int width;
    int height;
    ptrdiff_t stride; /* at least width * channels */
    int channels;     /* 1 gray, 3 RGB, 4 RGBA (shown on white) */
} bitocr_image;

/* The width that a line of this size has at height 32, its aspect kept: a multiple of 4, at least
 * BITOCR_MIN_WIDTH. It may exceed BITOCR_MAX_WIDTH, which bitocr_prepare refuses. 0: sizes < 1. */
BITOCR_API int bitocr_natural_width(int width, int height);

/* What turns pixels into a network's input: gray, resize, normalise. `out` gets [32][out_width];
 * the network takes out / 32 as a real number. Every platform gives the same bytes. */
BITOCR_API bitocr_status bitocr_prepare(const bitocr_image *image, int out_width, int8_t *out,
                                        bitocr_error *error);

#ifdef __cplusplus
}
#endif
#endif
