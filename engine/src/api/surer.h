/* Decodes with lexicon and n-grams, unless they spoil what the picture says. */
#ifndef BITOCR_API_SURER_H
#define BITOCR_API_SURER_H

#include "api/handle.h"

/* Decodes frames and computes the confidence. Lexicon and n-grams turn codes into words. So if they
 * change what the frames alone say, the frames are decoded without them too, and the surer of the
 * two readings is kept. Then each token with digits, between spaces that both readings have, is
 * taken from the other reading if that is surer of it (token.h). A constraint always applies: it
 * says what is allowed. */
bitocr_status bitocr_surer_decode(const bitocr_model *model, const ctc_frames *frames,
                                  const ctc_options *options, session *s, ctc_space *decoded,
                                  bitocr_error *error);

#endif
