/* Constraints on texts: allowed characters, a pattern (constraint_pattern.h), a check
 * (constraint_check.h). Texts of a beam search carry their state in it, and texts that violate it
 * are never made. */
#ifndef BITOCR_DECODE_CONSTRAINT_H
#define BITOCR_DECODE_CONSTRAINT_H

#include "bitocr.h"
#include "decode/constraint_automaton.h"
#include "decode/constraint_check.h"

enum { CONSTRAINT_PARTS = 2 }; /* the pattern, and the check's own */

/* The state of a text in it. */
typedef struct {
    position_set next[CONSTRAINT_PARTS]; /* where its next character may stand */
    uint8_t is_whole[CONSTRAINT_PARTS];  /* may the text end here? */
    check_state check;
} constraint_state;

/* allow, pattern and check as in bitocr_constraint_create. */
bitocr_status bitocr_constraint_make(const uint32_t *charset, int classes, const char *allow,
                                     const char *pattern, const char *check,
                                     bitocr_constraint **out, bitocr_error *error);

int bitocr_constraint_classes(const bitocr_constraint *constraint);

void bitocr_constraint_start(const bitocr_constraint *constraint, constraint_state *state);

/* Appends a character that bitocr_constraint_labels gave. */
void bitocr_constraint_step(const bitocr_constraint *constraint, constraint_state *state,
                            int label);

/* The labels that the text may grow by if `left` more frames follow: those of at least `hopeless`,
 * and those little behind the most probable one, so that it can always go on. At most `room`, most
 * probable first; returns their number. */
int bitocr_constraint_labels(const bitocr_constraint *constraint, const constraint_state *state,
                             const float *logprobs, int left, float hopeless, int *labels,
                             int room);

/* Whether the text can become complete in this many frames. */
int bitocr_constraint_can_end(const bitocr_constraint *constraint, const constraint_state *state,
                              int left);

/* Whether the text meets the constraint. */
int bitocr_constraint_passes(const bitocr_constraint *constraint, const constraint_state *state);

/* Whether the text may be empty. */
int bitocr_constraint_takes_empty(const bitocr_constraint *constraint);

/* The probability that a text that the automata accept passes the check by accident; 1: there is no
 * check. */
double bitocr_constraint_chance(const bitocr_constraint *constraint);

#endif
