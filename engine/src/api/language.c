/* The n-grams and words that a model is read with by default. */
#include "api/find.h"
#include "api/reading.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/utf8.h"
#include "decode/lexicon.h"
#include "decode/ngram.h"

#include <stdlib.h>
#include <string.h>

/* Paths; "": there is none. */
typedef struct {
    char ngram[FIND_ROOM];
    char words[FIND_ROOM];
} language_files;

/* NAME.ngram, and NAME.words where there is one, are for texts of just these languages. */
const char *bitocr_reading_language(const char *languages) {
    static const char *const names[][2] = {
        {"en", "english"}, {"zh", "chinese"}, {"zh,en", "chinese"}, {"en,zh", "chinese"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(languages, names[i][0]))
            return names[i][1];
    return NULL;
}

/* Does the caller name a language model? */
static int is_named(const bitocr_options *options) {
    const char *name = options->language_model;
    return name && strcmp(name, "auto") != 0 && strcmp(name, "none") != 0;
}

/* The files for the model's languages, as far as they are there. */
static void choose_by_languages(const bitocr_model *model, const bitocr_options *options,
                                language_files *files) {
    const char *name = bitocr_reading_language(bitocr_model_languages(model->file));
    if (!name || options->beam == 1)
        return;
    bitocr_find_shipped(options->models, name, ".ngram", files->ngram);
    bitocr_find_shipped(options->models, name, ".words", files->words);
}

/* Of a shipped name the n-grams and the words; of a file, a shipped one's name too, that alone. */
static bitocr_status choose_named(const bitocr_options *options, language_files *files,
                                  bitocr_error *error) {
    const char *name = options->language_model, *folder = options->models;
    if (bitocr_find_shipped(folder, name, ".ngram", files->ngram)) {
        bitocr_find_shipped(folder, name, ".words", files->words);
        return BITOCR_OK;
    }
    if (bitocr_find_ends(name, ".ngram") && !bitocr_find_exists(name) &&
        bitocr_find_shipped(folder, name, "", files->ngram))
        return BITOCR_OK;
    return bitocr_find(name, ".ngram", folder, files->ngram, FIND_ROOM, error);
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

static bitocr_status open_words(bitocr_model *model, const char *path,
                                const bitocr_options *options, bitocr_error *error) {
    bitocr_error reason = {sizeof reason, ""};
    file_bytes listed = {0};
    bitocr_status status = *path ? bitocr_bytes_map(path, &listed, &reason) : BITOCR_OK;
    if (status != BITOCR_OK)
        return bitocr_bytes_fail(error, status, path, &reason);
    status = make_lexicon(model, &listed, options, error);
    if (status == BITOCR_ERROR_USAGE && !is_utf8(&listed)) {
        bitocr_fail(&reason, status, "not a UTF-8 text file");
        bitocr_bytes_fail(error, status, path, &reason);
    }
    bitocr_bytes_free(&listed);
    return status;
}

/* A copy of a path in memory of its own; *out stays NULL where it is "". */
static bitocr_status keep_path(const char *path, char **out, bitocr_error *error) {
    size_t bytes = strlen(path) + 1;
    if (!*path)
        return BITOCR_OK;
    *out = malloc(bytes);
    if (!*out)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    memcpy(*out, path, bytes);
    return BITOCR_OK;
}

static bitocr_status open_files(bitocr_model *model, const language_files *files,
                                const bitocr_options *options, bitocr_error *error) {
    bitocr_status status = keep_path(files->ngram, &model->ngram_file, error);
    if (status == BITOCR_OK)
        status = keep_path(files->words, &model->words_file, error);
    if (status == BITOCR_OK && *files->ngram)
        status = bitocr_ngram_load(model, files->ngram, &model->ngram, error);
    if (status == BITOCR_OK && (*files->words || options->words))
        status = open_words(model, files->words, options, error);
    return status;
}

bitocr_status bitocr_reading_open_language(bitocr_model *model, const bitocr_options *options,
                                           bitocr_error *error) {
    language_files files;
    files.ngram[0] = files.words[0] = 0;
    bitocr_status status = BITOCR_OK;
    if (options->beam == 1 && (is_named(options) || options->words))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "words and a language model take a beam of 2 or more");
    if (is_named(options))
        status = choose_named(options, &files, error);
    else if (!options->language_model || strcmp(options->language_model, "none") != 0)
        choose_by_languages(model, options, &files);
    if (status == BITOCR_OK)
        status = open_files(model, &files, options, error);
    if (status != BITOCR_OK)
        return status;
    const bitocr_decoding own = {.size = sizeof own,
                                 .beam = options->beam,
                                 .lexicon = model->lexicon,
                                 .word_bonus = BITOCR_WORD_BONUS,
                                 .ngram = model->ngram};
    return bitocr_reading_choose(model, &own, &model->decoding, error);
}
