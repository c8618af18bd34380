/* The n-grams and words that a model uses by default. */
#include "api/language.h"
#include "api/reading.h"
#include "base/error.h"
#include "base/utf8.h"
#include "decode/lexicon.h"

#include <stdlib.h>

/* NAME.ngram, and NAME.words if it exists, serve texts in exactly these languages. */
const char *bitocr_reading_language(const char *languages) {
    static const char *const names[][2] = {
        {"en", "english"}, {"zh", "chinese"}, {"zh,en", "chinese"}, {"en,zh", "chinese"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(languages, names[i][0]))
            return names[i][1];
    return NULL;
}

static int is_utf8(const file_bytes *text) {
    uint32_t character;
    size_t at = 0, used = 1;
    while (at < text->count && used) {
        used = bitocr_utf8_decode(text->data + at, text->count - at, &character);
        at += used;
    }
    return used > 0;
}

/* A lexicon of the listed words and the caller's own. */
static bitocr_status make_lexicon(bitocr_model *model, const file_bytes *listed,
                                  const bitocr_options *options, bitocr_error *error) {
    const uint32_t *charset = bitocr_model_charset(model->file);
    int classes = bitocr_network_classes(model->net);
    if (!options->words)
        return bitocr_lexicon_make(charset, classes, listed->data, listed->count, &model->lexicon,
                                   error);
    if (options->words_bytes > BYTES_MAX)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the list of words is too long");
    size_t bytes = listed->count + 1 + options->words_bytes;
    char *all = malloc(bytes);
    if (!all)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the list of words");
    if (listed->count)
        memcpy(all, listed->data, listed->count);
    all[listed->count] = '\n';
    if (options->words_bytes)
        memcpy(all + listed->count + 1, options->words, options->words_bytes);
    bitocr_status status =
        bitocr_lexicon_make(charset, classes, all, bytes, &model->lexicon, error);
    free(all);
    return status;
}

static bitocr_status open_words(bitocr_model *model, const file_bytes *listed,
                                const bitocr_options *options, bitocr_error *error) {
    bitocr_error reason = {sizeof reason, "not a UTF-8 text file"};
    bitocr_status status = make_lexicon(model, listed, options, error);
    if (status == BITOCR_ERROR_USAGE && !is_utf8(listed))
        bitocr_bytes_fail(error, status, model->words_file, &reason);
    return status;
}

bitocr_status bitocr_reading_open_language(bitocr_model *model, const bitocr_options *options,
                                           bitocr_error *error) {
    file_bytes listed;
    if (options->beam == 1 && (language_is_named(options) || options->words))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "words and a language model take a beam of 2 or more");
    bitocr_status status = bitocr_language_open_files(model, options, &listed, error);
    if (status == BITOCR_OK && (model->words_file || options->words))
        status = open_words(model, &listed, options, error);
    bitocr_bytes_free(&listed);
    if (status != BITOCR_OK)
        return status;
    const bitocr_decoding own = {.size = sizeof own,
                                 .beam = options->beam,
                                 .lexicon = model->lexicon,
                                 .word_bonus = BITOCR_WORD_BONUS,
                                 .ngram = model->ngram};
    return bitocr_reading_choose(model, &own, &model->decoding, error);
}
