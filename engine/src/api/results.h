/* The lines of text that a call returns. Their memory is kept from call to call. */
#ifndef BITOCR_API_RESULTS_H
#define BITOCR_API_RESULTS_H

#include "bitocr.h"
#include "decode/ctc.h"

#include <stdbool.h>

/* Makes room for `count` empty lines. */
bitocr_status bitocr_results_begin(bitocr_results *results, int count, bitocr_error *error);

/* Writes line i from a decoded image; `left` pixels are to the left of it. Without a constraint
 * (`is_free`), neighbours correct the forms of characters (forms.h). Threads may write different
 * lines at the same time. */
bitocr_status bitocr_results_write(bitocr_results *results, int i, const ctc_space *decoded,
                                   const uint32_t *charset, int left, double pixels_per_frame,
                                   int angle, bool is_free, bitocr_error *error);

/* Writes line i for an image without ink: an empty text. */
bitocr_status bitocr_results_write_nothing(bitocr_results *results, int i, float confidence);

#endif
