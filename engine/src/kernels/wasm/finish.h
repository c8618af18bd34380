/* The steps after the dot products of a binary convolution, for tiles of pixels and channels. */
#ifndef BITOCR_KERNELS_WASM_FINISH_H
#define BITOCR_KERNELS_WASM_FINISH_H

#include <stdbool.h>
#include <string.h>
#include <wasm_simd128.h>

#include "kernels/kernels.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    BLOCK = 16, /* output channels in a vector */
    WIDE = 64,
    NARROW = 32, /* channels of a tile: WIDE, or NARROW for the rest */
    PIXELS = 2,  /* of a tile */
    MAX_CHANNELS = 1024,
};

/* The parameters for four channels, side by side. The scale is doubled because dot products come
 * halved. */
typedef struct {
    v128_t scale, bias, slope, shift, beta;
} finish_step;

static void gather_steps(const conv_layer *layer, const float *beta, finish_step *steps) {
    if (!beta)
        beta = layer->bias; /* not used: any numbers do */
    for (int c = 0; c < layer->cout; c += 4) {
        v128_t scale = wasm_v128_load(layer->scale + c);
        *steps++ = (finish_step){
            wasm_f32x4_add(scale, scale),     wasm_v128_load(layer->bias + c),
            wasm_v128_load(layer->slope + c), wasm_v128_load(layer->shift + c),
            wasm_v128_load(beta + c),
        };
    }
}

INLINE v128_t below_zero(v128_t x) {
    return wasm_f32x4_lt(x, wasm_f32x4_splat(0));
}

/* The lanes of `a` where the mask is set, and those of `b` elsewhere. */
INLINE v128_t choose(v128_t mask, v128_t a, v128_t b) {
#ifdef __wasm_relaxed_simd__
    return wasm_i32x4_relaxed_laneselect(a, b, mask);
#else
    return wasm_v128_bitselect(a, b, mask);
#endif
}

/* Finishes four halved dot products. */
INLINE v128_t finish_four(const int16_t *halves, const finish_step *step, const float *shortcut) {
    v128_t x = wasm_f32x4_convert_i32x4(wasm_i32x4_load16x4(halves));
    x = wasm_f32x4_add(wasm_f32x4_mul(x, step->scale), step->bias);
    x = wasm_f32x4_add(x, wasm_v128_load(shortcut));
    return wasm_f32x4_add(choose(below_zero(x), wasm_f32x4_mul(x, step->slope), x), step->shift);
}

/* Stores a bit for each of 16 numbers below zero, from four results of below_zero. */
INLINE void store_signs(uint8_t *bits, const v128_t *negative) {
    v128_t low = wasm_i16x8_narrow_i32x4(negative[0], negative[1]);
    v128_t high = wasm_i16x8_narrow_i32x4(negative[2], negative[3]);
    uint16_t both = (uint16_t)wasm_i8x16_bitmask(wasm_i8x16_narrow_i16x8(low, high));
    memcpy(bits, &both, sizeof both);
}

/* Where the numbers of a tile's pixels are, from its first channel on, and how far apart the pixels
 * are. */
typedef struct {
    const float *shortcut;
    float *out;
    uint8_t *bits;
    size_t shortcut_step, out_step;
} tile_places;

/* Finishes `channels` of `pixels`, which are `halves_step` apart. The shortcut has as many
 * channels. */
INLINE void finish(const tile_places *to, const finish_step *step, const int16_t *halves,
                   int halves_step, int channels, const int pixels) {
    const int16_t *in[PIXELS] = {halves, halves + halves_step};
    const float *shortcut[PIXELS] = {to->shortcut, to->shortcut + to->shortcut_step};
    float *out[PIXELS] = {to->out, to->out + to->out_step};
    uint8_t *bits[PIXELS] = {to->bits, to->bits + to->out_step / 8};
    for (; channels > 0; channels -= BLOCK, step += 4) {
        v128_t negative[PIXELS][4];
#pragma unroll
        for (int q = 0; q < 4; q++) {
            const finish_step s = step[q];
#pragma unroll
            for (int p = 0; p < pixels; p++) {
                v128_t x = finish_four(in[p] + 4 * q, &s, shortcut[p] + 4 * q);
                wasm_v128_store(out[p] + 4 * q, x);
                negative[p][q] = below_zero(wasm_f32x4_add(x, s.beta));
            }
        }
#pragma unroll
        for (int p = 0; p < pixels; p++) {
            store_signs(bits[p], negative[p]);
            in[p] += BLOCK;
            shortcut[p] += BLOCK;
            out[p] += BLOCK;
            bits[p] += BLOCK / 8;
        }
    }
}

static __attribute__((noinline)) void finish_pair(const tile_places *to, const finish_step *step,
                                                  const int16_t *halves, int halves_step,
                                                  int channels) {
    finish(to, step, halves, halves_step, channels, PIXELS);
}

static __attribute__((noinline)) void finish_pixel(const tile_places *to, const finish_step *step,
                                                   const int16_t *halves, int halves_step,
                                                   int channels) {
    finish(to, step, halves, halves_step, channels, 1);
}

/* A place for signs that are not needed: writing them there is faster than testing for it. */
static uint8_t unwanted[PIXELS * MAX_CHANNELS / 8];

static tile_places places_of(const conv_layer *layer, const conv_row *row, int pixel, int channel) {
    size_t first = (size_t)pixel, cout = (size_t)layer->cout;
    size_t others = (size_t)row->shortcut_channels, c = (size_t)channel;
    return (tile_places){
        .shortcut = row->shortcut + first * others + (c < others ? c : c - others),
        .out = row->out + first * cout + c,
        .bits = row->beta ? row->out_bits + (first * cout + c) / 8 : unwanted,
        .shortcut_step = others,
        .out_step = cout,
    };
}

/* Finishes the halved dot products of a tile, in parts if a shortcut repeats within it. */
static void finish_tile(const conv_layer *layer, const conv_row *row, int pixel, int channel,
                        int channels, const finish_step *steps, const int16_t *halves) {
    int part = row->shortcut_channels % WIDE ? NARROW : channels;
    bool is_pair = pixel + 1 < row->pixels;
    for (int c = 0; c < channels; c += part) {
        tile_places to = places_of(layer, row, pixel, channel + c);
        (is_pair ? finish_pair : finish_pixel)(&to, steps + (channel + c) / 4, halves + c, channels,
                                               part);
    }
}

#endif
