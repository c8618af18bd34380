#include "decode/constraint_pattern.h"
#include "base/error.h"
#include "decode/constraint_class.h"

#include <stdlib.h>

enum { MAX_DEPTH = 32, MAX_WORK = 1 << 13, ENDLESS = -1 };

/* A part of a pattern: where its texts begin and end. */
typedef struct {
    position_set first, last;
    int takes_empty;
} fragment;

typedef struct {
    pattern_source source;
    automaton *out;
    int seen[PATTERN_TEXT]; /* 1 + the position that was made of the class here before; 0: none */
    int ends[PATTERN_TEXT]; /* where that class ends */
    int depth, work;
} parser;

static fragment read_alternatives(parser *p);

/* A position for the class that stands here. The class is read once, however often it repeats. */
static fragment read_position(parser *p) {
    automaton *a = p->out;
    fragment f = {.takes_empty = 0};
    int start = p->source.at, before = p->seen[start] - 1, position = a->count;
    if (before < 0)
        bitocr_class_read(&p->source);
    else
        p->source.at = p->ends[start];
    if (position == POSITIONS)
        bitocr_pattern_fail(&p->source, start, "with its repeats it has more than 256 characters");
    if (p->source.status != BITOCR_OK)
        return f;
    for (int label = 1; label < a->classes; label++)
        if (before < 0 ? p->source.member[label] : position_is_in(&a->of_label[label], before))
            position_add(&a->of_label[label], position);
    p->seen[start] = position + 1;
    p->ends[start] = p->source.at;
    position_add(&f.first, position);
    f.last = f.first;
    a->count++;
    return f;
}

static fragment read_group(parser *p) {
    int start = p->source.at++;
    if (++p->depth > MAX_DEPTH)
        bitocr_pattern_fail(&p->source, start, "brackets lie too deep in each other");
    fragment f = read_alternatives(p);
    p->depth--;
    if (pattern_peek(&p->source) != ')')
        bitocr_pattern_fail(&p->source, start, "no ) closes this (");
    p->source.at++;
    return f;
}

static fragment read_atom(parser *p) {
    uint32_t c = pattern_peek(&p->source);
    if (++p->work > MAX_WORK)
        bitocr_pattern_fail(&p->source, p->source.at, "its repeats are too many");
    if (p->source.status != BITOCR_OK)
        return (fragment){.takes_empty = 1};
    if (c == '?' || c == '*' || c == '+' || c == '{')
        bitocr_pattern_fail(&p->source, p->source.at,
                            "there is nothing to repeat; a backslash makes it a character");
    if (c == ']' || c == '}')
        bitocr_pattern_fail(&p->source, p->source.at,
                            "nothing opens this; a backslash makes it a character");
    if (p->source.status != BITOCR_OK)
        return (fragment){.takes_empty = 1};
    return c == '(' ? read_group(p) : read_position(p);
}

/* `ends` is followed by `begins`. */
static void connect(automaton *a, const position_set *ends, const position_set *begins) {
    for (int p = 0; (p = bitocr_position_next(ends, p)) < POSITIONS; p++)
        position_join(&a->follow[p], begins);
}

static fragment concatenate(automaton *a, fragment left, const fragment *right) {
    connect(a, &left.last, &right->first);
    if (left.takes_empty)
        position_join(&left.first, &right->first);
    if (!right->takes_empty)
        left.last = (position_set){{0}};
    position_join(&left.last, &right->last);
    left.takes_empty &= right->takes_empty;
    return left;
}

/* A number of at most three digits; -1: none stands here. */
static int read_number(pattern_source *source) {
    int number = -1;
    for (uint32_t c; (c = pattern_peek(source)) >= '0' && c <= '9' && number < 100; source->at++)
        number = (number < 0 ? 0 : number) * 10 + (int)(c - '0');
    return number;
}

static int read_braces(pattern_source *source, int *least, int *most) {
    source->at++;
    *least = *most = read_number(source);
    if (*least >= 0 && pattern_peek(source) == ',') {
        source->at++;
        *most = pattern_peek(source) == '}' ? ENDLESS : read_number(source);
        if (*most < 0 && pattern_peek(source) != '}')
            return 0;
    }
    return *least >= 0 && pattern_peek(source) == '}' && *most &&
           (*most == ENDLESS || *most >= *least);
}

/* How often what stands before may come. */
static void read_repeat(pattern_source *source, int *least, int *most) {
    uint32_t c = pattern_peek(source);
    int start = source->at;
    *least = *most = 1;
    if (c == '{' && !read_braces(source, least, most))
        bitocr_pattern_fail(source, start, "a repeat is {3}, {2,4} or {2,}, up to 999 times");
    if (c == '?' || c == '*')
        *least = 0;
    if (c == '*' || c == '+')
        *most = ENDLESS;
    source->at += c == '{' || c == '?' || c == '*' || c == '+';
}

/* An atom as often as it repeats: it is read anew for each time. */
static fragment read_repeated(parser *p) {
    int start = p->source.at, least, most;
    fragment all = read_atom(p), one = all;
    read_repeat(&p->source, &least, &most);
    int end = p->source.at, times = most != ENDLESS ? most : least ? least : 1;
    all.takes_empty |= !least;
    for (int i = 1; i < times && p->source.status == BITOCR_OK; i++) {
        p->source.at = start;
        one = read_atom(p);
        one.takes_empty |= i >= least;
        all = concatenate(p->out, all, &one);
    }
    if (most == ENDLESS)
        connect(p->out, &one.last, &one.first);
    if (p->source.status == BITOCR_OK)
        p->source.at = end;
    return all;
}

static fragment read_sequence(parser *p) {
    fragment all = {.takes_empty = 1};
    while (p->source.at < p->source.count && pattern_peek(&p->source) != '|' &&
           pattern_peek(&p->source) != ')') {
        fragment next = read_repeated(p);
        all = concatenate(p->out, all, &next);
    }
    return all;
}

static fragment read_alternatives(parser *p) {
    fragment all = read_sequence(p);
    while (pattern_peek(&p->source) == '|') {
        p->source.at++;
        fragment other = read_sequence(p);
        position_join(&all.first, &other.first);
        position_join(&all.last, &other.last);
        all.takes_empty |= other.takes_empty;
    }
    return all;
}

static void read_pattern(parser *p, const char *pattern) {
    p->source.status = bitocr_pattern_open(&p->source, "the pattern", pattern);
    if (p->source.status != BITOCR_OK)
        return;
    fragment all = read_alternatives(p);
    if (p->source.at < p->source.count)
        bitocr_pattern_fail(&p->source, p->source.at, "no ( opens this )");
    p->out->first = all.first;
    p->out->last = all.last;
    p->out->takes_empty = all.takes_empty;
}

/* Characters alone: one position, which repeats. Otherwise the pattern's positions lose the
 * other characters. */
static void read_allowed(parser *p, const char *allow, int is_alone) {
    automaton *a = p->out;
    p->source.status = bitocr_pattern_open(&p->source, "the list of allowed characters", allow);
    if (p->source.status != BITOCR_OK)
        return;
    bitocr_class_read_list(&p->source, 0);
    int any = 0;
    for (int label = 1; label < a->classes; label++) {
        any |= p->source.member[label];
        if (!p->source.member[label])
            a->of_label[label] = (position_set){{0}};
        else if (is_alone)
            position_add(&a->of_label[label], 0);
    }
    if (!any && p->source.status == BITOCR_OK)
        p->source.status = bitocr_fail(p->source.error, BITOCR_ERROR_USAGE,
                                       "the model knows none of the allowed characters");
    if (!is_alone)
        return;
    a->count = a->takes_empty = 1;
    position_add(&a->first, 0);
    a->last = a->follow[0] = a->first;
}

bitocr_status bitocr_pattern_compile(const uint32_t *charset, int classes, const char *pattern,
                                     const char *allow, automaton **out, bitocr_error *error) {
    parser *p = calloc(1, sizeof *p);
    *out = bitocr_automaton_create(classes);
    if (!p || !*out) {
        free(p);
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    }
    p->out = *out;
    p->source.charset = charset;
    p->source.classes = classes;
    p->source.error = error;
    if (pattern)
        read_pattern(p, pattern);
    free(p->source.member);
    p->source.member = NULL;
    if (allow && p->source.status == BITOCR_OK)
        read_allowed(p, allow, !pattern);
    free(p->source.member);
    bitocr_status status = p->source.status;
    free(p);
    if (status == BITOCR_OK && !bitocr_automaton_finish(*out))
        status = bitocr_fail(error, BITOCR_ERROR_USAGE,
                             "the model can write no text of this pattern: it lacks characters");
    return status;
}
