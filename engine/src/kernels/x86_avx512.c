/* AVX-512 with VPOPCNTDQ: vectors of 16 output channels.
 *
 * Signs are packed eight channels in a byte. One 32-bit word of a pixel's signs is broadcast
 * against that word of 16 output channels: xor, popcount and add give 16 sums without a sum across
 * lanes. */
#include <immintrin.h>

#include "elementwise.h"

#define INLINE static inline __attribute__((always_inline))

enum { LANE_COUNT = 16, CHANNELS = 32 }; /* channels: output channels of a tile, two vectors */

INLINE __m512i broadcast(const void *word) {
    int32_t value;
    memcpy(&value, word, sizeof value);
    return _mm512_set1_epi32(value);
}

/* ---- binary convolution ---- */

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

/* What follows the sums of 16 channels, and the next signs as a mask. */
INLINE __mmask16 finish(const conv_layer *layer, const conv_row *row, __m512i disagreements, int k,
                        int channel, const float *shortcut, float *out) {
    __m512i dot = _mm512_sub_epi32(_mm512_set1_epi32(k), _mm512_slli_epi32(disagreements, 1));
    __m512 z = _mm512_mul_ps(_mm512_cvtepi32_ps(dot), _mm512_loadu_ps(layer->scale + channel));
    z = _mm512_add_ps(z, _mm512_loadu_ps(layer->bias + channel));
    z = _mm512_add_ps(z, _mm512_loadu_ps(shortcut));
    __mmask16 negative = _mm512_cmp_ps_mask(z, _mm512_setzero_ps(), _CMP_LT_OQ);
    z = _mm512_mask_mul_ps(z, negative, z, _mm512_loadu_ps(layer->slope + channel));
    z = _mm512_add_ps(z, _mm512_loadu_ps(layer->shift + channel));
    _mm512_storeu_ps(out, z);
    if (!row->beta)
        return 0;
    __m512 next = _mm512_add_ps(z, _mm512_loadu_ps(row->beta + channel));
    return _mm512_cmp_ps_mask(next, _mm512_setzero_ps(), _CMP_LT_OQ);
}

/* `count` output pixels (a constant) from `first` on, 32 output channels from `channel` on. */
INLINE void conv_tile(const conv_layer *layer, const conv_row *row, int channel, int first,
                      const int count) {
    int line_words = layer->kernel * layer->cin / 32,
        k = layer->kernel * layer->kernel * layer->cin;
    size_t cout = (size_t)layer->cout, step = row->step_bytes;
    const uint8_t *bits = row->bits + (size_t)first * step;
    const uint32_t *weights = (const uint32_t *)layer->weights + (size_t)channel * (size_t)(k / 32);
    __m512i low[8], high[8];
    for (int p = 0; p < count; p++)
        low[p] = high[p] = _mm512_setzero_si512();
    for (int y = 0; y < layer->kernel; y++, bits += row->row_bytes)
        for (int i = 0; i < line_words; i++, weights += CHANNELS) {
            __m512i w0 = _mm512_loadu_si512(weights);
            __m512i w1 = _mm512_loadu_si512(weights + LANE_COUNT);
            for (int p = 0; p < count; p++) {
                __m512i a = broadcast(bits + (size_t)p * step + 4 * (size_t)i);
                low[p] = _mm512_add_epi32(low[p], _mm512_popcnt_epi32(_mm512_xor_si512(a, w0)));
                high[p] = _mm512_add_epi32(high[p], _mm512_popcnt_epi32(_mm512_xor_si512(a, w1)));
            }
        }
    const float *shortcut = row->shortcut + channel % row->shortcut_channels;
    for (int p = 0; p < count; p++) {
        size_t pixel = (size_t)(first + p);
        const float *s = shortcut + pixel * (size_t)row->shortcut_channels;
        float *out = row->out + pixel * cout + (size_t)channel;
        uint32_t mask = finish(layer, row, low[p], k, channel, s, out);
        mask |= (uint32_t)finish(layer, row, high[p], k, channel + LANE_COUNT, s + LANE_COUNT,
                                 out + LANE_COUNT)
                << LANE_COUNT;
        if (row->beta)
            memcpy(row->out_bits + (pixel * cout + (size_t)channel) / 8, &mask, sizeof mask);
    }
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
        for (int c = 0; c < channels; c += LANE_COUNT, bits += sizeof(__mmask16)) {
            __m512 sum = _mm512_add_ps(_mm512_loadu_ps(x + c), _mm512_loadu_ps(beta + c));
            __mmask16 mask = _mm512_cmp_ps_mask(sum, _mm512_setzero_ps(), _CMP_LT_OQ);
            memcpy(bits, &mask, sizeof mask);
        }
}

/* ---- stem: two taps of a row at once, as int16 pairs; the fourth tap of a row is zero ---- */

enum { PAIRS = 6 };

static size_t stem_bytes(int channels) {
    return (size_t)channels * 2 * PAIRS * sizeof(int16_t);
}

/* [channels][3][3] -> [channels / 16][3][2][16][2] */
static void pack_stem(const int8_t *weights, int channels, void *packed) {
    int16_t *out = packed;
    for (int block = 0; block < channels; block += LANE_COUNT)
        for (int pair = 0; pair < PAIRS; pair++)
            for (int c = block; c < block + LANE_COUNT; c++) {
                const int8_t *line = weights + 9 * c + pair / 2 * 3;
                *out++ = line[pair % 2 * 2];
                *out++ = pair % 2 ? 0 : line[1];
            }
}

static void stem(const stem_layer *layer, const int16_t *const rows[3], int pixels, float *out) {
    for (int c = 0; c < layer->channels; c += LANE_COUNT) {
        const int16_t *weights = (const int16_t *)layer->weights + (size_t)c * 2 * PAIRS;
        __m512i w[PAIRS];
        for (int pair = 0; pair < PAIRS; pair++)
            w[pair] = _mm512_loadu_si512(weights + pair * 2 * LANE_COUNT);
        __m512 scale = _mm512_loadu_ps(layer->scale + c), bias = _mm512_loadu_ps(layer->bias + c);
        for (int x = 0; x < pixels; x++) {
            __m512i sum = _mm512_setzero_si512();
            for (int pair = 0; pair < PAIRS; pair++) {
                const int16_t *taps = rows[pair / 2] + 2 * x + pair % 2 * 2;
                sum = _mm512_dpwssd_epi32(sum, broadcast(taps), w[pair]);
            }
            __m512 y = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale), bias);
            _mm512_storeu_ps(out + (size_t)x * (size_t)layer->channels + c, y);
        }
    }
}

/* ---- matrix product: two inputs of 16 outputs at once ---- */

static int pairs_of(int inputs) {
    return (inputs + 1) / 2;
}

static size_t matrix_bytes(int inputs, int outputs) {
    size_t blocks = (size_t)(outputs + LANE_COUNT - 1) / LANE_COUNT;
    return blocks * (size_t)pairs_of(inputs) * sizeof(__m512i);
}

/* [outputs][inputs] -> [ceil(outputs / 16)][ceil(inputs / 2)][16][2], zeros beyond the ends. */
static void pack_matrix(const int8_t *weights, int inputs, int outputs, void *packed) {
    int16_t *out = packed;
    for (int block = 0; block < outputs; block += LANE_COUNT)
        for (int k = 0; k < inputs; k += 2)
            for (int o = block; o < block + LANE_COUNT; o++)
                for (int i = k; i < k + 2; i++)
                    *out++ = o < outputs && i < inputs
                                 ? weights[(size_t)o * (size_t)inputs + (size_t)i]
                                 : 0;
}

/* `rows` x `blocks` vectors of sums, both constants; `output` is the first. */
INLINE void matrix_tile(const matrix *m, const int16_t *x, int output, int32_t *sums,
                        const int rows, const int blocks) {
    size_t inputs = (size_t)m->inputs, pairs = (size_t)pairs_of(m->inputs);
    const __m512i *weights = (const __m512i *)m->weights + (size_t)output / LANE_COUNT * pairs;
    __m512i acc[16];
    for (int i = 0; i < rows * blocks; i++)
        acc[i] = _mm512_setzero_si512();
    for (size_t k = 0; k < inputs / 2; k++)
        for (int r = 0; r < rows; r++) {
            __m512i a = broadcast(x + (size_t)r * inputs + 2 * k);
            for (int b = 0; b < blocks; b++) {
                __m512i w = _mm512_loadu_si512(weights + (size_t)b * pairs + k);
                acc[r * blocks + b] = _mm512_dpwssd_epi32(acc[r * blocks + b], a, w);
            }
        }
    for (int r = 0; inputs % 2 && r < rows; r++) { /* a last input without a neighbour to read */
        __m512i a = _mm512_set1_epi32(x[(size_t)r * inputs + inputs - 1] & 0xffff);
        for (int b = 0; b < blocks; b++) {
            __m512i w = _mm512_loadu_si512(weights + (size_t)b * pairs + pairs - 1);
            acc[r * blocks + b] = _mm512_dpwssd_epi32(acc[r * blocks + b], a, w);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int b = 0; b < blocks; b++) {
            int left = m->outputs - output - b * LANE_COUNT;
            __mmask16 mask = left < LANE_COUNT ? (__mmask16)((1u << left) - 1) : 0xffff;
            int32_t *out = sums + (size_t)r * (size_t)m->outputs + output + b * LANE_COUNT;
            _mm512_mask_storeu_epi32(out, mask, acc[r * blocks + b]);
        }
}

static void multiply(const matrix *m, const int16_t *x, int rows, int32_t *sums) {
    int row = 0, output;
    for (; row + 8 <= rows; row += 8, x += 8 * m->inputs, sums += 8 * m->outputs) {
        for (output = 0; output + LANE_COUNT < m->outputs; output += 2 * LANE_COUNT)
            matrix_tile(m, x, output, sums, 8, 2);
        for (; output < m->outputs; output += LANE_COUNT)
            matrix_tile(m, x, output, sums, 8, 1);
    }
    for (; row < rows; row++, x += m->inputs, sums += m->outputs) {
        for (output = 0; output + 7 * LANE_COUNT < m->outputs; output += 8 * LANE_COUNT)
            matrix_tile(m, x, output, sums, 1, 8);
        for (; output < m->outputs; output += LANE_COUNT)
            matrix_tile(m, x, output, sums, 1, 1);
    }
}

const kernel_table kernel_avx512 = {
    .name = "avx512",
    .channels_per_byte = 8,
    .conv_bytes = conv_bytes,
    .pack_conv = pack_conv,
    .conv = conv,
    .sign = sign,
    .stem_bytes = stem_bytes,
    .pack_stem = pack_stem,
    .stem = stem,
    .matrix_bytes = matrix_bytes,
    .pack_matrix = pack_matrix,
    .multiply = multiply,
    ELEMENTWISE_ENTRIES,
};
