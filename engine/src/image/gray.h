/* The pixels of an image: checks them, and converts them to gray. */
#ifndef BITOCR_IMAGE_GRAY_H
#define BITOCR_IMAGE_GRAY_H

#include "bitocr.h"

/* BITOCR_OK if the image has a valid kind and number of pixels, all within the reach of a pointer.
 */
bitocr_status bitocr_image_check_pixels(const bitocr_image *image, bitocr_error *error);

/* The gray level behind transparent pixels: white, or black if that shows far more, as with white
 * text. */
int bitocr_image_ground(const bitocr_image *image);

/* Converts pixels of 1, 3 or 4 channels to `width` bytes of gray; those of 4 on this ground. */
void bitocr_gray_row(const uint8_t *in, int width, int channels, int ground, uint8_t *out);

/* One of the channels of pixels of 3 or 4, over the ground too. */
void bitocr_channel_row(const uint8_t *in, int width, int channels, int channel, int ground,
                        uint8_t *out);

#endif
