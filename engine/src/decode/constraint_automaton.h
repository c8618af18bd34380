/* An automaton over a model's classes that accepts the allowed texts (Glushkov 1961).
 *
 * Each character of a pattern is a position; there are at most 256, with repeats written out. The
 * state of a text is a set of positions: those that its last character may be at. So no states are
 * built in advance, and a pattern cannot take more memory than this. */
#ifndef BITOCR_DECODE_CONSTRAINT_AUTOMATON_H
#define BITOCR_DECODE_CONSTRAINT_AUTOMATON_H

#include <stdint.h>

enum { POSITIONS = 256, POSITION_WORDS = POSITIONS / 64 };

typedef struct {
    uint64_t words[POSITION_WORDS];
} position_set;

typedef struct {
    int count, classes;
    int takes_empty; /* is the empty text one of those that it takes? */
    position_set first, last;
    position_set follow[POSITIONS];
    uint16_t rest[POSITIONS]; /* frames that a text needs behind this one, at least */
    int enough;               /* frames in which any text that has begun can end */
    int only[POSITIONS];      /* the one label that may stand here; 0: several */
    position_set *of_label;   /* [classes] the positions that a class may stand at */
} automaton;

static inline void position_add(position_set *set, int position) {
    set->words[position / 64] |= UINT64_C(1) << position % 64;
}

static inline int position_is_in(const position_set *set, int position) {
    return (int)(set->words[position / 64] >> position % 64 & 1);
}

static inline void position_join(position_set *set, const position_set *other) {
    for (int k = 0; k < POSITION_WORDS; k++)
        set->words[k] |= other->words[k];
}

static inline position_set position_common(const position_set *a, const position_set *b) {
    position_set both;
    for (int k = 0; k < POSITION_WORDS; k++)
        both.words[k] = a->words[k] & b->words[k];
    return both;
}

static inline int position_none(const position_set *set) {
    uint64_t any = 0;
    for (int k = 0; k < POSITION_WORDS; k++)
        any |= set->words[k];
    return !any;
}

/* The next position of the set, from `position` on; POSITIONS: there is none. */
int bitocr_position_next(const position_set *set, int position);

/* NULL: out of memory. */
automaton *bitocr_automaton_create(int classes);
void bitocr_automaton_free(automaton *a);

/* Call it when all positions are there: removes those that no text can use, and fills `rest`.
 * Returns whether it accepts any text. */
int bitocr_automaton_finish(automaton *a);

/* The fewest frames that a text still needs if its next character may be at these positions; -1: it
 * has none. `label` is its last one, which can repeat only after a blank; 0: there was a blank. */
int bitocr_automaton_frames(const automaton *a, const position_set *next, int label);

/* The same for a text whose last character is this label, at these positions. */
int bitocr_automaton_frames_behind(const automaton *a, const position_set *at, int label);

#endif
