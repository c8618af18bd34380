/* Connected components of the kernel map: the lines' middles. Cells are numbered from the map's top
 * left. Everything is integers, so the order of sums does not matter. */
#ifndef BITOCR_PAGE_COMPONENTS_H
#define BITOCR_PAGE_COMPONENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "page/numbers.h"

enum {
    PAGE_CELL = 4,   /* pixels of the detector's input on a side of a cell */
    PAGE_HEIGHT = 16 /* pixels: the height that the height map's 0 stands for */
};

/* The detector's maps, one after the other for each cell; PAGE_ONE stands for 1. */
enum { MAP_KERNEL, MAP_HEIGHT, MAP_GAP, PAGE_MAPS };

typedef struct {
    int width, height;
    const int16_t *values; /* [height][width][PAGE_MAPS] */
} page_maps;

/* Cells start to end - 1 of row y. */
typedef struct {
    int y, start, end;
    int parent;    /* a run of the same component, not behind this one; itself: the first one */
    int component; /* its number, as of the latest gathering */
} page_run;

typedef struct {
    int first, count; /* of its runs in `order` */
    int cells;
    int64_t x, y, xx, xy, yy; /* sums over cells, counted from those of its first run's start */
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

/* Finds the components of cells whose kernel logit is that of a probability of 0.4 or more. Spaces
 * that the gap map shows to be wider than 1.2 heights part them. False: out of memory. */
bool bitocr_components_find(page_components *c, const page_maps *maps);

/* The run that cell (x, y) of the map belongs to; -1: none. */
int bitocr_components_at(const page_components *c, int x, int y);

/* Makes the components of two runs one. bitocr_components_gather must follow. */
void bitocr_components_unite(page_components *c, int a, int b);

/* Fills `components` and `order` from the runs. */
bool bitocr_components_gather(page_components *c, const page_maps *maps);

/* Parts component k: those of its runs for which `side` is true become a component of their own,
 * the last one. Some must be true, and some not. */
void bitocr_components_part(page_components *c, const page_maps *maps, int k, const bool *side);

#endif
