/* AVX-512 without VPOPCNTDQ: kernels/nibbles.h with vectors of 64 output channels. */
#include "kernels/x86/products512.h"
#include "kernels/x86/tables.h"

enum { MAX_PIXELS = 4 }; /* more gain little with GCC, and with clang lose much */

typedef uint8_t bytes __attribute__((vector_size(64)));
typedef float floats __attribute__((vector_size(64)));

static inline bytes bytes_zero(void) {
    return (bytes)_mm512_setzero_si512();
}

static inline bytes bytes_load(const uint8_t *p) {
    return (bytes)_mm512_loadu_si512(p);
}

static inline bytes bytes_table(const uint8_t *p) {
    return (bytes)_mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)p));
}

static inline bytes bytes_look_up(bytes table, bytes indices) {
    return (bytes)_mm512_shuffle_epi8((__m512i)table, (__m512i)indices);
}

static inline void bytes_add_to(uint16_t *wide, bytes sums) {
    __m512i *out = (__m512i *)wide, all = (__m512i)sums;
    __m256i low = _mm512_castsi512_si256(all), high = _mm512_extracti64x4_epi64(all, 1);
    out[0] = _mm512_add_epi16(out[0], _mm512_cvtepu8_epi16(low));
    out[1] = _mm512_add_epi16(out[1], _mm512_cvtepu8_epi16(high));
}

static inline floats floats_zero(void) {
    return _mm512_setzero_ps();
}

static inline floats floats_load(const float *p) {
    return _mm512_loadu_ps(p);
}

static inline void floats_store(float *p, floats x) {
    _mm512_storeu_ps(p, x);
}

static inline floats floats_dot(int k, const uint16_t *n) {
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)n));
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_set1_epi32(k), _mm512_slli_epi32(wide, 1)));
}

static inline floats floats_leaky(floats x, floats slope) {
    __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
    return _mm512_mask_mul_ps(x, negative, x, slope);
}

static inline void store_signs(uint8_t *bits, floats x) {
    uint32_t mask = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
    mask = (mask | mask << 8) & 0x00ff00ff;
    mask = (mask << 4 | mask << 8) & 0xf0f0f0f0;
    memcpy(bits, &mask, sizeof mask);
}

#include "kernels/nibbles.h"

const kernel_table bitocr_kernel_avx512bw = {
    .name = "avx512bw",
    NIBBLE_ENTRIES,
    PRODUCT_ENTRIES,
    ELEMENTWISE_ENTRIES,
};
