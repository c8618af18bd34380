/* Characters that look alike, told apart by their neighbours. */
#ifndef BITOCR_API_FORMS_H
#define BITOCR_API_FORMS_H

#include "bitocr.h"

#include <stddef.h>

/* Of a text's characters [count]: l in Roman numerals becomes I, a multiplication sign beside a
 * small letter x, and marks among hanzi as wide as these. */
void bitocr_forms_settle(bitocr_char *chars, size_t count);

#endif
