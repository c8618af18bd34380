/* libFuzzer: any bytes as a detector's file, which then looks at an image; or any pixels as a page
 * that sound models read, in the boxes that a detector finds and in any others. The sound models
 * are the seeds, so it runs in the repository's root. */
#include "bitocr.h"
#include "base/crc32.h"

#include <stdlib.h>
#include <string.h>

enum { START_BYTES = 32, HEAD = 8, MAX_PIXELS = 1 << 16 };
#define SEEDS "engine/fuzz/seeds/"

static void seal(uint8_t *file, uint64_t bytes) {
    uint32_t crc = bitocr_crc32(file + START_BYTES, (size_t)bytes - START_BYTES);
    memcpy(file,
           "\x89"
           "BITOCR\n\1\0\0\0",
           12);
    memcpy(file + 16, &bytes, sizeof bytes);
    memcpy(file + 24, &crc, sizeof crc);
}

static int is_share(float value) {
    return value >= 0 && value <= 1;
}

/* What stands in the page hangs together. */
static void check(const bitocr_page *page) {
    bitocr_page_info info = {.size = sizeof info};
    size_t bytes = 0;
    if (bitocr_page_describe(page, &info, NULL) != BITOCR_OK || bitocr_page_get(page, -1) ||
        bitocr_page_get(page, info.line_count))
        abort();
    for (int i = 0; i < info.line_count; i++) {
        const bitocr_page_line *line = bitocr_page_get(page, i);
        if (!is_share(line->confidence) || strlen(line->text) != line->text_bytes ||
            line->block >= info.block_count)
            abort();
        for (size_t k = 0; k < line->word_count; k++)
            if (!is_share(line->words[k].confidence) || !line->words[k].char_count)
                abort();
        bytes += line->text_bytes + (i > 0);
    }
    if (strlen(info.text) != info.text_bytes || info.text_bytes < bytes)
        abort();
}

/* A detector of these bytes looks at a small image. */
static void load(const uint8_t *data, size_t size) {
    bitocr_detector *detector = NULL;
    bitocr_error error = {sizeof error, ""};
    bitocr_status status = bitocr_detector_load_memory(data, size, NULL, &detector, &error);
    if ((status == BITOCR_OK) != (detector != NULL) ||
        (status != BITOCR_OK) != (error.message[0] != 0))
        abort();
    if (!detector)
        return;
    uint8_t pixels[60 * 100];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 2654435761u >> 13);
    bitocr_image image = {sizeof image, pixels, 100, 60, 100, 1};
    bitocr_page *page = bitocr_page_create();
    if (bitocr_find(detector, &image, NULL, page, NULL) == BITOCR_OK)
        check(page);
    bitocr_page_free(page);
    bitocr_detector_free(detector);
}

static void load_sealed(const uint8_t *data, size_t size) {
    uint8_t *sealed = malloc(size);
    if (!sealed)
        return;
    memcpy(sealed, data, size);
    seal(sealed, size);
    load(sealed, size);
    free(sealed);
}

static void read_page(const bitocr_image *image, const bitocr_quad *quad, float scale) {
    static bitocr_detector *detector;
    static bitocr_model *model;
    bitocr_error error = {sizeof error, ""};
    const bitocr_options options = {.size = sizeof options, .language_model = "none"};
    if (!detector &&
        (bitocr_detector_load(SEEDS "page/detector.bit", NULL, &detector, &error) != BITOCR_OK ||
         bitocr_load(SEEDS "model/none.bit", &options, &model, &error) != BITOCR_OK))
        abort();
    const bitocr_page_options all = {.size = sizeof all, .scale = scale, .min_score = BITOCR_NEVER};
    bitocr_page *page = bitocr_page_create();
    if (bitocr_read_page(detector, model, image, &all, NULL, page, &error) == BITOCR_OK)
        check(page);
    if (bitocr_read_boxes(model, image, quad, 1, &all, NULL, page, &error) == BITOCR_OK)
        check(page);
    bitocr_page_free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < sizeof(bitocr_quad) + HEAD)
        return 0;
    if (data[0] == 0x89) {
        load(data, size);
        load_sealed(data, size);
        return 0;
    }
    int channels = data[1] % 3 + (data[1] % 3 > 0) + 1, width = data[2] + 1 + 256 * (data[3] % 8);
    size_t rest = size - HEAD - sizeof(bitocr_quad), row = (size_t)width * (size_t)channels;
    int height = data[4] % 64 + 1;
    uint8_t *pixels = malloc(row * (size_t)height);
    bitocr_quad quad;
    memcpy(&quad, data + HEAD, sizeof quad);
    if (pixels && (size_t)width * (size_t)height <= MAX_PIXELS) {
        for (size_t i = 0; i < row * (size_t)height; i++)
            pixels[i] = rest ? data[HEAD + sizeof quad + i % rest] : 0;
        const bitocr_image image = {sizeof image, pixels, width, height, (ptrdiff_t)row, channels};
        read_page(&image, &quad, data[5] % 2 ? 0 : (float)(data[6] + 20) / 200);
    }
    free(pixels);
    return 0;
}
