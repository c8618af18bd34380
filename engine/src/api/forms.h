/* Tells characters that look alike apart by their neighbours. */
#ifndef BITOCR_API_FORMS_H
#define BITOCR_API_FORMS_H

#include "bitocr.h"

#include <stddef.h>

/* Corrects characters [count] of a text: l in Roman numerals becomes I, a multiplication sign
 * beside a small letter becomes x, and punctuation among hanzi becomes full-width. */
void bitocr_forms_settle(bitocr_char *chars, size_t count);

#endif
