/* The stem in NEON: products of int16 by one pixel of a vector, for 8 channels of 4 pixels. */
#include <arm_neon.h>

#include "kernels/arm/tables.h"

enum { CHANNELS = 8, TAPS = 9, PIXELS = 4 };

#define INLINE static inline __attribute__((always_inline))

/* Two vectors of int32 sums. */
typedef struct {
    int32x4_t low, high;
} sums;

size_t bitocr_neon_stem_bytes(int channels) {
    return (size_t)channels * TAPS * sizeof(int16_t);
}

/* [channels][3][3] -> [channels / CHANNELS][3][3][CHANNELS], two bytes a weight. */
void bitocr_neon_pack_stem(const int8_t *weights, int channels, void *packed) {
    int16_t *out = packed;
    for (int block = 0; block < channels; block += CHANNELS)
        for (int tap = 0; tap < TAPS; tap++)
            for (int c = block; c < block + CHANNELS; c++)
                *out++ = weights[TAPS * c + tap];
}

INLINE sums add_products(sums s, int16x8_t weights, int16_t pixel) {
    s.low = vmlal_n_s16(s.low, vget_low_s16(weights), pixel);
    s.high = vmlal_high_n_s16(s.high, weights, pixel);
    return s;
}

/* `pixels` of CHANNELS channels, the first of which reads from column `left` on. */
INLINE void stem_tile(const int16x8_t *weights, const int16_t *const rows[3], int left,
                      const float *scale, const float *bias, float *out, size_t channels,
                      const int pixels) {
    sums s[PIXELS];
    for (int p = 0; p < pixels; p++)
        s[p] = (sums){vdupq_n_s32(0), vdupq_n_s32(0)};
    for (int y = 0; y < 3; y++)
        for (int p = 0; p < pixels; p++)
            for (int x = 0; x < 3; x++)
                s[p] = add_products(s[p], weights[3 * y + x], rows[y][left + 2 * p + x]);
    for (int p = 0; p < pixels; p++, out += channels) {
        float32x4_t low = vcvtq_f32_s32(s[p].low), high = vcvtq_f32_s32(s[p].high);
        vst1q_f32(out, low * vld1q_f32(scale) + vld1q_f32(bias));
        vst1q_f32(out + 4, high * vld1q_f32(scale + 4) + vld1q_f32(bias + 4));
    }
}

void bitocr_neon_stem(const stem_layer *layer, const int16_t *const rows[3], int pixels,
                      float *out) {
    size_t channels = (size_t)layer->channels;
    for (size_t c = 0; c < channels; c += CHANNELS, out += CHANNELS) {
        const int16_t *packed = (const int16_t *)layer->weights + c * TAPS;
        const float *scale = layer->scale + c, *bias = layer->bias + c;
        int16x8_t weights[TAPS];
        int x = 0;
        for (int tap = 0; tap < TAPS; tap++)
            weights[tap] = vld1q_s16(packed + tap * CHANNELS);
        for (; x + PIXELS <= pixels; x += PIXELS)
            stem_tile(weights, rows, 2 * x, scale, bias, out + (size_t)x * channels, channels,
                      PIXELS);
        for (; x < pixels; x++)
            stem_tile(weights, rows, 2 * x, scale, bias, out + (size_t)x * channels, channels, 1);
    }
}
