/* Rows in which gray hardly changes separate stacked parts. In an image that is taller than wide,
 * the parts are characters: strokes of one character, such as those of 二, belong together as long
 * as they are not taller than the column is wide; taller parts are cut into squares. In other
 * images they are lines, if they are about equally high and wider than high. */
#include "base/error.h"
#include "image/arrange.h"
#include "image/gray.h"

#include <string.h>

enum {
    MOST_CELLS = 64,
    MOST_LINES = 3,
    LEAST_RANGE = 24, /* gray levels, of ink */
    SHARE = 4         /* of the greatest range, that a row with ink has */
};

typedef struct {
    int first, last, left, right; /* rows and columns; `last` and `right` are beyond it */
} cell;

typedef struct {
    uint8_t *gray; /* [height][width] */
    int width, height;
    int range; /* the greatest range of gray in a row */
    int ground;
    int count, is_column;
    int is_certain; /* a column, whatever its characters are read as */
    cell cells[MOST_CELLS];
} stack;

static int row_range(const stack *s, int y) {
    const uint8_t *row = s->gray + (ptrdiff_t)y * s->width;
    uint8_t low = 255, high = 0;
    for (int x = 0; x < s->width; x++) {
        low = row[x] < low ? row[x] : low;
        high = row[x] > high ? row[x] : high;
    }
    return high - low;
}

static int has_ink(const stack *s, int y) {
    return row_range(s, y) * SHARE > s->range;
}

/* The mean of the rows without ink. */
static int find_ground(const stack *s) {
    uint64_t sum = 0, count = 0;
    for (int y = 0; y < s->height; y++)
        if (!has_ink(s, y)) {
            for (int x = 0; x < s->width; x++)
                sum += s->gray[(ptrdiff_t)y * s->width + x];
            count += (uint64_t)s->width;
        }
    return count ? (int)(sum / count) : -1;
}

/* The runs of rows with ink; 0: too many. */
static int find_bands(stack *s) {
    for (int y = 0; y < s->height; y++) {
        if (!has_ink(s, y))
            continue;
        if (s->count && s->cells[s->count - 1].last == y)
            s->cells[s->count - 1].last++;
        else if (s->count == MOST_CELLS)
            return 0;
        else
            s->cells[s->count++] = (cell){y, y + 1, s->width, 0};
    }
    return 1;
}

static int is_ink(const stack *s, int x, int y) {
    int difference = s->gray[(ptrdiff_t)y * s->width + x] - s->ground;
    return (difference < 0 ? -difference : difference) * SHARE > s->range;
}

/* The columns of a cell that have ink. */
static void find_sides(const stack *s, cell *c) {
    c->left = s->width;
    c->right = 0;
    for (int y = c->first; y < c->last; y++)
        for (int x = 0; x < s->width; x++)
            if (is_ink(s, x, y)) {
                c->left = x < c->left ? x : c->left;
                c->right = x >= c->right ? x + 1 : c->right;
            }
}

static int height_of(const cell *c) {
    return c->last - c->first;
}

static int tallest(const stack *s) {
    int most = 0;
    for (int i = 0; i < s->count; i++)
        most = height_of(&s->cells[i]) > most ? height_of(&s->cells[i]) : most;
    return most;
}

/* From the leftmost to the rightmost ink of all cells. */
static int column_width(const stack *s) {
    int left = s->width, right = 0;
    for (int i = 0; i < s->count; i++) {
        left = s->cells[i].left < left ? s->cells[i].left : left;
        right = s->cells[i].right > right ? s->cells[i].right : right;
    }
    return right - left;
}

/* Strokes of one character, which are no taller together than the column is wide. */
static void merge(stack *s, int width) {
    int kept = 0;
    for (int i = 1; i < s->count; i++)
        if (8 * (s->cells[i].last - s->cells[kept].first) <= 9 * width)
            s->cells[kept].last = s->cells[i].last;
        else
            s->cells[++kept] = s->cells[i];
    s->count = kept + 1;
}

/* Characters without a gap between them, cut into squares; 0: too many. */
static int split(stack *s, int width) {
    cell cells[MOST_CELLS];
    int count = 0;
    for (int i = 0; i < s->count; i++) {
        cell c = s->cells[i];
        int high = height_of(&c), parts = 2 * high > 3 * width ? (high + width / 2) / width : 1;
        if (parts > MOST_CELLS - count)
            return 0;
        for (int k = 0; k < parts; k++)
            cells[count++] =
                (cell){c.first + high * k / parts, c.first + high * (k + 1) / parts, 0, 0};
    }
    memcpy(s->cells, cells, (size_t)count * sizeof *cells);
    s->count = count;
    return 1;
}

static int are_equally_high(const stack *s) {
    for (int i = 0, most = tallest(s); i < s->count; i++)
        if (2 * height_of(&s->cells[i]) < most)
            return 0;
    return 1;
}

static int find_characters(stack *s) {
    int width = column_width(s);
    if (s->count < 2) /* a single tall character, rather than a column without any gap */
        return 0;
    merge(s, width);
    s->is_certain = s->count > 2 && are_equally_high(s);
    return split(s, width) && s->count > 1;
}

/* Two or three bands that look like lines. */
static int are_lines(const stack *s) {
    if (s->count < 2 || s->count > MOST_LINES || !are_equally_high(s))
        return 0;
    for (int i = 0; i < s->count; i++)
        if (s->cells[i].right - s->cells[i].left < 2 * height_of(&s->cells[i]))
            return 0;
    return 1;
}

static void find_all_sides(stack *s) {
    for (int i = 0; i < s->count; i++)
        find_sides(s, &s->cells[i]);
}

/* Fills in the cells; 0: it is no stack. */
static int take_apart(stack *s) {
    for (int y = 0; y < s->height; y++) {
        int range = row_range(s, y);
        s->range = range > s->range ? range : s->range;
    }
    s->ground = find_ground(s);
    if (s->range < LEAST_RANGE || s->ground < 0 || !find_bands(s))
        return 0;
    find_all_sides(s);
    int is_stack = s->is_column ? find_characters(s) : are_lines(s);
    if (is_stack)
        find_all_sides(s);
    return is_stack;
}

static void copy_cell(const stack *s, const cell *c, uint8_t *out, int width, int top) {
    for (int y = c->first; y < c->last; y++)
        memcpy(out + (ptrdiff_t)(top + y - c->first) * width,
               s->gray + (ptrdiff_t)y * s->width + c->left, (size_t)(c->right - c->left));
}

/* Side by side, in the middle of the line's height, with a margin and gaps of ground. */
static bitocr_status put_together(const stack *s, buffer *scratch, bitocr_image *out,
                                  bitocr_error *error) {
    int high = tallest(s), margin = high / 4 + 1, gap = (s->is_column ? high / 5 : high / 2) + 1;
    int width = 2 * margin - gap, height = high + 2 * margin, x = margin;
    for (int i = 0; i < s->count; i++)
        if (s->cells[i].right > s->cells[i].left)
            width += s->cells[i].right - s->cells[i].left + gap;
    if (width < 1 || width > BITOCR_MAX_SIDE)
        return BITOCR_OK;
    size_t bytes = (size_t)width * (size_t)height;
    if (!bitocr_buffer_reserve(scratch, bytes, 1))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image", width,
                           height);
    uint8_t *pixels = scratch->memory;
    memset(pixels, s->ground, bytes);
    for (int i = 0; i < s->count; i++) {
        const cell *c = &s->cells[i];
        if (c->right <= c->left)
            continue;
        copy_cell(s, c, pixels + x, width, margin + (high - height_of(c)) / 2);
        x += c->right - c->left + gap;
    }
    *out = (bitocr_image){sizeof *out, pixels, width, height, width, 1};
    return BITOCR_OK;
}

bitocr_status bitocr_arrange_unstack(arrange_scratch *scratch, const bitocr_image *image,
                                     bitocr_image *out, int *is_column, bitocr_error *error) {
    size_t width = (size_t)image->width, height = (size_t)image->height;
    *out = (bitocr_image){.size = sizeof *out};
    *is_column = 0;
    if (!bitocr_buffer_reserve(&scratch->plane, width * height, 1))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a %d x %d image",
                           image->width, image->height);
    stack s = {.gray = scratch->plane.memory,
               .width = image->width,
               .height = image->height,
               .is_column = bitocr_arrange_is_tall(image)};
    int ground = bitocr_image_ground(image);
    for (int y = 0; y < image->height; y++)
        bitocr_gray_row(image->pixels + y * image->stride, image->width, image->channels, ground,
                        s.gray + (size_t)y * width);
    if (!take_apart(&s))
        return BITOCR_OK;
    *is_column = s.is_certain;
    return put_together(&s, &scratch->out, out, error);
}
