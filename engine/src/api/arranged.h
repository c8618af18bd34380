/* What is no upright line, read as one: turned, upside down, a column, two lines. */
#ifndef BITOCR_API_ARRANGED_H
#define BITOCR_API_ARRANGED_H

#include "api/handle.h"

/* A reading, and how the image was arranged for it. */
typedef struct {
    ctc_space *decoded;
    int left;  /* pixels of the image beside what is arranged */
    int width; /* of the arranged image */
    int angle; /* clockwise, by which its text is turned */
} arranged_reading;

/* Arranges an image of which there is an upright reading in other ways, where its shape or little
 * confidence suggests that, and takes the reading of most confidence. Of what is read as a line in
 * no way it takes the text away. A model that reads each image once is left alone. */
bitocr_status bitocr_arranged_read(const bitocr_model *model, const bitocr_image *image,
                                   const bitocr_decoding *decoding, session *s,
                                   arranged_reading *best, bitocr_error *error);

#endif
