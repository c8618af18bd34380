/* CTC prefix beam search (Hannun et al. 2014), in logarithms: its state, which beam_frame.c
 * advances from frame to frame for beam.c.
 *
 * A hypothesis is a labelling with the probability of all its paths so far, those that end in a
 * blank apart from those that end in its last label. In every frame each hypothesis
 *   1. stays as it is: by a blank, or by its last label once more;
 *   2. grows by each label that is not hopeless in this frame. Its own last label starts anew only
 *      after a blank. Where the longer labelling is a hypothesis already, the two are one.
 * The best `beam` of these by rank go on to the next frame: log-probability and prior (prior.h). */
#ifndef BITOCR_DECODE_BEAM_H
#define BITOCR_DECODE_BEAM_H

#include "decode/ctc.h"

#include <math.h>

typedef struct {
    uint64_t hash, parent_hash; /* of the labelling, and of it without its last label */
    uint64_t text;              /* of the labelling as texts are compared (text.h) */
    int node;                   /* where the labelling ends in the tree; -1: it is empty */
    int label;                  /* its last; 0: it is empty */
    float blank, same;          /* log-probability of paths that end in a blank, in the label */
    float total;                /* of both */
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
    constraint_state *states, *next_states; /* [beam] of the hypotheses, under a constraint */
    int left;                               /* frames behind this one */
    candidate *best;                        /* [beam + 1], highest rank first */
    int best_count;
    node *nodes; /* [steps * beam] */
    int node_count;
    float *grown; /* [beam] */
    float most;   /* that a character can add to the prior */
    /* What share of all probability the hypotheses stand for, of which each frame drops some: */
    float reference; /* a rank near this frame's ranks */
    float dropped;   /* in this frame: the sum of e^(rank - reference) */
    float kept;      /* ln of the share that was never dropped */
} search;

static inline float log_add(float a, float b) {
    float high = a > b ? a : b, low = a > b ? b : a;
    if (low == -INFINITY || high - low > 17) /* adds nothing to a float */
        return high;
    return high + log1pf(expf(low - high));
}

/* From one frame to the next. */
void bitocr_beam_frame(search *s, const float *logprobs);

#endif
