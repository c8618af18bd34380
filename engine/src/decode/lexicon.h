/* A list of words as a trie over a model's classes. Letters match whatever their case (in ASCII). A
 * word is a run of word characters: letters, digits, all characters beyond ASCII. All others, such
 * as the space, separate words, unless a word of the list continues with it: with "don't" in the
 * list, the apostrophe does not end "don", but it ends "rock". */
#ifndef BITOCR_DECODE_LEXICON_H
#define BITOCR_DECODE_LEXICON_H

#include "bitocr.h"

enum { LEXICON_ROOT = 0, LEXICON_LOST = -1 };

/* The words of UTF-8 text, separated by white space. Words with characters that the charset
 * [classes - 1] lacks are left out. */
bitocr_status bitocr_lexicon_make(const uint32_t *charset, int classes, const char *words,
                                  size_t bytes, bitocr_lexicon **out, bitocr_error *error);

int bitocr_lexicon_classes(const bitocr_lexicon *lexicon);

/* The node of the trie that a character leads to, or LEXICON_LOST. */
int bitocr_lexicon_step(const bitocr_lexicon *lexicon, int node, int label);

/* Whether the class is always a word character. */
int bitocr_lexicon_joins(const bitocr_lexicon *lexicon, int label);

/* Whether a word ends at this node. */
int bitocr_lexicon_is_word(const bitocr_lexicon *lexicon, int node);

#endif
