/* A network's arrays from a model file: weights packed for the kernel, floats widened to float32.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "network_parts.h"

enum { ALIGNMENT = 64 };

struct allocation {
    allocation *next;
};

/* What all steps of the building need; the first failure is kept and makes the later ones idle. */
typedef struct {
    const bitocr_model_file *model;
    network *net;
    bitocr_status status;
    bitocr_error *error;
} builder;

/* Aligned memory that the network owns; NULL after a failure. */
static void *take(builder *b, size_t bytes) {
    allocation *memory = b->status ? NULL : malloc(sizeof *memory + ALIGNMENT + bytes);
    if (!memory) {
        if (!b->status)
            b->status = bitocr_fail(b->error, BITOCR_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    memory->next = b->net->allocations;
    b->net->allocations = memory;
    uintptr_t start = (uintptr_t)(memory + 1);
    return (void *)((start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

/* The tensor `prefix``name` of `count` values; NULL after a failure. model_open has checked all
 * this already: that it is checked again here costs nothing and keeps memory safe by itself. */
static const bitocr_tensor *find(builder *b, const char *prefix, const char *name, size_t count) {
    char full[64];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const bitocr_tensor *tensor = model_tensor(b->model, full);
    size_t found = 1;
    for (int i = 0; tensor && i < tensor->ndim; i++)
        found *= (size_t)tensor->shape[i];
    if (b->status || (tensor && found == count))
        return b->status ? NULL : tensor;
    b->status = bitocr_fail(b->error, BITOCR_ERROR_MODEL, "the model's tensor %s is %s", full,
                            tensor ? "of the wrong size" : "missing");
    return NULL;
}

static const void *find_kind(builder *b, const char *prefix, const char *name, size_t count,
                             bitocr_dtype kind) {
    const bitocr_tensor *tensor = find(b, prefix, name, count);
    if (!tensor || tensor->kind == (int)kind)
        return tensor ? tensor->data : NULL;
    b->status = bitocr_fail(b->error, BITOCR_ERROR_MODEL,
                            "the model's tensor %s%s is of the wrong type", prefix, name);
    return NULL;
}

static float widen(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, magnitude = half & 0x7fffu, bits;
    float value;
    if (magnitude < 0x0400u) { /* zero and subnormals: steps of 2^-24 */
        value = (float)magnitude * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = sign | ((magnitude << 13) + ((magnitude < 0x7c00u ? 112u : 224u) << 23));
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A float tensor as float32 [count], each value times `factor`. */
static const float *scaled_floats(builder *b, const char *prefix, const char *name, int count,
                                  float factor) {
    const bitocr_tensor *tensor = find(b, prefix, name, (size_t)count);
    float *out = take(b, (size_t)count * sizeof *out);
    if (!tensor || !out)
        return NULL;
    if (tensor->kind != BITOCR_F16 && tensor->kind != BITOCR_F32) {
        b->status = bitocr_fail(b->error, BITOCR_ERROR_MODEL,
                                "the model's tensor %s%s holds no floats", prefix, name);
        return NULL;
    }
    for (int i = 0; i < count; i++)
        out[i] = (tensor->kind == BITOCR_F32 ? ((const float *)tensor->data)[i]
                                             : widen(((const uint16_t *)tensor->data)[i])) *
                 factor;
    return out;
}

static const float *floats(builder *b, const char *prefix, const char *name, int count) {
    return scaled_floats(b, prefix, name, count, 1.0f);
}

/* Two's complement of 4 bits, two in a byte, the first in the low bits. */
static void unpack_nibbles(const uint8_t *pairs, size_t count, int8_t *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = (int8_t)(((pairs[i / 2] >> (i % 2 * 4) & 15) ^ 8) - 8);
}

/* A matrix's weights as int8, which the caller frees where they are not the file's own. */
static const int8_t *find_weights(builder *b, const char *prefix, const char *name, size_t count,
                                  int8_t **unpacked) {
    const bitocr_tensor *tensor = find(b, prefix, name, count);
    *unpacked = NULL;
    if (!tensor || tensor->kind != BITOCR_I4)
        return tensor ? find_kind(b, prefix, name, count, BITOCR_I8) : NULL;
    *unpacked = malloc(count);
    if (*unpacked)
        unpack_nibbles(tensor->data, count, *unpacked);
    else
        b->status = bitocr_fail(b->error, BITOCR_ERROR_MEMORY, "out of memory");
    return *unpacked;
}

static matrix build_matrix(builder *b, const char *prefix, const char *name, int inputs,
                           int outputs) {
    const kernel_table *kernel = b->net->kernel;
    size_t count = (size_t)inputs * (size_t)outputs;
    int8_t *unpacked;
    const int8_t *weights = find_weights(b, prefix, name, count, &unpacked);
    void *packed = take(b, kernel->matrix_bytes(inputs, outputs));
    if (weights && packed)
        kernel->pack_matrix(weights, inputs, outputs, packed);
    free(unpacked);
    return (matrix){.inputs = inputs, .outputs = outputs, .weights = packed};
}

/* `digit` is that of the layer's tensors: conv1.weight, scale1 and so on. */
static conv_layer build_conv(builder *b, const char *prefix, char digit, int kernel, int cin,
                             int cout) {
    const kernel_table *table = b->net->kernel;
    char weight[] = "conv?.weight", scale[] = "scale?", bias[] = "bias?", slope[] = "slope?",
         shift[] = "shift?";
    weight[4] = scale[5] = bias[4] = slope[5] = shift[5] = digit;
    size_t count = (size_t)cout * (size_t)(kernel * kernel * cin);
    const void *bits = find_kind(b, prefix, weight, count, BITOCR_B1);
    void *packed = take(b, table->conv_bytes(kernel, cin, cout));
    if (bits && packed)
        table->pack_conv(bits, kernel, cin, cout, packed);
    return (conv_layer){
        .kernel = kernel,
        .cin = cin,
        .cout = cout,
        .weights = packed,
        .scale = floats(b, prefix, scale, cout),
        .bias = floats(b, prefix, bias, cout),
        .slope = floats(b, prefix, slope, cout),
        .shift = floats(b, prefix, shift, cout),
    };
}

static stem_layer build_stem(builder *b, int channels) {
    const kernel_table *kernel = b->net->kernel;
    const void *weights = find_kind(b, "stem.", "weight", (size_t)channels * 9, BITOCR_I8);
    void *packed = take(b, kernel->stem_bytes(channels));
    if (weights && packed)
        kernel->pack_stem(weights, channels, packed);
    return (stem_layer){
        .channels = channels,
        .weights = packed,
        .scale = floats(b, "stem.", "scale", channels),
        .bias = floats(b, "stem.", "bias", channels),
    };
}

static network_block build_block(builder *b, int index, const bitocr_block *config) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "blocks.%d.", index);
    return (network_block){
        .stride_h = config->stride_h,
        .stride_w = config->stride_w,
        .beta1 = floats(b, prefix, "beta1", config->in),
        .beta2 = floats(b, prefix, "beta2", config->in),
        .conv1 = build_conv(b, prefix, '1', 3, config->in, config->in),
        .conv2 = build_conv(b, prefix, '2', 1, config->in, config->out),
    };
}

static lstm_layer build_lstm(builder *b, const char *prefix, int inputs, int units) {
    return (lstm_layer){
        .units = units,
        .input = build_matrix(b, prefix, "weight_ih", inputs, 4 * units),
        .state = build_matrix(b, prefix, "weight_hh", units, 4 * units),
        .scale_ih = floats(b, prefix, "scale_ih", 4 * units),
        .scale_hh = scaled_floats(b, prefix, "scale_hh", 4 * units,
                                  1.0f / (float)lstm_activation_range(units)),
        .bias = floats(b, prefix, "bias", 4 * units),
    };
}

static void build(builder *b) {
    network *net = b->net;
    const bitocr_config *config = &net->config;
    net->stem = build_stem(b, config->stem);
    for (int i = 0; i < config->block_count; i++)
        net->blocks[i] = build_block(b, i, &config->blocks[i]);
    if (config->hidden) {
        net->directions[0] = build_lstm(b, "lstm.forward.", config->features, config->hidden);
        net->directions[1] = build_lstm(b, "lstm.backward.", config->features, config->hidden);
    }
    if (config->bottleneck) {
        net->bottleneck = build_matrix(b, "bottleneck.", "weight", config_neck_outputs(config),
                                       config->bottleneck);
        net->bottleneck_scale = floats(b, "bottleneck.", "scale", config->bottleneck);
    }
    net->head = build_matrix(b, "head.", "weight", config_head_inputs(config), config->classes);
    net->head_scale = floats(b, "head.", "scale", config->classes);
    net->head_bias = floats(b, "head.", "bias", config->classes);
}

bitocr_status network_create(const bitocr_model_file *model, const kernel_table *kernel,
                             network **out, bitocr_error *error) {
    *out = NULL;
    network *net = calloc(1, sizeof *net);
    if (!net)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    net->kernel = kernel;
    net->config = *model_config(model);
    builder b = {.model = model, .net = net, .status = BITOCR_OK, .error = error};
    build(&b);
    if (b.status) {
        network_free(net);
        return b.status;
    }
    *out = net;
    return BITOCR_OK;
}

void network_free(network *net) {
    while (net && net->allocations) {
        allocation *memory = net->allocations;
        net->allocations = memory->next;
        free(memory);
    }
    free(net);
}
