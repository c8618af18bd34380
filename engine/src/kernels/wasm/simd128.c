/* The kernel functions with WebAssembly vectors: conv.c in this folder, and kernels/products.h. */
#include <wasm_simd128.h>

#include "kernels/elementwise.h"
#include "kernels/wasm/tables.h"

enum { LANE_COUNT = 4, PRODUCT_ROWS = 4 };

typedef int32_t ints __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));

static inline ints ints_zero(void) {
    return (ints)wasm_i32x4_splat(0);
}

static inline ints ints_broadcast(int32_t value) {
    return (ints)wasm_i32x4_splat(value);
}

static inline ints ints_widen(const int8_t *p) {
    return (ints)wasm_i16x8_load8x8(p);
}

/* Weights are stored wide: widening takes as long as one of the two instructions after it. */
#define MATRIX_WEIGHT int16_t

static inline ints ints_load(const int16_t *p) {
    return (ints)wasm_v128_load(p);
}

static inline ints ints_add_products(ints sums, ints a, ints b) {
    return sums + (ints)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
}

static inline void ints_store(int32_t *p, ints sums, int count) {
    if (count == LANE_COUNT) {
        wasm_v128_store(p, (v128_t)sums);
        return;
    }
    int32_t lanes[LANE_COUNT];
    wasm_v128_store(lanes, (v128_t)sums);
    memcpy(p, lanes, (size_t)count * sizeof *p);
}

static inline void ints_scale(float *out, ints sums, const float *scale, const float *bias) {
    floats y = (floats)wasm_f32x4_convert_i32x4((v128_t)sums) * (floats)wasm_v128_load(scale);
    wasm_v128_store(out, (v128_t)(y + (floats)wasm_v128_load(bias)));
}

#include "kernels/products.h"

#ifdef __wasm_relaxed_simd__
#include "kernels/wasm/narrow.h"
#endif

const kernel_table bitocr_kernel_simd128 = {
#ifdef __wasm_relaxed_simd__
    .name = "relaxed_simd",
#else
    .name = "simd128",
#endif
    .channels_per_byte = 8,
    .conv_bytes = bitocr_simd128_conv_bytes,
    .pack_conv = bitocr_simd128_pack_conv,
    .conv = bitocr_simd128_conv,
    .sign = bitocr_simd128_sign,
    PRODUCT_ENTRIES,
    ELEMENTWISE_ENTRIES,
};
