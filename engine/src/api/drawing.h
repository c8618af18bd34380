/* Tells drawings and textures from text by how they are read. */
#ifndef BITOCR_API_DRAWING_H
#define BITOCR_API_DRAWING_H

#include "api/arranged.h"

/* Does the reading of an image, trimmed to its ink, suggest that it shows no text? Only of a model
 * with calibrated confidence. */
bool bitocr_is_drawing(const bitocr_model *model, const bitocr_image *ink,
                       const arranged_reading *reading);

/* Is what other views of an image show hardly there, since the usual one shows nothing? */
bool bitocr_is_glimpse(const bitocr_model *model, const ctc_space *usual, const ctc_space *decoded);

#endif
