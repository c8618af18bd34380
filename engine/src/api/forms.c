#include "api/forms.h"

#include <stdbool.h>
#include <string.h>

enum {
    TIMES = 0xD7,
    FIRST_HANZI = 0x4E00,
    LAST_HANZI = 0x9FFF,
    WIDE = 0xFF00 - 0x20, /* from a mark to its form as wide as a hanzi */
    MOST_ONES = 3,        /* the most I in a Roman numeral without V and X */
};

/* From the first to before the last. */
typedef struct {
    size_t first, last;
} span;

static bool is_small(uint32_t c) {
    return c >= 'a' && c <= 'z';
}

static bool is_capital(uint32_t c) {
    return c >= 'A' && c <= 'Z';
}

static bool is_alphanumeric(uint32_t c) {
    return is_small(c) || is_capital(c) || (c >= '0' && c <= '9') || c > 0x7F;
}

static bool is_hanzi(uint32_t c) {
    return c >= FIRST_HANZI && c <= LAST_HANZI;
}

static bool is_one_of(uint32_t c, const char *set) {
    return c && c < 0x80 && strchr(set, (int)c);
}

/* Is there a word before this one in the same sentence? */
static bool is_within(const bitocr_char *chars, size_t first) {
    return first > 1 && chars[first - 1].character == ' ' &&
           !is_one_of(chars[first - 2].character, ".!?:\"");
}

/* VIll and XlV cannot be words. Ill and Il can be, at the start of a sentence and in Ill-fated. */
static bool is_roman(const bitocr_char *chars, size_t count, span word) {
    size_t ones = 0, fives = 0, small = 0;
    for (size_t i = word.first; i < word.last; i++) {
        uint32_t c = chars[i].character;
        small += c == 'l';
        ones += c == 'l' || c == 'I';
        fives += c == 'V' || c == 'X';
        if (!is_one_of(c, "IlVX"))
            return false;
    }
    if (!small || chars[word.first].character == 'l')
        return false;
    bool is_joined = word.last < count && is_one_of(chars[word.last].character, "-'");
    return fives || (ones <= MOST_ONES && !is_joined && is_within(chars, word.first));
}

static span word_at(const bitocr_char *chars, size_t count, size_t first) {
    size_t last = first;
    while (last < count && is_alphanumeric(chars[last].character))
        last++;
    return (span){first, last};
}

static void settle_numerals(bitocr_char *chars, size_t count) {
    for (size_t first = 0; first < count; first++) {
        span word = word_at(chars, count, first);
        if (word.last > first && is_roman(chars, count, word))
            for (size_t i = first; i < word.last; i++)
                if (chars[i].character == 'l')
                    chars[i].character = 'I';
        first = word.last;
    }
}

/* The form of a character that its neighbours ask for; 0: it stays. */
static uint32_t form_of(uint32_t c, uint32_t before, uint32_t behind) {
    if (c == TIMES && (is_small(before) || is_small(behind)))
        return 'x';
    bool is_wide = is_one_of(c, ",:;!?") && is_hanzi(before) && (!behind || is_hanzi(behind));
    is_wide = is_wide || (c == '(' && is_hanzi(behind)) || (c == ')' && is_hanzi(before));
    return is_wide ? c + WIDE : c;
}

void bitocr_forms_settle(bitocr_char *chars, size_t count) {
    settle_numerals(chars, count);
    for (size_t i = 0; i < count; i++)
        chars[i].character = form_of(chars[i].character, i ? chars[i - 1].character : 0,
                                     i + 1 < count ? chars[i + 1].character : 0);
}
