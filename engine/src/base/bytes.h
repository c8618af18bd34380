/* The bytes of a file, to be read in place: mapped from a path, or copied from memory. */
#ifndef BITOCR_BASE_BYTES_H
#define BITOCR_BASE_BYTES_H

#include "bitocr.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "files are read in place, which takes a little-endian machine"
#endif

enum { BYTES_ALIGNMENT = 64, BYTES_MAX = 1 << 28 };

typedef struct {
    const char *data; /* aligned to BYTES_ALIGNMENT */
    size_t count;
    void *owned; /* what holds the data: mapped, or allocated */
    int is_mapped;
} file_bytes;

/* Maps a file into memory. It must not change while it is mapped. Messages do not name it. */
bitocr_status bitocr_bytes_map(const char *path, file_bytes *out, bitocr_error *error);

bitocr_status bitocr_bytes_copy(const void *data, size_t count, file_bytes *out,
                                bitocr_error *error);

void bitocr_bytes_free(file_bytes *bytes); /* all zeros are fine */

uint32_t bitocr_u32_at(const char *data);
uint64_t bitocr_u64_at(const char *data);

/* Puts the end of the path before the reason in `error`; returns `status`. */
bitocr_status bitocr_bytes_fail(bitocr_error *error, bitocr_status status, const char *path,
                                const bitocr_error *reason);

#endif
