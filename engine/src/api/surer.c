#include "api/surer.h"
#include "api/token.h"

#include <math.h>

/* The factor by which the plain reading of a token with digits is favoured: lexicon and n-grams
 * help little there, and are more confident than they should be. */
static const float CODES = 4;

/* What it takes to decode frames in both ways: guided by lexicon and n-grams, and plain. */
typedef struct {
    const bitocr_model *model;
    ctc_frames frames;
    ctc_options guided, plain;
    session *s;
    bitocr_error *error;
} job;

static bitocr_status decode(const job *j, const ctc_frames *frames, const ctc_options *options,
                            ctc_space *decoded) {
    const confidence_table *table = j->model->confidence;
    bitocr_status status = bitocr_ctc_decode(frames, options, decoded, j->error);
    if (status == BITOCR_OK && table)
        status = bitocr_confidence_apply(table, frames, decoded, &j->s->confidence, j->error);
    return status;
}

static void swap(ctc_space *a, ctc_space *b) {
    ctc_space kept = *a;
    *a = *b;
    *b = kept;
}

static float odds(const ctc_space *reading) {
    return reading->confidence / fmaxf(1 - reading->confidence, 1e-6F);
}

/* Decodes a token in both ways, guided and plain. */
static bitocr_status decode_token(const job *j, const token *t, ctc_space parts[2]) {
    ctc_frames frames = j->frames;
    frames.logprobs += (size_t)t->first * (size_t)frames.classes;
    frames.steps = t->last - t->first;
    bitocr_status status = decode(j, &frames, &j->guided, &parts[0]);
    return status == BITOCR_OK ? decode(j, &frames, &j->plain, &parts[1]) : status;
}

/* Takes a code from the reading that is surer of it, and updates the text's probability. */
static bitocr_status choose(const job *j, const token *t, bool is_plain, ctc_space *decoded) {
    ctc_space *parts = j->s->parts;
    bitocr_status status = decode_token(j, t, parts);
    if (status != BITOCR_OK || (odds(&parts[1]) * CODES > odds(&parts[0])) == is_plain)
        return status;
    double taken = parts[!is_plain].probability, given = parts[is_plain].probability;
    double changed = given > 0 ? decoded->probability * taken / given : taken;
    if (bitocr_token_take(decoded, &j->s->plain, t))
        bitocr_confidence_change(j->model->confidence, decoded, fmin(changed, taken));
    return BITOCR_OK;
}

/* Settles the codes in `decoded`, the surer reading. s->plain holds the other one. */
static bitocr_status settle_codes(const job *j, bool is_plain, ctc_space *decoded) {
    const ctc_space *const readings[2] = {decoded, &j->s->plain};
    const uint32_t *charset = bitocr_model_charset(j->model->file);
    token t = bitocr_token_end(readings);
    bitocr_status status = BITOCR_OK;
    while (status == BITOCR_OK && bitocr_token_before(readings, j->model->confidence->twins[0], &t))
        if (t.first < t.last && bitocr_token_differs(readings, &t) &&
            bitocr_token_is_code(readings, charset, &t))
            status = choose(j, &t, is_plain, decoded);
    return status;
}

static bitocr_status keep_surer(const job *j, ctc_space *decoded) {
    ctc_space *plain = &j->s->plain;
    ctc_options greedy = j->plain;
    greedy.beam = 1;
    bitocr_status status = bitocr_ctc_decode(&j->frames, &greedy, plain, j->error);
    if (status != BITOCR_OK || bitocr_ctc_is_same(decoded, plain))
        return status;
    status = decode(j, &j->frames, &j->plain, plain);
    if (status != BITOCR_OK)
        return status;
    bool is_plain = plain->probability > decoded->probability;
    if (is_plain)
        swap(plain, decoded);
    return settle_codes(j, is_plain, decoded);
}

bitocr_status bitocr_surer_decode(const bitocr_model *model, const ctc_frames *frames,
                                  const ctc_options *options, session *s, ctc_space *decoded,
                                  bitocr_error *error) {
    bool is_guided = options->prior.lexicon || options->prior.ngram;
    job j = {model, *frames, *options, *options, s, error};
    j.plain.prior = (prior){0};
    bitocr_status status = decode(&j, frames, options, decoded);
    if (status == BITOCR_OK && model->confidence && is_guided && !options->constraint)
        status = keep_surer(&j, decoded);
    return status;
}
