#include "json.h"
#include "error.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

/* A reader at `at`; `at` never passes `end`. Functions that return int return 0 on a fault. */
typedef struct {
    json_document *document;
    const char *text;
    uint32_t at, end;
    uint32_t capacity;
    int depth;
    const char *fault;
} reader;

static int fault(reader *r, const char *what) {
    if (!r->fault)
        r->fault = what;
    return 0;
}

static int peek(const reader *r) {
    return r->at < r->end ? (unsigned char)r->text[r->at] : -1;
}

static int accept(reader *r, char c) {
    if (peek(r) != (unsigned char)c)
        return 0;
    r->at++;
    return 1;
}

static void skip_space(reader *r) {
    while (accept(r, ' ') || accept(r, '\t') || accept(r, '\n') || accept(r, '\r'))
        ;
}

/* Appends a node that starts here; its index, or UINT32_MAX where memory ends. */
static uint32_t add_node(reader *r, json_type type) {
    json_document *d = r->document;
    if (d->count == r->capacity) {
        uint32_t capacity = r->capacity ? 2 * r->capacity : 64;
        json_node *nodes = realloc(d->nodes, capacity * sizeof *nodes);
        if (!nodes) {
            fault(r, "out of memory");
            return UINT32_MAX;
        }
        d->nodes = nodes;
        r->capacity = capacity;
    }
    d->nodes[d->count] = (json_node){type, r->at, r->at, d->count + 1};
    return d->count++;
}

static int hex4(reader *r, uint32_t *value) {
    *value = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        int c = peek(r);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return fault(r, "a bad \\u escape");
        *value = *value << 4 | (uint32_t)digit;
    }
    return 1;
}

/* What follows a backslash. */
static int escape(reader *r, uint32_t *character) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int c = peek(r);
    if (c != 'u') {
        const char *name = c > 0 ? strchr(names, c) : NULL;
        if (!name)
            return fault(r, "an unknown escape in a string");
        r->at++;
        *character = (unsigned char)meanings[name - names];
        return 1;
    }
    uint32_t high, low;
    r->at++;
    if (!hex4(r, &high))
        return 0;
    *character = high;
    if (high < 0xD800 || high > 0xDFFF)
        return 1;
    if (high > 0xDBFF || !accept(r, '\\') || !accept(r, 'u') || !hex4(r, &low) || low < 0xDC00 ||
        low > 0xDFFF)
        return fault(r, "an unpaired surrogate in a string");
    *character = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return 1;
}

static int character(reader *r, uint32_t *c) {
    if (accept(r, '\\'))
        return escape(r, c);
    size_t length = utf8_decode(r->text + r->at, r->end - r->at, c);
    if (!length)
        return fault(r, "text that is not UTF-8");
    if (*c < 0x20)
        return fault(r, "a control character in a string");
    r->at += (uint32_t)length;
    return 1;
}

static int string(reader *r) {
    uint32_t c, node;
    r->at++;
    if ((node = add_node(r, JSON_STRING)) == UINT32_MAX)
        return 0;
    while (peek(r) != '"') {
        if (peek(r) < 0)
            return fault(r, "an unfinished string");
        if (!character(r, &c))
            return 0;
    }
    r->document->nodes[node].end = r->at++;
    return 1;
}

static int digits(reader *r) {
    uint32_t start = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at > start ? 1 : fault(r, "a bad number");
}

static int number(reader *r) {
    uint32_t node = add_node(r, JSON_NUMBER);
    if (node == UINT32_MAX)
        return 0;
    accept(r, '-');
    if (!accept(r, '0') && !digits(r))
        return 0;
    if (accept(r, '.') && !digits(r))
        return 0;
    if (accept(r, 'e') || accept(r, 'E')) {
        if (!accept(r, '+'))
            accept(r, '-');
        if (!digits(r))
            return 0;
    }
    r->document->nodes[node].end = r->at;
    return 1;
}

static int word(reader *r, const char *name, json_type type) {
    size_t length = strlen(name);
    uint32_t node;
    if (r->end - r->at < length || memcmp(r->text + r->at, name, length) != 0)
        return fault(r, "an unknown word");
    if ((node = add_node(r, type)) == UINT32_MAX)
        return 0;
    r->at += (uint32_t)length;
    r->document->nodes[node].end = r->at;
    return 1;
}

static int value(reader *r);

static int member(reader *r, int is_object) {
    skip_space(r);
    if (is_object) {
        if (peek(r) != '"')
            return fault(r, "a key that is no string");
        if (!string(r))
            return 0;
        skip_space(r);
        if (!accept(r, ':'))
            return fault(r, "a key without a value");
        skip_space(r);
    }
    if (!value(r))
        return 0;
    skip_space(r);
    return 1;
}

static int container(reader *r, int is_object) {
    char close = is_object ? '}' : ']';
    uint32_t node = add_node(r, is_object ? JSON_OBJECT : JSON_ARRAY);
    if (node == UINT32_MAX)
        return 0;
    if (++r->depth > JSON_MAX_DEPTH)
        return fault(r, "nesting that is too deep");
    r->at++;
    skip_space(r);
    if (!accept(r, close)) {
        do {
            if (!member(r, is_object))
                return 0;
        } while (accept(r, ','));
        if (!accept(r, close))
            return fault(r,
                         is_object ? "an object that does not end" : "an array that does not end");
    }
    r->depth--;
    r->document->nodes[node].end = r->at;
    r->document->nodes[node].next = r->document->count;
    return 1;
}

static int value(reader *r) {
    switch (peek(r)) {
    case '{':
        return container(r, 1);
    case '[':
        return container(r, 0);
    case '"':
        return string(r);
    case 't':
        return word(r, "true", JSON_TRUE);
    case 'f':
        return word(r, "false", JSON_FALSE);
    case 'n':
        return word(r, "null", JSON_NULL);
    case -1:
        return fault(r, "an early end");
    default:
        return number(r);
    }
}

bitocr_status json_parse(json_document *document, const char *text, size_t bytes,
                         bitocr_error *error) {
    *document = (json_document){text, NULL, 0};
    if (bytes > INT32_MAX)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the JSON text is too long");
    reader r = {document, text, 0, (uint32_t)bytes, 0, 0, NULL};
    skip_space(&r);
    if (value(&r)) {
        skip_space(&r);
        if (r.at == r.end)
            return BITOCR_OK;
        fault(&r, "text after the end");
    }
    json_free(document);
    return bitocr_fail(error, BITOCR_ERROR_MODEL, "the JSON has %s at byte %u", r.fault,
                       (unsigned)r.at);
}

void json_free(json_document *document) {
    free(document->nodes);
    *document = (json_document){NULL, NULL, 0};
}

const json_node *json_get(const json_document *document, const json_node *node, const char *key) {
    const json_node *found = NULL;
    if (!node || node->type != JSON_OBJECT)
        return NULL;
    for (uint32_t i = (uint32_t)(node - document->nodes) + 1; i < node->next;
         i = document->nodes[i + 1].next)
        if (json_is(document, &document->nodes[i], key)) {
            if (found)
                return NULL;
            found = &document->nodes[i + 1];
        }
    return found;
}

const json_node *json_next(const json_document *document, const json_node *array,
                           const json_node *previous) {
    if (!array || array->type != JSON_ARRAY)
        return NULL;
    uint32_t next = previous ? previous->next : (uint32_t)(array - document->nodes) + 1;
    return next < array->next ? &document->nodes[next] : NULL;
}

int json_integer(const json_document *document, const json_node *node, uint64_t *number) {
    *number = 0;
    if (!node || node->type != JSON_NUMBER)
        return 0;
    for (uint32_t at = node->start; at < node->end; at++) {
        char c = document->text[at];
        if (c < '0' || c > '9')
            return 0;
        *number = *number * 10 + (uint64_t)(c - '0');
        if (*number > (uint64_t)1 << 53)
            return 0;
    }
    return 1;
}

int json_is(const json_document *document, const json_node *node, const char *text) {
    if (!node || node->type != JSON_STRING)
        return 0;
    uint32_t at = node->start;
    while (*text && at < node->end)
        if (json_character(document, &at) != (unsigned char)*text++)
            return 0;
    return !*text && at == node->end;
}

uint32_t json_character(const json_document *document, uint32_t *at) {
    reader r = {NULL, document->text, *at, UINT32_MAX, 0, 0, NULL};
    uint32_t c = 0;
    character(&r, &c);
    *at = r.at;
    return c;
}
