#include "base/platform.h"

#if !BITOCR_FILES
#include "base/error.h"

const char *bitocr_platform_variable(const char *name, char *room, size_t bytes) {
    (void)name;
    (void)room;
    (void)bytes;
    return NULL;
}

double bitocr_platform_seconds(void) {
    return 0;
}

bitocr_status bitocr_platform_map(const char *path, size_t most, void **data, size_t *bytes,
                                  bitocr_error *error) {
    (void)path;
    (void)most;
    *data = NULL;
    *bytes = 0;
    return bitocr_fail(error, BITOCR_ERROR_MODEL, PLATFORM_NO_FILES);
}

void bitocr_platform_unmap(void *data, size_t bytes) {
    (void)data;
    (void)bytes;
}

#endif
