/* Tokens of two readings of the same frames: what stands between spaces that both have. */
#ifndef BITOCR_API_TOKEN_H
#define BITOCR_API_TOKEN_H

#include <stdbool.h>

#include "decode/ctc.h"

typedef struct {
    int first, last; /* frames, from the first to before the last */
    struct {
        int first, last; /* characters, likewise */
    } of[2];             /* in each of the readings */
} token;

/* The token before another, from the end of both readings on; false: there is none. Begin with
 * bitocr_token_end. */
token bitocr_token_end(const ctc_space *const readings[2]);
bool bitocr_token_before(const ctc_space *const readings[2], int space, token *t);

/* Do the readings differ in it? */
bool bitocr_token_differs(const ctc_space *const readings[2], const token *t);

/* Is it a code in both readings: are there digits, and nothing beyond ASCII? */
bool bitocr_token_is_code(const ctc_space *const readings[2], const uint32_t *charset,
                          const token *t);

/* Puts the second reading's characters into the first one; false: there is no room for them. */
bool bitocr_token_take(ctc_space *into, const ctc_space *from, const token *t);

#endif
