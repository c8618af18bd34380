/* One line of a page, from its box to its characters' boxes. */
#ifndef BITOCR_API_READ_BOX_H
#define BITOCR_API_READ_BOX_H

#include "api/line.h"
#include "api/page.h"

/* Reads what is in out->box, with memory of the results' line `slot`. Where nothing can be read the
 * score is 0. */
bitocr_status bitocr_box_read(const bitocr_model *model, const bitocr_image *image,
                              const bitocr_decoding *decoding, session *s, bitocr_results *results,
                              int slot, page_reading *out, bitocr_error *error);

/* Right after it: are there two lines of text in the box, so that `upper` and `lower` hold one
 * each? */
bool bitocr_box_part(const session *s, const page_box *box, page_box *upper, page_box *lower);

#endif
