#include "api/drawing.h"
#include "decode/words.h"

enum { SPREAD = 3 };                /* a longer text is never is_spread */
static const float GUESSED = 0.48F, /* confidence: a lone character with less is hardly one */
    WIDEST = 2.5F;                  /* heights: letters and digits are hardly wider */

static bool is_guess(const ctc_space *decoded) {
    return decoded->count == 1 && decoded->confidence < GUESSED;
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
           (is_guess(reading->decoded) || is_spread(model, ink, reading));
}
