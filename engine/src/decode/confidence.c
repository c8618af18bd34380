#include "decode/confidence.h"
#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MAX_LOGIT = 12;
/* A state at either end of the window is dropped if its share of all probability is below this. */
static const double NEGLIGIBLE = 1e-30;

static int twin_character(uint32_t c) {
    int is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter ? (int)(c ^ 0x20) : 0;
}

confidence_table *bitocr_confidence_create(const bitocr_calibration *calibration,
                                           const uint32_t *charset, int classes) {
    int classes_of[128] = {0};
    confidence_table *table = malloc(sizeof *table + (size_t)classes * sizeof *table->twins);
    if (!table)
        return NULL;
    table->calibration = *calibration;
    for (int label = 1; label < classes; label++)
        if (charset[label - 1] < 128)
            classes_of[charset[label - 1]] = label;
    table->twins[0] = classes_of[' '];
    for (int label = 1; label < classes; label++)
        table->twins[label] = classes_of[twin_character(charset[label - 1])];
    return table;
}

static int reserve(confidence_space *space, int count) {
    if (count <= space->room)
        return 1;
    bitocr_confidence_free(space);
    space->forward = malloc((2 * (size_t)count + 1) * sizeof *space->forward);
    space->labels = malloc((size_t)count * sizeof *space->labels);
    space->room = space->forward && space->labels ? count : 0;
    return space->room == count;
}

/* The text's labels without spaces, the lower class of each pair; how many. */
static int merge_labels(const confidence_table *table, const ctc_space *decoded, int *labels) {
    int count = 0;
    for (int i = 0; i < decoded->count; i++) {
        int class = text_class(table->twins, decoded->characters[i].label);
        if (class)
            labels[count++] = class;
    }
    return count;
}

static double probability(const confidence_table *table, const float *logprobs, int label) {
    int twin = table->twins[label];
    return exp(logprobs[label]) + (twin ? exp(logprobs[twin]) : 0);
}

/* States are blank, label 0, blank, label 1, ..., blank, as in ctc.c. Only those in a window are
 * computed; outside it there is hardly any probability. They are few, since CTC's output is sharp.
 */
typedef struct {
    double *forward;  /* [states] shares that add up to 1; 0 outside of the window */
    int low, high;    /* the window: from state `low` to before `high` */
    double logarithm; /* of what they were shares of */
} window;

static void normalise(window *w, double sum) {
    w->logarithm += log(sum);
    for (int s = w->low; s < w->high; s++)
        w->forward[s] /= sum;
    while (w->low + 1 < w->high && w->forward[w->low] < NEGLIGIBLE)
        w->forward[w->low++] = 0;
    while (w->low + 1 < w->high && w->forward[w->high - 1] < NEGLIGIBLE)
        w->forward[--w->high] = 0;
}

/* Advances by one frame; 0 if no probability is left, or if it is not a number. */
static int advance(const confidence_table *table, const float *logprobs, const int *labels,
                   int count, window *w) {
    double blank = probability(table, logprobs, 0), sum = 0, *f = w->forward;
    int states = 2 * count + 1;
    w->high = w->high + 2 < states ? w->high + 2 : states;
    for (int s = w->high - 1; s >= w->low; s--) {
        int label = s % 2 ? labels[s / 2] : 0;
        double value = f[s] + (s > 0 ? f[s - 1] : 0);
        if (label && s > 1 && label != labels[s / 2 - 1])
            value += f[s - 2];
        f[s] = value * (label ? probability(table, logprobs, label) : blank);
        sum += f[s];
    }
    if (!(sum > 0 && sum < INFINITY))
        return 0;
    normalise(w, sum);
    return 1;
}

/* ln P; -INFINITY or NaN if there is none. */
static double log_probability(const confidence_table *table, const ctc_frames *frames,
                              const int *labels, int count, double *forward) {
    int states = 2 * count + 1;
    window w = {forward, 0, 1, 0};
    memset(forward, 0, (size_t)states * sizeof *forward);
    forward[0] = 1; /* before the first frame, which may write state 0 or 1 */
    for (int t = 0; t < frames->steps; t++)
        if (!advance(table, frames->logprobs + (size_t)t * (size_t)frames->classes, labels, count,
                     &w))
            return -INFINITY;
    return w.logarithm + log(forward[states - 1] + (states > 1 ? forward[states - 2] : 0));
}

static float calibrated(const bitocr_calibration *calibration, double probability) {
    double p = fmin(probability, 1), logit = log(p) - log1p(-p);
    logit = logit > -MAX_LOGIT ? fmin(logit, MAX_LOGIT) : -MAX_LOGIT;
    return (float)(1 / (1 + exp(-(calibration->slope * logit + calibration->offset))));
}

/* The confidence of a reading with this probability; 0 if none was possible. */
static float confidence_of(const confidence_table *table, const ctc_space *decoded,
                           double probability) {
    return decoded->is_impossible ? 0 : calibrated(&table->calibration, probability);
}

bitocr_status bitocr_confidence_apply(const confidence_table *table, const ctc_frames *frames,
                                      ctc_space *decoded, confidence_space *space,
                                      bitocr_error *error) {
    if (!reserve(space, frames->steps))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the confidence");
    int count = merge_labels(table, decoded, space->labels);
    decoded->text = TEXT_EMPTY;
    for (int i = 0; i < count; i++)
        decoded->text = text_grow(decoded->text, space->labels[i]);
    if (decoded->has_prior)
        decoded->probability = bitocr_ctc_believed(decoded, decoded->text);
    else
        decoded->probability =
            exp(log_probability(table, frames, space->labels, count, space->forward));
    decoded->confidence = confidence_of(table, decoded, decoded->probability);
    return BITOCR_OK;
}

void bitocr_confidence_change(const confidence_table *table, ctc_space *decoded,
                              double probability) {
    decoded->text = TEXT_EMPTY;
    for (int i = 0; i < decoded->count; i++)
        decoded->text = text_add(decoded->text, table->twins, decoded->characters[i].label);
    decoded->probability = probability;
    decoded->confidence = confidence_of(table, decoded, probability);
}

/* How much support reading i has from all: the probability of its text, or of its very spelling,
 * with case and spaces. */
static double support(const ctc_space *decoded, int count, int i, bool is_exact) {
    double sum = 0;
    for (int j = 0; j < count; j++) {
        bool is_same = is_exact ? bitocr_ctc_is_same(&decoded[i], &decoded[j])
                                : decoded[j].text == decoded[i].text;
        if (is_same)
            sum += decoded[j].probability;
        else if (!is_exact)
            sum += bitocr_ctc_believed(&decoded[j], decoded[i].text);
    }
    return sum;
}

/* Of the readings with the text of `among` (all: -1) the one with most support, and of equals the
 * most probable one. */
static int most_supported(const ctc_space *decoded, int count, int among, double *most) {
    int best = among < 0 ? 0 : among;
    *most = -1;
    for (int i = 0; i < count; i++) {
        if (among >= 0 && decoded[i].text != decoded[among].text)
            continue;
        double sum = support(decoded, count, i, among >= 0);
        bool is_surer = decoded[i].probability > decoded[best].probability;
        if (sum > *most || (sum == *most && is_surer)) {
            *most = sum;
            best = i;
        }
    }
    return best;
}

int bitocr_confidence_vote(const confidence_table *table, ctc_space *decoded, int count) {
    double most, alike;
    int winner = most_supported(decoded, count, -1, &most);
    int best = most_supported(decoded, count, winner, &alike);
    decoded[best].confidence = confidence_of(table, &decoded[best], most / count);
    return best;
}

void bitocr_confidence_free(confidence_space *space) {
    free(space->forward);
    free(space->labels);
    *space = (confidence_space){0};
}
