#include "api/line.h"
#include "api/drawing.h"
#include "api/formats.h"
#include "api/surer.h"
#include "api/views.h"
#include "api/zeros.h"
#include "base/error.h"
#include "image/gray.h"
#include "image/trim.h"

#include <stdlib.h>

static int session_reserve(session *s, const bitocr_model *model, int width) {
    if (width <= s->width)
        return 1;
    size_t values = (size_t)bitocr_network_steps(model->net, width) *
                    (size_t)bitocr_network_classes(model->net);
    free(s->input);
    free(s->logprobs);
    s->input = malloc((size_t)bitocr_network_describe(model->net)->height * (size_t)width);
    s->logprobs = malloc(values * sizeof *s->logprobs);
    s->width = s->input && s->logprobs ? width : 0;
    return s->width == width;
}

/* Prepares the network's input for a view, in s->input. */
static bitocr_status prepare(const bitocr_model *model, const bitocr_image *image, view v,
                             int width, session *s, bitocr_error *error) {
    int height = bitocr_network_describe(model->net)->height;
    bitocr_status status = bitocr_image_check(image, height, width, error);
    if (status != BITOCR_OK)
        return status;
    if (!session_reserve(s, model, width))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    status = bitocr_image_prepare(&s->scratch, image, height, width, s->input, error);
    if (status == BITOCR_OK && v.is_inverted)
        for (int k = 0; k < height * width; k++)
            s->input[k] = (int8_t)-s->input[k]; /* from -127 to 127 */
    return status;
}

bitocr_status bitocr_line_prepare(const bitocr_model *model, const bitocr_image *image, int width,
                                  session *s, bitocr_error *error) {
    return prepare(model, image, bitocr_view_at(0, false), width, s, error);
}

bitocr_status bitocr_line_run(const bitocr_model *model, session *s, const int8_t *input, int width,
                              float *logprobs, bitocr_error *error) {
    const network_pass pass = {
        .image = {input, bitocr_network_describe(model->net)->height, width},
        .space = &s->space,
        .out = logprobs,
    };
    return bitocr_network_run(model->net, &pass, error);
}

bitocr_status bitocr_line_decode(const bitocr_model *model, const float *logprobs, int steps,
                                 const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                                 bitocr_error *error) {
    ctc_frames frames = {logprobs, steps, bitocr_network_classes(model->net), model->kernel};
    ctc_options options = {decoding->beam,
                           {decoding->lexicon, decoding->word_bonus, decoding->ngram},
                           model->confidence ? model->confidence->twins : NULL,
                           decoding->constraint};
    return bitocr_surer_decode(model, &frames, &options, s, decoded, error);
}

bitocr_status bitocr_line_write(const bitocr_model *model, const arranged_reading *reading,
                                bool is_free, bitocr_results *results, int i, bitocr_error *error) {
    double pixels = (double)reading->width / reading->decoded->steps;
    return bitocr_results_write(results, i, reading->decoded, bitocr_model_charset(model->file),
                                reading->left, pixels, reading->angle, is_free, error);
}

/* Reads and decodes a view. */
static bitocr_status look(const bitocr_model *model, const bitocr_image *image, view v,
                          const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                          bitocr_error *error) {
    int width = bitocr_view_width(model, image, v), steps = bitocr_network_steps(model->net, width);
    bitocr_image shown = bitocr_view_cut(image, v);
    bitocr_status status = prepare(model, &shown, v, width, s, error);
    if (status == BITOCR_OK)
        status = bitocr_line_run(model, s, s->input, width, s->logprobs, error);
    if (status == BITOCR_OK)
        status = bitocr_line_decode(model, s->logprobs, steps, decoding, s, decoded, error);
    return status;
}

bitocr_status bitocr_line_look(const bitocr_model *model, const bitocr_image *image,
                               const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                               bitocr_error *error) {
    return look(model, image, bitocr_view_at(0, false), decoding, s, decoded, error);
}

static int may_be_empty(const bitocr_decoding *decoding) {
    return !decoding->constraint || bitocr_constraint_takes_empty(decoding->constraint);
}

/* Replaces the image with one of its channels, in the session's memory. */
static bitocr_status take_channel(session *s, bitocr_image *image, int channel,
                                  bitocr_error *error) {
    size_t width = (size_t)image->width, bytes = width * (size_t)image->height;
    if (!bitocr_buffer_reserve(&s->channel, bytes, 1))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a channel");
    int ground = bitocr_image_ground(image);
    uint8_t *plane = s->channel.memory;
    for (int y = 0; y < image->height; y++)
        bitocr_channel_row(image->pixels + y * image->stride, image->width, image->channels,
                           channel, ground, plane + (size_t)y * width);
    image->pixels = plane;
    image->stride = image->width;
    image->channels = 1;
    return BITOCR_OK;
}

/* Trims blank margins. If only colour tells the letters from their background, also picks a
 * channel. */
static bitocr_status find_ink(const bitocr_image *image, session *s, bitocr_image *ink, int *left,
                              bitocr_error *error) {
    int channel;
    bitocr_status status = bitocr_image_trim(&s->scratch, image, &channel, ink, error);
    if (status != BITOCR_OK || !ink->width)
        return status;
    *left = bitocr_image_left(image, ink);
    return channel < 0 ? BITOCR_OK : take_channel(s, ink, channel, error);
}

/* Trims the image and reads it as an upright line. Without ink, `reading->width` is 0. */
static bitocr_status read_ink(const bitocr_model *model, const bitocr_image *image,
                              const bitocr_decoding *decoding, bool is_on_page, session *s,
                              bitocr_image *ink, arranged_reading *reading, bitocr_error *error) {
    int left;
    bitocr_status status = find_ink(image, s, ink, &left, error);
    *reading = (arranged_reading){0};
    if (status != BITOCR_OK || !ink->width)
        return status;
    status = look(model, ink, bitocr_view_at(0, is_on_page), decoding, s, &s->decoded[0], error);
    int best = 0, views = status == BITOCR_OK
                              ? bitocr_views_count(model, decoding, s->decoded, is_on_page)
                              : 1;
    for (int k = 1; k < views && bitocr_views_unsure(model, decoding, s, best, k, is_on_page);
         k++) {
        status =
            look(model, ink, bitocr_view_at(k, is_on_page), decoding, s, &s->decoded[k], error);
        if (status != BITOCR_OK)
            return status;
        best = bitocr_confidence_vote(model->confidence, s->decoded, k + 1);
    }
    if (!decoding->constraint && !is_on_page &&
        bitocr_is_glimpse(model, &s->decoded[0], &s->decoded[best]))
        best = 0;
    if (!decoding->constraint && (decoding->ngram || decoding->lexicon)) {
        if (!is_on_page)
            status = bitocr_zeros_mend(model, ink, s, &s->decoded[best], error);
        bitocr_formats_mend(model, &s->decoded[best]);
    }
    *reading = (arranged_reading){&s->decoded[best], left, ink->width, 0};
    return status;
}

static bitocr_status write(const bitocr_model *model, const bitocr_image *ink,
                           const bitocr_decoding *decoding, const arranged_reading *reading,
                           bitocr_results *results, int i, bitocr_error *error) {
    if (!reading->width)
        return bitocr_results_write_nothing(results, i, may_be_empty(decoding) ? 1 : 0);
    if (!decoding->constraint && bitocr_is_drawing(model, ink, reading))
        return bitocr_results_write_nothing(results, i, 1 - reading->decoded->confidence);
    return bitocr_line_write(model, reading, !decoding->constraint, results, i, error);
}

bitocr_status bitocr_line_read(const bitocr_model *model, const bitocr_image *image,
                               const bitocr_decoding *decoding, session *s, bitocr_results *results,
                               int i, bitocr_error *error) {
    bitocr_image ink;
    arranged_reading reading;
    bitocr_status status = read_ink(model, image, decoding, false, s, &ink, &reading, error);
    if (status == BITOCR_OK && reading.width)
        status = bitocr_arranged_read(model, image, decoding, s, &reading, error);
    return status == BITOCR_OK ? write(model, &ink, decoding, &reading, results, i, error) : status;
}

bitocr_status bitocr_line_read_upright(const bitocr_model *model, const bitocr_image *image,
                                       const bitocr_decoding *decoding, session *s,
                                       bitocr_results *results, int i, bitocr_error *error) {
    bitocr_image ink;
    arranged_reading reading;
    bitocr_status status = read_ink(model, image, decoding, true, s, &ink, &reading, error);
    return status == BITOCR_OK ? write(model, &ink, decoding, &reading, results, i, error) : status;
}
