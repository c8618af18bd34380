/* Maps a model's classes to the symbols of an n-gram file. */
#include "base/error.h"
#include "decode/ngram_file.h"
#include "decode/words.h"

#include <stdlib.h>

typedef struct {
    uint32_t scalar, letter_case, symbol;
} character;

static character character_at(const ngram_source *source, uint32_t i) {
    uint32_t entry = bitocr_u32_at(source->character + 4 * (size_t)i);
    uint32_t symbol =
        source->version == 1 ? entry >> 24 : bitocr_ngram_u16_at(source->character_symbol, i);
    return (character){entry & 0x1FFFFF, entry >> 22 & 3, symbol};
}

static bitocr_status check_characters(const ngram_source *source, uint32_t symbols,
                                      bitocr_error *error) {
    for (uint32_t i = 0; i < source->characters; i++) {
        character c = character_at(source, i);
        if (c.symbol >= symbols || (i && c.scalar <= character_at(source, i - 1).scalar))
            return bitocr_ngram_bad(error, "its characters are not in order");
    }
    return BITOCR_OK;
}

/* The symbol NGRAM_OTHER without case if the character is not listed. */
static character find_character(const ngram_source *source, uint32_t scalar) {
    uint32_t low = 0, high = source->characters;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (character_at(source, middle).scalar < scalar)
            low = middle + 1;
        else
            high = middle;
    }
    character found = {0};
    if (low < source->characters)
        found = character_at(source, low);
    return found.scalar == scalar ? found : (character){scalar, 0, NGRAM_OTHER};
}

bitocr_status bitocr_ngram_map_classes(bitocr_ngram *ngram, const ngram_source *source,
                                       const uint32_t *charset, bitocr_error *error) {
    bitocr_status status = check_characters(source, (uint32_t)ngram->symbols, error);
    if (status != BITOCR_OK)
        return status;
    ngram->of_class = calloc((size_t)ngram->classes, sizeof *ngram->of_class);
    ngram->class_case = calloc((size_t)ngram->classes, 1);
    if (!ngram->of_class || !ngram->class_case)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the n-gram model");
    ngram->of_class[0] = NGRAM_END;
    for (int label = 1; label < ngram->classes; label++) {
        character c = find_character(source, plain_apostrophe(charset[label - 1]));
        ngram->of_class[label] = (uint16_t)c.symbol;
        if (c.letter_case == 1)
            ngram->class_case[label] = NGRAM_SMALL;
        if (c.letter_case == 2)
            ngram->class_case[label] = NGRAM_CAPITAL;
    }
    return BITOCR_OK;
}
