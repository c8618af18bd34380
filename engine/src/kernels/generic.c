/* The kernels in plain C, for every processor: the oracle that the others must equal bit for bit.
 * Signs are packed eight channels in a byte, the first in the lowest bit; weights stay as in the
 * model file. */
#include "kernels/elementwise.h"

enum { MAX_CHANNELS = 1024 };

/* Bits that are set in each byte of v, as bytes. */
static inline uint64_t byte_popcounts(uint64_t v) {
    v = v - ((v >> 1) & 0x5555555555555555u);
    v = (v & 0x3333333333333333u) + ((v >> 2) & 0x3333333333333333u);
    return (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
}

static inline int byte_sum(uint64_t bytes) {
    bytes = (bytes & 0x00ff00ff00ff00ffu) + ((bytes >> 8) & 0x00ff00ff00ff00ffu);
    return (int)((bytes * 0x0001000100010001u) >> 48);
}

/* Bits in which a and b, of `bytes` bytes (a multiple of 4), differ. */
static int disagreements(const uint8_t *a, const uint8_t *b, int bytes) {
    int count = 0;
    while (bytes > 0) {
        uint64_t sums = 0;
        int end = bytes < 16 * 8 ? bytes : 16 * 8;
        int i = 0;
        for (; i + 8 <= end; i += 8) {
            uint64_t u, v;
            memcpy(&u, a + i, 8);
            memcpy(&v, b + i, 8);
            sums += byte_popcounts(u ^ v);
        }
        if (i < end) {
            uint32_t u, v;
            memcpy(&u, a + i, 4);
            memcpy(&v, b + i, 4);
            sums += byte_popcounts(u ^ v);
        }
        count += byte_sum(sums);
        a += end, b += end, bytes -= end;
    }
    return count;
}

static size_t conv_bytes(int kernel, int cin, int cout) {
    return (size_t)cout * (size_t)(kernel * kernel * cin / 8);
}

static void pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed) {
    memcpy(packed, weights, conv_bytes(kernel, cin, cout));
}

static void sign(const float *x, const float *beta, int pixels, int channels, uint8_t *bits) {
    for (int pixel = 0; pixel < pixels; pixel++, x += channels)
        for (int c = 0; c < channels; c += 8) {
            unsigned byte = 0;
            for (int i = 0; i < 8; i++)
                byte |= (unsigned)(x[c + i] + beta[c + i] < 0.0f) << i;
            *bits++ = (uint8_t)byte;
        }
}

/* The dot products of one output pixel with all output channels. */
static void dot_products(const conv_layer *layer, const conv_row *row, const uint8_t *bits,
                         int *dots) {
    enum { MAX_PATCH = 9 * MAX_CHANNELS / 8 };
    uint8_t patch[MAX_PATCH];
    int k = layer->kernel * layer->kernel * layer->cin;
    size_t line = (size_t)(layer->kernel * layer->cin / 8);
    for (int y = 0; y < layer->kernel; y++)
        memcpy(patch + (size_t)y * line, bits + (size_t)y * row->row_bytes, line);
    const uint8_t *weights = layer->weights;
    for (int c = 0; c < layer->cout; c++, weights += k / 8)
        dots[c] = k - 2 * disagreements(patch, weights, k / 8);
}

/* What follows the dot products of one pixel. */
static void finish(const conv_layer *layer, const int *dots, const float *shortcut,
                   int shortcut_channels, float *restrict out) {
    for (int c = 0; c < layer->cout; c++) {
        float z = (float)dots[c] * layer->scale[c] + layer->bias[c];
        z = z + shortcut[c % shortcut_channels];
        z = z >= 0.0f ? z : z * layer->slope[c];
        out[c] = z + layer->shift[c];
    }
}

static void conv(const conv_layer *layer, const conv_row *row) {
    int dots[MAX_CHANNELS];
    for (int pixel = 0; pixel < row->pixels; pixel++) {
        dot_products(layer, row, row->bits + (size_t)pixel * row->step_bytes, dots);
        finish(layer, dots, row->shortcut + (size_t)pixel * (size_t)row->shortcut_channels,
               row->shortcut_channels, row->out + (size_t)pixel * (size_t)layer->cout);
    }
    if (row->beta)
        sign(row->out, row->beta, row->pixels, layer->cout, row->out_bits);
}

static size_t stem_bytes(int channels) {
    return (size_t)channels * 9;
}

static void pack_stem(const int8_t *weights, int channels, void *packed) {
    memcpy(packed, weights, stem_bytes(channels));
}

static void stem(const stem_layer *layer, const int16_t *const rows[3], int pixels, float *out) {
    for (int pixel = 0; pixel < pixels; pixel++) {
        const int8_t *weights = layer->weights;
        for (int c = 0; c < layer->channels; c++) {
            int32_t sum = 0;
            for (int y = 0; y < 3; y++)
                for (int x = 0; x < 3; x++)
                    sum += *weights++ * rows[y][2 * pixel + x];
            *out++ = (float)sum * layer->scale[c] + layer->bias[c];
        }
    }
}

static size_t matrix_bytes(int inputs, int outputs) {
    return (size_t)inputs * (size_t)outputs * sizeof(int16_t);
}

/* Two bytes a weight: compilers know the product of two int16 vectors summed in int32. */
static void pack_matrix(const int8_t *weights, int inputs, int outputs, void *packed) {
    int16_t *out = packed;
    for (size_t i = 0; i < (size_t)inputs * (size_t)outputs; i++)
        out[i] = weights[i];
}

static void multiply(const matrix *m, const int16_t *x, int rows, int32_t *sums) {
    for (int row = 0; row < rows; row++, x += m->inputs) {
        const int16_t *weights = m->weights;
        for (int i = 0; i < m->outputs; i++, weights += m->inputs) {
            int32_t sum = 0;
            for (int k = 0; k < m->inputs; k++)
                sum += x[k] * weights[k];
            *sums++ = sum;
        }
    }
}

const kernel_table bitocr_kernel_generic = {
    .name = "generic",
    .channels_per_byte = 8,
    .conv_bytes = conv_bytes,
    .pack_conv = pack_conv,
    .conv = conv,
    .sign = sign,
    .stem_bytes = stem_bytes,
    .pack_stem = pack_stem,
    .stem = stem,
    .matrix_bytes = matrix_bytes,
    .pack_matrix = pack_matrix,
    .multiply = multiply,
    ELEMENTWISE_ENTRIES,
};
