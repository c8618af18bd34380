/* Opening a model file: its bytes, its start, then its header part by part. */
#include "model/file.h"
#include "base/bytes.h"
#include "base/crc32.h"
#include "base/error.h"
#include "base/json.h"
#include "model/header.h"

#include <stdlib.h>
#include <string.h>

enum { START_BYTES = 32, MAX_HEADER = 1 << 20 };

struct bitocr_model_file {
    file_bytes bytes;
    size_t header_bytes;
    json_document json;
    model_charset charset;
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
    const char *data = file->bytes.data;
    bitocr_status status =
        bitocr_json_parse(&file->json, data + START_BYTES, file->header_bytes, error);
    if (status == BITOCR_OK && file->json.nodes->type != JSON_OBJECT)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the model's header is no JSON object");
    if (status == BITOCR_OK)
        status = bitocr_header_read_charset(&file->json, &file->charset, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_calibration(&file->json, &file->calibration, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_languages(&file->json, file->languages, error);
    if (status == BITOCR_OK)
        status = bitocr_header_read_tensors(&file->json, data, START_BYTES + file->header_bytes,
                                            file->bytes.count, &file->tensors, error);
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
    bitocr_json_free(&file->json);
    free(file->charset.characters);
    free(file->tensors.items);
    free(file);
}

const uint32_t *bitocr_model_charset(const bitocr_model_file *file) {
    return file->charset.characters;
}

int bitocr_model_charset_size(const bitocr_model_file *file) {
    return file->charset.count;
}

const bitocr_calibration *bitocr_model_calibration(const bitocr_model_file *file) {
    return &file->calibration;
}

const char *bitocr_model_languages(const bitocr_model_file *file) {
    return file->languages;
}

const json_document *bitocr_model_json(const bitocr_model_file *file) {
    return &file->json;
}

const char *bitocr_model_header(const bitocr_model_file *file, size_t *bytes) {
    *bytes = file->header_bytes;
    return file->bytes.data + START_BYTES;
}

static int is_of_kind(bitocr_dtype kind, bitocr_dtype wanted) {
    if (wanted == BITOCR_FLOAT)
        return kind == BITOCR_F16 || kind == BITOCR_F32;
    if (wanted == BITOCR_INT)
        return kind == BITOCR_I4 || kind == BITOCR_I8;
    return kind == wanted;
}

bitocr_status bitocr_model_tensor(const bitocr_model_file *file, const char *name,
                                  bitocr_dtype kind, const int shape[4], const bitocr_tensor **out,
                                  bitocr_error *error) {
    const bitocr_tensor *t = bitocr_header_find_tensor(&file->tensors, name);
    *out = NULL;
    if (!t)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s is missing", name);
    if (!is_of_kind(t->kind, kind))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s is of the wrong dtype", name);
    int ndim = 0;
    for (; ndim < 4 && shape[ndim]; ndim++)
        if (t->shape[ndim] != shape[ndim])
            return bitocr_fail(error, BITOCR_ERROR_MODEL,
                               "tensor %s has size %d where the network needs %d", name,
                               t->shape[ndim], shape[ndim]);
    if (t->ndim != ndim)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s has %d dimensions, not %d", name,
                           t->ndim, ndim);
    *out = t;
    return BITOCR_OK;
}
