#include "base/utf8.h"

size_t bitocr_utf8_decode(const char *text, size_t bytes, uint32_t *character) {
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *t = (const unsigned char *)text;
    if (!bytes)
        return 0;
    size_t length = t[0] < 0x80       ? 1
                    : t[0] >> 5 == 6  ? 2
                    : t[0] >> 4 == 14 ? 3
                    : t[0] >> 3 == 30 ? 4
                                      : 0;
    if (!length || length > bytes)
        return 0;
    uint32_t c = length == 1 ? t[0] : t[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (t[i] >> 6 != 2)
            return 0;
        c = c << 6 | (t[i] & 0x3Fu);
    }
    if (c < smallest[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *character = c;
    return length;
}

size_t bitocr_utf8_encode(uint32_t c, char out[4]) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> length & 0xFF) | c);
    return length;
}
