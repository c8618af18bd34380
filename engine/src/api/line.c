#include "api/line.h"
#include "api/drawing.h"
#include "api/surer.h"
#include "api/token.h"
#include "base/error.h"
#include "image/gray.h"
#include "image/trim.h"

#include <stdlib.h>

/* A view of an image: its width in tenths of the usual one, whether dark and light are swapped, and
 * what is cut off above and below, in hundredths of the height. The other views move letters on the
 * network's grid and show it shapes that it weighs differently. */
typedef struct {
    int tenths, is_inverted, above, below;
} view;

static const view LOOKS[VIEWS] = {{10, 0, 0, 0},  {9, 0, 0, 0},   {12, 1, 0, 0},  {8, 0, 0, 0},
                                  {11, 1, 0, 0},  {12, 0, 8, 8},  {11, 0, 10, 0}, {13, 0, 0, 0},
                                  {12, 1, 0, 10}, {10, 0, 0, 10}, {13, 1, 8, 8},  {11, 1, 10, 0}};
enum {
    USUAL = 5,     /* views of a line whose text is not a code; a code may have all */
    FEW = 3,       /* views of a VERY_LONG line, and of a page's line that is not CLEAR at first */
    LONG = 12,     /* characters: views hardly ever agree on a longer text by chance */
    VERY_LONG = 24 /* characters: if three views of one disagree, so do five, and take longer */
};
static const float HOPELESS = 0.55F, /* mean score of characters: less is hardly text */
    CLEAR = 0.8F;                    /* so much is worth all views, on a page too */

static int view_width(const bitocr_model *model, const bitocr_image *image, view v) {
    const network_info *net = bitocr_network_describe(model->net);
    int unit = net->width_unit,
        width = bitocr_image_width(image->width, image->height, net->height);
    if (width > BITOCR_MAX_WIDTH)
        return width; /* too wide, so it is refused */
    width = (width * v.tenths / 10 + unit - 1) / unit * unit;
    if (width > BITOCR_MAX_WIDTH)
        return BITOCR_MAX_WIDTH;
    return width > BITOCR_MIN_WIDTH ? width : BITOCR_MIN_WIDTH;
}

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
    return prepare(model, image, LOOKS[0], width, s, error);
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

/* The rows of a view. */
static bitocr_image cut(const bitocr_image *image, view v) {
    int above = image->height * v.above / 100, below = image->height * v.below / 100;
    bitocr_image shown = *image;
    shown.pixels += above * image->stride;
    shown.height -= above + below;
    return shown;
}

/* Reads and decodes a view. */
static bitocr_status look(const bitocr_model *model, const bitocr_image *image, view v,
                          const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                          bitocr_error *error) {
    int width = view_width(model, image, v), steps = bitocr_network_steps(model->net, width);
    bitocr_image shown = cut(image, v);
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
    return look(model, image, LOOKS[0], decoding, s, decoded, error);
}

/* Do two views agree? */
static bool agree(const session *s, int count) {
    for (int i = 1; i < count; i++)
        for (int j = 0; j < i; j++)
            if (s->decoded[i].text == s->decoded[j].text)
                return true;
    return false;
}

static bool is_code(const bitocr_model *model, const ctc_space *decoded) {
    return bitocr_is_mostly_code(decoded, bitocr_model_charset(model->file));
}

/* Is the reading still in doubt after `count` views? If the first two agree, a third rarely
 * outvotes them. If two others agree, more views are worth their time for short single lines only.
 * Codes need them all: two views often mistake 0 for O alike. With a constraint, one view is never
 * enough: a wrong text may be the only one that it allows. */
static bool is_unsure(const bitocr_model *model, const bitocr_decoding *decoding, const session *s,
                      int best, int count, bool is_on_page) {
    float enough = decoding->constraint && model->reread > 0 ? 1 : model->reread;
    if (s->decoded[best].confidence >= enough)
        return false;
    if (!is_on_page && is_code(model, s->decoded))
        return true;
    bool is_short = s->decoded[0].count <= LONG;
    return !((count == 2 || is_on_page || !is_short) && agree(s, count));
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

static float mean_score(const ctc_space *decoded) {
    float sum = 0;
    for (int i = 0; i < decoded->count; i++)
        sum += decoded->characters[i].score;
    return decoded->count ? sum / (float)decoded->count : 0;
}

/* How many views a line gets. A page has many lines, and some are hardly text. */
static int count_views(const bitocr_model *model, const ctc_space *first, bool is_on_page) {
    float score = mean_score(first);
    if (is_on_page && score < CLEAR)
        return score < HOPELESS ? 1 : FEW;
    if (!is_on_page && is_code(model, first))
        return VIEWS;
    return first->count > VERY_LONG ? FEW : USUAL;
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
    status = look(model, ink, LOOKS[0], decoding, s, &s->decoded[0], error);
    int best = 0, views = status == BITOCR_OK ? count_views(model, s->decoded, is_on_page) : 1;
    for (int k = 1; k < views && is_unsure(model, decoding, s, best, k, is_on_page); k++) {
        status = look(model, ink, LOOKS[k], decoding, s, &s->decoded[k], error);
        if (status != BITOCR_OK)
            return status;
        best = bitocr_confidence_vote(model->confidence, s->decoded, k + 1);
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
