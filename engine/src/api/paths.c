/* The public functions that open files. A build without files (base/platform.h) refuses them. */
#include "api/find.h"
#include "api/language.h"
#include "api/open.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/platform.h"
#include "decode/ngram.h"

#if BITOCR_FILES
bitocr_status bitocr_load(const char *path, const bitocr_options *options, bitocr_model **out,
                          bitocr_error *error) {
    bitocr_model_file *file;
    *out = NULL;
    bitocr_status status = bitocr_model_open(path, &file, error);
    return status == BITOCR_OK ? bitocr_open_file(file, path, options, out, error) : status;
}

bitocr_status bitocr_open(const char *name, const bitocr_options *options, bitocr_model **out,
                          bitocr_error *error) {
    static const bitocr_options defaults = {.size = sizeof defaults};
    char path[FIND_ROOM];
    *out = NULL;
    options = options ? options : &defaults;
    bitocr_status status =
        bitocr_check_size("bitocr_options", options->size, sizeof *options, error);
    if (status == BITOCR_OK)
        status = bitocr_find_file(name, ".bit", options->models, path, sizeof path, error);
    return status == BITOCR_OK ? bitocr_load(path, options, out, error) : status;
}

bitocr_status bitocr_ngram_load(const bitocr_model *model, const char *path, bitocr_ngram **out,
                                bitocr_error *error) {
    *out = NULL;
    if (!model || !path)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    return bitocr_ngram_open(bitocr_model_charset(model->file), bitocr_network_classes(model->net),
                             path, NULL, 0, out, error);
}

#else

static bitocr_status refuse(const char *path, bitocr_error *error) {
    const bitocr_error reason = {sizeof reason, PLATFORM_NO_FILES};
    if (!path)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    return bitocr_bytes_fail(error, BITOCR_ERROR_MODEL, path, &reason);
}

bitocr_status bitocr_load(const char *path, const bitocr_options *options, bitocr_model **out,
                          bitocr_error *error) {
    (void)options;
    *out = NULL;
    return refuse(path, error);
}

bitocr_status bitocr_open(const char *name, const bitocr_options *options, bitocr_model **out,
                          bitocr_error *error) {
    return bitocr_load(name, options, out, error);
}

bitocr_status bitocr_ngram_load(const bitocr_model *model, const char *path, bitocr_ngram **out,
                                bitocr_error *error) {
    (void)model;
    *out = NULL;
    return refuse(path, error);
}

bitocr_status bitocr_find_file(const char *name, const char *suffix, const char *folder, char *path,
                               size_t room, bitocr_error *error) {
    (void)suffix, (void)folder, (void)path, (void)room;
    return refuse(name, error);
}

bitocr_status bitocr_language_open_files(bitocr_model *model, const bitocr_options *options,
                                         file_bytes *words, bitocr_error *error) {
    (void)model;
    *words = (file_bytes){0};
    return language_is_named(options) ? refuse(options->language_model, error) : BITOCR_OK;
}
#endif
