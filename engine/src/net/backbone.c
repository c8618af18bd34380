#include "net/backbone.h"

#include <stdio.h>

#include "base/platform.h"
#include "net/chain.h"

_Static_assert(CHAIN_MAX_LAYERS > (int)BITOCR_MAX_BLOCKS, "the stem and all blocks are a chain");
_Static_assert(CHAIN_MAX_ROWS > BITOCR_MAX_SIDE, "rows are numbered");

void bitocr_backbone_build(network_builder *b, const backbone_config *config, backbone *out) {
    out->kernel = b->kernel;
    out->stem = bitocr_stem_build(b, config->stem);
    out->count = config->count;
    for (int i = 0; i < config->count; i++) {
        char prefix[24];
        snprintf(prefix, sizeof prefix, "blocks.%d", i);
        out->blocks[i] = bitocr_block_build(b, prefix, &config->blocks[i]);
    }
}

map_size bitocr_backbone_size(const backbone *net, int layer, int height, int width) {
    map_size size = bitocr_stem_size(&net->stem, height, width);
    for (int i = 0; i < layer; i++)
        size = bitocr_block_size(&net->blocks[i], size);
    return size;
}

/* For the rows of any layer. */
static backbone_scratch take_scratch(arena *a, const backbone *net, int width) {
    int channels = 0;
    for (int i = 0; i < net->count; i++)
        if (net->blocks[i].conv1.cin > channels)
            channels = net->blocks[i].conv1.cin;
    return (backbone_scratch){
        .stem = bitocr_arena_take(a, bitocr_stem_scratch_bytes(width)),
        .block = bitocr_block_scratch(a, net->kernel, channels),
    };
}

backbone_space bitocr_backbone_take(arena *a, const backbone *net, int height, int width,
                                    int workers) {
    backbone_space space = {.workers = workers};
    map_size size = bitocr_stem_size(&net->stem, height, width);
    int room = workers + 1; /* one thread needs two rows, and each other may be one ahead */
    for (int i = 0; i <= net->count; i++) {
        if (i > 0)
            size = bitocr_block_size(&net->blocks[i - 1], size);
        int is_last = i == net->count;
        space.maps[i] =
            bitocr_map_take(a, net->kernel, size, is_last ? size.height : room, !is_last);
    }
    space.scratch = bitocr_arena_take(a, (uint64_t)workers * sizeof *space.scratch);
    for (int i = 0; i < workers; i++) {
        backbone_scratch scratch = take_scratch(a, net, width);
        if (space.scratch)
            space.scratch[i] = scratch;
    }
    return space;
}

/* One run. */
typedef struct {
    const backbone *net;
    const gray_map *image;
    const backbone_space *space;
    const backbone_observer *observer;
    double last; /* time at which the row before ended */
    chain chain;
} backbone_run;

static int next_row(void *context) {
    return bitocr_chain_next(&((const backbone_run *)context)->chain);
}

static void take_row(void *context, int piece) {
    bitocr_chain_take(&((backbone_run *)context)->chain, piece);
}

static void finish_row(void *context, int piece) {
    bitocr_chain_finish(&((backbone_run *)context)->chain, piece);
}

static void observe(backbone_run *run, int worker, int layer, int y) {
    const backbone_observer *observer = run->observer;
    if (observer->take_row)
        observer->take_row(observer->context, worker, layer, y,
                           map_row(&run->space->maps[layer], y));
    if (!observer->seconds)
        return;
    double now = bitocr_platform_seconds();
    observer->seconds[layer] += now - run->last;
    run->last = now;
}

static void compute_row(void *context, int worker, int piece) {
    backbone_run *run = context;
    const backbone *net = run->net;
    int layer = chain_layer_of(piece), y = chain_row_of(piece);
    const backbone_scratch *scratch = &run->space->scratch[worker];
    const map *out = &run->space->maps[layer];
    const float *beta = layer < net->count ? net->blocks[layer].beta1 : NULL;
    if (layer == 0)
        bitocr_stem_row(net->kernel, &net->stem, run->image, out, y, beta, scratch->stem);
    else
        bitocr_block_row(net->kernel, &net->blocks[layer - 1], out - 1, out, y, beta,
                         &scratch->block);
    if (run->observer)
        observe(run, worker, layer, y);
}

void bitocr_backbone_run(const backbone *net, const gray_map *image, const backbone_space *space,
                         pool *threads, const backbone_observer *observer) {
    static const pool_steps steps = {next_row, take_row, compute_row, finish_row};
    backbone_run run = {.net = net, .image = image, .space = space, .observer = observer};
    run.chain.count = net->count + 1;
    for (int i = 0; i <= net->count; i++) {
        const map *m = &space->maps[i];
        run.chain.layers[i] = (chain_layer){.rows = m->size.height, .room = (int)m->mask + 1};
        run.chain.layers[i].stride = i > 0 ? net->blocks[i - 1].stride_h : 1;
        if (m->signs)
            bitocr_map_pad(m);
    }
    run.last = observer && observer->seconds ? bitocr_platform_seconds() : 0;
    bitocr_pool_run_steps(threads, &steps, &run);
}
