/* Files by their names: those that bitocr comes with lie in one folder, which is the caller's, or
 * else what the environment's BITOCR_MODELS names, or else the one that was compiled in. */
#ifndef BITOCR_API_FIND_H
#define BITOCR_API_FIND_H

#include "bitocr.h"

enum { FIND_ROOM = 4096 }; /* of paths */

/* Writes the path of the file NAME + SUFFIX in the folder of models (`folder` NULL: the default)
 * and returns 1; 0, and "", where there is none, or where the name is a path. */
int bitocr_find_shipped(const char *folder, const char *name, const char *suffix,
                        char path[FIND_ROOM]);

/* Does the name end with the suffix? */
int bitocr_find_ends(const char *name, const char *suffix);

/* Is something of this path there, whatever it is? */
int bitocr_find_exists(const char *path);

#endif
