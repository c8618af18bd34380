#include "api/find.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/platform.h"

#if BITOCR_FILES
#include <stdio.h>
#include <string.h>

#ifndef BITOCR_MODELS_FOLDER /* where CMake installs the models */
#define BITOCR_MODELS_FOLDER ""
#endif

/* The result may point into `room`. */
static const char *folder_or_default(const char *folder, char room[FIND_ROOM]) {
    if (!folder)
        folder = bitocr_platform_variable("BITOCR_MODELS", room, FIND_ROOM);
    return folder ? folder : BITOCR_MODELS_FOLDER;
}

int bitocr_find_exists(const char *path) {
    return bitocr_platform_kind(path) != PLATFORM_NOTHING;
}

int bitocr_find_ends(const char *name, const char *suffix) {
    size_t length = strlen(name), ending = strlen(suffix);
    return length >= ending && !strcmp(name + length - ending, suffix);
}

int bitocr_find_shipped(const char *folder, const char *name, const char *suffix,
                        char path[FIND_ROOM]) {
    char room[FIND_ROOM];
    folder = folder_or_default(folder, room);
    int length = snprintf(path, FIND_ROOM, "%s/%s%s", folder, name, suffix);
    if (*folder && !strpbrk(name, PLATFORM_SEPARATORS) && length < FIND_ROOM &&
        bitocr_platform_kind(path) == PLATFORM_FILE)
        return 1;
    *path = 0;
    return 0;
}

/* Explains that there is no such model. */
static bitocr_status not_found(const char *name, const char *suffix, const char *folder,
                               bitocr_error *error) {
    bitocr_error reason = {sizeof reason, "there is no such file"};
    if (bitocr_platform_kind(name) == PLATFORM_FOLDER)
        bitocr_fail(&reason, BITOCR_ERROR_MODEL, "a folder, not a model");
    else if (!strpbrk(name, PLATFORM_SEPARATORS) && !bitocr_find_ends(name, suffix)) {
        char names[100], room[FIND_ROOM];
        bitocr_platform_names(folder_or_default(folder, room), suffix, names, sizeof names);
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "no %s is called '%.40s': give the path of a %.10s file or a shipped "
                           "model's name (%s)",
                           strcmp(suffix, ".bit") ? "n-gram model" : "model", name, suffix,
                           *names ? names : "none");
    }
    return bitocr_bytes_fail(error, BITOCR_ERROR_MODEL, name, &reason);
}

bitocr_status bitocr_find_file(const char *name, const char *suffix, const char *folder, char *path,
                               size_t room, bitocr_error *error) {
    char found[FIND_ROOM];
    if (!name || !suffix || !path)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    if (bitocr_find_shipped(folder, name, suffix, found))
        name = found;
    else if (bitocr_platform_kind(name) != PLATFORM_FILE)
        return not_found(name, suffix, folder, error);
    size_t bytes = strlen(name) + 1;
    if (bytes > room)
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the model's path has %zu bytes, more than %zu", bytes, room);
    memcpy(path, name, bytes);
    return BITOCR_OK;
}
#endif
