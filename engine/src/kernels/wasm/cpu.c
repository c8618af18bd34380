/* A module of WebAssembly with vectors runs only where all of it does: nothing is left to ask. */
#include "kernels/dispatch.h"
#include "kernels/wasm/tables.h"

int bitocr_cpu_kernels(const kernel_table **tables) {
    tables[0] = &bitocr_kernel_simd128;
    return 1;
}
