/* From log-probabilities [T][classes] to characters. Class 0 is the blank.
 *
 * A labelling is a text as class numbers; a path says for every frame which of its characters (or
 * the blank) is there. Greedy decoding takes the best path. Beam search takes the labelling with
 * the highest probability over all its paths, weighted by the prior (prior.h), and then the best
 * path of that labelling. If the best path has no character, it takes the empty text: otherwise
 * many faint paths together would make letters out of a picture without any. With both, the score
 * of a character is its highest probability on its frames of the path, and its time the mean of the
 * frames' numbers, weighted by that probability. The confidence of a text is the geometric mean of
 * its characters' scores; that of an empty text, of the blank's probabilities. (Calibrated models
 * replace the confidence: confidence.h.)
 *
 * Under a constraint (constraint.h) the text is the most probable of the allowed ones, whatever the
 * best path has, and the confidence is its probability among them. */
#ifndef BITOCR_DECODE_CTC_H
#define BITOCR_DECODE_CTC_H

#include <stdbool.h>

#include "bitocr.h"
#include "kernels/kernels.h"
#include "decode/constraint.h"
#include "decode/prior.h"
#include "decode/text.h"

typedef struct {
    const float *logprobs; /* [steps][classes] */
    int steps;
    int classes;
    const kernel_table *kernel; /* which finds the classes that matter */
} ctc_frames;

typedef struct {
    int label; /* a class, never 0 */
    float score;
    float time; /* in frames: 0.5 is the first frame's middle */
} ctc_character;

/* A candidate text and its probability, including the prior. */
typedef struct {
    uint64_t text; /* as texts are compared (text.h) */
    double probability;
} ctc_belief;

/* Memory of one thread, grown on demand and kept. Start with zeros. */
typedef struct {
    ctc_character *characters; /* the result of the latest decoding */
    int count;
    int steps; /* frames that it was decoded from */
    float confidence;
    uint64_t text;       /* set with the confidence, where the model is calibrated: the text, */
    double probability;  /* and how probable it is */
    ctc_belief *beliefs; /* of a beam search: the texts that it ended with, some of them twice */
    int belief_count;
    int has_prior;
    int is_impossible; /* no text that may be was found */
    int characters_room, beliefs_room;
    void *memory;
    size_t bytes;
} ctc_space;

void bitocr_ctc_free(ctc_space *space);

enum { CTC_MAX_BEAM = 256 };

typedef struct {
    int beam; /* labellings kept from frame to frame; 0 or 1: greedy */
    prior prior;
    const int *twins; /* [classes] which count as one in beliefs (confidence.h); NULL: none */
    const bitocr_constraint *constraint; /* which takes a beam of 2 or more; NULL: none */
} ctc_options;

/* Decodes into space->characters. */
bitocr_status bitocr_ctc_decode(const ctc_frames *frames, const ctc_options *options,
                                ctc_space *space, bitocr_error *error);

/* Do two readings have the same characters, case and spaces included? */
bool bitocr_ctc_is_same(const ctc_space *a, const ctc_space *b);

/* The probability of a text by the beliefs of a beam search. */
double bitocr_ctc_believed(const ctc_space *space, uint64_t text);

/* Used by bitocr_ctc_decode. bitocr_beam_search writes the best labelling's classes, last first, to
 * `labels` of room for `steps`, and returns how many there are; -1: no text meets the constraint.
 * `beliefs` has room for `beam`, `memory` has bitocr_beam_bytes. */
size_t bitocr_beam_bytes(const ctc_frames *frames, const ctc_options *options);
int bitocr_beam_search(const ctc_frames *frames, const ctc_options *options, void *memory,
                       int *labels, ctc_belief *beliefs, int *belief_count);

#endif
