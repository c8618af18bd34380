/* Builds a page line by line, in reading order. Its memory is kept from page to page. */
#ifndef BITOCR_API_PAGE_H
#define BITOCR_API_PAGE_H

#include "api/results.h"
#include "page/glyphs.h"
#include "page/order.h"

/* The reading of one box. Places are in pixels of the image. */
typedef struct {
    page_box box;
    float score; /* mean of its characters' scores; 0: no text */
    float confidence;
    int count;
    page_glyph *glyphs; /* with places along and across the box, from its top left */
    buffer memory;
} page_reading;

struct bitocr_page {
    bitocr_page_info info;
    buffer readings, lines, words, chars, text, blocks;
    int reading_room; /* readings whose memory is kept */
    int line_count, word_count, char_count;
    size_t text_bytes;
    page_order order;
    bitocr_results *results;
    buffer boxes;
};

/* Empties the page and makes room for `count` readings; NULL: out of memory. */
page_reading *bitocr_page_begin(bitocr_page *page, int count);

/* Adds the first `count` readings to the page as lines, in reading order, and completes it. The
 * text runs along (ux, uy). */
bool bitocr_page_build(bitocr_page *page, int count, double ux, double uy);

#endif
