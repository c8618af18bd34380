/* How a model is read where a caller says nothing: the beam, the bonus of words, the confidence
 * below which lines are read again, the n-grams and words of the model's languages. */
#ifndef BITOCR_API_READING_H
#define BITOCR_API_READING_H

#include "api/handle.h"

/* Sets the threshold below which the model's lines are read again. */
bitocr_status bitocr_reading_set_reread(bitocr_model *model, const bitocr_options *options,
                                        bitocr_error *error);

/* Opens the n-grams and words that the options ask for, and sets the model's own decoding. */
bitocr_status bitocr_reading_open_language(bitocr_model *model, const bitocr_options *options,
                                           bitocr_error *error);

/* The name of the language files for tags with a comma between them ("zh,en"); NULL: none. */
const char *bitocr_reading_language(const char *languages);

/* The given decoding with the beam that a beam of 0 stands for; the model's own where NULL is
 * given.
 */
bitocr_status bitocr_reading_choose(const bitocr_model *model, const bitocr_decoding *given,
                                    bitocr_decoding *out, bitocr_error *error);

#endif
