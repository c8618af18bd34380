/* The public functions that read lines, and the pool of sessions that their threads share. */
#include "base/error.h"
#include "api/line.h"
#include "api/reading.h"

#include <stdlib.h>

static bitocr_status out_of_memory(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

static bitocr_status missing(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
}

void bitocr_session_free(session *s) {
    bitocr_buffer_free(&s->scratch);
    bitocr_buffer_free(&s->channel);
    bitocr_workspace_free(&s->space);
    for (int k = 0; k < VIEWS; k++)
        bitocr_ctc_free(&s->decoded[k]);
    bitocr_ctc_free(&s->plain);
    for (int k = 0; k < 2; k++) {
        bitocr_ctc_free(&s->parts[k]);
        bitocr_ctc_free(&s->arranged[k]);
    }
    bitocr_arrange_free(&s->arrange);
    bitocr_confidence_free(&s->confidence);
    bitocr_warp_free(&s->warp);
    bitocr_ink_free(&s->ink);
    free(s->input);
    free(s->logprobs);
    free(s);
}

session *bitocr_session_take(bitocr_model *model) {
    mutex_lock(&model->lock);
    session *s = model->idle;
    if (s)
        model->idle = s->behind;
    mutex_unlock(&model->lock);
    return s ? s : calloc(1, sizeof *s);
}

void bitocr_session_return(bitocr_model *model, session *s) {
    mutex_lock(&model->lock);
    s->behind = model->idle;
    model->idle = s;
    mutex_unlock(&model->lock);
}

int bitocr_steps(const bitocr_model *model, int width) {
    if (width < BITOCR_MIN_WIDTH || width > BITOCR_MAX_WIDTH ||
        width % bitocr_model_width_unit(model))
        return 0;
    return bitocr_network_steps(model->net, width);
}

/* Checks all sizes first: if the caller's structure has another size, every image but the first is
 * misplaced. */
static bitocr_status check_sizes(const bitocr_image *images, int count, bitocr_error *error) {
    bitocr_status status = BITOCR_OK;
    for (int i = 0; i < count && status == BITOCR_OK; i++)
        status = bitocr_check_size("bitocr_image", images[i].size, sizeof *images, error);
    return status;
}

/* One call of bitocr_recognize. */
typedef struct {
    bitocr_model *model;
    const bitocr_image *images;
    int count;
    bitocr_decoding decoding;
    bitocr_results *results;
    mutex lock; /* guards the fields below */
    bitocr_status status;
    int failed; /* the first image that failed */
    bitocr_error error;
} request;

static void work(void *context, int i) {
    request *r = context;
    bitocr_error error = {sizeof error, ""};
    session *s = bitocr_session_take(r->model);
    bitocr_status status =
        s ? bitocr_line_read(r->model, &r->images[i], &r->decoding, s, r->results, i, &error)
          : out_of_memory(&error);
    if (s)
        bitocr_session_return(r->model, s);
    if (status == BITOCR_OK)
        return;
    mutex_lock(&r->lock);
    if (r->status == BITOCR_OK || i < r->failed) {
        r->status = status;
        r->failed = i;
        r->error = error;
    }
    mutex_unlock(&r->lock);
}

bitocr_status bitocr_recognize(bitocr_model *model, const bitocr_image *images, int count,
                               const bitocr_decoding *decoding, bitocr_results *results,
                               bitocr_error *error) {
    if (!model || !results)
        return missing(error);
    if (count < 0 || (count && !images))
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "there are no images");
    request r = {.model = model, .images = images, .count = count, .results = results};
    bitocr_status status = check_sizes(images, count, error);
    if (status == BITOCR_OK)
        status = bitocr_reading_choose(model, decoding, &r.decoding, error);
    if (status == BITOCR_OK)
        status = bitocr_results_begin(results, count, error);
    if (status != BITOCR_OK) {
        bitocr_results_begin(results, 0, NULL);
        return status;
    }
    mutex_init(&r.lock);
    bitocr_pool_run(model->threads, work, &r, count);
    mutex_destroy(&r.lock);
    if (r.status == BITOCR_OK)
        return BITOCR_OK;
    bitocr_results_begin(results, 0, NULL);
    if (count == 1)
        return bitocr_fail(error, r.status, "%s", r.error.message);
    return bitocr_fail(error, r.status, "image %d of %d: %.200s", r.failed + 1, count,
                       r.error.message);
}

bitocr_status bitocr_logprobs(bitocr_model *model, const int8_t *input, int width, float *logprobs,
                              bitocr_error *error) {
    if (!model || !input || !logprobs)
        return missing(error);
    if (!bitocr_steps(model, width))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the input width is %d; it must be a multiple of %d from %d to %d",
                           width, bitocr_model_width_unit(model), BITOCR_MIN_WIDTH,
                           BITOCR_MAX_WIDTH);
    session *s = bitocr_session_take(model);
    if (!s)
        return out_of_memory(error);
    bitocr_status status = bitocr_line_run(model, s, input, width, logprobs, error);
    bitocr_session_return(model, s);
    return status;
}

bitocr_status bitocr_decode(bitocr_model *model, const float *logprobs, int steps, int image_width,
                            const bitocr_decoding *decoding, bitocr_results *results,
                            bitocr_error *error) {
    if (!model || !logprobs || !results)
        return missing(error);
    if (steps < 1 || steps > BITOCR_MAX_WIDTH)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "%d time steps cannot be decoded", steps);
    bitocr_decoding chosen;
    bitocr_status status = bitocr_reading_choose(model, decoding, &chosen, error);
    if (status != BITOCR_OK)
        return status;
    session *s = bitocr_session_take(model);
    if (!s)
        return out_of_memory(error);
    status = bitocr_results_begin(results, 1, error);
    if (status == BITOCR_OK)
        status = bitocr_line_decode(model, logprobs, steps, &chosen, s, s->decoded, error);
    if (status == BITOCR_OK)
        status = bitocr_line_write(model, &(arranged_reading){s->decoded, 0, image_width, 0},
                                   !chosen.constraint, results, 0, error);
    if (status != BITOCR_OK)
        bitocr_results_begin(results, 0, NULL);
    bitocr_session_return(model, s);
    return status;
}
