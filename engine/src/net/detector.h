/* The architecture "bit_det", which finds text. It gives the values of three maps for each cell of
 * 4 x 4 pixels.
 *
 *   y16 = lateral16(T16) + up2(lateral32(T32))            z16 = merge16(y16)
 *   y8  = (lateral8(T8) + lateral4(U)) + up2(z16)         z8  = merge8(y8)
 *   maps = shuffle(head(z8))
 *
 * T4 to T32 are the backbone's last maps of those strides. A pixel (y, x) of U, at stride 8, holds
 * the pixels (2y, 2x), (2y, 2x + 1), (2y + 1, 2x), (2y + 1, 2x + 1) of T4, in this order. shuffle
 * takes map m at (2y + i, 2x + j) from channel 4m + 2i + j at (y, x).
 *
 * Keys of "network" in a model's header, beside those of net/backbone.h, whose blocks have four
 * strides of [2, 2] and else [1, 1]:
 *   "neck"   channels of y16 to z8, a multiple of 32 up to 256
 *   "maps"   ["kernel", "height", "gap"]: page/components.h
 * Images have heights and widths that are multiples of 32.
 *
 * Tensors, beside the backbone's: `lateral4` to `lateral32` and `head` of net/linear.h, with
 * biases; `merge16` and `merge8` of net/block.h. */
#ifndef BITOCR_NET_DETECTOR_H
#define BITOCR_NET_DETECTOR_H

#include "net/arch.h"
#include "net/backbone.h"
#include "net/linear.h"

enum {
    DETECTOR_UNIT = 32,  /* of heights and widths */
    DETECTOR_STRIDE = 4, /* of the maps */
    DETECTOR_MAPS = 3
};

extern const architecture bitocr_detector_network;

/* The strides of the backbone's maps that are merged. */
enum { TAP4, TAP8, TAP16, TAP32, TAPS };

typedef struct {
    network base;
    backbone_config config;
    int neck;
    int taps[TAPS]; /* layers of the backbone */
    backbone backbone;
    linear_layer laterals[TAPS];
    block_layer merge16, merge8;
    linear_layer head;
} detector_network;

/* Reads and checks all of a detector's config. */
bitocr_status bitocr_detector_read_config(const bitocr_model_file *model, const json_node *config,
                                          detector_network *net, bitocr_error *error);

#endif
