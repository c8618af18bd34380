#include "api/drawing.h"
#include "decode/words.h"

#include <string.h>

enum { SPREAD = 3 };                /* a longer text is never is_spread */
static const float GUESSED = 0.48F, /* confidence: a lone character with less is hardly one, */
    STROKES = 0.9F,                 /* nor is a lone sign that a few strokes look like */
    FAINT = 0.2F,                   /* or a text that the usual view does not show */
    WIDEST = 2.5F;                  /* heights: letters and digits are hardly wider */

static bool is_guess(const ctc_space *decoded, const uint32_t *charset) {
    if (decoded->count != 1)
        return false;
    uint32_t c = charset[decoded->characters[0].label - 1];
    bool is_stroke = c < 0x80 && strchr("<>^*/\\|~", (int)c);
    return decoded->confidence < (is_stroke ? STROKES : GUESSED);
}

bool bitocr_is_glimpse(const bitocr_model *model, const ctc_space *usual,
                       const ctc_space *decoded) {
    const uint32_t *charset = bitocr_model_charset(model->file);
    if (!model->confidence || usual->count || !decoded->count)
        return false;
    bool is_lone = decoded->count == 1 && charset[decoded->characters[0].label - 1] < 0x80;
    return is_lone || decoded->confidence < FAINT;
}

static bool is_plain(uint32_t c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* Are a few letters or digits spread over an image that would hold many? So are twigs, and the
 * lines of drawings. A dash may be that wide. */
static bool is_spread(const bitocr_model *model, const bitocr_image *ink,
                      const arranged_reading *reading) {
    const uint32_t *charset = bitocr_model_charset(model->file);
    const ctc_space *decoded = reading->decoded;
    float most = WIDEST * (float)(decoded->count * ink->height);
    if (reading->angle || decoded->count > SPREAD || (float)ink->width <= most)
        return false;
    for (int i = 0; i < decoded->count; i++)
        if (!is_plain(charset[decoded->characters[i].label - 1]))
            return false;
    return true;
}

bool bitocr_is_drawing(const bitocr_model *model, const bitocr_image *ink,
                       const arranged_reading *reading) {
    return model->confidence && reading->decoded->count &&
           (is_guess(reading->decoded, bitocr_model_charset(model->file)) ||
            is_spread(model, ink, reading));
}
