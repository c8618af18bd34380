#include "lexicon.h"
#include "error.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 26 };

/* The trie's edges lie in one hash table (open addressing, linear probing, at most half full). */
typedef struct {
    uint64_t key; /* (node << 32 | label) + 1; 0: free */
    int child;
} edge;

struct bitocr_lexicon {
    int classes;
    int *folded;    /* [classes] the class that stands for this one and its other case */
    uint8_t *joins; /* [classes] */
    edge *edges;
    size_t mask;      /* the table's size, a power of 2, less 1 */
    uint8_t *is_word; /* [nodes] */
    int nodes;
};

static edge *find(const bitocr_lexicon *lexicon, int node, int label) {
    uint64_t key = ((uint64_t)node << 32 | (uint32_t)label) + 1;
    size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & lexicon->mask;
    while (lexicon->edges[at].key && lexicon->edges[at].key != key)
        at = (at + 1) & lexicon->mask;
    return &lexicon->edges[at];
}

int lexicon_classes(const bitocr_lexicon *lexicon) {
    return lexicon->classes;
}

int lexicon_joins(const bitocr_lexicon *lexicon, int label) {
    return lexicon->joins[label];
}

int lexicon_step(const bitocr_lexicon *lexicon, int node, int label) {
    if (node == LEXICON_LOST)
        return LEXICON_LOST;
    const edge *e = find(lexicon, node, lexicon->folded[label]);
    return e->key ? e->child : LEXICON_LOST;
}

int lexicon_is_word(const bitocr_lexicon *lexicon, int node) {
    return node > LEXICON_ROOT && lexicon->is_word[node];
}

static int is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A character and its class. */
typedef struct {
    uint32_t character;
    int label;
} entry;

static int by_character(const void *a, const void *b) {
    uint32_t x = ((const entry *)a)->character, y = ((const entry *)b)->character;
    return (x > y) - (x < y);
}

static int is_letter(uint32_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The class of a character; 0 where there is none. */
static int label_of(const entry *entries, int count, uint32_t character) {
    entry key = {character, 0};
    const entry *found = bsearch(&key, entries, (size_t)count, sizeof key, by_character);
    return found ? found->label : 0;
}

/* The same for a letter's other case; 0 for all that is no ASCII letter. */
static int other_label(const entry *entries, int count, uint32_t character) {
    return is_letter(character) ? label_of(entries, count, character ^ 0x20) : 0;
}

static void fold(bitocr_lexicon *lexicon, const uint32_t *charset, const entry *entries) {
    for (int label = 1; label < lexicon->classes; label++) {
        uint32_t c = charset[label - 1];
        int other = other_label(entries, lexicon->classes - 1, c);
        lexicon->folded[label] = other && other < label ? other : label;
        lexicon->joins[label] = is_letter(c) || (c >= '0' && c <= '9') || c >= 0x80;
    }
}

/* Adds a word of `count` labels. */
static void add_word(bitocr_lexicon *lexicon, const int *labels, int count) {
    int node = LEXICON_ROOT;
    for (int i = 0; i < count; i++) {
        edge *e = find(lexicon, node, lexicon->folded[labels[i]]);
        lexicon->joins[labels[i]] = 1;
        if (!e->key) {
            e->key = ((uint64_t)node << 32 | (uint32_t)lexicon->folded[labels[i]]) + 1;
            e->child = lexicon->nodes++;
        }
        node = e->child;
    }
    lexicon->is_word[node] = 1;
}

/* Adds all words of the text; `labels` has room for the longest. 0 where the text is not UTF-8. */
static int add_words(bitocr_lexicon *lexicon, const entry *entries, const char *words, size_t bytes,
                     int *labels) {
    int count = 0, is_known = 1;
    for (size_t at = 0; at <= bytes;) {
        uint32_t c = ' ';
        size_t length = at < bytes ? utf8_decode(words + at, bytes - at, &c) : 1;
        if (!length)
            return 0;
        at += length;
        if (is_space(c)) {
            if (count && is_known)
                add_word(lexicon, labels, count);
            count = 0;
            is_known = 1;
        } else {
            int label = label_of(entries, lexicon->classes - 1, c);
            labels[count] = label ? label : other_label(entries, lexicon->classes - 1, c);
            is_known &= labels[count++] != 0;
        }
    }
    return 1;
}

/* A lexicon without words, with room for the words of `bytes` of text. */
static bitocr_lexicon *make_empty(int classes, size_t bytes) {
    bitocr_lexicon *lexicon = calloc(1, sizeof *lexicon);
    if (!lexicon)
        return NULL;
    size_t size = 16;
    while (size < 2 * (bytes + 1))
        size *= 2;
    lexicon->classes = classes;
    lexicon->mask = size - 1;
    lexicon->nodes = 1;
    lexicon->edges = calloc(size, sizeof *lexicon->edges);
    lexicon->is_word = calloc(bytes + 1, 1);
    lexicon->folded = calloc((size_t)classes, sizeof *lexicon->folded);
    lexicon->joins = calloc((size_t)classes, 1);
    if (lexicon->edges && lexicon->is_word && lexicon->folded && lexicon->joins)
        return lexicon;
    bitocr_lexicon_free(lexicon);
    return NULL;
}

bitocr_status lexicon_create(const uint32_t *charset, int classes, const char *words, size_t bytes,
                             bitocr_lexicon **out, bitocr_error *error) {
    *out = NULL;
    if (bytes > MAX_BYTES)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the list of words is longer than %d bytes",
                           MAX_BYTES);
    bitocr_status status = BITOCR_OK;
    bitocr_lexicon *lexicon = make_empty(classes, bytes);
    entry *entries = malloc((size_t)classes * sizeof *entries);
    int *labels = malloc((bytes + 1) * sizeof *labels);
    if (lexicon && entries && labels) {
        for (int label = 1; label < classes; label++)
            entries[label - 1] = (entry){charset[label - 1], label};
        qsort(entries, (size_t)classes - 1, sizeof *entries, by_character);
        fold(lexicon, charset, entries);
        if (!add_words(lexicon, entries, words, bytes, labels))
            status = bitocr_fail(error, BITOCR_ERROR_USAGE, "the list of words is not UTF-8");
    } else {
        status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the list of words");
    }
    free(entries);
    free(labels);
    if (status == BITOCR_OK)
        *out = lexicon;
    else
        bitocr_lexicon_free(lexicon);
    return status;
}

void bitocr_lexicon_free(bitocr_lexicon *lexicon) {
    if (!lexicon)
        return;
    free(lexicon->folded);
    free(lexicon->joins);
    free(lexicon->edges);
    free(lexicon->is_word);
    free(lexicon);
}
