#include "decode/constraint_automaton.h"

#include <stdlib.h>

static const uint16_t NEVER = UINT16_MAX;

int bitocr_position_next(const position_set *set, int position) {
    while (position < POSITIONS) {
        uint64_t word = set->words[position / 64] >> position % 64;
        if (word & 1)
            return position;
        position = !word ? (position / 64 + 1) * 64 : word & 0xFF ? position + 1 : position + 8;
    }
    return POSITIONS;
}

automaton *bitocr_automaton_create(int classes) {
    automaton *a = calloc(1, sizeof *a);
    position_set *of_label = calloc((size_t)classes, sizeof *of_label);
    if (!a || !of_label) {
        free(a);
        free(of_label);
        return NULL;
    }
    a->classes = classes;
    a->of_label = of_label;
    return a;
}

void bitocr_automaton_free(automaton *a) {
    if (a)
        free(a->of_label);
    free(a);
}

int bitocr_automaton_frames(const automaton *a, const position_set *next, int label) {
    int fewest = NEVER;
    for (int p = 0; (p = bitocr_position_next(next, p)) < POSITIONS; p++) {
        int frames = a->rest[p] + 1 + (label && a->only[p] == label);
        if (a->rest[p] != NEVER && frames < fewest)
            fewest = frames;
    }
    return fewest == NEVER ? -1 : fewest;
}

int bitocr_automaton_frames_behind(const automaton *a, const position_set *at, int label) {
    position_set ends = position_common(at, &a->last);
    int fewest = -1;
    if (!position_none(&ends))
        return 0;
    for (int p = 0; (p = bitocr_position_next(at, p)) < POSITIONS; p++) {
        int frames = bitocr_automaton_frames(a, &a->follow[p], label);
        if (frames >= 0 && (fewest < 0 || frames < fewest))
            fewest = frames;
    }
    return fewest;
}

/* Which label alone may stand at each position. */
static void fill_only(automaton *a) {
    int several[POSITIONS] = {0};
    for (int label = 1; label < a->classes; label++)
        for (int p = 0; (p = bitocr_position_next(&a->of_label[label], p)) < POSITIONS; p++) {
            several[p] |= a->only[p];
            a->only[p] = several[p] ? 0 : label;
        }
}

/* From the ends back, until no position comes nearer to one. */
static void fill_rest(automaton *a, const position_set *usable) {
    for (int p = 0; p < POSITIONS; p++)
        a->rest[p] = position_is_in(usable, p) && position_is_in(&a->last, p) ? 0 : NEVER;
    for (int changes = 1; changes;) {
        changes = 0;
        for (int p = a->count - 1; p >= 0; p--) {
            int frames = bitocr_automaton_frames(a, &a->follow[p], a->only[p]);
            if (position_is_in(usable, p) && frames >= 0 && frames < a->rest[p]) {
                a->rest[p] = (uint16_t)frames;
                changes = 1;
            }
        }
    }
}

int bitocr_automaton_finish(automaton *a) {
    position_set usable = {{0}}, useful = {{0}};
    for (int label = 1; label < a->classes; label++)
        position_join(&usable, &a->of_label[label]);
    fill_only(a);
    fill_rest(a, &usable);
    for (int p = 0; p < a->count; p++)
        if (a->rest[p] != NEVER) {
            position_add(&useful, p);
            a->enough = a->rest[p] + 2 > a->enough ? a->rest[p] + 2 : a->enough;
        }
    a->first = position_common(&a->first, &useful);
    for (int p = 0; p < a->count; p++)
        a->follow[p] = position_common(&a->follow[p], &useful);
    return a->takes_empty || !position_none(&a->first);
}
