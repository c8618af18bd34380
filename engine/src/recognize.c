/* The public functions that read: one line of text after the other through all parts. */
#include "error.h"
#include "handle.h"
#include "results.h"

#include <stdlib.h>

static bitocr_status out_of_memory(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

static bitocr_status missing(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
}

void session_free(session *s) {
    image_scratch_free(&s->scratch);
    workspace_free(&s->space);
    ctc_free(&s->decoded);
    confidence_free(&s->confidence);
    free(s->input);
    free(s->logprobs);
    free(s);
}

/* A session for the calling thread, made where all are in use; NULL: out of memory. */
static session *session_take(bitocr_model *model) {
    pthread_mutex_lock(&model->lock);
    session *s = model->idle;
    if (s)
        model->idle = s->behind;
    pthread_mutex_unlock(&model->lock);
    return s ? s : calloc(1, sizeof *s);
}

static void session_return(bitocr_model *model, session *s) {
    pthread_mutex_lock(&model->lock);
    s->behind = model->idle;
    model->idle = s;
    pthread_mutex_unlock(&model->lock);
}

static int session_reserve(session *s, const bitocr_model *model, int width) {
    if (width <= s->width)
        return 1;
    size_t values = (size_t)network_steps(model->net, width) * (size_t)network_classes(model->net);
    free(s->input);
    free(s->logprobs);
    s->input = malloc(BITOCR_HEIGHT * (size_t)width);
    s->logprobs = malloc(values * sizeof *s->logprobs);
    s->width = s->input && s->logprobs ? width : 0;
    return s->width == width;
}

int bitocr_steps(const bitocr_model *model, int width) {
    if (width < BITOCR_MIN_WIDTH || width > BITOCR_MAX_WIDTH || width % model_width_unit(model))
        return 0;
    return network_steps(model->net, width);
}

/* Decodes into s->decoded. */
static bitocr_status decode(const bitocr_model *model, const float *logprobs, int steps,
                            const bitocr_decoding *decoding, session *s, bitocr_error *error) {
    ctc_frames frames = {logprobs, steps, network_classes(model->net), model->kernel};
    ctc_options options = {0};
    if (decoding)
        options = (ctc_options){
            decoding->beam, {decoding->lexicon, decoding->word_bonus, decoding->ngram}, NULL};
    options.twins = model->confidence ? model->confidence->twins : NULL;
    bitocr_status status = ctc_decode(&frames, &options, &s->decoded, error);
    if (status == BITOCR_OK && model->confidence)
        status = confidence_apply(model->confidence, &frames, &s->decoded, &s->confidence, error);
    return status;
}

/* Writes what was decoded to line i of the results. */
static bitocr_status write_line(const bitocr_model *model, int steps, int image_width,
                                const session *s, bitocr_results *results, int i,
                                bitocr_error *error) {
    return results_write(results, i, &s->decoded, model_charset(model->file),
                         (double)image_width / steps, error);
}

/* One call of bitocr_recognize. */
typedef struct {
    bitocr_model *model;
    const bitocr_image *images;
    int count;
    const bitocr_decoding *decoding;
    bitocr_results *results;
    pthread_mutex_t lock; /* guards the three below */
    bitocr_status status;
    int failed; /* the first image that failed */
    bitocr_error error;
} request;

/* A way of looking at an image: tenths of its usual width, and whether its polarity is inverted. */
typedef struct {
    int tenths, is_inverted;
} view;

static const view USUAL = {10, 0}, OTHERS[] = {{8, 0}, {10, 1}};

static int view_width(const bitocr_model *model, const bitocr_image *image, view v) {
    int unit = model_width_unit(model), width = bitocr_natural_width(image->width, image->height);
    if (width > BITOCR_MAX_WIDTH)
        return width; /* to be refused */
    width = (width * v.tenths / 10 + unit - 1) / unit * unit;
    return width > BITOCR_MIN_WIDTH ? width : BITOCR_MIN_WIDTH;
}

/* Decodes what is seen in a view; `steps` gets its time steps. */
static bitocr_status look(const request *r, const bitocr_image *image, view v, session *s,
                          int *steps, bitocr_error *error) {
    int width = view_width(r->model, image, v);
    bitocr_status status = image_check(image, width, error);
    if (status == BITOCR_OK && !session_reserve(s, r->model, width))
        status = out_of_memory(error);
    if (status == BITOCR_OK)
        status = image_prepare(&s->scratch, image, width, s->input, error);
    if (status != BITOCR_OK)
        return status;
    for (int k = 0; v.is_inverted && k < BITOCR_HEIGHT * width; k++)
        s->input[k] = (int8_t)-s->input[k]; /* from -127 to 127 */
    *steps = network_steps(r->model->net, width);
    status = network_run(r->model->net, &s->space, s->input, width, s->logprobs, error);
    if (status == BITOCR_OK)
        status = decode(r->model, s->logprobs, *steps, r->decoding, s, error);
    return status;
}

static bitocr_status read_line(const request *r, int i, session *s, bitocr_error *error) {
    const bitocr_image *image = &r->images[i];
    const int others = sizeof OTHERS / sizeof *OTHERS;
    float best = 0;
    bitocr_status status = BITOCR_OK;
    for (int k = -1; status == BITOCR_OK && k < others && (k < 0 || best < r->model->reread); k++) {
        int steps = 0;
        status = look(r, image, k < 0 ? USUAL : OTHERS[k], s, &steps, error);
        if (status == BITOCR_OK && (k < 0 || s->decoded.confidence > best)) {
            best = s->decoded.confidence;
            status = write_line(r->model, steps, image->width, s, r->results, i, error);
        }
    }
    return status;
}

static void work(void *context, int i) {
    request *r = context;
    bitocr_error error = {{0}};
    session *s = session_take(r->model);
    bitocr_status status = s ? read_line(r, i, s, &error) : out_of_memory(&error);
    if (s)
        session_return(r->model, s);
    if (status == BITOCR_OK)
        return;
    pthread_mutex_lock(&r->lock);
    if (r->status == BITOCR_OK || i < r->failed) {
        r->status = status;
        r->failed = i;
        r->error = error;
    }
    pthread_mutex_unlock(&r->lock);
}

bitocr_status bitocr_recognize(bitocr_model *model, const bitocr_image *images, int count,
                               const bitocr_decoding *decoding, bitocr_results *results,
                               bitocr_error *error) {
    if (!model || !results)
        return missing(error);
    if (count < 0 || (count && !images))
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "there are no images");
    bitocr_status status = results_begin(results, count, error);
    if (status != BITOCR_OK)
        return status;
    request r = {.model = model, .images = images, .count = count, .decoding = decoding};
    r.results = results;
    pthread_mutex_init(&r.lock, NULL);
    pool_run(model->threads, work, &r, count);
    pthread_mutex_destroy(&r.lock);
    if (r.status == BITOCR_OK)
        return BITOCR_OK;
    results_begin(results, 0, NULL);
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
                           width, model_width_unit(model), BITOCR_MIN_WIDTH, BITOCR_MAX_WIDTH);
    session *s = session_take(model);
    if (!s)
        return out_of_memory(error);
    bitocr_status status = network_run(model->net, &s->space, input, width, logprobs, error);
    session_return(model, s);
    return status;
}

bitocr_status bitocr_decode(bitocr_model *model, const float *logprobs, int steps, int image_width,
                            const bitocr_decoding *decoding, bitocr_results *results,
                            bitocr_error *error) {
    if (!model || !logprobs || !results)
        return missing(error);
    if (steps < 1 || steps > BITOCR_MAX_WIDTH)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "%d time steps cannot be decoded", steps);
    session *s = session_take(model);
    if (!s)
        return out_of_memory(error);
    bitocr_status status = results_begin(results, 1, error);
    if (status == BITOCR_OK)
        status = decode(model, logprobs, steps, decoding, s, error);
    if (status == BITOCR_OK)
        status = write_line(model, steps, image_width, s, results, 0, error);
    if (status != BITOCR_OK)
        results_begin(results, 0, NULL);
    session_return(model, s);
    return status;
}
