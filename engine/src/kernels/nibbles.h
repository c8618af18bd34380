/* Binary convolutions for instruction sets that look up bytes in a table of 16 bytes: vectors of
 * output channels, one byte each.
 *
 * For four signs a of a pixel, the table T_a[w] = popcount(a xor w) turns the nibbles w of a vector
 * of output channels into their disagreements with it: a lookup and an addition, without a
 * popcount, an xor, a shift or a sum across lanes. All 16 tables T_a are constants of 256 bytes.
 *
 * Signs are packed four channels in a byte, as 16 * nibble: the place of their table. A kernel
 * defines, before it includes this and after products.h:
 * - LANE_COUNT: floats of a vector; `floats` and `bytes`, the vectors
 * - MAX_PIXELS: of a tile, even; 2 * MAX_PIXELS vectors of sums stay in registers
 * - bytes_zero(), bytes_load(p)
 * - bytes_table(p): the 16 aligned bytes at p, again and again; bytes_look_up(table, indices)
 * - bytes_add_to(wide, sums): adds every byte to its uint16_t at `wide`
 * - floats_load(p), floats_store(p, x), floats_zero()
 * - floats_dot(k, n): (float)(k - 2 n) of LANE_COUNT uint16_t at n
 * - floats_leaky(x, slope): x >= 0 ? x : x * slope
 * - store_signs(bits, x): x < 0 of LANE_COUNT channels, packed as above */
#ifndef BITOCR_KERNELS_NIBBLES_H
#define BITOCR_KERNELS_NIBBLES_H

#include <string.h>

#include "kernels/kernels.h"

enum {
    CHANNELS = 4 * LANE_COUNT, /* output channels of a vector of bytes */
    MAX_NIBBLES = 60,          /* their disagreements, 4 each, fit a byte */
    MAX_BLOCKS = 2,            /* of CHANNELS, of a tile */
    MAX_SUMS = MAX_PIXELS * MAX_BLOCKS,
};

#define ROW_OF(a, b) ((a) ^ (b)) % 2 + ((a) ^ (b)) / 2 % 2 + ((a) ^ (b)) / 4 % 2 + ((a) ^ (b)) / 8
#define TABLE(a)                                                                                   \
    ROW_OF(a, 0), ROW_OF(a, 1), ROW_OF(a, 2), ROW_OF(a, 3), ROW_OF(a, 4), ROW_OF(a, 5),            \
        ROW_OF(a, 6), ROW_OF(a, 7), ROW_OF(a, 8), ROW_OF(a, 9), ROW_OF(a, 10), ROW_OF(a, 11),      \
        ROW_OF(a, 12), ROW_OF(a, 13), ROW_OF(a, 14), ROW_OF(a, 15)
static _Alignas(16) const uint8_t tables[256] = {
    TABLE(0), TABLE(1), TABLE(2),  TABLE(3),  TABLE(4),  TABLE(5),  TABLE(6),  TABLE(7),
    TABLE(8), TABLE(9), TABLE(10), TABLE(11), TABLE(12), TABLE(13), TABLE(14), TABLE(15),
};

static int blocks_of(int cout) {
    return (cout + CHANNELS - 1) / CHANNELS;
}

static size_t conv_bytes(int kernel, int cin, int cout) {
    return (size_t)blocks_of(cout) * CHANNELS * (size_t)(kernel * kernel * cin / 4);
}

/* bits [cout][nibbles] -> bytes [blocks_of(cout)][nibbles][CHANNELS], zeros beyond the end. */
static void pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed) {
    int nibbles = kernel * kernel * cin / 4;
    uint8_t *out = packed;
    for (int block = 0; block < cout; block += CHANNELS)
        for (int i = 0; i < nibbles; i++)
            for (int c = block; c < block + CHANNELS; c++) {
                size_t nibble = (size_t)c * (size_t)nibbles + (size_t)i;
                *out++ = c < cout ? weights[nibble / 2] >> (nibble % 2 * 4) & 15 : 0;
            }
}

/* What follows the disagreements of LANE_COUNT channels from `channel` on, in `count` pixels, whose
 * sums lie `sums_step` apart. */
INLINE void finish(const conv_layer *layer, const conv_row *row, int channel, int first,
                   const uint16_t *sums, size_t sums_step, const int count) {
    floats scale = floats_load(layer->scale + channel), bias = floats_load(layer->bias + channel);
    floats slope = floats_load(layer->slope + channel), shift = floats_load(layer->shift + channel);
    floats beta = row->beta ? floats_load(row->beta + channel) : floats_zero();
    int k = layer->kernel * layer->kernel * layer->cin;
    const float *shortcut = row->shortcut + (size_t)first * (size_t)row->shortcut_channels +
                            channel % row->shortcut_channels;
    size_t out = (size_t)first * (size_t)layer->cout + (size_t)channel;
    for (int p = 0; p < count; p++) {
        floats z = floats_dot(k, sums + (size_t)p * sums_step) * scale + bias;
        z = floats_leaky(z + floats_load(shortcut), slope) + shift;
        floats_store(row->out + out, z);
        if (row->beta)
            store_signs(row->out_bits + out / 4, z + beta);
        shortcut += row->shortcut_channels;
        out += (size_t)layer->cout;
    }
}

/* Adds the disagreements over `lines` lines of `count` nibbles each, at most MAX_NIBBLES in all, to
 * `wide` [pixels][blocks][CHANNELS]. */
INLINE void count_nibbles(const uint8_t *bits, size_t row_bytes, size_t step,
                          const uint8_t *weights, size_t block_bytes, int lines, int count,
                          uint16_t *wide, const int pixels, const int blocks) {
    bytes w[MAX_BLOCKS], sums[MAX_SUMS];
    for (int s = 0; s < pixels * blocks; s++)
        sums[s] = bytes_zero();
    for (int y = 0; y < lines; y++, bits += row_bytes)
        for (int i = 0; i < count; i++, weights += CHANNELS) {
            for (int b = 0; b < blocks; b++)
                w[b] = bytes_load(weights + (size_t)b * block_bytes);
            for (int p = 0; p < pixels; p++) {
                bytes table = bytes_table(tables + bits[(size_t)p * step + (size_t)i]);
                for (int b = 0; b < blocks; b++)
                    sums[p * blocks + b] += bytes_look_up(table, w[b]);
            }
        }
    for (int s = 0; s < pixels * blocks; s++)
        bytes_add_to(wide + s * CHANNELS, sums[s]);
}

/* `pixels` output pixels from `first` on, `blocks` times CHANNELS output channels from `channel` on
 * (the last of them may be beyond the end); both are constants. */
INLINE void conv_tile(const conv_layer *layer, const conv_row *row, int channel, int first,
                      const int pixels, const int blocks) {
    int line = layer->kernel * layer->cin / 4, k = layer->kernel * layer->kernel * layer->cin;
    int lines = 2 * line <= MAX_NIBBLES ? 2 : 1;
    size_t step = row->step_bytes, block_bytes = (size_t)(k / 4) * CHANNELS;
    const uint8_t *bits = row->bits + (size_t)first * step;
    const uint8_t *weights = (const uint8_t *)layer->weights + (size_t)channel * (size_t)(k / 4);
    _Alignas(64) uint16_t wide[MAX_SUMS * CHANNELS];
    memset(wide, 0, (size_t)(pixels * blocks * CHANNELS) * sizeof *wide);
    for (int y = 0; y < layer->kernel; y += lines, bits += (size_t)lines * row->row_bytes) {
        lines = layer->kernel - y < lines ? 1 : lines;
        for (int i = 0; i < line; i += MAX_NIBBLES) {
            int count = line - i < MAX_NIBBLES ? line - i : MAX_NIBBLES;
            count_nibbles(bits + i, row->row_bytes, step, weights, block_bytes, lines, count, wide,
                          pixels, blocks);
            weights += lines * count * CHANNELS;
        }
    }
    for (int c = 0; c < blocks * CHANNELS && channel + c < layer->cout; c += LANE_COUNT)
        finish(layer, row, channel + c, first, wide + c, (size_t)blocks * CHANNELS, pixels);
}

/* A row of `blocks` times CHANNELS output channels. */
INLINE void conv_blocks(const conv_layer *layer, const conv_row *row, int channel,
                        const int blocks) {
    int x = 0;
    for (; x + MAX_PIXELS <= row->pixels; x += MAX_PIXELS)
        conv_tile(layer, row, channel, x, MAX_PIXELS, blocks);
    for (; x + MAX_PIXELS / 2 <= row->pixels; x += MAX_PIXELS / 2)
        conv_tile(layer, row, channel, x, MAX_PIXELS / 2, blocks);
    for (; x < row->pixels; x++)
        conv_tile(layer, row, channel, x, 1, blocks);
}

static void conv(const conv_layer *layer, const conv_row *row) {
    int channel = 0;
    for (; channel + CHANNELS < layer->cout; channel += 2 * CHANNELS)
        conv_blocks(layer, row, channel, 2);
    if (channel < layer->cout)
        conv_blocks(layer, row, channel, 1);
}

static void sign(const float *x, const float *beta, int pixels, int channels, uint8_t *bits) {
    for (int pixel = 0; pixel < pixels; pixel++, x += channels)
        for (int c = 0; c < channels; c += LANE_COUNT, bits += LANE_COUNT / 4)
            store_signs(bits, floats_load(x + c) + floats_load(beta + c));
}

/* The entries of a kernel_table that come from here. */
#define NIBBLE_ENTRIES                                                                             \
    .channels_per_byte = 4, .conv_bytes = conv_bytes, .pack_conv = pack_conv, .conv = conv,        \
    .sign = sign

#endif
