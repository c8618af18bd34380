/* Which kernels this processor can run. */
#ifndef BITOCR_KERNELS_DISPATCH_H
#define BITOCR_KERNELS_DISPATCH_H

#include "bitocr.h"
#include "kernels/kernels.h"

#define BITOCR_MAX_KERNELS 4

/* Whether the architecture has a folder of kernels. Its cpu.c decides which of them run. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__wasm_simd128__)
#define BITOCR_CPU_KERNELS 1
#else
#define BITOCR_CPU_KERNELS 0
#endif

/* The tables that this processor and its operating system can run, best first; returns their
 * number.
 */
int bitocr_kernel_tables(const kernel_table *tables[BITOCR_MAX_KERNELS]);

/* The table with this name. NULL: that of the environment variable BITOCR_KERNEL, or else the best.
 * Returns NULL with one line in `error` if the name is unknown or cannot run here. */
const kernel_table *bitocr_find_kernel(const char *name, bitocr_error *error);

/* The same for the kernels in the architecture's folder, whose cpu.c defines it. Only dispatch.c
 * uses this. */
int bitocr_cpu_kernels(const kernel_table **tables);

#endif
