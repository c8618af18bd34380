#include "base/json.h"
#include "base/json_reader.h"

#include <math.h>
#include <stdlib.h>

void bitocr_json_free(json_document *document) {
    free(document->nodes);
    *document = (json_document){NULL, NULL, 0};
}

const json_node *bitocr_json_get(const json_document *document, const json_node *node,
                                 const char *key) {
    const json_node *found = NULL;
    if (!node || node->type != JSON_OBJECT)
        return NULL;
    for (uint32_t i = (uint32_t)(node - document->nodes) + 1; i < node->next;
         i = document->nodes[i + 1].next)
        if (bitocr_json_is(document, &document->nodes[i], key)) {
            if (found)
                return NULL;
            found = &document->nodes[i + 1];
        }
    return found;
}

const json_node *bitocr_json_next(const json_document *document, const json_node *array,
                                  const json_node *previous) {
    if (!array || array->type != JSON_ARRAY)
        return NULL;
    uint32_t next = previous ? previous->next : (uint32_t)(array - document->nodes) + 1;
    return next < array->next ? &document->nodes[next] : NULL;
}

int bitocr_json_integer(const json_document *document, const json_node *node, uint64_t *number) {
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

/* strtod would read as the process's locale writes numbers. */
int bitocr_json_number(const json_document *document, const json_node *node, double *number) {
    *number = 0;
    if (!node || node->type != JSON_NUMBER)
        return 0;
    const char *text = document->text;
    uint32_t at = node->start;
    int is_negative = text[at] == '-', scale = 0, exponent = 0;
    for (int is_fraction = 0; at < node->end && (text[at] | 0x20) != 'e'; at++)
        if (text[at] == '.') {
            is_fraction = 1;
        } else if (text[at] != '-') {
            *number = *number * 10 + (text[at] - '0');
            scale -= is_fraction;
        }
    int exponent_sign = at + 1 < node->end && text[at + 1] == '-' ? -1 : 1;
    for (; at < node->end; at++)
        if (text[at] >= '0' && text[at] <= '9' && exponent < 100000)
            exponent = exponent * 10 + (text[at] - '0');
    exponent = exponent_sign * exponent + scale;
    *number = exponent < 0 ? *number / pow(10, -exponent) : *number * pow(10, exponent);
    *number = is_negative ? -*number : *number;
    return isfinite(*number);
}

int bitocr_json_is(const json_document *document, const json_node *node, const char *text) {
    if (!node || node->type != JSON_STRING)
        return 0;
    uint32_t at = node->start;
    while (*text && at < node->end)
        if (bitocr_json_character(document, &at) != (unsigned char)*text++)
            return 0;
    return !*text && at == node->end;
}

uint32_t bitocr_json_character(const json_document *document, uint32_t *at) {
    json_reader r = {.text = document->text, .at = *at, .end = UINT32_MAX};
    uint32_t c = 0;
    bitocr_json_read_character(&r, &c);
    *at = r.at;
    return c;
}
