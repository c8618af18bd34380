/* UTF-8, checked. */
#ifndef BITOCR_BASE_UTF8_H
#define BITOCR_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The character at the start of `bytes` of text: its length, or 0 if the text is not valid. */
size_t bitocr_utf8_decode(const char *text, size_t bytes, uint32_t *character);

/* Writes a Unicode scalar value; its length, 1 to 4. */
size_t bitocr_utf8_encode(uint32_t character, char out[4]);

#endif
