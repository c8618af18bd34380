/* NEON, which every 64-bit ARM has. Matrix products multiply int16 by one int16 of a vector. */
#include <arm_neon.h>

#include "kernels/arm/tables.h"
#include "kernels/elementwise.h"

enum { BLOCK = 16, STEP = 8, ROWS = 4, MAX_BLOCKS = 4, QUADS = BLOCK / 4 };

#define INLINE static inline __attribute__((always_inline))

static size_t round_up(int n, int unit) {
    return (size_t)((n + unit - 1) / unit * unit);
}

static size_t matrix_bytes(int inputs, int outputs) {
    return round_up(inputs, STEP) * round_up(outputs, BLOCK);
}

/* [outputs][inputs] -> [outputs / BLOCK][inputs][BLOCK], zeros beyond the ends. */
static void pack_matrix(const int8_t *weights, int inputs, int outputs, void *packed) {
    int8_t *out = packed;
    for (int block = 0; block < outputs; block += BLOCK)
        for (int i = 0; i < (int)round_up(inputs, STEP); i++)
            for (int o = block; o < block + BLOCK; o++)
                *out++ =
                    o < outputs && i < inputs ? weights[(size_t)o * (size_t)inputs + (size_t)i] : 0;
}

/* Adds the products with input `lane`, which must be a constant of the compiler's front end. */
#define ADD_PRODUCTS(lane)                                                                         \
    for (int b = 0; b < blocks; b++) {                                                             \
        int8x16_t w = vld1q_s8(weights + (size_t)b * block_bytes + (lane) * BLOCK);                \
        int16x8_t low = vmovl_s8(vget_low_s8(w)), high = vmovl_high_s8(w);                         \
        for (int r = 0; r < rows; r++) {                                                           \
            int s = (r * blocks + b) * QUADS;                                                      \
            sums[s] = vmlal_laneq_s16(sums[s], vget_low_s16(low), a[r], lane);                     \
            sums[s + 1] = vmlal_high_laneq_s16(sums[s + 1], low, a[r], lane);                      \
            sums[s + 2] = vmlal_laneq_s16(sums[s + 2], vget_low_s16(high), a[r], lane);            \
            sums[s + 3] = vmlal_high_laneq_s16(sums[s + 3], high, a[r], lane);                     \
        }                                                                                          \
    }

/* `rows` of `blocks` times BLOCK outputs from `first` on, both constants. */
INLINE void matrix_tile(const matrix *m, const int16_t *x, int first, int32_t *out, const int rows,
                        const int blocks) {
    size_t inputs = (size_t)m->inputs, outputs = (size_t)m->outputs;
    size_t block_bytes = round_up(m->inputs, STEP) * BLOCK, stride = inputs;
    const int8_t *weights = (const int8_t *)m->weights + (size_t)(first / BLOCK) * block_bytes;
    int16_t last[ROWS * STEP] = {0};
    int16x8_t a[ROWS];
    int32x4_t sums[MAX_BLOCKS * QUADS];
#pragma GCC unroll 16
    for (int s = 0; s < rows * blocks * QUADS; s++)
        sums[s] = vdupq_n_s32(0);
    for (size_t k = 0; k < inputs; k += STEP, x += STEP, weights += STEP * BLOCK) {
        if (inputs - k < STEP) {
            for (int r = 0; r < rows; r++)
                memcpy(last + r * STEP, x + (size_t)r * inputs, (inputs - k) * sizeof *x);
            x = last;
            stride = STEP;
        }
        for (int r = 0; r < rows; r++)
            a[r] = vld1q_s16(x + (size_t)r * stride);
        ADD_PRODUCTS(0)
        ADD_PRODUCTS(1)
        ADD_PRODUCTS(2)
        ADD_PRODUCTS(3)
        ADD_PRODUCTS(4)
        ADD_PRODUCTS(5)
        ADD_PRODUCTS(6)
        ADD_PRODUCTS(7)
    }
    int32_t all[MAX_BLOCKS * BLOCK];
#pragma GCC unroll 16
    for (int s = 0; s < rows * blocks * QUADS; s++)
        vst1q_s32(all + 4 * s, sums[s]);
    size_t wanted = (size_t)(blocks * BLOCK), left = outputs - (size_t)first;
    for (int r = 0; r < rows; r++) {
        int32_t *to = out + (size_t)r * outputs + first, *from = all + (size_t)r * wanted;
        if (left >= wanted)
            memcpy(to, from, wanted * sizeof *to);
        else
            memcpy(to, from, left * sizeof *to);
    }
}

/* In functions of their own, compilers find registers for all. */
#define TILE_FUNCTION(name, rows, blocks)                                                          \
    static __attribute__((noinline)) void name(const matrix *m, const int16_t *x, int first,       \
                                               int32_t *out) {                                     \
        matrix_tile(m, x, first, out, rows, blocks);                                               \
    }

TILE_FUNCTION(rows_one, ROWS, 1)
TILE_FUNCTION(row_many, 1, MAX_BLOCKS)
TILE_FUNCTION(row_one, 1, 1)

/* Many rows share each weight that is loaded; a single one, the state of an LSTM, takes as many
 * outputs at once as there are registers for their sums. */
static void multiply(const matrix *m, const int16_t *x, int rows, int32_t *out) {
    int output;
    for (; rows >= ROWS; rows -= ROWS, x += ROWS * m->inputs, out += ROWS * m->outputs)
        for (output = 0; output < m->outputs; output += BLOCK)
            rows_one(m, x, output, out);
    for (; rows > 0; rows--, x += m->inputs, out += m->outputs) {
        for (output = 0; output + (MAX_BLOCKS - 1) * BLOCK < m->outputs;
             output += MAX_BLOCKS * BLOCK)
            row_many(m, x, output, out);
        for (; output < m->outputs; output += BLOCK)
            row_one(m, x, output, out);
    }
}

const kernel_table bitocr_kernel_neon = {
    .name = "neon",
    NEON_ENTRIES,
    .matrix_bytes = matrix_bytes,
    .pack_matrix = pack_matrix,
    .multiply = multiply,
    ELEMENTWISE_ENTRIES,
};
