#include "net/chain.h"

enum { BITS = 64 };

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* Whether the layer's next row can be computed. */
static int is_ready(const chain *c, int i) {
    const chain_layer *layer = &c->layers[i];
    int y = layer->taken;
    if (y == layer->rows || y - layer->done == BITS)
        return 0;
    if (i > 0 && layer[-1].done < smaller(y * layer->stride + 2, layer[-1].rows))
        return 0;
    /* The row that it would overwrite must have been read. */
    return i + 1 == c->count || y - layer->room < layer[1].done * layer[1].stride;
}

int bitocr_chain_next(const chain *c) {
    const chain_layer *last = &c->layers[c->count - 1];
    for (int i = c->from; i >= 0; i--)
        if (is_ready(c, i))
            return i * CHAIN_MAX_ROWS + c->layers[i].taken;
    return last->taken == last->rows ? POOL_END : POOL_LATER;
}

void bitocr_chain_take(chain *c, int piece) {
    int i = chain_layer_of(piece);
    c->layers[i].taken++;
    c->from = i;
}

void bitocr_chain_finish(chain *c, int piece) {
    int i = chain_layer_of(piece), behind = i + 1 < c->count ? i + 1 : i;
    chain_layer *layer = &c->layers[i];
    if (behind > c->from)
        c->from = behind;
    layer->finished |= (uint64_t)1 << (chain_row_of(piece) - layer->done);
    for (; layer->finished & 1; layer->finished >>= 1)
        layer->done++;
}
