/* The end of a beam search: the best text, and the probability of each candidate. */
#include "decode/beam.h"

static float final_rank(const search *s, const hypothesis *h) {
    return h->total + bitocr_prior_end(&s->options->prior, &h->prior);
}

static int may_be(const search *s, int i) {
    const bitocr_constraint *constraint = s->options->constraint;
    return !constraint || bitocr_constraint_passes(constraint, &s->states[i]);
}

/* The text with the highest rank, now that nothing can follow; NULL: none is allowed. */
static const hypothesis *best_text(const search *s) {
    const hypothesis *best = NULL;
    for (int i = 0; i < s->count; i++)
        if (may_be(s, i) && (!best || final_rank(s, &s->now[i]) > final_rank(s, best)))
            best = &s->now[i];
    return best;
}

/* Gives the allowed texts their shares, by rank, of the probability of all allowed texts: of the
 * dropped probability only the part that is allowed by accident counts. Returns their number. */
static int share_out(const search *s, float highest, ctc_belief *beliefs) {
    const bitocr_constraint *constraint = s->options->constraint;
    double all = 0, sum = 0, chance = constraint ? bitocr_constraint_chance(constraint) : 1;
    int count = 0;
    for (int i = 0; i < s->count; i++) {
        double share = exp(final_rank(s, &s->now[i]) - highest);
        all += share;
        if (!may_be(s, i))
            continue;
        beliefs[count++] = (ctc_belief){s->now[i].text, share};
        sum += share;
    }
    double kept = exp(s->kept), ours = kept * sum / all;
    for (int i = 0; i < count; i++)
        beliefs[i].probability *= ours / (ours + (1 - kept) * chance) / sum;
    return count;
}

size_t bitocr_beam_bytes(const ctc_frames *frames, const ctc_options *options) {
    size_t width = (size_t)options->beam;
    size_t states = options->constraint ? 2 * width * sizeof(constraint_state) : 0;
    return states + 2 * width * sizeof(hypothesis) + (width + 1) * sizeof(candidate) +
           (size_t)frames->steps * width * sizeof(node) + width * sizeof(float);
}

int bitocr_beam_search(const ctc_frames *frames, const ctc_options *options, void *memory,
                       int *labels, ctc_belief *beliefs, int *belief_count) {
    size_t width = (size_t)options->beam;
    search s = {.frames = frames, .options = options, .now = memory, .count = 1};
    s.next = s.now + width;
    s.states = (constraint_state *)(s.next + width);
    s.next_states = s.states + (options->constraint ? width : 0);
    s.best = (candidate *)(s.next_states + (options->constraint ? width : 0));
    s.nodes = (node *)(s.best + width + 1);
    s.grown = (float *)(s.nodes + (size_t)frames->steps * width);
    s.most = bitocr_prior_most(&options->prior);
    s.now[0] = (hypothesis){.hash = TEXT_EMPTY, .text = TEXT_EMPTY, .node = -1, .same = -INFINITY};
    bitocr_prior_start(&options->prior, &s.now[0].prior);
    if (options->constraint)
        bitocr_constraint_start(options->constraint, s.states);
    for (int t = 0; t < frames->steps; t++) {
        s.left = frames->steps - 1 - t;
        bitocr_beam_frame(&s, frames->logprobs + (size_t)t * (size_t)frames->classes);
    }
    const hypothesis *best = best_text(&s);
    *belief_count = 0;
    if (!best)
        return -1;
    int count = 0;
    for (int at = best->node; at >= 0; at = s.nodes[at].parent)
        labels[count++] = s.nodes[at].label;
    *belief_count = share_out(&s, final_rank(&s, best), beliefs);
    return count;
}
