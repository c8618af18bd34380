/* An opened and fully checked n-gram file, and the file while it is read. Only ngram*.c use this.
 */
#ifndef BITOCR_DECODE_NGRAM_FILE_H
#define BITOCR_DECODE_NGRAM_FILE_H

#include "base/bytes.h"
#include "decode/ngram.h"

enum { NGRAM_END = 0, NGRAM_OTHER = 1, NGRAM_UNSEEN = 255 };

/* The looked-up values of a node are together, so that they are fetched from memory once. */
typedef struct {
    int32_t first; /* of its children, which end where the next node's begin */
    uint16_t symbol;
    uint8_t cost, backoff;
} ngram_node;

/* The tables of either version are laid out alike in memory. */
struct bitocr_ngram {
    int order, symbols, count;
    float unit, weight, bonus, case_cost;
    ngram_node *nodes; /* [count + 1]; of the last one, `first` alone */
    int classes;
    uint16_t *of_class;  /* [classes] its symbol */
    uint8_t *class_case; /* [classes] NGRAM_SMALL, NGRAM_CAPITAL or NGRAM_NO_LETTER */
};

/* A file whose start has been checked, so that all its tables are there. */
typedef struct {
    int version;
    uint32_t characters, nodes, inner;
    const char *character;        /* [characters] u32 */
    const char *character_symbol; /* version 2: [characters] u16 */
    const char *symbol, *cost;    /* [nodes] u8, or u16 symbols in version 2 */
    const char *children;         /* [inner] u8, or u16 in version 2 */
    const char *backoff;          /* [inner] u8 */
    const uint8_t *parents;       /* version 2: a bit for each node, has it children? */
} ngram_source;

bitocr_status bitocr_ngram_bad(bitocr_error *error, const char *what);

/* Reads the tables of nodes, which have their memory. */
bitocr_status bitocr_ngram_read_tree(bitocr_ngram *ngram, const ngram_source *source,
                                     bitocr_error *error);

/* The classes' symbols and cases, by the file's characters. */
bitocr_status bitocr_ngram_map_classes(bitocr_ngram *ngram, const ngram_source *source,
                                       const uint32_t *charset, bitocr_error *error);

uint32_t bitocr_ngram_u16_at(const char *table, uint32_t i);

#endif
