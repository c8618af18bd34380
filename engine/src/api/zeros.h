/* Tells O from 0 in codes by the widths of the ink. */
#ifndef BITOCR_API_ZEROS_H
#define BITOCR_API_ZEROS_H

#include "api/handle.h"

/* Decides between O and 0 in those words of a reading that have capitals and digits. A code's text
 * does not tell them apart, but an O is wider than most digits. Overwrites s->input and s->ink. */
bitocr_status bitocr_zeros_mend(const bitocr_model *model, const bitocr_image *ink, session *s,
                                ctc_space *reading, bitocr_error *error);

#endif
