/* Hashes of texts, to compare readings. With twins (confidence.h), texts that differ only in case
 * or spaces are equal. */
#ifndef BITOCR_DECODE_TEXT_H
#define BITOCR_DECODE_TEXT_H

#include <stdint.h>

#define TEXT_EMPTY UINT64_C(0x243F6A8885A308D3)

/* The hash of a labelling that is one label longer. */
static inline uint64_t text_grow(uint64_t hash, int label) {
    hash = (hash + (uint64_t)label) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 32) * 0xD6E8FEB86659FD93u;
    return hash ^ hash >> 32;
}

/* The class that represents a label: the lower one of twins, and 0 for a space. */
static inline int text_class(const int *twins, int label) {
    int twin = twins[label];
    return label == twins[0] ? 0 : twin && twin < label ? twin : label;
}

/* The hash of a text that is one label longer. twins: NULL: none. */
static inline uint64_t text_add(uint64_t hash, const int *twins, int label) {
    int class = twins ? text_class(twins, label) : label;
    return class ? text_grow(hash, class) : hash;
}

#endif
