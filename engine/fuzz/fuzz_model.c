/* libFuzzer: any bytes as a model file. What loads then reads an image. The start's size and
 * checksum are put right first, which no fuzzer would find by itself. */
#include "bitocr.h"
#include "base/crc32.h"

#include <stdlib.h>
#include <string.h>

enum { START_BYTES = 32, MAX_BYTES = 1 << 16 };

static void seal(uint8_t *file, uint64_t bytes) {
    uint32_t crc = bitocr_crc32(file + START_BYTES, (size_t)bytes - START_BYTES);
    memcpy(file,
           "\x89"
           "BITOCR\n\1\0\0\0",
           12);
    memcpy(file + 16, &bytes, sizeof bytes);
    memcpy(file + 24, &crc, sizeof crc);
}

static void read_image(bitocr_model *model, uint8_t seed) {
    uint8_t pixels[20 * 40];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(seed * i * 2654435761u >> 11);
    bitocr_image image = {sizeof image, pixels, 40, 20, 40, 1};
    bitocr_results *results = bitocr_results_create();
    bitocr_lexicon *lexicon = NULL;
    bitocr_lexicon_create(model, "ab b a-b", 8, &lexicon, NULL);
    bitocr_decoding decoding = {
        .size = sizeof decoding, .beam = 4, .lexicon = lexicon, .word_bonus = 1};
    bitocr_recognize(model, &image, 1, NULL, results, NULL);
    if (bitocr_recognize(model, &image, 1, &decoding, results, NULL) == BITOCR_OK &&
        !bitocr_results_line(results, 0)->text)
        abort();
    bitocr_lexicon_free(lexicon);
    bitocr_results_free(results);
}

/* A fuzzer's last byte chooses the kernel. */
static const char *kernel(uint8_t choice) {
    const char *names[8];
    int count = bitocr_kernels(names, 8);
    return names[choice % count];
}

static void load(const uint8_t *data, size_t size) {
    bitocr_model *model = NULL;
    bitocr_error error = {sizeof error, ""};
    bitocr_options options = {
        .size = sizeof options, .kernel = kernel(data[size - 1]), .language_model = "none"};
    bitocr_status status = bitocr_load_memory(data, size, &options, &model, &error);
    if ((status == BITOCR_OK) != (model != NULL) ||
        (status != BITOCR_OK) != (error.message[0] != 0))
        abort();
    if (!model)
        return;
    read_image(model, data[size - 1]);
    bitocr_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size || size > MAX_BYTES)
        return 0;
    load(data, size);
    if (size < START_BYTES)
        return 0;
    uint8_t *sealed = malloc(size);
    if (!sealed)
        return 0;
    memcpy(sealed, data, size);
    seal(sealed, size);
    load(sealed, size);
    free(sealed);
    return 0;
}
