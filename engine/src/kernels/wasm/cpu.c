/* A module with vectors only starts where they all work, so there is nothing to check. */
#include "kernels/dispatch.h"
#include "kernels/wasm/tables.h"

int bitocr_cpu_kernels(const kernel_table **tables) {
    tables[0] = &bitocr_kernel_simd128;
    return 1;
}
