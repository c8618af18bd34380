/* A strict reader of JSON (RFC 8259) for text that may be hostile: valid UTF-8, nested at most
 * JSON_MAX_DEPTH deep, nothing after the value, no unpaired surrogates. It builds a flat list of
 * nodes over the text and copies nothing. */
#ifndef BITOCR_BASE_JSON_H
#define BITOCR_BASE_JSON_H

#include "bitocr.h"

enum { JSON_MAX_DEPTH = 32 };

typedef enum {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
} json_type;

/* A value. Children follow their parent; an object's are key, value, key, value ... */
typedef struct {
    json_type type;
    uint32_t start, end; /* of the text; of a string without its quotes */
    uint32_t next;       /* index of the node after this one and all that it holds */
} json_node;

typedef struct {
    const char *text;
    json_node *nodes; /* nodes[0] is the whole */
    uint32_t count;
} json_document;

/* Reads `bytes` of text, which must outlive the document. On failure the document is empty. */
bitocr_status bitocr_json_parse(json_document *document, const char *text, size_t bytes,
                                bitocr_error *error);

void bitocr_json_free(json_document *document);

/* The value of a key of an object. NULL if `node` is NULL or not an object, or if the key is
 * missing or occurs twice. */
const json_node *bitocr_json_get(const json_document *document, const json_node *node,
                                 const char *key);

/* The elements of an array, one after the other: `previous` is NULL for the first. NULL at the end,
 * or if `array` is NULL or not an array. */
const json_node *bitocr_json_next(const json_document *document, const json_node *array,
                                  const json_node *previous);

/* 1 and the number if `node` is a whole number from 0 to 2^53, written in digits only; else 0. */
int bitocr_json_integer(const json_document *document, const json_node *node, uint64_t *number);

/* 1 and the value if `node` is a number that is finite as a double, exact to about its last digit;
 * else 0. */
int bitocr_json_number(const json_document *document, const json_node *node, double *number);

/* 1 if `node` is the string `text` (with its escapes undone). */
int bitocr_json_is(const json_document *document, const json_node *node, const char *text);

/* The next character of a string with its escapes undone. Reads from the byte *at of the text and
 * moves *at on. Start with *at = node->start and stop when it is node->end. */
uint32_t bitocr_json_character(const json_document *document, uint32_t *at);

#endif
