/* Checks: numbers with check digits, and dates. A growing text carries its state, so that the
 * search knows whether it passes. */
#ifndef BITOCR_DECODE_CONSTRAINT_CHECK_H
#define BITOCR_DECODE_CONSTRAINT_CHECK_H

#include <stdint.h>

enum { MRZ_LAYOUTS = 11 };

/* All zeros are the empty text. */
typedef union {
    struct {
        uint8_t sums[2]; /* where the last digit counts once, and where it counts more; modulo 10 */
        uint8_t digits;
    } weighted; /* luhn, ean */
    struct {
        uint8_t head, tail; /* the first four characters and the others, modulo 97 */
        uint8_t length, wanted;
        uint16_t country;
    } iban;
    struct {
        uint32_t numbers[3];
        uint8_t digits[3];
        uint8_t count, in_number, letters;
        uint16_t name; /* the month's first three letters, 5 bits each */
    } date;
    struct {
        uint16_t dead; /* layouts that the text does not have */
        uint8_t length;
        uint8_t sum, sum_before, last; /* of a single field */
        uint8_t field[MRZ_LAYOUTS], field_length[MRZ_LAYOUTS];
        uint8_t line[MRZ_LAYOUTS], line_length[MRZ_LAYOUTS];
    } mrz;
} check_state;

typedef struct {
    const char *name;
    const char *pattern; /* of all texts that may pass */
    double chance;       /* that a text of this pattern passes by accident, about */
    /* Appends a character of the pattern; 0 where no text passes that begins so. */
    int (*step)(check_state *state, uint32_t c);
    int (*passes)(const check_state *state);
} text_check;

extern const text_check bitocr_check_date, bitocr_check_mrz;

/* NULL: there is no check with this name. */
const text_check *bitocr_check_find(const char *name);

#endif
