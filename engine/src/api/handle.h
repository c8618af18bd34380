/* A loaded model, and what its threads need to run it. Used by this folder alone. */
#ifndef BITOCR_API_HANDLE_H
#define BITOCR_API_HANDLE_H

#include "decode/confidence.h"
#include "kernels/dispatch.h"
#include "decode/ctc.h"
#include "image/arrange.h"
#include "image/prepare.h"
#include "image/warp.h"
#include "model/file.h"
#include "net/network.h"
#include "page/glyphs.h"
#include "base/pool.h"
#include "base/threads.h"

enum { VIEWS = 12 }; /* how many views of an image there are (views.c) */

/* What one thread needs to read an image. It is kept from image to image. */
typedef struct session {
    buffer scratch, channel;
    workspace space;
    ctc_space decoded[VIEWS];
    ctc_space plain;    /* decoded without lexicon and n-grams (surer.c) */
    ctc_space parts[2]; /* a token, decoded with them and without */
    arrange_scratch arrange;
    ctc_space arranged[2]; /* the best reading of another arrangement, and the latest */
    confidence_space confidence;
    int8_t *input;     /* [height][width] */
    float *logprobs;   /* [steps][classes] */
    int width;         /* the width that input and logprobs have room for */
    warp_scratch warp; /* of lines of a page */
    page_ink ink;
    struct session *behind;
} session;

struct bitocr_model {
    bitocr_model_file *file;
    const kernel_table *kernel;
    network *net;
    confidence_table *confidence; /* NULL: the model is not calibrated */
    float reread;                 /* lines of less confidence are read again */
    bitocr_decoding decoding;     /* used if a call gives none: reading.c */
    bitocr_lexicon *lexicon;      /* of that decoding; NULL: none */
    bitocr_ngram *ngram;
    char *ngram_file, *words_file; /* the files they came from; NULL: none */
    pool *threads;
    mutex lock; /* guards the list of sessions that no thread uses */
    session *idle;
};

void bitocr_session_free(session *s);

/* Takes an unused session, or makes one; NULL: out of memory. */
session *bitocr_session_take(bitocr_model *model);
void bitocr_session_return(bitocr_model *model, session *s);

/* Prepared widths are multiples of this. */
int bitocr_model_width_unit(const bitocr_model *model);

#endif
