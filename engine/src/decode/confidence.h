/* How probable it is that a line was read right, for models that are calibrated.
 *
 * A text is right here where its characters are, whichever their case (of ASCII letters) and
 * wherever its spaces: labels are seldom reliable in these. So classes are merged first: the
 * probability of a letter is that of both its cases, and a space counts as a blank. So "Aa" needs a
 * blank between its letters, as "aa" does; where the network saw none, P is too low.
 *
 *  1. P: the probability that CTC gives to the text, all of its paths together: the forward
 *     algorithm of Graves et al. 2006 on the merged classes. Of a text found with words or n-grams
 *     (prior.h), its share of what the hypotheses of the beam are worth, times the share of
 *     everything that the beam has kept (beam.c): the probability that both together give to it.
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

/* Makes it a reading of this probability, after its characters were changed. */
void bitocr_confidence_change(const confidence_table *table, ctc_space *decoded,
                              double probability);

/* Of readings of the same image in several views, the one whose text has the highest mean of the
 * probabilities that all views give to it; of equal texts, the surest. Its confidence becomes that
 * of the mean. Greedy decoding gives no probability to any text but its own. */
int bitocr_confidence_vote(const confidence_table *table, ctc_space *decoded, int count);

void bitocr_confidence_free(confidence_space *space);

#endif
