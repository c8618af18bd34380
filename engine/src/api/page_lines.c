#include "api/page_lines.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum {
    SAMPLE = 100,   /* the most certain lines, which are read first */
    MOST_MORE = 40, /* lines that looking again may find */
    FEWEST = 5,     /* if less than one in so many of them is text, the page is noise */
    TRIED = 10,     /* the most lines that are read both ways to find out which way is up */
    TELLING = 4, /* the fewest characters of such a line: 06 is text either way, and so is noise */
    LEAST_AGREE = 3 /* lines that must agree before a page is turned */
};
static const float BETTER = 0.05F; /* by which the mean score of the other way must be better */

static bitocr_status out_of_memory(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

static void keep_error(page_request *r, bitocr_status status, const bitocr_error *error) {
    mutex_lock(&r->lock);
    r->status = status;
    r->error = *error;
    mutex_unlock(&r->lock);
}

/* One job of the pool: reads a line, or while `tried` is set, a line upside down. */
static void work(void *context, int i) {
    page_request *r = context;
    bitocr_error error = {sizeof error, ""};
    session *s = bitocr_session_take(r->model);
    bitocr_status status = BITOCR_ERROR_MEMORY;
    if (s) {
        status = r->tried ? bitocr_page_read_box(r, s, 2 * r->found + i, &error)
                          : bitocr_page_read_line(r, s, r->done + i, &error);
        bitocr_session_return(r->model, s);
    } else {
        out_of_memory(&error);
    }
    if (status != BITOCR_OK)
        keep_error(r, status, &error);
}

static bitocr_status run(page_request *r, int count, bitocr_error *error) {
    bitocr_pool_run(r->threads, work, r, count);
    return r->status == BITOCR_OK ? r->status
                                  : bitocr_fail(error, r->status, "%s", r->error.message);
}

/* The mean score of the characters in lines of text; 0 if most characters are in other lines. */
static float page_score(const page_request *r) {
    double sum = 0, count = 0, others = 0;
    for (int i = 0; i < r->found; i++) {
        const page_reading *one = &r->readings[2 * i];
        bool is_text = one->score >= r->min_score;
        sum += is_text ? (double)one->score * one->count : 0;
        *(is_text ? &count : &others) += one->count;
    }
    return count > others ? (float)(sum / count) : 0;
}

/* Turns a box upside down. A column gets back the box that was found. */
static page_box reversed(const page_box *box) {
    page_box out = bitocr_boxes_reversed(box);
    if (!box->is_column)
        return out;
    out.ux = -box->uy;
    out.uy = box->ux;
    out.length = box->height;
    out.height = box->length;
    out.is_column = false;
    return out;
}

/* The longest lines with several characters, longest first. Returns how many there are. */
static int find_longest(const page_request *r, int tried[TRIED]) {
    int count = 0;
    for (int i = 0; i < r->found; i++) {
        if (r->readings[2 * i].count < TELLING)
            continue;
        int at = count < TRIED ? count++ : TRIED;
        double length = r->readings[2 * i].box.length;
        while (at > 0 && r->readings[2 * tried[at - 1]].box.length < length) {
            if (at < TRIED)
                tried[at] = tried[at - 1];
            at--;
        }
        if (at < TRIED)
            tried[at] = i;
    }
    return count;
}

/* Is the page upside down? Reads its longest lines that way to find out. */
static bitocr_status try_reversed(page_request *r, bool *is_reversed, bitocr_error *error) {
    int tried[TRIED], count = find_longest(r, tried), agree = 0;
    float sum = 0, characters = 0;
    *is_reversed = false;
    if (count < LEAST_AGREE)
        return BITOCR_OK;
    page_reading *others = &r->readings[2 * r->found];
    for (int i = 0; i < count; i++)
        others[i].box = reversed(&r->readings[2 * tried[i]].box);
    r->tried = tried;
    bitocr_status status = run(r, count, error);
    r->tried = NULL;
    for (int i = 0; i < count; i++) {
        const page_reading *one = &r->readings[2 * tried[i]];
        float better = others[i].score - one->score;
        if (others[i].score < r->min_score && one->score < r->min_score)
            continue; /* noise either way */
        sum += better * (float)one->count;
        characters += (float)one->count;
        agree += better > 0;
    }
    *is_reversed = agree >= LEAST_AGREE && sum > BETTER * characters;
    return status;
}

/* Reads all lines, but only some on a page of noise. */
static bitocr_status read_each(page_request *r, bitocr_error *error) {
    int sample = r->found < SAMPLE ? r->found : SAMPLE, good = 0;
    r->done = 0;
    bitocr_status status = run(r, sample, error);
    for (int i = 0; i < sample; i++)
        good += r->readings[2 * i].score >= r->min_score;
    r->done = sample;
    if (status != BITOCR_OK || FEWEST * good < sample)
        return status;
    return run(r, r->found - sample, error);
}

/* Are most characters in columns? Then the page is upright. */
static bool set_columns_upright(page_request *r) {
    int columns = 0, others = 0;
    for (int i = 0; i < r->found; i++) {
        const page_reading *one = &r->readings[2 * i];
        if (one->score >= r->min_score)
            *(one->box.is_column ? &columns : &others) += one->count;
    }
    if (columns <= others)
        return false;
    if (fabs(r->uy) > fabs(r->ux)) {
        double sign = r->uy < 0 ? -1 : 1, ux = r->ux;
        r->ux = sign * r->uy;
        r->uy = -sign * ux;
    }
    return true;
}

static bitocr_status read_all(page_request *r, bitocr_error *error) {
    bool is_reversed = false;
    bitocr_status status = read_each(r, error);
    bool has_columns = set_columns_upright(r);
    if (status == BITOCR_OK && !has_columns && !r->is_upright && page_score(r) < PAGE_SURE)
        status = try_reversed(r, &is_reversed, error);
    if (status != BITOCR_OK || !is_reversed)
        return status;
    r->ux = -r->ux;
    r->uy = -r->uy;
    for (int i = 0; i < r->found; i++)
        r->readings[2 * i].box = reversed(&r->readings[2 * i].box);
    return read_each(r, error);
}

/* Looks again at doubtful lines, and reads what that finds. */
static bitocr_status read_more(page_request *r, bitocr_error *error) {
    r->done = r->found;
    bitocr_status status = bitocr_page_look_again(r, error);
    return status == BITOCR_OK ? run(r, r->found - r->done, error) : status;
}

static int compare(const void *a, const void *b) {
    const page_box *p = a, *q = b;
    const double keys[3][2] = {{q->score, p->score}, {p->y, q->y}, {p->x, q->x}};
    for (int i = 0; i < 3; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

/* The boxes, most certain ones first. NULL: out of memory. */
static page_box *sorted(bitocr_page *page, const page_box *boxes, int count) {
    size_t n = (size_t)count;
    if (!bitocr_buffer_reserve(&page->boxes, n, sizeof *boxes))
        return NULL;
    page_box *out = page->boxes.memory;
    for (size_t i = 0; i < n && out != boxes; i++)
        out[i] = boxes[i];
    qsort(out, n, sizeof *out, compare);
    return out;
}

bitocr_status bitocr_page_read_lines(page_request *r, const page_box *boxes, int found,
                                     bitocr_error *error) {
    bitocr_page *page = r->page;
    r->found = found;
    r->room = found + (r->detector ? MOST_MORE : 0);
    int count = 2 * r->room + TRIED;
    if (!page->results && !(page->results = bitocr_results_create()))
        return out_of_memory(error);
    r->readings = bitocr_page_begin(page, count);
    boxes = sorted(page, boxes, found);
    if (!r->readings || !boxes)
        return out_of_memory(error);
    bitocr_status status = bitocr_results_begin(page->results, count, error);
    for (int i = 0; i < found; i++)
        r->readings[2 * i].box = boxes[i];
    mutex_init(&r->lock);
    if (status == BITOCR_OK)
        status = read_all(r, error);
    if (status == BITOCR_OK)
        status = read_more(r, error);
    mutex_destroy(&r->lock);
    bitocr_page_choose(r);
    if (status == BITOCR_OK)
        status = bitocr_page_read_stacks(r, error);
    if (status == BITOCR_OK && !bitocr_page_build(page, bitocr_page_keep_text(r), r->ux, r->uy))
        status = out_of_memory(error);
    return status;
}
