/* A model file's tensors as a network's arrays: found and checked, floats widened to float32.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "net/builder.h"

enum { ALIGNMENT = 64 };

static void *out_of_memory(network_builder *b) {
    if (!b->status)
        b->status = bitocr_fail(b->error, BITOCR_ERROR_MEMORY, "out of memory");
    return NULL;
}

void *bitocr_builder_take(network_builder *b, size_t bytes) {
    allocation *memory = b->status ? NULL : malloc(sizeof *memory + ALIGNMENT + bytes);
    if (!memory)
        return out_of_memory(b);
    memory->next = *b->allocations;
    *b->allocations = memory;
    uintptr_t start = (uintptr_t)(memory + 1);
    return (void *)((start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

void bitocr_builder_free(allocation *list) {
    while (list) {
        allocation *next = list->next;
        free(list);
        list = next;
    }
}

/* NULL after a failure. */
static const bitocr_tensor *find(network_builder *b, const char *prefix, const char *name,
                                 bitocr_dtype kind, const int shape[4]) {
    char full[64];
    const bitocr_tensor *tensor = NULL;
    snprintf(full, sizeof full, "%s.%s", prefix, name);
    if (!b->status)
        b->status = bitocr_model_tensor(b->model, full, kind, shape, &tensor, b->error);
    return tensor;
}

const void *bitocr_builder_values(network_builder *b, const char *prefix, const char *name,
                                  bitocr_dtype kind, const int shape[4]) {
    const bitocr_tensor *tensor = find(b, prefix, name, kind, shape);
    return tensor ? tensor->data : NULL;
}

static float widen(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, magnitude = half & 0x7fffu, bits;
    float value;
    if (magnitude < 0x0400u) { /* zero and subnormals: steps of 2^-24 */
        value = (float)magnitude * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = sign | ((magnitude << 13) + ((magnitude < 0x7c00u ? 112u : 224u) << 23));
    memcpy(&value, &bits, sizeof value);
    return value;
}

const float *bitocr_builder_scaled_floats(network_builder *b, const char *prefix, const char *name,
                                          int count, float factor) {
    const bitocr_tensor *tensor = find(b, prefix, name, BITOCR_FLOAT, (const int[4]){count});
    float *out = bitocr_builder_take(b, (size_t)count * sizeof *out);
    if (!tensor || !out)
        return NULL;
    for (int i = 0; i < count; i++)
        out[i] = (tensor->kind == BITOCR_F32 ? ((const float *)tensor->data)[i]
                                             : widen(((const uint16_t *)tensor->data)[i])) *
                 factor;
    return out;
}

const float *bitocr_builder_floats(network_builder *b, const char *prefix, const char *name,
                                   int count) {
    return bitocr_builder_scaled_floats(b, prefix, name, count, 1.0f);
}

/* Two's complement of 4 bits, two in a byte, the first in the low bits. */
static int8_t *unpack_nibbles(network_builder *b, const uint8_t *pairs, size_t count) {
    int8_t *out = malloc(count);
    if (!out)
        return out_of_memory(b);
    for (size_t i = 0; i < count; i++)
        out[i] = (int8_t)(((pairs[i / 2] >> (i % 2 * 4) & 15) ^ 8) - 8);
    return out;
}

matrix bitocr_builder_matrix(network_builder *b, const char *prefix, const char *name, int inputs,
                             int outputs) {
    const bitocr_tensor *tensor =
        find(b, prefix, name, BITOCR_INT, (const int[4]){outputs, inputs});
    int8_t *unpacked = NULL;
    if (tensor && tensor->kind == BITOCR_I4)
        unpacked = unpack_nibbles(b, tensor->data, (size_t)inputs * (size_t)outputs);
    void *packed = bitocr_builder_take(b, b->kernel->matrix_bytes(inputs, outputs));
    if (packed)
        b->kernel->pack_matrix(unpacked ? unpacked : tensor->data, inputs, outputs, packed);
    free(unpacked);
    return (matrix){.inputs = inputs, .outputs = outputs, .weights = packed};
}
