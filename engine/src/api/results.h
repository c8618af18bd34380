/* The lines of text that a call gives back, with memory that is kept from call to call. */
#ifndef BITOCR_API_RESULTS_H
#define BITOCR_API_RESULTS_H

#include "bitocr.h"
#include "decode/ctc.h"

#include <stdbool.h>

/* Makes room for `count` empty lines. */
bitocr_status bitocr_results_begin(bitocr_results *results, int count, bitocr_error *error);

/* Writes line i from what was decoded of an image, `left` pixels from its side; if it is free of
 * constraints, in the forms that characters have between their neighbours (forms.h). Lines may be
 * written from different threads. */
bitocr_status bitocr_results_write(bitocr_results *results, int i, const ctc_space *decoded,
                                   const uint32_t *charset, int left, double pixels_per_frame,
                                   int angle, bool is_free, bitocr_error *error);

/* Writes line i of an image without ink: an empty text. */
bitocr_status bitocr_results_write_nothing(bitocr_results *results, int i, float confidence);

#endif
