/* What a text is worth beside what the network saw: its words and its n-grams. */
#ifndef BITOCR_DECODE_PRIOR_H
#define BITOCR_DECODE_PRIOR_H

#include "decode/lexicon.h"
#include "decode/ngram.h"

typedef struct {
    const bitocr_lexicon *lexicon; /* NULL: none */
    float word_bonus;              /* for each letter of a listed word but its first */
    const bitocr_ngram *ngram;     /* NULL: none */
} prior;

/* Where a text stands in it. A word that is not complete yet has its bonus on credit as long as it
 * begins like one of the list: so it is not dropped before its last letter. */
typedef struct {
    float value; /* of the n-grams, and of the words before the last one */
    int trie;    /* where the last word stands in the lexicon */
    int length;  /* of the last word */
} prior_words;

typedef struct {
    prior_words words;
    ngram_state ngram;
} prior_state;

void bitocr_prior_start(const prior *prior, prior_state *state);

/* Appends a character. */
void bitocr_prior_step(const prior *prior, prior_state *state, int label);

/* What is added to the rank of the text, which goes on. */
float bitocr_prior_value(const prior *prior, const prior_state *state);

/* The same for the text and one character more, which is not appended. */
float bitocr_prior_peek(const prior *prior, const prior_state *state, int label);

/* The same for a text that ends here. */
float bitocr_prior_end(const prior *prior, const prior_state *state);

/* The most by which a step can raise bitocr_prior_value. */
float bitocr_prior_most(const prior *prior);

#endif
