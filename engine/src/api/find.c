#include "api/find.h"
#include "base/bytes.h"
#include "base/error.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef BITOCR_MODELS_FOLDER /* where CMake installs the models */
#define BITOCR_MODELS_FOLDER ""
#endif

static const char *folder_or_default(const char *folder) {
    if (!folder)
        folder = getenv("BITOCR_MODELS");
    return folder ? folder : BITOCR_MODELS_FOLDER;
}

static int is_file(const char *path) {
    struct stat info;
    return !stat(path, &info) && S_ISREG(info.st_mode);
}

static int is_folder(const char *path) {
    struct stat info;
    return !stat(path, &info) && S_ISDIR(info.st_mode);
}

int bitocr_find_exists(const char *path) {
    struct stat info;
    return !stat(path, &info);
}

int bitocr_find_ends(const char *name, const char *suffix) {
    size_t length = strlen(name), ending = strlen(suffix);
    return length >= ending && !strcmp(name + length - ending, suffix);
}

int bitocr_find_shipped(const char *folder, const char *name, const char *suffix,
                        char path[FIND_ROOM]) {
    folder = folder_or_default(folder);
    int length = snprintf(path, FIND_ROOM, "%s/%s%s", folder, name, suffix);
    if (*folder && !strchr(name, '/') && length < FIND_ROOM && is_file(path))
        return 1;
    *path = 0;
    return 0;
}

/* The order of names without what follows the point, the same in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b) {
    const char *x = (*a)->d_name, *y = (*b)->d_name;
    for (; *x && *x == *y; x++, y++)
        ;
    return (*x == '.' ? 0 : (unsigned char)*x) - (*y == '.' ? 0 : (unsigned char)*y);
}

/* Writes the names of the folder's files of this suffix, in alphabetical order, as far as there is
 * room: "a, b". */
static void list_names(const char *folder, const char *suffix, char *names, size_t room) {
    struct dirent **entries;
    int count = scandir(folder_or_default(folder), &entries, NULL, by_name);
    *names = 0;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        size_t used = strlen(names), length = strlen(name) - strlen(suffix);
        if (bitocr_find_ends(name, suffix) && used + length + 3 <= room)
            snprintf(names + used, room - used, "%s%.*s", used ? ", " : "", (int)length, name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* Tells why there is no such model. */
static bitocr_status not_found(const char *name, const char *suffix, const char *folder,
                               bitocr_error *error) {
    bitocr_error reason = {sizeof reason, "there is no such file"};
    if (is_folder(name))
        bitocr_fail(&reason, BITOCR_ERROR_MODEL, "a folder, not a model");
    else if (!strchr(name, '/') && !bitocr_find_ends(name, suffix)) {
        char names[100];
        list_names(folder, suffix, names, sizeof names);
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "no %s is called '%.40s': give the path of a %.10s file or a shipped "
                           "model's name (%s)",
                           strcmp(suffix, ".bit") ? "n-gram model" : "model", name, suffix,
                           *names ? names : "none");
    }
    return bitocr_bytes_fail(error, BITOCR_ERROR_MODEL, name, &reason);
}

bitocr_status bitocr_find(const char *name, const char *suffix, const char *folder, char *path,
                          size_t room, bitocr_error *error) {
    char found[FIND_ROOM];
    if (!name || !suffix || !path)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    if (bitocr_find_shipped(folder, name, suffix, found))
        name = found;
    else if (!is_file(name))
        return not_found(name, suffix, folder, error);
    size_t bytes = strlen(name) + 1;
    if (bytes > room)
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the model's path has %zu bytes, more than %zu", bytes, room);
    memcpy(path, name, bytes);
    return BITOCR_OK;
}
