/* The backbone of the architectures: a stem and a chain of binary blocks, for images of any height
 * and width.
 *
 * Keys of "network" in a model's header:
 *   "stem"     channels after the stem
 *   "blocks"   [{"in": c, "out": up to 2c, "stride": [height, width]}, ...], 1 to 64 of them;
 *              strides are 1 or 2; "in" is the "out" of the block before (of the stem)
 * Channels are multiples of 32 up to 1024. Strides, the stem's 2 x 2 among them, multiply to 64 at
 * most. Tensors: those of net/stem.h, and those of net/block.h for `blocks.N`, N counted from 0. */
#ifndef BITOCR_NET_BACKBONE_H
#define BITOCR_NET_BACKBONE_H

#include "base/pool.h"
#include "net/block.h"
#include "net/stem.h"

enum { BITOCR_MAX_BLOCKS = 64 };

typedef struct {
    int stem;
    int count;
    block_config blocks[BITOCR_MAX_BLOCKS];
    int channels;           /* after the last block */
    int stride_h, stride_w; /* of all together */
} backbone_config;

typedef struct {
    const kernel_table *kernel;
    stem_layer stem;
    int count;
    block_layer blocks[BITOCR_MAX_BLOCKS];
} backbone;

bitocr_status bitocr_backbone_read(const json_document *json, const json_node *network,
                                   backbone_config *config, bitocr_error *error);

void bitocr_backbone_build(network_builder *b, const backbone_config *config, backbone *out);

/* The size of an image after `layer`: 0 is the stem, N the block N - 1. */
map_size bitocr_backbone_size(const backbone *net, int layer, int height, int width);

/* Memory of one thread while it computes rows. */
typedef struct {
    int16_t *stem;
    block_scratch block;
} backbone_scratch;

typedef struct {
    map maps[BITOCR_MAX_BLOCKS + 1]; /* the last one is whole */
    int workers;
    backbone_scratch *scratch; /* [workers] */
} backbone_space;

/* Memory to run with `workers` threads; maps only have room where the arena has a base. */
backbone_space bitocr_backbone_take(arena *a, const backbone *net, int height, int width,
                                    int workers);

/* Observers of a run of the backbone. All may be NULL. */
typedef struct {
    /* Gets every row of every layer, from the worker that has just computed it; rows of one layer
     * come in any order, and only the last layer's outlive the call. */
    void (*take_row)(void *context, int worker, int layer, int y, const float *row);
    void *context;
    double *seconds; /* [layers], added to: takes one worker */
} backbone_observer;

/* Threads of the pool, at most space->workers, share the rows; NULL: the caller alone. Any number
 * of threads gives the same bits. The last map is in space->maps[net->count]. */
void bitocr_backbone_run(const backbone *net, const gray_map *image, const backbone_space *space,
                         pool *threads, const backbone_observer *observer);

#endif
