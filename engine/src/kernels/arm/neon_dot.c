/* NEON with dot products of four int8 (SDOT), which matrix products take; the rest is as in neon.c.
 *
 * An int16 x is 256 h + l + 128, with h and l int8, so that the sum of w x is 256 times that of w
 * h, and that of w l, and 128 times that of w, which is computed when weights are packed. All of it
 * is modulo 2^32, and the sum itself fits 32 bits. */
#include <arm_neon.h>

#include "kernels/arm/tables.h"
#include "kernels/elementwise.h"

enum { BLOCK = 4, STEP = 16, ROWS = 4, FEW_BLOCKS = 2, MAX_BLOCKS = 8 };

#define INLINE static inline __attribute__((always_inline))

/* h and l of STEP inputs. */
typedef struct {
    int8x16_t high, low;
} halves;

static size_t round_up(int n, int unit) {
    return (size_t)((n + unit - 1) / unit * unit);
}

/* Bytes of the weights of BLOCK outputs, behind which lie BLOCK int32 of 128 times their sums. */
static size_t weight_bytes(int inputs) {
    return round_up(inputs, STEP) * BLOCK;
}

static size_t block_bytes(int inputs) {
    return weight_bytes(inputs) + BLOCK * sizeof(int32_t);
}

static size_t matrix_bytes(int inputs, int outputs) {
    return round_up(outputs, BLOCK) / BLOCK * block_bytes(inputs);
}

/* [outputs][inputs] -> [outputs / BLOCK][inputs / 4][BLOCK][4], zeros beyond the ends. */
static void pack_matrix(const int8_t *weights, int inputs, int outputs, void *packed) {
    for (int o = 0; o < (int)round_up(outputs, BLOCK); o++) {
        int8_t *block = (int8_t *)packed + (size_t)(o / BLOCK) * block_bytes(inputs);
        int32_t sum = 0;
        for (int i = 0; i < (int)round_up(inputs, STEP); i++) {
            int8_t w =
                o < outputs && i < inputs ? weights[(size_t)o * (size_t)inputs + (size_t)i] : 0;
            block[i / 4 * 4 * BLOCK + o % BLOCK * 4 + i % 4] = w;
            sum += 128 * w;
        }
        memcpy(block + weight_bytes(inputs) + (size_t)(o % BLOCK) * sizeof sum, &sum, sizeof sum);
    }
}

static inline halves halves_of(const int16_t *x) {
    int8x16_t first = vreinterpretq_s8_s16(vld1q_s16(x));
    int8x16_t second = vreinterpretq_s8_s16(vld1q_s16(x + 8));
    return (halves){vuzp2q_s8(first, second),
                    veorq_s8(vuzp1q_s8(first, second), vdupq_n_s8(INT8_MIN))};
}

/* Adds the products with four inputs; `lane` must be a constant of the compiler's front end. */
#define ADD_PRODUCTS(lane)                                                                         \
    for (int b = 0; b < blocks; b++) {                                                             \
        int8x16_t w = vld1q_s8(weights + (size_t)b * bytes + (lane) * 4 * BLOCK);                  \
        for (int r = 0; r < rows; r++) {                                                           \
            int s = r * blocks + b;                                                                \
            high[s] = vdotq_laneq_s32(high[s], w, a[r].high, lane);                                \
            low[s] = vdotq_laneq_s32(low[s], w, a[r].low, lane);                                   \
        }                                                                                          \
    }

/* `rows` of `blocks` times BLOCK outputs from `first` on, both constants. */
INLINE void matrix_tile(const matrix *m, const int16_t *x, int first, int32_t *out, const int rows,
                        const int blocks) {
    size_t inputs = (size_t)m->inputs, outputs = (size_t)m->outputs, stride = inputs;
    size_t bytes = block_bytes(m->inputs);
    const int8_t *weights = (const int8_t *)m->weights + (size_t)(first / BLOCK) * bytes;
    int16_t last[ROWS * STEP] = {0};
    halves a[ROWS];
    int32x4_t high[MAX_BLOCKS], low[MAX_BLOCKS]; /* of the products with h; of all the rest */
#pragma GCC unroll 8
    for (int b = 0; b < blocks; b++) {
        const int8_t *start = weights + (size_t)b * bytes + weight_bytes(m->inputs);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            high[r * blocks + b] = vdupq_n_s32(0);
            low[r * blocks + b] = vreinterpretq_s32_s8(vld1q_s8(start));
        }
    }
    for (size_t k = 0; k < inputs; k += STEP, x += STEP, weights += STEP * BLOCK) {
        if (inputs - k < STEP) {
            for (int r = 0; r < rows; r++)
                memcpy(last + r * STEP, x + (size_t)r * inputs, (inputs - k) * sizeof *x);
            x = last;
            stride = STEP;
        }
        for (int r = 0; r < rows; r++)
            a[r] = halves_of(x + (size_t)r * stride);
        ADD_PRODUCTS(0)
        ADD_PRODUCTS(1)
        ADD_PRODUCTS(2)
        ADD_PRODUCTS(3)
    }
    int32_t all[MAX_BLOCKS * BLOCK];
#pragma GCC unroll 8
    for (int s = 0; s < rows * blocks; s++)
        vst1q_s32(all + s * BLOCK, vaddq_s32(vshlq_n_s32(high[s], 8), low[s]));
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

TILE_FUNCTION(rows_few, ROWS, FEW_BLOCKS)
TILE_FUNCTION(rows_one, ROWS, 1)
TILE_FUNCTION(row_many, 1, MAX_BLOCKS)
TILE_FUNCTION(row_one, 1, 1)

/* Many rows share each weight that is loaded; a single one, the state of an LSTM, takes as many
 * outputs at once as there are registers for their sums. */
static void multiply(const matrix *m, const int16_t *x, int rows, int32_t *out) {
    enum { FEW = FEW_BLOCKS * BLOCK, MANY = MAX_BLOCKS * BLOCK };
    int output;
    for (; rows >= ROWS; rows -= ROWS, x += ROWS * m->inputs, out += ROWS * m->outputs) {
        for (output = 0; output + FEW - BLOCK < m->outputs; output += FEW)
            rows_few(m, x, output, out);
        if (output < m->outputs)
            rows_one(m, x, output, out);
    }
    for (; rows > 0; rows--, x += m->inputs, out += m->outputs) {
        for (output = 0; output + MANY - BLOCK < m->outputs; output += MANY)
            row_many(m, x, output, out);
        for (; output < m->outputs; output += BLOCK)
            row_one(m, x, output, out);
    }
}

const kernel_table bitocr_kernel_neon_dot = {
    .name = "neon_dot",
    NEON_ENTRIES,
    .matrix_bytes = matrix_bytes,
    .pack_matrix = pack_matrix,
    .multiply = multiply,
    ELEMENTWISE_ENTRIES,
};
