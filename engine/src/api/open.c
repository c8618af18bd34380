/* The public functions that create handles from memory, and free them. */
#include "api/open.h"
#include "api/reading.h"
#include "base/bytes.h"
#include "base/error.h"
#include "decode/constraint.h"
#include "decode/lexicon.h"
#include "decode/ngram.h"

#include <stdlib.h>

static const bitocr_options DEFAULTS = {.size = sizeof DEFAULTS};

static bitocr_status check(const bitocr_options *options, bitocr_error *error) {
    return bitocr_check_size("bitocr_options", options->size, sizeof *options, error);
}

static bitocr_status check_network(const network *net, bitocr_error *error) {
    const network_info *info = bitocr_network_describe(net);
    if (info->output != NETWORK_LOGPROBS)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "a network of the arch %s reads no lines",
                           info->arch);
    return BITOCR_OK;
}

/* `path` is the model's, for messages; NULL if it has none. */
static bitocr_status make_network(bitocr_model *model, const char *path, bitocr_error *error) {
    bitocr_error reason = {sizeof reason, ""};
    bitocr_status status = bitocr_network_create(model->file, model->kernel, &model->net, &reason);
    if (status == BITOCR_OK)
        status = check_network(model->net, &reason);
    if (status == BITOCR_OK)
        return status;
    return path ? bitocr_bytes_fail(error, status, path, &reason)
                : bitocr_fail(error, status, "%s", reason.message);
}

static bitocr_status start(bitocr_model *model, const char *path, const bitocr_options *options,
                           bitocr_error *error) {
    bitocr_status status = check(options, error);
    if (status != BITOCR_OK)
        return status;
    int threads = options->threads ? options->threads : 1;
    if (threads < 1)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "%d threads are too few", threads);
    model->kernel = bitocr_find_kernel(options->kernel, error);
    if (!model->kernel)
        return BITOCR_ERROR_USAGE;
    status = bitocr_reading_set_reread(model, options, error);
    if (status == BITOCR_OK)
        status = make_network(model, path, error);
    if (status == BITOCR_OK)
        status = bitocr_reading_open_language(model, options, error);
    if (status != BITOCR_OK)
        return status;
    const bitocr_calibration *calibration = bitocr_model_calibration(model->file);
    if (calibration->slope > 0) {
        int classes = bitocr_network_classes(model->net);
        model->confidence =
            bitocr_confidence_create(calibration, bitocr_model_charset(model->file), classes);
        if (!model->confidence)
            return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    }
    model->threads = bitocr_pool_create(threads);
    return model->threads ? BITOCR_OK : bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

bitocr_status bitocr_open_file(bitocr_model_file *file, const char *path,
                               const bitocr_options *options, bitocr_model **out,
                               bitocr_error *error) {
    bitocr_model *model = calloc(1, sizeof *model);
    if (!model) {
        bitocr_model_close(file);
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    }
    model->file = file;
    mutex_init(&model->lock);
    bitocr_status status = start(model, path, options ? options : &DEFAULTS, error);
    if (status == BITOCR_OK)
        *out = model;
    else
        bitocr_free(model);
    return status;
}

bitocr_status bitocr_load_memory(const void *data, size_t bytes, const bitocr_options *options,
                                 bitocr_model **out, bitocr_error *error) {
    bitocr_model_file *file;
    *out = NULL;
    bitocr_status status = bitocr_model_open_memory(data, bytes, &file, error);
    return status == BITOCR_OK ? bitocr_open_file(file, NULL, options, out, error) : status;
}

void bitocr_free(bitocr_model *model) {
    if (!model)
        return;
    bitocr_pool_free(model->threads);
    while (model->idle) {
        session *s = model->idle;
        model->idle = s->behind;
        bitocr_session_free(s);
    }
    free(model->confidence);
    bitocr_lexicon_free(model->lexicon);
    bitocr_ngram_free(model->ngram);
    free(model->ngram_file);
    free(model->words_file);
    bitocr_network_free(model->net);
    bitocr_model_close(model->file);
    mutex_destroy(&model->lock);
    free(model);
}

int bitocr_model_width_unit(const bitocr_model *model) {
    return bitocr_network_describe(model->net)->width_unit;
}

bitocr_status bitocr_lexicon_create(const bitocr_model *model, const char *words, size_t bytes,
                                    bitocr_lexicon **out, bitocr_error *error) {
    *out = NULL;
    if (!model || (!words && bytes))
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    return bitocr_lexicon_make(bitocr_model_charset(model->file),
                               bitocr_network_classes(model->net), words, bytes, out, error);
}

bitocr_status bitocr_ngram_load_memory(const bitocr_model *model, const void *data, size_t bytes,
                                       bitocr_ngram **out, bitocr_error *error) {
    *out = NULL;
    if (!model || (!data && bytes))
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    return bitocr_ngram_open(bitocr_model_charset(model->file), bitocr_network_classes(model->net),
                             NULL, data, bytes, out, error);
}

bitocr_status bitocr_constraint_create(const bitocr_model *model, const char *allow,
                                       const char *pattern, const char *check,
                                       bitocr_constraint **out, bitocr_error *error) {
    *out = NULL;
    if (!model)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    return bitocr_constraint_make(bitocr_model_charset(model->file),
                                  bitocr_network_classes(model->net), allow, pattern, check, out,
                                  error);
}
