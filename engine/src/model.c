/* Opening a model file: its bytes, its start, then its header part by part. */
#include "model.h"
#include "crc32.h"
#include "error.h"
#include "json.h"
#include "model_header.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "model.bit is read in place, which takes a little-endian machine"
#endif

enum { START_BYTES = 32, ALIGNMENT = 64, MAX_HEADER = 1 << 20, MAX_FILE = 1 << 28 };

struct bitocr_model_file {
    const char *data; /* 64-byte aligned */
    size_t bytes;
    void *owned; /* what holds the data: mapped, or allocated */
    int is_mapped;
    size_t header_bytes;
    bitocr_config config;
    uint32_t *charset;
    tensor_list tensors;
};

static uint32_t u32_at(const char *data) {
    uint32_t value;
    memcpy(&value, data, sizeof value);
    return value;
}

static uint64_t u64_at(const char *data) {
    return u32_at(data) | (uint64_t)u32_at(data + 4) << 32;
}

/* The 32 bytes at the file's start. The version comes first: a newer file may differ in all else.
 */
static bitocr_status check_start(bitocr_model_file *file, bitocr_error *error) {
    static const char magic[8] = "\x89"
                                 "BITOCR\n";
    const char *data = file->data;
    if (file->bytes < START_BYTES || memcmp(data, magic, sizeof magic) != 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a bitocr model");
    uint32_t version = u32_at(data + 8);
    if (version > BITOCR_MODEL_VERSION)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the model has format version %u, newer than this bitocr reads (%d): "
                           "upgrade bitocr",
                           version, BITOCR_MODEL_VERSION);
    if (version < 1)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the model has no format version");
    file->header_bytes = u32_at(data + 12);
    uint64_t file_bytes = u64_at(data + 16);
    if (file_bytes != file->bytes)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the model is %s: %llu bytes where its start says %llu",
                           file->bytes < file_bytes ? "truncated" : "too long",
                           (unsigned long long)file->bytes, (unsigned long long)file_bytes);
    if (file->header_bytes > MAX_HEADER || file->header_bytes > file->bytes - START_BYTES)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the model's header is too long");
    if (u32_at(data + 28) != 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the model's reserved bytes are not zero");
    if (crc32_of(data + START_BYTES, file->bytes - START_BYTES) != u32_at(data + 24))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the model is damaged: its checksum is wrong");
    return BITOCR_OK;
}

static bitocr_status read_header(bitocr_model_file *file, bitocr_error *error) {
    json_document json;
    uint64_t end = START_BYTES + file->header_bytes;
    uint64_t start = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    bitocr_status status = json_parse(&json, file->data + START_BYTES, file->header_bytes, error);
    if (status == BITOCR_OK)
        status = header_read_network(&json, &file->config, error);
    if (status == BITOCR_OK)
        status = header_read_charset(&json, file->config.classes - 1, &file->charset, error);
    if (status == BITOCR_OK)
        status = header_read_tensors(&json, file->data, start, file->bytes, &file->tensors, error);
    if (status == BITOCR_OK)
        status = header_check_tensors(&file->tensors, &file->config, error);
    json_free(&json);
    return status;
}

/* Takes the file's bytes over; closes it where they are not sound. */
static bitocr_status finish(bitocr_model_file *file, bitocr_model_file **out, bitocr_error *error) {
    bitocr_status status = check_start(file, error);
    if (status == BITOCR_OK)
        status = read_header(file, error);
    if (status == BITOCR_OK)
        *out = file;
    else
        model_close(file);
    return status;
}

/* Maps an opened file; it may be closed afterwards. */
static bitocr_status map(int descriptor, bitocr_model_file *file, bitocr_error *error) {
    struct stat info;
    if (fstat(descriptor, &info))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "%s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a file");
    if (info.st_size < START_BYTES)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a bitocr model");
    if (info.st_size > MAX_FILE)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the file is too large for a model");
    file->bytes = (size_t)info.st_size;
    file->owned = mmap(NULL, file->bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (file->owned == MAP_FAILED) {
        file->owned = NULL;
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "%s", strerror(errno));
    }
    file->is_mapped = 1;
    file->data = file->owned;
    return BITOCR_OK;
}

static bitocr_status open_path(const char *path, bitocr_model_file **out, bitocr_error *error) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "%s", strerror(errno));
    bitocr_model_file *file = calloc(1, sizeof *file);
    bitocr_status status =
        file ? map(descriptor, file, error)
             : bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the model");
    close(descriptor);
    if (status == BITOCR_OK)
        return finish(file, out, error);
    model_close(file);
    return status;
}

/* The last characters of a path, where the file's name is: as many as a message has room for. */
static const char *path_end(const char *path) {
    enum { ROOM = 100 };
    size_t length = strlen(path);
    if (length <= ROOM)
        return path;
    path += length - ROOM;
    while ((*path & 0xC0) == 0x80) /* not from within a character */
        path++;
    return path;
}

bitocr_status model_open(const char *path, bitocr_model_file **out, bitocr_error *error) {
    bitocr_error reason = {{0}};
    *out = NULL;
    if (!path)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the model's path is missing");
    bitocr_status status = open_path(path, out, &reason);
    if (status != BITOCR_OK) {
        const char *end = path_end(path);
        bitocr_fail(error, status, "%s%s: %.150s", end == path ? "" : "...", end, reason.message);
    }
    return status;
}

bitocr_status model_open_memory(const void *data, size_t bytes, bitocr_model_file **out,
                                bitocr_error *error) {
    *out = NULL;
    if (!data || bytes < START_BYTES)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a bitocr model");
    if (bytes > MAX_FILE)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "these are too many bytes for a model");
    bitocr_model_file *file = calloc(1, sizeof *file);
    if (file)
        file->owned = malloc(bytes + ALIGNMENT - 1);
    if (!file || !file->owned) {
        free(file);
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the model");
    }
    size_t skip = -(uintptr_t)file->owned % ALIGNMENT;
    memcpy((char *)file->owned + skip, data, bytes);
    file->data = (char *)file->owned + skip;
    file->bytes = bytes;
    return finish(file, out, error);
}

void model_close(bitocr_model_file *file) {
    if (!file)
        return;
    if (file->is_mapped)
        munmap(file->owned, file->bytes);
    else
        free(file->owned);
    free(file->charset);
    free(file->tensors.items);
    free(file);
}

const bitocr_config *model_config(const bitocr_model_file *file) {
    return &file->config;
}

const bitocr_tensor *model_tensor(const bitocr_model_file *file, const char *name) {
    return header_find_tensor(&file->tensors, name);
}

const uint32_t *model_charset(const bitocr_model_file *file) {
    return file->charset;
}

const char *model_header(const bitocr_model_file *file, size_t *bytes) {
    *bytes = file->header_bytes;
    return file->data + START_BYTES;
}
