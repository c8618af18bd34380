/* A model file's tensors as a network's arrays: found and checked, floats widened to float32.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "net/builder.h"

enum { ALIGNMENT = 64 };

void *bitocr_builder_take(network_builder *b, size_t bytes) {
    allocation *memory = b->status ? NULL : malloc(sizeof *memory + ALIGNMENT + bytes);
    if (!memory) {
        if (!b->status)
            b->status = bitocr_fail(b->error, BITOCR_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    memory->next = b->net->allocations;
    b->net->allocations = memory;
    uintptr_t start = (uintptr_t)(memory + 1);
    return (void *)((start + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

/* The tensor `prefix``name` of `count` values; NULL after a failure. bitocr_model_open has checked
 * all this already: that it is checked again here costs nothing and keeps memory safe by itself. */
static const bitocr_tensor *find(network_builder *b, const char *prefix, const char *name,
                                 size_t count) {
    char full[64];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const bitocr_tensor *tensor = bitocr_model_tensor(b->model, full);
    size_t found = 1;
    for (int i = 0; tensor && i < tensor->ndim; i++)
        found *= (size_t)tensor->shape[i];
    if (b->status || (tensor && found == count))
        return b->status ? NULL : tensor;
    b->status = bitocr_fail(b->error, BITOCR_ERROR_MODEL, "the model's tensor %s is %s", full,
                            tensor ? "of the wrong size" : "missing");
    return NULL;
}

const void *bitocr_builder_values(network_builder *b, const char *prefix, const char *name,
                                  size_t count, bitocr_dtype kind) {
    const bitocr_tensor *tensor = find(b, prefix, name, count);
    if (!tensor || tensor->kind == (int)kind)
        return tensor ? tensor->data : NULL;
    b->status = bitocr_fail(b->error, BITOCR_ERROR_MODEL,
                            "the model's tensor %s%s is of the wrong type", prefix, name);
    return NULL;
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
    const bitocr_tensor *tensor = find(b, prefix, name, (size_t)count);
    float *out = bitocr_builder_take(b, (size_t)count * sizeof *out);
    if (!tensor || !out)
        return NULL;
    if (tensor->kind != BITOCR_F16 && tensor->kind != BITOCR_F32) {
        b->status = bitocr_fail(b->error, BITOCR_ERROR_MODEL,
                                "the model's tensor %s%s holds no floats", prefix, name);
        return NULL;
    }
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
static void unpack_nibbles(const uint8_t *pairs, size_t count, int8_t *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = (int8_t)(((pairs[i / 2] >> (i % 2 * 4) & 15) ^ 8) - 8);
}

const int8_t *bitocr_builder_weights(network_builder *b, const char *prefix, const char *name,
                                     size_t count, int8_t **unpacked) {
    const bitocr_tensor *tensor = find(b, prefix, name, count);
    *unpacked = NULL;
    if (!tensor || tensor->kind != BITOCR_I4)
        return tensor ? bitocr_builder_values(b, prefix, name, count, BITOCR_I8) : NULL;
    *unpacked = malloc(count);
    if (*unpacked)
        unpack_nibbles(tensor->data, count, *unpacked);
    else
        b->status = bitocr_fail(b->error, BITOCR_ERROR_MEMORY, "out of memory");
    return *unpacked;
}
