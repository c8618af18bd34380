/* Which kernels this processor can run. */
#ifndef BITOCR_KERNELS_DISPATCH_H
#define BITOCR_KERNELS_DISPATCH_H

#include "bitocr.h"
#include "kernels/kernels.h"

#define BITOCR_MAX_KERNELS 4

/* Has the architecture a folder of kernels? Which of them run is decided in its cpu.c alone. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__wasm_simd128__)
#define BITOCR_CPU_KERNELS 1
#else
#define BITOCR_CPU_KERNELS 0
#endif

/* The tables that this processor and its operating system can run, best first; returns how many. */
int bitocr_kernel_tables(const kernel_table *tables[BITOCR_MAX_KERNELS]);

/* The table of this name. NULL: the name in the environment's BITOCR_KERNEL or else the best.
 * Returns NULL with one line in `error` where the name is unknown or cannot run here. */
const kernel_table *bitocr_find_kernel(const char *name, bitocr_error *error);

/* The same for the kernels of the architecture's own folder, whose cpu.c defines it. Used by
 * dispatch.c alone. */
int bitocr_cpu_kernels(const kernel_table **tables);

#endif
