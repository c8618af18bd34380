/* The header's list of tensors: where they lie, and what the network needs of them. */
#include "model/header.h"
#include "base/error.h"
#include "base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TENSORS = 1024, ALIGNMENT = 64 };

static const double LARGEST = 65504; /* of a float, by the format */

static int read_dtype(const json_document *json, const json_node *node) {
    static const char *const names[] = {"b1", "i4", "i8", "f16", "f32"};
    for (int i = 0; i < 5; i++)
        if (bitocr_json_is(json, node, names[i]))
            return BITOCR_B1 + i;
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

/* Reads one tensor that must lie in [*at, file_bytes) of the file; moves *at behind it. */
static bitocr_status read_tensor(const json_document *json, const json_node *node, const char *file,
                                 uint64_t *at, uint64_t file_bytes, named_tensor *out,
                                 bitocr_error *error) {
    uint64_t offset, bytes;
    bitocr_tensor *t = &out->tensor;
    if (!read_name(json, bitocr_json_get(json, node, "name"), out->name))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "a tensor has no sound name");
    t->kind = read_dtype(json, bitocr_json_get(json, node, "dtype"));
    if (!t->kind)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s is of no known dtype", out->name);
    uint64_t expected = read_shape(json, bitocr_json_get(json, node, "shape"), t);
    if (!expected)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s has no sound shape", out->name);
    if (!bitocr_json_integer(json, bitocr_json_get(json, node, "bytes"), &bytes) ||
        bytes != expected)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "tensor %s has \"bytes\" that do not match its shape", out->name);
    if (!bitocr_json_integer(json, bitocr_json_get(json, node, "offset"), &offset) ||
        offset % ALIGNMENT || offset < *at || offset > file_bytes || bytes > file_bytes - offset)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "tensor %s overlaps, is not aligned or lies outside of the file",
                           out->name);
    t->data = file + offset;
    t->bytes = (size_t)bytes;
    *at = offset + bytes;
    if (!floats_are_sound(t))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "tensor %s has a number that is not finite or above %g", out->name,
                           LARGEST);
    return BITOCR_OK;
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
    return BITOCR_OK;
}

const bitocr_tensor *bitocr_header_find_tensor(const tensor_list *tensors, const char *name) {
    for (int i = 0; i < tensors->count; i++)
        if (!strcmp(tensors->items[i].name, name))
            return &tensors->items[i].tensor;
    return NULL;
}

/* What the network needs: the tensor `part` of the layer that `prefix` names. FLOAT stands for f16
 * or f32, INT for i4 or i8; sizes end at the first 0. */
enum { FLOAT = BITOCR_F32 + 1, INT };

typedef struct {
    const char *part;
    int kind;
    int shape[4];
} need;

static int is_of_kind(const bitocr_tensor *t, int kind) {
    if (kind == FLOAT)
        return t->kind == BITOCR_F16 || t->kind == BITOCR_F32;
    return t->kind == kind || (kind == INT && (t->kind == BITOCR_I4 || t->kind == BITOCR_I8));
}

static bitocr_status check(const tensor_list *tensors, const char *prefix, const need *need,
                           bitocr_error *error) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s", prefix, need->part);
    const bitocr_tensor *t = bitocr_header_find_tensor(tensors, name);
    if (!t)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s is missing", name);
    if (!is_of_kind(t, need->kind))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s is of the wrong dtype", name);
    int ndim = 0;
    for (int same = 1; ndim < 4 && need->shape[ndim]; ndim++) {
        same = t->shape[ndim] == need->shape[ndim];
        if (!same)
            return bitocr_fail(error, BITOCR_ERROR_MODEL,
                               "tensor %s has size %d where the network needs %d", name,
                               t->shape[ndim], need->shape[ndim]);
    }
    if (t->ndim != ndim)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "tensor %s has %d dimensions, not %d", name,
                           t->ndim, ndim);
    return BITOCR_OK;
}

static bitocr_status check_all(const tensor_list *tensors, const char *prefix, const need *needs,
                               size_t count, bitocr_error *error) {
    bitocr_status status = BITOCR_OK;
    for (size_t i = 0; i < count && status == BITOCR_OK; i++)
        status = check(tensors, prefix, &needs[i], error);
    return status;
}

#define CHECK(prefix, needs) check_all(tensors, prefix, needs, sizeof(needs) / sizeof(need), error)

static bitocr_status check_block(const tensor_list *tensors, int index, const bitocr_block *block,
                                 bitocr_error *error) {
    char prefix[24];
    int in = block->in, out = block->out;
    snprintf(prefix, sizeof prefix, "blocks.%d", index);
    const need needs[] = {
        {"beta1", FLOAT, {in}},   {"conv1.weight", BITOCR_B1, {in, 3, 3, in}},
        {"scale1", FLOAT, {in}},  {"bias1", FLOAT, {in}},
        {"slope1", FLOAT, {in}},  {"shift1", FLOAT, {in}},
        {"beta2", FLOAT, {in}},   {"conv2.weight", BITOCR_B1, {out, 1, 1, in}},
        {"scale2", FLOAT, {out}}, {"bias2", FLOAT, {out}},
        {"slope2", FLOAT, {out}}, {"shift2", FLOAT, {out}},
    };
    return CHECK(prefix, needs);
}

static bitocr_status check_lstm(const tensor_list *tensors, const char *prefix,
                                const bitocr_config *config, bitocr_error *error) {
    int gates = 4 * config->hidden;
    const need needs[] = {
        {"weight_ih", INT, {gates, config->features}},
        {"weight_hh", INT, {gates, config->hidden}},
        {"scale_ih", FLOAT, {gates}},
        {"scale_hh", FLOAT, {gates}},
        {"bias", FLOAT, {gates}},
    };
    return CHECK(prefix, needs);
}

bitocr_status bitocr_header_check_tensors(const tensor_list *tensors, const bitocr_config *config,
                                          bitocr_error *error) {
    int stem = config->stem, classes = config->classes, bottleneck = config->bottleneck;
    const need stem_needs[] = {
        {"weight", BITOCR_I8, {stem, 3, 3}}, {"scale", FLOAT, {stem}}, {"bias", FLOAT, {stem}}};
    const need bottleneck_needs[] = {{"weight", INT, {bottleneck, config_neck_outputs(config)}},
                                     {"scale", FLOAT, {bottleneck}}};
    const need head_needs[] = {{"weight", INT, {classes, config_head_inputs(config)}},
                               {"scale", FLOAT, {classes}},
                               {"bias", FLOAT, {classes}}};
    bitocr_status status = CHECK("stem", stem_needs);
    for (int i = 0; i < config->block_count && status == BITOCR_OK; i++)
        status = check_block(tensors, i, &config->blocks[i], error);
    if (status == BITOCR_OK && config->hidden)
        status = check_lstm(tensors, "lstm.forward", config, error);
    if (status == BITOCR_OK && config->hidden)
        status = check_lstm(tensors, "lstm.backward", config, error);
    if (status == BITOCR_OK && bottleneck)
        status = CHECK("bottleneck", bottleneck_needs);
    return status == BITOCR_OK ? CHECK("head", head_needs) : status;
}
