/* Builds the lines, words and characters of a page from its readings. */
#include <math.h>
#include <string.h>

#include "api/page.h"
#include "base/utf8.h"
#include "page/curve.h"

/* Appends characters. False: out of memory. */
static bool add_text(bitocr_page *page, const char *text, size_t bytes) {
    if (!bitocr_buffer_reserve(&page->text, page->text_bytes + bytes, 1))
        return false;
    memcpy((char *)page->text.memory + page->text_bytes, text, bytes);
    page->text_bytes += bytes;
    return true;
}

static bool add_glyphs(bitocr_page *page, const page_glyph *glyphs, int count) {
    for (int i = 0; i < count; i++) {
        char text[4];
        if (!add_text(page, text, bitocr_utf8_encode(glyphs[i].character, text)))
            return false;
    }
    return true;
}

/* The part of a box from `left` to `right` along it and from `top` to `bottom` across it. */
static bitocr_quad part_of(const page_box *box, double left, double top, double right,
                           double bottom) {
    if (box->is_curved)
        return bitocr_curve_part(box, left, top, right, bottom);
    page_box part = *box;
    double along = (left + right - box->length) / 2, across = (top + bottom - box->height) / 2;
    part.x += along * box->ux - across * box->uy;
    part.y += along * box->uy + across * box->ux;
    part.length = right - left;
    part.height = bottom - top;
    return bitocr_boxes_quad(&part);
}

static bool add_char(bitocr_page *page, const page_box *box, const page_glyph *g) {
    if (!bitocr_buffer_reserve(&page->chars, (size_t)page->char_count + 1,
                               sizeof(bitocr_page_char)))
        return false;
    bitocr_page_char *chars = page->chars.memory;
    chars[page->char_count++] = (bitocr_page_char){
        g->character, g->score, part_of(box, g->left, g->top, g->right, g->bottom)};
    return true;
}

static float mean_score(const page_glyph *glyphs, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += glyphs[i].score;
    return count ? (float)(sum / count) : 0;
}

static bool add_word(bitocr_page *page, const page_box *box, const page_glyph *glyphs, int count) {
    if (!bitocr_buffer_reserve(&page->words, (size_t)page->word_count + 1, sizeof(bitocr_word)))
        return false;
    bitocr_word *word = (bitocr_word *)page->words.memory + page->word_count++;
    size_t start = page->text_bytes;
    double left = glyphs[0].left, right = glyphs[0].right;
    for (int i = 1; i < count; i++) {
        left = fmin(left, glyphs[i].left);
        right = fmax(right, glyphs[i].right);
    }
    *word = (bitocr_word){.confidence = mean_score(glyphs, count),
                          .quad = part_of(box, left, 0, right, box->height),
                          .char_count = (size_t)count};
    for (int i = 0; i < count; i++)
        if (!add_char(page, box, &glyphs[i]))
            return false;
    if (!add_glyphs(page, glyphs, count))
        return false;
    word = (bitocr_word *)page->words.memory + page->word_count - 1;
    word->text_bytes = page->text_bytes - start;
    return add_text(page, "", 1);
}

/* The end of the word that begins with glyph i. */
static int word_end(const page_reading *r, int i) {
    for (i++; i < r->count && !r->glyphs[i].is_first; i++)
        ;
    return i;
}

static bool add_words(bitocr_page *page, const page_reading *r, bitocr_page_line *line) {
    for (int i = 0, end; i < r->count; i = end) {
        end = word_end(r, i);
        if ((i && !add_text(page, " ", 1)) || !add_glyphs(page, r->glyphs + i, end - i))
            return false;
        line->word_count++;
    }
    return true;
}

/* The rectangle around a box. */
static bitocr_quad quad_of(const page_box *box) {
    page_box around = box->is_curved ? bitocr_curve_enclosing(box) : *box;
    return bitocr_boxes_quad(&around);
}

static bool add_line(bitocr_page *page, const page_reading *r, const page_place *place) {
    bitocr_page_line line = {.confidence = r->confidence,
                             .quad = quad_of(&r->box),
                             .block = place->block,
                             .paragraph = place->paragraph,
                             .row = place->row};
    size_t start = page->text_bytes;
    if (!add_words(page, r, &line))
        return false;
    line.text_bytes = page->text_bytes - start;
    if (!add_text(page, "", 1) ||
        !bitocr_buffer_reserve(&page->lines, (size_t)page->line_count + 1, sizeof line))
        return false;
    ((bitocr_page_line *)page->lines.memory)[page->line_count++] = line;
    for (int i = 0, end; i < r->count; i = end) {
        end = word_end(r, i);
        if (!add_word(page, &r->box, r->glyphs + i, end - i))
            return false;
    }
    return true;
}

/* The separator before a line in the page's text. */
static const char *break_between(const bitocr_page_line *a, const bitocr_page_line *b) {
    return a->row == b->row ? "\t" : a->paragraph == b->paragraph ? "\n" : "\n\n";
}

/* Appends the text of all lines. Returns where it begins. */
static bool add_whole_text(bitocr_page *page) {
    size_t from = 0;
    const bitocr_page_line *lines = page->lines.memory;
    const bitocr_word *word = page->words.memory;
    for (int i = 0; i < page->line_count; i++) {
        const char *gap = i ? break_between(&lines[i - 1], &lines[i]) : "";
        if (!add_text(page, gap, strlen(gap)))
            return false;
        size_t bytes = lines[i].text_bytes;
        if (!bitocr_buffer_reserve(&page->text, page->text_bytes + bytes + 1, 1) ||
            !add_text(page, (const char *)page->text.memory + from, bytes))
            return false;
        from += bytes + 1;
        for (size_t k = 0; k < lines[i].word_count; k++, word++)
            from += word->text_bytes + 1;
    }
    return add_text(page, "", 1);
}

/* Turns offsets into pointers, now that nothing moves any more. */
static void finish(bitocr_page *page, size_t text_start) {
    bitocr_page_line *lines = page->lines.memory;
    bitocr_word *word = page->words.memory;
    const bitocr_page_char *chars = page->chars.memory;
    const char *text = page->text.memory;
    page->info.text = text + text_start;
    page->info.text_bytes = page->text_bytes - text_start - 1;
    page->info.line_count = page->line_count;
    page->info.block_count = page->line_count ? lines[page->line_count - 1].block + 1 : 0;
    for (int i = 0; i < page->line_count; i++) {
        lines[i].text = text;
        text += lines[i].text_bytes + 1;
        lines[i].words = word;
        for (size_t k = 0; k < lines[i].word_count; k++, word++) {
            word->text = text;
            text += word->text_bytes + 1;
            word->chars = chars;
            chars += word->char_count;
        }
    }
}

/* The rectangle around lines `first` to `last` - 1, along (ux, uy). */
static bitocr_quad around(const bitocr_page_line *lines, int first, int last, double ux,
                          double uy) {
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int i = 0; i < 4 * (last - first); i++) {
        bitocr_point p = lines[first + i / 4].quad.corners[i % 4];
        double x = p.x * ux + p.y * uy, y = p.y * ux - p.x * uy;
        left = fmin(left, x);
        top = fmin(top, y);
        right = fmax(right, x);
        bottom = fmax(bottom, y);
    }
    double x = (left + right) / 2, y = (top + bottom) / 2;
    const page_box box = {.x = x * ux - y * uy,
                          .y = x * uy + y * ux,
                          .ux = ux,
                          .uy = uy,
                          .length = right - left,
                          .height = bottom - top};
    return bitocr_boxes_quad(&box);
}

static bool add_blocks(bitocr_page *page, double ux, double uy) {
    const bitocr_page_line *lines = page->lines.memory;
    int count = page->line_count ? lines[page->line_count - 1].block + 1 : 0;
    if (!bitocr_buffer_reserve(&page->blocks, (size_t)count, sizeof(bitocr_block)))
        return false;
    bitocr_block *blocks = page->blocks.memory;
    for (int i = 0, first = 0, last; i < count; i++, first = last) {
        for (last = first; last < page->line_count && lines[last].block == i; last++)
            ;
        blocks[i] = (bitocr_block){around(lines, first, last, ux, uy), first, last - first};
    }
    return true;
}

bool bitocr_page_build(bitocr_page *page, int count, double ux, double uy) {
    const page_reading *readings = page->readings.memory;
    if (!bitocr_buffer_reserve(&page->boxes, (size_t)count, sizeof(page_box)))
        return false;
    page_box *boxes = page->boxes.memory;
    for (int i = 0; i < count; i++)
        boxes[i] = bitocr_curve_straight(&readings[i].box);
    if (!bitocr_order_boxes(&page->order, boxes, count, ux, uy))
        return false;
    for (int i = 0; i < count; i++)
        if (!add_line(page, &readings[page->order.order[i]], &page->order.places[i]))
            return false;
    size_t start = page->text_bytes;
    if (!add_whole_text(page) || !add_blocks(page, ux, uy))
        return false;
    page->info.angle = (float)bitocr_page_degrees(ux, uy);
    finish(page, start);
    return true;
}
