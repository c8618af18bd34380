/* Loads the n-grams and words that a model uses by default. */
#ifndef BITOCR_API_LANGUAGE_H
#define BITOCR_API_LANGUAGE_H

#include "api/handle.h"
#include "base/bytes.h"

#include <string.h>

/* Does the caller name a language model? */
static inline int language_is_named(const bitocr_options *options) {
    const char *name = options->language_model;
    return name && strcmp(name, "auto") != 0 && strcmp(name, "none") != 0;
}

/* Opens the files that the options ask for. The n-grams and the files' paths go to the model, the
 * word list goes to `words`, which is empty if there is none. */
bitocr_status bitocr_language_open_files(bitocr_model *model, const bitocr_options *options,
                                         file_bytes *words, bitocr_error *error);

#endif
