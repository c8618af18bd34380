/* libFuzzer: any log-probabilities, and any text as a list of words, to a line of text. What stands
 * after the text is read as an n-gram file too, its size and checksum put right. */
#include "confidence.h"
#include "cpu.h"
#include "crc32.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 3, MAX_CLASSES = 24 };

static void check_confidence(const ctc_frames *frames, const uint32_t *charset,
                             ctc_space *decoded) {
    const bitocr_calibration calibration = {2, -1};
    confidence_table *table = confidence_create(&calibration, charset, frames->classes);
    confidence_space space = {0};
    if (!table || confidence_apply(table, frames, decoded, &space, NULL) != BITOCR_OK ||
        !(decoded->confidence >= 0 && decoded->confidence <= 1))
        abort();
    confidence_free(&space);
    free(table);
}

static void check(const ctc_space *space, int steps, int classes) {
    if (space->count < 0 || space->count > steps)
        abort();
    for (int i = 0; i < space->count; i++)
        if (space->characters[i].label < 1 || space->characters[i].label >= classes)
            abort();
}

/* The n-gram model that these bytes are, or NULL. */
static bitocr_ngram *open_ngram(const uint32_t *charset, int classes, const uint8_t *data,
                                size_t size) {
    bitocr_ngram *ngram = NULL;
    bitocr_error error = {""};
    uint8_t *sealed = malloc(size + 1);
    if (!sealed)
        return NULL;
    memcpy(sealed, data, size);
    if (size > 64) {
        uint64_t bytes = size;
        uint32_t crc = crc32_of(sealed + 32, size - 32);
        memcpy(sealed,
               "\x89"
               "BITNGR\n\1\0\0\0",
               12);
        memcpy(sealed + 16, &bytes, sizeof bytes);
        memcpy(sealed + 24, &crc, sizeof crc);
        memset(sealed + 28, 0, 4);
    }
    bitocr_status status = ngram_open(charset, classes, NULL, sealed, size, &ngram, &error);
    if ((status == BITOCR_OK) != (ngram != NULL) ||
        (status != BITOCR_OK) != (error.message[0] != 0))
        abort();
    free(sealed);
    return ngram;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t charset[MAX_CLASSES] = {'a', 'b',  'A',     'B', ' ',
                                                  '-', 0xE9, 0x1F600, 'c', 'd'};
    if (size < HEAD)
        return 0;
    int classes = 2 + data[0] % 9;
    size_t text = data[2] < size - HEAD ? data[2] : size - HEAD;
    const uint8_t *rest = data + HEAD + text;
    int steps = (int)((size - HEAD - text) / sizeof(float)) / classes;
    float *logprobs = malloc((size_t)steps * (size_t)classes * sizeof(float) + 1);
    if (!logprobs || !steps) {
        free(logprobs);
        return 0;
    }
    memcpy(logprobs, rest, (size_t)steps * (size_t)classes * sizeof(float));
    bitocr_lexicon *lexicon = NULL;
    lexicon_create(charset, classes, (const char *)data + HEAD, text, &lexicon, NULL);
    ctc_frames frames = {logprobs, steps, classes, cpu_find_kernel(NULL, NULL)};
    ctc_space space = {0};
    bitocr_ngram *ngram = open_ngram(charset, classes, rest, size - HEAD - text);
    ctc_options greedy = {0}, beam = {data[1] % 20, {lexicon, 2, ngram}};
    if (ctc_decode(&frames, &greedy, &space, NULL) == BITOCR_OK)
        check(&space, steps, classes);
    check_confidence(&frames, charset, &space);
    if (ctc_decode(&frames, &beam, &space, NULL) == BITOCR_OK)
        check(&space, steps, classes);
    check_confidence(&frames, charset, &space);
    ctc_free(&space);
    bitocr_lexicon_free(lexicon);
    bitocr_ngram_free(ngram);
    free(logprobs);
    return 0;
}
