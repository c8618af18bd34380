#include "decode/words.h"
#include "base/error.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { ASCII = 128 };

/* A character beyond ASCII and its class. */
typedef struct {
    uint32_t character;
    uint16_t label;
} entry;

typedef struct {
    uint16_t ascii[ASCII]; /* the folded class; 0: none */
    entry *others;         /* [count] by character */
    size_t count;
} class_table;

static int by_character(const void *a, const void *b) {
    uint32_t x = ((const entry *)a)->character, y = ((const entry *)b)->character;
    return (x > y) - (x < y);
}

static void fold_ascii(const uint32_t *charset, int classes, uint16_t ascii[ASCII]) {
    memset(ascii, 0, ASCII * sizeof *ascii);
    for (int label = classes - 1; label > 0; label--) {
        uint32_t c = charset[label - 1];
        if (c < ASCII)
            ascii[c] = (uint16_t)label;
        if (c < ASCII && is_letter(c))
            ascii[c ^ 0x20] = (uint16_t)label;
    }
}

void bitocr_words_fold(const uint32_t *charset, int classes, uint16_t *folded) {
    uint16_t ascii[ASCII];
    fold_ascii(charset, classes, ascii);
    folded[0] = 0;
    for (int label = 1; label < classes; label++) {
        uint32_t c = plain_apostrophe(charset[label - 1]);
        folded[label] = c < ASCII && ascii[c] ? ascii[c] : (uint16_t)label;
    }
}

static int make_table(const uint32_t *charset, int classes, class_table *table) {
    fold_ascii(charset, classes, table->ascii);
    table->count = 0;
    table->others = malloc((size_t)classes * sizeof *table->others);
    if (!table->others)
        return 0;
    for (int label = 1; label < classes; label++)
        if (charset[label - 1] >= ASCII)
            table->others[table->count++] = (entry){charset[label - 1], (uint16_t)label};
    qsort(table->others, table->count, sizeof *table->others, by_character);
    return 1;
}

/* The folded class of a character; 0 where there is none. */
static uint16_t label_of(const class_table *table, uint32_t character) {
    if (character < ASCII)
        return table->ascii[character];
    entry key = {character, 0};
    const entry *found = bsearch(&key, table->others, table->count, sizeof key, by_character);
    return found ? found->label : 0;
}

static int is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Fills the list, which has room for all words. 0 where the text is not UTF-8. */
static int split(const class_table *table, const char *text, size_t bytes, word_list *list) {
    uint16_t *start = list->labels;
    uint32_t length = 0;
    int is_known = 1;
    for (size_t at = 0; at <= bytes;) {
        uint32_t c = ' ';
        size_t used = at < bytes ? bitocr_utf8_decode(text + at, bytes - at, &c) : 1;
        if (!used)
            return 0;
        at += used;
        if (!is_space(c)) {
            start[length] = label_of(table, c);
            is_known &= start[length++] != 0;
            continue;
        }
        if (length && is_known) {
            list->words[list->count++] = (word){.labels = start, .length = length};
            start += length;
        }
        length = 0;
        is_known = 1;
    }
    return 1;
}

static uint32_t shared_labels(const word *a, const word *b) {
    uint32_t i = 0;
    while (i < a->length && i < b->length && a->labels[i] == b->labels[i])
        i++;
    return i;
}

static int by_labels(const void *left, const void *right) {
    const word *a = left, *b = right;
    uint32_t i = shared_labels(a, b);
    if (i == a->length || i == b->length)
        return (a->length > b->length) - (a->length < b->length);
    return a->labels[i] - b->labels[i];
}

/* Lists that are sorted already, as those are that bitocr comes with, are not sorted again. */
static void sort(word_list *list) {
    size_t i = 1;
    while (i < list->count && by_labels(&list->words[i - 1], &list->words[i]) <= 0)
        i++;
    if (i < list->count)
        qsort(list->words, list->count, sizeof *list->words, by_labels);
    for (i = 1; i < list->count; i++)
        list->words[i].shared = shared_labels(&list->words[i - 1], &list->words[i]);
}

/* The most words that the text may hold: where one begins. */
static size_t most_words(const char *text, size_t bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += !is_space((unsigned char)text[i]) && (!i || is_space((unsigned char)text[i - 1]));
    return count;
}

bitocr_status bitocr_words_parse(const uint32_t *charset, int classes, const char *text,
                                 size_t bytes, word_list *list, bitocr_error *error) {
    class_table table;
    bitocr_status status = BITOCR_OK;
    int is_made = make_table(charset, classes, &table);
    *list = (word_list){.labels = malloc((bytes + 1) * sizeof *list->labels),
                        .words = malloc((most_words(text, bytes) + 1) * sizeof *list->words)};
    if (!is_made || !list->labels || !list->words)
        status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the list of words");
    else if (!split(&table, text, bytes, list))
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "the list of words is not UTF-8");
    else
        sort(list);
    free(table.others);
    return status;
}

void bitocr_words_free(word_list *list) {
    free(list->labels);
    free(list->words);
}
