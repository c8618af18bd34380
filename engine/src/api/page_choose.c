/* Chooses between lines that two looks saw in different ways. */
#include <math.h>

#include "api/page_lines.h"

static const float SURE = 0.75F, /* the least mean score of a further look's text that counts */
    AGAIN = 0.65F, /* the least confidence of what only a look at a doubtful line's place shows */
    FIRST = 1.15F; /* how many times better the lines of a further look must be */

/* How much text line i has, by how surely it is read. */
static float worth_of(const page_request *r, int i) {
    float sum = 0;
    for (int k = 0; k < 2; k++) {
        const page_reading *one = &r->readings[2 * i + k];
        float least = one->box.look ? SURE : r->min_score;
        bool is_doubtful = one->box.look >= PAGE_AGAIN && one->confidence < AGAIN;
        if (one->score >= least && !is_doubtful)
            sum += (float)one->count * sqrtf(one->confidence);
    }
    return r->readings[2 * i].box.look ? sum : FIRST * sum;
}

static void exchange(page_request *r, int i, int j) {
    for (int k = 0; k < 2 && i != j; k++) {
        page_reading held = r->readings[2 * i + k];
        r->readings[2 * i + k] = r->readings[2 * j + k];
        r->readings[2 * j + k] = held;
    }
}

/* The best of the lines from `first` on. */
static int find_best(const page_request *r, int first) {
    int best = first;
    float most = worth_of(r, first);
    for (int i = first + 1; i < r->found; i++) {
        float worth = worth_of(r, i);
        if (worth > most) {
            most = worth;
            best = i;
        }
    }
    return best;
}

/* Drops lines from `first` on that overlap the line before, if they come from another look. */
static void drop_under(page_request *r, int first) {
    const page_box *box = &r->readings[2 * (first - 1)].box;
    for (int i = first; i < r->found;) {
        const page_box *other = &r->readings[2 * i].box;
        if (box->look != other->look && bitocr_boxes_overlap(box, other))
            exchange(r, i, --r->found);
        else
            i++;
    }
}

/* Drops what a further look saw and could not read surely; returns how many of its lines stay. */
static int drop_unread(page_request *r) {
    int others = 0;
    for (int i = 0; i < r->found;) {
        bool is_other = r->readings[2 * i].box.look;
        if (is_other && worth_of(r, i) <= 0) {
            exchange(r, i, --r->found);
        } else {
            others += is_other;
            i++;
        }
    }
    return others;
}

void bitocr_page_choose(page_request *r) {
    if (!drop_unread(r))
        return;
    for (int i = 0; i < r->found; i++) {
        exchange(r, i, find_best(r, i));
        drop_under(r, i + 1);
    }
}
