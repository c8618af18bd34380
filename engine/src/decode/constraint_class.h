/* Patterns, character by character: their text, and the classes of characters in them. */
#ifndef BITOCR_DECODE_CONSTRAINT_CLASS_H
#define BITOCR_DECODE_CONSTRAINT_CLASS_H

#include "bitocr.h"

enum { PATTERN_TEXT = 1024 };

/* A pattern or a list of characters while it is read. Once `status` is not BITOCR_OK, `at` is at
 * the end, so that every loop over the text ends. */
typedef struct {
    const char *name; /* what errors call it */
    uint32_t text[PATTERN_TEXT];
    int count, at;
    const uint32_t *charset; /* [classes - 1] */
    int classes;
    uint8_t *member; /* [classes] which belong to the class that was read last */
    bitocr_status status;
    bitocr_error *error;
} pattern_source;

/* Takes UTF-8 text; fails if it is empty, too long or not UTF-8. Free source->member. */
bitocr_status bitocr_pattern_open(pattern_source *source, const char *name, const char *text);

/* Records the first error: what is wrong with the character at `at`. */
void bitocr_pattern_fail(pattern_source *source, int at, const char *what);

static inline uint32_t pattern_peek(const pattern_source *source) {
    return source->at < source->count ? source->text[source->at] : 0;
}

/* Fills `member` with the next class or character: D, L, X, an escape, a set in brackets, or a
 * literal. */
void bitocr_class_read(pattern_source *source);

/* The same with a list of characters as between brackets: up to `end`, or up to the end of the text
 * if it is 0. */
void bitocr_class_read_list(pattern_source *source, uint32_t end);

#endif
