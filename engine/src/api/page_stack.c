/* Joins characters above each other that were found one by one or a few at a time, as on signs.
 * They are read as a column if that gives as many characters or more. */
#include <math.h>

#include "api/page_lines.h"
#include "base/error.h"
#include "page/column.h"

enum { MOST_PIECES = 40 };          /* on a page with more lines, columns are not looked for */
static const double ASIDE = 0.35,   /* widths between the middles of two pieces, at most */
    LIKE = 1.6,                     /* how many times wider one may be than the other */
    WHITE = 1.1,                    /* widths of white between them, at most */
    COVERED = -0.4,                 /* or if they overlap, widths of the overlap */
    SQUARE = 1.8,                   /* a lone character is at most so many times wider than high */
    HIGH = 0.9,                     /* but it counts as at least so many widths high */
    LEVEL = 0.5, CLOSER = 1.15;     /* a neighbour at the side that is so near makes it a row */
static const float AS_GOOD = 0.03F; /* how much lower the mean score of a column may be */

/* A piece of a column: a line, measured along its upright characters. */
typedef struct {
    int line;
    double x, y, width, height;
    int below; /* the piece under it; -1: none */
    bool is_first;
} piece;

typedef struct {
    int count;
    piece pieces[MOST_PIECES];
} stack;

static piece piece_of(const page_reading *one, int line) {
    const page_box *b = &one->box;
    bool is_lying = !b->is_column && fabs(b->uy) > fabs(b->ux);
    double width = is_lying ? b->height : b->length, height = is_lying ? b->length : b->height;
    bool is_lone = width < SQUARE * height;
    return (piece){line, b->x, b->y, width, is_lone ? fmax(height, HIGH * width) : height,
                   -1,   true};
}

/* Finds the lines that may be pieces: no wider than a character, and upright. */
static void find_pieces(const page_request *r, stack *s) {
    s->count = 0;
    for (int i = 0; i < r->found; i++) {
        const page_box *b = &r->readings[2 * i].box;
        piece p = piece_of(&r->readings[2 * i], i);
        if (!b->is_curved && HIGH * p.width <= p.height && fmin(fabs(b->ux), fabs(b->uy)) < ASIDE)
            s->pieces[s->count++] = p;
    }
}

/* Is it not text, but the foot of one character and the head of the next? */
static bool is_between(const page_request *r, const stack *s, const piece *p) {
    if (r->readings[2 * p->line].score >= r->min_score)
        return false;
    for (int i = 0; i < s->count; i++) {
        const piece *q = &s->pieces[i];
        if (r->readings[2 * q->line].score >= r->min_score &&
            fabs(p->y - q->y) < (p->height + q->height) / 2 &&
            fabs(p->x - q->x) < (p->width + q->width) / 2)
            return true;
    }
    return false;
}

static void drop_between(const page_request *r, stack *s) {
    bool is_dropped[MOST_PIECES];
    int kept = 0;
    for (int i = 0; i < s->count; i++)
        is_dropped[i] = is_between(r, s, &s->pieces[i]);
    for (int i = 0; i < s->count; i++)
        if (!is_dropped[i])
            s->pieces[kept++] = s->pieces[i];
    s->count = kept;
}

static double white_between(const piece *a, const piece *b) {
    return b->y - a->y - (a->height + b->height) / 2;
}

static bool is_below(const piece *a, const piece *b) {
    double width = fmax(a->width, b->width), white = white_between(a, b);
    return fabs(a->x - b->x) < ASIDE * width && width < LIKE * fmin(a->width, b->width) &&
           b->y > a->y && white > COVERED * width && white < WHITE * width;
}

/* Is a piece of the same size beside it as near as the one below? */
static bool is_in_row(const stack *s, const piece *p, double pitch) {
    for (int i = 0; i < s->count; i++) {
        const piece *q = &s->pieces[i];
        double away = fabs(q->x - p->x) - (q->width - p->width) / 2;
        if (q->line != p->line && fabs(q->y - p->y) < LEVEL * p->height &&
            q->width < LIKE * p->width && away < CLOSER * pitch)
            return true;
    }
    return false;
}

static void link_pieces(stack *s) {
    for (int i = 0; i < s->count; i++) {
        piece *a = &s->pieces[i];
        for (int k = 0; k < s->count; k++)
            if (is_below(a, &s->pieces[k]) &&
                (a->below < 0 || s->pieces[k].y < s->pieces[a->below].y))
                a->below = k;
        if (a->below >= 0)
            s->pieces[a->below].is_first = false;
    }
}

/* The box of the column that begins with a piece, running down. False: there is no column. */
static bool box_of(const stack *s, int first, page_box *box) {
    const piece *top = &s->pieces[first], *p = top;
    double width = p->width;
    while (p->below >= 0) {
        const piece *next = &s->pieces[p->below];
        double pitch = white_between(p, next) + fmin(p->width, next->width);
        if (is_in_row(s, p, pitch) || is_in_row(s, next, pitch))
            return false;
        width = fmax(width, next->width);
        p = next;
    }
    double x = p->x - top->x, y = p->y - top->y, length = sqrt(x * x + y * y);
    if (p == top || !(length > 0))
        return false;
    double above = top->height / 2, below = p->height / 2, middle = (length + below - above) / 2;
    *box = (page_box){.x = top->x + middle * x / length,
                      .y = top->y + middle * y / length,
                      .ux = x / length,
                      .uy = y / length,
                      .length = length + above + below,
                      .height = width,
                      .score = 1};
    return true;
}

static bool is_han(const page_reading *one) {
    int wide = 0;
    for (int i = 0; i < one->count; i++)
        wide += bitocr_glyphs_is_wide(one->glyphs[i].character);
    return 2 * wide > one->count;
}

/* Is the whole column read as well as its pieces? */
static bool is_better(const page_request *r, const stack *s, int first, const page_reading *whole) {
    float sum = 0;
    int count = 0;
    for (int i = first; i >= 0; i = s->pieces[i].below) {
        const page_reading *one = &r->readings[2 * s->pieces[i].line];
        if (one->score < r->min_score)
            continue;
        sum += one->score * (float)one->count;
        count += one->count;
    }
    return whole->score >= r->min_score && is_han(whole) && whole->count >= count &&
           whole->count > 1 && whole->score > (count ? sum / (float)count : 0) - AS_GOOD;
}

/* Reads the column that begins with a piece. If that is better, it replaces the pieces. */
static bitocr_status read_stack(const page_request *r, session *s, const stack *all, int first,
                                bitocr_error *error) {
    const box_reader reader = {r->model, r->image, &r->decoding, s, r->page->results};
    int slot = 2 * all->pieces[first].line + 1;
    page_reading *whole = &r->readings[slot];
    if (whole->score > 0 || !box_of(all, first, &whole->box))
        return BITOCR_OK;
    bitocr_status status = bitocr_box_read_column(&reader, slot, whole, error);
    bool is_kept = status == BITOCR_OK && is_better(r, all, first, whole);
    for (int i = first; is_kept && i >= 0; i = all->pieces[i].below)
        r->readings[2 * all->pieces[i].line].score = 0;
    whole->score = is_kept ? whole->score : 0;
    return status;
}

bitocr_status bitocr_page_read_stacks(const page_request *r, bitocr_error *error) {
    stack all;
    if (r->found > MOST_PIECES || r->found < 2)
        return BITOCR_OK;
    find_pieces(r, &all);
    drop_between(r, &all);
    link_pieces(&all);
    session *s = bitocr_session_take(r->model);
    if (!s)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    bitocr_status status = BITOCR_OK;
    for (int i = 0; i < all.count && status == BITOCR_OK; i++)
        if (all.pieces[i].is_first && all.pieces[i].below >= 0)
            status = read_stack(r, s, &all, i, error);
    bitocr_session_return(r->model, s);
    return status;
}
