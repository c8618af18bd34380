/* Loaded before libc (LD_PRELOAD), writes down every socket that a program opens, and lets none be
 * opened. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int socket(int domain, int type, int protocol) {
    const char *path = getenv("NETWORK_WITNESS");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) {
        fprintf(file, "socket(%d, %d, %d)\n", domain, type, protocol);
        fclose(file);
    }
    errno = EACCES;
    return -1;
}
