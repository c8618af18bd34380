/* snprintf and vsnprintf for bitocr.wasm, as far as the engine uses them: %s, %.Ns, %.*s, %d, %u,
 * %zu, %llu, %% and, of whole numbers, %g. The C library's own take a tenth of the module, most of
 * it for floats, and import functions that write files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    char *text;
    size_t room, length; /* the length may exceed the room */
} output;

static void add(output *out, const char *text, size_t bytes) {
    for (size_t i = 0; i < bytes; i++, out->length++)
        if (out->length + 1 < out->room)
            out->text[out->length] = text[i];
}

static void add_number(output *out, uint64_t number, int is_negative) {
    char digits[21];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
    } while (number /= 10);
    if (is_negative)
        digits[--first] = '-';
    add(out, digits + first, sizeof digits - first);
}

static void add_string(output *out, const char *text, int most) {
    add(out, text, most < 0 ? strlen(text) : strnlen(text, (size_t)most));
}

/* The precision after a dot, which `*format` is moved beyond; -1: there is none. */
static int read_precision(const char **format, va_list *arguments) {
    int precision = 0;
    if (**format != '.')
        return -1;
    if (*++*format == '*') {
        ++*format;
        return va_arg(*arguments, int);
    }
    for (; **format >= '0' && **format <= '9'; ++*format)
        precision = 10 * precision + (**format - '0');
    return precision;
}

/* One conversion, from behind its %; returns what follows it. */
static const char *convert(output *out, const char *format, va_list *arguments) {
    int precision = read_precision(&format, arguments), number;
    if (*format == 's')
        add_string(out, va_arg(*arguments, const char *), precision);
    else if (*format == 'd') {
        number = va_arg(*arguments, int);
        add_number(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, number < 0);
    } else if (*format == 'u')
        add_number(out, va_arg(*arguments, unsigned), 0);
    else if (*format == 'g')
        add_number(out, (uint64_t)va_arg(*arguments, double), 0);
    else if (!strncmp(format, "zu", 2))
        add_number(out, va_arg(*arguments, size_t), 0), format += 1;
    else if (!strncmp(format, "llu", 3))
        add_number(out, va_arg(*arguments, unsigned long long), 0), format += 2;
    else
        add(out, format, 1);
    return format + 1;
}

int vsnprintf(char *restrict text, size_t room, const char *restrict format, va_list arguments) {
    output out = {text, room, 0};
    va_list rest;
    va_copy(rest, arguments);
    while (*format) {
        size_t plain = strcspn(format, "%");
        add(&out, format, plain);
        format += plain;
        if (*format)
            format = convert(&out, format + 1, &rest);
    }
    va_end(rest);
    if (room)
        text[out.length < room ? out.length : room - 1] = 0;
    return (int)out.length;
}

int snprintf(char *restrict text, size_t room, const char *restrict format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, room, format, arguments);
    va_end(arguments);
    return length;
}
