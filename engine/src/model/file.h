/* The file model.bit, version 1 or 2: one network with all that is needed to run it.
 *
 * All numbers are little-endian. A reader needs no copy: tensors lie 64-byte aligned in the file.
 *
 *  1. The start, 32 bytes:
 *        0  8 bytes  magic: 89 'B' 'I' 'T' 'O' 'C' 'R' 0A
 *        8  u32      format version: 1, or 2 where a tensor is i4
 *       12  u32      header_bytes: length of the JSON header, at most 1 MiB
 *       16  u64      file_bytes: length of the whole file, at most 256 MiB
 *       24  u32      CRC32 (zlib's polynomial) of the bytes [32, file_bytes)
 *       28  u32      0
 *  2. The JSON header at byte 32: UTF-8, nested at most 32 deep. Then zeros up to a multiple of 64.
 *  3. The tensors, in the order in which the header lists them, each at a multiple of 64 bytes from
 *     the file's start, without overlap, zeros between them.
 *
 * The header's keys (others are ignored; a key that stands twice in an object counts as missing):
 *  4. "network": what to run.
 *        "arch"     "bit_crnn"
 *        "height"   32
 *        "stem"     channels after the stem
 *        "blocks"   [{"in": c, "out": up to 2c, "stride": [height, width]}, ...], 1 to 64 of them;
 *                   strides are 1 or 2; "in" is the "out" of the block before (of the stem);
 *                   the shortcut of output channel k is channel k mod c
 *        "neck"     {"type": "bilstm", "hidden": h} with h a multiple of 8 up to 1024, or
 *                   {"type": "none"}
 *        "head"     {"bottleneck": b}, b a multiple of 8 below D of 12: a linear layer from D
 *                   to b without a bias comes before the head. No key, no such layer
 *        "classes"  number of classes, 2 to 65536
 *     Channels are multiples of 32 up to 1024. The stem has stride 2 x 2; strides multiply to a
 *     height stride that divides 32 and to a width stride of 2, 4 or 8.
 *  5. "charset": a string of classes - 1 different characters (Unicode scalar values, none below
 *     U+0020). Class 0 is the CTC blank, class i is character i - 1.
 *  6. "tensors": [{"name": text, "dtype": "b1" | "i4" | "i8" | "f16" | "f32", "shape": [1 to 4
 *     sizes], "offset": from the file's start, "bytes": length}, ...], at most 1024, names of at
 *     most 63 bytes. b1 is bits, the first in the lowest bit of a byte; bit 0 is +1, bit 1 is -1;
 *     its innermost size is a multiple of 32. i4 is two's complement, the first of a pair in the
 *     low bits of its byte; its innermost size is even. Floats are finite and at most 65504 in
 *     size.
 *  7. "languages", which may be missing: a list of BCP 47 tags, such as ["zh", "en"], the one that
 *     the model is for first of all first; together at most 255 bytes with a comma between them.
 *     They say which n-grams and words a text is read with by default: api/language.c.
 *  8. "calibration", which may be missing: {"slope": above 0, up to 100, "offset": from -100 to
 *     100}, by which confidences become probabilities: decode/confidence.h. Without it, or for a
 *     reader that does not know it, the confidence is the mean of the characters' scores
 *     (decode/ctc.h).
 * No reader depends on any other key. Ours writes "card", for people: name, licence, training data,
 * accuracy, free in form.
 *
 * The tensors of bit_crnn (float: f16 or f32; int: i4 or i8), block N counted from 0, C = the last
 * block's "out", H = "hidden", D = 2 H with a neck and C without:
 *  9. stem.weight i8 [stem, 3, 3]; stem.{scale, bias} float [stem].
 * 10. blocks.N.{beta1, scale1, bias1, slope1, shift1, beta2} float [in];
 *     blocks.N.conv1.weight b1 [in, 3, 3, in]; blocks.N.conv2.weight b1 [out, 1, 1, in];
 *     blocks.N.{scale2, bias2, slope2, shift2} float [out].
 * 11. lstm.{forward, backward}.weight_ih int [4H, C], .weight_hh int [4H, H],
 *     .{scale_ih, scale_hh, bias} float [4H]: gates in the order input, forget, cell, output.
 * 12. head.weight int [classes, D]; head.{scale, bias} float [classes]. With a bottleneck,
 *     bottleneck.weight int [b, D] and bottleneck.scale float [b], and head.weight is [classes, b].
 */
#ifndef BITOCR_MODEL_FILE_H
#define BITOCR_MODEL_FILE_H

#include "bitocr.h"

enum { BITOCR_MODEL_VERSION = 2, BITOCR_MAX_BLOCKS = 64, BITOCR_LANGUAGES_ROOM = 256 };

typedef enum { BITOCR_B1 = 1, BITOCR_I4, BITOCR_I8, BITOCR_F16, BITOCR_F32 } bitocr_dtype;

/* A view into the file: 64-byte aligned, alive as long as the file. */
typedef struct {
    int kind; /* a bitocr_dtype */
    int ndim;
    int shape[4]; /* 1 beyond ndim */
    const void *data;
    size_t bytes;
} bitocr_tensor;

typedef struct {
    int in, out;
    int stride_h, stride_w;
} bitocr_block;

typedef struct {
    int stem;
    int block_count;
    bitocr_block blocks[BITOCR_MAX_BLOCKS];
    int hidden;     /* 0: no neck */
    int bottleneck; /* 0: none */
    int classes;
    int features;     /* channels after the last block */
    int width_stride; /* input columns to one time step: 2, 4 or 8 */
} bitocr_config;

/* What the neck puts out, or the backbone where there is none: D of 12. */
static inline int config_neck_outputs(const bitocr_config *config) {
    return config->hidden ? 2 * config->hidden : config->features;
}

/* What the head's matrix takes in. */
static inline int config_head_inputs(const bitocr_config *config) {
    return config->bottleneck ? config->bottleneck : config_neck_outputs(config);
}

/* Confidences as probabilities: decode/confidence.h. */
typedef struct {
    double slope; /* 0: the model has no calibration */
    double offset;
} bitocr_calibration;

/* An opened file whose every offset, size, shape and value has been checked: all tensors of 9 to 12
 * are there, with the dtype and shape that the config asks for. Immutable. */
typedef struct bitocr_model_file bitocr_model_file;

/* Maps the file into memory. It must not change while it is open. */
bitocr_status bitocr_model_open(const char *path, bitocr_model_file **out, bitocr_error *error);

/* Copies the bytes. */
bitocr_status bitocr_model_open_memory(const void *data, size_t bytes, bitocr_model_file **out,
                                       bitocr_error *error);

void bitocr_model_close(bitocr_model_file *file); /* NULL is fine */

const bitocr_config *bitocr_model_config(const bitocr_model_file *file);

/* The tensor of that name; NULL if there is none. */
const bitocr_tensor *bitocr_model_tensor(const bitocr_model_file *file, const char *name);

/* The classes - 1 characters as Unicode scalar values. */
const uint32_t *bitocr_model_charset(const bitocr_model_file *file);

const bitocr_calibration *bitocr_model_calibration(const bitocr_model_file *file);

/* The tags of "languages" with a comma between them; "" where there is none. */
const char *bitocr_model_languages(const bitocr_model_file *file);

/* The JSON header, not NUL-terminated. */
const char *bitocr_model_header(const bitocr_model_file *file, size_t *bytes);

#endif
