#include "net/space.h"

#include <stdlib.h>

enum { ALIGNMENT = 64 };

static void *part(buffers *b, size_t bytes) {
    void *start = b->base ? b->base + b->bytes : NULL;
    b->bytes += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return start;
}

static int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static map map_of(const network *net, int height, int width, int channels) {
    size_t pixel = (size_t)(channels / net->kernel->channels_per_byte);
    return (map){.height = height,
                 .width = width,
                 .channels = channels,
                 .pixel_bytes = pixel,
                 .row_bytes = (size_t)(width + 2) * pixel};
}

map bitocr_space_stem_map(const network *net, int width) {
    return map_of(net, BITOCR_HEIGHT / 2, width / 2, net->config.stem);
}

map bitocr_space_next_map(const network *net, const map *m, const bitocr_block *block) {
    return map_of(net, ceil_div(m->height, block->stride_h), ceil_div(m->width, block->stride_w),
                  block->out);
}

static size_t values_of(const map *m) {
    return (size_t)m->height * (size_t)m->width * (size_t)m->channels;
}

size_t bitocr_space_sign_bytes(const map *m) {
    return (size_t)(m->height + 2) * m->row_bytes;
}

/* Where everything lies from `base` on; with NULL, only how long it is. */
static buffers lay_out(const network *net, int width, void *base) {
    const bitocr_config *config = &net->config;
    buffers b = {.base = base};
    map m = bitocr_space_stem_map(net, width);
    size_t values = values_of(&m), signs = bitocr_space_sign_bytes(&m), row = 0;
    for (int i = 0; i < config->block_count; i++) {
        int in = m.channels;
        m = bitocr_space_next_map(net, &m, &config->blocks[i]);
        values = larger(values, values_of(&m));
        signs = larger(signs, bitocr_space_sign_bytes(&m));
        row = larger(row, (size_t)m.width * (size_t)in);
    }
    size_t steps = (size_t)m.width, hidden = (size_t)config->hidden;
    size_t bottleneck = (size_t)config->bottleneck;
    size_t inputs = larger((size_t)config->features, 2 * hidden);
    b.pixels = part(&b, (BITOCR_HEIGHT + 1) * (size_t)(width + 2) * sizeof *b.pixels);
    for (int i = 0; i < 2; i++) {
        b.values[i] = part(&b, values * sizeof *b.values[i]);
        b.signs[i] = part(&b, signs);
    }
    b.row = part(&b, row * sizeof *b.row);
    b.row_signs = part(&b, row / (size_t)net->kernel->channels_per_byte);
    b.features = part(&b, steps * (size_t)config->features * sizeof *b.features);
    b.quantized = part(&b, steps * inputs * sizeof *b.quantized);
    b.scales = part(&b, steps * sizeof *b.scales);
    b.neck = part(&b, steps * 2 * hidden * sizeof *b.neck);
    b.narrow = part(&b, steps * bottleneck * sizeof *b.narrow);
    b.lstm = part(&b, hidden ? bitocr_lstm_scratch_bytes(&net->directions[0], m.width) : 0);
    b.sums = part(&b, HEAD_ROWS * larger((size_t)config->classes, bottleneck) * sizeof *b.sums);
    return b;
}

bool bitocr_space_prepare(workspace *space, const network *net, int width, buffers *out) {
    size_t needed = lay_out(net, width, NULL).bytes + ALIGNMENT;
    if (space->bytes < needed) {
        bitocr_workspace_free(space);
        if (!(space->memory = malloc(needed)))
            return false;
        space->bytes = needed;
    }
    uintptr_t start = ((uintptr_t)space->memory + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *out = lay_out(net, width, (void *)start);
    return true;
}

void bitocr_workspace_free(workspace *space) {
    free(space->memory);
    *space = (workspace){0};
}
