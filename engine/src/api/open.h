/* Creates a model, whatever it was loaded from. */
#ifndef BITOCR_API_OPEN_H
#define BITOCR_API_OPEN_H

#include "api/handle.h"

/* Creates a model from an opened file, and takes the file over. `path` is for messages; NULL:
 * none. */
bitocr_status bitocr_open_file(bitocr_model_file *file, const char *path,
                               const bitocr_options *options, bitocr_model **out,
                               bitocr_error *error);

#endif
