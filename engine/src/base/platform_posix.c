#include "base/platform.h"

#if BITOCR_FILES && !defined(_WIN32)
#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char *bitocr_platform_variable(const char *name, char *room, size_t bytes) {
    (void)room;
    (void)bytes;
#if BITOCR_THREADS
    return getenv(name);
#else
    (void)name;
    return NULL;
#endif
}

double bitocr_platform_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

platform_kind bitocr_platform_kind(const char *path) {
    struct stat info;
    if (stat(path, &info))
        return PLATFORM_NOTHING;
    return S_ISREG(info.st_mode)   ? PLATFORM_FILE
           : S_ISDIR(info.st_mode) ? PLATFORM_FOLDER
                                   : PLATFORM_OTHER;
}

/* The order of names without what follows the point, the same in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b) {
    const char *x = (*a)->d_name, *y = (*b)->d_name;
    for (; *x && *x == *y; x++, y++)
        ;
    return (*x == '.' ? 0 : (unsigned char)*x) - (*y == '.' ? 0 : (unsigned char)*y);
}

void bitocr_platform_names(const char *folder, const char *suffix, char *names, size_t room) {
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, by_name);
    size_t ending = strlen(suffix);
    if (room)
        *names = 0;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        size_t used = strlen(names), length = strlen(name);
        if (length >= ending && !strcmp(name + length - ending, suffix) &&
            used + length - ending + 3 <= room)
            snprintf(names + used, room - used, "%s%.*s", used ? ", " : "", (int)(length - ending),
                     name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* Maps an opened file; it may be closed afterwards. */
static bitocr_status map(int descriptor, size_t most, void **data, size_t *bytes,
                         bitocr_error *error) {
    struct stat info;
    if (fstat(descriptor, &info))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "%s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a file");
    if ((uintmax_t)info.st_size > most)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the file is too large");
    if (!info.st_size) /* which cannot be mapped */
        return BITOCR_OK;
    void *mapped = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapped == MAP_FAILED)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "%s", strerror(errno));
    *data = mapped;
    *bytes = (size_t)info.st_size;
    return BITOCR_OK;
}

bitocr_status bitocr_platform_map(const char *path, size_t most, void **data, size_t *bytes,
                                  bitocr_error *error) {
    *data = NULL;
    *bytes = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "%s", strerror(errno));
    bitocr_status status = map(descriptor, most, data, bytes, error);
    close(descriptor);
    return status;
}

void bitocr_platform_unmap(void *data, size_t bytes) {
    munmap(data, bytes);
}

#endif
