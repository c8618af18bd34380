/* Which of this folder's kernels the processor can run. Every 64-bit ARM has NEON. Compiled without
 * instruction-set flags. */
#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#include <sys/sysctl.h>
#elif defined(__linux__)
#include <sys/auxv.h>
#endif

#include <stdbool.h>
#include <stddef.h>

#include "kernels/arm/tables.h"
#include "kernels/dispatch.h"

/* Whether there are the instructions that neon_dot.c uses: Cortex-A55 and A76, Apple A12 and later.
 * False on other operating systems, where this is unknown. */
static bool have_dot_products(void) {
#if defined(__APPLE__)
    int has = 0;
    size_t bytes = sizeof has;
    return !sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &bytes, NULL, 0) && has;
#elif defined(__linux__)
    const unsigned long dot_products = 1ul << 20; /* HWCAP_ASIMDDP */
    return getauxval(AT_HWCAP) & dot_products;
#else
    return false;
#endif
}

int bitocr_cpu_kernels(const kernel_table **tables) {
    int count = 0;
    if (have_dot_products())
        tables[count++] = &bitocr_kernel_neon_dot;
    tables[count++] = &bitocr_kernel_neon;
    return count;
}
