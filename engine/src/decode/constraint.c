#include "decode/constraint.h"
#include "base/error.h"
#include "decode/constraint_pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A label that is behind the best one by at most this is tried, however improbable both are. */
static const float NEAR = 6;

struct bitocr_constraint {
    int classes;
    automaton *parts[CONSTRAINT_PARTS]; /* NULL: none */
    const text_check *check;            /* NULL: none */
    uint32_t *characters;               /* [classes] */
    int *labels;                        /* [label_count] of all texts */
    int label_count;
};

int bitocr_constraint_classes(const bitocr_constraint *constraint) {
    return constraint->classes;
}

double bitocr_constraint_chance(const bitocr_constraint *constraint) {
    return constraint->check ? constraint->check->chance : 1;
}

void bitocr_constraint_free(bitocr_constraint *constraint) {
    if (!constraint)
        return;
    for (int k = 0; k < CONSTRAINT_PARTS; k++)
        bitocr_automaton_free(constraint->parts[k]);
    free(constraint->characters);
    free(constraint->labels);
    free(constraint);
}

static int fill(bitocr_constraint *c, const uint32_t *charset) {
    size_t classes = (size_t)c->classes;
    c->characters = malloc(classes * sizeof *c->characters);
    c->labels = malloc(classes * sizeof *c->labels);
    if (!c->characters || !c->labels)
        return 0;
    c->characters[0] = 0;
    memcpy(c->characters + 1, charset, (classes - 1) * sizeof *charset);
    for (int label = 1; label < c->classes; label++) {
        int is_any = 1;
        for (int k = 0; k < CONSTRAINT_PARTS; k++)
            is_any &= !c->parts[k] || !position_none(&c->parts[k]->of_label[label]);
        if (is_any)
            c->labels[c->label_count++] = label;
    }
    return 1;
}

static bitocr_status compile(bitocr_constraint *c, const uint32_t *charset, const char *allow,
                             const char *pattern, const char *check, bitocr_error *error) {
    bitocr_status status = BITOCR_OK;
    if (!allow && !pattern && !check)
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "a constraint takes characters, a pattern or a check");
    if (check && !(c->check = bitocr_check_find(check)))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "there is no check %.40s: it is luhn, iban, mrz, ean or date", check);
    if (allow || pattern)
        status = bitocr_pattern_compile(charset, c->classes, pattern, allow, &c->parts[0], error);
    if (status == BITOCR_OK && check)
        status = bitocr_pattern_compile(charset, c->classes, c->check->pattern, NULL, &c->parts[1],
                                        error);
    if (status == BITOCR_OK && !fill(c, charset))
        status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    return status;
}

bitocr_status bitocr_constraint_make(const uint32_t *charset, int classes, const char *allow,
                                     const char *pattern, const char *check,
                                     bitocr_constraint **out, bitocr_error *error) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    (*out)->classes = classes;
    bitocr_status status = compile(*out, charset, allow, pattern, check, error);
    if (status != BITOCR_OK) {
        bitocr_constraint_free(*out);
        *out = NULL;
    }
    return status;
}

void bitocr_constraint_start(const bitocr_constraint *constraint, constraint_state *state) {
    *state = (constraint_state){.is_whole = {1, 1}};
    for (int k = 0; k < CONSTRAINT_PARTS; k++)
        if (constraint->parts[k]) {
            state->next[k] = constraint->parts[k]->first;
            state->is_whole[k] = (uint8_t)constraint->parts[k]->takes_empty;
        }
}

void bitocr_constraint_step(const bitocr_constraint *constraint, constraint_state *state,
                            int label) {
    for (int k = 0; k < CONSTRAINT_PARTS; k++) {
        const automaton *a = constraint->parts[k];
        if (!a)
            continue;
        position_set at = position_common(&state->next[k], &a->of_label[label]);
        position_set end = position_common(&at, &a->last);
        state->is_whole[k] = (uint8_t)!position_none(&end);
        state->next[k] = (position_set){{0}};
        for (int p = 0; (p = bitocr_position_next(&at, p)) < POSITIONS; p++)
            position_join(&state->next[k], &a->follow[p]);
    }
    if (constraint->check)
        constraint->check->step(&state->check, constraint->characters[label]);
}

/* Whether the text may grow by this label and end within `left` characters after it. */
static int may_grow(const bitocr_constraint *constraint, const constraint_state *state, int label,
                    int left) {
    for (int k = 0; k < CONSTRAINT_PARTS; k++) {
        const automaton *a = constraint->parts[k];
        if (!a)
            continue;
        position_set at = position_common(&state->next[k], &a->of_label[label]);
        if (position_none(&at))
            return 0;
        if (left < a->enough && bitocr_automaton_frames_behind(a, &at, label) > left)
            return 0;
    }
    check_state next = state->check;
    return !constraint->check || constraint->check->step(&next, constraint->characters[label]);
}

int bitocr_constraint_labels(const bitocr_constraint *constraint, const constraint_state *state,
                             const float *logprobs, int left, float hopeless, int *labels,
                             int room) {
    int count = 0;
    float least = -INFINITY;
    for (int i = 0; i < constraint->label_count; i++) {
        int label = constraint->labels[i];
        float p = logprobs[label];
        if (!(p > least) || !may_grow(constraint, state, label, left))
            continue;
        int at = count < room ? count++ : room - 1;
        for (; at > 0 && logprobs[labels[at - 1]] < p; at--)
            labels[at] = labels[at - 1];
        labels[at] = label;
        float best = logprobs[labels[0]], near = best - NEAR < hopeless ? best - NEAR : hopeless;
        least =
            count == room && logprobs[labels[room - 1]] > near ? logprobs[labels[room - 1]] : near;
    }
    while (count && logprobs[labels[count - 1]] < least)
        count--;
    return count;
}

int bitocr_constraint_can_end(const bitocr_constraint *constraint, const constraint_state *state,
                              int left) {
    for (int k = 0; k < CONSTRAINT_PARTS; k++)
        if (!state->is_whole[k] && left < constraint->parts[k]->enough &&
            bitocr_automaton_frames(constraint->parts[k], &state->next[k], 0) > left)
            return 0;
    return 1;
}

int bitocr_constraint_passes(const bitocr_constraint *constraint, const constraint_state *state) {
    return state->is_whole[0] && state->is_whole[1] &&
           (!constraint->check || constraint->check->passes(&state->check));
}

int bitocr_constraint_takes_empty(const bitocr_constraint *constraint) {
    constraint_state start;
    bitocr_constraint_start(constraint, &start);
    return bitocr_constraint_passes(constraint, &start);
}
