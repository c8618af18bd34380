/* International bank account numbers (ISO 13616): two letters, two check digits, and the account,
 * in groups of four. */
#include "api/formats_text.h"

enum { LEAST = 15, MOST = 34, COUNTRY = 2, HEAD = 4, GROUP = 4 };

/* The letter that looks like a digit, or the digit that looks like a letter; else the same. */
static uint32_t counterpart(uint32_t c, const char *pairs) {
    for (; *pairs; pairs += 2)
        if (c == (uint32_t)pairs[0])
            return (uint32_t)pairs[1];
    return c;
}

static int remainder_after(int remainder, uint32_t c) {
    int value = is_digit(c) ? (int)(c - '0') : (int)(c - 'A') + 10;
    return (remainder * (is_digit(c) ? 10 : 100) + value) % 97;
}

/* Are the check digits right (ISO 7064, MOD 97-10)? */
static bool is_valid(const format_text *t) {
    int remainder = 0;
    for (int i = 0; i < t->count; i++)
        remainder = remainder_after(remainder, t->at[(i + HEAD) % t->count]);
    return remainder == 1;
}

/* Has the text without spaces the form of one, but for characters that look alike? Puts letters and
 * digits where they must be. */
static bool take_form(format_text *t) {
    int digits = 0;
    if (t->count < LEAST || t->count > MOST)
        return false;
    for (int i = 0; i < t->count; i++) {
        uint32_t *c = &t->at[i];
        *c = counterpart(*c, i < COUNTRY ? "0O1IlI5S8B2Z" : i < HEAD ? "O0I1l1S5B8Z2" : "l1");
        if (!is_upper(*c) && !is_digit(*c))
            return false;
        if (i < HEAD && is_digit(*c) != (i >= COUNTRY))
            return false;
        digits += is_digit(*c);
    }
    return 2 * digits >= t->count;
}

/* Makes the check digits right, by exchanging one O or I for a digit or the reverse if need be. */
static bool make_valid(format_text *t) {
    bool is_right = is_valid(t);
    for (int i = HEAD; i < t->count && !is_right; i++) {
        uint32_t was = t->at[i];
        t->at[i] = counterpart(was, "O0I10O1I");
        is_right = t->at[i] != was && is_valid(t);
        if (!is_right)
            t->at[i] = was;
    }
    return is_right;
}

void bitocr_format_iban(format_text *t) {
    format_text number = *t;
    bool has_spaces = false;
    for (int i = number.count - 1; i >= 0; i--)
        if (number.at[i] == ' ') {
            bitocr_format_remove(&number, i);
            has_spaces = true;
        }
    if (!take_form(&number) || !make_valid(&number))
        return;
    for (int i = (number.count - 1) / GROUP * GROUP; i > 0 && has_spaces; i -= GROUP)
        bitocr_format_insert(&number, i, ' ', -1);
    *t = number;
}
