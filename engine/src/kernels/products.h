/* The stem and the matrix product for instruction sets that multiply pairs of int16 and add them in
 * int32 lanes. A kernel defines, before it includes this:
 * - LANE_COUNT: int32 lanes of a vector, and `ints`, the vector
 * - PRODUCT_ROWS: rows of a matrix product at once, 4 or more; twice as many sums stay in registers
 * - ints_zero(), ints_broadcast(int32_t)
 * - ints_widen(p): 2 * LANE_COUNT int8 as int16, two in each lane
 * - ints_add_products(sums, a, b): sums + a.low * b.low + a.high * b.high in each lane
 * - ints_store(p, sums, count): the first `count` lanes
 * - ints_scale(out, sums, scale, bias): (float)sums * scale + bias of all lanes
 * Where widening takes long, it defines MATRIX_WEIGHT, int16_t, and ints_load(p), 2 * LANE_COUNT of
 * them: matrices are then widened when they are packed. */
#ifndef BITOCR_KERNELS_PRODUCTS_H
#define BITOCR_KERNELS_PRODUCTS_H

#include <string.h>

#include "kernels/kernels.h"

enum { PAIR = 2 * LANE_COUNT }; /* two weights for each lane */

#ifndef MATRIX_WEIGHT
#define MATRIX_WEIGHT int8_t
#define ints_load ints_widen
#endif
typedef MATRIX_WEIGHT matrix_weight;

#define INLINE static inline __attribute__((always_inline))

/* Two int16 in every lane. */
INLINE ints broadcast_pair(const int16_t *pair) {
    int32_t both;
    memcpy(&both, pair, sizeof both);
    return ints_broadcast(both);
}

/* ---- stem: two taps of a row at once; the fourth tap of a row is zero ---- */

enum { STEM_PAIRS = 6 };

static size_t stem_bytes(int channels) {
    return (size_t)channels * 2 * STEM_PAIRS;
}

/* [channels][3][3] -> [channels / LANE_COUNT][3][2][LANE_COUNT][2] */
static void pack_stem(const int8_t *weights, int channels, void *packed) {
    int8_t *out = packed;
    for (int block = 0; block < channels; block += LANE_COUNT)
        for (int pair = 0; pair < STEM_PAIRS; pair++)
            for (int c = block; c < block + LANE_COUNT; c++) {
                const int8_t *line = weights + 9 * c + pair / 2 * 3;
                *out++ = line[pair % 2 * 2];
                *out++ = pair % 2 ? 0 : line[1];
            }
}

static void stem(const stem_layer *layer, const int16_t *const rows[3], int pixels, float *out) {
    for (int c = 0; c < layer->channels; c += LANE_COUNT, out += LANE_COUNT) {
        const int8_t *weights = (const int8_t *)layer->weights + c * 2 * STEM_PAIRS;
        ints w[STEM_PAIRS];
        for (int pair = 0; pair < STEM_PAIRS; pair++)
            w[pair] = ints_widen(weights + pair * 2 * LANE_COUNT);
        for (int x = 0; x < pixels; x++) {
            ints sums = ints_zero();
            for (int pair = 0; pair < STEM_PAIRS; pair++) {
                const int16_t *taps = rows[pair / 2] + 2 * x + pair % 2 * 2;
                sums = ints_add_products(sums, broadcast_pair(taps), w[pair]);
            }
            ints_scale(out + (size_t)x * (size_t)layer->channels, sums, layer->scale + c,
                       layer->bias + c);
        }
    }
}

/* ---- matrix product: two inputs of LANE_COUNT outputs at once ---- */

static size_t pairs_of(int inputs) {
    return (size_t)(inputs + 1) / 2;
}

static size_t matrix_bytes(int inputs, int outputs) {
    size_t blocks = (size_t)(outputs + LANE_COUNT - 1) / LANE_COUNT;
    return blocks * pairs_of(inputs) * PAIR * sizeof(matrix_weight);
}

/* [outputs][inputs] -> [outputs / LANE_COUNT][inputs / 2][LANE_COUNT][2], zeros beyond the ends. */
static void pack_matrix(const int8_t *weights, int inputs, int outputs, void *packed) {
    matrix_weight *out = packed;
    for (int block = 0; block < outputs; block += LANE_COUNT)
        for (int k = 0; k < inputs; k += 2)
            for (int o = block; o < block + LANE_COUNT; o++)
                for (int i = k; i < k + 2; i++)
                    *out++ = o < outputs && i < inputs
                                 ? weights[(size_t)o * (size_t)inputs + (size_t)i]
                                 : 0;
}

/* `rows` x `blocks` vectors of sums, both constants, from output `first` on. */
INLINE void matrix_tile(const matrix *m, const int16_t *x, int first, int32_t *sums, const int rows,
                        const int blocks) {
    size_t inputs = (size_t)m->inputs, outputs = (size_t)m->outputs, pairs = pairs_of(m->inputs);
    size_t block = pairs * PAIR;
    const matrix_weight *weights =
        (const matrix_weight *)m->weights + (size_t)(first / LANE_COUNT) * block;
    ints acc[2 * PRODUCT_ROWS], a[PRODUCT_ROWS];
    for (int r = 0; r < rows; r++) { /* first a last input that has no neighbour to read */
        a[r] = ints_broadcast(inputs % 2 ? x[(size_t)(r + 1) * inputs - 1] & 0xffff : 0);
        for (int b = 0; b < blocks; b++)
            acc[r * blocks + b] = ints_add_products(
                ints_zero(), a[r], ints_load(weights + (size_t)(b + 1) * block - PAIR));
    }
    for (size_t k = 0; k < inputs / 2; k++) {
        for (int r = 0; r < rows; r++)
            a[r] = broadcast_pair(x + (size_t)r * inputs + 2 * k);
        for (int b = 0; b < blocks; b++) {
            ints w = ints_load(weights + (size_t)b * block + k * PAIR);
            for (int r = 0; r < rows; r++)
                acc[r * blocks + b] = ints_add_products(acc[r * blocks + b], a[r], w);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int b = 0; b < blocks; b++) {
            int output = first + b * LANE_COUNT, left = m->outputs - output;
            ints_store(sums + (size_t)r * outputs + output, acc[r * blocks + b],
                       left < LANE_COUNT ? left : LANE_COUNT);
        }
}

/* Many rows share each weight that is loaded; a single one, the state of an LSTM, takes as many
 * outputs at once as there are registers for their sums. */
static void multiply(const matrix *m, const int16_t *x, int rows, int32_t *sums) {
    enum { R = PRODUCT_ROWS, N = LANE_COUNT };
    int output;
    for (; rows >= R; rows -= R, x += R * m->inputs, sums += R * m->outputs) {
        for (output = 0; output + N < m->outputs; output += 2 * N)
            matrix_tile(m, x, output, sums, R, 2);
        if (output < m->outputs)
            matrix_tile(m, x, output, sums, R, 1);
    }
    for (; rows >= R / 2; rows -= R / 2, x += R / 2 * m->inputs, sums += R / 2 * m->outputs) {
        for (output = 0; output + N < m->outputs; output += 2 * N)
            matrix_tile(m, x, output, sums, R / 2, 2);
        if (output < m->outputs)
            matrix_tile(m, x, output, sums, R / 2, 1);
    }
    for (; rows > 0; rows--, x += m->inputs, sums += m->outputs) {
        for (output = 0; output + 7 * N < m->outputs; output += 8 * N)
            matrix_tile(m, x, output, sums, 1, 8);
        for (; output < m->outputs; output += N)
            matrix_tile(m, x, output, sums, 1, 1);
    }
}

/* The entries of a kernel_table that come from here. */
#define STEM_ENTRIES .stem_bytes = stem_bytes, .pack_stem = pack_stem, .stem = stem
#define MATRIX_ENTRIES                                                                             \
    .matrix_bytes = matrix_bytes, .pack_matrix = pack_matrix, .multiply = multiply
#define PRODUCT_ENTRIES STEM_ENTRIES, MATRIX_ENTRIES

#endif
