/* A model's defaults: the beam, the word bonus, the confidence below which lines are read again,
 * and the n-grams and words for its languages. */
#ifndef BITOCR_API_READING_H
#define BITOCR_API_READING_H

#include "api/handle.h"

/* Sets the threshold below which the model's lines are read again. */
bitocr_status bitocr_reading_set_reread(bitocr_model *model, const bitocr_options *options,
                                        bitocr_error *error);

/* Opens the n-grams and words that the options ask for, and sets the model's own decoding. */
bitocr_status bitocr_reading_open_language(bitocr_model *model, const bitocr_options *options,
                                           bitocr_error *error);

/* The name of the language files for comma-separated tags ("zh,en"); NULL: there are none. */
const char *bitocr_reading_language(const char *languages);

/* The decoding to use: `given` with its default beam filled in, or the model's own if it is
 * NULL. */
bitocr_status bitocr_reading_choose(const bitocr_model *model, const bitocr_decoding *given,
                                    bitocr_decoding *out, bitocr_error *error);

#endif
