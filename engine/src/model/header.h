/* The parts of model.bit's JSON header, each read and checked. Used by file.c alone. */
#ifndef BITOCR_MODEL_HEADER_H
#define BITOCR_MODEL_HEADER_H

#include "base/json.h"
#include "model/file.h"

typedef struct {
    char name[64];
    bitocr_tensor tensor;
} named_tensor;

typedef struct {
    named_tensor *items;
    int count;
} tensor_list;

/* "network" of the root object. */
bitocr_status bitocr_header_read_network(const json_document *json, bitocr_config *config,
                                         bitocr_error *error);

/* "calibration" of the root object; all 0 where there is none. */
bitocr_status bitocr_header_read_calibration(const json_document *json,
                                             bitocr_calibration *calibration, bitocr_error *error);

/* "charset": `count` different characters, allocated. */
bitocr_status bitocr_header_read_charset(const json_document *json, int count, uint32_t **charset,
                                         bitocr_error *error);

/* "languages" of the root object: its tags with a comma between them; "" where there is none. */
bitocr_status bitocr_header_read_languages(const json_document *json,
                                           char out[BITOCR_LANGUAGES_ROOM], bitocr_error *error);

/* "tensors": all within [start, file_bytes) of the file, in order, aligned and apart from each
 * other; allocated, also on failure. */
bitocr_status bitocr_header_read_tensors(const json_document *json, const char *file,
                                         uint64_t start, uint64_t file_bytes, tensor_list *tensors,
                                         bitocr_error *error);

const bitocr_tensor *bitocr_header_find_tensor(const tensor_list *tensors, const char *name);

/* Are all tensors there that the network needs, as it needs them? */
bitocr_status bitocr_header_check_tensors(const tensor_list *tensors, const bitocr_config *config,
                                          bitocr_error *error);

#endif
