/* The vectors of WebAssembly: kernels/popcount.h and kernels/products.h. */
#include <wasm_simd128.h>

#include "kernels/elementwise.h"
#include "kernels/wasm/tables.h"

enum { LANE_COUNT = 4, PRODUCT_ROWS = 4, MAX_BLOCKS = 2, MAX_PIXELS = 2 };
/* i8x16.popcnt is one instruction on ARM, but ten on x86. */
#define CARRY_SAVE

typedef int32_t ints __attribute__((vector_size(16)));
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef int16_t halves __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));
typedef uint32_t signs __attribute__((vector_size(16)));

static inline ints ints_zero(void) {
    return (ints)wasm_i32x4_splat(0);
}

static inline ints ints_broadcast(int32_t value) {
    return (ints)wasm_i32x4_splat(value);
}

static inline ints ints_widen(const int8_t *p) {
    return (ints)wasm_i16x8_load8x8(p);
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

static inline bytes bytes_zero(void) {
    return (bytes)wasm_i8x16_splat(0);
}

static inline bytes bytes_load(const uint8_t *p) {
    return (bytes)wasm_v128_load(p);
}

static inline bytes bytes_fill(uint8_t x) {
    return (bytes)wasm_i8x16_splat((int8_t)x);
}

static inline bytes bytes_choose(bytes mask, bytes a, bytes b) {
    return (bytes)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)mask);
}

static inline bytes bytes_count(bytes x) {
    return (bytes)wasm_i8x16_popcnt((v128_t)x);
}

static inline halves halves_fill(int16_t x) {
    return (halves)wasm_i16x8_splat(x);
}

static inline halves halves_load(const int16_t *p) {
    return (halves)wasm_v128_load(p);
}

static inline void halves_store(int16_t *p, halves x) {
    wasm_v128_store(p, (v128_t)x);
}

static inline halves halves_subtract(halves x, bytes sums, int half) {
    v128_t all = (v128_t)sums;
    return x -
           (halves)(half ? wasm_u16x8_extend_high_u8x16(all) : wasm_u16x8_extend_low_u8x16(all));
}

static inline floats floats_load(const float *p) {
    return (floats)wasm_v128_load(p);
}

static inline void floats_store(float *p, floats x) {
    wasm_v128_store(p, (v128_t)x);
}

static inline floats floats_dot(halves x, int half) {
    v128_t all = (v128_t)x;
    v128_t wide = half ? wasm_i32x4_extend_high_i16x8(all) : wasm_i32x4_extend_low_i16x8(all);
    return (floats)wasm_f32x4_convert_i32x4(wasm_i32x4_shl(wide, 1));
}

static inline v128_t below_zero(floats x) {
    return wasm_f32x4_lt((v128_t)x, wasm_f32x4_splat(0));
}

static inline floats floats_leaky(floats x, floats slope) {
    return (floats)wasm_v128_bitselect((v128_t)(x * slope), (v128_t)x, below_zero(x));
}

static inline signs signs_zero(void) {
    return (signs)wasm_i32x4_splat(0);
}

/* Four channels are a nibble of each lane, in which every bit is that of the lane's channel. */
static inline signs signs_add(signs s, floats x) {
    return s >> 4 | ((signs)below_zero(x) & 0xf0000000);
}

static inline void signs_store(uint8_t *bits, signs s) {
    const signs own = {0x11111111, 0x22222222, 0x44444444, 0x88888888};
    s &= own;
    uint32_t all = (s[0] | s[1]) | (s[2] | s[3]);
    memcpy(bits, &all, sizeof all);
}

#include "kernels/popcount.h"

const kernel_table bitocr_kernel_simd128 = {
    .name = "simd128",
    .channels_per_byte = 8,
    .conv_bytes = conv_bytes,
    .pack_conv = pack_conv,
    .conv = conv,
    .sign = sign,
    PRODUCT_ENTRIES,
    ELEMENTWISE_ENTRIES,
};
