/* Reads the characters of JSON. Only json.c and json_parse.c use this. */
#ifndef BITOCR_BASE_JSON_READER_H
#define BITOCR_BASE_JSON_READER_H

#include "base/json.h"

/* A reader at `at`; `at` never passes `end`. Functions that return int return 0 on a fault. */
typedef struct {
    json_document *document;
    const char *text;
    uint32_t at, end;
    uint32_t capacity;
    int depth;
    const char *fault;
    int is_out_of_memory; /* that, and no fault, ended it */
} json_reader;

/* Records the first fault; returns 0. */
int bitocr_json_fault(json_reader *r, const char *what);

/* The next byte; -1 at the end. */
int bitocr_json_peek(const json_reader *r);

/* Takes the next byte if it is c. */
int bitocr_json_accept(json_reader *r, char c);

/* Takes one character of a string, with its escapes undone. */
int bitocr_json_read_character(json_reader *r, uint32_t *c);

#endif
