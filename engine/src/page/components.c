#include "page/components.h"

enum {
    THRESHOLD = -104, /* of a kernel's logit: a probability of 0.4 */
    PARTING = 307,    /* wider gaps than 1.2 heights split a line */
    SAMPLE = 4096     /* cells that a median is taken of, at most */
};

void bitocr_components_free(page_components *c) {
    for (int i = 0; i < 5; i++)
        bitocr_buffer_free(&c->memory[i]);
    *c = (page_components){0};
}

static const int16_t *cell(const page_maps *maps, int x, int y) {
    return maps->values + ((size_t)y * (size_t)maps->width + (size_t)x) * PAGE_MAPS;
}

static bool reserve(page_components *c, int count) {
    if (!bitocr_buffer_reserve(&c->memory[0], (size_t)count, sizeof *c->runs))
        return false;
    c->runs = c->memory[0].memory;
    return true;
}

static bool add_run(page_components *c, int y, int start, int end) {
    if (start == end)
        return true;
    if (!reserve(c, c->run_count + 1))
        return false;
    c->runs[c->run_count] = (page_run){y, start, end, c->run_count, 0};
    c->run_count++;
    return true;
}

/* The end of the gap from cell x on: cells that the gap map marks as between words. */
static int gap_end(const page_maps *maps, int x, int y, int end) {
    while (x < end && cell(maps, x, y)[MAP_GAP] > 0)
        x++;
    return x;
}

/* Adds cells of the kernel, without gaps that are wide for the height there. */
static bool add_cut(page_components *c, const page_maps *maps, int y, int start, int end) {
    for (int x = start, after; x < end; x = after) {
        after = gap_end(maps, x, y, end);
        double height = PAGE_HEIGHT * bitocr_page_exp2(cell(maps, x, y)[MAP_HEIGHT]);
        if ((after - x) * PAGE_CELL * PAGE_ONE > PARTING * height) {
            if (!add_run(c, y, start, x))
                return false;
            start = after;
        }
        after = after > x ? after : x + 1;
    }
    return add_run(c, y, start, end);
}

static bool find_runs(page_components *c, const page_maps *maps, int y) {
    for (int x = 0, start; x < maps->width;) {
        while (x < maps->width && cell(maps, x, y)[MAP_KERNEL] < THRESHOLD)
            x++;
        start = x;
        while (x < maps->width && cell(maps, x, y)[MAP_KERNEL] >= THRESHOLD)
            x++;
        if (!add_cut(c, maps, y, start, x))
            return false;
    }
    return true;
}

static int root_of(page_components *c, int run) {
    page_run *runs = c->runs;
    while (runs[run].parent != run)
        run = runs[run].parent = runs[runs[run].parent].parent;
    return run;
}

void bitocr_components_unite(page_components *c, int a, int b) {
    a = root_of(c, a);
    b = root_of(c, b);
    if (a < b)
        c->runs[b].parent = a;
    else
        c->runs[a].parent = b;
}

/* Joins the runs of row y with those of the row above that touch them, even at corners. */
static void connect_row(page_components *c, int y) {
    int above = c->rows[y - 1], here = c->rows[y];
    while (above < c->rows[y] && here < c->rows[y + 1]) {
        const page_run *a = &c->runs[above], *b = &c->runs[here];
        if (a->start <= b->end && b->start <= a->end)
            bitocr_components_unite(c, above, here);
        if (a->end < b->end)
            above++;
        else
            here++;
    }
}

bool bitocr_components_find(page_components *c, const page_maps *maps) {
    c->run_count = c->count = 0;
    if (!bitocr_buffer_reserve(&c->memory[1], (size_t)maps->height + 1, sizeof *c->rows))
        return false;
    c->rows = c->memory[1].memory;
    for (int y = 0; y < maps->height; y++) {
        c->rows[y] = c->run_count;
        if (!find_runs(c, maps, y))
            return false;
    }
    c->rows[maps->height] = c->run_count;
    for (int y = 1; y < maps->height; y++)
        connect_row(c, y);
    return bitocr_components_gather(c, maps);
}

int bitocr_components_at(const page_components *c, int x, int y) {
    int low = c->rows[y], high = c->rows[y + 1];
    while (low < high) {
        int middle = (low + high) / 2;
        if (c->runs[middle].end <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->rows[y + 1] && c->runs[low].start <= x ? low : -1;
}

/* Numbers the components by their first runs, and sorts the runs by component. */
static void sort_runs(page_components *c) {
    c->count = 0;
    for (int i = 0; i < c->run_count; i++) {
        int root = root_of(c, i);
        if (root == i) {
            c->runs[i].component = c->count;
            c->components[c->count++] = (page_component){0};
        }
        c->runs[i].component = c->runs[root].component;
        c->components[c->runs[i].component].count++;
    }
    for (int k = 0, at = 0; k < c->count; k++) {
        c->components[k].first = at;
        at += c->components[k].count;
        c->components[k].count = 0;
    }
    for (int i = 0; i < c->run_count; i++) {
        page_component *k = &c->components[c->runs[i].component];
        c->order[k->first + k->count++] = i;
    }
}

/* The k-th smallest of values [n], which it reorders. */
static int select_rank(int16_t *values, int n, int k) {
    int left = 0, right = n - 1;
    while (left < right) {
        int16_t pivot = values[left + (right - left) / 2];
        int i = left, j = right;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i <= j) {
                int16_t held = values[i];
                values[i++] = values[j];
                values[j--] = held;
            }
        }
        if (k <= j)
            right = j;
        else if (k >= i)
            left = i;
        else
            break;
    }
    return values[k];
}

static int median(int16_t *values, int n) {
    int step = (n + SAMPLE - 1) / SAMPLE, count = 0;
    for (int i = 0; i < n; i += step)
        values[count++] = values[i];
    return select_rank(values, count, count / 2);
}

/* Computes the sums over a component. `heights` has room for all of its cells. */
static void measure(page_components *c, const page_maps *maps, page_component *k,
                    int16_t *heights) {
    const page_run *first = &c->runs[c->order[k->first]];
    for (int i = 0; i < k->count; i++) {
        const page_run *r = &c->runs[c->order[k->first + i]];
        int64_t y = r->y - first->y;
        for (int at = r->start; at < r->end; at++) {
            int64_t x = at - first->start;
            const int16_t *values = cell(maps, at, r->y);
            k->x += x;
            k->y += y;
            k->xx += x * x;
            k->xy += x * y;
            k->yy += y * y;
            k->logits += values[MAP_KERNEL];
            heights[k->cells++] = values[MAP_HEIGHT];
        }
    }
    k->height = median(heights, k->cells);
}

bool bitocr_components_gather(page_components *c, const page_maps *maps) {
    size_t runs = (size_t)c->run_count, cells = 0;
    for (int i = 0; i < c->run_count; i++)
        cells += (size_t)(c->runs[i].end - c->runs[i].start);
    if (!bitocr_buffer_reserve(&c->memory[2], runs, sizeof *c->components) ||
        !bitocr_buffer_reserve(&c->memory[3], runs, sizeof *c->order) ||
        !bitocr_buffer_reserve(&c->memory[4], cells > 2 * runs ? cells : 2 * runs, sizeof(int16_t)))
        return false;
    c->components = c->memory[2].memory;
    c->order = c->memory[3].memory;
    sort_runs(c);
    for (int k = 0; k < c->count; k++)
        measure(c, maps, &c->components[k], c->memory[4].memory);
    return true;
}

/* Moves the runs of one side to the front, in order. Returns how many there are. */
static int partition(int *order, int count, const bool *side, int *others) {
    int kept = 0, left = 0;
    for (int i = 0; i < count; i++)
        if (side[i])
            others[left++] = order[i];
        else
            order[kept++] = order[i];
    for (int i = 0; i < left; i++)
        order[kept + i] = others[i];
    return kept;
}

static void measure_anew(page_components *c, const page_maps *maps, int k, int first, int count) {
    c->components[k] = (page_component){.first = first, .count = count};
    for (int i = first; i < first + count; i++)
        c->runs[c->order[i]].component = k;
    measure(c, maps, &c->components[k], c->memory[4].memory);
}

void bitocr_components_part(page_components *c, const page_maps *maps, int k, const bool *side) {
    page_component whole = c->components[k];
    int kept = partition(c->order + whole.first, whole.count, side, c->memory[4].memory);
    measure_anew(c, maps, k, whole.first, kept);
    measure_anew(c, maps, c->count++, whole.first + kept, whole.count - kept);
}
