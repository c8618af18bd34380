/* The memory of a run, in one piece that is kept from run to run. */
#ifndef BITOCR_NET_SPACE_H
#define BITOCR_NET_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Grown on demand. Start with zeros. */
typedef struct {
    void *memory;
    size_t bytes;
} workspace;

void bitocr_workspace_free(workspace *space);

/* Hands out parts of memory in order. Without a base it only counts the bytes, so that the same
 * code computes how much memory a run takes and where everything is in it. */
typedef struct {
    char *base;     /* 64-byte aligned, or NULL */
    uint64_t bytes; /* up to the end of the last part; no product of sizes wraps in it */
} arena;

void *bitocr_arena_take(arena *a, uint64_t bytes);

/* An arena of that many bytes; false: out of memory. */
bool bitocr_workspace_reserve(workspace *space, uint64_t bytes, arena *out);

#endif
