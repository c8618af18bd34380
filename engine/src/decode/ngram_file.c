/* Opens an n-gram file: its start, and the places of its tables. */
#include "base/crc32.h"
#include "base/error.h"
#include "decode/ngram_file.h"

#include <stdlib.h>
#include <string.h>

enum { START_BYTES = 64, MAX_CHARACTERS = 65536 };

static float f32_at(const char *data) {
    float value;
    memcpy(&value, data, sizeof value);
    return value;
}

uint32_t bitocr_ngram_u16_at(const char *table, uint32_t i) {
    uint16_t value;
    memcpy(&value, table + 2 * (size_t)i, sizeof value);
    return value;
}

bitocr_status bitocr_ngram_bad(bitocr_error *error, const char *what) {
    return bitocr_fail(error, BITOCR_ERROR_MODEL, "the n-gram file is damaged: %s", what);
}

/* The part of the start that is as in model.bit. */
static bitocr_status check_start(const file_bytes *bytes, bitocr_error *error) {
    static const char magic[8] = "\x89"
                                 "BITNGR\n";
    const char *data = bytes->data;
    if (bytes->count < START_BYTES || memcmp(data, magic, sizeof magic) != 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a bitocr n-gram file");
    uint32_t version = bitocr_u32_at(data + 8);
    if (version < 1 || version > NGRAM_VERSION)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the n-gram file has format version %u; this bitocr reads 1 to %d",
                           version, NGRAM_VERSION);
    if (bitocr_u64_at(data + 16) != bytes->count)
        return bitocr_fail(
            error, BITOCR_ERROR_MODEL, "the n-gram file has %llu bytes where its start says %llu",
            (unsigned long long)bytes->count, (unsigned long long)bitocr_u64_at(data + 16));
    if (bitocr_u32_at(data + 28) != 0)
        return bitocr_ngram_bad(error, "its reserved bytes are not zero");
    if (bitocr_crc32(data + 32, bytes->count - 32) != bitocr_u32_at(data + 24))
        return bitocr_ngram_bad(error, "its checksum is wrong");
    return BITOCR_OK;
}

static int is_within(float value, float low, float high) {
    return value >= low && value <= high; /* false for NaN */
}

static bitocr_status read_weights(bitocr_ngram *ngram, const char *data, bitocr_error *error) {
    ngram->unit = f32_at(data + 48);
    ngram->weight = f32_at(data + 52);
    ngram->bonus = f32_at(data + 56);
    ngram->case_cost = f32_at(data + 60);
    if (!is_within(ngram->unit, 1e-6f, 1) || !is_within(ngram->weight, 0, 100) ||
        !is_within(ngram->bonus, -100, 100) || !is_within(ngram->case_cost, 0, 100))
        return bitocr_ngram_bad(error, "its weights make no sense");
    return BITOCR_OK;
}

/* The next table of `count` entries; `*at` is moved behind it. */
static const char *table(const char **at, uint64_t count, size_t entry) {
    const char *start = *at;
    *at += count * entry;
    return start;
}

/* The places of the tables. The file has `bytes` bytes; the card follows the tables. */
static bitocr_status lay_out(ngram_source *source, const char *at, uint64_t bytes,
                             bitocr_error *error) {
    int is_wide = source->version == 2;
    uint64_t characters = source->characters, nodes = source->nodes, inner = source->inner;
    uint64_t needed = is_wide ? 6 * characters + 3 * nodes + (nodes + 7) / 8 + 3 * inner
                              : 4 * characters + 2 * (nodes + inner);
    if (needed > bytes)
        return bitocr_ngram_bad(error, "its tables are cut off");
    source->character = table(&at, characters, 4);
    source->character_symbol = table(&at, is_wide ? characters : 0, 2);
    source->symbol = table(&at, nodes, is_wide ? 2 : 1);
    if (is_wide) {
        source->children = table(&at, inner, 2);
        source->cost = table(&at, nodes, 1);
        source->parents = (const uint8_t *)table(&at, (nodes + 7) / 8, 1);
    } else {
        source->cost = table(&at, nodes, 1);
        source->children = table(&at, inner, 1);
    }
    source->backoff = table(&at, inner, 1);
    return BITOCR_OK;
}

/* The numbers of the start. */
static bitocr_status read_start(bitocr_ngram *ngram, const file_bytes *bytes, ngram_source *source,
                                bitocr_error *error) {
    const char *data = bytes->data;
    uint32_t order = bitocr_u32_at(data + 12), symbols = bitocr_u32_at(data + 32);
    *source = (ngram_source){.version = (int)bitocr_u32_at(data + 8),
                             .characters = bitocr_u32_at(data + 36),
                             .nodes = bitocr_u32_at(data + 40),
                             .inner = bitocr_u32_at(data + 44)};
    uint32_t most = source->version == 1 ? 255 : 65535;
    if (order < 1 || order > NGRAM_ORDER || symbols < 2 || symbols > most || source->inner < 1 ||
        source->inner > source->nodes || source->nodes > BYTES_MAX ||
        source->characters > MAX_CHARACTERS)
        return bitocr_ngram_bad(error, "its sizes make no sense");
    ngram->order = (int)order;
    ngram->symbols = (int)symbols;
    ngram->count = (int)source->nodes;
    bitocr_status status = lay_out(source, data + START_BYTES, bytes->count - START_BYTES, error);
    return status == BITOCR_OK ? read_weights(ngram, data, error) : status;
}

static bitocr_status make_room(bitocr_ngram *ngram, bitocr_error *error) {
    ngram->nodes = calloc((size_t)ngram->count + 1, sizeof *ngram->nodes);
    if (!ngram->nodes)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the n-gram model");
    return BITOCR_OK;
}

static bitocr_status read_bytes(bitocr_ngram *ngram, const uint32_t *charset,
                                const file_bytes *bytes, bitocr_error *error) {
    ngram_source source;
    bitocr_status status = check_start(bytes, error);
    if (status == BITOCR_OK)
        status = read_start(ngram, bytes, &source, error);
    if (status == BITOCR_OK)
        status = make_room(ngram, error);
    if (status == BITOCR_OK)
        status = bitocr_ngram_read_tree(ngram, &source, error);
    if (status == BITOCR_OK)
        status = bitocr_ngram_map_classes(ngram, &source, charset, error);
    return status;
}

static bitocr_status open_bytes(const uint32_t *charset, int classes, const file_bytes *bytes,
                                bitocr_ngram **out, bitocr_error *error) {
    bitocr_ngram *ngram = calloc(1, sizeof *ngram);
    if (!ngram)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the n-gram model");
    ngram->classes = classes;
    bitocr_status status = read_bytes(ngram, charset, bytes, error);
    if (status == BITOCR_OK)
        *out = ngram;
    else
        bitocr_ngram_free(ngram);
    return status;
}

bitocr_status bitocr_ngram_open(const uint32_t *charset, int classes, const char *path,
                                const void *data, size_t bytes, bitocr_ngram **out,
                                bitocr_error *error) {
    bitocr_error reason = {sizeof reason, ""};
    file_bytes opened;
    bitocr_status status = path ? bitocr_bytes_map(path, &opened, &reason)
                                : bitocr_bytes_copy(data, bytes, &opened, &reason);
    if (status == BITOCR_OK) {
        status = open_bytes(charset, classes, &opened, out, &reason);
        bitocr_bytes_free(&opened);
    }
    if (status == BITOCR_OK)
        return status;
    return path ? bitocr_bytes_fail(error, status, path, &reason)
                : bitocr_fail(error, status, "%s", reason.message);
}

void bitocr_ngram_free(bitocr_ngram *ngram) {
    if (!ngram)
        return;
    free(ngram->of_class);
    free(ngram->class_case);
    free(ngram->nodes);
    free(ngram);
}
