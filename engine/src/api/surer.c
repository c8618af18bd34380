#include "api/surer.h"

static bitocr_status decode(const bitocr_model *model, const ctc_frames *frames,
                            const ctc_options *options, session *s, ctc_space *decoded,
                            bitocr_error *error) {
    bitocr_status status = bitocr_ctc_decode(frames, options, decoded, error);
    if (status == BITOCR_OK && model->confidence)
        status = bitocr_confidence_apply(model->confidence, frames, decoded, &s->confidence, error);
    return status;
}

static int is_same(const ctc_space *a, const ctc_space *b) {
    int same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++)
        same = a->characters[i].label == b->characters[i].label;
    return same;
}

static bitocr_status keep_surer(const bitocr_model *model, const ctc_frames *frames,
                                ctc_options options, session *s, ctc_space *decoded,
                                bitocr_error *error) {
    int beam = options.beam;
    options.prior = (prior){0};
    options.beam = 1;
    bitocr_status status = bitocr_ctc_decode(frames, &options, &s->plain, error);
    if (status != BITOCR_OK || is_same(decoded, &s->plain))
        return status;
    options.beam = beam;
    status = decode(model, frames, &options, s, &s->plain, error);
    if (status == BITOCR_OK && s->plain.probability > decoded->probability) {
        ctc_space surer = s->plain;
        s->plain = *decoded;
        *decoded = surer;
    }
    return status;
}

bitocr_status bitocr_surer_decode(const bitocr_model *model, const ctc_frames *frames,
                                  const ctc_options *options, session *s, ctc_space *decoded,
                                  bitocr_error *error) {
    int is_guided = options->prior.lexicon || options->prior.ngram;
    bitocr_status status = decode(model, frames, options, s, decoded, error);
    if (status == BITOCR_OK && model->confidence && is_guided && !options->constraint)
        status = keep_surer(model, frames, *options, s, decoded, error);
    return status;
}
