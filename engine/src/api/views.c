#include "api/views.h"
#include "api/token.h"

static const view views[VIEWS] = {{10, 0, 0, 0},  {9, 0, 0, 0},   {12, 1, 8, 8},  {8, 0, 0, 0},
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

view bitocr_view_at(int k, bool is_on_page) {
    view v = views[k];
    if (is_on_page)
        v.above = v.below = 0;
    return v;
}

int bitocr_view_width(const bitocr_model *model, const bitocr_image *image, view v) {
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

bitocr_image bitocr_view_cut(const bitocr_image *image, view v) {
    int above = image->height * v.above / 100, below = image->height * v.below / 100;
    bitocr_image shown = *image;
    shown.pixels += above * image->stride;
    shown.height -= above + below;
    return shown;
}

float bitocr_mean_score(const ctc_space *decoded) {
    float sum = 0;
    for (int i = 0; i < decoded->count; i++)
        sum += decoded->characters[i].score;
    return decoded->count ? sum / (float)decoded->count : 0;
}

/* Codes need all views: two often mistake 0 for O alike. A constraint tells such characters apart,
 * and a page has many lines. */
static bool takes_all(const bitocr_model *model, const bitocr_decoding *decoding,
                      const ctc_space *first, bool is_on_page) {
    return !is_on_page && !decoding->constraint &&
           bitocr_is_mostly_code(first, bitocr_model_charset(model->file));
}

int bitocr_views_count(const bitocr_model *model, const bitocr_decoding *decoding,
                       const ctc_space *first, bool is_on_page) {
    float score = bitocr_mean_score(first);
    if (is_on_page && score < CLEAR)
        return score < HOPELESS ? 1 : FEW;
    if (takes_all(model, decoding, first, is_on_page))
        return VIEWS;
    return first->count > VERY_LONG ? FEW : USUAL;
}

/* Do two views agree? */
static bool agree(const session *s, int count) {
    for (int i = 1; i < count; i++)
        for (int j = 0; j < i; j++)
            if (s->decoded[i].text == s->decoded[j].text)
                return true;
    return false;
}

/* If the first two views agree, a third rarely outvotes them. If two others agree, more views are
 * worth their time for short single lines only. With a constraint, one view is never enough: a
 * wrong text may be the only one that it allows. */
bool bitocr_views_unsure(const bitocr_model *model, const bitocr_decoding *decoding,
                         const session *s, int best, int count, bool is_on_page) {
    float enough = decoding->constraint && model->reread > 0 ? 1 : model->reread;
    if (s->decoded[best].confidence >= enough)
        return false;
    if (takes_all(model, decoding, s->decoded, is_on_page))
        return true;
    bool is_short = s->decoded[0].count <= LONG;
    return !((count == 2 || is_on_page || !is_short) && agree(s, count));
}
