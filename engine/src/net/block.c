#include "net/block.h"

/* `digit` is that of the layer's tensors: conv1.weight, scale1 and so on. */
static conv_layer build_conv(network_builder *b, const char *prefix, char digit, int kernel,
                             int cin, int cout) {
    char weight[] = "conv?.weight", scale[] = "scale?", bias[] = "bias?", slope[] = "slope?",
         shift[] = "shift?";
    weight[4] = scale[5] = bias[4] = slope[5] = shift[5] = digit;
    const void *bits = bitocr_builder_values(b, prefix, weight, BITOCR_B1,
                                             (const int[4]){cout, kernel, kernel, cin});
    void *packed = bitocr_builder_take(b, b->kernel->conv_bytes(kernel, cin, cout));
    if (packed)
        b->kernel->pack_conv(bits, kernel, cin, cout, packed);
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

block_layer bitocr_block_build(network_builder *b, const char *prefix, const block_config *config) {
    return (block_layer){
        .stride_h = config->stride_h,
        .stride_w = config->stride_w,
        .beta1 = bitocr_builder_floats(b, prefix, "beta1", config->in),
        .beta2 = bitocr_builder_floats(b, prefix, "beta2", config->in),
        .conv1 = build_conv(b, prefix, '1', 3, config->in, config->in),
        .conv2 = build_conv(b, prefix, '2', 1, config->in, config->out),
    };
}

map_size bitocr_block_size(const block_layer *block, map_size in) {
    return (map_size){ceil_div(in.height, block->stride_h), ceil_div(in.width, block->stride_w),
                      block->conv2.cout};
}

block_scratch bitocr_block_scratch(arena *a, const kernel_table *kernel, int out_width, int in) {
    uint64_t values = (uint64_t)out_width * (uint64_t)in;
    float *row = bitocr_arena_take(a, values * sizeof *row);
    uint8_t *signs = bitocr_arena_take(a, values / (uint64_t)kernel->channels_per_byte);
    return (block_scratch){row, signs};
}

/* The shortcut around the 3x3 convolution: the input row, or the mean of what the stride covers. A
 * last odd row stands for its missing neighbour too. */
static const float *shortcut_row(const kernel_table *kernel, const block_layer *block,
                                 const map *in, int y, float *row) {
    if (block->stride_h == 1 && block->stride_w == 1)
        return map_row(in, y);
    int top = y * block->stride_h;
    const float *bottom = NULL;
    if (block->stride_h == 2)
        bottom = map_row(in, top + 1 < in->size.height ? top + 1 : top);
    kernel->pool(map_row(in, top), bottom, in->size.width, in->size.channels, block->stride_w, row);
    return row;
}

void bitocr_block_row(const kernel_table *kernel, const block_layer *block, const map *in,
                      const map *out, int y, const float *next_beta, const block_scratch *scratch) {
    conv_row first = {
        .bits = in->signs + (size_t)(y * block->stride_h) * in->row_bytes,
        .row_bytes = in->row_bytes,
        .step_bytes = (size_t)block->stride_w * in->pixel_bytes,
        .pixels = out->size.width,
        .shortcut = shortcut_row(kernel, block, in, y, scratch->row),
        .shortcut_channels = in->size.channels,
        .out = scratch->row,
        .beta = block->beta2,
        .out_bits = scratch->signs,
    };
    kernel->conv(&block->conv1, &first);
    conv_row second = {
        .bits = scratch->signs,
        .step_bytes = in->pixel_bytes,
        .pixels = out->size.width,
        .shortcut = scratch->row,
        .shortcut_channels = in->size.channels,
        .out = map_row(out, y),
        .beta = next_beta,
        .out_bits = next_beta ? map_signs(out, y) : NULL,
    };
    kernel->conv(&block->conv2, &second);
}
