/* One line of a page, read in its box and, where that is not sure, in others. */
#include <math.h>

#include "api/page_lines.h"
#include "page/curve.h"

enum {
    FEW_LINES = 40, /* on a page whose lines are worth a second try */
    FURTHER = 4     /* times that a curved line is made longer at an end, */
};
static const float SECOND = 0.75F, /* mean score of what is read in a second try, at least */
    BETTER = 0.05F,                /* by which it must be better there */
    WELL = 0.4F;                   /* and that of what a longer line adds */
static const double WIDER = 0.2,   /* heights that a column is wider than its box, */
    GROWN = 1.4,                   /* what a box is enlarged by for a second try */
    FURTHER_BY = 1.5,              /* heights by which a line is made longer */
    SPARSE = 3,                    /* heights for a character: so few are misread */
    ACROSS = 0.7; /* sine of the angle to the page's lines: these may run either way */

bitocr_status bitocr_page_read_box(const page_request *r, session *s, int i, bitocr_error *error) {
    const box_reader reader = {r->model, r->image, &r->decoding, s, r->page->results};
    return bitocr_box_read(&reader, i, &r->readings[i], error);
}

static void swap(page_reading *a, page_reading *b) {
    page_reading held = *a;
    *a = *b;
    *b = held;
}

/* Reads line i the other way, too, and keeps what is better. */
static bitocr_status read_reversed(const page_request *r, session *s, int i, bitocr_error *error) {
    page_reading *one = &r->readings[2 * i], *other = one + 1;
    other->box = bitocr_boxes_reversed(&one->box);
    bitocr_status status = bitocr_page_read_box(r, s, 2 * i + 1, error);
    if (other->score > one->score)
        swap(one, other);
    other->score = 0;
    return status;
}

/* Is most of it letters? Digits and marks above each other are a list of numbers. */
static bool has_letters(const page_reading *one) {
    int letters = 0;
    for (int i = 0; i < one->count; i++) {
        uint32_t c = one->glyphs[i].character;
        letters += bitocr_glyphs_is_wide(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
    }
    return 2 * letters > one->count;
}

/* Are there hardly any characters for its length? */
static bool is_sparse(const page_reading *one) {
    return one->count * SPARSE * one->box.height < one->box.length;
}

/* Reads line i as a column of characters that stand upright above each other, in a box that is
 * enlarged by so many heights. */
static bitocr_status read_column(const page_request *r, session *s, int i, double more,
                                 bitocr_error *error) {
    const box_reader reader = {r->model, r->image, &r->decoding, s, r->page->results};
    page_reading *one = &r->readings[2 * i], *other = one + 1;
    other->box = one->box.uy > 0 ? one->box : bitocr_boxes_reversed(&one->box);
    other->box = bitocr_boxes_grown(&other->box, more * one->box.height, more * one->box.height);
    bitocr_status status = bitocr_box_read_column(&reader, 2 * i + 1, other, error);
    bool is_better = other->score > one->score + BETTER || (is_sparse(one) && !is_sparse(other));
    if (is_better && other->score > r->min_score && has_letters(other))
        swap(one, other);
    other->score = 0;
    return status;
}

/* The same; in a photograph its box may be too narrow. */
static bitocr_status read_columns(const page_request *r, session *s, int i, bitocr_error *error) {
    const page_reading *one = &r->readings[2 * i];
    bitocr_status status = read_column(r, s, i, WIDER, error);
    if (status == BITOCR_OK && one->score < PAGE_SURE && !one->box.is_column &&
        r->found <= FEW_LINES)
        status = read_column(r, s, i, GROWN - 1, error);
    return status;
}

/* Reads line i as two lines above each other, where these are text. */
static bitocr_status read_parts(const page_request *r, session *s, int i, bitocr_error *error) {
    page_reading *one = &r->readings[2 * i], *other = one + 1;
    page_box whole = one->box, upper, lower;
    if (!bitocr_box_part(s, &whole, &upper, &lower))
        return BITOCR_OK;
    one->box = upper;
    other->box = lower;
    bitocr_status status = bitocr_page_read_box(r, s, 2 * i, error);
    if (status == BITOCR_OK)
        status = bitocr_page_read_box(r, s, 2 * i + 1, error);
    if (one->score < r->min_score || other->score < r->min_score) {
        one->score = other->score = 0;
        one->box = whole;
    }
    return status;
}

/* Reads line i in a larger box, too, and keeps what is clearly better: in photographs boxes may be
 * too low. */
static bitocr_status read_grown(const page_request *r, session *s, int i, bitocr_error *error) {
    page_reading *one = &r->readings[2 * i], *other = one + 1;
    double more = (GROWN - 1) * one->box.height;
    other->box = bitocr_boxes_grown(&one->box, more, more);
    bitocr_status status = bitocr_page_read_box(r, s, 2 * i + 1, error);
    if (other->score > one->score + BETTER && other->score > SECOND)
        swap(one, other);
    other->score = 0;
    return status;
}

/* Is there more in the second reading than in the first one, and as surely read? */
static bool has_more(const page_reading *one, const page_reading *other) {
    float added = (float)(other->count - one->count);
    return added > 0 &&
           other->score * (float)other->count > one->score * (float)one->count + WELL * added;
}

/* Reads on beyond an end of a curved line, as long as there is more: the detector misses letters
 * that lean far. */
static bitocr_status read_on(const page_request *r, session *s, int i, bool at_end,
                             bitocr_error *error) {
    page_reading *one = &r->readings[2 * i], *other = one + 1;
    bitocr_status status = BITOCR_OK;
    for (int k = 0; k < FURTHER && status == BITOCR_OK; k++) {
        double more = FURTHER_BY * one->box.height;
        curve_place end = bitocr_curve_at(&one->box, at_end ? one->box.length + more : -more);
        if (bitocr_curve_contains(&one->box, end.x, end.y))
            break; /* it is a circle */
        other->box = one->box;
        bitocr_curve_grow(&other->box, at_end ? 0 : more, at_end ? more : 0);
        status = bitocr_page_read_box(r, s, 2 * i + 1, error);
        if (!has_more(one, other))
            break;
        swap(one, other);
    }
    other->score = 0;
    return status;
}

bitocr_status bitocr_page_read_line(const page_request *r, session *s, int i, bitocr_error *error) {
    page_reading *one = &r->readings[2 * i];
    one[1].score = 0;
    bitocr_status status = bitocr_page_read_box(r, s, 2 * i, error);
    if (status != BITOCR_OK)
        return status;
    bool is_across = fabs(one->box.ux * r->uy - one->box.uy * r->ux) > ACROSS;
    if (is_across)
        status = read_reversed(r, s, i, error);
    bool is_unsure = one->score < PAGE_SURE || is_sparse(one);
    if (status == BITOCR_OK && is_unsure && fabs(one->box.uy) > ACROSS)
        status = read_columns(r, s, i, error);
    if (status != BITOCR_OK || is_across || one->box.is_column)
        return status;
    if (one->score < r->min_score && one->count)
        status = read_parts(r, s, i, error);
    if (status == BITOCR_OK && !one[1].score && one->score < PAGE_SURE && r->found <= FEW_LINES)
        status = read_grown(r, s, i, error);
    bool goes_on = one->box.is_curved && one->score >= r->min_score && r->found <= FEW_LINES;
    for (int end = 0; end < 2 && status == BITOCR_OK && goes_on; end++)
        status = read_on(r, s, i, end, error);
    return status;
}
