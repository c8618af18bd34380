/* Connected components of the kernel map, which marks the middles of lines. Cells are numbered from
 * the map's top left. All arithmetic is on integers, so the order of sums does not matter. */
#ifndef BITOCR_PAGE_COMPONENTS_H
#define BITOCR_PAGE_COMPONENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "page/numbers.h"

enum {
    PAGE_CELL = 4,   /* pixels of the detector's input on a side of a cell */
    PAGE_HEIGHT = 16 /* pixels: the height that a 0 in the height map means */
};

/* The detector's maps, interleaved cell by cell. PAGE_ONE stands for 1. */
enum { MAP_KERNEL, MAP_HEIGHT, MAP_GAP, PAGE_MAPS };

typedef struct {
    int width, height;
    const int16_t *values; /* [height][width][PAGE_MAPS] */
} page_maps;

/* Cells start to end - 1 of row y. */
typedef struct {
    int y, start, end;
    int parent;    /* an earlier run of the same component, or itself if it is the first */
    int component; /* its number since the latest gathering */
} page_run;

typedef struct {
    int first, count; /* of its runs in `order` */
    int cells;
    int64_t x, y, xx, xy, yy; /* sums over cells, relative to the start of the first run */
    int64_t logits;
    int height; /* median of the height map */
} page_component;

/* Memory of one thread; start with zeros. */
typedef struct {
    page_run *runs;
    int run_count;
    int *rows; /* [height + 1]: the first run of each row */
    page_component *components;
    int count;
    int *order; /* runs, component by component */
    buffer memory[5];
} page_components;

void bitocr_components_free(page_components *c);

/* Finds the components of cells whose kernel probability is at least 0.4. Splits them at spaces
 * that are wider than 1.2 heights in the gap map. False: out of memory. */
bool bitocr_components_find(page_components *c, const page_maps *maps);

/* The run of cell (x, y) of the map; -1: it has none. */
int bitocr_components_at(const page_components *c, int x, int y);

/* Joins the components of two runs. Call bitocr_components_gather afterwards. */
void bitocr_components_unite(page_components *c, int a, int b);

/* Fills `components` and `order` from the runs. */
bool bitocr_components_gather(page_components *c, const page_maps *maps);

/* Splits component k: its runs for which `side` is true become a new component, the last one.
 * `side` must be true for some and false for others. */
void bitocr_components_part(page_components *c, const page_maps *maps, int k, const bool *side);

#endif
