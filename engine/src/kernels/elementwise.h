/* The elementwise float code of all kernels: each includes it, so that its compiler makes vectors
 * of its own width of these loops. Nothing here depends on that width: the order of every sum is
 * written down, so all kernels give the same bits. */
#ifndef BITOCR_ELEMENTWISE_H
#define BITOCR_ELEMENTWISE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernels.h"

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

/* Adding 1.5 * 2^23 leaves a number below 2^22 rounded to the nearest integer in the lowest bits.
 */
#define ROUNDING 12582912.0f

static inline int32_t round_to_int(float x) {
    return bits_of(x + ROUNDING) - bits_of(ROUNDING);
}

/* NaN gives `low`. */
static inline float clamp(float x, float low, float high) {
    x = x > low ? x : low;
    return x < high ? x : high;
}

/* e^x with a relative error below 2e-7, x clamped to [-87, 88]: x = n ln 2 + r, |r| <= ln 2 / 2,
 * e^x = 2^n p(r), with the polynomial of Cephes. */
static inline float exponential(float x) {
    x = clamp(x, -87.0f, 88.0f);
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

static inline float sigmoid_of(float x) {
    return 1.0f / (1.0f + exponential(-x));
}

static inline float tanh_of(float x) {
    return 1.0f - 2.0f / (1.0f + exponential(2.0f * x));
}

static void elementwise_sigmoid(float *x, int n) {
    for (int i = 0; i < n; i++)
        x[i] = sigmoid_of(x[i]);
}

static void elementwise_tanh(float *x, int n) {
    for (int i = 0; i < n; i++)
        x[i] = tanh_of(x[i]);
}

static void elementwise_pool(const float *top, const float *bottom, int width, int channels, int sw,
                             float *restrict out) {
    size_t n = (size_t)channels;
    if (sw == 1) {
        for (size_t i = 0; i < (size_t)width * n; i++)
            out[i] = (top[i] + bottom[i]) * 0.5f;
        return;
    }
    for (int left = 0; left < width; left += 2, out += n) {
        int right = left + 1 < width ? left + 1 : left;
        const float *a = top + (size_t)left * n, *b = top + (size_t)right * n;
        if (!bottom) {
            for (size_t i = 0; i < n; i++)
                out[i] = (a[i] + b[i]) * 0.5f;
            continue;
        }
        const float *c = bottom + (size_t)left * n, *d = bottom + (size_t)right * n;
        for (size_t i = 0; i < n; i++)
            out[i] = ((a[i] + b[i]) + (c[i] + d[i])) * 0.25f;
    }
}

static void elementwise_mean(const float *x, int rows, size_t n, float *restrict out) {
    memcpy(out, x, n * sizeof *out);
    for (int row = 1; row < rows; row++)
        for (size_t i = 0; i < n; i++)
            out[i] += x[(size_t)row * n + i];
    float scale = 1.0f / (float)rows;
    for (size_t i = 0; i < n; i++)
        out[i] *= scale;
}

static float elementwise_quantize(const float *x, int n, int range, int16_t *restrict out) {
    /* Sizes of floats are in the order of their bits, and integers have a vector maximum. */
    int32_t largest = 0;
    for (int i = 0; i < n; i++) {
        int32_t size = bits_of(x[i]) & INT32_MAX;
        largest = size > largest ? size : largest;
    }
    float limit = float_of(largest), r = (float)range;
    float scale = largest ? r / limit : 0.0f;
    for (int i = 0; i < n; i++)
        out[i] = (int16_t)round_to_int(clamp(x[i] * scale, -r, r));
    return limit / r;
}

static void elementwise_lstm(const lstm_cell *step) {
    size_t n = (size_t)step->units;
    const int32_t *x = step->input_sum, *h = step->state_sum;
    const float *xs = step->input_scale, *hs = step->state_scale, *bias = step->bias;
    float *restrict cell = step->cell, *restrict state = step->state;
    int16_t *restrict state_q = step->state_q;
    float scale = step->step_scale, range = (float)step->range;
#define GATE(k)                                                                                    \
    (((float)x[(k) * n + i] * (xs[(k) * n + i] * scale) + bias[(k) * n + i]) +                     \
     (float)h[(k) * n + i] * hs[(k) * n + i])
    for (size_t i = 0; i < n; i++) {
        float in = sigmoid_of(GATE(0)), forget = sigmoid_of(GATE(1));
        float c = forget * cell[i] + in * tanh_of(GATE(2));
        float y = sigmoid_of(GATE(3)) * tanh_of(c);
        cell[i] = c;
        state[i] = y;
        state_q[i] = (int16_t)round_to_int(clamp(y, -1.0f, 1.0f) * range);
    }
#undef GATE
}

/* Sums in 16 lanes and then lane by lane, the same for every vector width. */
enum { LANES = 16 };

static void elementwise_log_softmax(float *x, int n) {
    float highest = x[0];
    for (int i = 1; i < n; i++)
        highest = x[i] > highest ? x[i] : highest;
    float lanes[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += exponential(x[i + lane] - highest);
    for (int lane = 0; i < n; i++, lane++)
        lanes[lane] += exponential(x[i] - highest);
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    float log_sum = logf(sum);
    for (i = 0; i < n; i++)
        x[i] = (x[i] - highest) - log_sum;
}

/* The entries of a kernel_table that come from here. */
#define ELEMENTWISE_ENTRIES                                                                        \
    .pool = elementwise_pool, .mean = elementwise_mean, .quantize = elementwise_quantize,          \
    .lstm = elementwise_lstm, .log_softmax = elementwise_log_softmax,                              \
    .sigmoid = elementwise_sigmoid, .tanh = elementwise_tanh

#endif
