/* The time for measuring durations, in seconds from some moment on. */
#ifndef BITOCR_BASE_SECONDS_H
#define BITOCR_BASE_SECONDS_H

#include <time.h>

static inline double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
