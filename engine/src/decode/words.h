/* The words of a text as a model's classes, for the trie of lexicon.c. */
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

/* Replaces the curly apostrophe by the plain one, which n-grams and words have. */
static inline uint32_t plain_apostrophe(uint32_t c) {
    return c == 0x2019 ? '\'' : c;
}

/* Whether a word continues with this character: a letter or digit, or a character beyond ASCII that
 * is not a sign or mark of Latin text. */
static inline int is_of_words(uint32_t c) {
    int is_sign = (c >= 0xA0 && c < 0xC0) || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c < 0x2C00);
    return is_letter(c) || (c >= '0' && c <= '9') || (c >= 0x80 && !is_sign);
}

/* The words of UTF-8 text, separated by white space. Words with characters that the charset
 * [classes - 1] lacks are left out. Free the list whatever it returns. */
bitocr_status bitocr_words_parse(const uint32_t *charset, int classes, const char *text,
                                 size_t bytes, word_list *list, bitocr_error *error);
void bitocr_words_free(word_list *list);

/* For each class, the class that represents both cases of its letter, or both apostrophes. */
void bitocr_words_fold(const uint32_t *charset, int classes, uint16_t *folded);

#endif
