#include "cpu.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#if defined(__x86_64__) || defined(_M_X64)
#define X86 1
#ifdef _MSC_VER
#include <intrin.h>
#else
#include <cpuid.h>
#endif

/* eax, ebx, ecx, edx of a CPUID leaf; zeros where the processor does not have it. */
static void cpuid(unsigned leaf, unsigned registers[4]) {
#ifdef _MSC_VER
    int out[4] = {0};
    __cpuid(out, 0);
    if ((unsigned)out[0] >= leaf)
        __cpuidex(out, (int)leaf, 0);
    else
        memset(out, 0, sizeof out);
    memcpy(registers, out, sizeof out);
#else
    memset(registers, 0, 4 * sizeof *registers);
    __get_cpuid_count(leaf, 0, &registers[0], &registers[1], &registers[2], &registers[3]);
#endif
}

/* The register states that the operating system saves when it switches threads. */
static unsigned saved_states(void) {
#ifdef _MSC_VER
    return (unsigned)_xgetbv(0);
#else
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
#endif
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

/* All that x86_avx512.c is compiled with: Ice Lake, Zen 4 and later. */
static bool have_avx512(void) {
    const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31; /* leaf 7, ebx */
    const unsigned vnni = 1u << 11, bitalg = 1u << 12, vpopcntdq = 1u << 14;  /* leaf 7, ecx */
    enum { XMM_YMM_MASKS_ZMM = 0xe6 };
    unsigned extended[4];
    cpuid(7, extended);
    return have_avx2() && has(extended[1], f | dq | bw | vl) &&
           has(extended[2], vnni | bitalg | vpopcntdq) && has(saved_states(), XMM_YMM_MASKS_ZMM);
}
#endif

int cpu_kernels(const kernel_table *tables[BITOCR_MAX_KERNELS]) {
    int count = 0;
#ifdef X86
    if (have_avx512())
        tables[count++] = &kernel_avx512;
    if (have_avx2())
        tables[count++] = &kernel_avx2;
#endif
    tables[count++] = &kernel_generic;
    return count;
}

const kernel_table *cpu_find_kernel(const char *name, bitocr_error *error) {
    const kernel_table *tables[BITOCR_MAX_KERNELS];
    int count = cpu_kernels(tables);
    const char *source = "";
    if (!name && (name = getenv("BITOCR_KERNEL")))
        source = "BITOCR_KERNEL: ";
    if (!name || !*name)
        return tables[0];
    char names[64] = "";
    for (int i = 0; i < count; i++) {
        if (!strcmp(name, tables[i]->name))
            return tables[i];
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", tables[i]->name);
    }
    bitocr_fail(error, BITOCR_ERROR_USAGE,
                "%sthis processor has no kernel \"%.32s\"; it can run: %s", source, name, names);
    return NULL;
}
