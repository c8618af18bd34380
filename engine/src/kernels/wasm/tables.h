/* The kernel of this folder. */
#ifndef BITOCR_KERNELS_WASM_TABLES_H
#define BITOCR_KERNELS_WASM_TABLES_H

#include "kernels/kernels.h"

/* conv.c */
size_t bitocr_simd128_conv_bytes(int kernel, int cin, int cout);
void bitocr_simd128_pack_conv(const uint8_t *weights, int kernel, int cin, int cout, void *packed);
void bitocr_simd128_conv(const conv_layer *layer, const conv_row *row);
void bitocr_simd128_sign(const float *x, const float *beta, int pixels, int channels,
                         uint8_t *bits);

extern const kernel_table bitocr_kernel_simd128;

#endif
