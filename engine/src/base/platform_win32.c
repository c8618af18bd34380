#include "base/platform.h"

#ifdef _WIN32
#include "base/threads.h"

#define WIN32_LEAN_AND_MEAN
#include <process.h>
#include <windows.h>

#if BITOCR_THREADS
_Static_assert(sizeof(mutex) == sizeof(SRWLOCK), "a mutex holds an SRWLOCK");
_Static_assert(sizeof(condition) == sizeof(CONDITION_VARIABLE),
               "a condition holds a CONDITION_VARIABLE");

void bitocr_win32_lock(mutex *m) {
    AcquireSRWLockExclusive((SRWLOCK *)m);
}

void bitocr_win32_unlock(mutex *m) {
    ReleaseSRWLockExclusive((SRWLOCK *)m);
}

void bitocr_win32_wait(condition *c, mutex *m) {
    SleepConditionVariableSRW((CONDITION_VARIABLE *)c, (SRWLOCK *)m, INFINITE, 0);
}

void bitocr_win32_wake_all(condition *c) {
    WakeAllConditionVariable((CONDITION_VARIABLE *)c);
}

static unsigned __stdcall enter(void *argument) {
    const thread *self = argument;
    self->run(self->argument);
    return 0;
}

int bitocr_win32_start(thread *t) {
    t->handle = (HANDLE)_beginthreadex(NULL, 0, enter, t, 0, NULL);
    return t->handle != NULL;
}

void bitocr_win32_join(thread t) {
    WaitForSingleObject(t.handle, INFINITE);
    CloseHandle(t.handle);
}
#endif

#if BITOCR_FILES
#include "base/error.h"

#include <stdio.h>
#include <string.h>

enum { PATH_ROOM = 4096 };

/* 0 where the text has no room. */
static int widen(const char *text, wchar_t wide[PATH_ROOM]) {
    return MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, PATH_ROOM);
}

static int narrow(const wchar_t *wide, char *text, size_t room) {
    return WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, (int)room, NULL, NULL);
}

const char *bitocr_platform_variable(const char *name, char *room, size_t bytes) {
#if BITOCR_THREADS
    /* Not getenv, which has what the process began with, and not in UTF-8. */
    wchar_t wide[PATH_ROOM], value[PATH_ROOM];
    if (!widen(name, wide))
        return NULL;
    DWORD length = GetEnvironmentVariableW(wide, value, PATH_ROOM);
    return length && length < PATH_ROOM && narrow(value, room, bytes) ? room : NULL;
#else
    (void)name, (void)room, (void)bytes;
    return NULL;
#endif
}

double bitocr_platform_seconds(void) {
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

platform_kind bitocr_platform_kind(const char *path) {
    wchar_t wide[PATH_ROOM];
    DWORD found = widen(path, wide) ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    if (found == INVALID_FILE_ATTRIBUTES)
        return PLATFORM_NOTHING;
    return found & FILE_ATTRIBUTE_DIRECTORY ? PLATFORM_FOLDER
           : found & FILE_ATTRIBUTE_DEVICE  ? PLATFORM_OTHER
                                            : PLATFORM_FILE;
}

enum { NAME_ROOM = 4 * MAX_PATH };

/* The first name that comes after `last`, without the suffix, which replaces it; 0: there is none.
 * Windows promises no order. */
static int next_name(const wchar_t *pattern, const char *suffix, char last[NAME_ROOM]) {
    char name[NAME_ROOM], best[NAME_ROOM] = "";
    size_t ending = strlen(suffix);
    WIN32_FIND_DATAW entry;
    HANDLE search = FindFirstFileW(pattern, &entry);
    if (search == INVALID_HANDLE_VALUE)
        return 0;
    do {
        size_t length = narrow(entry.cFileName, name, sizeof name) ? strlen(name) : 0;
        if (length <= ending || strcmp(name + length - ending, suffix) != 0)
            continue;
        name[length - ending] = 0;
        if (strcmp(name, last) > 0 && (!*best || strcmp(name, best) < 0))
            strcpy(best, name);
    } while (FindNextFileW(search, &entry));
    FindClose(search);
    strcpy(last, best);
    return *best;
}

void bitocr_platform_names(const char *folder, const char *suffix, char *names, size_t room) {
    char pattern[PATH_ROOM], name[NAME_ROOM] = "";
    wchar_t wide[PATH_ROOM];
    size_t used = 0;
    if (room)
        *names = 0;
    int length = snprintf(pattern, sizeof pattern, "%s/*", folder);
    if (length >= PATH_ROOM || !widen(pattern, wide))
        return;
    while (next_name(wide, suffix, name)) {
        if (used + strlen(name) + 3 <= room)
            used += (size_t)snprintf(names + used, room - used, "%s%s", used ? ", " : "", name);
    }
}

/* In English, as everywhere. */
static bitocr_status fail(bitocr_error *error) {
    DWORD code = GetLastError();
    const char *known = code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND
                            ? "No such file or directory"
                        : code == ERROR_ACCESS_DENIED ? "Permission denied"
                                                      : NULL;
    return known ? bitocr_fail(error, BITOCR_ERROR_MODEL, "%s", known)
                 : bitocr_fail(error, BITOCR_ERROR_MODEL, "error %lu of Windows", code);
}

/* Maps an opened file; it may be closed afterwards. */
static bitocr_status map(HANDLE file, size_t most, void **data, size_t *bytes,
                         bitocr_error *error) {
    LARGE_INTEGER size;
    if (GetFileType(file) != FILE_TYPE_DISK)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a file");
    if (!GetFileSizeEx(file, &size))
        return fail(error);
    if ((uint64_t)size.QuadPart > most)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the file is too large");
    if (!size.QuadPart) /* which cannot be mapped */
        return BITOCR_OK;
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
    void *mapped = mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : NULL;
    bitocr_status status = mapped ? BITOCR_OK : fail(error);
    if (mapping)
        CloseHandle(mapping); /* the view holds it */
    *data = mapped;
    *bytes = mapped ? (size_t)size.QuadPart : 0;
    return status;
}

bitocr_status bitocr_platform_map(const char *path, size_t most, void **data, size_t *bytes,
                                  bitocr_error *error) {
    const DWORD sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    wchar_t wide[PATH_ROOM];
    *data = NULL;
    *bytes = 0;
    if (bitocr_platform_kind(path) == PLATFORM_FOLDER) /* which CreateFileW says it may not open */
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a file");
    HANDLE file = widen(path, wide)
                      ? CreateFileW(wide, GENERIC_READ, sharing, NULL, OPEN_EXISTING, 0, NULL)
                      : INVALID_HANDLE_VALUE;
    if (file == INVALID_HANDLE_VALUE)
        return fail(error);
    bitocr_status status = map(file, most, data, bytes, error);
    CloseHandle(file);
    return status;
}

void bitocr_platform_unmap(void *data, size_t bytes) {
    (void)bytes;
    UnmapViewOfFile(data);
}
#endif
#endif
