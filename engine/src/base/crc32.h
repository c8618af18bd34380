/* CRC32 as in zlib. */
#ifndef BITOCR_BASE_CRC32_H
#define BITOCR_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t bitocr_crc32(const void *data, size_t bytes);

#endif
