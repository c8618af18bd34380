/* libFuzzer: any log-probabilities, and any text as a list of words, to a line of text. What stands
 * after the text is read as an n-gram file too, its size and checksum put right. */
#include "decode/confidence.h"
#include "kernels/dispatch.h"
#include "base/crc32.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 3, MAX_CLASSES = 24 };

static int is_share(float value) {
    return value >= 0 && value <= 1;
}

static void check(const ctc_space *space, int steps, int classes) {
    if (space->count < 0 || space->count > steps)
        abort();
    for (int i = 0; i < space->count; i++)
        if (space->characters[i].label < 1 || space->characters[i].label >= classes)
            abort();
}

/* Decodes with and without a beam as two views of one image, which then vote. */
static void check_all(const ctc_frames *frames, const confidence_table *table, ctc_options beam) {
    ctc_options both[2] = {{.twins = table->twins}, beam};
    ctc_space views[2] = {{0}};
    confidence_space space = {0};
    int count = 0;
    for (int i = 0; i < 2; i++) {
        if (bitocr_ctc_decode(frames, &both[i], &views[i], NULL) != BITOCR_OK)
            continue; /* words without a beam */
        check(&views[i], frames->steps, frames->classes);
        if (bitocr_confidence_apply(table, frames, &views[i], &space, NULL) != BITOCR_OK ||
            !is_share(views[i].confidence))
            abort();
        count++;
    }
    int best = bitocr_confidence_vote(table, views, count);
    if (best < 0 || best >= count || !is_share(views[best].confidence))
        abort();
    bitocr_confidence_free(&space);
    for (int i = 0; i < 2; i++)
        bitocr_ctc_free(&views[i]);
}

/* The n-gram model that these bytes are, or NULL. */
static bitocr_ngram *open_ngram(const uint32_t *charset, int classes, const uint8_t *data,
                                size_t size) {
    bitocr_ngram *ngram = NULL;
    bitocr_error error = {sizeof error, ""};
    uint8_t *sealed = malloc(size + 1);
    if (!sealed)
        return NULL;
    memcpy(sealed, data, size);
    if (size > 64) {
        uint64_t bytes = size;
        uint32_t crc = bitocr_crc32(sealed + 32, size - 32);
        memcpy(sealed,
               "\x89"
               "BITNGR\n",
               8);
        uint32_t version = 1 + (sealed[8] + 1u) % 2; /* the seeds' own, 1 and 2 */
        memcpy(sealed + 8, &version, sizeof version);
        memcpy(sealed + 16, &bytes, sizeof bytes);
        memcpy(sealed + 24, &crc, sizeof crc);
        memset(sealed + 28, 0, 4);
    }
    bitocr_status status = bitocr_ngram_open(charset, classes, NULL, sealed, size, &ngram, &error);
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
    bitocr_lexicon_make(charset, classes, (const char *)data + HEAD, text, &lexicon, NULL);
    ctc_frames frames = {logprobs, steps, classes, bitocr_find_kernel(NULL, NULL)};
    const bitocr_calibration calibration = {2, -1};
    confidence_table *table = bitocr_confidence_create(&calibration, charset, classes);
    bitocr_ngram *ngram = open_ngram(charset, classes, rest, size - HEAD - text);
    if (!table)
        abort();
    check_all(&frames, table, (ctc_options){data[1] % 20, {lexicon, 2, ngram}, table->twins});
    free(table);
    bitocr_lexicon_free(lexicon);
    bitocr_ngram_free(ngram);
    free(logprobs);
    return 0;
}
