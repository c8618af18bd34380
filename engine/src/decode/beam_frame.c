#include "decode/beam.h"

enum { TOP = 32 }; /* labels tried in a frame, at most */

/* These make beam search fast where the network is sure: labels with a lower log-probability are
 * not tried, and labellings that rank this much below the best are dropped (more, if a character
 * may make up for it). Neither costs measurable accuracy. */
static const float HOPELESS = -7, BEHIND = 6;
/* Under a constraint, allowed texts can be far less probable than others. */
static const float HOPELESS_CONSTRAINED = -9, BEHIND_CONSTRAINED = 20;

/* The most probable labels of a frame, most probable first; returns their number. */
static int top_labels(const ctc_frames *frames, const float *logprobs, int labels[TOP]) {
    int count = 0, classes = frames->classes, label = 0;
    while ((label = frames->kernel->next(logprobs, label + 1, classes, HOPELESS)) < classes) {
        float p = logprobs[label];
        if (count == TOP && p <= logprobs[labels[TOP - 1]])
            continue;
        int at = count < TOP ? count++ : TOP - 1;
        for (; at > 0 && logprobs[labels[at - 1]] < p; at--)
            labels[at] = labels[at - 1];
        labels[at] = label;
    }
    return count;
}

/* Whether the rank is too low for one of the best. */
static int is_hopeless(const search *s, float rank) {
    int count = s->best_count;
    return !(rank > -INFINITY) || (count == s->options->beam && rank <= s->best[count - 1].rank);
}

static float weight(const search *s, float rank) {
    return rank - s->reference > -17 ? expf(rank - s->reference) : 0;
}

/* Puts a candidate among the best, if it is one of them. */
static void offer(search *s, int from, int label, float probability) {
    const hypothesis *h = &s->now[from];
    candidate c = {from, label, probability, probability + h->worth};
    if (label) {
        if (is_hopeless(s, c.rank + s->most)) { /* spares the search in the prior's tables */
            s->dropped += weight(s, c.rank);
            return;
        }
        c.rank = probability + bitocr_prior_peek(&s->options->prior, &h->prior, label);
    }
    if (is_hopeless(s, c.rank)) {
        s->dropped += weight(s, c.rank);
        return;
    }
    int room = s->options->beam, at = s->best_count;
    if (at == room)
        s->dropped += weight(s, s->best[at - 1].rank);
    for (; at > 0 && s->best[at - 1].rank < c.rank; at--)
        s->best[at] = s->best[at - 1];
    s->best[at] = c;
    s->best_count += s->best_count < room;
}

static void link_children(search *s) {
    for (int i = 0; i < s->count; i++)
        s->now[i].child = -1;
    for (int i = 0; i < s->count; i++)
        for (int j = 0; j < s->count; j++)
            if (s->now[j].label && s->now[j].parent_hash == s->now[i].hash) {
                s->now[j].sibling = s->now[i].child;
                s->now[i].child = j;
            }
}

/* Grows hypothesis i by the frame's labels. What leads to another hypothesis is added to that one's
 * `grown`; the others are offered. */
static void grow(search *s, int i, const float *logprobs, const int *labels, int count) {
    const hypothesis *h = &s->now[i];
    for (int k = 0; k < count; k++) {
        int label = labels[k], j = h->child;
        float p = (label == h->label ? h->blank : h->total) + logprobs[label];
        while (j >= 0 && s->now[j].label != label)
            j = s->now[j].sibling;
        if (j >= 0)
            s->grown[j] = p;
        else
            offer(s, i, label, p);
    }
}

/* The hypothesis that a candidate stands for, in its state after this frame. */
static hypothesis become(search *s, const candidate *c) {
    hypothesis h = s->now[c->from];
    if (!c->label)
        return h;
    s->nodes[s->node_count] = (node){h.node, c->label};
    bitocr_prior_step(&s->options->prior, &h.prior, c->label);
    h.worth = bitocr_prior_value(&s->options->prior, &h.prior);
    h.parent_hash = h.hash;
    h.hash = text_grow(h.hash, c->label);
    h.text = text_add(h.text, s->options->twins, c->label);
    h.node = s->node_count++;
    h.label = c->label;
    h.blank = -INFINITY;
    h.same = h.total = c->probability;
    return h;
}

/* Drops those of the best that are far behind, and records what the frame has dropped. */
static void cut(search *s) {
    float kept = 0, behind = s->most + (s->options->constraint ? BEHIND_CONSTRAINED : BEHIND);
    if (s->options->constraint && s->options->beam == CTC_MAX_BEAM)
        behind = INFINITY; /* the last attempt (ctc.c) */
    while (s->best_count > 1 && s->best[s->best_count - 1].rank < s->best[0].rank - behind)
        s->dropped += weight(s, s->best[--s->best_count].rank);
    for (int k = 0; k < s->best_count; k++)
        kept += weight(s, s->best[k].rank);
    if (kept > 0)
        s->kept += logf(kept / (kept + s->dropped));
    s->reference = s->best_count ? s->best[0].rank : s->reference;
    s->dropped = 0;
}

/* The same for the hypotheses' states under the constraint. */
static void step_states(search *s) {
    for (int k = 0; k < s->best_count; k++) {
        s->next_states[k] = s->states[s->best[k].from];
        if (s->best[k].label)
            bitocr_constraint_step(s->options->constraint, &s->next_states[k], s->best[k].label);
    }
    constraint_state *old = s->states;
    s->states = s->next_states;
    s->next_states = old;
}

void bitocr_beam_frame(search *s, const float *logprobs) {
    const bitocr_constraint *constraint = s->options->constraint;
    int labels[TOP], count = constraint ? 0 : top_labels(s->frames, logprobs, labels);
    s->best_count = 0;
    if (count || constraint)
        link_children(s);
    for (int i = 0; i < s->count; i++)
        s->grown[i] = -INFINITY;
    for (int i = 0; i < s->count; i++) {
        if (constraint)
            count = bitocr_constraint_labels(constraint, &s->states[i], logprobs, s->left,
                                             HOPELESS_CONSTRAINED, labels, TOP);
        grow(s, i, logprobs, labels, count);
    }
    for (int i = 0; i < s->count; i++) {
        hypothesis *h = &s->now[i];
        h->same = log_add(h->same + logprobs[h->label], s->grown[i]);
        h->blank = h->total + logprobs[0];
        h->total = log_add(h->blank, h->same);
        if (!constraint || bitocr_constraint_can_end(constraint, &s->states[i], s->left))
            offer(s, i, 0, h->total);
    }
    cut(s);
    for (int k = 0; k < s->best_count; k++)
        s->next[k] = become(s, &s->best[k]);
    hypothesis *old = s->now;
    if (!s->best_count)
        return; /* no probability anywhere: this frame says nothing */
    if (constraint)
        step_states(s);
    s->now = s->next;
    s->next = old;
    s->count = s->best_count;
}
