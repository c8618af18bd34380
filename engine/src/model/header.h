/* The parts of model.bit's JSON header, each read and checked. */
#ifndef BITOCR_MODEL_HEADER_H
#define BITOCR_MODEL_HEADER_H

#include "model/file.h"

typedef struct {
    char name[64];
    bitocr_tensor tensor;
} named_tensor;

typedef struct {
    named_tensor *items;
    int count;
} tensor_list;

typedef struct {
    uint32_t *characters; /* NULL: the header has no charset */
    int count;
} model_charset;

/* A whole number of an object, from `low` to `high`. */
bitocr_status bitocr_header_int(const json_document *json, const json_node *object, const char *key,
                                int low, int high, int *out, bitocr_error *error);

/* "calibration" of the root object; all 0 if there is none. */
bitocr_status bitocr_header_read_calibration(const json_document *json,
                                             bitocr_calibration *calibration, bitocr_error *error);

/* "charset" of the root object, allocated; empty if there is none. */
bitocr_status bitocr_header_read_charset(const json_document *json, model_charset *charset,
                                         bitocr_error *error);

/* "languages" of the root object: its tags with a comma between them; "" if there are none. */
bitocr_status bitocr_header_read_languages(const json_document *json,
                                           char out[BITOCR_LANGUAGES_ROOM], bitocr_error *error);

/* "tensors" of the root object: they tile [start, file_bytes) of the file, each at a multiple of 64
 * with zeros before it. Allocated, also on failure. */
bitocr_status bitocr_header_read_tensors(const json_document *json, const char *file,
                                         uint64_t start, uint64_t file_bytes, tensor_list *tensors,
                                         bitocr_error *error);

/* The tensor of that name; NULL if there is none. */
const bitocr_tensor *bitocr_header_find_tensor(const tensor_list *tensors, const char *name);

#endif
