/* The end of a beam search: which text it is, and how probable each is that was weighed up. */
#include "decode/beam.h"

static float final_rank(const search *s, const hypothesis *h) {
    return h->total + bitocr_prior_end(&s->options->prior, &h->prior);
}

/* The text of the highest rank, now that no more can follow. */
static const hypothesis *best_text(const search *s) {
    const hypothesis *best = s->now;
    for (int i = 1; i < s->count; i++)
        if (final_rank(s, &s->now[i]) > final_rank(s, best))
            best = &s->now[i];
    return best;
}

/* The hypotheses share out what was kept by their ranks. */
static void share_out(const search *s, float highest, ctc_belief *beliefs) {
    double all = 0;
    for (int i = 0; i < s->count; i++) {
        beliefs[i] = (ctc_belief){s->now[i].text, exp(final_rank(s, &s->now[i]) - highest)};
        all += beliefs[i].probability;
    }
    for (int i = 0; i < s->count; i++)
        beliefs[i].probability *= exp(s->kept) / all;
}

size_t bitocr_beam_bytes(const ctc_frames *frames, int beam) {
    size_t width = (size_t)beam;
    return 2 * width * sizeof(hypothesis) + (width + 1) * sizeof(candidate) +
           (size_t)frames->steps * width * sizeof(node) + width * sizeof(float);
}

int bitocr_beam_search(const ctc_frames *frames, const ctc_options *options, void *memory,
                       int *labels, ctc_belief *beliefs, int *belief_count) {
    size_t width = (size_t)options->beam;
    search s = {.frames = frames, .options = options, .now = memory, .count = 1};
    s.next = s.now + width;
    s.best = (candidate *)(s.next + width);
    s.nodes = (node *)(s.best + width + 1);
    s.grown = (float *)(s.nodes + (size_t)frames->steps * width);
    s.most = bitocr_prior_most(&options->prior);
    s.now[0] = (hypothesis){.hash = TEXT_EMPTY, .text = TEXT_EMPTY, .node = -1, .same = -INFINITY};
    bitocr_prior_start(&options->prior, &s.now[0].prior);
    for (int t = 0; t < frames->steps; t++)
        bitocr_beam_frame(&s, frames->logprobs + (size_t)t * (size_t)frames->classes);
    const hypothesis *best = best_text(&s);
    int count = 0;
    for (int at = best->node; at >= 0; at = s.nodes[at].parent)
        labels[count++] = s.nodes[at].label;
    share_out(&s, final_rank(&s, best), beliefs);
    *belief_count = s.count;
    return count;
}
