/* The lines of a page, read in its boxes by a pool's threads. */
#ifndef BITOCR_API_PAGE_LINES_H
#define BITOCR_API_PAGE_LINES_H

#include "api/read_box.h"

/* The mean score of what nobody need try in another way. */
#define PAGE_SURE 0.85F

/* A page that is read. Each found line has two readings, the second for what it is parted
 * into; some more stand behind them. */
typedef struct {
    bitocr_model *model;
    pool *threads;
    const bitocr_image *image;
    bitocr_decoding decoding;
    bitocr_page *page;
    page_reading *readings;
    int found, done; /* lines, and how many of them were read before */
    bool is_upright; /* nobody need find out */
    bool may_be_blank;
    const int *tried; /* of the found lines */
    float min_score;
    double ux, uy;
    mutex lock; /* guards the two below */
    bitocr_status status;
    bitocr_error error;
} page_request;

/* Reads boxes of lines, finds out which way is up, leaves out what is no text, and puts what is
 * left into the page in reading order. */
bitocr_status bitocr_page_read_lines(page_request *r, const page_box *boxes, int found,
                                     bitocr_error *error);

/* Used by it. Reads the box of reading i. */
bitocr_status bitocr_page_read_box(const page_request *r, session *s, int i, bitocr_error *error);

/* Reads line i, and where that is not sure tries other boxes for it. */
bitocr_status bitocr_page_read_line(const page_request *r, session *s, int i, bitocr_error *error);

/* Of lines that two looks saw, and which lie on each other, keeps those that are read better. */
void bitocr_page_choose(page_request *r);

/* Reads what stands above each other as columns, where that is as good. */
bitocr_status bitocr_page_read_stacks(const page_request *r, bitocr_error *error);

/* Moves readings of text to the front; returns how many there are. */
int bitocr_page_keep_text(const page_request *r);

#endif
