/* The kernel of this folder. */
#ifndef BITOCR_KERNELS_WASM_TABLES_H
#define BITOCR_KERNELS_WASM_TABLES_H

#include "kernels/kernels.h"

extern const kernel_table bitocr_kernel_simd128;

#endif
