#include "base/error.h"
#include "base/json_reader.h"

#include <stdlib.h>
#include <string.h>

static void skip_space(json_reader *r) {
    while (bitocr_json_accept(r, ' ') || bitocr_json_accept(r, '\t') ||
           bitocr_json_accept(r, '\n') || bitocr_json_accept(r, '\r'))
        ;
}

/* Appends a node that starts here; its index, or UINT32_MAX where memory ends. */
static uint32_t add_node(json_reader *r, json_type type) {
    json_document *d = r->document;
    if (d->count == r->capacity) {
        uint32_t capacity = r->capacity ? 2 * r->capacity : 64;
        json_node *nodes = realloc(d->nodes, capacity * sizeof *nodes);
        if (!nodes) {
            r->is_out_of_memory = 1;
            return UINT32_MAX;
        }
        d->nodes = nodes;
        r->capacity = capacity;
    }
    d->nodes[d->count] = (json_node){type, r->at, r->at, d->count + 1};
    return d->count++;
}

static int string(json_reader *r) {
    uint32_t c, node;
    r->at++;
    if ((node = add_node(r, JSON_STRING)) == UINT32_MAX)
        return 0;
    while (bitocr_json_peek(r) != '"') {
        if (bitocr_json_peek(r) < 0)
            return bitocr_json_fault(r, "an unfinished string");
        if (!bitocr_json_read_character(r, &c))
            return 0;
    }
    r->document->nodes[node].end = r->at++;
    return 1;
}

static int digits(json_reader *r) {
    uint32_t start = r->at;
    while (bitocr_json_peek(r) >= '0' && bitocr_json_peek(r) <= '9')
        r->at++;
    return r->at > start ? 1 : bitocr_json_fault(r, "a bad number");
}

static int number(json_reader *r) {
    uint32_t node = add_node(r, JSON_NUMBER);
    if (node == UINT32_MAX)
        return 0;
    bitocr_json_accept(r, '-');
    if (!bitocr_json_accept(r, '0') && !digits(r))
        return 0;
    if (bitocr_json_accept(r, '.') && !digits(r))
        return 0;
    if (bitocr_json_accept(r, 'e') || bitocr_json_accept(r, 'E')) {
        if (!bitocr_json_accept(r, '+'))
            bitocr_json_accept(r, '-');
        if (!digits(r))
            return 0;
    }
    r->document->nodes[node].end = r->at;
    return 1;
}

static int word(json_reader *r, const char *name, json_type type) {
    size_t length = strlen(name);
    uint32_t node;
    if (r->end - r->at < length || memcmp(r->text + r->at, name, length) != 0)
        return bitocr_json_fault(r, "an unknown word");
    if ((node = add_node(r, type)) == UINT32_MAX)
        return 0;
    r->at += (uint32_t)length;
    r->document->nodes[node].end = r->at;
    return 1;
}

static int value(json_reader *r);

static int member(json_reader *r, int is_object) {
    skip_space(r);
    if (is_object) {
        if (bitocr_json_peek(r) != '"')
            return bitocr_json_fault(r, "a key that is no string");
        if (!string(r))
            return 0;
        skip_space(r);
        if (!bitocr_json_accept(r, ':'))
            return bitocr_json_fault(r, "a key without a value");
        skip_space(r);
    }
    if (!value(r))
        return 0;
    skip_space(r);
    return 1;
}

static int container(json_reader *r, int is_object) {
    char close = is_object ? '}' : ']';
    uint32_t node = add_node(r, is_object ? JSON_OBJECT : JSON_ARRAY);
    if (node == UINT32_MAX)
        return 0;
    if (++r->depth > JSON_MAX_DEPTH)
        return bitocr_json_fault(r, "nesting that is too deep");
    r->at++;
    skip_space(r);
    if (!bitocr_json_accept(r, close)) {
        do {
            if (!member(r, is_object))
                return 0;
        } while (bitocr_json_accept(r, ','));
        if (!bitocr_json_accept(r, close))
            return bitocr_json_fault(r, is_object ? "an object that does not end"
                                                  : "an array that does not end");
    }
    r->depth--;
    r->document->nodes[node].end = r->at;
    r->document->nodes[node].next = r->document->count;
    return 1;
}

static int value(json_reader *r) {
    switch (bitocr_json_peek(r)) {
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
        return bitocr_json_fault(r, "an early end");
    default:
        return number(r);
    }
}

bitocr_status bitocr_json_parse(json_document *document, const char *text, size_t bytes,
                                bitocr_error *error) {
    *document = (json_document){text, NULL, 0};
    if (bytes > INT32_MAX)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the JSON text is too long");
    json_reader r = {.document = document, .text = text, .end = (uint32_t)bytes};
    skip_space(&r);
    if (value(&r)) {
        skip_space(&r);
        if (r.at == r.end)
            return BITOCR_OK;
        bitocr_json_fault(&r, "text after the end");
    }
    bitocr_json_free(document);
    if (r.is_out_of_memory)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the JSON text");
    return bitocr_fail(error, BITOCR_ERROR_MODEL, "the JSON has %s at byte %u", r.fault,
                       (unsigned)r.at);
}
