#include "base/json_reader.h"
#include "base/utf8.h"

#include <string.h>

int bitocr_json_fault(json_reader *r, const char *what) {
    if (!r->fault)
        r->fault = what;
    return 0;
}

int bitocr_json_peek(const json_reader *r) {
    return r->at < r->end ? (unsigned char)r->text[r->at] : -1;
}

int bitocr_json_accept(json_reader *r, char c) {
    if (bitocr_json_peek(r) != (unsigned char)c)
        return 0;
    r->at++;
    return 1;
}

static int hex4(json_reader *r, uint32_t *value) {
    *value = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        int c = bitocr_json_peek(r);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return bitocr_json_fault(r, "a bad \\u escape");
        *value = *value << 4 | (uint32_t)digit;
    }
    return 1;
}

/* What follows a backslash. */
static int escape(json_reader *r, uint32_t *character) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int c = bitocr_json_peek(r);
    if (c != 'u') {
        const char *name = c > 0 ? strchr(names, c) : NULL;
        if (!name)
            return bitocr_json_fault(r, "an unknown escape in a string");
        r->at++;
        *character = (unsigned char)meanings[name - names];
        return 1;
    }
    uint32_t high, low;
    r->at++;
    if (!hex4(r, &high))
        return 0;
    *character = high;
    if (high < 0xD800 || high > 0xDFFF)
        return 1;
    if (high > 0xDBFF || !bitocr_json_accept(r, '\\') || !bitocr_json_accept(r, 'u') ||
        !hex4(r, &low) || low < 0xDC00 || low > 0xDFFF)
        return bitocr_json_fault(r, "an unpaired surrogate in a string");
    *character = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return 1;
}

int bitocr_json_read_character(json_reader *r, uint32_t *c) {
    if (bitocr_json_accept(r, '\\'))
        return escape(r, c);
    size_t length = bitocr_utf8_decode(r->text + r->at, r->end - r->at, c);
    if (!length)
        return bitocr_json_fault(r, "text that is not UTF-8");
    if (*c < 0x20)
        return bitocr_json_fault(r, "a control character in a string");
    r->at += (uint32_t)length;
    return 1;
}
