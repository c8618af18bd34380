/* Functions of one float that give the same bits on every platform (base/arithmetic.h). Compilers
 * vectorize them in elementwise.h. */
#ifndef BITOCR_KERNELS_FUNCTIONS_H
#define BITOCR_KERNELS_FUNCTIONS_H

#include <stdint.h>
#include <string.h>

#include "base/arithmetic.h"

static inline int32_t bits_of(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(int32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Adding 1.5 * 2^23 to a number below 2^22 leaves its nearest integer in the lowest bits. */
#define ROUNDING 12582912.0f

static inline int32_t round_to_int(float x) {
    return bits_of(x + ROUNDING) - bits_of(ROUNDING);
}

/* x limited to [-limit, limit], NaN to one of the two. The magnitudes of floats have the order of
 * their bits, and compilers vectorize comparisons of integers, unlike those of floats, which may
 * trap. */
static inline float clamp(float x, float limit) {
    int32_t bits = bits_of(x), size = bits & INT32_MAX, largest = bits_of(limit);
    return float_of((bits & INT32_MIN) | (size < largest ? size : largest));
}

/* e^x with a relative error below 2e-7, x limited to [-87, 87]: x = n ln 2 + r, |r| <= ln 2 / 2,
 * e^x = 2^n p(r), with the polynomial of Cephes. */
static inline float exponential(float x) {
    x = clamp(x, 87.0f);
    int32_t n = round_to_int(x * 1.44269504f);
    float r = x - (float)n * 0.693359375f;
    r = r - (float)n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    return p * float_of((n + 127) * (1 << 23));
}

/* The logarithm of ARM's optimized routines, whose table and polynomial these are (NOTICE):
 * x = 2^n z with z in [0.7, 1.4) and near c, the middle of one of 16 intervals, so that
 * ln x = n ln 2 + ln c + ln(z / c), computed in doubles and rounded once. It equals the logf of
 * glibc 2.27 to 2.36; other C libraries round differently. */

/* 1 / c and ln c. */
static const double LOGARITHM_TABLE[16][2] = {
    {0x1.661ec79f8f3bep+0, -0x1.57bf7808caadep-2}, {0x1.571ed4aaf883dp+0, -0x1.2bef0a7c06ddbp-2},
    {0x1.49539f0f010bp+0, -0x1.01eae7f513a67p-2},  {0x1.3c995b0b80385p+0, -0x1.b31d8a68224e9p-3},
    {0x1.30d190c8864a5p+0, -0x1.6574f0ac07758p-3}, {0x1.25e227b0b8eap+0, -0x1.1aa2bc79c81p-3},
    {0x1.1bb4a4a1a343fp+0, -0x1.a4e76ce8c0e5ep-4}, {0x1.12358f08ae5bap+0, -0x1.1973c5a611cccp-4},
    {0x1.0953f419900a7p+0, -0x1.252f438e10c1ep-5}, {0x1p+0, 0},
    {0x1.e608cfd9a47acp-1, 0x1.aa5aa5df25984p-5},  {0x1.ca4b31f026aap-1, 0x1.c5e53aa362eb4p-4},
    {0x1.b2036576afce6p-1, 0x1.526e57720db08p-3},  {0x1.9c2d163a1aa2dp-1, 0x1.bc2860d22477p-3},
    {0x1.886e6037841edp-1, 0x1.1058bc8a07ee1p-2},  {0x1.767dcf5534862p-1, 0x1.4043057b6ee09p-2},
};

/* ln x, exact to 0.82 units of the last digit, of a finite x of 2^-126 or more. */
static inline float logarithm(float x) {
    const double ln_2 = 0x1.62e42fefa39efp-1;
    const int32_t first = 0x3f330000; /* the bits of 0.7, where the first interval begins */
    int32_t offset = bits_of(x) - first, n = offset >> 23;
    const double *interval = LOGARITHM_TABLE[(offset >> 19) & 15];
    double z = (double)float_of(bits_of(x) - n * (1 << 23));
    double r = z * interval[0] - 1, square = r * r;
    double tail = 0x1.5575b0be00b6ap-2 * r - 0x1.ffffef20a4123p-2;
    tail = -0x1.00ea348b88334p-2 * square + tail;
    return (float)(tail * square + ((interval[1] + n * ln_2) + r));
}

static inline float sigmoid_of(float x) {
    return 1.0f / (1.0f + exponential(-x));
}

static inline float tanh_of(float x) {
    return 1.0f - 2.0f / (1.0f + exponential(2.0f * x));
}

#endif
