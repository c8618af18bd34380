/* Binary convolutions with WebAssembly vectors, whose lanes are output channels. WebAssembly's
 * popcount is not a single instruction on every processor, but looking up bytes in a table of 16
 * is.
 *
 * Four signs of a pixel and four of its right neighbour, a nibble each, select one of 256 tables.
 * For each nibble of weights, the table gives how many of its bits disagree with the first pixel,
 * plus 16 times how many disagree with the second. The sum of three such bytes still holds each
 * count in its own nibble. Two sums are kept modulo 256: one of the bytes, and one of the bytes
 * shifted down by a nibble, so that each takes in a nibble of its neighbour. After up to 63 nibbles
 * of weights, when a count is at most 252, these two sums determine all counts.
 *
 * Signs are packed eight channels to a byte, the first in the lowest bit. */
#include <string.h>

#include "kernels/wasm/finish.h"
#include "kernels/wasm/tables.h"

enum {
    MAX_BLOCKS = 4,   /* of a tile */
    GROUP = 4,        /* pairs of pixels that share weights in the first-level cache */
    TRIPLE = 3,       /* so many nibbles have counts that fit a nibble */
    MAX_TRIPLES = 21, /* so many triples have counts that fit a byte */
    MAX_PATCH = 9 * MAX_CHANNELS / 4 + TRIPLE,
};

#define BITS(n) (((n) & 1) + ((n) >> 1 & 1) + ((n) >> 2 & 1) + ((n) >> 3 & 1))
#define ENTRY(a, w) (uint8_t)(BITS(((a) ^ (w)) & 15) + 16 * BITS(((a) >> 4 ^ (w)) & 15))
#define FOUR_ENTRIES(a, w) ENTRY(a, w), ENTRY(a, w + 1), ENTRY(a, w + 2), ENTRY(a, w + 3)
#define TABLE(a) FOUR_ENTRIES(a, 0), FOUR_ENTRIES(a, 4), FOUR_ENTRIES(a, 8), FOUR_ENTRIES(a, 12)
#define FOUR_TABLES(a) TABLE(a), TABLE(a + 1), TABLE(a + 2), TABLE(a + 3)
#define TABLES(a) FOUR_TABLES(a), FOUR_TABLES(a + 4), FOUR_TABLES(a + 8), FOUR_TABLES(a + 12)
static _Alignas(16) const uint8_t tables[256 * 16] = {
    TABLES(0),   TABLES(16),  TABLES(32),  TABLES(48),  TABLES(64),  TABLES(80),
    TABLES(96),  TABLES(112), TABLES(128), TABLES(144), TABLES(160), TABLES(176),
    TABLES(192), TABLES(208), TABLES(224), TABLES(240),
};

/* The nibbles of a patch, rounded up to whole triples. */
static int nibbles_of(int kernel, int cin) {
    return (kernel * kernel * cin / 4 + TRIPLE - 1) / TRIPLE * TRIPLE;
}

static int tile_of(const conv_layer *layer, int channel) {
    return layer->cout - channel < WIDE ? NARROW : WIDE;
}

size_t bitocr_simd128_conv_bytes(int kernel, int cin, int cout) {
    return (size_t)cout * (size_t)nibbles_of(kernel, cin);
}

/* The channel of a byte in a vector. The even bytes hold consecutive channels, and so do the odd
 * ones. */
static int channel_of(int byte) {
    return byte / BLOCK * BLOCK + byte % BLOCK / 2 + byte % 2 * (BLOCK / 2);
}

/* [cout][nibbles] -> bytes [cout / WIDE][nibbles][WIDE], padded with zeros. A rest of NARROW
 * channels comes last. */
void bitocr_simd128_pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed) {
    int nibbles = kernel * kernel * cin / 4;
    uint8_t *out = packed;
    for (int first = 0, channels; first < cout; first += channels) {
        channels = cout - first < WIDE ? NARROW : WIDE;
        for (int i = 0; i < nibbles_of(kernel, cin); i++)
            for (int k = 0; k < channels; k++) {
                size_t channel = (size_t)(first + channel_of(k));
                size_t nibble = channel * (size_t)nibbles + (size_t)i;
                *out++ = i < nibbles ? weights[nibble / 2] >> (nibble % 2 * 4) & 15 : 0;
            }
    }
}

/* Stores the offsets of the tables for 16 nibbles. */
INLINE void store_places(uint16_t *places, v128_t nibbles) {
    wasm_v128_store(places, wasm_i16x8_shl(wasm_u16x8_extend_low_u8x16(nibbles), 4));
    wasm_v128_store(places + 8, wasm_i16x8_shl(wasm_u16x8_extend_high_u8x16(nibbles), 4));
}

/* Finds the tables for `count` bytes of signs of each pixel: 4, 8 or 16. */
INLINE void find_tables(v128_t first, v128_t second, const int count, uint16_t *places) {
    const v128_t low = wasm_i8x16_splat(15);
    v128_t even = wasm_v128_bitselect(first, wasm_i16x8_shl(second, 4), low);
    v128_t odd = wasm_v128_bitselect(wasm_u16x8_shr(first, 4), second, low);
    store_places(places, wasm_i8x16_shuffle(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                            22, 7, 23));
    if (count == 16)
        store_places(places + 16, wasm_i8x16_shuffle(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12,
                                                     28, 13, 29, 14, 30, 15, 31));
}

/* Finds the tables for the patches of a pixel and of the one `step` bytes further on. */
static void lay_out(const conv_layer *layer, const conv_row *row, const uint8_t *bits, size_t step,
                    uint16_t *at) {
    size_t line = (size_t)(layer->kernel * layer->cin / 8), i;
    for (int y = 0; y < layer->kernel; y++, bits += row->row_bytes) {
        for (i = 0; i + 16 <= line; i += 16, at += 32)
            find_tables(wasm_v128_load(bits + i), wasm_v128_load(bits + step + i), 16, at);
        for (; i + 8 <= line; i += 8, at += 16)
            find_tables(wasm_v128_load64_zero(bits + i), wasm_v128_load64_zero(bits + step + i), 8,
                        at);
        for (; i < line; i += 4, at += 8)
            find_tables(wasm_v128_load32_zero(bits + i), wasm_v128_load32_zero(bits + step + i), 4,
                        at);
    }
    memset(at, 0, TRIPLE * sizeof *at);
}

/* Looks up numbers below 16 in the table. On x86 the relaxed form is one instruction, since it
 * leaves larger numbers undefined. */
INLINE v128_t look_up(v128_t table, const uint8_t *numbers) {
#ifdef __wasm_relaxed_simd__
    return wasm_i8x16_relaxed_swizzle(table, wasm_v128_load(numbers));
#else
    return wasm_i8x16_swizzle(table, wasm_v128_load(numbers));
#endif
}

/* Subtracts the counts of a block's two pixels from `from`; the second pixel's numbers are `pixel`
 * further on. In each pair of bytes, the upper one of `moved` holds the second pixel's count. The
 * lower one holds the second pixel's count of its own channel, plus 16 times the first pixel's
 * count of the upper one's channel. */
INLINE void subtract(const int16_t *from, v128_t all, v128_t moved, const int pixel,
                     int16_t *halves) {
    const v128_t byte = wasm_i16x8_splat(255);
    v128_t y1 = wasm_u16x8_shr(moved, 8);
    v128_t x1 = wasm_u16x8_shr(wasm_i16x8_sub(all, wasm_i16x8_shl(y1, 12)), 8);
    v128_t y0 = wasm_v128_and(wasm_i16x8_sub(moved, wasm_i16x8_shl(x1, 4)), byte);
    v128_t x0 = wasm_v128_and(wasm_i16x8_sub(all, wasm_i16x8_shl(y0, 4)), byte);
    const v128_t counts[PIXELS][2] = {{x0, x1}, {y0, y1}};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        int at = i / 2 * pixel + i % 2 * 8;
        wasm_v128_store(halves + at,
                        wasm_i16x8_sub(wasm_v128_load(from + at), counts[i / 2][i % 2]));
    }
}

/* Subtracts the disagreements with `triples` of nibbles, at most MAX_TRIPLES, from `from`
 * [PIXELS][blocks][BLOCK]. */
INLINE void count(const uint16_t *at, const uint8_t *weights, int triples, const int16_t *from,
                  int16_t *halves, const int blocks) {
    const int all_bytes = blocks * BLOCK;
    v128_t all[MAX_BLOCKS], moved[MAX_BLOCKS];
    for (int b = 0; b < blocks; b++)
        all[b] = moved[b] = wasm_i8x16_splat(0);
    for (; triples > 0; triples--, at += TRIPLE, weights += TRIPLE * all_bytes) {
        v128_t t0 = wasm_v128_load(tables + at[0]);
        v128_t t1 = wasm_v128_load(tables + at[1]);
        v128_t t2 = wasm_v128_load(tables + at[2]);
        for (int b = 0; b < blocks; b++) {
            const uint8_t *w = weights + b * BLOCK;
            v128_t x = wasm_i8x16_add(look_up(t0, w), look_up(t1, w + all_bytes));
            x = wasm_i8x16_add(x, look_up(t2, w + 2 * all_bytes));
            all[b] = wasm_i8x16_add(all[b], x);
            moved[b] = wasm_i8x16_add(moved[b], wasm_u16x8_shr(x, 4));
        }
    }
#pragma unroll
    for (int b = 0; b < blocks; b++)
        subtract(from + b * BLOCK, all[b], moved[b], all_bytes, halves + b * BLOCK);
}

/* The same for any number of triples. */
INLINE void count_all(const uint16_t *at, const uint8_t *weights, int triples, const int16_t *from,
                      int16_t *halves, const int blocks) {
    for (int some; triples > 0; triples -= some, from = halves) {
        some = triples < MAX_TRIPLES ? triples : MAX_TRIPLES;
        count(at, weights, some, from, halves, blocks);
        at += some * TRIPLE;
        weights += some * TRIPLE * blocks * BLOCK;
    }
}

/* These are separate functions because compilers then keep everything in registers. */
static __attribute__((noinline)) void count_wide(const uint16_t *at, const uint8_t *weights,
                                                 int triples, const int16_t *from,
                                                 int16_t *halves) {
    count_all(at, weights, triples, from, halves, WIDE / BLOCK);
}

static __attribute__((noinline)) void count_narrow(const uint16_t *at, const uint8_t *weights,
                                                   int triples, const int16_t *from,
                                                   int16_t *halves) {
    count_all(at, weights, triples, from, halves, NARROW / BLOCK);
}

/* Convolves up to GROUP pairs of pixels, which use the same weights while these are in the
 * first-level cache. If n of k products are -1, their sum is k - 2n; k / 2 - n is half of it. */
static void convolve(const conv_layer *layer, const conv_row *row, int first, int pairs,
                     const finish_step *steps) {
    _Alignas(16) uint16_t at[GROUP][MAX_PATCH + 16];
    _Alignas(16) int16_t halves[PIXELS * WIDE], start[PIXELS * WIDE];
    int triples = nibbles_of(layer->kernel, layer->cin) / TRIPLE;
    const uint8_t *weights = layer->weights;
    for (int i = 0; i < PIXELS * WIDE; i += 8)
        wasm_v128_store(
            start + i, wasm_i16x8_splat((int16_t)(layer->kernel * layer->kernel * layer->cin / 2)));
    for (int p = 0, x = first; p < pairs; p++, x += PIXELS)
        lay_out(layer, row, row->bits + (size_t)x * row->step_bytes,
                x + 1 < row->pixels ? row->step_bytes : 0, at[p]);
    for (int channel = 0, channels; channel < layer->cout; channel += channels) {
        channels = tile_of(layer, channel);
        for (int p = 0; p < pairs; p++) {
            (channels == WIDE ? count_wide : count_narrow)(at[p], weights, triples, start, halves);
            finish_tile(layer, row, first + p * PIXELS, channel, channels, steps, halves);
        }
        weights += triples * TRIPLE * channels;
    }
}

void bitocr_simd128_conv(const conv_layer *layer, const conv_row *row) {
    finish_step steps[MAX_CHANNELS / 4];
    gather_steps(layer, row->beta, steps);
    for (int x = 0; x < row->pixels; x += GROUP * PIXELS) {
        int pairs = (row->pixels - x + PIXELS - 1) / PIXELS;
        convolve(layer, row, x, pairs < GROUP ? pairs : GROUP, steps);
    }
}

void bitocr_simd128_sign(const float *x, const float *beta, int pixels, int channels,
                         uint8_t *bits) {
    for (int pixel = 0; pixel < pixels; pixel++, x += channels)
        for (int c = 0; c < channels; c += BLOCK, bits += BLOCK / 8) {
            v128_t negative[4];
#pragma unroll
            for (int q = 0; q < 4; q++)
                negative[q] = below_zero(wasm_f32x4_add(wasm_v128_load(x + c + 4 * q),
                                                        wasm_v128_load(beta + c + 4 * q)));
            store_signs(bits, negative);
        }
}
