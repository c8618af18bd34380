/* The prior of a text, beside the network's probability: its words and its n-grams. */
#ifndef BITOCR_DECODE_PRIOR_H
#define BITOCR_DECODE_PRIOR_H

#include "decode/lexicon.h"
#include "decode/ngram.h"

typedef struct {
    const bitocr_lexicon *lexicon; /* NULL: none */
    float word_bonus;              /* for each letter of a listed word but its first */
    const bitocr_ngram *ngram;     /* NULL: none */
} prior;

/* The state of a text in it. An incomplete word gets its bonus in advance as long as it begins like
 * one of the list, so that it is not dropped before its last letter. */
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

/* What is added to the rank of a text that continues. */
float bitocr_prior_value(const prior *prior, const prior_state *state);

/* The same for the text plus a character, which is not appended. */
float bitocr_prior_peek(const prior *prior, const prior_state *state, int label);

/* The same for a text that ends here. */
float bitocr_prior_end(const prior *prior, const prior_state *state);

/* The most by which a step can raise bitocr_prior_value. */
float bitocr_prior_most(const prior *prior);

#endif
