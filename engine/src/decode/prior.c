#include "decode/prior.h"

void bitocr_prior_start(const prior *prior, prior_state *state) {
    *state = (prior_state){.words = {.trie = LEXICON_ROOT}};
    if (prior->ngram)
        bitocr_ngram_start(prior->ngram, &state->ngram);
}

static float bonus(const prior *prior, const prior_words *words) {
    return words->length > 1 ? prior->word_bonus * (float)(words->length - 1) : 0;
}

static void step_words(const prior *prior, prior_words *words, int label) {
    const bitocr_lexicon *lexicon = prior->lexicon;
    if (!lexicon)
        return;
    int next = bitocr_lexicon_step(lexicon, words->trie, label);
    if (next != LEXICON_LOST || bitocr_lexicon_joins(lexicon, label)) {
        words->trie = next;
        words->length++;
    } else {
        words->value += bitocr_lexicon_is_word(lexicon, words->trie) ? bonus(prior, words) : 0;
        words->trie = LEXICON_ROOT;
        words->length = 0;
    }
}

static float value_of(const prior *prior, const prior_words *words) {
    int is_credited = prior->lexicon && words->trie != LEXICON_LOST;
    return words->value + (is_credited ? bonus(prior, words) : 0);
}

void bitocr_prior_step(const prior *prior, prior_state *state, int label) {
    if (prior->ngram)
        state->words.value += bitocr_ngram_step(prior->ngram, &state->ngram, label);
    step_words(prior, &state->words, label);
}

float bitocr_prior_value(const prior *prior, const prior_state *state) {
    return value_of(prior, &state->words);
}

float bitocr_prior_peek(const prior *prior, const prior_state *state, int label) {
    prior_words next = state->words;
    if (prior->ngram)
        next.value += bitocr_ngram_peek(prior->ngram, &state->ngram, label);
    step_words(prior, &next, label);
    return value_of(prior, &next);
}

float bitocr_prior_end(const prior *prior, const prior_state *state) {
    const prior_words *words = &state->words;
    float value = words->value;
    if (prior->ngram)
        value += bitocr_ngram_peek(prior->ngram, &state->ngram, 0);
    int is_word = prior->lexicon && bitocr_lexicon_is_word(prior->lexicon, words->trie);
    return value + (is_word ? bonus(prior, words) : 0);
}

float bitocr_prior_most(const prior *prior) {
    float ngram = prior->ngram ? bitocr_ngram_most(prior->ngram) : 0;
    return ngram + (prior->lexicon ? prior->word_bonus : 0);
}
