/* Readings of images that are not one upright line: turned text, columns, two lines. */
#ifndef BITOCR_API_ARRANGED_H
#define BITOCR_API_ARRANGED_H

#include "api/handle.h"

/* A reading, and how the image was arranged for it. */
typedef struct {
    ctc_space *decoded;
    int left;  /* pixels of the image to the left of the part that was arranged */
    int width; /* of the arranged image */
    int angle; /* by which its text is turned, clockwise */
} arranged_reading;

/* Arranges an image in other ways if its shape, or the low confidence of its upright reading,
 * suggests it, and keeps the most confident reading. If no arrangement reads as a line, the text
 * becomes empty. Does nothing for a model that reads each image once. */
bitocr_status bitocr_arranged_read(const bitocr_model *model, const bitocr_image *image,
                                   const bitocr_decoding *decoding, session *s,
                                   arranged_reading *best, bitocr_error *error);

#endif
