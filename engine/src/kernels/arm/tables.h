/* The kernels of this folder, and what they share. */
#ifndef BITOCR_KERNELS_ARM_TABLES_H
#define BITOCR_KERNELS_ARM_TABLES_H

#include "kernels/kernels.h"

extern const kernel_table bitocr_kernel_neon;
extern const kernel_table bitocr_kernel_neon_dot;

size_t bitocr_neon_conv_bytes(int kernel, int cin, int cout);
void bitocr_neon_pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed);
void bitocr_neon_conv(const conv_layer *layer, const conv_row *row);
void bitocr_neon_sign(const float *x, const float *beta, int pixels, int channels, uint8_t *bits);

size_t bitocr_neon_stem_bytes(int channels);
void bitocr_neon_pack_stem(const int8_t *weights, int channels, void *packed);
void bitocr_neon_stem(const stem_layer *layer, const int16_t *const rows[3], int pixels,
                      float *out);

/* The entries of a kernel_table that come from here. */
#define NEON_ENTRIES                                                                               \
    .channels_per_byte = 8, .conv_bytes = bitocr_neon_conv_bytes,                                  \
    .pack_conv = bitocr_neon_pack_conv, .conv = bitocr_neon_conv, .sign = bitocr_neon_sign,        \
    .stem_bytes = bitocr_neon_stem_bytes, .pack_stem = bitocr_neon_pack_stem,                      \
    .stem = bitocr_neon_stem

#endif
