/* libFuzzer: any log-probabilities, and any text as a list of words, to a line of text. */
#include "confidence.h"

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
    ctc_frames frames = {logprobs, steps, classes};
    ctc_space space = {0};
    ctc_options greedy = {0, NULL, 0}, beam = {data[1] % 20, lexicon, 2};
    if (ctc_decode(&frames, &greedy, &space, NULL) == BITOCR_OK)
        check(&space, steps, classes);
    check_confidence(&frames, charset, &space);
    if (ctc_decode(&frames, &beam, &space, NULL) == BITOCR_OK)
        check(&space, steps, classes);
    check_confidence(&frames, charset, &space);
    ctc_free(&space);
    bitocr_lexicon_free(lexicon);
    free(logprobs);
    return 0;
}
