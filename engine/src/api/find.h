/* Finds files by name. The shipped ones lie in one folder: the caller's, or the one in the
 * environment variable BITOCR_MODELS, or the one that was compiled in. */
#ifndef BITOCR_API_FIND_H
#define BITOCR_API_FIND_H

#include "bitocr.h"

enum { FIND_ROOM = 4096 }; /* bytes for a path */

/* Writes the path of the file NAME + SUFFIX in the folder of models (`folder` NULL: the default)
 * and returns 1. Returns 0 and "" if there is no such file, or if the name is a path. */
int bitocr_find_shipped(const char *folder, const char *name, const char *suffix,
                        char path[FIND_ROOM]);

/* Does the name end with the suffix? */
int bitocr_find_ends(const char *name, const char *suffix);

/* Does this path exist, as a file or anything else? */
int bitocr_find_exists(const char *path);

#endif
