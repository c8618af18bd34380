#include "net/space.h"

#include <stdlib.h>

enum { ALIGNMENT = 64 };

void *bitocr_arena_take(arena *a, uint64_t bytes) {
    void *start = a->base ? a->base + a->bytes : NULL;
    a->bytes += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return start;
}

bool bitocr_workspace_reserve(workspace *space, uint64_t bytes, arena *out) {
    if (bytes > SIZE_MAX / 2)
        return false;
    size_t needed = (size_t)bytes + ALIGNMENT;
    if (space->bytes < needed) {
        bitocr_workspace_free(space);
        if (!(space->memory = malloc(needed)))
            return false;
        space->bytes = needed;
    }
    uintptr_t start = ((uintptr_t)space->memory + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *out = (arena){.base = (char *)start};
    return true;
}

void bitocr_workspace_free(workspace *space) {
    free(space->memory);
    *space = (workspace){0};
}
