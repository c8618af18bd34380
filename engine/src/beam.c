/* CTC prefix beam search (Hannun et al. 2014), in logarithms.
 *
 * A hypothesis is a labelling with the probability of all its paths so far, those that end in a
 * blank apart from those that end in its last label. In every frame each hypothesis
 *   1. stays as it is: by a blank, or by its last label once more;
 *   2. grows by each label that is not hopeless in this frame. Its own last label starts anew only
 *      after a blank. Where the longer labelling is a hypothesis already, the two are one.
 * The best `beam` of these by rank go on to the next frame: log-probability and prior (prior.h). */
#include "ctc.h"

#include <math.h>
#include <string.h>

enum { TOP = 32 }; /* labels tried in a frame, at most */

/* What makes beam search fast where the network is sure: labels of a lower log-probability are not
 * tried, and labellings that rank so much lower than the best are dropped. Neither costs accuracy
 * that could be measured. */
static const float HOPELESS = -7, BEHIND = 6;

typedef struct {
    uint64_t hash, parent_hash; /* of the labelling, and of it without its last label */
    int node;                   /* where the labelling ends in the tree; -1: it is empty */
    int label;                  /* its last; 0: it is empty */
    float blank, same;          /* log-probability of paths that end in a blank, in the label */
    prior_state prior;
    float worth;        /* of the prior, which the rank holds too */
    int child, sibling; /* hypotheses of this frame that are one label longer; -1: none */
} hypothesis;

typedef struct {
    int parent, label; /* node of the tree of labellings */
} node;

typedef struct {
    int from, label; /* hypothesis `from` grown by the label, or kept where the label is 0 */
    float probability, rank;
} candidate;

typedef struct {
    const ctc_frames *frames;
    const ctc_options *options;
    hypothesis *now, *next; /* [beam] */
    int count;
    candidate *best; /* [beam + 1], highest rank first */
    int best_count;
    node *nodes; /* [steps * beam] */
    int node_count;
    float most;   /* that a character can add to the prior */
    float behind; /* BEHIND, and what such a character may make good */
    /* What share of all probability the hypotheses stand for, of which each frame drops some: */
    float reference; /* a rank near this frame's ranks */
    float dropped;   /* in this frame: the sum of e^(rank - reference) */
    float kept;      /* ln of the share that was never dropped */
} search;

static float log_add(float a, float b) {
    float high = a > b ? a : b, low = a > b ? b : a;
    if (low == -INFINITY || high - low > 17) /* adds nothing to a float */
        return high;
    return high + log1pf(expf(low - high));
}

/* The hash of a labelling that is one label longer. */
static uint64_t grow_hash(uint64_t hash, int label) {
    hash = (hash + (uint64_t)label) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 32) * 0xD6E8FEB86659FD93u;
    return hash ^ hash >> 32;
}

/* The most probable labels of a frame, most probable first; how many. */
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

/* Is the rank too low for one of the best? */
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
        prior_state grown = h->prior;
        prior_step(&s->options->prior, &grown, label);
        c.rank = probability + prior_value(&s->options->prior, &grown);
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
static void grow(search *s, int i, const float *logprobs, const int *labels, int count,
                 float *grown) {
    const hypothesis *h = &s->now[i];
    float total = log_add(h->blank, h->same);
    for (int k = 0; k < count; k++) {
        int label = labels[k], j = h->child;
        float p = (label == h->label ? h->blank : total) + logprobs[label];
        while (j >= 0 && s->now[j].label != label)
            j = s->now[j].sibling;
        if (j >= 0)
            grown[j] = p;
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
    prior_step(&s->options->prior, &h.prior, c->label);
    h.worth = prior_value(&s->options->prior, &h.prior);
    h.parent_hash = h.hash;
    h.hash = grow_hash(h.hash, c->label);
    h.node = s->node_count++;
    h.label = c->label;
    h.blank = -INFINITY;
    h.same = c->probability;
    return h;
}

/* Leaves out those of the best that are far behind, and notes what the frame has dropped. */
static void cut(search *s) {
    float kept = 0;
    while (s->best_count > 1 && s->best[s->best_count - 1].rank < s->best[0].rank - s->behind)
        s->dropped += weight(s, s->best[--s->best_count].rank);
    for (int k = 0; k < s->best_count; k++)
        kept += weight(s, s->best[k].rank);
    if (kept > 0)
        s->kept += logf(kept / (kept + s->dropped));
    s->reference = s->best_count ? s->best[0].rank : s->reference;
    s->dropped = 0;
}

static void frame(search *s, const float *logprobs, float *grown) {
    int labels[TOP], count = top_labels(s->frames, logprobs, labels);
    s->best_count = 0;
    link_children(s);
    for (int i = 0; i < s->count; i++)
        grown[i] = -INFINITY;
    for (int i = 0; i < s->count; i++)
        grow(s, i, logprobs, labels, count, grown);
    for (int i = 0; i < s->count; i++) {
        hypothesis *h = &s->now[i];
        float total = log_add(h->blank, h->same);
        h->same = log_add(h->same + logprobs[h->label], grown[i]);
        h->blank = total + logprobs[0];
        offer(s, i, 0, log_add(h->blank, h->same));
    }
    cut(s);
    for (int k = 0; k < s->best_count; k++)
        s->next[k] = become(s, &s->best[k]);
    hypothesis *old = s->now;
    if (!s->best_count)
        return; /* no probability anywhere: this frame says nothing */
    s->now = s->next;
    s->next = old;
    s->count = s->best_count;
}

static float final_rank(const search *s, const hypothesis *h) {
    return log_add(h->blank, h->same) + prior_end(&s->options->prior, &h->prior);
}

/* The text of the highest rank, now that no more can follow. */
static const hypothesis *best_text(const search *s) {
    const hypothesis *best = s->now;
    for (int i = 1; i < s->count; i++)
        if (final_rank(s, &s->now[i]) > final_rank(s, best))
            best = &s->now[i];
    return best;
}

/* The label at a node, the lower one of twins, spaces left out; moves on to the one before it. 0 at
 * the end. */
static int previous_label(const search *s, int *at) {
    const int *twins = s->options->twins;
    while (*at >= 0) {
        int label = s->nodes[*at].label, twin = twins ? twins[label] : 0;
        *at = s->nodes[*at].parent;
        if (!twins || label != twins[0])
            return twin && twin < label ? twin : label;
    }
    return 0;
}

static int is_same_text(const search *s, const hypothesis *a, const hypothesis *b) {
    int label, i = a->node, j = b->node;
    while ((label = previous_label(s, &i)) == previous_label(s, &j))
        if (!label)
            return 1;
    return 0;
}

/* The hypotheses share out what was kept by their ranks. */
static float posterior(const search *s, const hypothesis *best) {
    float all = -INFINITY, same = -INFINITY;
    for (int i = 0; i < s->count; i++) {
        float rank = final_rank(s, &s->now[i]);
        all = log_add(all, rank);
        if (is_same_text(s, &s->now[i], best))
            same = log_add(same, rank);
    }
    float p = same - all + s->kept;
    return p > 0 ? 0 : p;
}

size_t beam_bytes(const ctc_frames *frames, int beam) {
    size_t width = (size_t)beam;
    return 2 * width * sizeof(hypothesis) + (width + 1) * sizeof(candidate) +
           (size_t)frames->steps * width * sizeof(node) + width * sizeof(float);
}

int beam_search(const ctc_frames *frames, const ctc_options *options, void *memory, int *labels,
                float *posterior_of_best) {
    size_t width = (size_t)options->beam;
    search s = {.frames = frames, .options = options, .now = memory, .count = 1};
    s.next = s.now + width;
    s.best = (candidate *)(s.next + width);
    s.nodes = (node *)(s.best + width + 1);
    float *grown = (float *)(s.nodes + (size_t)frames->steps * width);
    s.most = prior_most(&options->prior);
    s.behind = BEHIND + s.most;
    s.now[0] = (hypothesis){.hash = 0x243F6A8885A308D3u, .node = -1, .same = -INFINITY};
    prior_start(&options->prior, &s.now[0].prior);
    for (int t = 0; t < frames->steps; t++)
        frame(&s, frames->logprobs + (size_t)t * (size_t)frames->classes, grown);
    const hypothesis *best = best_text(&s);
    int count = 0;
    for (int at = best->node; at >= 0; at = s.nodes[at].parent)
        labels[count++] = s.nodes[at].label;
    int has_prior = options->prior.lexicon || options->prior.ngram;
    *posterior_of_best = has_prior ? posterior(&s, best) : 1;
    return count;
}
