#include "decode/prior.h"

void bitocr_prior_start(const prior *prior, prior_state *state) {
    *state = (prior_state){.trie = LEXICON_ROOT};
    if (prior->ngram)
        bitocr_ngram_start(prior->ngram, &state->ngram);
}

static float bonus(const prior *prior, const prior_state *state) {
    return state->length > 1 ? prior->word_bonus * (float)(state->length - 1) : 0;
}

void bitocr_prior_step(const prior *prior, prior_state *state, int label) {
    const bitocr_lexicon *lexicon = prior->lexicon;
    if (prior->ngram)
        state->value += bitocr_ngram_step(prior->ngram, &state->ngram, label);
    if (!lexicon)
        return;
    int next = bitocr_lexicon_step(lexicon, state->trie, label);
    if (next != LEXICON_LOST || bitocr_lexicon_joins(lexicon, label)) {
        state->trie = next;
        state->length++;
    } else {
        state->value += bitocr_lexicon_is_word(lexicon, state->trie) ? bonus(prior, state) : 0;
        state->trie = LEXICON_ROOT;
        state->length = 0;
    }
}

float bitocr_prior_value(const prior *prior, const prior_state *state) {
    int is_credited = prior->lexicon && state->trie != LEXICON_LOST;
    return state->value + (is_credited ? bonus(prior, state) : 0);
}

float bitocr_prior_end(const prior *prior, const prior_state *state) {
    prior_state end = *state;
    if (prior->ngram)
        end.value += bitocr_ngram_step(prior->ngram, &end.ngram, 0);
    int is_word = prior->lexicon && bitocr_lexicon_is_word(prior->lexicon, state->trie);
    return end.value + (is_word ? bonus(prior, state) : 0);
}

float bitocr_prior_most(const prior *prior) {
    float ngram = prior->ngram ? bitocr_ngram_most(prior->ngram) : 0;
    return ngram + (prior->lexicon ? prior->word_bonus : 0);
}
