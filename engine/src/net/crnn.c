#include "net/crnn.h"

#include <string.h>

#include "base/error.h"
#include "base/platform.h"

enum { WIDTH_UNIT = 4 }; /* of lines, at least */

static int larger(int a, int b) {
    return a > b ? a : b;
}

static bitocr_status read(const bitocr_model_file *model, const json_node *config, network *base,
                          bitocr_error *error) {
    crnn *net = (crnn *)base;
    bitocr_status status = bitocr_crnn_read(model, config, &net->config, error);
    base->info.channels = net->config.classes;
    base->info.height = net->config.height;
    base->info.width_unit = larger(WIDTH_UNIT, net->config.backbone.stride_w);
    base->info.stages = net->config.backbone.count + 3;
    base->info.features = net->config.backbone.channels;
    return status;
}

static void build(network_builder *b, network *base) {
    crnn *net = (crnn *)base;
    const crnn_config *config = &net->config;
    int features = config->backbone.channels, inputs = crnn_neck_outputs(config);
    bitocr_backbone_build(b, &config->backbone, &net->backbone);
    if (config->hidden) {
        net->directions[0] = bitocr_lstm_build(b, "lstm.forward", features, config->hidden);
        net->directions[1] = bitocr_lstm_build(b, "lstm.backward", features, config->hidden);
    }
    if (config->bottleneck)
        net->bottleneck = bitocr_linear_build(b, "bottleneck", inputs, config->bottleneck, false);
    net->head = bitocr_linear_build(b, "head", crnn_head_inputs(config), config->classes, true);
}

static map_size size(const network *base, int height, int width) {
    const crnn *net = (const crnn *)base;
    map_size last = bitocr_backbone_size(&net->backbone, net->backbone.count, height, width);
    return (map_size){1, last.width, net->config.classes};
}

/* The parts of a workspace. */
typedef struct {
    backbone_space backbone;
    float *features; /* [steps][channels] */
    float *neck;     /* [steps][2 * hidden] */
    float *narrow;   /* [steps][bottleneck] */
    lstm_scratch lstm;
    linear_scratch linear;
} parts;

/* Where everything lies in the arena. */
static parts lay_out(arena *a, const crnn *net, const network_pass *pass) {
    const crnn_config *config = &net->config;
    parts p = {0};
    int workers = bitocr_pool_threads(pass->threads);
    p.backbone =
        bitocr_backbone_take(a, &net->backbone, pass->image.height, pass->image.width, workers);
    int steps = p.backbone.maps[net->backbone.count].size.width;
    uint64_t floats = (uint64_t)steps * sizeof(float);
    p.features = bitocr_arena_take(a, floats * (uint64_t)config->backbone.channels);
    p.neck = bitocr_arena_take(a, floats * 2 * (uint64_t)config->hidden);
    p.narrow = bitocr_arena_take(a, floats * (uint64_t)config->bottleneck);
    if (config->hidden)
        p.lstm = bitocr_lstm_scratch(a, &net->directions[0], steps);
    p.linear = bitocr_linear_scratch(a, crnn_neck_outputs(config),
                                     larger(config->classes, config->bottleneck));
    return p;
}

static bitocr_status prepare(const crnn *net, const network_pass *pass, parts *out,
                             bitocr_error *error) {
    arena a = {0};
    lay_out(&a, net, pass);
    if (!bitocr_workspace_reserve(pass->space, a.bytes, &a))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    *out = lay_out(&a, net, pass);
    return BITOCR_OK;
}

/* The backbone and the mean over its height; returns the steps. */
static int run_backbone(const crnn *net, const network_pass *pass, const parts *p) {
    const backbone_observer observer = {.seconds = pass->seconds};
    bitocr_backbone_run(&net->backbone, &pass->image, &p->backbone, pass->threads,
                        pass->seconds ? &observer : NULL);
    const map *last = &p->backbone.maps[net->backbone.count];
    size_t n = (size_t)last->size.width * (size_t)last->size.channels;
    net->base.kernel->mean(last->values, last->size.height, n, p->features);
    if (pass->features)
        memcpy(pass->features, p->features, n * sizeof *p->features);
    return last->size.width;
}

static void run_head(const crnn *net, const parts *p, const float *x, int steps, float *logprobs) {
    const kernel_table *kernel = net->base.kernel;
    if (net->config.bottleneck) {
        bitocr_linear_run(kernel, &net->bottleneck, x, steps, &p->linear, p->narrow);
        x = p->narrow;
    }
    bitocr_linear_log_softmax(kernel, &net->head, x, steps, &p->linear, logprobs);
}

/* Adds the time since *last to a stage, where times are wanted. */
static void lap(const network_pass *pass, int stage, double *last) {
    if (!pass->seconds)
        return;
    double now = bitocr_platform_seconds();
    pass->seconds[stage] += now - *last;
    *last = now;
}

static bitocr_status run(const network *base, const network_pass *pass, bitocr_error *error) {
    const crnn *net = (const crnn *)base;
    parts p;
    bitocr_status status = prepare(net, pass, &p, error);
    if (status != BITOCR_OK)
        return status;
    if (pass->seconds)
        memset(pass->seconds, 0, (size_t)base->info.stages * sizeof *pass->seconds);
    int steps = run_backbone(net, pass, &p);
    double last = pass->seconds ? bitocr_platform_seconds() : 0;
    const float *x = p.features;
    if (net->config.hidden) {
        bitocr_lstm_run_both(base->kernel, net->directions, p.features, steps, &p.lstm, p.neck,
                             2 * (size_t)net->config.hidden);
        x = p.neck;
    }
    lap(pass, base->info.stages - 2, &last);
    run_head(net, &p, x, steps, pass->out);
    lap(pass, base->info.stages - 1, &last);
    return BITOCR_OK;
}

const architecture bitocr_crnn = {
    .name = "bit_crnn",
    .output = NETWORK_LOGPROBS,
    .bytes = sizeof(crnn),
    .read = read,
    .build = build,
    .size = size,
    .run = run,
};
