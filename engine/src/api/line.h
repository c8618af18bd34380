/* One line of text through all parts, from its image to the results. */
#ifndef BITOCR_API_LINE_H
#define BITOCR_API_LINE_H

#include "api/arranged.h"
#include "api/handle.h"
#include "api/results.h"

/* Reads what is left of an image without blank margins, and writes line i of the results: an empty
 * text, of confidence 1, where there is no ink. With `reread` in the model's options, an image
 * that is read with less confidence is looked at in up to two other views as well, until the first
 * two agree or what all together find most probable (bitocr_confidence_vote) reaches it, and then
 * perhaps arranged in other ways (arranged.h). */
bitocr_status bitocr_line_read(const bitocr_model *model, const bitocr_image *image,
                               const bitocr_decoding *decoding, session *s, bitocr_results *results,
                               int i, bitocr_error *error);

/* The same for a line of a page, which is upright in its box. Where characters are unclear it has
 * fewer views, and what is hardly text has one: pages hold many of these. */
bitocr_status bitocr_line_read_upright(const bitocr_model *model, const bitocr_image *image,
                                       const bitocr_decoding *decoding, session *s,
                                       bitocr_results *results, int i, bitocr_error *error);

/* An image as the network's input of this width, in s->input. */
bitocr_status bitocr_line_prepare(const bitocr_model *model, const bitocr_image *image, int width,
                                  session *s, bitocr_error *error);

/* A prepared input [height][width] through the network, by the calling thread alone. */
bitocr_status bitocr_line_run(const bitocr_model *model, session *s, const int8_t *input, int width,
                              float *logprobs, bitocr_error *error);

/* Decodes a network's output, with its confidence. */
bitocr_status bitocr_line_decode(const bitocr_model *model, const float *logprobs, int steps,
                                 const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                                 bitocr_error *error);

/* Decodes what is seen of an image at its usual width. */
bitocr_status bitocr_line_look(const bitocr_model *model, const bitocr_image *image,
                               const bitocr_decoding *decoding, session *s, ctc_space *decoded,
                               bitocr_error *error);

/* Writes what was decoded, under a constraint or free of one, to line i of the results. */
bitocr_status bitocr_line_write(const bitocr_model *model, const arranged_reading *reading,
                                bool is_free, bitocr_results *results, int i, bitocr_error *error);

#endif
