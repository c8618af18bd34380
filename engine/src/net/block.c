#include "net/block.h"

/* What lies between the two convolutions of a piece of a row stays in the first-level cache.
 * Kernels like pieces that are multiples of UNIT. */
enum { PIECE_VALUES = 1 << 12, UNIT = 8 };

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
    int units = PIECE_VALUES / config->in / UNIT;
    return (block_layer){
        .stride_h = config->stride_h,
        .stride_w = config->stride_w,
        .piece = units ? units * UNIT : UNIT,
        .beta1 = bitocr_builder_floats(b, prefix, "beta1", config->in),
        .beta2 = bitocr_builder_floats(b, prefix, "beta2", config->in),
        .conv1 = build_conv(b, prefix, '1', 3, config->in, config->in),
        .conv2 = build_conv(b, prefix, '2', 1, config->in, config->out),
    };
}

map_size bitocr_block_size(const block_layer *block, map_size in) {
    return (map_size){map_strided(in.height, block->stride_h),
                      map_strided(in.width, block->stride_w), block->conv2.cout};
}

block_scratch bitocr_block_scratch(arena *a, const kernel_table *kernel, int channels) {
    int least = UNIT * channels;
    uint64_t values = (uint64_t)(PIECE_VALUES > least ? PIECE_VALUES : least);
    float *piece = bitocr_arena_take(a, values * sizeof *piece);
    uint8_t *signs = bitocr_arena_take(a, values / (uint64_t)kernel->channels_per_byte);
    return (block_scratch){piece, signs};
}

/* `count` pixels of row y of the output, from `first` on. */
typedef struct {
    const kernel_table *kernel;
    const block_layer *block;
    const map *in, *out;
    int y, first, count;
} row_piece;

/* The shortcut around the 3x3 convolution: the input's row, or the mean of what the stride covers,
 * in `mean`. A last odd row or column stands for its missing neighbour too. */
static const float *shortcut_of(const row_piece *p, float *mean) {
    const block_layer *block = p->block;
    int left = p->first * block->stride_w, top = p->y * block->stride_h;
    int bottom = top + 1 < p->in->size.height ? top + 1 : top;
    int channels = p->in->size.channels, width = p->count * block->stride_w;
    size_t skipped = (size_t)left * (size_t)channels;
    const float *row = map_row(p->in, top) + skipped;
    if (block->stride_h == 1 && block->stride_w == 1)
        return row;
    if (left + width > p->in->size.width)
        width = p->in->size.width - left;
    p->kernel->average_pool(row, block->stride_h == 2 ? map_row(p->in, bottom) + skipped : NULL,
                            width, channels, block->stride_w, mean);
    return mean;
}

static void run_piece(const row_piece *p, const float *next_beta, const block_scratch *scratch) {
    const block_layer *block = p->block;
    const map *in = p->in, *out = p->out;
    size_t step = (size_t)block->stride_w * in->pixel_bytes, first = (size_t)p->first;
    conv_row one = {
        .bits = in->signs + (size_t)(p->y * block->stride_h) * in->row_bytes + first * step,
        .row_bytes = in->row_bytes,
        .step_bytes = step,
        .pixels = p->count,
        .shortcut = shortcut_of(p, scratch->values),
        .shortcut_channels = in->size.channels,
        .out = scratch->values,
        .beta = block->beta2,
        .out_bits = scratch->signs,
    };
    p->kernel->conv(&block->conv1, &one);
    conv_row two = {
        .bits = scratch->signs,
        .step_bytes = in->pixel_bytes,
        .pixels = p->count,
        .shortcut = scratch->values,
        .shortcut_channels = in->size.channels,
        .out = map_row(out, p->y) + first * (size_t)out->size.channels,
        .beta = next_beta,
        .out_bits = next_beta ? map_signs(out, p->y) + first * out->pixel_bytes : NULL,
    };
    p->kernel->conv(&block->conv2, &two);
}

void bitocr_block_row(const kernel_table *kernel, const block_layer *block, const map *in,
                      const map *out, int y, const float *next_beta, const block_scratch *scratch) {
    int width = out->size.width, count = block->piece;
    for (int x = 0; x < width; x += count) {
        row_piece piece = {kernel, block, in, out, y, x, width - x < count ? width - x : count};
        run_piece(&piece, next_beta, scratch);
    }
}
