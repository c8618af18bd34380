/* The check `mrz`: lines of machine-readable zones (ICAO Doc 9303), and single fields that end in
 * their check digit. */
#include "decode/constraint_check.h"

/* What stands at each place of a line:
 *   X any, D digit or filler: a field under the next check digit
 *   C that check digit; K the same, or a filler where the field is empty; Q the same, or a filler
 *     where the document's number goes on elsewhere
 *   O any, N digit: under the line's check digit alone, which is Z
 *   A letter or filler, S sex: under none
 *   all others: themselves, but I, which is A, C or I */
#define NUMBER_AND_DATES "XXXXXXXXXCAAADDDDDDCSDDDDDDC"
#define LETTERS_13 "AAAAAAAAAAAAA"
static const char *const LAYOUTS[MRZ_LAYOUTS] = {
    NUMBER_AND_DATES "XXXXXXXXXXXXXXKZ", /* passports (TD3), second line */
    NUMBER_AND_DATES "OOOOOOOOOOOOOOO<", /* visas (MRV-A) */
    NUMBER_AND_DATES "OOOOOOOZ",         /* TD2 */
    NUMBER_AND_DATES "OOOOOOO<",         /* MRV-B */
    "IAAAAXXXXXXXXXQOOOOOOOOOOOOOOO",    /* cards (TD1), first line */
    "DDDDDDCSDDDDDDCAAAOOOOOOOOOOON",    /* second; its check digit is of both lines */
    "AAAA" LETTERS_13 LETTERS_13,        /* third: names */
    "PAAAA" LETTERS_13 LETTERS_13 LETTERS_13,
    "VAAAA" LETTERS_13 LETTERS_13 LETTERS_13,
    "IAAAA" LETTERS_13 LETTERS_13 "AAAAA",
    "VAAAA" LETTERS_13 LETTERS_13 "AAAAA",
};

enum { FIELD_LEAST = 2, FIELD_MOST = 29 };

static int is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

static uint32_t value_of(uint32_t c) {
    return is_digit(c) ? c - '0' : c == '<' ? 0 : c - 'A' + 10;
}

static void add(uint8_t *sum, uint8_t *length, uint32_t c) {
    static const uint8_t weights[3] = {7, 3, 1};
    *sum = (uint8_t)((*sum + weights[(*length)++ % 3] * value_of(c)) % 10);
}

/* May this character stand where the layout has `place`, behind a field of this sum? */
static int fits(char place, uint32_t c, uint8_t sum, uint8_t line) {
    int is_letter = c == '<' || (c >= 'A' && c <= 'Z');
    switch (place) {
    case 'X':
    case 'O':
        return 1;
    case 'D':
        return is_digit(c) || c == '<';
    case 'C':
    case 'K':
    case 'Q':
        return is_digit(c) ? value_of(c) == sum
                           : c == '<' && place != 'C' && (place == 'Q' || !sum);
    case 'Z':
        return is_digit(c) && value_of(c) == line;
    case 'N':
        return is_digit(c);
    case 'A':
        return is_letter;
    case 'S':
        return c == 'M' || c == 'F' || c == 'X' || c == '<';
    case 'I':
        return c == 'A' || c == 'C' || c == 'I';
    default:
        return c == (unsigned char)place;
    }
}

static int is_dead(const check_state *state, int i) {
    return state->mrz.dead >> i & 1;
}

static void step_layout(check_state *state, int i, uint32_t c) {
    char place = LAYOUTS[i][state->mrz.length];
    if (!place || !fits(place, c, state->mrz.field[i], state->mrz.line[i])) {
        state->mrz.dead |= (uint16_t)(1u << i);
        return;
    }
    int is_check = place == 'C' || place == 'K' || place == 'Q';
    if (place == 'X' || place == 'D')
        add(&state->mrz.field[i], &state->mrz.field_length[i], c);
    if (is_check || place == 'X' || place == 'D' || place == 'O' || place == 'N')
        add(&state->mrz.line[i], &state->mrz.line_length[i], c);
    if (is_check)
        state->mrz.field[i] = state->mrz.field_length[i] = 0;
}

static int step(check_state *state, uint32_t c) {
    uint8_t length = state->mrz.length;
    for (int i = 0; i < MRZ_LAYOUTS; i++)
        if (!is_dead(state, i))
            step_layout(state, i, c);
    state->mrz.sum_before = state->mrz.sum;
    state->mrz.last = (uint8_t)c;
    add(&state->mrz.sum, &length, c);
    state->mrz.length = length;
    return length <= FIELD_MOST || state->mrz.dead != (1 << MRZ_LAYOUTS) - 1;
}

static int passes(const check_state *state) {
    int length = state->mrz.length;
    for (int i = 0; i < MRZ_LAYOUTS; i++)
        if (!is_dead(state, i) && !LAYOUTS[i][length])
            return 1;
    return length >= FIELD_LEAST && length <= FIELD_MOST && is_digit(state->mrz.last) &&
           value_of(state->mrz.last) == state->mrz.sum_before;
}

const text_check bitocr_check_mrz = {"mrz", "[A-Z0-9<]{2,44}", 0.1, step, passes};
