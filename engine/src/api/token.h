/* Tokens of two readings of the same frames: the text between spaces that both have. */
#ifndef BITOCR_API_TOKEN_H
#define BITOCR_API_TOKEN_H

#include <stdbool.h>

#include "decode/ctc.h"

typedef struct {
    int first, last; /* frames, from the first to before the last */
    struct {
        int first, last; /* characters, in the same way */
    } of[2];             /* in each of the readings */
} token;

/* Moves to the token before, beginning at the end of both readings. False: there is none. Start
 * with bitocr_token_end. */
token bitocr_token_end(const ctc_space *const readings[2]);
bool bitocr_token_before(const ctc_space *const readings[2], int space, token *t);

/* Do the readings differ in this token? */
bool bitocr_token_differs(const ctc_space *const readings[2], const token *t);

/* Is the token a code in both readings: are there digits, and only ASCII? */
bool bitocr_token_is_code(const ctc_space *const readings[2], const uint32_t *charset,
                          const token *t);

/* Are more than half of a reading's characters in words with digits or signs of paths? */
bool bitocr_is_mostly_code(const ctc_space *reading, const uint32_t *charset);

/* Replaces the first reading's characters with the second one's. False: there is no room. */
bool bitocr_token_take(ctc_space *into, const ctc_space *from, const token *t);

#endif
