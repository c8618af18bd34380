#include "toy.h"

#include "base/error.h"
#include "model/header.h"
#include "net/backbone.h"
#include "net/linear.h"
#include "net/upsample.h"

enum { MAX_CHANNELS = 64, FINE = 1, COARSE = 2, FACTOR = 2 }; /* FINE and COARSE: layers */

typedef struct {
    network base;
    backbone_config config;
    backbone backbone;
    linear_layer fine, coarse;
} toy;

static bitocr_status read(const bitocr_model_file *model, const json_node *config, network *base,
                          bitocr_error *error) {
    const json_document *json = bitocr_model_json(model);
    backbone_config *backbone = &((toy *)base)->config;
    bitocr_status status = bitocr_backbone_read(json, config, backbone, error);
    if (status == BITOCR_OK &&
        (backbone->count != COARSE || backbone->blocks[FINE].stride_h != FACTOR ||
         backbone->blocks[FINE].stride_w != FACTOR))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "a toy_map has two blocks, and the second the stride [2, 2]");
    if (status == BITOCR_OK)
        status = bitocr_header_int(json, config, "channels", 1, MAX_CHANNELS, &base->info.channels,
                                   error);
    return status;
}

static void build(network_builder *b, network *base) {
    toy *net = (toy *)base;
    const block_config *blocks = net->config.blocks;
    bitocr_backbone_build(b, &net->config, &net->backbone);
    net->fine = bitocr_linear_build(b, "fine", blocks[0].out, base->info.channels, true);
    net->coarse = bitocr_linear_build(b, "coarse", blocks[1].out, base->info.channels, true);
}

static map_size size_of(const toy *net, int layer, int height, int width) {
    map_size size = bitocr_backbone_size(&net->backbone, layer, height, width);
    size.channels = net->base.info.channels;
    return size;
}

static map_size size(const network *base, int height, int width) {
    return size_of((const toy *)base, FINE, height, width);
}

/* One run. */
typedef struct {
    const toy *net;
    backbone_space backbone;
    linear_scratch *linear; /* [workers] */
    map fine, coarse;
} toy_run;

static toy_run lay_out(arena *a, const toy *net, const network_pass *pass) {
    int height = pass->image.height, width = pass->image.width;
    int workers = bitocr_pool_threads(pass->threads);
    toy_run run = {.net = net};
    run.backbone = bitocr_backbone_take(a, &net->backbone, height, width, workers);
    run.fine = bitocr_map_of(pass->out, size_of(net, FINE, height, width));
    map_size coarse = size_of(net, COARSE, height, width);
    run.coarse = bitocr_map_take(a, net->base.kernel, coarse, coarse.height, false);
    run.linear = bitocr_arena_take(a, (uint64_t)workers * sizeof *run.linear);
    for (int i = 0; i < workers; i++) {
        linear_scratch scratch = bitocr_linear_scratch(a, net->coarse.weights.inputs, MAX_CHANNELS);
        if (scratch.sums)
            run.linear[i] = scratch;
    }
    return run;
}

/* Turns a row of the backbone into a row of one of the two maps. */
static void take_row(void *context, int worker, int layer, int y, const float *row) {
    const toy_run *run = context;
    if (layer != FINE && layer != COARSE)
        return;
    const linear_layer *linear = layer == FINE ? &run->net->fine : &run->net->coarse;
    const map *out = layer == FINE ? &run->fine : &run->coarse;
    bitocr_linear_run(run->net->base.kernel, linear, row, out->size.width, &run->linear[worker],
                      map_row(out, y));
}

static void add_row(void *context, int y) {
    const toy_run *run = context;
    bitocr_upsample_add_row(&run->coarse, FACTOR, &run->fine, y);
}

static bitocr_status run(const network *base, const network_pass *pass, bitocr_error *error) {
    const toy *net = (const toy *)base;
    arena a = {0};
    lay_out(&a, net, pass);
    if (!bitocr_workspace_reserve(pass->space, a.bytes, &a))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    toy_run run = lay_out(&a, net, pass);
    const backbone_observer observer = {.take_row = take_row, .context = &run};
    bitocr_backbone_run(&net->backbone, &pass->image, &run.backbone, pass->threads, &observer);
    bitocr_pool_run(pass->threads, add_row, &run, run.fine.size.height);
    return BITOCR_OK;
}

const architecture bitocr_toy = {
    .name = "toy_map",
    .output = NETWORK_MAP,
    .bytes = sizeof(toy),
    .read = read,
    .build = build,
    .size = size,
    .run = run,
};
