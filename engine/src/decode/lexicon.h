/* A list of words as a trie over a model's classes. Letters match whatever their case (in ASCII).
 * A word is a run of word characters: letters, digits, all characters beyond ASCII. Everything
 * else, the space first of all, parts words, but where a word of the list goes on with it: with
 * "don't" in the list, the apostrophe does not end "don", and ends "rock". */
#ifndef BITOCR_DECODE_LEXICON_H
#define BITOCR_DECODE_LEXICON_H

#include "bitocr.h"

enum { LEXICON_ROOT = 0, LEXICON_LOST = -1 };

/* Words of UTF-8 text, parted by white space. Those with characters that the charset [classes - 1]
 * lacks are left out. */
bitocr_status bitocr_lexicon_make(const uint32_t *charset, int classes, const char *words,
                                  size_t bytes, bitocr_lexicon **out, bitocr_error *error);

int bitocr_lexicon_classes(const bitocr_lexicon *lexicon);

/* Where a character leads: from a node of the trie to the next, or to LEXICON_LOST. */
int bitocr_lexicon_step(const bitocr_lexicon *lexicon, int node, int label);

/* Is the class a word character wherever it stands? */
int bitocr_lexicon_joins(const bitocr_lexicon *lexicon, int label);

/* Does a word end at this node? */
int bitocr_lexicon_is_word(const bitocr_lexicon *lexicon, int node);

#endif
