#include "kernels/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/platform.h"

int bitocr_kernel_tables(const kernel_table *tables[BITOCR_MAX_KERNELS]) {
    int count = 0;
#if BITOCR_CPU_KERNELS
    count = bitocr_cpu_kernels(tables);
#endif
#if !BITOCR_ONE_KERNEL
    tables[count++] = &bitocr_kernel_generic;
#endif
    return count;
}

const kernel_table *bitocr_find_kernel(const char *name, bitocr_error *error) {
    const kernel_table *tables[BITOCR_MAX_KERNELS];
    int count = bitocr_kernel_tables(tables);
    const char *source = "";
    char room[64];
    if (!name && (name = bitocr_platform_variable("BITOCR_KERNEL", room, sizeof room)))
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
