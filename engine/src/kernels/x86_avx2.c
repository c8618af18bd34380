/* AVX2: vectors of 32 output channels, one byte each.
 *
 * AVX2 has no popcount, but it looks up 32 nibbles in a table of 16 bytes with one instruction. For
 * four signs a of a pixel, the table T_a[w] = popcount(a xor w) turns the nibbles w of 32 output
 * channels into their disagreements with it: a lookup and an addition, without an xor, a shift or a
 * sum across lanes. All 16 tables T_a are constants of 256 bytes.
 *
 * Signs are packed four channels in a byte, as 16 * nibble: the place of their table. */
#include <immintrin.h>

#include "elementwise.h"

enum { LANE_COUNT = 8, PRODUCT_ROWS = 4 };

/* Not __m256i, a vector of int64: in loops, GCC copies sums from one type to the other and back. */
typedef int32_t ints __attribute__((vector_size(32)));
typedef uint8_t bytes __attribute__((vector_size(32)));

static inline ints ints_zero(void) {
    return (ints)_mm256_setzero_si256();
}

static inline ints ints_broadcast(int32_t value) {
    return (ints)_mm256_set1_epi32(value);
}

static inline ints ints_widen(const int8_t *p) {
    return (ints)_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p));
}

static inline ints ints_add_products(ints sums, ints a, ints b) {
    return (ints)_mm256_add_epi32((__m256i)sums, _mm256_madd_epi16((__m256i)a, (__m256i)b));
}

static inline void ints_store(int32_t *p, ints sums, int count) {
    if (count == LANE_COUNT) {
        _mm256_storeu_si256((__m256i *)p, (__m256i)sums);
        return;
    }
    int32_t lanes[LANE_COUNT];
    _mm256_storeu_si256((__m256i *)lanes, (__m256i)sums);
    memcpy(p, lanes, (size_t)count * sizeof *p);
}

static inline void ints_scale(float *out, ints sums, const float *scale, const float *bias) {
    __m256 y = _mm256_mul_ps(_mm256_cvtepi32_ps((__m256i)sums), _mm256_loadu_ps(scale));
    _mm256_storeu_ps(out, _mm256_add_ps(y, _mm256_loadu_ps(bias)));
}

#include "products.h"

enum {
    CHANNELS = 32,    /* output channels of a vector of bytes */
    MAX_NIBBLES = 60, /* their disagreements, 4 each, fit a byte */
    MAX_PIXELS = 4,   /* of a tile: more sums do not stay in 16 registers */
    MAX_BLOCKS = 2,   /* of 32 channels, of a tile */
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

static size_t conv_bytes(int kernel, int cin, int cout) {
    return (size_t)cout * (size_t)(kernel * kernel * cin / 4);
}

/* bits [cout][nibbles] -> bytes [cout / 32][nibbles][32] */
static void pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed) {
    int nibbles = kernel * kernel * cin / 4;
    uint8_t *out = packed;
    for (int block = 0; block < cout; block += CHANNELS)
        for (int i = 0; i < nibbles; i++)
            for (int c = block; c < block + CHANNELS; c++)
                *out++ =
                    (weights[((size_t)c * (size_t)nibbles + (size_t)i) / 2] >> (i % 2 * 4)) & 15;
}

/* Eight signs as two bytes. */
static inline void store_signs(uint8_t *bits, __m256 sums) {
    int mask = _mm256_movemask_ps(_mm256_cmp_ps(sums, _mm256_setzero_ps(), _CMP_LT_OQ));
    bits[0] = (uint8_t)(mask << 4);
    bits[1] = (uint8_t)(mask & 0xf0);
}

/* What follows the disagreements of 8 channels from `channel` on, in `count` pixels, whose sums lie
 * `sums_step` apart. */
INLINE void finish(const conv_layer *layer, const conv_row *row, int channel, int first,
                   const uint16_t *sums, size_t sums_step, const int count) {
    __m256 scale = _mm256_loadu_ps(layer->scale + channel);
    __m256 bias = _mm256_loadu_ps(layer->bias + channel);
    __m256 slope = _mm256_loadu_ps(layer->slope + channel);
    __m256 shift = _mm256_loadu_ps(layer->shift + channel);
    __m256 beta = row->beta ? _mm256_loadu_ps(row->beta + channel) : _mm256_setzero_ps();
    __m256i k = _mm256_set1_epi32(layer->kernel * layer->kernel * layer->cin);
    const float *shortcut = row->shortcut + (size_t)first * (size_t)row->shortcut_channels +
                            channel % row->shortcut_channels;
    size_t out = (size_t)first * (size_t)layer->cout + (size_t)channel;
    for (int p = 0; p < count; p++) {
        __m128i narrow = _mm_loadu_si128((const __m128i *)(sums + (size_t)p * sums_step));
        __m256i n = _mm256_cvtepu16_epi32(narrow);
        __m256 z = _mm256_cvtepi32_ps(_mm256_sub_epi32(k, _mm256_slli_epi32(n, 1)));
        z = _mm256_add_ps(_mm256_mul_ps(z, scale), bias);
        z = _mm256_add_ps(z, _mm256_loadu_ps(shortcut));
        __m256 negative = _mm256_cmp_ps(z, _mm256_setzero_ps(), _CMP_LT_OQ);
        z = _mm256_add_ps(_mm256_blendv_ps(z, _mm256_mul_ps(z, slope), negative), shift);
        _mm256_storeu_ps(row->out + out, z);
        if (row->beta)
            store_signs(row->out_bits + out / 4, _mm256_add_ps(z, beta));
        shortcut += row->shortcut_channels;
        out += (size_t)layer->cout;
    }
}

/* Adds the disagreements over `lines` lines of `count` nibbles each, at most MAX_NIBBLES in all, to
 * `wide`: for every pixel and block two vectors of 16-bit sums. */
INLINE void count_nibbles(const uint8_t *bits, size_t row_bytes, size_t step,
                          const uint8_t *weights, size_t block_bytes, int lines, int count,
                          __m256i *wide, const int pixels, const int blocks) {
    __m256i w[MAX_BLOCKS];
    bytes sums[MAX_SUMS];
    for (int s = 0; s < pixels * blocks; s++)
        sums[s] = (bytes)_mm256_setzero_si256();
    for (int y = 0; y < lines; y++, bits += row_bytes)
        for (int i = 0; i < count; i++, weights += CHANNELS) {
            for (int b = 0; b < blocks; b++)
                w[b] = _mm256_loadu_si256((const __m256i *)(weights + (size_t)b * block_bytes));
            for (int p = 0; p < pixels; p++) {
                const uint8_t *table = tables + bits[(size_t)p * step + (size_t)i];
                __m256i t = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)table));
                for (int b = 0; b < blocks; b++) {
                    int s = p * blocks + b;
                    sums[s] += (bytes)_mm256_shuffle_epi8(t, w[b]);
                }
            }
        }
    for (int s = 0; s < pixels * blocks; s++) {
        __m256i all = (__m256i)sums[s];
        __m128i low = _mm256_castsi256_si128(all), high = _mm256_extracti128_si256(all, 1);
        wide[2 * s] = _mm256_add_epi16(wide[2 * s], _mm256_cvtepu8_epi16(low));
        wide[2 * s + 1] = _mm256_add_epi16(wide[2 * s + 1], _mm256_cvtepu8_epi16(high));
    }
}

/* `pixels` output pixels from `first` on, `blocks` times 32 output channels from `channel` on; both
 * are constants. */
INLINE void conv_tile(const conv_layer *layer, const conv_row *row, int channel, int first,
                      const int pixels, const int blocks) {
    int line = layer->kernel * layer->cin / 4, k = layer->kernel * layer->kernel * layer->cin;
    int lines = 2 * line <= MAX_NIBBLES ? 2 : 1;
    size_t step = row->step_bytes, block_bytes = (size_t)(k / 4) * CHANNELS;
    const uint8_t *bits = row->bits + (size_t)first * step;
    const uint8_t *weights = (const uint8_t *)layer->weights + (size_t)channel * (size_t)(k / 4);
    __m256i wide[2 * MAX_SUMS];
    for (int i = 0; i < 2 * pixels * blocks; i++)
        wide[i] = _mm256_setzero_si256();
    for (int y = 0; y < layer->kernel; y += lines, bits += (size_t)lines * row->row_bytes) {
        lines = layer->kernel - y < lines ? 1 : lines;
        for (int i = 0; i < line; i += MAX_NIBBLES) {
            int count = line - i < MAX_NIBBLES ? line - i : MAX_NIBBLES;
            count_nibbles(bits + i, row->row_bytes, step, weights, block_bytes, lines, count, wide,
                          pixels, blocks);
            weights += lines * count * CHANNELS;
        }
    }
    for (int c = 0; c < blocks * CHANNELS; c += LANE_COUNT)
        finish(layer, row, channel + c, first, (const uint16_t *)wide + c,
               (size_t)blocks * CHANNELS, pixels);
}

/* A row of `blocks` times 32 output channels. */
INLINE void conv_blocks(const conv_layer *layer, const conv_row *row, int channel,
                        const int blocks) {
    int x = 0;
    for (; x + MAX_PIXELS <= row->pixels; x += MAX_PIXELS)
        conv_tile(layer, row, channel, x, MAX_PIXELS, blocks);
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
        for (int c = 0; c < channels; c += LANE_COUNT, bits += 2)
            store_signs(bits, _mm256_add_ps(_mm256_loadu_ps(x + c), _mm256_loadu_ps(beta + c)));
}

const kernel_table kernel_avx2 = {
    .name = "avx2",
    .channels_per_byte = 4,
    .conv_bytes = conv_bytes,
    .pack_conv = pack_conv,
    .conv = conv,
    .sign = sign,
    PRODUCT_ENTRIES,
    ELEMENTWISE_ENTRIES,
};
