/* Reads one line of a page in its box, and in other boxes if that reading is unsure. */
#include <math.h>

#include "api/page_lines.h"
#include "page/curve.h"

enum {
    FEW_LINES = 40, /* a page with more lines gets no second tries */
    FURTHER = 4     /* how often a curved line is lengthened at an end */
};
static const float SECOND = 0.75F, /* the least mean score of a second try */
    BETTER = 0.05F,                /* how much better its mean score must be */
    WELL = 0.4F;                   /* the least mean score of what a longer line adds */
static const double WIDER = 0.2,   /* heights by which a column is wider than its box */
    GROWN = 1.4,                   /* how many times larger the box of a second try is */
    FURTHER_BY = 1.5,              /* heights by which a curved line is lengthened */
    SPARSE = 3,                    /* heights for each character: so sparse a line is misread */
    ACROSS = 0.7; /* sine of the angle to the page's lines: text across them may run either way */

bitocr_status bitocr_page_read_box(const page_request *r, session *s, int i, bitocr_error *error) {
    const box_reader reader = {r->model, r->image, &r->decoding, s, r->page->results};
    return bitocr_box_read(&reader, i, &r->readings[i], error);
}

static void swap(page_reading *a, page_reading *b) {
    page_reading held = *a;
    *a = *b;
    *b = held;
}

/* Reads line i in the other direction too, and keeps the better reading. */
static bitocr_status read_reversed(const page_request *r, session *s, int i, bitocr_error *error) {
    page_reading *one = &r->readings[2 * i], *other = one + 1;
    other->box = bitocr_boxes_reversed(&one->box);
    bitocr_status status = bitocr_page_read_box(r, s, 2 * i + 1, error);
    if (other->score > one->score)
        swap(one, other);
    other->score = 0;
    return status;
}

/* Are most characters letters? A stack of digits and marks is a list of numbers, not a column. */
static bool has_letters(const page_reading *one) {
    int letters = 0;
    for (int i = 0; i < one->count; i++) {
        uint32_t c = one->glyphs[i].character;
        letters += bitocr_glyphs_is_wide(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
    }
    return 2 * letters > one->count;
}

/* Does it have too few characters for its length? */
static bool is_sparse(const page_reading *one) {
    return one->count * SPARSE * one->box.height < one->box.length;
}

/* Reads line i as a column of upright characters, in a box that is enlarged by `more` heights. */
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

/* Reads line i as a column. In a photograph its box may be too narrow, so it tries a wider one
 * too. */
static bitocr_status read_columns(const page_request *r, session *s, int i, bitocr_error *error) {
    const page_reading *one = &r->readings[2 * i];
    bitocr_status status = read_column(r, s, i, WIDER, error);
    if (status == BITOCR_OK && one->score < PAGE_SURE && !one->box.is_column &&
        r->found <= FEW_LINES)
        status = read_column(r, s, i, GROWN - 1, error);
    return status;
}

/* Splits line i into two lines, one above the other, if both are text. */
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

/* Reads line i in a larger box too, and keeps that reading if it is clearly better: in photographs
 * boxes may be too low. */
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

/* Does the second reading have more characters, read as surely? */
static bool has_more(const page_reading *one, const page_reading *other) {
    float added = (float)(other->count - one->count);
    return added > 0 &&
           other->score * (float)other->count > one->score * (float)one->count + WELL * added;
}

/* Lengthens a curved line at one end as long as that adds text: the detector misses letters that
 * lean far. */
static bitocr_status read_on(const page_request *r, session *s, int i, bool at_end,
                             bitocr_error *error) {
    page_reading *one = &r->readings[2 * i], *other = one + 1;
    bitocr_status status = BITOCR_OK;
    for (int k = 0; k < FURTHER && status == BITOCR_OK; k++) {
        double more = FURTHER_BY * one->box.height;
        curve_place end = bitocr_curve_at(&one->box, at_end ? one->box.length + more : -more);
        if (bitocr_curve_contains(&one->box, end.x, end.y))
            break; /* the line is a full circle */
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
