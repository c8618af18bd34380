/* The arithmetic of n-gram models: see the head of ngram.h. */
#include "decode/ngram_file.h"

int bitocr_ngram_classes(const bitocr_ngram *ngram) {
    return ngram->classes;
}

float bitocr_ngram_most(const bitocr_ngram *ngram) {
    return ngram->bonus > 0 ? ngram->bonus : 0;
}

/* The child of a node by this symbol; -1: none. */
static int32_t find(const bitocr_ngram *ngram, int32_t node, int symbol) {
    if (node < 0)
        return -1;
    const ngram_node *nodes = ngram->nodes;
    int32_t at = nodes[node].first, count = nodes[node + 1].first - at;
    for (int32_t half; count > 1; count -= half) {
        half = count / 2;
        at += nodes[at + half].symbol <= symbol ? half : 0; /* without a branch */
    }
    return count && nodes[at].symbol == symbol ? at : -1;
}

/* The cost of a symbol. Looks up the longest run that ends in it first; the same look-ups give the
 * nodes of the next state. */
static int cost_of(const bitocr_ngram *ngram, ngram_state *state, int symbol) {
    int cost = 0, is_known = 0;
    for (int k = ngram->order - 1; k >= 0; k--) {
        int32_t node = state->nodes[k], longer = find(ngram, node, symbol);
        if (k + 1 < ngram->order)
            state->nodes[k + 1] = longer;
        if (!is_known && longer >= 0)
            cost += ngram->nodes[longer].cost;
        else if (!is_known && k == 0)
            cost += NGRAM_UNSEEN;
        else if (!is_known && node >= 0)
            cost += ngram->nodes[node].backoff;
        is_known |= longer >= 0;
    }
    return cost;
}

/* The same without the next state: looks up no shorter runs than the longest that exists. */
static int cost_alone(const bitocr_ngram *ngram, const ngram_state *state, int symbol) {
    int cost = 0;
    for (int k = ngram->order - 1; k >= 0; k--) {
        int32_t node = state->nodes[k], longer = find(ngram, node, symbol);
        if (longer >= 0)
            return cost + ngram->nodes[longer].cost;
        if (k && node >= 0)
            cost += ngram->nodes[node].backoff;
    }
    return cost + NGRAM_UNSEEN;
}

/* Whether a character of this case is odd after letters of those cases. */
static int is_odd(int before, int letter) {
    return (letter == NGRAM_CAPITAL && before == NGRAM_SMALL) ||
           (letter == NGRAM_SMALL && before == NGRAM_CAPITALS);
}

static float value_of(const bitocr_ngram *ngram, const ngram_state *state, int label, int cost) {
    float value = -ngram->weight * ngram->unit * (float)cost;
    if (label)
        value += ngram->bonus;
    return is_odd(state->letters, ngram->class_case[label]) ? value - ngram->case_cost : value;
}

void bitocr_ngram_start(const bitocr_ngram *ngram, ngram_state *state) {
    state->nodes[0] = 0;
    for (int k = 1; k < NGRAM_ORDER; k++)
        state->nodes[k] = -1;
    state->letters = NGRAM_NO_LETTER;
    cost_of(ngram, state, NGRAM_END);
}

float bitocr_ngram_step(const bitocr_ngram *ngram, ngram_state *state, int label) {
    int cost = cost_of(ngram, state, ngram->of_class[label]), letter = ngram->class_case[label];
    float value = value_of(ngram, state, label, cost);
    int is_next = letter == NGRAM_CAPITAL && state->letters != NGRAM_NO_LETTER;
    state->letters = is_next ? NGRAM_CAPITALS : letter;
    return value;
}

float bitocr_ngram_peek(const bitocr_ngram *ngram, const ngram_state *state, int label) {
    return value_of(ngram, state, label, cost_alone(ngram, state, ngram->of_class[label]));
}
