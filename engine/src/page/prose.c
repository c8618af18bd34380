/* Breuel's rules for columns of prose: line a comes before line b if it is above b and they share
 * columns. It also does if it is wholly to the left of b and no line between them in height shares
 * columns with both. Lines in the margins come before or after all others. The lines are then
 * sorted topologically. */
#include "page/order.h"

#include <string.h>

static const double SHARED = 0.1, /* of the narrower width: lines that overlap more share columns */
    BESIDE = 0.5,                 /* heights by which a line may reach into one to its right */
    FOLLOWS = 3,                  /* heights: a line this near may be the next of its column */
    SLOPE = 0.3;                  /* a pixel further right counts as so much of one further down */

/* Lines sorted by the height of their middles, and sets of lines as bits. */
typedef struct {
    int count;
    size_t words;
    const page_rect **lines;
    uint64_t *shares, *before; /* [count][words] */
    int *open;                 /* how many lines must still come before each */
    page_margins margins;
} prose;

static bool has(const uint64_t *set, int i) {
    return set[i / 64] >> (i % 64) & 1;
}

static void add(uint64_t *set, int i) {
    set[i / 64] |= (uint64_t)1 << (i % 64);
}

static uint64_t *row_of(const prose *p, uint64_t *sets, int i) {
    return sets + (size_t)i * p->words;
}

/* Does any line between i < j share columns with both? */
static bool has_between(const prose *p, int i, int j) {
    const uint64_t *a = row_of(p, p->shares, i), *b = row_of(p, p->shares, j);
    int low = i + 1;
    for (; low < j && low % 64; low++)
        if (has(a, low) && has(b, low))
            return true;
    for (; low + 64 <= j; low += 64)
        if (a[low / 64] & b[low / 64])
            return true;
    for (; low < j; low++)
        if (has(a, low) && has(b, low))
            return true;
    return false;
}

static bool is_left(const page_rect *a, const page_rect *b) {
    return a->right < b->left + BESIDE * page_least(page_height(a), page_height(b));
}

/* Does a margin separate i < j? */
static bool is_parted(const prose *p, int i, int j) {
    int last = p->count - p->margins.foot;
    return (i < p->margins.head && j >= p->margins.head) || (i < last && j >= last);
}

/* Decides which of i < j comes first, if the rules say so. */
static void compare_pair(const prose *p, int i, int j) {
    const page_rect *a = p->lines[i], *b = p->lines[j];
    if (has(row_of(p, p->shares, i), j) || is_parted(p, i, j)) {
        add(row_of(p, p->before, i), j);
        p->open[j]++;
    } else if (bitocr_order_same_row(a, b) || !has_between(p, i, j)) {
        if (is_left(a, b)) {
            add(row_of(p, p->before, i), j);
            p->open[j]++;
        } else if (is_left(b, a)) {
            add(row_of(p, p->before, j), i);
            p->open[i]++;
        }
    }
}

/* Is line i a better continuation of `last` than `best`? */
static bool is_better(const prose *p, int i, int best, int last) {
    if (best < 0)
        return true;
    if (p->open[i] != p->open[best])
        return p->open[i] < p->open[best];
    const page_rect *a = p->lines[i], *b = p->lines[best];
    bool follows[2] = {false, false};
    for (int k = 0; k < 2 && last >= 0; k++) {
        int other = k ? best : i;
        const page_rect *from = p->lines[last], *to = p->lines[other];
        double down = page_middle(to) - page_middle(from);
        follows[k] = has(row_of(p, p->shares, last), other) && down > 0 &&
                     down < FOLLOWS * page_most(page_height(from), page_height(to));
    }
    if (follows[0] != follows[1])
        return follows[0];
    if (follows[0])
        return page_middle(a) < page_middle(b);
    return page_middle(a) + SLOPE * a->left < page_middle(b) + SLOPE * b->left;
}

/* Takes lines that none must precede, one after the other. In a cycle, takes the line that the
 * fewest must precede. */
static void sort(prose *p, const page_rect *rects, int *order) {
    for (int n = 0, last = -1; n < p->count; n++) {
        int best = -1;
        for (int i = 0; i < p->count; i++)
            if (p->open[i] >= 0 && is_better(p, i, best, last))
                best = i;
        order[n] = (int)(p->lines[best] - rects);
        p->open[best] = -1;
        last = best;
        const uint64_t *behind = row_of(p, p->before, best);
        for (int i = 0; i < p->count; i++)
            if (p->open[i] > 0 && has(behind, i))
                p->open[i]--;
    }
}

/* Insertion sort: the detector finds lines nearly from top to bottom. */
static void sort_down(const page_rect **lines, const page_rect *rects, int count) {
    for (int i = 0; i < count; i++) {
        int at = i;
        for (; at > 0 && page_middle(lines[at - 1]) > page_middle(&rects[i]); at--)
            lines[at] = lines[at - 1];
        lines[at] = &rects[i];
    }
}

bool bitocr_order_prose(page_order *o, const page_rect *rects, int count, double height,
                        int *order) {
    size_t n = (size_t)count, words = (n + 63) / 64;
    size_t bytes = n * (sizeof(page_rect *) + sizeof(int));
    if (!bitocr_buffer_reserve(&o->memory[3], 2 * n * words, sizeof(uint64_t)) ||
        !bitocr_buffer_reserve(&o->memory[4], bytes, 1))
        return false;
    prose p = {.count = count, .words = words, .shares = o->memory[3].memory};
    p.before = p.shares + n * words;
    p.lines = o->memory[4].memory;
    p.open = (int *)(p.lines + n);
    memset(p.shares, 0, 2 * n * words * sizeof *p.shares);
    memset(p.open, 0, n * sizeof *p.open);
    sort_down(p.lines, rects, count);
    p.margins = bitocr_order_margins(p.lines, count, height);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            if (i != j && bitocr_order_shared(p.lines[i], p.lines[j]) > SHARED)
                add(row_of(&p, p.shares, i), j);
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++)
            compare_pair(&p, i, j);
    sort(&p, rects, order);
    return true;
}
