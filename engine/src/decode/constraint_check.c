/* The checks by their names, and those of one sum: luhn, ean, iban. */
#include "decode/constraint_check.h"

#include <stddef.h>
#include <string.h>

static int is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

/* Digits count once and `more` in turn, from the last one back. Which it is shows at the end alone,
 * so both sums are kept. */
static void add_digit(check_state *state, uint32_t digit, uint32_t more) {
    uint8_t *sums = state->weighted.sums;
    uint32_t once = digit + sums[1], other = more + sums[0];
    sums[0] = (uint8_t)(once % 10);
    sums[1] = (uint8_t)(other % 10);
    if (state->weighted.digits < UINT8_MAX)
        state->weighted.digits++;
}

static int step_luhn(check_state *state, uint32_t c) {
    if (is_digit(c)) {
        uint32_t digit = c - '0';
        add_digit(state, digit, digit < 5 ? 2 * digit : 2 * digit - 9);
    }
    return 1;
}

static int passes_luhn(const check_state *state) {
    return state->weighted.digits >= 2 && state->weighted.sums[0] == 0;
}

static int step_ean(check_state *state, uint32_t c) {
    if (is_digit(c))
        add_digit(state, c - '0', 3 * (c - '0'));
    return 1;
}

/* GTIN-8, -12 (UPC-A), -13 (EAN, ISBN) and -14. */
static int passes_ean(const check_state *state) {
    int digits = state->weighted.digits;
    int is_length = digits == 8 || (digits >= 12 && digits <= 14);
    return is_length && state->weighted.sums[0] == 0;
}

/* Of each country the length of its IBANs, from the registry of SWIFT. */
static const char COUNTRIES[] =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
    "FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
    "LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24"
    "RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

enum { IBAN_LEAST = 15, IBAN_MOST = 34 };

/* 0: of any length. */
static uint8_t length_of(uint16_t country) {
    for (const char *c = COUNTRIES; *c; c += 4)
        if (c[0] == country >> 8 && c[1] == (country & 0xFF))
            return (uint8_t)(10 * (c[2] - '0') + c[3] - '0');
    return 0;
}

static int step_iban(check_state *state, uint32_t c) {
    if (c == ' ')
        return 1;
    uint32_t value = is_digit(c) ? c - '0' : c - 'A' + 10;
    uint8_t *part = state->iban.length < 4 ? &state->iban.head : &state->iban.tail;
    *part = (uint8_t)((*part * (is_digit(c) ? 10u : 100u) + value) % 97);
    if (state->iban.length < 2)
        state->iban.country = (uint16_t)(state->iban.country << 8 | c);
    if (++state->iban.length == 2)
        state->iban.wanted = length_of(state->iban.country);
    return state->iban.length <= (state->iban.wanted ? state->iban.wanted : IBAN_MOST);
}

/* The first four characters, six digits as a number, stand behind the others in the sum. */
static int passes_iban(const check_state *state) {
    int length = state->iban.length, wanted = state->iban.wanted;
    if (wanted ? length != wanted : length < IBAN_LEAST)
        return 0;
    return (state->iban.tail * (1000000 % 97) + state->iban.head) % 97 == 1;
}

static const text_check LUHN = {"luhn", "D([ -]?D)+", 0.1, step_luhn, passes_luhn};
static const text_check EAN = {"ean", "D([ -]?D){7,13}", 0.1, step_ean, passes_ean};
static const text_check IBAN = {"iban", "[A-Z]{2}D{2}( ?[A-Z0-9]){11,30}", 0.01, step_iban,
                                passes_iban};

const text_check *bitocr_check_find(const char *name) {
    static const text_check *const all[] = {&LUHN, &EAN, &IBAN, &bitocr_check_mrz,
                                            &bitocr_check_date};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i]->name, name))
            return all[i];
    return NULL;
}
