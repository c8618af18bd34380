/* Hashes, other long hexadecimal numbers, and MAC addresses. */
#include "api/formats_text.h"

enum {
    LEAST_HASH = 12,   /* characters of a hash, */
    LEAST_JOINED = 16, /* and of one that is read in parts */
    LEAST_LETTERS = 2, /* so many, or its parts may be groups of a number */
    DIGITS_SHARE = 4,  /* one in so many is a digit: otherwise it may be a word */
    MAC_LENGTH = 17,   /* six pairs and what separates them */
};

static bool is_hex(uint32_t c) {
    return is_digit(c) || bitocr_format_is_in(c, "abcdefABCDEF");
}

static bool may_be_hex(uint32_t c) {
    return is_hex(c) || bitocr_format_is_in(c, "OoIl");
}

static bool is_mac(const format_text *t, int start, int end) {
    uint32_t sign = t->at[start + 2];
    if (end - start != MAC_LENGTH || (sign != ':' && sign != '-'))
        return false;
    for (int i = 0; i < MAC_LENGTH; i++)
        if (i % 3 == 2 ? t->at[start + i] != sign : !may_be_hex(t->at[start + i]))
            return false;
    return true;
}

static bool is_hash(const format_text *t, int start, int end) {
    int digits = 0;
    for (int i = start; i < end; i++) {
        if (!may_be_hex(t->at[i]))
            return false;
        digits += is_digit(t->at[i]);
    }
    return end - start >= LEAST_HASH && DIGITS_SHARE * digits >= end - start;
}

/* O and I become digits, and all letters get the case that most have. */
static void mend(format_text *t, int start, int end) {
    int uppers = 0, lowers = 0;
    for (int i = start; i < end; i++) {
        uppers += is_hex(t->at[i]) && is_upper(t->at[i]);
        lowers += is_hex(t->at[i]) && is_lower(t->at[i]);
    }
    for (int i = start; i < end; i++) {
        uint32_t *c = &t->at[i];
        if (bitocr_format_is_in(*c, "Oo"))
            *c = '0';
        else if (bitocr_format_is_in(*c, "Il"))
            *c = '1';
        else if (is_letter(*c))
            *c = uppers > lowers ? *c & ~32U : *c | 32U;
    }
}

/* Joins a hash that was read in parts. Those of a number have equal lengths, or no letters. */
static void join(format_text *t) {
    int letters = 0, part = 0, first_part = 0;
    bool is_even = true;
    for (int i = 0; i < t->count; i++) {
        letters += is_hex(t->at[i]) && is_letter(t->at[i]);
        if (t->at[i] != ' ') {
            part++;
            continue;
        }
        first_part = first_part ? first_part : part;
        is_even &= part == first_part;
        part = 0;
    }
    format_text joined = *t;
    for (int i = joined.count - 1; i >= 0; i--)
        if (joined.at[i] == ' ')
            bitocr_format_remove(&joined, i);
    if (!is_even && letters >= LEAST_LETTERS && joined.count >= LEAST_JOINED &&
        is_hash(&joined, 0, joined.count))
        *t = joined;
}

void bitocr_format_hex(format_text *t) {
    join(t);
    for (int start = 0, end; start < t->count; start = end + 1) {
        for (end = start; end < t->count && t->at[end] != ' '; end++)
            ;
        if (end - start >= LEAST_HASH && (is_mac(t, start, end) || is_hash(t, start, end)))
            mend(t, start, end);
    }
}
