/* A reading's text, in which codes are mended. Only the files formats*.c use this. */
#ifndef BITOCR_API_FORMATS_TEXT_H
#define BITOCR_API_FORMATS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

enum { FORMAT_MOST = 128 }; /* characters; longer texts stay as they are */

typedef struct {
    uint32_t at[FORMAT_MOST];
    int from[FORMAT_MOST]; /* each one's number in the reading; -1: a space that was put in */
    int count;
} format_text;

static inline bool is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

static inline bool is_upper(uint32_t c) {
    return c >= 'A' && c <= 'Z';
}

static inline bool is_lower(uint32_t c) {
    return c >= 'a' && c <= 'z';
}

static inline bool is_letter(uint32_t c) {
    return is_upper(c) || is_lower(c);
}

/* Is this one of the ASCII characters in `set`? */
bool bitocr_format_is_in(uint32_t c, const char *set);

void bitocr_format_remove(format_text *t, int i);

/* Puts a character before the i-th, if there is room. */
void bitocr_format_insert(format_text *t, int i, uint32_t c, int from);

/* Removes spaces beside the signs in `signs`, from character `first` on. */
void bitocr_format_close_up(format_text *t, int first, const char *signs);

int bitocr_format_count(const format_text *t, uint32_t c);

/* Mends all kinds of codes. */
void bitocr_format_all(format_text *t);

/* Each leaves other texts as they are. */
void bitocr_format_hex(format_text *t);     /* hashes and MAC addresses */
void bitocr_format_iban(format_text *t);    /* a text that is one */
void bitocr_format_address(format_text *t); /* a text that is an e-mail address, a URL or a path */

#endif
