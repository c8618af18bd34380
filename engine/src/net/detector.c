#include "net/detector.h"

#include <string.h>

#include "base/error.h"
#include "net/upsample.h"

enum { FACTOR = 2, PIXELS = 4, HEAD = PIXELS * DETECTOR_MAPS };

static const char *const LATERALS[TAPS] = {"lateral4", "lateral8", "lateral16", "lateral32"};

static bitocr_status read(const bitocr_model_file *model, const json_node *config, network *base,
                          bitocr_error *error) {
    base->info.channels = DETECTOR_MAPS;
    base->info.width_unit = DETECTOR_UNIT;
    return bitocr_detector_read_config(model, config, (detector_network *)base, error);
}

/* Channels of what a lateral layer takes in. */
static int tap_channels(const detector_network *net, int tap) {
    int layer = net->taps[tap];
    int channels = layer ? net->config.blocks[layer - 1].out : net->config.stem;
    return tap == TAP4 ? PIXELS * channels : channels;
}

static void build(network_builder *b, network *base) {
    detector_network *net = (detector_network *)base;
    const block_config merge = {net->neck, net->neck, 1, 1};
    bitocr_backbone_build(b, &net->config, &net->backbone);
    for (int i = 0; i < TAPS; i++)
        net->laterals[i] =
            bitocr_linear_build(b, LATERALS[i], tap_channels(net, i), net->neck, true);
    net->merge16 = bitocr_block_build(b, "merge16", &merge);
    net->merge8 = bitocr_block_build(b, "merge8", &merge);
    net->head = bitocr_linear_build(b, "head", net->neck, HEAD, true);
}

static map_size size(const network *base, int height, int width) {
    (void)base;
    return (map_size){height / DETECTOR_STRIDE, width / DETECTOR_STRIDE, DETECTOR_MAPS};
}

/* Memory of one thread. */
typedef struct {
    linear_scratch linear;
    block_scratch block;
    float *row;  /* of z8 */
    float *head; /* of z8's head */
} row_scratch;

/* One run. Maps are called as in detector.h. */
typedef struct {
    const detector_network *net;
    const network_pass *pass;
    backbone_space backbone;
    row_scratch *scratch; /* [workers] */
    map u, y8, y16, y32, z16;
} detector_run;

static row_scratch take_scratch(arena *a, const detector_network *net, int width) {
    int inputs = net->neck;
    for (int i = 0; i < TAPS; i++)
        if (tap_channels(net, i) > inputs)
            inputs = tap_channels(net, i);
    uint64_t pixels = (uint64_t)width / (FACTOR * DETECTOR_STRIDE);
    row_scratch s = {
        .linear = bitocr_linear_scratch(a, inputs, net->neck > HEAD ? net->neck : HEAD),
        .block = bitocr_block_scratch(a, net->base.kernel, net->neck),
    };
    s.row = bitocr_arena_take(a, pixels * (uint64_t)net->neck * sizeof *s.row);
    s.head = bitocr_arena_take(a, pixels * HEAD * sizeof *s.head);
    return s;
}

/* A whole map of a stride. */
static map take_map(arena *a, const detector_network *net, const gray_map *image, int stride,
                    int channels, bool has_signs) {
    map_size size = {image->height / stride, image->width / stride, channels};
    return bitocr_map_take(a, net->base.kernel, size, size.height, has_signs);
}

static detector_run lay_out(arena *a, const detector_network *net, const network_pass *pass) {
    const gray_map *image = &pass->image;
    int workers = bitocr_pool_threads(pass->threads);
    detector_run run = {.net = net, .pass = pass};
    run.backbone = bitocr_backbone_take(a, &net->backbone, image->height, image->width, workers);
    run.u = take_map(a, net, image, 8, tap_channels(net, TAP4), false);
    run.y8 = take_map(a, net, image, 8, net->neck, true);
    run.y16 = take_map(a, net, image, 16, net->neck, true);
    run.y32 = take_map(a, net, image, 32, net->neck, false);
    run.z16 = take_map(a, net, image, 16, net->neck, false);
    run.scratch = bitocr_arena_take(a, (uint64_t)workers * sizeof *run.scratch);
    for (int i = 0; i < workers; i++) {
        row_scratch scratch = take_scratch(a, net, image->width);
        if (run.scratch)
            run.scratch[i] = scratch;
    }
    return run;
}

static void run_linear(const detector_run *run, int worker, const linear_layer *layer,
                       const float *row, int pixels, float *out) {
    bitocr_linear_run(run->net->base.kernel, layer, row, pixels, &run->scratch[worker].linear, out);
}

/* Row y of T4 into U. */
static void unshuffle(const detector_run *run, int y, const float *row) {
    size_t pair = (size_t)run->u.size.channels / 2;
    float *out = map_row(&run->u, y / FACTOR) + (size_t)(y % FACTOR) * pair;
    for (int x = 0; x < run->u.size.width; x++, row += pair, out += 2 * pair)
        memcpy(out, row, pair * sizeof *out);
}

static void take_row(void *context, int worker, int layer, int y, const float *row) {
    const detector_run *run = context;
    const map *maps[TAPS] = {NULL, &run->y8, &run->y16, &run->y32};
    if (layer == run->net->taps[TAP4])
        unshuffle(run, y, row);
    for (int i = TAP8; i < TAPS; i++)
        if (layer == run->net->taps[i])
            run_linear(run, worker, &run->net->laterals[i], row, maps[i]->size.width,
                       map_row(maps[i], y));
}

/* The signs of a finished row, for the block behind it. */
static void sign_row(const detector_run *run, const map *m, const block_layer *block, int y) {
    run->net->base.kernel->sign(map_row(m, y), block->beta1, m->size.width, m->size.channels,
                                map_signs(m, y));
}

static void finish_y16(const detector_run *run, int worker, int y) {
    (void)worker;
    bitocr_upsample_add_row(&run->y32, FACTOR, &run->y16, y);
    sign_row(run, &run->y16, &run->net->merge16, y);
}

static void compute_z16(const detector_run *run, int worker, int y) {
    bitocr_block_row(run->net->base.kernel, &run->net->merge16, &run->y16, &run->z16, y, NULL,
                     &run->scratch[worker].block);
}

static void finish_y8(const detector_run *run, int worker, int y) {
    size_t count = (size_t)run->y8.size.width * (size_t)run->y8.size.channels;
    float *row = map_row(&run->y8, y), *fine = run->scratch[worker].row;
    run_linear(run, worker, &run->net->laterals[TAP4], map_row(&run->u, y), run->u.size.width,
               fine);
    for (size_t i = 0; i < count; i++)
        row[i] += fine[i];
    bitocr_upsample_add_row(&run->z16, FACTOR, &run->y8, y);
    sign_row(run, &run->y8, &run->net->merge8, y);
}

/* Row y of the head as two rows of the maps. */
static void shuffle(const detector_run *run, const float *head, int y) {
    size_t width = (size_t)run->y8.size.width, row = FACTOR * width * DETECTOR_MAPS;
    float *out = run->pass->out + FACTOR * (size_t)y * row;
    for (size_t x = 0; x < width; x++, head += HEAD)
        for (size_t m = 0; m < DETECTOR_MAPS; m++)
            for (size_t p = 0; p < PIXELS; p++)
                out[p / FACTOR * row + (FACTOR * x + p % FACTOR) * DETECTOR_MAPS + m] =
                    head[m * PIXELS + p];
}

static void compute_maps(const detector_run *run, int worker, int y) {
    const row_scratch *scratch = &run->scratch[worker];
    map_size size = run->y8.size;
    const map z8 = {.size = size, .mask = 0, .values = scratch->row}; /* one row */
    bitocr_block_row(run->net->base.kernel, &run->net->merge8, &run->y8, &z8, y, NULL,
                     &scratch->block);
    run_linear(run, worker, &run->net->head, scratch->row, size.width, scratch->head);
    shuffle(run, scratch->head, y);
}

/* Rows of one map, which threads share. */
typedef struct {
    const detector_run *run;
    void (*row)(const detector_run *run, int worker, int y);
    int count, taken;
} rows;

static int next_row(void *context) {
    const rows *r = context;
    return r->taken < r->count ? r->taken : POOL_END;
}

static void begin_row(void *context, int y) {
    ((rows *)context)->taken = y + 1;
}

static void work_row(void *context, int worker, int y) {
    const rows *r = context;
    r->row(r->run, worker, y);
}

static void end_row(void *context, int y) {
    (void)context;
    (void)y;
}

static void each_row(const detector_run *run, int count,
                     void (*row)(const detector_run *run, int worker, int y)) {
    static const pool_steps steps = {next_row, begin_row, work_row, end_row};
    rows r = {run, row, count, 0};
    bitocr_pool_run_steps(run->pass->threads, &steps, &r);
}

static bitocr_status run(const network *base, const network_pass *pass, bitocr_error *error) {
    const detector_network *net = (const detector_network *)base;
    if (pass->image.height % DETECTOR_UNIT || pass->image.width % DETECTOR_UNIT)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "sides are not multiples of %d",
                           (int)DETECTOR_UNIT);
    arena a = {0};
    lay_out(&a, net, pass);
    if (!bitocr_workspace_reserve(pass->space, a.bytes, &a))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    detector_run run = lay_out(&a, net, pass);
    const backbone_observer observer = {.take_row = take_row, .context = &run};
    bitocr_backbone_run(&net->backbone, &pass->image, &run.backbone, pass->threads, &observer);
    bitocr_map_pad(&run.y16);
    bitocr_map_pad(&run.y8);
    each_row(&run, run.y16.size.height, finish_y16);
    each_row(&run, run.y16.size.height, compute_z16);
    each_row(&run, run.y8.size.height, finish_y8);
    each_row(&run, run.y8.size.height, compute_maps);
    return BITOCR_OK;
}

const architecture bitocr_detector_network = {
    .name = "bit_det",
    .output = NETWORK_MAP,
    .bytes = sizeof(detector_network),
    .read = read,
    .build = build,
    .size = size,
    .run = run,
};
