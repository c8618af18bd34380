#include "base/bytes.h"
#include "base/error.h"
#include "base/platform.h"

#include <stdlib.h>
#include <string.h>

bitocr_status bitocr_bytes_map(const char *path, file_bytes *out, bitocr_error *error) {
    void *mapped;
    size_t count;
    *out = (file_bytes){0};
    bitocr_status status = bitocr_platform_map(path, BYTES_MAX, &mapped, &count, error);
    if (status == BITOCR_OK)
        *out = (file_bytes){count ? mapped : "", count, mapped, count > 0};
    return status;
}

bitocr_status bitocr_bytes_copy(const void *data, size_t count, file_bytes *out,
                                bitocr_error *error) {
    *out = (file_bytes){0};
    if (count > BYTES_MAX)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "these are too many bytes");
    char *owned = malloc(count + BYTES_ALIGNMENT);
    if (!owned)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the file");
    char *aligned = owned + -(uintptr_t)owned % BYTES_ALIGNMENT;
    if (count)
        memcpy(aligned, data, count);
    *out = (file_bytes){aligned, count, owned, 0};
    return BITOCR_OK;
}

void bitocr_bytes_free(file_bytes *bytes) {
    if (bytes->is_mapped)
        bitocr_platform_unmap(bytes->owned, bytes->count);
    else
        free(bytes->owned);
    *bytes = (file_bytes){0};
}

uint32_t bitocr_u32_at(const char *data) {
    uint32_t value;
    memcpy(&value, data, sizeof value);
    return value;
}

uint64_t bitocr_u64_at(const char *data) {
    return bitocr_u32_at(data) | (uint64_t)bitocr_u32_at(data + 4) << 32;
}

/* The last characters of a path, where the file's name is: as many as a message has room for. */
static const char *path_end(const char *path) {
    enum { ROOM = 100 };
    size_t length = strlen(path);
    if (length <= ROOM)
        return path;
    path += length - ROOM;
    while ((*path & 0xC0) == 0x80) /* not from within a character */
        path++;
    return path;
}

bitocr_status bitocr_bytes_fail(bitocr_error *error, bitocr_status status, const char *path,
                                const bitocr_error *reason) {
    const char *end = path_end(path);
    return bitocr_fail(error, status, "%s%s: %.150s", end == path ? "" : "...", end,
                       reason->message);
}
