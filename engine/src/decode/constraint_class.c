#include "decode/constraint_class.h"
#include "base/error.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

bitocr_status bitocr_pattern_open(pattern_source *source, const char *name, const char *text) {
    size_t bytes = strlen(text);
    source->name = name;
    source->count = source->at = 0;
    source->member = calloc((size_t)source->classes, 1);
    if (!source->member)
        return bitocr_fail(source->error, BITOCR_ERROR_MEMORY, "out of memory");
    for (size_t at = 0; at < bytes;) {
        uint32_t c = 0;
        size_t used = bitocr_utf8_decode(text + at, bytes - at, &c);
        if (!used)
            return bitocr_fail(source->error, BITOCR_ERROR_USAGE, "%s is not UTF-8", name);
        if (source->count == PATTERN_TEXT)
            return bitocr_fail(source->error, BITOCR_ERROR_USAGE, "%s is longer than %d characters",
                               name, PATTERN_TEXT);
        source->text[source->count++] = c;
        at += used;
    }
    if (!bytes)
        return bitocr_fail(source->error, BITOCR_ERROR_USAGE, "%s is empty", name);
    return BITOCR_OK;
}

void bitocr_pattern_fail(pattern_source *source, int at, const char *what) {
    if (source->status == BITOCR_OK)
        source->status = bitocr_fail(source->error, BITOCR_ERROR_USAGE, "%s, character %d: %s",
                                     source->name, at + 1, what);
    source->at = source->count;
}

static void add(pattern_source *source, uint32_t low, uint32_t high) {
    for (int label = 1; label < source->classes; label++) {
        uint32_t c = source->charset[label - 1];
        source->member[label] |= c >= low && c <= high;
    }
}

/* Adds the class of this letter; 0 where it names none. */
static int add_named(pattern_source *source, uint32_t name) {
    int digits = name == 'D' || name == 'd' || name == 'X' || name == 'w';
    int letters = name == 'L' || name == 'X' || name == 'w';
    if (digits)
        add(source, '0', '9');
    if (letters) {
        add(source, 'A', 'Z');
        add(source, 'a', 'z');
    }
    if (name == 's')
        add(source, ' ', ' ');
    return digits || letters || name == 's';
}

static int is_alphanumeric(uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Reads what a backslash stands before, which is taken already. Returns the character, or 0 for a
 * class, which is added. */
static uint32_t read_escape(pattern_source *source) {
    uint32_t c = pattern_peek(source);
    source->at++;
    if (c == 'D' || c == 'L' || c == 'X' || (c && !is_alphanumeric(c)))
        return c;
    if (source->at > source->count)
        bitocr_pattern_fail(source, source->count - 1, "nothing follows the backslash");
    else if (!add_named(source, c))
        bitocr_pattern_fail(
            source, source->at - 1,
            "no such escape; there are \\d, \\w, \\s, \\D, \\L, \\X and those of signs");
    return 0;
}

void bitocr_class_read(pattern_source *source) {
    uint32_t c = pattern_peek(source);
    memset(source->member, 0, (size_t)source->classes);
    source->at++;
    if (c == '[') {
        bitocr_class_read_list(source, ']');
    } else if (c == '\\') {
        c = read_escape(source);
        if (c)
            add(source, c, c);
    } else if ((c != 'D' && c != 'L' && c != 'X') || !add_named(source, c)) {
        add(source, c, c);
    }
}

/* One character or class, or a range of characters. */
static void read_member(pattern_source *source, uint32_t end) {
    int start = source->at;
    uint32_t low = source->text[source->at++], high;
    if (low == '\\')
        low = read_escape(source);
    high = low;
    int has_more = source->at + 1 < source->count && source->text[source->at] == '-' &&
                   (!end || source->text[source->at + 1] != end);
    if (has_more && low) {
        source->at++;
        high = source->text[source->at++];
        if (high == '\\')
            high = read_escape(source);
        if (source->status == BITOCR_OK && high < low)
            bitocr_pattern_fail(source, start, "a range ends before it begins");
    }
    if (low)
        add(source, low, high);
}

void bitocr_class_read_list(pattern_source *source, uint32_t end) {
    int start = source->at, is_negative = end && pattern_peek(source) == '^';
    memset(source->member, 0, (size_t)source->classes);
    source->at += is_negative;
    if (end && pattern_peek(source) == end && !is_negative)
        bitocr_pattern_fail(source, start, "the brackets are empty");
    while (source->at < source->count && !(end && source->text[source->at] == end))
        read_member(source, end);
    for (int label = 1; is_negative && label < source->classes; label++)
        source->member[label] = !source->member[label];
    if (end && source->at >= source->count)
        bitocr_pattern_fail(source, start - 1, "no ] closes this [");
    source->at += end != 0;
}
