/* What kernels.c needs to run one function of a kernel table: memory with guards around it, numbers
 * that are the same in every run, and the functions themselves. */
#ifndef BITOCR_TESTS_KERNEL_TESTS_H
#define BITOCR_TESTS_KERNEL_TESTS_H

#include "kernels/kernels.h"

/* Memory of one run, aligned as the engine's own, not cleared. */
void *take(size_t bytes);
float *take_floats(size_t count);
/* Gives all of it back. 0 where something was written beyond an end. */
int give_back(void);

void start_random(uint32_t seed);
uint32_t random_bits(void);
int random_between(int low, int high); /* both included */
void random_bytes(void *bytes, size_t count);
/* Mostly within +-spread; now and then a zero of either sign, or a number that is nearly none. */
float random_float(float spread);
float *random_floats(size_t count, float spread);

/* Puts results where they are compared: floats by their bits, but all that are no number alike. */
void put_bytes(const void *bytes, size_t count);
void put_floats(const float *x, size_t count);

/* Runs one function of a kernel on random arguments of this shape and puts what comes out, in a
 * form that does not depend on the kernel's layouts. */
typedef void test_run(const kernel_table *kernel, const int shape[8]);

test_run run_conv, run_sign, run_stem, run_multiply;
test_run run_pool, run_mean, run_quantize, run_lstm, run_head, run_search, run_functions;

#endif
