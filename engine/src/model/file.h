/* The file model.bit, version 1 or 2: one network and everything that is needed to run it. This
 * describes the parts that all networks share. The architectures in net/ describe their own configs
 * and tensors.
 *
 * All numbers are little-endian. A reader needs no copy: tensors lie 64-byte aligned in the file.
 *
 *  1. The start, 32 bytes:
 *        0  8 bytes  magic: 89 'B' 'I' 'T' 'O' 'C' 'R' 0A
 *        8  u32      format version: 1, or 2 if a tensor is i4
 *       12  u32      header_bytes: length of the JSON header, at most 1 MiB
 *       16  u64      file_bytes: length of the whole file, at most 256 MiB
 *       24  u32      CRC32 (zlib's polynomial) of the bytes [32, file_bytes)
 *       28  u32      0
 *  2. The JSON header at byte 32: UTF-8, nested at most 32 deep.
 *  3. The tensors, in the order of the header. Each begins at the first multiple of 64 bytes after
 *     the tensor or header before it, with zeros between; the last one ends the file.
 *
 * The header's keys (others are ignored; a key that occurs twice in an object counts as missing):
 *  4. "network": {"arch": text, ...}: which architecture, and its config.
 *  5. "charset", of networks that read text: a string of different characters (Unicode scalar
 *     values, none below U+0020), at most 65535.
 *  6. "tensors": [{"name": text, "dtype": "b1" | "i4" | "i8" | "f16" | "f32", "shape": [1 to 4
 *     sizes], "offset": from the file's start, "bytes": length}, ...], at most 1024, names of at
 *     most 63 bytes. b1 is bits, the first in the lowest bit of a byte; bit 0 is +1, bit 1 is -1;
 *     its innermost size is a multiple of 32. i4 is two's complement, the first of a pair in the
 *     low bits of its byte; its innermost size is even. Floats are finite and at most 65504 in
 *     size.
 *  7. "languages" (optional): a list of BCP 47 tags, such as ["zh", "en"], the main language first;
 *     at most 255 bytes in all with a comma between them. They choose the default n-grams and
 *     words: api/language.c.
 *  8. "calibration" (optional): {"slope": above 0, up to 100, "offset": from -100 to 100}, which
 *     turns confidences into probabilities: decode/confidence.h. Without it, the confidence is the
 *     mean of the characters' scores (decode/ctc.h).
 * No reader depends on any other key. Our files have "card", for people: name, licence, training
 * data, accuracy, in free form.
 */
#ifndef BITOCR_MODEL_FILE_H
#define BITOCR_MODEL_FILE_H

#include "base/json.h"

enum { BITOCR_MODEL_VERSION = 2, BITOCR_MAX_CHARSET = 65535, BITOCR_LANGUAGES_ROOM = 256 };

typedef enum {
    BITOCR_B1 = 1,
    BITOCR_I4,
    BITOCR_I8,
    BITOCR_F16,
    BITOCR_F32,
    /* Of what is asked for only: either of two. */
    BITOCR_INT,  /* i4 or i8 */
    BITOCR_FLOAT /* f16 or f32 */
} bitocr_dtype;

/* A view into the file: 64-byte aligned, alive as long as the file. */
typedef struct {
    bitocr_dtype kind;
    int ndim;
    int shape[4]; /* 1 beyond ndim */
    const void *data;
    size_t bytes;
} bitocr_tensor;

/* Confidences as probabilities: decode/confidence.h. */
typedef struct {
    double slope; /* 0: the model has no calibration */
    double offset;
} bitocr_calibration;

/* An opened file that is valid in itself: all of 1 to 8 has been checked, except the contents of
 * "network". Immutable. */
typedef struct bitocr_model_file bitocr_model_file;

/* Maps the file into memory. It must not change while it is open. */
bitocr_status bitocr_model_open(const char *path, bitocr_model_file **out, bitocr_error *error);

/* Copies the bytes. */
bitocr_status bitocr_model_open_memory(const void *data, size_t bytes, bitocr_model_file **out,
                                       bitocr_error *error);

void bitocr_model_close(bitocr_model_file *file); /* NULL is fine */

/* The tensor with this name, dtype (BITOCR_INT and BITOCR_FLOAT stand for two each) and shape,
 * which ends at the first 0. Fails with BITOCR_ERROR_MODEL and names the tensor. */
bitocr_status bitocr_model_tensor(const bitocr_model_file *file, const char *name,
                                  bitocr_dtype kind, const int shape[4], const bitocr_tensor **out,
                                  bitocr_error *error);

/* The characters as Unicode scalar values, and their number; NULL and 0 if there is no "charset".
 */
const uint32_t *bitocr_model_charset(const bitocr_model_file *file);
int bitocr_model_charset_size(const bitocr_model_file *file);

const bitocr_calibration *bitocr_model_calibration(const bitocr_model_file *file);

/* The tags of "languages" with a comma between them; "" if there are none. */
const char *bitocr_model_languages(const bitocr_model_file *file);

/* The parsed header, and its text, which is not NUL-terminated. */
const json_document *bitocr_model_json(const bitocr_model_file *file);
const char *bitocr_model_header(const bitocr_model_file *file, size_t *bytes);

#endif
