/* One line of a page, from its box to its characters' boxes. */
#ifndef BITOCR_API_READ_BOX_H
#define BITOCR_API_READ_BOX_H

#include "api/line.h"
#include "api/page.h"

#define PAGE_PAD 0.12 /* heights around a line's box that are read with it */

/* What reads a box. */
typedef struct {
    const bitocr_model *model;
    const bitocr_image *image;
    const bitocr_decoding *decoding;
    session *s;
    bitocr_results *results;
} box_reader;

/* Reads what is in out->box, with memory of the results' line `slot`. Where nothing can be read the
 * score is 0. */
bitocr_status bitocr_box_read(const box_reader *r, int slot, page_reading *out,
                              bitocr_error *error);

/* The same of a column of upright characters, whose box runs down. Where it holds some, the box
 * becomes one along their rows. */
bitocr_status bitocr_box_read_column(const box_reader *r, int slot, page_reading *out,
                                     bitocr_error *error);

/* Used by them. A box with what is read around it. */
page_box bitocr_box_padded(const page_box *box);

/* The picture of a box. */
bitocr_status bitocr_box_take(const box_reader *r, const page_box *box, warped *crop,
                              bitocr_error *error);

/* The characters in a picture, with their middles in columns of the recognizer's input of `width`,
 * and the ink in that; no characters where nothing can be read. */
bitocr_status bitocr_box_read_crop(const box_reader *r, const warped *crop, int slot,
                                   page_reading *out, int *width, bitocr_error *error);

/* The ink in the recognizer's input. */
bitocr_status bitocr_box_find_ink(const box_reader *r, const warped *crop, int width,
                                  bitocr_error *error);

/* Right after bitocr_box_read: are there two lines of text in the box, so that `upper` and `lower`
 * hold one each? */
bool bitocr_box_part(const session *s, const page_box *box, page_box *upper, page_box *lower);

#endif
