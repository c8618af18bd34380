/* The nodes of an n-gram file, of either version, as the tables that ngram.c looks up. */
#include "decode/ngram_file.h"

/* The places of each node's children, by their numbers. The children of node i come after it, and
 * each node except the root is a child. */
static bitocr_status add_children(bitocr_ngram *ngram, int i, uint32_t count, bitocr_error *error) {
    ngram_node *nodes = ngram->nodes;
    int64_t from = nodes[i].first, next = from + count;
    if (from <= i || next > ngram->count)
        return bitocr_ngram_bad(error, "its tree is broken");
    for (int64_t k = from; k < next; k++)
        if (nodes[k].symbol >= ngram->symbols ||
            (k > from && nodes[k].symbol <= nodes[k - 1].symbol))
            return bitocr_ngram_bad(error, "its symbols are not in order");
    nodes[i + 1].first = (int32_t)next;
    return BITOCR_OK;
}

/* Children and back-off weight of node i, `*inner` the number of inner nodes before it. */
static uint32_t read_inner(bitocr_ngram *ngram, const ngram_source *source, uint32_t i,
                           uint32_t *inner) {
    int is_inner =
        source->version == 1 ? i < source->inner : (source->parents[i / 8] >> (i % 8)) & 1;
    if (!is_inner)
        return 0;
    uint32_t k = (*inner)++;
    if (k >= source->inner)
        return 0; /* too many, which is found in the end */
    ngram->nodes[i].backoff = (uint8_t)source->backoff[k];
    return source->version == 1 ? (uint8_t)source->children[k]
                                : bitocr_ngram_u16_at(source->children, k);
}

bitocr_status bitocr_ngram_read_tree(bitocr_ngram *ngram, const ngram_source *source,
                                     bitocr_error *error) {
    bitocr_status status = BITOCR_OK;
    uint32_t inner = 0;
    for (uint32_t i = 0; i < source->nodes; i++) {
        ngram->nodes[i].cost = (uint8_t)source->cost[i];
        ngram->nodes[i].symbol =
            (uint16_t)(source->version == 1 ? (uint8_t)source->symbol[i]
                                            : bitocr_ngram_u16_at(source->symbol, i));
    }
    ngram->nodes[0].first = 1;
    for (uint32_t i = 0; i < source->nodes && status == BITOCR_OK; i++)
        status = add_children(ngram, (int)i, read_inner(ngram, source, i, &inner), error);
    if (status == BITOCR_OK &&
        (inner != source->inner || ngram->nodes[ngram->count].first != ngram->count))
        status = bitocr_ngram_bad(error, "its tree is broken");
    return status;
}
