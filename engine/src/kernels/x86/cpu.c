/* Which of this folder's kernels the processor and its operating system can run. Compiled without
 * instruction-set flags. */
#include <cpuid.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/dispatch.h"
#include "kernels/x86/tables.h"

/* eax, ebx, ecx, edx of a CPUID leaf; zeros if the processor does not have it. */
static void cpuid(unsigned leaf, unsigned registers[4]) {
    memset(registers, 0, 4 * sizeof *registers);
    __get_cpuid_count(leaf, 0, &registers[0], &registers[1], &registers[2], &registers[3]);
}

/* The register states that the operating system saves when it switches threads. */
static unsigned saved_states(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static bool has(unsigned value, unsigned bits) {
    return (value & bits) == bits;
}

static bool have_avx2(void) {
    enum { OSXSAVE = 1 << 27, AVX = 1 << 28, POPCNT = 1 << 23 }; /* leaf 1, ecx */
    enum { AVX2 = 1 << 5 };                                      /* leaf 7, ebx */
    enum { XMM_YMM = 0x06 };
    unsigned basic[4], extended[4];
    cpuid(1, basic);
    cpuid(7, extended);
    return has(basic[2], OSXSAVE | AVX | POPCNT) && has(extended[1], AVX2) &&
           has(saved_states(), XMM_YMM);
}

/* Whether there are the instructions that avx512bw.c uses: Skylake-X and later. */
static bool have_avx512bw(void) {
    const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31; /* leaf 7, ebx */
    enum { XMM_YMM_MASKS_ZMM = 0xe6 };
    unsigned extended[4];
    cpuid(7, extended);
    return have_avx2() && has(extended[1], f | dq | bw | vl) &&
           has(saved_states(), XMM_YMM_MASKS_ZMM);
}

/* Whether there are the instructions that avx512.c uses: Ice Lake, Zen 4 and later. */
static bool have_avx512(void) {
    enum { VNNI = 1 << 11, VPOPCNTDQ = 1 << 14 }; /* leaf 7, ecx */
    unsigned extended[4];
    cpuid(7, extended);
    return have_avx512bw() && has(extended[2], VNNI | VPOPCNTDQ);
}

int bitocr_cpu_kernels(const kernel_table **tables) {
    int count = 0;
    if (have_avx512())
        tables[count++] = &bitocr_kernel_avx512;
    if (have_avx512bw())
        tables[count++] = &bitocr_kernel_avx512bw;
    if (have_avx2())
        tables[count++] = &bitocr_kernel_avx2;
    return count;
}
