/* The order in which the rows of a chain of layers are computed: as soon as the input of a row is
 * there, later layers first. So only a few rows of each map are needed at a time. They stay in the
 * second-level cache, however large the maps are. */
#ifndef BITOCR_NET_CHAIN_H
#define BITOCR_NET_CHAIN_H

#include <stdint.h>

#include "base/pool.h"

enum { CHAIN_MAX_LAYERS = 65, CHAIN_MAX_ROWS = 1 << 16 };

/* Row y reads the rows y * stride - 1 to y * stride + 1 of the layer before it, but only those from
 * y * stride on of its kept floats (`room`). */
typedef struct {
    int rows, stride;
    int room;          /* rows of its output that are kept, 2 or more; `rows`: all */
    int taken;         /* the first row that nobody has begun */
    int done;          /* all rows before it are finished */
    uint64_t finished; /* a bit for each row from `done` on */
} chain_layer;

typedef struct {
    int count;
    int from;                             /* no later layer has a row that can be computed */
    chain_layer layers[CHAIN_MAX_LAYERS]; /* the first reads what is there before it all */
} chain;

/* A piece of work (pool_steps): one row of a layer. */
static inline int chain_layer_of(int piece) {
    return piece / CHAIN_MAX_ROWS;
}

static inline int chain_row_of(int piece) {
    return piece % CHAIN_MAX_ROWS;
}

int bitocr_chain_next(const chain *c); /* or POOL_LATER or POOL_END */
void bitocr_chain_take(chain *c, int piece);
void bitocr_chain_finish(chain *c, int piece);

#endif
