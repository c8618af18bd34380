#include "image/filter.h"

#include <stddef.h>

int bitocr_filter_most(int in, int out) {
    return 2 * ((in + out - 1) / out) + 2;
}

/* The height of the triangle around the centre of output sample o at input sample i, in units
 * of 1 / (2 * out) input samples, where everything is an integer: the input lies at (2i+1) * out,
 * the centre at (2o+1) * in, and the triangle reaches 2 * max(in, out) to either side. */
static int64_t triangle(int in, int out, int o, int i) {
    int64_t distance = (2 * (int64_t)o + 1) * in - (2 * (int64_t)i + 1) * out;
    return 2 * (int64_t)(in > out ? in : out) - (distance < 0 ? -distance : distance);
}

/* Each weight is the difference of two rounded running sums, so that they add up to FILTER_ONE
 * exactly. */
static void make_filter(const filters *f, int in, int out, int o) {
    int64_t total = 0, sum = 0, before = 0, centre = (2 * (int64_t)o + 1) * in / (2 * (int64_t)out);
    int first = centre > f->most / 2 ? (int)centre - f->most / 2 : 0, count = 0;
    while (triangle(in, out, o, first) <= 0)
        first++;
    for (; first + count < in && triangle(in, out, o, first + count) > 0; count++)
        total += triangle(in, out, o, first + count);
    int16_t *weights = f->weights + (size_t)o * (size_t)f->most;
    for (int i = 0; i < count; i++) {
        sum += triangle(in, out, o, first + i);
        int64_t now = (sum * FILTER_ONE + total / 2) / total;
        weights[i] = (int16_t)(now - before);
        before = now;
    }
    f->first[o] = first;
    f->count[o] = count;
}

void bitocr_filter_make(const filters *f, int in, int out) {
    for (int o = 0; o < out; o++)
        make_filter(f, in, out, o);
}
