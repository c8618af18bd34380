/* Reads the lines of a page in their boxes, with a pool's threads. */
#ifndef BITOCR_API_PAGE_LINES_H
#define BITOCR_API_PAGE_LINES_H

#include "api/detector.h"
#include "api/read_box.h"

/* A mean score from which no other way is tried. */
#define PAGE_SURE 0.85F

/* A page while it is read. Each found line has two readings: the second one holds another try, or
 * the lower half of a split line. A few more follow behind them. */
typedef struct {
    const bitocr_detector *detector; /* NULL: the lines are given */
    finder *finder;
    bitocr_model *model;
    pool *threads;
    const bitocr_image *image;
    bitocr_decoding decoding;
    bitocr_page *page;
    page_reading *readings;
    int found, done; /* lines, and how many of them are already read */
    int room;        /* for lines: more are found by looking again */
    bool is_upright; /* this is known, so it is not read upside down */
    bool may_be_blank;
    bool is_photo;    /* with few lines, so that doubtful ones are looked at again */
    const int *tried; /* the found lines that are read upside down; NULL: none */
    float min_score;
    double ux, uy;
    mutex lock; /* guards `status` and `error` */
    bitocr_status status;
    bitocr_error error;
} page_request;

/* Reads boxes of lines, finds out which way is up, drops what is not text, and puts the rest into
 * the page in reading order. */
bitocr_status bitocr_page_read_lines(page_request *r, const page_box *boxes, int found,
                                     bitocr_error *error);

/* Used by bitocr_page_read_lines. Reads the box of reading i. */
bitocr_status bitocr_page_read_box(const page_request *r, session *s, int i, bitocr_error *error);

/* Reads line i, and tries other boxes if that reading is unsure. */
bitocr_status bitocr_page_read_line(const page_request *r, session *s, int i, bitocr_error *error);

/* Looks again at doubtful lines of a photograph, and appends what it finds to the lines. */
bitocr_status bitocr_page_look_again(page_request *r, bitocr_error *error);

/* If lines from two looks overlap, keeps those that are read better. */
void bitocr_page_choose(page_request *r);

/* Reads pieces that stand above each other as columns, if that is as good. */
bitocr_status bitocr_page_read_stacks(const page_request *r, bitocr_error *error);

/* Drops what is rather a symbol or a pattern than text: a doubtful letter alone, and doubtful short
 * words at the ends of a line. */
void bitocr_page_drop_symbols(page_reading *one);

/* Moves readings of text to the front. Returns how many there are. */
int bitocr_page_keep_text(const page_request *r);

#endif
