#include "api/reading.h"
#include "base/error.h"

/* The recommended values: docs/decoding.md and docs/confidence.md have the measurements. */
enum { BEAM = 16 };
static const float REREAD = 0.8F; /* a higher threshold gains little */

bitocr_status bitocr_reading_set_reread(bitocr_model *model, const bitocr_options *options,
                                        bitocr_error *error) {
    int is_calibrated = bitocr_model_calibration(model->file)->slope > 0;
    float reread = options->reread;
    if (reread == 0)
        reread = is_calibrated ? REREAD : 0;
    else if (reread == BITOCR_NEVER)
        reread = 0;
    if (!(reread >= 0 && reread <= 1))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the confidence below which lines are read again must be from 0 to 1");
    if (reread > 0 && !is_calibrated)
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "reading again takes a calibrated model: run bitocr calibrate");
    model->reread = reread;
    return BITOCR_OK;
}

bitocr_status bitocr_reading_choose(const bitocr_model *model, const bitocr_decoding *given,
                                    bitocr_decoding *out, bitocr_error *error) {
    if (!given)
        given = &model->decoding;
    bitocr_status status = bitocr_check_size("bitocr_decoding", given->size, sizeof *given, error);
    if (status != BITOCR_OK)
        return status;
    *out = *given;
    if (!out->beam && (out->lexicon || out->ngram))
        out->beam = BEAM;
    if (out->beam < 2 && out->constraint) /* the greedy text may break the constraint */
        out->beam = BEAM;
    return BITOCR_OK;
}
