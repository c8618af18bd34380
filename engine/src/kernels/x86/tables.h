/* The kernels of this folder. */
#ifndef BITOCR_KERNELS_X86_TABLES_H
#define BITOCR_KERNELS_X86_TABLES_H

#include "kernels/kernels.h"

extern const kernel_table bitocr_kernel_avx2;
extern const kernel_table bitocr_kernel_avx512bw;
extern const kernel_table bitocr_kernel_avx512;

#endif
