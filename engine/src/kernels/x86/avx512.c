/* AVX-512 with VPOPCNTDQ: vectors of 16 output channels.
 *
 * Signs are packed eight channels in a byte. One 32-bit word of a pixel's signs is broadcast
 * against that word of 16 output channels: xor, popcount and add give 16 sums without a sum across
 * lanes. */
#include "kernels/x86/products512.h"
#include "kernels/x86/tables.h"

enum { CHANNELS = 32 }; /* output channels of a convolution's tile: two vectors */

INLINE __m512i broadcast(const void *word) {
    int32_t value;
    memcpy(&value, word, sizeof value);
    return _mm512_set1_epi32(value);
}

static size_t conv_bytes(int kernel, int cin, int cout) {
    return (size_t)cout * (size_t)(kernel * kernel * cin / 8);
}

/* [cout][words] -> [cout / 32][words][32] */
static void pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed) {
    int words = kernel * kernel * cin / 32;
    uint32_t *out = packed;
    for (int block = 0; block < cout; block += CHANNELS)
        for (int word = 0; word < words; word++)
            for (int c = 0; c < CHANNELS; c++)
                memcpy(out++, weights + 4 * ((size_t)(block + c) * (size_t)words + (size_t)word),
                       4);
}

static inline void store_signs(uint8_t *bits, __m512 sums) {
    __mmask16 mask = _mm512_cmp_ps_mask(sums, _mm512_setzero_ps(), _CMP_LT_OQ);
    memcpy(bits, &mask, sizeof mask);
}

/* What follows the halved dot products of 16 channels from `channel` on, in `count` pixels. */
INLINE void finish(const conv_layer *layer, const conv_row *row, int channel, int first,
                   const ints *sums, const int count) {
    __m512 scale = _mm512_loadu_ps(layer->scale + channel), twice = _mm512_add_ps(scale, scale);
    __m512 bias = _mm512_loadu_ps(layer->bias + channel);
    __m512 slope = _mm512_loadu_ps(layer->slope + channel);
    __m512 shift = _mm512_loadu_ps(layer->shift + channel);
    __m512 beta = row->beta ? _mm512_loadu_ps(row->beta + channel) : _mm512_setzero_ps();
    const float *shortcut = row->shortcut + (size_t)first * (size_t)row->shortcut_channels +
                            channel % row->shortcut_channels;
    size_t out = (size_t)first * (size_t)layer->cout + (size_t)channel;
    for (int p = 0; p < count; p++) {
        __m512 z = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps((__m512i)sums[p]), twice), bias);
        z = _mm512_add_ps(z, _mm512_loadu_ps(shortcut));
        __mmask16 negative = _mm512_cmp_ps_mask(z, _mm512_setzero_ps(), _CMP_LT_OQ);
        z = _mm512_add_ps(_mm512_mask_mul_ps(z, negative, z, slope), shift);
        _mm512_storeu_ps(row->out + out, z);
        if (row->beta)
            store_signs(row->out_bits + out / 8, _mm512_add_ps(z, beta));
        shortcut += row->shortcut_channels;
        out += (size_t)layer->cout;
    }
}

/* `count` output pixels (a constant) from `first` on, 32 output channels from `channel` on. Of k
 * products n are -1: their sum is k - 2n, of which k / 2 - n is kept, as k is even. */
INLINE void conv_tile(const conv_layer *layer, const conv_row *row, int channel, int first,
                      const int count) {
    int line_words = layer->kernel * layer->cin / 32,
        k = layer->kernel * layer->kernel * layer->cin;
    size_t step = row->step_bytes;
    const uint8_t *bits = row->bits + (size_t)first * step;
    const uint32_t *weights = (const uint32_t *)layer->weights + (size_t)channel * (size_t)(k / 32);
    ints low[8], high[8];
    for (int p = 0; p < count; p++)
        low[p] = high[p] = ints_broadcast(k / 2);
    for (int y = 0; y < layer->kernel; y++, bits += row->row_bytes)
        for (int i = 0; i < line_words; i++, weights += CHANNELS) {
            __m512i w0 = _mm512_loadu_si512(weights);
            __m512i w1 = _mm512_loadu_si512(weights + LANE_COUNT);
            for (int p = 0; p < count; p++) {
                __m512i a = broadcast(bits + (size_t)p * step + 4 * (size_t)i);
                low[p] -= (ints)_mm512_popcnt_epi32(_mm512_xor_si512(a, w0));
                high[p] -= (ints)_mm512_popcnt_epi32(_mm512_xor_si512(a, w1));
            }
        }
    finish(layer, row, channel, first, low, count);
    finish(layer, row, channel + LANE_COUNT, first, high, count);
}

static void conv(const conv_layer *layer, const conv_row *row) {
    for (int channel = 0; channel < layer->cout; channel += CHANNELS) {
        int x = 0;
        for (; x + 8 <= row->pixels; x += 8)
            conv_tile(layer, row, channel, x, 8);
        for (; x + 3 <= row->pixels; x += 3)
            conv_tile(layer, row, channel, x, 3);
        for (; x < row->pixels; x++)
            conv_tile(layer, row, channel, x, 1);
    }
}

static void sign(const float *x, const float *beta, int pixels, int channels, uint8_t *bits) {
    for (int pixel = 0; pixel < pixels; pixel++, x += channels)
        for (int c = 0; c < channels; c += LANE_COUNT, bits += LANE_COUNT / 8)
            store_signs(bits, _mm512_add_ps(_mm512_loadu_ps(x + c), _mm512_loadu_ps(beta + c)));
}

const kernel_table bitocr_kernel_avx512 = {
    .name = "avx512",
    .channels_per_byte = 8,
    .conv_bytes = conv_bytes,
    .pack_conv = pack_conv,
    .conv = conv,
    .sign = sign,
    PRODUCT_ENTRIES,
    ELEMENTWISE_ENTRIES,
};
