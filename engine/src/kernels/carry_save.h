/* Disagreements of bytes of signs, counted after adders of single bits have made one byte of four.
 * The second half of kernels/popcount.h's counting, which includes it where a kernel defines
 * CARRY_SAVE. In the place of bytes_load_4, bytes_broadcast and bytes_keep it takes bytes_fill(x),
 * x in each byte, and bytes_choose(mask, a, b), the bits of a where the mask's are set, else b's.
 */
#ifndef BITOCR_KERNELS_CARRY_SAVE_H
#define BITOCR_KERNELS_CARRY_SAVE_H

enum { MAX_BYTES = 124 }; /* of signs: each four add up to 8 to `fours` */

/* Each bit of `ones` stands for a disagreement, of `twos` for two; `fours` counts four of them. */
typedef struct {
    bytes ones, twos, fours;
} tally;

INLINE tally tally_zero(void) {
    return (tally){bytes_zero(), bytes_zero(), bytes_zero()};
}

/* Adds the bits of b and c to those of a, and returns what is carried. */
INLINE bytes add_bits(bytes *a, bytes b, bytes c) {
    bytes differ = *a ^ b, carry = bytes_choose(differ, c, *a);
    *a = differ ^ c;
    return carry;
}

/* Adds the disagreements of four bytes of signs with weights. */
INLINE void count_four(const uint8_t *bits, const bytes *w, tally *t) {
    bytes low = add_bits(&t->ones, bytes_fill(bits[0]) ^ w[0], bytes_fill(bits[1]) ^ w[1]);
    bytes high = add_bits(&t->ones, bytes_fill(bits[2]) ^ w[2], bytes_fill(bits[3]) ^ w[3]);
    t->fours += bytes_count(add_bits(&t->twos, low, high));
}

/* Adds the disagreements with `count` bytes of each pixel, a multiple of 4. */
INLINE void count_bytes(const uint8_t *bits, size_t step, const uint8_t *weights,
                        size_t group_bytes, int count, tally *sums, const int pixels,
                        const int blocks) {
    bytes w[4];
    for (int end = count; end > 0; end -= 4, bits += 4, weights += 4 * GROUP)
        for (int b = 0; b < blocks; b++) {
            const uint8_t *from = weights + (size_t)(b / 2) * group_bytes + b % 2 * BLOCK;
            for (int i = 0; i < 4; i++)
                w[i] = bytes_load(from + i * GROUP);
            for (int p = 0; p < pixels; p++)
                count_four(bits + (size_t)p * step, w, &sums[p * blocks + b]);
        }
}

/* Subtracts all sums from `wide` [2 * blocks][pixels][8], and makes them zero. */
INLINE void widen(tally *sums, int16_t *wide, const int pixels, const int blocks) {
    for (int b = 0; b < blocks; b++)
        for (int p = 0; p < pixels; p++) {
            tally *t = &sums[p * blocks + b];
            bytes twos = bytes_count(t->twos), rest = bytes_count(t->ones) + twos + twos;
            for (int half = 0; half < 2; half++) {
                int16_t *at = wide + ((b * 2 + half) * pixels + p) * 8;
                halves fours = halves_subtract(halves_fill(0), t->fours, half);
                halves_store(at, halves_subtract(halves_load(at), rest, half) + fours * 4);
            }
            *t = tally_zero();
        }
}

#endif
