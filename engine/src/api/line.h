/* Reads one line of text, from its image to the results. */
#ifndef BITOCR_API_LINE_H
#define BITOCR_API_LINE_H

#include "api/arranged.h"
#include "api/handle.h"
#include "api/results.h"

/* Trims an image, reads it, and writes line i of the results. Without ink the text is empty, with
 * confidence 1. If the model's options have `reread`, an image with less confidence is read in
 * other views too, until the text that all views together find most probable
 * (bitocr_confidence_vote) reaches it, or, if the text is not a code, until two views agree. Then
 * other arrangements may be tried (arranged.h). */
bitocr_status bitocr_line_read(const bitocr_model *model, const bitocr_image *image,
                               const bitocr_decoding *decoding, session *s, bitocr_results *results,
                               int i, bitocr_error *error);

/* The same for a line of a page, which is upright in its box. Pages hold many lines that are hardly
 * text: these get one view, and lines with unclear characters get fewer. */
bitocr_status bitocr_line_read_upright(const bitocr_model *model, const bitocr_image *image,
                                       const bitocr_decoding *decoding, session *s,
                                       bitocr_results *results, int i, bitocr_error *error);

/* Prepares an image as a network's input of this width, in s->input. */
bitocr_status bitocr_line_prepare(const bitocr_model *model, const bitocr_image *image, int width,
                                  session *s, bitocr_error *error);

/* Runs the network on a prepared input [height][width], in the calling thread alone. */
bitocr_status bitocr_line_run(const bitocr_model *model, session *s, const int8_t *input, int width,
                              float *logprobs, bitocr_error *error);

/* Decodes a network's output, and computes its confidence. */
bitocr_status bitocr_line_decode(const bitocr_model *model, const float *logprobs, int steps,
                                 const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                                 bitocr_error *error);

/* Reads and decodes an image at its usual width. */
bitocr_status bitocr_line_look(const bitocr_model *model, const bitocr_image *image,
                               const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                               bitocr_error *error);

/* Writes a decoded reading to line i of the results. `is_free`: there was no constraint. */
bitocr_status bitocr_line_write(const bitocr_model *model, const arranged_reading *reading,
                                bool is_free, bitocr_results *results, int i, bitocr_error *error);

#endif
