/* Finds and opens the files of a language. */
#include "api/language.h"
#include "api/find.h"
#include "api/reading.h"
#include "base/error.h"
#include "base/platform.h"
#include "decode/ngram.h"

#if BITOCR_FILES
#include <stdlib.h>

/* Paths; "" if there is no such file. */
typedef struct {
    char ngram[FIND_ROOM];
    char words[FIND_ROOM];
} language_files;

/* The files for the model's languages that exist. */
static void choose_by_languages(const bitocr_model *model, const bitocr_options *options,
                                language_files *files) {
    const char *name = bitocr_reading_language(bitocr_model_languages(model->file));
    if (!name || options->beam == 1)
        return;
    bitocr_find_shipped(options->models, name, ".ngram", files->ngram);
    bitocr_find_shipped(options->models, name, ".words", files->words);
}

/* A shipped name gives n-grams and words. A path, or the file name of a shipped one, gives only the
 * n-grams. */
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
    return bitocr_find_file(name, ".ngram", folder, files->ngram, FIND_ROOM, error);
}

/* Copies a path to memory of its own; *out stays NULL if it is "". */
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

static bitocr_status choose(const bitocr_model *model, const bitocr_options *options,
                            language_files *files, bitocr_error *error) {
    if (language_is_named(options))
        return choose_named(options, files, error);
    if (!options->language_model || strcmp(options->language_model, "none") != 0)
        choose_by_languages(model, options, files);
    return BITOCR_OK;
}

static bitocr_status open_words(const char *path, file_bytes *words, bitocr_error *error) {
    bitocr_error reason = {sizeof reason, ""};
    bitocr_status status = bitocr_bytes_map(path, words, &reason);
    return status == BITOCR_OK ? status : bitocr_bytes_fail(error, status, path, &reason);
}

bitocr_status bitocr_language_open_files(bitocr_model *model, const bitocr_options *options,
                                         file_bytes *words, bitocr_error *error) {
    language_files files;
    files.ngram[0] = files.words[0] = 0;
    *words = (file_bytes){0};
    bitocr_status status = choose(model, options, &files, error);
    if (status == BITOCR_OK)
        status = keep_path(files.ngram, &model->ngram_file, error);
    if (status == BITOCR_OK)
        status = keep_path(files.words, &model->words_file, error);
    if (status == BITOCR_OK && model->ngram_file)
        status = bitocr_ngram_load(model, files.ngram, &model->ngram, error);
    if (status == BITOCR_OK && model->words_file)
        status = open_words(files.words, words, error);
    return status;
}
#endif
