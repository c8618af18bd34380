#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

bitocr_status bitocr_fail(bitocr_error *error, bitocr_status status, const char *format, ...) {
    const size_t start = offsetof(bitocr_error, message);
    if (!error || error->size <= start)
        return status;
    size_t room = error->size - start;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, room < sizeof error->message ? room : sizeof error->message, format,
              arguments);
    va_end(arguments);
    for (char *c = error->message; *c; c++) /* names from files and users: keep it one line */
        if ((unsigned char)*c < ' ')
            *c = '?';
    return status;
}

bitocr_status bitocr_check_size(const char *structure, size_t size, size_t expected,
                                bitocr_error *error) {
    if (size == expected)
        return BITOCR_OK;
    return bitocr_fail(error, BITOCR_ERROR_USAGE,
                       "a %s says that it has %zu bytes, but has %zu in bitocr %s: "
                       "rebuild the program with this version's header",
                       structure, size, expected, BITOCR_VERSION);
}
