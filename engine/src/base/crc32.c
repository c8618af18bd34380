#include "base/crc32.h"

/* Four bytes a step: table[k][b] is what byte b does when k more bytes follow it. */
static void make_table(uint32_t table[4][256]) {
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
        table[0][b] = crc;
    }
    for (int k = 1; k < 4; k++)
        for (uint32_t b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xFF];
}

uint32_t bitocr_crc32(const void *data, size_t bytes) {
    uint32_t table[4][256], crc = 0xFFFFFFFFu;
    const uint8_t *p = data;
    make_table(table);
    for (; bytes >= 4; bytes -= 4, p += 4)
        crc = table[3][(crc ^ p[0]) & 0xFF] ^ table[2][(crc >> 8 ^ p[1]) & 0xFF] ^
              table[1][(crc >> 16 ^ p[2]) & 0xFF] ^ table[0][(crc >> 24 ^ p[3]) & 0xFF];
    for (; bytes; bytes--, p++)
        crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xFF];
    return ~crc;
}
