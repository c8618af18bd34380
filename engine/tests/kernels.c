/* Compares every kernel that runs on this machine with the generic one, bit by bit, and the generic
 * one with what it gives everywhere. Needs no file: it runs on a phone and in WebAssembly too.
 * Prints a line for each kernel, and what differs; the exit code is then 1. */
#include "base/crc32.h"
#include "kernel_tests.h"
#include "kernels/dispatch.h"

#include <stdio.h>
#include <string.h>

/* Of the results of all cases with the generic kernel. It changes with the cases only. */
static const uint32_t EXPECTED = 0x2f6ec091;

enum { MOST = 1 << 22, SHAPES = 32 };

typedef struct {
    const char *name;
    test_run *run;
    int shapes[SHAPES][8]; /* of zeros: there are no more */
} test;

static const test TESTS[] = {
    {"sign", run_sign, {{1, 32}, {2, 32}, {3, 64}, {5, 96}, {7, 160}, {17, 32}, {1, 1024}}},
    {"conv",
     run_conv,
     {{3, 32, 32, 1, 1},
      {3, 32, 32, 2, 1},
      {3, 32, 32, 19, 1},
      {3, 64, 64, 3, 1},
      {3, 64, 64, 8, 2},
      {3, 64, 64, 11, 1, 64},
      {3, 96, 96, 7, 1},
      {3, 96, 96, 5, 2, 96},
      {3, 128, 128, 10, 1},
      {3, 160, 160, 4, 1},
      {3, 256, 256, 13, 1},
      {3, 288, 288, 2, 1},
      {3, 1024, 1024, 1, 1},
      {3, 1024, 1024, 4, 1, 0, 1},
      {3, 1024, 1024, 5, 1, 0, -1},
      {3, 64, 64, 4, 1, 0, 0, 120},
      {1, 32, 32, 9, 1},
      {1, 32, 64, 16, 1, 32},
      {1, 64, 96, 5, 1, 64},
      {1, 96, 192, 7, 1, 96},
      {1, 96, 32, 8, 1, 96},
      {1, 128, 224, 3, 1, 128},
      {1, 96, 160, 10, 1, 96},
      {1, 1024, 1024, 2, 1, 1024},
      {1, 1024, 512, 4, 2, 1024, 1},
      {1, 1024, 1024, 1, 1, 1024, -1},
      {1, 32, 32, 5, 1, 32, 0, 126}}},
    {"stem",
     run_stem,
     {{32, 1}, {32, 2}, {32, 7}, {64, 33}, {96, 5}, {160, 3}, {1024, 2}, {32, 9, 1}}},
    {"multiply",
     run_multiply,
     {{1, 1, 1, 32767},        {2, 15, 4, 32767},       {3, 16, 5, 32767},
      {31, 33, 7, 32767},      {32, 97, 1, 32767},      {96, 384, 1, 32767},
      {96, 385, 6, 32767},     {192, 97, 80, 32767},    {255, 40, 3, 32767},
      {256, 129, 9, 32767},    {513, 31, 4, 32000},     {1024, 64, 5, 16383},
      {512, 40, 5, 32767, 1},  {1024, 40, 3, 16383, 1}, {2048, 40, 6, 8191, 1},
      {2048, 40, 6, -8191, 1}, {8, 24, 17, 32767, 2},   {96, 384, 1, 32767, 2},
      {256, 384, 9, 32767, 2}, {1032, 24, 2, 16256, 2}, {512, 48, 3, 32767, 3},
      {1024, 24, 3, -16383, 3}}},
    {"average_pool",
     run_pool,
     {{1, 32, 2, 2},
      {2, 32, 2, 2},
      {7, 64, 2, 2},
      {80, 96, 2, 2},
      {1, 32, 1, 2},
      {9, 96, 1, 2},
      {1, 32, 2, 1},
      {5, 64, 2, 1},
      {40, 160, 2, 1}}},
    {"mean", run_mean, {{1, 32}, {2, 96}, {3, 7}, {4, 256}, {16, 33}, {5, 1}}},
    {"quantize",
     run_quantize,
     {{1, 32767}, {15, 32767}, {16, 16383}, {17, 8191}, {96, 32767}, {257, 16383}, {33, 32767, 1}}},
    {"lstm",
     run_lstm,
     {{1, 1 << 20}, {8, 1 << 20}, {40, 1 << 24}, {96, 1 << 22}, {129, INT32_MAX / 2}}},
    {"head",
     run_head,
     {{2, 1 << 18},
      {15, 1 << 18},
      {16, 1 << 20},
      {17, 1 << 18},
      {96, 1 << 22},
      {128, 1 << 18},
      {129, 1 << 18},
      {1000, 1 << 20},
      {7205, 1 << 18},
      {65536, 1 << 20}}},
    {"largest and next",
     run_search,
     {{1}, {2}, {127}, {128}, {129}, {500}, {7000}, {127, 1}, {128, 1}, {1000, 1}}},
    {"functions",
     run_functions,
     {{1, 10}, {15, 1}, {16, 30}, {17, 100}, {127, 3}, {129, 200}, {4096, 1}, {10000, 20}}},
};

static uint8_t results[2][MOST]; /* of the generic kernel, of another */
static int which;
static size_t count;

void put_bytes(const void *bytes, size_t n) {
    if (n <= MOST - count)
        memcpy(results[which] + count, bytes, n);
    count += n;
}

void put_floats(const float *x, size_t n) {
    const uint32_t no_number = 0x7fc00000;
    for (size_t i = 0; i < n; i++)
        put_bytes(x[i] == x[i] ? (const void *)&x[i] : &no_number, sizeof *x);
}

/* Runs one case and keeps its results; 0 where it wrote beyond an end or has too many of them. */
static int run(const test *t, const int *shape, const kernel_table *kernel, int place) {
    which = place;
    count = 0;
    start_random((uint32_t)(shape - t->shapes[0]));
    t->run(kernel, shape);
    int is_intact = give_back();
    if (!is_intact)
        printf("%s: %s writes beyond its memory", kernel->name, t->name);
    else if (count > MOST)
        printf("%s: %s has too many results", kernel->name, t->name);
    return is_intact && count <= MOST;
}

static void print_shape(const int *shape) {
    for (int i = 0; i < 8; i++)
        printf("%s%d", i ? ", " : " (", shape[i]);
    printf(")\n");
}

/* The generic kernel's results of one case are in results[0]; does the other give the same? */
static int compare(const test *t, const int *shape, const kernel_table *kernel) {
    size_t expected = count;
    int is_fine = run(t, shape, kernel, 1);
    if (is_fine && (count != expected || memcmp(results[0], results[1], count) != 0)) {
        printf("%s: %s differs from generic", kernel->name, t->name);
        is_fine = 0;
    }
    if (!is_fine)
        print_shape(shape);
    count = expected;
    return is_fine;
}

int main(void) {
    const kernel_table *tables[BITOCR_MAX_KERNELS];
    int kernels = bitocr_kernel_tables(tables), failures = 0, cases = 0;
    uint32_t sum = 0;
    for (size_t i = 0; i < sizeof TESTS / sizeof *TESTS; i++)
        for (int s = 0; s < SHAPES && TESTS[i].shapes[s][0]; s++, cases++) {
            const int *shape = TESTS[i].shapes[s];
            if (!run(&TESTS[i], shape, &bitocr_kernel_generic, 0)) {
                print_shape(shape);
                return 1;
            }
            uint32_t sums[2] = {sum, bitocr_crc32(results[0], count)};
            sum = bitocr_crc32(sums, sizeof sums);
            for (int k = 0; k + 1 < kernels; k++)
                failures += !compare(&TESTS[i], shape, tables[k]);
        }
    if (sum != EXPECTED)
        printf("generic: 0x%08x instead of 0x%08x\n", (unsigned)sum, (unsigned)EXPECTED);
    if (failures || sum != EXPECTED)
        return 1;
    for (int k = 0; k < kernels; k++)
        printf("%s%s", k ? ", " : "", tables[k]->name);
    printf(": %d cases are equal\n", cases);
    return 0;
}
