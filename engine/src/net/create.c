/* A network's layers from a model file, their weights packed for the kernel.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "net/builder.h"

static matrix build_matrix(network_builder *b, const char *prefix, const char *name, int inputs,
                           int outputs) {
    const kernel_table *kernel = b->net->kernel;
    size_t count = (size_t)inputs * (size_t)outputs;
    int8_t *unpacked;
    const int8_t *weights = bitocr_builder_weights(b, prefix, name, count, &unpacked);
    void *packed = bitocr_builder_take(b, kernel->matrix_bytes(inputs, outputs));
    if (weights && packed)
        kernel->pack_matrix(weights, inputs, outputs, packed);
    free(unpacked);
    return (matrix){.inputs = inputs, .outputs = outputs, .weights = packed};
}

/* `digit` is that of the layer's tensors: conv1.weight, scale1 and so on. */
static conv_layer build_conv(network_builder *b, const char *prefix, char digit, int kernel,
                             int cin, int cout) {
    const kernel_table *table = b->net->kernel;
    char weight[] = "conv?.weight", scale[] = "scale?", bias[] = "bias?", slope[] = "slope?",
         shift[] = "shift?";
    weight[4] = scale[5] = bias[4] = slope[5] = shift[5] = digit;
    size_t count = (size_t)cout * (size_t)(kernel * kernel * cin);
    const void *bits = bitocr_builder_values(b, prefix, weight, count, BITOCR_B1);
    void *packed = bitocr_builder_take(b, table->conv_bytes(kernel, cin, cout));
    if (bits && packed)
        table->pack_conv(bits, kernel, cin, cout, packed);
    return (conv_layer){
        .kernel = kernel,
        .cin = cin,
        .cout = cout,
        .weights = packed,
        .scale = bitocr_builder_floats(b, prefix, scale, cout),
        .bias = bitocr_builder_floats(b, prefix, bias, cout),
        .slope = bitocr_builder_floats(b, prefix, slope, cout),
        .shift = bitocr_builder_floats(b, prefix, shift, cout),
    };
}

static stem_layer build_stem(network_builder *b, int channels) {
    const kernel_table *kernel = b->net->kernel;
    const void *weights =
        bitocr_builder_values(b, "stem.", "weight", (size_t)channels * 9, BITOCR_I8);
    void *packed = bitocr_builder_take(b, kernel->stem_bytes(channels));
    if (weights && packed)
        kernel->pack_stem(weights, channels, packed);
    return (stem_layer){
        .channels = channels,
        .weights = packed,
        .scale = bitocr_builder_floats(b, "stem.", "scale", channels),
        .bias = bitocr_builder_floats(b, "stem.", "bias", channels),
    };
}

static network_block build_block(network_builder *b, int index, const bitocr_block *config) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "blocks.%d.", index);
    return (network_block){
        .stride_h = config->stride_h,
        .stride_w = config->stride_w,
        .beta1 = bitocr_builder_floats(b, prefix, "beta1", config->in),
        .beta2 = bitocr_builder_floats(b, prefix, "beta2", config->in),
        .conv1 = build_conv(b, prefix, '1', 3, config->in, config->in),
        .conv2 = build_conv(b, prefix, '2', 1, config->in, config->out),
    };
}

static lstm_layer build_lstm(network_builder *b, const char *prefix, int inputs, int units) {
    return (lstm_layer){
        .units = units,
        .input = build_matrix(b, prefix, "weight_ih", inputs, 4 * units),
        .state = build_matrix(b, prefix, "weight_hh", units, 4 * units),
        .scale_ih = bitocr_builder_floats(b, prefix, "scale_ih", 4 * units),
        .scale_hh = bitocr_builder_scaled_floats(b, prefix, "scale_hh", 4 * units,
                                                 1.0f / (float)bitocr_lstm_activation_range(units)),
        .bias = bitocr_builder_floats(b, prefix, "bias", 4 * units),
    };
}

static void build(network_builder *b) {
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
        net->bottleneck_scale =
            bitocr_builder_floats(b, "bottleneck.", "scale", config->bottleneck);
    }
    net->head = build_matrix(b, "head.", "weight", config_head_inputs(config), config->classes);
    net->head_scale = bitocr_builder_floats(b, "head.", "scale", config->classes);
    net->head_bias = bitocr_builder_floats(b, "head.", "bias", config->classes);
}

bitocr_status bitocr_network_create(const bitocr_model_file *model, const kernel_table *kernel,
                                    network **out, bitocr_error *error) {
    *out = NULL;
    network *net = calloc(1, sizeof *net);
    if (!net)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    net->kernel = kernel;
    net->config = *bitocr_model_config(model);
    network_builder b = {.model = model, .net = net, .status = BITOCR_OK, .error = error};
    build(&b);
    if (b.status) {
        bitocr_network_free(net);
        return b.status;
    }
    *out = net;
    return BITOCR_OK;
}

void bitocr_network_free(network *net) {
    while (net && net->allocations) {
        allocation *memory = net->allocations;
        net->allocations = memory->next;
        free(memory);
    }
    free(net);
}
