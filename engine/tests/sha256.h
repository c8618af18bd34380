/* SHA-256 (FIPS 180-4) of data that comes in pieces. */
#ifndef BITOCR_TESTS_SHA256_H
#define BITOCR_TESTS_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t state[8];
    uint8_t block[64];
    uint64_t bytes; /* so far */
} sha256;

void sha256_start(sha256 *sum);
void sha256_add(sha256 *sum, const void *data, size_t bytes);
void sha256_finish(sha256 *sum, char hex[65]);

#endif
