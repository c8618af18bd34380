/* AVX2: kernels/nibbles.h with vectors of 32 output channels. */
#include <immintrin.h>

#include "kernels/elementwise.h"
#include "kernels/x86/tables.h"

enum { LANE_COUNT = 8, PRODUCT_ROWS = 4, MAX_PIXELS = 4 };

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

#include "kernels/products.h"

typedef float floats __attribute__((vector_size(32)));

static inline bytes bytes_zero(void) {
    return (bytes)_mm256_setzero_si256();
}

static inline bytes bytes_load(const uint8_t *p) {
    return (bytes)_mm256_loadu_si256((const __m256i *)p);
}

static inline bytes bytes_table(const uint8_t *p) {
    return (bytes)_mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)p));
}

static inline bytes bytes_look_up(bytes table, bytes indices) {
    return (bytes)_mm256_shuffle_epi8((__m256i)table, (__m256i)indices);
}

static inline void bytes_add_to(uint16_t *wide, bytes sums) {
    __m256i *out = (__m256i *)wide, all = (__m256i)sums;
    __m128i low = _mm256_castsi256_si128(all), high = _mm256_extracti128_si256(all, 1);
    out[0] = _mm256_add_epi16(out[0], _mm256_cvtepu8_epi16(low));
    out[1] = _mm256_add_epi16(out[1], _mm256_cvtepu8_epi16(high));
}

static inline floats floats_zero(void) {
    return _mm256_setzero_ps();
}

static inline floats floats_load(const float *p) {
    return _mm256_loadu_ps(p);
}

static inline void floats_store(float *p, floats x) {
    _mm256_storeu_ps(p, x);
}

static inline floats floats_dot(int k, const uint16_t *n) {
    __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)n));
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_set1_epi32(k), _mm256_slli_epi32(wide, 1)));
}

static inline floats floats_leaky(floats x, floats slope) {
    __m256 negative = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ);
    return _mm256_blendv_ps(x, _mm256_mul_ps(x, slope), negative);
}

static inline void store_signs(uint8_t *bits, floats x) {
    int mask = _mm256_movemask_ps(_mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ));
    bits[0] = (uint8_t)(mask << 4);
    bits[1] = (uint8_t)(mask & 0xf0);
}

#include "kernels/nibbles.h"

const kernel_table bitocr_kernel_avx2 = {
    .name = "avx2",
    NIBBLE_ENTRIES,
    PRODUCT_ENTRIES,
    ELEMENTWISE_ENTRIES,
};
