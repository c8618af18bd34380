/* Opening a model file: its bytes, its start, then its header part by part. */
#include "model/file.h"
#include "base/bytes.h"
#include "base/crc32.h"
#include "base/error.h"
#include "base/json.h"
#include "model/header.h"

#include <stdlib.h>
#include <string.h>

enum { START_BYTES = 32, ALIGNMENT = 64, MAX_HEADER = 1 << 20 };

struct bitocr_model_file {
    file_bytes bytes;
    size_t header_bytes;
    bitocr_config config;
    uint32_t *charset;
    bitocr_calibration calibration;
    char languages[BITOCR_LANGUAGES_ROOM];
    tensor_list tensors;
};

/* The 32 bytes at the file's start. The version comes first: a newer file may differ in all else.
 */
static bitocr_status check_start(bitocr_model_file *file, bitocr_error *error) {
    static const char magic[8] = "\x89"
                                 "BITOCR\n";
    const char *data = file->bytes.data;
    size_t bytes = file->bytes.count;
    if (bytes < START_BYTES || memcmp(data, magic, sizeof magic) != 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a bitocr model");
    uint32_t version = bitocr_u32_at(data + 8);
    if (version > BITOCR_MODEL_VERSION)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the model has format version %u, newer than this bitocr reads (%d): "
                           "upgrade bitocr",
                           version, BITOCR_MODEL_VERSION);
    if (version < 1)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the model has no format version");
    file->header_bytes = bitocr_u32_at(data + 12);
    uint64_t stated = bitocr_u64_at(data + 16);
    if (stated != bytes)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the model is %s: %llu bytes where its start says %llu",
                           bytes < stated ? "truncated" : "too long", (unsigned long long)bytes,
                           (unsigned long long)stated);
    if (file->header_bytes > MAX_HEADER || file->header_bytes > bytes - START_BYTES)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the model's header is too long");
    if (bitocr_u32_at(data + 28) != 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the model's reserved bytes are not zero");
    if (bitocr_crc32(data + START_BYTES, bytes - START_BYTES) != bitocr_u32_at(data + 24))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the model is damaged: its checksum is wrong");
    return BITOCR_OK;
}

static bitocr_status read_header(bitocr_model_file *file, bitocr_error *error) {
    json_document json;
    uint64_t end = START_BYTES + file->header_bytes;
    uint64_t start = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    bitocr_status status =
        bitocr_json_parse(&json, file->bytes.data + START_BYTES, file->header_bytes, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_network(&json, &file->config, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_charset(&json, file->config.classes - 1, &file->charset, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_calibration(&json, &file->calibration, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_languages(&json, file->languages, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_tensors(&json, file->bytes.data, start, file->bytes.count,
                                            &file->tensors, error);
    if (status == BITOCR_OK)
        status = bitocr_header_check_tensors(&file->tensors, &file->config, error);
    bitocr_json_free(&json);
    return status;
}

/* Takes the bytes over, which are freed where they are not sound. */
static bitocr_status open_bytes(file_bytes *bytes, bitocr_model_file **out, bitocr_error *error) {
    bitocr_model_file *file = calloc(1, sizeof *file);
    if (!file) {
        bitocr_bytes_free(bytes);
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the model");
    }
    file->bytes = *bytes;
    bitocr_status status = check_start(file, error);
    if (status == BITOCR_OK)
        status = read_header(file, error);
    if (status == BITOCR_OK)
        *out = file;
    else
        bitocr_model_close(file);
    return status;
}

bitocr_status bitocr_model_open(const char *path, bitocr_model_file **out, bitocr_error *error) {
    bitocr_error reason = {sizeof reason, ""};
    file_bytes bytes;
    *out = NULL;
    if (!path)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the model's path is missing");
    bitocr_status status = bitocr_bytes_map(path, &bytes, &reason);
    if (status == BITOCR_OK)
        status = open_bytes(&bytes, out, &reason);
    return status == BITOCR_OK ? status : bitocr_bytes_fail(error, status, path, &reason);
}

bitocr_status bitocr_model_open_memory(const void *data, size_t bytes, bitocr_model_file **out,
                                       bitocr_error *error) {
    file_bytes copy;
    *out = NULL;
    bitocr_status status = bitocr_bytes_copy(data, data ? bytes : 0, &copy, error);
    return status == BITOCR_OK ? open_bytes(&copy, out, error) : status;
}

void bitocr_model_close(bitocr_model_file *file) {
    if (!file)
        return;
    bitocr_bytes_free(&file->bytes);
    free(file->charset);
    free(file->tensors.items);
    free(file);
}

const bitocr_config *bitocr_model_config(const bitocr_model_file *file) {
    return &file->config;
}

const bitocr_tensor *bitocr_model_tensor(const bitocr_model_file *file, const char *name) {
    return bitocr_header_find_tensor(&file->tensors, name);
}

const uint32_t *bitocr_model_charset(const bitocr_model_file *file) {
    return file->charset;
}

const bitocr_calibration *bitocr_model_calibration(const bitocr_model_file *file) {
    return &file->calibration;
}

const char *bitocr_model_languages(const bitocr_model_file *file) {
    return file->languages;
}

const char *bitocr_model_header(const bitocr_model_file *file, size_t *bytes) {
    *bytes = file->header_bytes;
    return file->bytes.data + START_BYTES;
}
