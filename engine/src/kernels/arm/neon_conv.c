/* NEON: kernels/popcount.h. */
#include <arm_neon.h>
#include <string.h>

#include "kernels/arm/tables.h"

enum { MAX_BLOCKS = 4, MAX_PIXELS = 4 };

typedef uint8x16_t bytes;
typedef int16x8_t halves;
typedef float32x4_t floats;
typedef uint32x4_t signs;

static inline bytes bytes_zero(void) {
    return vdupq_n_u8(0);
}

static inline bytes bytes_load(const uint8_t *p) {
    return vld1q_u8(p);
}

static inline bytes bytes_load_4(const uint8_t *p) {
    uint32_t four;
    memcpy(&four, p, sizeof four);
    return vcombine_u8(vcreate_u8(four), vcreate_u8(0));
}

/* Which lane must be a constant of the compiler's front end. */
static inline bytes bytes_broadcast(bytes four, int i) {
    switch (i) {
    case 0:
        return vdupq_laneq_u8(four, 0);
    case 1:
        return vdupq_laneq_u8(four, 1);
    case 2:
        return vdupq_laneq_u8(four, 2);
    default:
        return vdupq_laneq_u8(four, 3);
    }
}

static inline __attribute__((always_inline)) void bytes_keep(bytes *x, const int n) {
#ifdef __clang__ /* finds registers by itself, and fewer with this */
    (void)x;
    (void)n;
#else
    if (n == 4)
        __asm__ volatile("" : "+w"(x[0]), "+w"(x[1]), "+w"(x[2]), "+w"(x[3]));
    else
        __asm__ volatile("" : "+w"(x[0]), "+w"(x[1]));
#endif
}

static inline bytes bytes_count(bytes x) {
    return vcntq_u8(x);
}

static inline halves halves_fill(int16_t x) {
    return vdupq_n_s16(x);
}

static inline halves halves_load(const int16_t *p) {
    return vld1q_s16(p);
}

static inline void halves_store(int16_t *p, halves x) {
    vst1q_s16(p, x);
}

static inline halves halves_subtract(halves x, bytes sums, int half) {
    uint16x8_t all = vreinterpretq_u16_s16(x);
    return vreinterpretq_s16_u16(half ? vsubw_high_u8(all, sums)
                                      : vsubw_u8(all, vget_low_u8(sums)));
}

static inline floats floats_load(const float *p) {
    return vld1q_f32(p);
}

static inline void floats_store(float *p, floats x) {
    vst1q_f32(p, x);
}

static inline floats floats_dot(halves x, int half) {
    return vcvtq_f32_s32(half ? vshll_high_n_s16(x, 1) : vshll_n_s16(vget_low_s16(x), 1));
}

static inline floats floats_leaky(floats x, floats slope) {
    return vbslq_f32(vcltzq_f32(x), x * slope, x);
}

static inline signs signs_zero(void) {
    return vdupq_n_u32(0);
}

/* Four channels are a nibble of each lane, in which every bit is that of the lane's channel. */
static inline signs signs_add(signs s, floats x) {
    return vsriq_n_u32(vcltzq_f32(x), s, 4);
}

static inline void signs_store(uint8_t *bits, signs s) {
    static const uint32_t own[4] = {0x11111111, 0x22222222, 0x44444444, 0x88888888};
    uint32_t all = vaddvq_u32(vandq_u32(s, vld1q_u32(own)));
    memcpy(bits, &all, sizeof all);
}

#include "kernels/popcount.h"

size_t bitocr_neon_conv_bytes(int kernel, int cin, int cout) {
    return conv_bytes(kernel, cin, cout);
}

void bitocr_neon_pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed) {
    pack_conv(weights, kernel, cin, cout, packed);
}

void bitocr_neon_conv(const conv_layer *layer, const conv_row *row) {
    conv(layer, row);
}

void bitocr_neon_sign(const float *x, const float *beta, int pixels, int channels, uint8_t *bits) {
    sign(x, beta, pixels, channels, bits);
}
