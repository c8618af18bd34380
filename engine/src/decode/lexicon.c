#include "decode/lexicon.h"
#include "base/error.h"
#include "decode/words.h"

#include <stdlib.h>

enum { MAX_BYTES = 1 << 26 };

/* Nodes are in breadth-first order, so the children of a node are together, in the order of their
 * labels. They end where those of the next node begin; an extra last node has none. */
typedef struct {
    uint32_t children; /* the first of them */
    uint16_t label;    /* the folded class that leads here */
    uint16_t is_word;
} node;

struct bitocr_lexicon {
    int classes;
    uint16_t *folded; /* [classes] the class that stands for this one and its other case */
    uint8_t *joins;   /* [classes] */
    node *nodes;
};

int bitocr_lexicon_classes(const bitocr_lexicon *lexicon) {
    return lexicon->classes;
}

int bitocr_lexicon_step(const bitocr_lexicon *lexicon, int at, int label) {
    if (at == LEXICON_LOST)
        return LEXICON_LOST;
    const node *nodes = lexicon->nodes;
    uint16_t wanted = lexicon->folded[label];
    uint32_t low = nodes[at].children, end = nodes[at + 1].children, high = end;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (nodes[middle].label < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && nodes[low].label == wanted ? (int)low : LEXICON_LOST;
}

int bitocr_lexicon_joins(const bitocr_lexicon *lexicon, int label) {
    return lexicon->joins[label];
}

int bitocr_lexicon_is_word(const bitocr_lexicon *lexicon, int at) {
    return at > LEXICON_ROOT && lexicon->nodes[at].is_word;
}

/* Makes nodes from sorted words, level by level. A word that shares more labels with the word
 * before it than the level is deep takes that word's node. */
static void build(node *nodes, word_list *list) {
    size_t count = list->count;
    int end = 1, parents = 0; /* parents: nodes whose first child is known */
    for (uint32_t depth = 0; count; depth++) {
        size_t longer = 0;
        int before = 0;
        for (size_t i = 0; i < count; i++) {
            word w = list->words[i];
            if (w.shared <= depth) {
                while (parents <= w.node)
                    nodes[parents++].children = (uint32_t)end;
                nodes[end].label = w.labels[depth];
                before = end++;
            }
            w.node = before;
            if (w.length == depth + 1)
                nodes[before].is_word = 1;
            else
                list->words[longer++] = w;
        }
        count = longer;
    }
    while (parents <= end)
        nodes[parents++].children = (uint32_t)end;
}

static size_t count_nodes(const word_list *list) {
    size_t count = 1;
    for (size_t i = 0; i < list->count; i++)
        count += list->words[i].length - list->words[i].shared;
    return count;
}

static bitocr_lexicon *make(const uint32_t *charset, int classes, word_list *list) {
    bitocr_lexicon *lexicon = calloc(1, sizeof *lexicon);
    if (!lexicon)
        return NULL;
    lexicon->classes = classes;
    lexicon->folded = malloc((size_t)classes * sizeof *lexicon->folded);
    lexicon->joins = calloc((size_t)classes, 1);
    lexicon->nodes = calloc(count_nodes(list) + 1, sizeof *lexicon->nodes);
    if (!lexicon->folded || !lexicon->joins || !lexicon->nodes) {
        bitocr_lexicon_free(lexicon);
        return NULL;
    }
    bitocr_words_fold(charset, classes, lexicon->folded);
    for (int label = 1; label < classes; label++)
        lexicon->joins[label] = (uint8_t)is_of_words(charset[label - 1]);
    build(lexicon->nodes, list);
    return lexicon;
}

bitocr_status bitocr_lexicon_make(const uint32_t *charset, int classes, const char *words,
                                  size_t bytes, bitocr_lexicon **out, bitocr_error *error) {
    *out = NULL;
    if (bytes > MAX_BYTES)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the list of words is longer than %d bytes",
                           MAX_BYTES);
    word_list list;
    bitocr_status status = bitocr_words_parse(charset, classes, words, bytes, &list, error);
    if (status == BITOCR_OK) {
        *out = make(charset, classes, &list);
        if (!*out)
            status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the list of words");
    }
    bitocr_words_free(&list);
    return status;
}

void bitocr_lexicon_free(bitocr_lexicon *lexicon) {
    if (!lexicon)
        return;
    free(lexicon->folded);
    free(lexicon->joins);
    free(lexicon->nodes);
    free(lexicon);
}
