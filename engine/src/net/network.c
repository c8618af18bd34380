#include "net/network.h"

#include <string.h>

#include "base/error.h"
#include "net/space.h"
#include "base/platform.h"

static void place(map *m, const buffers *b, int index) {
    m->values = b->values[index];
    m->signs = b->signs[index];
    memset(m->signs, 0, bitocr_space_sign_bytes(m));
}

/* The signs of a row's first pixel; row -1 and the pixel before the first are the padding. */
static uint8_t *signs_at(const map *m, int row) {
    return m->signs + (size_t)(row + 1) * m->row_bytes + m->pixel_bytes;
}

static float *values_at(const map *m, int row) {
    return m->values + (size_t)row * (size_t)m->width * (size_t)m->channels;
}

static void run_stem(const network *net, const buffers *b, const int8_t *q, int width,
                     const map *out) {
    size_t line = (size_t)width + 2;
    memset(b->pixels, 0, line * sizeof *b->pixels);
    for (int y = 0; y < BITOCR_HEIGHT; y++) {
        int16_t *pixels = b->pixels + (size_t)(y + 1) * line;
        pixels[0] = pixels[line - 1] = 0;
        for (int x = 0; x < width; x++)
            pixels[x + 1] = q[(size_t)y * (size_t)width + (size_t)x];
    }
    for (int y = 0; y < out->height; y++) {
        const int16_t *top = b->pixels + (size_t)(2 * y) * line;
        const int16_t *const rows[3] = {top, top + line, top + 2 * line};
        net->kernel->stem(&net->stem, rows, out->width, values_at(out, y));
        net->kernel->sign(values_at(out, y), net->blocks[0].beta1, out->width, out->channels,
                          signs_at(out, y));
    }
}

/* The shortcut around a block's 3x3 convolution: the input row, or the mean of what the stride
 * covers. A last odd row stands for its missing neighbour too. */
static const float *shortcut_row(const network *net, const network_block *block, const map *in,
                                 int y, float *row) {
    if (block->stride_h == 1 && block->stride_w == 1)
        return values_at(in, y);
    int top = y * block->stride_h;
    const float *bottom = NULL;
    if (block->stride_h == 2)
        bottom = values_at(in, top + 1 < in->height ? top + 1 : top);
    net->kernel->pool(values_at(in, top), bottom, in->width, in->channels, block->stride_w, row);
    return row;
}

/* Both halves of a block for row `y` of its output, with the signs that the next block begins with.
 */
static void run_block_row(const network *net, const network_block *block, const buffers *b,
                          const map *in, const map *out, int y, const float *next_beta) {
    conv_row first = {
        .bits = in->signs + (size_t)(y * block->stride_h) * in->row_bytes,
        .row_bytes = in->row_bytes,
        .step_bytes = (size_t)block->stride_w * in->pixel_bytes,
        .pixels = out->width,
        .shortcut = shortcut_row(net, block, in, y, b->row),
        .shortcut_channels = in->channels,
        .out = b->row,
        .beta = block->beta2,
        .out_bits = b->row_signs,
    };
    net->kernel->conv(&block->conv1, &first);
    conv_row second = {
        .bits = b->row_signs,
        .step_bytes = in->pixel_bytes,
        .pixels = out->width,
        .shortcut = b->row,
        .shortcut_channels = in->channels,
        .out = values_at(out, y),
        .beta = next_beta,
        .out_bits = signs_at(out, y),
    };
    net->kernel->conv(&block->conv2, &second);
}

static void run_neck(const network *net, const buffers *b, int steps) {
    int hidden = net->config.hidden;
    bitocr_lstm_quantize(net->kernel, b->features, steps, net->config.features, b->quantized,
                         b->scales);
    for (int backward = 0; backward < 2; backward++)
        bitocr_lstm_run(net->kernel, &net->directions[backward], b->quantized, b->scales, steps,
                        backward, b->neck + backward * hidden, 2 * (size_t)hidden, b->lstm);
}

/* The sums of a matrix for time step t: those of HEAD_ROWS steps are made at once. */
static const int32_t *sums_at(const network *net, const matrix *m, const buffers *b, int t,
                              int steps) {
    int row = t % HEAD_ROWS, rows = steps - t < HEAD_ROWS ? steps - t : HEAD_ROWS;
    if (row == 0)
        net->kernel->multiply(m, b->quantized + (size_t)t * (size_t)m->inputs, rows, b->sums);
    return b->sums + (size_t)row * (size_t)m->outputs;
}

/* x [steps][inputs] -> b->narrow [steps][outputs]. */
static void run_bottleneck(const network *net, const buffers *b, const float *x, int steps) {
    const matrix *m = &net->bottleneck;
    bitocr_lstm_quantize(net->kernel, x, steps, m->inputs, b->quantized, b->scales);
    for (int t = 0; t < steps; t++) {
        const int32_t *sums = sums_at(net, m, b, t, steps);
        float *out = b->narrow + (size_t)t * (size_t)m->outputs;
        for (int i = 0; i < m->outputs; i++)
            out[i] = (float)sums[i] * (net->bottleneck_scale[i] * b->scales[t]);
    }
}

static void run_head(const network *net, const buffers *b, int steps, float *logprobs) {
    const matrix *head = &net->head;
    const float *x = net->config.hidden ? b->neck : b->features;
    if (net->config.bottleneck) {
        run_bottleneck(net, b, x, steps);
        x = b->narrow;
    }
    bitocr_lstm_quantize(net->kernel, x, steps, head->inputs, b->quantized, b->scales);
    for (int t = 0; t < steps; t++) {
        head_step step = {
            .classes = head->outputs,
            .sums = sums_at(net, head, b, t, steps),
            .scale = net->head_scale,
            .bias = net->head_bias,
            .step_scale = b->scales[t],
        };
        net->kernel->head(&step, logprobs + (size_t)t * (size_t)head->outputs);
    }
}

/* Adds the time since the last lap to the stage's seconds, where they are wanted. */
typedef struct {
    double *seconds;
    double last;
} stopwatch;

static void lap(stopwatch *watch) {
    if (!watch->seconds)
        return;
    double time = bitocr_platform_seconds();
    *watch->seconds++ = time - watch->last;
    watch->last = time;
}

/* The stem and the blocks; the means over the height go to b->features. Returns the steps. */
static int run_backbone(const network *net, const buffers *b, const int8_t *q, int width,
                        stopwatch *watch) {
    const bitocr_config *config = &net->config;
    map in = bitocr_space_stem_map(net, width);
    place(&in, b, 0);
    run_stem(net, b, q, width, &in);
    lap(watch);
    for (int i = 0; i < config->block_count; i++) {
        map out = bitocr_space_next_map(net, &in, &config->blocks[i]);
        place(&out, b, (i + 1) % 2);
        const float *next_beta = i + 1 < config->block_count ? net->blocks[i + 1].beta1 : NULL;
        for (int y = 0; y < out.height; y++)
            run_block_row(net, &net->blocks[i], b, &in, &out, y, next_beta);
        in = out;
        lap(watch);
    }
    net->kernel->mean(in.values, in.height, (size_t)in.width * (size_t)in.channels, b->features);
    return in.width;
}

bitocr_status bitocr_network_run_profiled(const network *net, workspace *space, const int8_t *q,
                                          int width, float *logprobs, float *features,
                                          double *seconds, bitocr_error *error) {
    if (width < BITOCR_MIN_WIDTH || width > BITOCR_MAX_WIDTH || width % 4)
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "a width of %d: it must be a multiple of 4 from %d to %d", width,
                           BITOCR_MIN_WIDTH, BITOCR_MAX_WIDTH);
    buffers b;
    if (!bitocr_space_prepare(space, net, width, &b))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    stopwatch watch = {.seconds = seconds, .last = seconds ? bitocr_platform_seconds() : 0};
    int steps = run_backbone(net, &b, q, width, &watch);
    if (features)
        memcpy(features, b.features,
               (size_t)steps * (size_t)net->config.features * sizeof *features);
    if (net->config.hidden)
        run_neck(net, &b, steps);
    lap(&watch);
    run_head(net, &b, steps, logprobs);
    lap(&watch);
    return BITOCR_OK;
}

bitocr_status bitocr_network_run(const network *net, workspace *space, const int8_t *q, int width,
                                 float *logprobs, bitocr_error *error) {
    return bitocr_network_run_profiled(net, space, q, width, logprobs, NULL, NULL, error);
}

int bitocr_network_classes(const network *net) {
    return net->config.classes;
}

int bitocr_network_features(const network *net) {
    return net->config.features;
}

int bitocr_network_stages(const network *net) {
    return net->config.block_count + 3;
}

int bitocr_network_steps(const network *net, int width) {
    int stride = net->config.width_stride;
    return (width + stride - 1) / stride;
}
