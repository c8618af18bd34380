/* The functions that the engine needs from the operating system, and two switches for builds
 * without a full one, such as WebAssembly: -DBITOCR_THREADS=0 and -DBITOCR_FILES=0.
 * platform_posix.c and platform_win32.c implement the functions, and platform_wasm.c does for
 * builds without files. Paths and names are UTF-8 on Windows, bytes elsewhere. */
#ifndef BITOCR_BASE_PLATFORM_H
#define BITOCR_BASE_PLATFORM_H

#include "bitocr.h"

#ifndef BITOCR_THREADS
#define BITOCR_THREADS 1
#endif
#ifndef BITOCR_FILES
#define BITOCR_FILES 1
#endif

#define PLATFORM_NO_FILES "this build of bitocr opens no files: load it from memory"

/* The separator between a folder and a file name. */
#ifdef _WIN32
#define PLATFORM_SEPARATORS "/\\:"
#else
#define PLATFORM_SEPARATORS "/"
#endif

/* An environment variable, perhaps copied to `room`; NULL if it is not set or the room is too
 * small. Always NULL in builds without threads or files, which take their settings only from the
 * caller. */
const char *bitocr_platform_variable(const char *name, char *room, size_t bytes);

/* Seconds since some fixed moment, for durations; 0 in a build without files, which may have no
 * clock. */
double bitocr_platform_seconds(void);

typedef enum { PLATFORM_NOTHING, PLATFORM_FILE, PLATFORM_FOLDER, PLATFORM_OTHER } platform_kind;

/* What is at this path; not in a build without files. */
platform_kind bitocr_platform_kind(const char *path);

/* Writes the names of a folder's files with this suffix, without it, in alphabetical order, as far
 * as there is room: "a, b"; not in a build without files. */
void bitocr_platform_names(const char *folder, const char *suffix, char *names, size_t room);

/* Maps a file of at most `most` bytes for reading; NULL and 0 if it is empty. Messages do not name
 * it. */
bitocr_status bitocr_platform_map(const char *path, size_t most, void **data, size_t *bytes,
                                  bitocr_error *error);
void bitocr_platform_unmap(void *data, size_t bytes);

#endif
