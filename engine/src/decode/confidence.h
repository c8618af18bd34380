/* The probability that a line was read right, for calibrated models.
 *
 * A text is right if its characters are right, whatever the case of ASCII letters and the places of
 * spaces, since labels are seldom reliable in these. So classes are merged first: the probability
 * of a letter is that of both its cases, and a space counts as a blank. "Aa" then needs a blank
 * between its letters, as "aa" does; if the network saw none, P is too low.
 *
 *  1. P: the probability that CTC gives to the text, over all of its paths: the forward algorithm
 *     of Graves et al. 2006 on the merged classes. For a text found with words or n-grams
 *     (prior.h), P is its share of the weight of the beam's hypotheses, times the share of all
 *     weight that the beam has kept (beam.c): the probability by network and prior together.
 *  2. x = ln(P / (1 - P)), from -12 to 12.
 *  3. confidence = 1 / (1 + exp(-(slope * x + offset))): Platt scaling (Platt 1999), fitted by
 *     `bitocr calibrate` on images that were not trained on. */
#ifndef BITOCR_DECODE_CONFIDENCE_H
#define BITOCR_DECODE_CONFIDENCE_H

#include "decode/ctc.h"
#include "model/file.h"

typedef struct {
    bitocr_calibration calibration;
    int twins[]; /* [classes] the class that is merged with it; 0: none. Of the blank: the space */
} confidence_table;

/* Memory of one thread, grown on demand and kept. Start with zeros. */
typedef struct {
    double *forward; /* [2 * room + 1] */
    int *labels;     /* [room] */
    int room;
} confidence_space;

/* NULL: out of memory. Free it with free(). */
confidence_table *bitocr_confidence_create(const bitocr_calibration *calibration,
                                           const uint32_t *charset, int classes);

/* Sets the confidence of what was decoded from these frames. */
bitocr_status bitocr_confidence_apply(const confidence_table *table, const ctc_frames *frames,
                                      ctc_space *decoded, confidence_space *space,
                                      bitocr_error *error);

/* Gives it the confidence of this probability, after its characters were changed. */
void bitocr_confidence_change(const confidence_table *table, ctc_space *decoded,
                              double probability);

/* Of readings of the same image in several views, chooses the one whose text has the highest mean
 * probability over all views; among equal texts, the surest. Its confidence becomes that of the
 * mean. Greedy decoding gives no probability to texts other than its own. */
int bitocr_confidence_vote(const confidence_table *table, ctc_space *decoded, int count);

void bitocr_confidence_free(confidence_space *space);

#endif
