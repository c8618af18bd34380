/* There is ink where gray changes. The image is averaged in square cells, about 48 to its height,
 * to reduce noise; the difference of two neighbouring cells is an edge. Rows and columns whose
 * strongest edge is at least a sixth of the image's strongest have ink. Gradients of light do not
 * reach that, and camera noise and JPEG blocks hardly ever do. Everything between ink is kept, and
 * a margin around it, whose height distinguishes a lone x from an X. */
#include "image/trim.h"
#include "base/error.h"
#include "image/gray.h"

#include <stdbool.h>
#include <string.h>

enum {
    CELLS = 48,
    MOST_CELLS = 72, /* to the height: the size of a cell is rounded to whole pixels */
    FAINTEST = 8,    /* the edge, in gray levels, without which there is no ink */
    COLOURED = 24, /* the same in a channel, where gray has none: letters as bright as the ground */
    SHARE = 6,     /* of the strongest edge, that the edges of ink have */
    FLATTEST = 4,  /* ink of a smaller part of the height may be a dash: its place tells that */
    RULE = 24,     /* times as wide as high: such flat ink is a rule, and longer than a dash */
    MARGIN_TENTHS = 4 /* of the ink's height, which remain around it */
};

/* The cells of an image, row by row, and the strongest edge in each of their rows and columns. */
typedef struct {
    const bitocr_image *image;
    int channel; /* -1: gray */
    int size, columns, rows, ground;
    int32_t *sums;                 /* [columns] */
    uint8_t *gray, *cells, *above; /* [width], [columns], [columns] */
    uint8_t *column_edges;         /* [columns] */
    uint8_t *across; /* [columns]: the strongest edge between each column and the next */
    uint8_t row_edges[MOST_CELLS];
} grid;

/* From the first to before the last. */
typedef struct {
    int first, last;
} span;

static int rounded_up(int value, int unit) {
    return (value + unit - 1) / unit;
}

static bitocr_status make_grid(grid *g, buffer *scratch, const bitocr_image *image,
                               bitocr_error *error) {
    int size = (image->height + CELLS / 2) / CELLS;
    *g = (grid){.image = image,
                .channel = -1,
                .size = size > 1 ? size : 1,
                .ground = bitocr_image_ground(image)};
    g->columns = rounded_up(image->width, g->size);
    g->rows = rounded_up(image->height, g->size);
    size_t columns = (size_t)g->columns, width = (size_t)image->width;
    if (!bitocr_buffer_reserve(scratch, columns * (sizeof *g->sums + 4) + width, 1))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image",
                           image->width, image->height);
    g->sums = scratch->memory;
    g->cells = (uint8_t *)(g->sums + columns);
    g->above = g->cells + columns;
    g->column_edges = g->above + columns;
    g->across = g->column_edges + columns;
    g->gray = g->across + columns;
    return BITOCR_OK;
}

static void gray_row(const grid *g, int y, uint8_t *gray) {
    const bitocr_image *image = g->image;
    const uint8_t *row = image->pixels + y * image->stride;
    if (g->channel < 0)
        bitocr_gray_row(row, image->width, image->channels, g->ground, gray);
    else
        bitocr_channel_row(row, image->width, image->channels, g->channel, g->ground, gray);
}

static void add_gray_row(grid *g, int y) {
    const bitocr_image *image = g->image;
    gray_row(g, y, g->gray);
    for (int c = 0, x = 0; c < g->columns; c++)
        for (int end = x + g->size; x < end && x < image->width; x++)
            g->sums[c] += g->gray[x];
}

/* Row r of the cells, and the one before it. */
static void fill_row(grid *g, int r) {
    uint8_t *above = g->cells;
    g->cells = g->above;
    g->above = above;
    if (g->size == 1) { /* a cell is a pixel, as in most words */
        gray_row(g, r, g->cells);
        return;
    }
    int top = r * g->size, rest = g->image->height - top, rows = rest < g->size ? rest : g->size;
    memset(g->sums, 0, (size_t)g->columns * sizeof *g->sums);
    for (int y = 0; y < rows; y++)
        add_gray_row(g, top + y);
    for (int c = 0; c < g->columns; c++) {
        int beyond = g->image->width - c * g->size, wide = beyond < g->size ? beyond : g->size;
        g->cells[c] = (uint8_t)(g->sums[c] / (wide * rows));
    }
}

static uint8_t edge(uint8_t a, uint8_t b) {
    return (uint8_t)(a > b ? a - b : b - a);
}

static uint8_t stronger(uint8_t a, uint8_t b) {
    return a > b ? a : b;
}

/* Raises `edges` [count] to the differences of a and b; the strongest of these. */
static uint8_t raise_edges(const uint8_t *a, const uint8_t *b, int count, uint8_t *edges) {
    uint8_t strongest = 0;
    for (int c = 0; c < count; c++) {
        uint8_t value = edge(a[c], b[c]);
        edges[c] = stronger(edges[c], value);
        strongest = stronger(strongest, value);
    }
    return strongest;
}

/* An edge belongs to the cells on both of its sides; those across wait for `spread_across`. */
static void measure_row(grid *g, int r) {
    uint8_t *rows = g->row_edges;
    rows[r] = stronger(rows[r], raise_edges(g->cells, g->cells + 1, g->columns - 1, g->across));
    if (r) {
        uint8_t down = raise_edges(g->cells, g->above, g->columns, g->column_edges);
        rows[r - 1] = stronger(rows[r - 1], down);
        rows[r] = stronger(rows[r], down);
    }
}

static void spread_across(grid *g) {
    for (int c = 0; c + 1 < g->columns; c++) {
        g->column_edges[c] = stronger(g->column_edges[c], g->across[c]);
        g->column_edges[c + 1] = stronger(g->column_edges[c + 1], g->across[c]);
    }
}

/* Measures all of the image; the strongest of its edges. */
static int strongest_edge(grid *g) {
    uint8_t strongest = 0;
    memset(g->column_edges, 0, (size_t)g->columns);
    memset(g->across, 0, (size_t)g->columns);
    memset(g->row_edges, 0, sizeof g->row_edges);
    for (int r = 0; r < g->rows; r++) {
        fill_row(g, r);
        measure_row(g, r);
    }
    spread_across(g);
    for (int r = 0; r < g->rows; r++)
        strongest = stronger(strongest, g->row_edges[r]);
    return strongest;
}

/* The pixels of the cells from the first to the last edge that is strong enough: there is one. */
static span find_ink(const uint8_t *edges, int count, int least, int size, int pixels) {
    int first = 0, last = count;
    while (edges[first] < least)
        first++;
    while (edges[last - 1] < least)
        last--;
    return (span){first * size, last < count ? last * size : pixels};
}

static span widened(span ink, int margin, int pixels) {
    int first = ink.first - margin, last = ink.last + margin;
    return (span){first > 0 ? first : 0, last < pixels ? last : pixels};
}

/* Whether all ink is one rule, with an edge above or below it everywhere. */
static bool is_rule(const grid *g, int least, span x, span y) {
    int height = y.last - y.first;
    if (height > g->image->height / (2 * FLATTEST) || x.last - x.first <= RULE * height)
        return false;
    for (int c = x.first / g->size; c < x.last / g->size; c++)
        if (g->column_edges[c] < least)
            return false;
    return true;
}

/* The image from the first to the last ink, with the margin around it; nothing if it is a rule. */
static void cut(const grid *g, int strongest, bitocr_image *part) {
    const bitocr_image *image = g->image;
    int least = rounded_up(strongest, SHARE);
    span y = find_ink(g->row_edges, g->rows, least, g->size, image->height);
    span x = find_ink(g->column_edges, g->columns, least, g->size, image->width);
    if (is_rule(g, least, x, y)) {
        part->width = part->height = 0;
        return;
    }
    int height = y.last - y.first, margin = rounded_up(height * MARGIN_TENTHS, 10);
    y = height < image->height / FLATTEST ? (span){0, image->height}
                                          : widened(y, margin, image->height);
    x = widened(x, rounded_up((y.last - y.first) * MARGIN_TENTHS, 10), image->width);
    part->pixels += y.first * image->stride + (ptrdiff_t)x.first * image->channels;
    part->width = x.last - x.first;
    part->height = y.last - y.first;
}

bitocr_status bitocr_image_trim(buffer *scratch, const bitocr_image *image, int *channel,
                                bitocr_image *part, bitocr_error *error) {
    grid g;
    bitocr_status status = bitocr_image_check_pixels(image, error);
    if (status == BITOCR_OK)
        status = make_grid(&g, scratch, image, error);
    if (status != BITOCR_OK)
        return status;
    *part = *image;
    part->width = part->height = 0;
    int strongest = strongest_edge(&g), least = FAINTEST;
    while (strongest < least && channel && image->channels > 1 && g.channel < 2) {
        g.channel++;
        strongest = strongest_edge(&g);
        least = COLOURED;
    }
    if (strongest >= least)
        cut(&g, strongest, part);
    if (channel)
        *channel = g.channel;
    return BITOCR_OK;
}

int bitocr_image_left(const bitocr_image *image, const bitocr_image *part) {
    return (int)((part->pixels - image->pixels) % image->stride) / image->channels;
}

bitocr_status bitocr_trim(const bitocr_image *image, bitocr_image *part, bitocr_error *error) {
    buffer scratch = {NULL, 0};
    bitocr_status status = bitocr_image_trim(&scratch, image, NULL, part, error);
    bitocr_buffer_free(&scratch);
    return status;
}
