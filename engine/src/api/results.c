#include "api/forms.h"
#include "api/results.h"
#include "base/error.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    bitocr_line line;
    char *text;
    bitocr_char *chars;
    size_t room; /* characters */
} slot;

struct bitocr_results {
    slot *slots;
    int count, room;
};

bitocr_results *bitocr_results_create(void) {
    return calloc(1, sizeof(bitocr_results));
}

void bitocr_results_free(bitocr_results *results) {
    if (!results)
        return;
    for (int i = 0; i < results->room; i++) {
        free(results->slots[i].text);
        free(results->slots[i].chars);
    }
    free(results->slots);
    free(results);
}

int bitocr_results_count(const bitocr_results *results) {
    return results ? results->count : 0;
}

const bitocr_line *bitocr_results_line(const bitocr_results *results, int i) {
    return i >= 0 && i < bitocr_results_count(results) ? &results->slots[i].line : NULL;
}

bitocr_status bitocr_results_begin(bitocr_results *results, int count, bitocr_error *error) {
    if (count > results->room) {
        slot *slots = NULL;
        if ((size_t)count <= SIZE_MAX / sizeof *slots)
            slots = realloc(results->slots, (size_t)count * sizeof *slots);
        if (!slots)
            return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for %d lines", count);
        memset(slots + results->room, 0, (size_t)(count - results->room) * sizeof *slots);
        results->slots = slots;
        results->room = count;
    }
    for (int i = 0; i < count; i++)
        results->slots[i].line = (bitocr_line){.text = ""};
    results->count = count;
    return BITOCR_OK;
}

static int reserve(slot *s, size_t count) {
    if (count <= s->room)
        return 1;
    free(s->text);
    free(s->chars);
    s->text = malloc(count * 4 + 1);
    s->chars = malloc(count * sizeof *s->chars);
    s->room = s->text && s->chars ? count : 0;
    return s->room == count;
}

bitocr_status bitocr_results_write(bitocr_results *results, int i, const ctc_space *decoded,
                                   const uint32_t *charset, int left, double pixels_per_frame,
                                   int angle, bool is_free, bitocr_error *error) {
    slot *s = &results->slots[i];
    size_t count = (size_t)decoded->count, bytes = 0;
    if (!reserve(s, count ? count : 1))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for a line of text");
    for (size_t k = 0; k < count; k++) {
        const ctc_character *c = &decoded->characters[k];
        float x = (float)(left + c->time * pixels_per_frame);
        s->chars[k] = (bitocr_char){charset[c->label - 1], c->score, x};
    }
    if (is_free)
        bitocr_forms_settle(s->chars, count);
    for (size_t k = 0; k < count; k++)
        bytes += bitocr_utf8_encode(s->chars[k].character, s->text + bytes);
    s->text[bytes] = 0;
    s->line = (bitocr_line){s->text, bytes, s->chars, count, decoded->confidence, angle};
    return BITOCR_OK;
}

bitocr_status bitocr_results_write_nothing(bitocr_results *results, int i, float confidence) {
    results->slots[i].line = (bitocr_line){.text = "", .confidence = confidence};
    return BITOCR_OK;
}
