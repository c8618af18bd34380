/* Decoding with what is known of texts, where that does not spoil what the picture says. */
#ifndef BITOCR_API_SURER_H
#define BITOCR_API_SURER_H

#include "api/handle.h"

/* Decodes frames, with their confidence. Words and n-grams make words of codes. Where they have
 * changed what the frames alone say, the frames are decoded without them too, and the surer of the
 * two readings is kept; then token by token, between spaces that both readings have, those with
 * digits are taken from the other reading where that is surer of them (token.h). A constraint is no
 * such knowledge: it says what may be. */
bitocr_status bitocr_surer_decode(const bitocr_model *model, const ctc_frames *frames,
                                  const ctc_options *options, session *s, ctc_space *decoded,
                                  bitocr_error *error);

#endif
