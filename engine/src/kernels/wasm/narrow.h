/* Matrix products with relaxed SIMD, for weights that fit seven bits, as the 4-bit weights of LSTMs
 * do. One instruction multiplies four pairs of bytes for each of four sums.
 *
 * It takes signed bytes and bytes below 128. A weight is one of the latter, w + 64. An input is two
 * of the former, x = 256 high + (low + 128), so that
 *     sum x w = 256 sum high (w + 64) + sum low (w + 64) + 128 sum (w + 64) - 64 sum x. */
#ifndef BITOCR_KERNELS_WASM_NARROW_H
#define BITOCR_KERNELS_WASM_NARROW_H

#include <stdbool.h>

enum {
    QUAD = 4,   /* inputs, and outputs, of a vector of weights */
    BLOCKS = 6, /* vectors in a tile: registers hold two sums for each */
    TILE = BLOCKS * QUAD,
    SHIFT = 64,
    MAX_INPUTS = 1024,
    ROWS = 8 /* so many rows use a tile's weights in turn */
};

static bool is_narrow(const int8_t *weights, int inputs, int outputs) {
    if (inputs % (2 * QUAD) || inputs > MAX_INPUTS || outputs % TILE)
        return false;
    for (size_t i = 0; i < (size_t)inputs * (size_t)outputs; i++)
        if (weights[i] < -SHIFT || weights[i] >= SHIFT)
            return false;
    return true;
}

/* int32 [outputs], the part that does not depend on inputs: 128 sum (w + 64). Then the weights
 * [outputs / TILE][inputs / QUAD][TILE][QUAD]. */
static void pack_narrow(const int8_t *weights, int inputs, int outputs, void *packed) {
    int32_t *constants = packed;
    uint8_t *out = (uint8_t *)(constants + outputs);
    memset(constants, 0, (size_t)outputs * sizeof *constants);
    for (int tile = 0; tile < outputs; tile += TILE)
        for (int k = 0; k < inputs; k += QUAD)
            for (int o = tile; o < tile + TILE; o++)
                for (int i = k; i < k + QUAD; i++) {
                    *out = (uint8_t)(weights[(size_t)o * (size_t)inputs + (size_t)i] + SHIFT);
                    constants[o] += 128 * *out++;
                }
}

/* A row of inputs: QUAD low bytes, QUAD high ones, and so on. */
typedef struct {
    uint8_t bytes[2 * MAX_INPUTS];
    int32_t constant; /* -64 sum x */
} narrow_row;

static void split_row(const int16_t *x, int inputs, narrow_row *row) {
    v128_t sum = wasm_i32x4_splat(0);
    for (int k = 0; k < inputs; k += 2 * QUAD) {
        v128_t v = wasm_v128_load(x + k);
        sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(v, wasm_i16x8_splat(-SHIFT)));
        v = wasm_i8x16_shuffle(v, v, 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15);
        wasm_v128_store(row->bytes + 2 * k, wasm_v128_xor(v, wasm_i64x2_splat(0x80808080)));
    }
    row->constant = wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 1) +
                    wasm_i32x4_extract_lane(sum, 2) + wasm_i32x4_extract_lane(sum, 3);
}

/* TILE sums of a row. This is a separate function because compilers then keep everything in
 * registers. */
static __attribute__((noinline)) void narrow_tile(const narrow_row *row, int inputs,
                                                  const uint8_t *weights, const int32_t *constants,
                                                  int32_t *sums) {
    const uint8_t *x = row->bytes;
    v128_t low[BLOCKS], high[BLOCKS];
    for (int b = 0; b < BLOCKS; b++)
        low[b] = high[b] = wasm_i32x4_splat(0);
    for (int k = 0; k < inputs; k += QUAD, x += 2 * QUAD, weights += TILE * QUAD) {
        v128_t l = wasm_v128_load32_splat(x), h = wasm_v128_load32_splat(x + QUAD);
        for (int b = 0; b < BLOCKS; b++) {
            v128_t w = wasm_v128_load(weights + b * QUAD * QUAD);
            low[b] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(l, w, low[b]);
            high[b] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(h, w, high[b]);
        }
    }
#pragma unroll
    for (int b = 0; b < BLOCKS; b++) {
        v128_t sum = wasm_i32x4_add(wasm_i32x4_shl(high[b], 8), low[b]);
        sum = wasm_i32x4_add(sum, wasm_v128_load(constants + b * QUAD));
        wasm_v128_store(sums + b * QUAD, wasm_i32x4_add(sum, wasm_i32x4_splat(row->constant)));
    }
}

static void multiply_narrow(const matrix *m, const int16_t *x, int rows, int32_t *sums) {
    narrow_row split[ROWS];
    size_t inputs = (size_t)m->inputs, outputs = (size_t)m->outputs;
    const int32_t *constants = m->weights;
    const uint8_t *weights = (const uint8_t *)(constants + outputs);
    for (int count; rows > 0; rows -= count, sums += (size_t)count * outputs) {
        count = rows < ROWS ? rows : ROWS;
        for (int r = 0; r < count; r++, x += inputs)
            split_row(x, m->inputs, &split[r]);
        for (size_t o = 0; o < outputs; o += TILE)
            for (int r = 0; r < count; r++)
                narrow_tile(&split[r], m->inputs, weights + o * inputs, constants + o,
                            sums + (size_t)r * outputs + o);
    }
}

/* ---- either kind of matrix, with a header that says which ---- */

enum { HEADER = 16 };

static size_t either_bytes(int inputs, int outputs) {
    return HEADER + matrix_bytes(inputs, outputs) + (size_t)outputs * sizeof(int32_t);
}

static void pack_either(const int8_t *weights, int inputs, int outputs, void *packed) {
    uint8_t *header = packed;
    *header = is_narrow(weights, inputs, outputs);
    (*header ? pack_narrow : pack_matrix)(weights, inputs, outputs, header + HEADER);
}

static void multiply_either(const matrix *m, const int16_t *x, int rows, int32_t *sums) {
    const uint8_t *header = m->weights;
    matrix inner = *m;
    inner.weights = header + HEADER;
    (*header ? multiply_narrow : multiply)(&inner, x, rows, sums);
}

#undef MATRIX_ENTRIES
#define MATRIX_ENTRIES                                                                             \
    .matrix_bytes = either_bytes, .pack_matrix = pack_either, .multiply = multiply_either

#endif
