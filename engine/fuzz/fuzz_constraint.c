/* libFuzzer: any text as a pattern, as allowed characters or both, with or without a check, and any
 * log-probabilities: what is read meets the constraint. */
#include "decode/ctc.h"
#include "kernels/dispatch.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 4, CLASSES = 24, STEPS = 12 };

static const uint32_t CHARSET[CLASSES - 1] = {'0', '1', '2', '3',    '9',     'A', 'B', 'D',
                                              'a', 'n', 'j', ' ',    '-',     '.', '/', '<',
                                              '(', ')', 'L', 0x5E74, 0x1F600, 'u', 'X'};

/* The bytes as a string of its own, or NULL where the flag is 0. */
static char *string_of(const uint8_t *data, size_t size, int is_wanted) {
    char *text = is_wanted ? malloc(size + 1) : NULL;
    if (!text)
        return NULL;
    memcpy(text, data, size);
    text[size] = 0;
    return text;
}

static int meets(const bitocr_constraint *constraint, const ctc_space *space) {
    constraint_state state;
    bitocr_constraint_start(constraint, &state);
    for (int i = 0; i < space->count; i++)
        bitocr_constraint_step(constraint, &state, space->characters[i].label);
    return bitocr_constraint_passes(constraint, &state);
}

static void decode(const bitocr_constraint *constraint, const uint8_t *data, size_t size,
                   int beam) {
    int given = (int)(size / sizeof(float) / CLASSES), steps = given < STEPS ? given : STEPS;
    size_t bytes = (size_t)steps * CLASSES * sizeof(float);
    float *logprobs = malloc(bytes + 1);
    if (!logprobs)
        return;
    memcpy(logprobs, data, bytes);
    ctc_frames frames = {logprobs, steps, CLASSES, bitocr_find_kernel(NULL, NULL)};
    ctc_options options = {.beam = beam, .constraint = constraint};
    ctc_space space = {0};
    if (bitocr_ctc_decode(&frames, &options, &space, NULL) != BITOCR_OK)
        abort();
    if (!(space.confidence >= 0 && space.confidence <= 1) || space.count > steps)
        abort();
    if (space.is_impossible ? space.count || space.confidence != 0 : !meets(constraint, &space))
        abort();
    bitocr_ctc_free(&space);
    free(logprobs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const checks[] = {NULL, "luhn", "iban", "mrz", "ean", "date"};
    if (size < HEAD)
        return 0;
    const uint8_t *rest = data + HEAD;
    size_t left = size - HEAD, first = data[1] < left ? data[1] : left;
    size_t second = data[2] < left - first ? data[2] : left - first;
    char *pattern = string_of(rest, first, data[0] & 1);
    char *allow = string_of(rest + first, second, data[0] & 2);
    bitocr_constraint *constraint = NULL;
    bitocr_error error = {sizeof error, ""};
    bitocr_status status = bitocr_constraint_make(CHARSET, CLASSES, allow, pattern,
                                                  checks[data[0] / 4 % 6], &constraint, &error);
    if ((status == BITOCR_OK) != (constraint != NULL) ||
        (status != BITOCR_OK) != (error.message[0] != 0) || strchr(error.message, '\n'))
        abort();
    if (constraint)
        decode(constraint, rest + first + second, left - first - second, 2 + data[3] % 20);
    bitocr_constraint_free(constraint);
    free(pattern);
    free(allow);
    return 0;
}
