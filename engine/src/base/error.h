/* Errors: a status to return and one line of text for the caller's buffer. */
#ifndef BITOCR_BASE_ERROR_H
#define BITOCR_BASE_ERROR_H

#include "bitocr.h"

/* Writes the formatted line if `error` is not NULL; returns `status`. */
#if defined(__MINGW32__) && !defined(__clang__)
__attribute__((format(gnu_printf, 3, 4)))
#elif defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
bitocr_status bitocr_fail(bitocr_error *error, bitocr_status status, const char *format, ...);

/* Whether a caller's structure begins with the size that it has here. */
bitocr_status bitocr_check_size(const char *structure, size_t size, size_t expected,
                                bitocr_error *error);

#endif
