/* The elementwise float code of all kernels. Each kernel includes it, so that the compiler
 * vectorizes these loops for its width. Nothing here depends on that width: the order of every sum
 * is fixed, so all kernels give the same bits. */
#ifndef BITOCR_KERNELS_ELEMENTWISE_H
#define BITOCR_KERNELS_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernels/functions.h"
#include "kernels/kernels.h"

static void elementwise_sigmoid(float *x, int n) {
    for (int i = 0; i < n; i++)
        x[i] = sigmoid_of(x[i]);
}

static void elementwise_tanh(float *x, int n) {
    for (int i = 0; i < n; i++)
        x[i] = tanh_of(x[i]);
}

static void elementwise_average_pool(const float *top, const float *bottom, int width, int channels,
                                     int sw, float *restrict out) {
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
    int32_t largest = 0;
    for (int i = 0; i < n; i++) {
        int32_t size = bits_of(x[i]) & INT32_MAX;
        largest = size > largest ? size : largest;
    }
    float limit = float_of(largest), r = (float)range;
    float scale = largest ? r / limit : 0.0f;
    for (int i = 0; i < n; i++)
        out[i] = (int16_t)round_to_int(clamp(x[i] * scale, r));
    return limit / r;
}

static void lstm_gates(const lstm_cell *step, const int32_t *x, const int32_t *h,
                       float *restrict gates) {
    const float *input_scale = step->input_scale, *state_scale = step->state_scale;
    const float *bias = step->bias;
    float scale = step->step_scale;
    for (int i = 0; i < 4 * step->units; i++)
        gates[i] =
            ((float)x[i] * (input_scale[i] * scale) + bias[i]) + (float)h[i] * state_scale[i];
}

static void lstm_units(int n, const float *restrict gates, float range, float *restrict cell,
                       float *restrict state, int16_t *restrict state_q) {
    const float *in = gates, *forget = in + n, *update = forget + n, *out = update + n;
    for (int i = 0; i < n; i++) {
        float c = sigmoid_of(forget[i]) * cell[i] + sigmoid_of(in[i]) * tanh_of(update[i]);
        float h = sigmoid_of(out[i]) * tanh_of(c);
        cell[i] = c;
        state[i] = h;
        state_q[i] = (int16_t)round_to_int(clamp(h, 1.0f) * range);
    }
}

static void elementwise_lstm(const lstm_cell *step) {
    lstm_gates(step, step->input_sum, step->state_sum, step->gates);
    lstm_units(step->units, step->gates, (float)step->range, step->cell, step->state,
               step->state_q);
}

/* Maps floats to integers in the same order, and integers back to the bits of their floats. */
static inline int32_t order_of(int32_t bits) {
    return bits ^ ((bits >> 31) & INT32_MAX);
}

/* The order of the largest of x [n]. */
static inline int32_t largest_order(const float *x, int n) {
    int32_t largest = INT32_MIN;
    for (int i = 0; i < n; i++) {
        int32_t order = order_of(bits_of(x[i]));
        largest = order > largest ? order : largest;
    }
    return largest;
}

/* Hardly any of thousands of classes matters, so the others are skipped piece by piece. */
enum { PIECE = 128, MAX_PIECES = (1 << 16) / PIECE };

static inline int piece_of(int from, int n) {
    return n - from < PIECE ? n - from : PIECE;
}

/* Sums in 16 lanes and then lane by lane, the same for every vector width. */
enum { LANES = 16 };

static void add_exponentials(const float *x, int n, float highest, float *restrict lanes) {
    for (int i = 0; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += exponential(x[i + lane] - highest);
    for (int lane = 0; lane < n % LANES; lane++)
        lanes[lane] += exponential(x[n - n % LANES + lane] - highest);
}

/* This far below the highest, e^x adds nothing to a float that holds e^highest; 7,000 classes of a
 * large charset together add less than 0.0003 of it. */
static const float BELOW = 17;

static void elementwise_log_softmax(float *x, int n) {
    int32_t largest[MAX_PIECES], highest_order = INT32_MIN;
    for (int i = 0; i < n; i += PIECE) {
        int32_t order = largest_order(x + i, piece_of(i, n));
        largest[i / PIECE] = order;
        highest_order = order > highest_order ? order : highest_order;
    }
    float highest = float_of(order_of(highest_order)), lanes[LANES] = {0}, sum = 0;
    int32_t least = order_of(bits_of(highest - BELOW));
    for (int i = 0; i < n; i += PIECE)
        if (largest[i / PIECE] >= least)
            add_exponentials(x + i, piece_of(i, n), highest, lanes);
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    float log_sum = logarithm(sum);
    for (int i = 0; i < n; i++)
        x[i] = (x[i] - highest) - log_sum;
}

static void elementwise_head(const head_step *step, float *restrict logprobs) {
    const int32_t *sums = step->sums;
    const float *scale = step->scale, *bias = step->bias;
    float step_scale = step->step_scale;
    for (int i = 0; i < step->classes; i++)
        logprobs[i] = (float)sums[i] * (scale[i] * step_scale) + bias[i];
    elementwise_log_softmax(logprobs, step->classes);
}

static int elementwise_largest(const float *x, int n) {
    int32_t largest = INT32_MIN;
    int at = 0;
    for (int i = 0; i < n; i += PIECE) {
        int32_t order = largest_order(x + i, piece_of(i, n));
        if (order > largest) {
            largest = order;
            at = i;
        }
    }
    while (order_of(bits_of(x[at])) != largest)
        at++;
    return at;
}

static int elementwise_next(const float *x, int from, int n, float least) {
    int32_t wanted = order_of(bits_of(least));
    for (int i = from; i < n; i += PIECE) {
        int count = piece_of(i, n);
        if (largest_order(x + i, count) >= wanted)
            for (int k = i; k < i + count; k++)
                if (x[k] >= least)
                    return k;
    }
    return n;
}

/* The entries of a kernel_table that come from here. */
#define ELEMENTWISE_ENTRIES                                                                        \
    .average_pool = elementwise_average_pool, .mean = elementwise_mean,                            \
    .quantize = elementwise_quantize, .lstm = elementwise_lstm, .head = elementwise_head,          \
    .largest = elementwise_largest, .next = elementwise_next,                                      \
    .log_softmax = elementwise_log_softmax, .sigmoid = elementwise_sigmoid,                        \
    .tanh = elementwise_tanh

#endif
