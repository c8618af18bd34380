/* Memory that grows on demand and is kept from call to call. */
#ifndef BITOCR_BASE_BUFFER_H
#define BITOCR_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Start with zeros. */
typedef struct {
    void *memory;
    size_t bytes;
} buffer;

/* Makes room for `count` items of `size` bytes, with memory even for 0, and keeps the contents.
 * False: out of memory. */
bool bitocr_buffer_reserve(buffer *b, size_t count, size_t size);

void bitocr_buffer_free(buffer *b);

#endif
