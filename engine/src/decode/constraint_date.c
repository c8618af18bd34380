/* The check `date`: days of the calendar, in figures and with English names of months. */
#include "decode/constraint_check.h"

#include <stddef.h>
#include <string.h>

static int days_in(uint32_t month, uint32_t year) {
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Years of two digits are those of this century. */
static int is_day(uint32_t day, uint32_t month, uint32_t year) {
    return month >= 1 && month <= 12 && day >= 1 && day <= (uint32_t)days_in(month, year);
}

static int is_year(uint32_t year) {
    return year < 100 || (year >= 1000 && year <= 2999);
}

/* 0: there is no such month. */
static uint32_t month_of(uint16_t name) {
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int month = 0; month < 12; month++) {
        const char *m = months + 3 * (size_t)month;
        if (name == ((m[0] - 'a') << 10 | (m[1] - 'a') << 5 | (m[2] - 'a')))
            return (uint32_t)month + 1;
    }
    return 0;
}

static int is_day_either_way(const uint32_t n[2], uint32_t year) {
    return is_day(n[0], n[1], year) || is_day(n[1], n[0], year);
}

/* Is number i as long as it will be? */
static int is_full(const check_state *state, int i) {
    int count = state->date.count;
    return i < count - 1 ||
           (i == count - 1 && (!state->date.in_number || (i && state->date.digits[i] == 2)));
}

/* Can this still become a date? So the search does not keep many texts that cannot. */
static int is_viable(const check_state *state) {
    enum { LEAP_YEAR = 2000 };
    const uint32_t *n = state->date.numbers;
    int is_year_first = state->date.digits[0] == 4;
    if (is_full(state, 0) && state->date.digits[0] <= 2 && (n[0] < 1 || n[0] > 31))
        return 0;
    if (state->date.letters || !is_full(state, 1))
        return 1;
    if (!is_year_first)
        return is_day_either_way(n, LEAP_YEAR);
    return n[1] >= 1 && n[1] <= 12 && (!is_full(state, 2) || is_day(n[2], n[1], n[0]));
}

static int step(check_state *state, uint32_t c) {
    uint32_t letter = (c | 0x20) - 'a';
    if (c >= '0' && c <= '9') {
        if (!state->date.in_number && state->date.count++ == 3)
            return 0;
        int last = state->date.count - 1;
        state->date.in_number = 1;
        state->date.digits[last]++;
        state->date.numbers[last] = state->date.numbers[last] * 10 + c - '0';
        return state->date.digits[last] <= 8 && is_viable(state);
    }
    state->date.in_number = 0;
    if (c < 0x80 && letter < 26 && state->date.letters < 3) {
        state->date.name = (uint16_t)(state->date.name << 5 | letter);
        state->date.letters++;
    }
    return is_viable(state);
}

/* Eight digits without a sign between them. */
static int is_compact(uint32_t n) {
    uint32_t last = n % 10000, first = n / 10000;
    return (is_year(first) && is_day(last % 100, last / 100, first)) ||
           (is_year(last) && is_day_either_way((uint32_t[]){first / 100, first % 100}, last));
}

static int passes(const check_state *state) {
    const uint32_t *n = state->date.numbers;
    const uint8_t *digits = state->date.digits;
    if (state->date.letters)
        return state->date.count == 2 && is_year(n[1]) &&
               is_day(n[0], month_of(state->date.name), n[1]);
    if (state->date.count == 1)
        return digits[0] == 8 && is_compact(n[0]);
    if (state->date.count != 3)
        return 0;
    if (digits[0] == 4)
        return is_year(n[0]) && is_day(n[2], n[1], n[0]);
    return is_year(n[2]) && is_day_either_way(n, n[2]);
}

#define SAME(sign) "D{1,2}" sign "D{1,2}" sign "DD(DD)?|D{4}" sign "D{1,2}" sign "D{1,2}|"
#define JANUARY_JUNE_JULY "[Jj]([Aa][Nn]([Uu][Aa][Rr][Yy])?|[Uu]([Nn][Ee]?|[Ll][Yy]?))|"
#define FEBRUARY "[Ff][Ee][Bb]([Rr][Uu][Aa][Rr][Yy])?|"
#define MARCH_MAY "[Mm][Aa]([Rr]([Cc][Hh])?|[Yy])|"
#define APRIL_AUGUST "[Aa]([Pp][Rr]([Ii][Ll])?|[Uu][Gg]([Uu][Ss][Tt])?)|"
#define SEPTEMBER "[Ss][Ee][Pp]([Tt]([Ee][Mm][Bb][Ee][Rr])?)?|"
#define OCTOBER "[Oo][Cc][Tt]([Oo][Bb][Ee][Rr])?|"
#define NOVEMBER "[Nn][Oo][Vv]([Ee][Mm][Bb][Ee][Rr])?|"
#define DECEMBER "[Dd][Ee][Cc]([Ee][Mm][Bb][Ee][Rr])?"
#define MONTH                                                                                      \
    "(" JANUARY_JUNE_JULY FEBRUARY MARCH_MAY APRIL_AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER ")"

const text_check bitocr_check_date = {"date",
                                      SAME("/") SAME("-") SAME("\\.")
                                          SAME(" ") "D{8}|DDDD年DD?月DD?日|"
                                                    "(D{1,2}[ ./-]?)?" MONTH
                                                    "[ .,/-]{0,2}(D{1,2}[ ,]{1,2})?DD(DD)?",
                                      0.5, step, passes};
