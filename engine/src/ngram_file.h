/* An opened n-gram file, all of it checked. Used by ngram.c and ngram_file.c alone. */
#ifndef BITOCR_NGRAM_FILE_H
#define BITOCR_NGRAM_FILE_H

#include "bytes.h"
#include "ngram.h"

enum { NGRAM_END = 0, NGRAM_OTHER = 1, NGRAM_UNSEEN = 255 };

struct bitocr_ngram {
    file_bytes bytes;
    int order, symbols, nodes, inner;
    uint32_t characters;
    float unit, weight, bonus, case_cost;
    const uint8_t *symbol, *cost, *children, *backoff; /* by node; the last two of inner ones */
    int32_t *first; /* [inner] a node's children are first[i] to first[i] + children[i] - 1 */
    int classes;
    uint8_t *of_class;   /* [classes] its symbol */
    uint8_t *class_case; /* [classes] NGRAM_SMALL, NGRAM_CAPITAL or NGRAM_NO_LETTER */
};

#endif
