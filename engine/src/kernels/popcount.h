/* Binary convolutions for instruction sets that count the bits of each byte of a vector of 16,
 * whose lanes are output channels.
 *
 * One byte of a pixel's signs, eight channels, is broadcast against that byte of 16 output
 * channels: xor, popcount and add give 16 sums without a sum across lanes, which a byte holds for
 * 31 steps. They are then subtracted from 16-bit numbers that began as half the number of products:
 * of k products n are -1, their sum is k - 2n, and k / 2 - n is kept.
 *
 * Signs are packed eight channels in a byte, the first in the lowest bit. A kernel defines, before
 * it includes this:
 * - `bytes`, `halves` and `floats`, vectors of 16 uint8_t, 8 int16_t and 4 floats with the
 *   operators of C; `signs`, a vector that collects 32 bits
 * - MAX_BLOCKS, 2 or 4, and MAX_PIXELS: 16 * MAX_BLOCKS output channels of so many pixels stay in
 *   registers
 * - bytes_zero(), bytes_load(p), bytes_load_4(p), bytes_broadcast(four, i): byte i of those 4
 * - bytes_count(x): the bits that are set in each byte
 * - bytes_keep(x, n): nothing, or what keeps compilers from adding in an order of their own, for
 *   which they have too few registers; n is 2 or 4
 * - halves_fill(x), halves_load(p), halves_store(p, x)
 * - halves_subtract(x, sums, half): x - the bytes of the first half, 0, or the second, 1
 * - floats_load(p), floats_store(p, x)
 * - floats_dot(x, half): (float)(2 x) of one half of 8 int16_t
 * - floats_leaky(x, slope): x < 0 ? x * slope : x
 * - signs_zero(), signs_add(s, x): x < 0 of the next 4 of 32 channels; signs_store(bits, s) */
#ifndef BITOCR_KERNELS_POPCOUNT_H
#define BITOCR_KERNELS_POPCOUNT_H

#include "kernels/kernels.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    BLOCK = 16, /* output channels of a vector of bytes */
    GROUP = 32, /* output channels whose weights lie together */
    MAX_SUMS = MAX_PIXELS * MAX_BLOCKS,
};

static size_t conv_bytes(int kernel, int cin, int cout) {
    return (size_t)cout * (size_t)(kernel * kernel * cin / 8);
}

/* [cout][bytes] -> [cout / GROUP][bytes][GROUP] */
static void pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed) {
    size_t bytes = conv_bytes(kernel, cin, 1);
    uint8_t *out = packed;
    for (int group = 0; group < cout; group += GROUP)
        for (size_t i = 0; i < bytes; i++)
            for (int c = group; c < group + GROUP; c++)
                *out++ = weights[(size_t)c * bytes + i];
}

/* Output pixels and channels that are computed together: `pixels` of them from `first` on, and
 * `blocks` times BLOCK channels from `channel` on. */
typedef struct {
    const conv_layer *layer;
    const conv_row *row;
    int channel, first;
    size_t group_bytes; /* between the weights of two groups */
} conv_tile;

enum { MAX_BYTES = 28 }; /* of signs, a multiple of 4, whose disagreements fit a byte */

/* Adds the disagreements with byte i of the four of each pixel. */
INLINE void count_byte(const bytes *four, const int i, const uint8_t *weights, size_t group_bytes,
                       bytes *sums, const int pixels, const int blocks) {
    bytes w[MAX_BLOCKS];
    for (int b = 0; b < blocks; b++)
        w[b] = bytes_load(weights + (size_t)(b / 2) * group_bytes + i * GROUP + b % 2 * BLOCK);
    for (int p = 0; p < pixels; p++) {
        bytes a = bytes_broadcast(four[p], i);
        bytes s[MAX_BLOCKS];
        for (int b = 0; b < blocks; b++)
            s[b] = sums[p * blocks + b] + bytes_count(a ^ w[b]);
        bytes_keep(s, blocks);
        for (int b = 0; b < blocks; b++)
            sums[p * blocks + b] = s[b];
    }
}

/* The same with `count` bytes, a multiple of 4. */
INLINE void count_bytes(const uint8_t *bits, size_t step, const uint8_t *weights,
                        size_t group_bytes, int count, bytes *sums, const int pixels,
                        const int blocks) {
    bytes four[MAX_PIXELS];
    for (int end = count; end > 0; end -= 4, bits += 4, weights += 4 * GROUP) {
        for (int p = 0; p < pixels; p++)
            four[p] = bytes_load_4(bits + (size_t)p * step);
        count_byte(four, 0, weights, group_bytes, sums, pixels, blocks);
        count_byte(four, 1, weights, group_bytes, sums, pixels, blocks);
        count_byte(four, 2, weights, group_bytes, sums, pixels, blocks);
        count_byte(four, 3, weights, group_bytes, sums, pixels, blocks);
    }
}

/* Subtracts all sums from `wide` [2 * blocks][pixels][8], and makes them zero. */
INLINE void widen(bytes *sums, int16_t *wide, const int pixels, const int blocks) {
    for (int b = 0; b < blocks; b++)
        for (int half = 0; half < 2; half++)
            for (int p = 0; p < pixels; p++, wide += 8)
                halves_store(wide, halves_subtract(halves_load(wide), sums[p * blocks + b], half));
    for (int s = 0; s < pixels * blocks; s++)
        sums[s] = bytes_zero();
}

/* The halved dot products of a tile, which get `wide`. */
INLINE void count_tile(const conv_tile *tile, int16_t *wide, const int pixels, const int blocks) {
    const conv_layer *layer = tile->layer;
    size_t row_bytes = tile->row->row_bytes, step = tile->row->step_bytes;
    size_t group_bytes = tile->group_bytes;
    int line = layer->kernel * layer->cin / 8, room = MAX_BYTES;
    const uint8_t *bits = tile->row->bits + (size_t)tile->first * step;
    const uint8_t *weights =
        (const uint8_t *)layer->weights + (size_t)(tile->channel / GROUP) * group_bytes;
    bytes sums[MAX_SUMS];
    halves start = halves_fill((int16_t)(layer->kernel * line * 4));
    for (int i = 0; i < pixels * blocks * 2; i++)
        halves_store(wide + 8 * i, start);
    for (int s = 0; s < pixels * blocks; s++)
        sums[s] = bytes_zero();
    for (int y = 0; y < layer->kernel; y++, bits += row_bytes)
        for (int i = 0, count; i < line; i += count) {
            if (!room) {
                widen(sums, wide, pixels, blocks);
                room = MAX_BYTES;
            }
            count = line - i < room ? line - i : room;
            count_bytes(bits + i, step, weights, group_bytes, count, sums, pixels, blocks);
            weights += count * GROUP;
            room -= count;
        }
    widen(sums, wide, pixels, blocks);
}

/* What follows the halved dot products of GROUP channels. Its locals are what a compiler would load
 * again after each store. */
INLINE void finish_group(const conv_tile *tile, size_t channel, const int16_t *wide,
                         const int pixels) {
    const conv_layer *layer = tile->layer;
    const conv_row *row = tile->row;
    size_t first = (size_t)tile->first, cout = (size_t)layer->cout;
    size_t others = (size_t)row->shortcut_channels;
    const float *scale = layer->scale + channel, *bias = layer->bias + channel;
    const float *slope = layer->slope + channel, *shift = layer->shift + channel;
    const float *beta = row->beta ? row->beta + channel : bias; /* any numbers */
    const float *shortcut =
        row->shortcut + first * others + (channel < others ? channel : channel - others);
    float *out = row->out + first * cout + channel;
    signs next[MAX_PIXELS];
    halves dots[MAX_PIXELS];
    for (int p = 0; p < pixels; p++)
        next[p] = signs_zero();
    for (int c = 0; c < GROUP; c += 8, wide += 8 * pixels) {
        for (int p = 0; p < pixels; p++)
            dots[p] = halves_load(wide + 8 * p);
        for (int half = 0; half < 2; half++) {
            int k = c + 4 * half;
            floats scales = floats_load(scale + k), biases = floats_load(bias + k);
            floats slopes = floats_load(slope + k), shifts = floats_load(shift + k);
            floats betas = floats_load(beta + k);
            for (int p = 0; p < pixels; p++) {
                floats z = floats_dot(dots[p], half) * scales + biases;
                z = z + floats_load(shortcut + (size_t)p * others + k);
                z = floats_leaky(z, slopes) + shifts;
                floats_store(out + (size_t)p * cout + k, z);
                next[p] = signs_add(next[p], z + betas);
            }
        }
    }
    uint8_t *bits = row->out_bits + (first * cout + channel) / 8;
    if (row->beta)
        for (int p = 0; p < pixels; p++, bits += cout / 8)
            signs_store(bits, next[p]);
}

/* In functions of their own, compilers find registers for all. */
#define TILE_FUNCTION static __attribute__((noinline)) void

TILE_FUNCTION count_large(const conv_tile *tile, int16_t *wide) {
    count_tile(tile, wide, MAX_PIXELS, MAX_BLOCKS);
}

TILE_FUNCTION count_narrow(const conv_tile *tile, int16_t *wide) {
    count_tile(tile, wide, MAX_PIXELS, 2);
}

TILE_FUNCTION count_pixel(const conv_tile *tile, int16_t *wide) {
    count_tile(tile, wide, 1, 2);
}

TILE_FUNCTION finish_tile(const conv_tile *tile, const int16_t *wide, int channels) {
    for (int c = 0; c < channels; c += GROUP)
        finish_group(tile, (size_t)(tile->channel + c), wide + c * MAX_PIXELS, MAX_PIXELS);
}

TILE_FUNCTION finish_pixel(const conv_tile *tile, const int16_t *wide) {
    finish_group(tile, (size_t)tile->channel, wide, 1);
}

static void conv(const conv_layer *layer, const conv_row *row) {
    enum { MANY = MAX_BLOCKS * BLOCK };
    _Alignas(64) int16_t wide[MAX_SUMS * BLOCK];
    int channels;
    conv_tile tile = {layer, row, 0, 0, conv_bytes(layer->kernel, layer->cin, GROUP)};
    for (; tile.channel < layer->cout; tile.channel += channels) {
        channels = layer->cout - tile.channel < MANY ? GROUP : MANY;
        for (tile.first = 0; tile.first + MAX_PIXELS <= row->pixels; tile.first += MAX_PIXELS) {
            (channels == MANY ? count_large : count_narrow)(&tile, wide);
            finish_tile(&tile, wide, channels);
        }
    }
    for (; tile.first < row->pixels; tile.first++)
        for (tile.channel = 0; tile.channel < layer->cout; tile.channel += GROUP) {
            count_pixel(&tile, wide);
            finish_pixel(&tile, wide);
        }
}

static void sign(const float *x, const float *beta, int pixels, int channels, uint8_t *bits) {
    for (int pixel = 0; pixel < pixels; pixel++, x += channels)
        for (int c = 0; c < channels; c += GROUP, bits += GROUP / 8) {
            signs s = signs_zero();
            for (int i = c; i < c + GROUP; i += 4)
                s = signs_add(s, floats_load(x + i) + floats_load(beta + i));
            signs_store(bits, s);
        }
}

#endif
