#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

bitocr_status bitocr_fail(bitocr_error *error, bitocr_status status, const char *format, ...) {
    if (!error)
        return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    for (char *c = error->message; *c; c++) /* names from files and users: keep it one line */
        if ((unsigned char)*c < ' ')
            *c = '?';
    return status;
}
