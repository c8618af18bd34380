/* Reads one line of a page, from its box to its characters' boxes. */
#ifndef BITOCR_API_READ_BOX_H
#define BITOCR_API_READ_BOX_H

#include "api/line.h"
#include "api/page.h"

#define PAGE_PAD 0.12 /* heights around a line's box that are read too */

/* What a thread needs to read a box. */
typedef struct {
    const bitocr_model *model;
    const bitocr_image *image;
    const bitocr_decoding *decoding;
    session *s;
    bitocr_results *results;
} box_reader;

/* Reads the text in out->box, in the memory of line `slot` of the results. If nothing can be read,
 * the score is 0. */
bitocr_status bitocr_box_read(const box_reader *r, int slot, page_reading *out,
                              bitocr_error *error);

/* The same for a column of upright characters, whose box runs down. If it holds text, the box is
 * turned to run along the characters' rows. */
bitocr_status bitocr_box_read_column(const box_reader *r, int slot, page_reading *out,
                                     bitocr_error *error);

/* Used by these two. The box with the margin that is read too. */
page_box bitocr_box_padded(const page_box *box);

/* Cuts the crop of a box out of the image. */
bitocr_status bitocr_box_take(const box_reader *r, const page_box *box, warped *crop,
                              bitocr_error *error);

/* Reads the characters in a crop, with their middles in columns of the recognizer's input, which is
 * `width` wide, and finds the ink there. If nothing can be read, there are no characters. */
bitocr_status bitocr_box_read_crop(const box_reader *r, const warped *crop, int slot,
                                   page_reading *out, int *width, bitocr_error *error);

/* Finds the ink in the recognizer's input. */
bitocr_status bitocr_box_find_ink(const box_reader *r, const warped *crop, int width,
                                  bitocr_error *error);

/* Call it right after bitocr_box_read. Does the box hold two lines of text? Then `upper` and
 * `lower` become their boxes. */
bool bitocr_box_part(const session *s, const page_box *box, page_box *upper, page_box *lower);

#endif
