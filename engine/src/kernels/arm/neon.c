/* NEON, which every 64-bit ARM has. Matrix products multiply int16 by one int16 of a vector. */
#include <arm_neon.h>

#include "kernels/arm/tables.h"
#include "kernels/elementwise.h"

enum { BLOCK = 16, STEP = 8, ROWS = 4, MAX_BLOCKS = 4 };

#define INLINE static inline __attribute__((always_inline))

/* The sums of one row with BLOCK outputs. */
typedef struct {
    int32x4_t quads[BLOCK / 4];
} sums;

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
            int32x4_t *s = acc[r * blocks + b].quads;                                              \
            s[0] = vmlal_laneq_s16(s[0], vget_low_s16(low), a[r], lane);                           \
            s[1] = vmlal_high_laneq_s16(s[1], low, a[r], lane);                                    \
            s[2] = vmlal_laneq_s16(s[2], vget_low_s16(high), a[r], lane);                          \
            s[3] = vmlal_high_laneq_s16(s[3], high, a[r], lane);                                   \
        }                                                                                          \
    }

static void store(int32_t *out, const sums *s, int count) {
    if (count > BLOCK)
        count = BLOCK;
    memcpy(out, s, (size_t)count * sizeof *out);
}

/* `rows` of `blocks` times BLOCK outputs from `first` on, both constants. */
INLINE void matrix_tile(const matrix *m, const int16_t *x, int first, int32_t *out, const int rows,
                        const int blocks) {
    size_t inputs = (size_t)m->inputs, outputs = (size_t)m->outputs;
    size_t block_bytes = round_up(m->inputs, STEP) * BLOCK, stride = inputs;
    const int8_t *weights = (const int8_t *)m->weights + (size_t)(first / BLOCK) * block_bytes;
    int16_t last[ROWS * STEP] = {0};
    int16x8_t a[ROWS];
    sums acc[MAX_BLOCKS];
    for (int s = 0; s < rows * blocks; s++)
        for (int i = 0; i < BLOCK / 4; i++)
            acc[s].quads[i] = vdupq_n_s32(0);
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
    for (int r = 0; r < rows; r++)
        for (int b = 0; b < blocks; b++)
            store(out + (size_t)r * outputs + (size_t)(first + b * BLOCK), &acc[r * blocks + b],
                  m->outputs - first - b * BLOCK);
}

/* Many rows share each weight that is loaded; a single one, the state of an LSTM, takes as many
 * outputs at once as there are registers for their sums. */
static void multiply(const matrix *m, const int16_t *x, int rows, int32_t *out) {
    int output;
    for (; rows >= ROWS; rows -= ROWS, x += ROWS * m->inputs, out += ROWS * m->outputs)
        for (output = 0; output < m->outputs; output += BLOCK)
            matrix_tile(m, x, output, out, ROWS, 1);
    for (; rows > 0; rows--, x += m->inputs, out += m->outputs) {
        for (output = 0; output + (MAX_BLOCKS - 1) * BLOCK < m->outputs;
             output += MAX_BLOCKS * BLOCK)
            matrix_tile(m, x, output, out, 1, MAX_BLOCKS);
        for (; output < m->outputs; output += BLOCK)
            matrix_tile(m, x, output, out, 1, 1);
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
