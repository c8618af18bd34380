#include "kernel_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, ROOM = 1 << 25, GUARD = 0xA5, MOST_BLOCKS = 64 };

/* Blocks of memory, with ALIGNMENT bytes of guards or more after each and before the first. */
static struct {
    _Alignas(ALIGNMENT) uint8_t memory[ROOM];
    size_t used, ends[MOST_BLOCKS];
    int blocks;
} room;

static uint32_t state;

static size_t aligned(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *take(size_t bytes) {
    size_t start = room.used + ALIGNMENT, end = start + bytes, next = aligned(end);
    if (next + ALIGNMENT > ROOM || room.blocks == MOST_BLOCKS) {
        printf("failed: a test takes too much memory\n");
        exit(1);
    }
    memset(room.memory + room.used, GUARD, next + ALIGNMENT - room.used);
    room.ends[room.blocks++] = end;
    room.used = next;
    return room.memory + start;
}

float *take_floats(size_t count) {
    return take(count * sizeof(float));
}

int give_back(void) {
    int is_intact = 1;
    for (int i = 0; i < room.blocks; i++)
        for (size_t at = room.ends[i]; at < aligned(room.ends[i]) + ALIGNMENT; at++)
            is_intact &= room.memory[at] == GUARD;
    for (size_t at = 0; at < ALIGNMENT; at++)
        is_intact &= !room.blocks || room.memory[at] == GUARD;
    room.used = 0;
    room.blocks = 0;
    return is_intact;
}

void start_random(uint32_t seed) {
    state = seed;
}

uint32_t random_bits(void) {
    state = state * 1664525u + 1013904223u;
    return (state >> 16 | state << 16) * 2654435761u;
}

int random_between(int low, int high) {
    return low + (int)((uint64_t)random_bits() * (uint64_t)(high - low + 1) >> 32);
}

void random_bytes(void *bytes, size_t count) {
    uint8_t *out = bytes;
    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)(random_bits() >> 24);
}

float random_float(float spread) {
    static const float rare[] = {0.0f, -0.0f, 0x1p-149f, -0x1p-126f, 0x1p-100f, -1.0f};
    uint32_t choice = random_bits() % 64;
    if (choice < sizeof rare / sizeof *rare)
        return rare[choice];
    return (float)random_between(-(1 << 23), 1 << 23) * 0x1p-23f * spread;
}

float *random_floats(size_t count, float spread) {
    float *x = take_floats(count);
    for (size_t i = 0; i < count; i++)
        x[i] = random_float(spread);
    return x;
}
