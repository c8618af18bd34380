#include "base/buffer.h"

#include <stdint.h>
#include <stdlib.h>

bool bitocr_buffer_reserve(buffer *b, size_t count, size_t size) {
    count = count ? count : 1; /* never NULL */
    if (count <= b->bytes / size)
        return true;
    size_t room = b->bytes / size;
    room = room + room / 2 > count ? room + room / 2 : count;
    if (room > SIZE_MAX / 2 / size)
        return false;
    void *memory = realloc(b->memory, room * size);
    if (!memory)
        return false;
    b->memory = memory;
    b->bytes = room * size;
    return true;
}

void bitocr_buffer_free(buffer *b) {
    free(b->memory);
    *b = (buffer){NULL, 0};
}
