/* The header's list of tensors: what they are and where they lie. */
#include "model/header.h"
#include "base/error.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TENSORS = 1024, ALIGNMENT = 64 };

static const double LARGEST = 65504; /* of a float, by the format */

static bitocr_dtype read_dtype(const json_document *json, const json_node *node) {
    static const char *const names[] = {"b1", "i4", "i8", "f16", "f32"};
    for (int i = 0; i < 5; i++)
        if (bitocr_json_is(json, node, names[i]))
            return (bitocr_dtype)(BITOCR_B1 + i);
    return 0;
}

/* A non-empty name of at most 63 bytes; 0 otherwise. */
static int read_name(const json_document *json, const json_node *node, char name[64]) {
    size_t length = 0;
    if (!node || node->type != JSON_STRING || node->start == node->end)
        return 0;
    for (uint32_t at = node->start; at < node->end;) {
        char encoded[4];
        uint32_t c = bitocr_json_character(json, &at);
        size_t bytes = bitocr_utf8_encode(c, encoded);
        if (c <= 0x20 || length + bytes > 63)
            return 0;
        memcpy(name + length, encoded, bytes);
        length += bytes;
    }
    name[length] = 0;
    return 1;
}

/* The shape, and the bytes that it takes; 0 where it is none. The sizes' product stays below 2^40.
 */
static uint64_t read_shape(const json_document *json, const json_node *shape, bitocr_tensor *t) {
    static const uint64_t bits[] = {0, 1, 4, 8, 16, 32};
    uint64_t product = 1, size = 0;
    for (const json_node *node = NULL; (node = bitocr_json_next(json, shape, node));) {
        if (t->ndim == 4 || !bitocr_json_integer(json, node, &size) || size < 1 ||
            size > INT32_MAX || product > ((uint64_t)1 << 40) / size)
            return 0;
        t->shape[t->ndim++] = (int)size;
        product *= size;
    }
    for (int i = t->ndim; i < 4; i++)
        t->shape[i] = 1;
    if (!t->ndim || (t->kind == BITOCR_B1 && size % 32) || (t->kind == BITOCR_I4 && size % 2))
        return 0;
    return product * bits[t->kind] / 8;
}

static int floats_are_sound(const bitocr_tensor *t) {
    const uint16_t *half = t->data;
    const float *single = t->data;
    if (t->kind == BITOCR_F16)
        for (size_t i = 0; i < t->bytes / 2; i++)
            if ((half[i] & 0x7C00) == 0x7C00)
                return 0;
    if (t->kind == BITOCR_F32)
        for (size_t i = 0; i < t->bytes / 4; i++)
            if (!(fabs(single[i]) <= LARGEST))
                return 0;
    return 1;
}

/* Dtype and shape, and the bytes that they take. */
static bitocr_status read_kind(const json_document *json, const json_node *node, named_tensor *out,
                               uint64_t *bytes, bitocr_error *error) {
    bitocr_tensor *t = &out->tensor;
    t->kind = read_dtype(json, bitocr_json_get(json, node, "dtype"));
    if (!t->kind)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s is of no known dtype", out->name);
    uint64_t stated, expected = read_shape(json, bitocr_json_get(json, node, "shape"), t);
    if (!expected)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s has no sound shape", out->name);
    if (!bitocr_json_integer(json, bitocr_json_get(json, node, "bytes"), &stated) ||
        stated != expected)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "tensor %s has \"bytes\" that do not match its shape", out->name);
    *bytes = expected;
    return BITOCR_OK;
}

static int are_zeros(const char *data, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        if (data[i])
            return 0;
    return 1;
}

/* Where a tensor of `bytes` lies: at the first multiple of ALIGNMENT behind *at, with zeros between
 * the two. Moves *at behind it. */
static bitocr_status read_place(const json_document *json, const json_node *node, const char *file,
                                uint64_t *at, uint64_t file_bytes, uint64_t bytes,
                                named_tensor *out, bitocr_error *error) {
    uint64_t offset, expected = (*at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!bitocr_json_integer(json, bitocr_json_get(json, node, "offset"), &offset) ||
        offset % ALIGNMENT || offset < *at || offset > file_bytes || bytes > file_bytes - offset)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "tensor %s overlaps, is not aligned or lies outside of the file",
                           out->name);
    if (offset != expected || !are_zeros(file + *at, offset - *at))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "before tensor %s lie bytes that belong to none", out->name);
    out->tensor.data = file + offset;
    out->tensor.bytes = (size_t)bytes;
    *at = offset + bytes;
    return BITOCR_OK;
}

static bitocr_status read_tensor(const json_document *json, const json_node *node, const char *file,
                                 uint64_t *at, uint64_t file_bytes, named_tensor *out,
                                 bitocr_error *error) {
    uint64_t bytes = 0;
    if (!read_name(json, bitocr_json_get(json, node, "name"), out->name))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "a tensor has no sound name");
    bitocr_status status = read_kind(json, node, out, &bytes, error);
    if (status == BITOCR_OK)
        status = read_place(json, node, file, at, file_bytes, bytes, out, error);
    if (status == BITOCR_OK && !floats_are_sound(&out->tensor))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "tensor %s has a number that is not finite or above %g", out->name,
                           LARGEST);
    return status;
}

bitocr_status bitocr_header_read_tensors(const json_document *json, const char *file,
                                         uint64_t start, uint64_t file_bytes, tensor_list *tensors,
                                         bitocr_error *error) {
    const json_node *list = bitocr_json_get(json, json->nodes, "tensors");
    tensors->items = calloc(MAX_TENSORS, sizeof *tensors->items);
    if (!tensors->items)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the tensors");
    for (const json_node *node = NULL; (node = bitocr_json_next(json, list, node));) {
        if (tensors->count == MAX_TENSORS)
            return bitocr_fail(error, BITOCR_ERROR_MODEL, "more than %d tensors", MAX_TENSORS);
        named_tensor *item = &tensors->items[tensors->count];
        bitocr_status status = read_tensor(json, node, file, &start, file_bytes, item, error);
        if (status != BITOCR_OK)
            return status;
        if (bitocr_header_find_tensor(tensors, item->name))
            return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s is there twice", item->name);
        tensors->count++;
    }
    if (start != file_bytes)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the file holds bytes that belong to no tensor");
    return BITOCR_OK;
}

const bitocr_tensor *bitocr_header_find_tensor(const tensor_list *tensors, const char *name) {
    for (int i = 0; i < tensors->count; i++)
        if (!strcmp(tensors->items[i].name, name))
            return &tensors->items[i].tensor;
    return NULL;
}
