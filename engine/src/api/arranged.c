#include "api/arranged.h"
#include "api/line.h"
#include "api/views.h"
#include "image/trim.h"

/* An upright reading with less confidence is tried upside down too: few upright lines are so
 * unsure, but most upside-down ones are. The other reading must be twice as probable, since ON
 * upside down is NO. */
static const float UNSURE = 0.5F;
/* But a long text is unsure as a whole even if each of its characters is quite sure. Of texts of
 * more than LONG characters with this mean score, hardly any are upside down. */
static const float LEGIBLE = 0.9F;
enum { LONG = 12 };
/* An image of two lines is often read with confidence as one, and looking for two lines is
 * quick. */
static const float PLAIN = 0.95F;
/* A tall image read with this confidence is one upright character, unless it is too tall for
 * that. */
static const float CHARACTER = 0.9F;
static const float SURE = 0.6F; /* the least confidence of a better arrangement */
/* If the image is not shaped like a line, or splits like several, a reading with less is no
 * text. */
static const float NO_LINE = 0.1F;

/* The confidence that another reading must exceed; little is enough after give_up. */
static float to_beat(const ctc_space *decoded, int angle) {
    if (decoded->confidence <= 0)
        return NO_LINE;
    float confidence = decoded->count ? decoded->confidence : 0;
    if (angle == 180)
        confidence *= 2;
    return confidence > SURE ? confidence : SURE;
}

/* Keeps the reading of an arranged image if it is more confident than the best so far. Only texts
 * of two or more characters count: a letter on its side is confidently read as a dash. */
static bitocr_status consider(const bitocr_model *model, const bitocr_image *arranged, int angle,
                              const bitocr_decoding *decoding, session *s, arranged_reading *best,
                              bitocr_error *error) {
    int height = bitocr_network_describe(model->net)->height;
    bitocr_image ink;
    bitocr_status status = bitocr_image_trim(&s->scratch, arranged, NULL, &ink, error);
    if (status != BITOCR_OK || !ink.width ||
        bitocr_image_width(ink.width, ink.height, height) > BITOCR_MAX_WIDTH)
        return status;
    ctc_space *other = best->decoded == &s->arranged[0] ? &s->arranged[1] : &s->arranged[0];
    status = bitocr_line_look(model, &ink, decoding, s, other, error);
    if (status == BITOCR_OK && other->count > 1 &&
        other->confidence > to_beat(best->decoded, angle))
        *best = (arranged_reading){other, bitocr_image_left(arranged, &ink), ink.width, angle};
    return status;
}

static bitocr_status turn(const bitocr_model *model, const bitocr_image *image, int angle,
                          const bitocr_decoding *decoding, session *s, arranged_reading *best,
                          bitocr_error *error) {
    bitocr_image turned;
    bitocr_status status = bitocr_arrange_turn(&s->arrange, image, angle, &turned, error);
    if (status == BITOCR_OK)
        status = consider(model, &turned, angle, decoding, s, best, error);
    return status;
}

/* Replaces the reading with an empty text of confidence 0. */
static void give_up(arranged_reading *best) {
    best->decoded->count = 0;
    best->decoded->confidence = 0;
}

/* Sets `is_stack` if the image can be split into parts. A column has no valid upright reading. */
static bitocr_status unstack(const bitocr_model *model, const bitocr_image *image,
                             const bitocr_decoding *decoding, session *s, arranged_reading *best,
                             int *is_stack, bitocr_error *error) {
    bitocr_image row;
    int is_column;
    bitocr_status status = bitocr_arrange_unstack(&s->arrange, image, &row, &is_column, error);
    if (is_column)
        give_up(best);
    *is_stack = status == BITOCR_OK && row.width > 0;
    return *is_stack ? consider(model, &row, 0, decoding, s, best, error) : status;
}

static int is_worth_it(const bitocr_model *model, const bitocr_image *image, float upright) {
    if (model->reread <= 0 || !bitocr_arrange_can(image))
        return 0;
    if (2 * image->height >= 5 * image->width)
        return 1;
    return upright < (bitocr_arrange_is_tall(image) ? CHARACTER : PLAIN);
}

static bool may_be_upside_down(const ctc_space *decoded) {
    bool is_legible = decoded->count > LONG && bitocr_mean_score(decoded) >= LEGIBLE;
    return decoded->confidence < UNSURE && !is_legible;
}

bitocr_status bitocr_arranged_read(const bitocr_model *model, const bitocr_image *image,
                                   const bitocr_decoding *decoding, session *s,
                                   arranged_reading *best, bitocr_error *error) {
    static const int ON_SIDE[] = {90, 270}, UPSIDE_DOWN[] = {180};
    int is_tall = bitocr_arrange_is_tall(image), is_stack = 0;
    float upright = best->decoded->confidence;
    const int *angles = is_tall ? ON_SIDE : UPSIDE_DOWN;
    int count = is_tall ? 2 : may_be_upside_down(best->decoded);
    if (!is_worth_it(model, image, upright))
        return BITOCR_OK;
    bitocr_status status = unstack(model, image, decoding, s, best, &is_stack, error);
    for (int k = 0; k < count && status == BITOCR_OK; k++)
        status = turn(model, image, angles[k], decoding, s, best, error);
    if ((is_tall || is_stack) && best->decoded->confidence < NO_LINE)
        give_up(best);
    return status;
}
