/* Making a model, whatever it was loaded from. */
#ifndef BITOCR_API_OPEN_H
#define BITOCR_API_OPEN_H

#include "api/handle.h"

/* Makes a model of an opened file, which it takes over. `path` is for messages; NULL: none. */
bitocr_status bitocr_open_file(bitocr_model_file *file, const char *path,
                               const bitocr_options *options, bitocr_model **out,
                               bitocr_error *error);

#endif
