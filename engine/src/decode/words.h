/* Words of a text as a model's classes, for the trie of lexicon.c. */
#ifndef BITOCR_DECODE_WORDS_H
#define BITOCR_DECODE_WORDS_H

#include "bitocr.h"

/* In ASCII both cases of a letter are one class here: the lower one. */
typedef struct {
    const uint16_t *labels; /* [length] */
    uint32_t length;        /* never 0 */
    uint32_t shared;        /* how many first labels the word before has too */
    int node;               /* for lexicon.c */
} word;

typedef struct {
    uint16_t *labels; /* of all words */
    word *words;      /* [count] in the order of their labels; some may be there twice */
    size_t count;
} word_list;

static inline int is_letter(uint32_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The keyboard's apostrophe for the printer's: n-grams and words know the former. */
static inline uint32_t plain_apostrophe(uint32_t c) {
    return c == 0x2019 ? '\'' : c;
}

/* Whether a word goes on with this character: a letter or digit, and beyond ASCII no sign or mark
 * of Latin text. */
static inline int is_of_words(uint32_t c) {
    int is_sign = (c >= 0xA0 && c < 0xC0) || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c < 0x2C00);
    return is_letter(c) || (c >= '0' && c <= '9') || (c >= 0x80 && !is_sign);
}

/* Words of UTF-8 text, parted by white space. Those with characters that the charset [classes - 1]
 * lacks are left out. Free the list whatever it returns. */
bitocr_status bitocr_words_parse(const uint32_t *charset, int classes, const char *text,
                                 size_t bytes, word_list *list, bitocr_error *error);
void bitocr_words_free(word_list *list);

/* Of each class, the one that stands for both cases of its letter, or both apostrophes. */
void bitocr_words_fold(const uint32_t *charset, int classes, uint16_t *folded);

#endif
