/* The file *.ngram, versions 1 and 2: a character n-gram model with back-off for beam search. It
 * gives the probability of a character after the last few.
 *
 * Characters are folded into symbols: both cases of a letter are one, all digits are one. Version 1
 * is for alphabets; version 2, for thousands of symbols, differs where noted. Symbol 0 is the end
 * of a word: the space, and the start and end of every text. Symbol 1 stands for all characters
 * that the file does not list. All numbers are little-endian.
 *
 *  1. The start, 64 bytes:
 *        0  8 bytes  magic: 89 'B' 'I' 'T' 'N' 'G' 'R' 0A
 *        8  u32      format version: 1 or 2
 *       12  u32      order: the longest n-gram, 1 to 8 symbols
 *       16  u64      file_bytes: length of the whole file, at most 256 MiB
 *       24  u32      CRC32 (zlib's polynomial) of the bytes [32, file_bytes)
 *       28  u32      0
 *       32  u32      symbols, 2 to 255; version 2: to 65535
 *       36  u32      characters, at most 65536
 *       40  u32      nodes, at least 1
 *       44  u32      inner: nodes 0 to inner - 1 may have children; 1 to nodes. Version 2: how many
 *                      nodes have children, wherever they stand
 *       48  f32      unit: the nats that a cost of 1 stands for; above 0, at most 1
 *       52  f32      weight of the model beside the network, 0 to 100
 *       56  f32      bonus for each character, -100 to 100
 *       60  f32      case_cost, 0 to 100
 *  2. u32 characters[characters]: bits 0-20 a Unicode scalar value, bits 22-23 its case (1 small, 2
 *     capital, 0 neither), bits 24-31 its symbol. Ascending scalar values.
 *  3. u8 symbols[nodes], u8 costs[nodes], u8 children[inner], u8 backoffs[inner], and up to the end
 *     the card: UTF-8 for people.
 *     Version 2 instead of 2 and 3: u32 characters[characters], without symbols, and u16
 *     their_symbols[characters]; u16 symbols[nodes], u16 children[inner], u8 costs[nodes], u8
 *     parents[(nodes + 7) / 8], where bit i % 8 of byte i / 8 says that node i has children, u8
 *     backoffs[inner], and the card. children and backoffs are of the nodes that have children.
 *
 * A node is a run of symbols: the root, node 0, is the empty run, and a child is its parent's run
 * plus one symbol. Nodes are in order level by level: the root, its children, the children of its
 * first child and so on. So children[i], the number of children of node i, tells where they are.
 * Children of a node have ascending symbols. The root's own symbol and cost mean nothing.
 *
 *  4. With h the last symbols before c, at most order - 1, cost(c | h) is costs[node of h c] if
 *     that node exists. Otherwise it is 255 for the empty h, or else backoffs[node of h] (0 if that
 *     node does not exist) plus cost(c | h without its first symbol).
 *  5. ln P(c | h) = -unit * cost(c | h). A character adds weight * ln P + bonus to a text's rank,
 *     the end of the text weight * ln P(symbol 0 | h).
 *  6. case_cost is subtracted if a capital follows a small letter, or if a small letter follows a
 *     capital that follows another letter.
 */
#ifndef BITOCR_DECODE_NGRAM_H
#define BITOCR_DECODE_NGRAM_H

#include "bitocr.h"

enum { NGRAM_ORDER = 8, NGRAM_VERSION = 2 };

/* The state that the continuation of a text depends on. */
typedef struct {
    int32_t nodes[NGRAM_ORDER]; /* [k] the node of its last k symbols; -1: there is none */
    int letters;                /* its last letters by their case: NGRAM_NO_LETTER, ... */
} ngram_state;

enum { NGRAM_NO_LETTER, NGRAM_SMALL, NGRAM_CAPITAL, NGRAM_CAPITALS };

/* A model for the classes of one charset [classes - 1]. `path` NULL: from memory, which is copied.
 */
bitocr_status bitocr_ngram_open(const uint32_t *charset, int classes, const char *path,
                                const void *data, size_t bytes, bitocr_ngram **out,
                                bitocr_error *error);

int bitocr_ngram_classes(const bitocr_ngram *ngram);

/* Before the first character. */
void bitocr_ngram_start(const bitocr_ngram *ngram, ngram_state *state);

/* What a character of this class (0: the end of the text) adds to a text's rank. Advances the
 * state.
 */
float bitocr_ngram_step(const bitocr_ngram *ngram, ngram_state *state, int label);

/* The same without advancing the state, which is faster. */
float bitocr_ngram_peek(const bitocr_ngram *ngram, const ngram_state *state, int label);

/* The most that a step can add. */
float bitocr_ngram_most(const bitocr_ngram *ngram);

#endif
