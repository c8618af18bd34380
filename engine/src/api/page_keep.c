/* Decides which readings of a page are text. */
#include "api/page_lines.h"
#include "page/curve.h"

enum {
    FEW_LETTERS = 8, /* so few letters on a page may be twigs and corners, */
    WORD = 2         /* unless so many stand together and are well read */
};
static const float WELL_READ = 0.5F, /* confidence of such a word */
    LONE = 0.95F;                    /* confidence of a single letter */
static const double LARGE = 0.25;    /* height of a single letter, in shorter sides of the image */

/* A line is surely text if two letters stand together, or if a lone one is large. */
static bool is_sure(const page_request *r, const page_reading *one, int letters) {
    const bitocr_image *image = r->image;
    double side = image->width < image->height ? image->width : image->height;
    if (letters >= WORD)
        return one->confidence >= WELL_READ;
    return one->confidence >= LONE && one->box.height > LARGE * side;
}

/* Do the first readings have so few letters that they are hardly text? */
static bool is_blank(const page_request *r, int kept) {
    int letters = 0;
    for (int i = 0; i < kept; i++) {
        const page_reading *one = &r->readings[i];
        int count = bitocr_glyphs_count_letters(one->glyphs, one->count);
        letters += count;
        if (is_sure(r, one, count))
            return false;
    }
    return letters < FEW_LETTERS;
}

/* Do both halves of a line lie in a curved one that is about as high? */
static bool is_within(const page_box *line, const page_box *curve) {
    double x = line->length / 4 * line->ux, y = line->length / 4 * line->uy;
    return 2 * line->height > curve->height && line->height < 2 * curve->height &&
           bitocr_curve_contains(curve, line->x - x, line->y - y) &&
           bitocr_curve_contains(curve, line->x + x, line->y + y);
}

/* Drops lines that a longer curved line covers. */
static void drop_covered(const page_request *r, const page_reading *curve) {
    const page_box *box = &curve->box;
    for (int i = 0; i < 2 * r->found; i++) {
        page_reading *one = &r->readings[i];
        if (one != curve && one->box.length < box->length && is_within(&one->box, box))
            one->score = 0;
    }
}

int bitocr_page_keep_text(const page_request *r) {
    int kept = 0;
    for (int i = 0; i < 2 * r->found && r->is_photo && r->min_score > 0; i++)
        if (r->readings[i].score > 0)
            bitocr_page_drop_symbols(&r->readings[i]);
    for (int i = 0; i < 2 * r->found; i++)
        if (r->readings[i].box.is_curved && r->readings[i].score >= r->min_score)
            drop_covered(r, &r->readings[i]);
    for (int i = 0; i < 2 * r->found; i++) {
        page_reading *one = &r->readings[i];
        bool is_text = r->min_score <= 0 || bitocr_glyphs_count_letters(one->glyphs, one->count);
        if (one->score > 0 && one->score >= r->min_score && one->count && is_text) {
            page_reading held = r->readings[kept];
            r->readings[kept++] = *one;
            r->readings[i] = held;
        }
    }
    return r->may_be_blank && r->min_score > 0 && is_blank(r, kept) ? 0 : kept;
}
