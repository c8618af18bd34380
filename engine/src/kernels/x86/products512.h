/* kernels/products.h with vectors of AVX-512. */
#ifndef BITOCR_KERNELS_X86_PRODUCTS512_H
#define BITOCR_KERNELS_X86_PRODUCTS512_H

#include <immintrin.h>

#include "kernels/elementwise.h"

enum { LANE_COUNT = 16, PRODUCT_ROWS = 8 };

/* Not __m512i, a vector of int64: in loops, GCC copies sums from one type to the other and back. */
typedef int32_t ints __attribute__((vector_size(64)));

static inline ints ints_zero(void) {
    return (ints)_mm512_setzero_si512();
}

static inline ints ints_broadcast(int32_t value) {
    return (ints)_mm512_set1_epi32(value);
}

static inline ints ints_widen(const int8_t *p) {
    return (ints)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p));
}

static inline ints ints_add_products(ints sums, ints a, ints b) {
#ifdef __AVX512VNNI__
    return (ints)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#else
    return (ints)_mm512_add_epi32((__m512i)sums, _mm512_madd_epi16((__m512i)a, (__m512i)b));
#endif
}

static inline void ints_store(int32_t *p, ints sums, int count) {
    _mm512_mask_storeu_epi32(p, (__mmask16)((1u << count) - 1), (__m512i)sums);
}

static inline void ints_scale(float *out, ints sums, const float *scale, const float *bias) {
    __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps((__m512i)sums), _mm512_loadu_ps(scale));
    _mm512_storeu_ps(out, _mm512_add_ps(y, _mm512_loadu_ps(bias)));
}

#include "kernels/products.h"

#endif
