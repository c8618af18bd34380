/* Opening an n-gram file: its start, its tree, its characters. */
#include "crc32.h"
#include "error.h"
#include "ngram_file.h"

#include <stdlib.h>
#include <string.h>

enum { START_BYTES = 64, MAX_CHARACTERS = 65536 };

static float f32_at(const char *data) {
    float value;
    memcpy(&value, data, sizeof value);
    return value;
}

static bitocr_status bad(bitocr_error *error, const char *what) {
    return bitocr_fail(error, BITOCR_ERROR_MODEL, "the n-gram file is damaged: %s", what);
}

/* The part of the start that is as in model.bit. */
static bitocr_status check_start(const file_bytes *bytes, bitocr_error *error) {
    static const char magic[8] = "\x89"
                                 "BITNGR\n";
    const char *data = bytes->data;
    if (bytes->count < START_BYTES || memcmp(data, magic, sizeof magic) != 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "this is not a bitocr n-gram file");
    if (u32_at(data + 8) != NGRAM_VERSION)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the n-gram file has format version %u; this bitocr reads %d",
                           u32_at(data + 8), NGRAM_VERSION);
    if (u64_at(data + 16) != bytes->count)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the n-gram file has %llu bytes where its start says %llu",
                           (unsigned long long)bytes->count, (unsigned long long)u64_at(data + 16));
    if (u32_at(data + 28) != 0)
        return bad(error, "its reserved bytes are not zero");
    if (crc32_of(data + 32, bytes->count - 32) != u32_at(data + 24))
        return bad(error, "its checksum is wrong");
    return BITOCR_OK;
}

static int is_within(float value, float low, float high) {
    return value >= low && value <= high; /* false for NaN */
}

/* The numbers of the start, and where the tables lie. */
static bitocr_status read_start(bitocr_ngram *ngram, bitocr_error *error) {
    const char *data = ngram->bytes.data;
    uint32_t order = u32_at(data + 12), symbols = u32_at(data + 32), nodes = u32_at(data + 40),
             inner = u32_at(data + 44);
    ngram->characters = u32_at(data + 36);
    if (order < 1 || order > NGRAM_ORDER || symbols < 2 || symbols > 255 || inner < 1 ||
        inner > nodes || nodes > BYTES_MAX || ngram->characters > MAX_CHARACTERS)
        return bad(error, "its sizes make no sense");
    if (START_BYTES + 4 * (uint64_t)ngram->characters + 2 * ((uint64_t)nodes + inner) >
        ngram->bytes.count)
        return bad(error, "its tables are cut off");
    ngram->unit = f32_at(data + 48);
    ngram->weight = f32_at(data + 52);
    ngram->bonus = f32_at(data + 56);
    ngram->case_cost = f32_at(data + 60);
    if (!is_within(ngram->unit, 1e-6f, 1) || !is_within(ngram->weight, 0, 100) ||
        !is_within(ngram->bonus, -100, 100) || !is_within(ngram->case_cost, 0, 100))
        return bad(error, "its weights make no sense");
    ngram->order = (int)order;
    ngram->symbols = (int)symbols;
    ngram->nodes = (int)nodes;
    ngram->inner = (int)inner;
    ngram->symbol = (const uint8_t *)data + START_BYTES + 4 * (size_t)ngram->characters;
    ngram->cost = ngram->symbol + nodes;
    ngram->children = ngram->cost + nodes;
    ngram->backoff = ngram->children + inner;
    return BITOCR_OK;
}

/* Where each node's children are. */
static bitocr_status make_tree(bitocr_ngram *ngram, bitocr_error *error) {
    int64_t next = 1;
    ngram->first = malloc((size_t)ngram->inner * sizeof *ngram->first);
    if (!ngram->first)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the n-gram model");
    for (int i = 0; i < ngram->inner; i++) {
        int64_t from = next;
        ngram->first[i] = (int32_t)from;
        next += ngram->children[i];
        if (from <= i || next > ngram->nodes)
            return bad(error, "its tree is broken");
        for (int64_t k = from; k < next; k++)
            if (ngram->symbol[k] >= ngram->symbols ||
                (k > from && ngram->symbol[k] <= ngram->symbol[k - 1]))
                return bad(error, "its symbols are not in order");
    }
    return next == ngram->nodes ? BITOCR_OK : bad(error, "its tree is broken");
}

static uint32_t character_at(const bitocr_ngram *ngram, uint32_t i) {
    return u32_at(ngram->bytes.data + START_BYTES + 4 * (size_t)i);
}

static uint32_t scalar(uint32_t entry) {
    return entry & 0x1FFFFF;
}

static bitocr_status check_characters(const bitocr_ngram *ngram, bitocr_error *error) {
    for (uint32_t i = 0; i < ngram->characters; i++) {
        uint32_t entry = character_at(ngram, i);
        if (entry >> 24 >= (uint32_t)ngram->symbols ||
            (i && scalar(entry) <= scalar(character_at(ngram, i - 1))))
            return bad(error, "its characters are not in order");
    }
    return BITOCR_OK;
}

/* The entry of a character; that of a symbol NGRAM_OTHER without case where it is not listed. */
static uint32_t find_character(const bitocr_ngram *ngram, uint32_t character) {
    uint32_t low = 0, high = ngram->characters;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (scalar(character_at(ngram, middle)) < character)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t entry = low < ngram->characters ? character_at(ngram, low) : 0;
    return scalar(entry) == character ? entry : NGRAM_OTHER << 24;
}

static bitocr_status map_classes(bitocr_ngram *ngram, const uint32_t *charset,
                                 bitocr_error *error) {
    ngram->of_class = calloc((size_t)ngram->classes, 1);
    ngram->class_case = calloc((size_t)ngram->classes, 1);
    if (!ngram->of_class || !ngram->class_case)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the n-gram model");
    ngram->of_class[0] = NGRAM_END;
    for (int label = 1; label < ngram->classes; label++) {
        uint32_t entry = find_character(ngram, charset[label - 1]);
        ngram->of_class[label] = (uint8_t)(entry >> 24);
        if ((entry >> 22 & 3) == 1)
            ngram->class_case[label] = NGRAM_SMALL;
        if ((entry >> 22 & 3) == 2)
            ngram->class_case[label] = NGRAM_CAPITAL;
    }
    return BITOCR_OK;
}

/* Takes the bytes over, which are freed where they are not sound. */
static bitocr_status open_bytes(const uint32_t *charset, int classes, file_bytes *bytes,
                                bitocr_ngram **out, bitocr_error *error) {
    bitocr_ngram *ngram = calloc(1, sizeof *ngram);
    if (!ngram) {
        bytes_free(bytes);
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the n-gram model");
    }
    ngram->bytes = *bytes;
    ngram->classes = classes;
    bitocr_status status = check_start(bytes, error);
    if (status == BITOCR_OK)
        status = read_start(ngram, error);
    if (status == BITOCR_OK)
        status = make_tree(ngram, error);
    if (status == BITOCR_OK)
        status = check_characters(ngram, error);
    if (status == BITOCR_OK)
        status = map_classes(ngram, charset, error);
    if (status == BITOCR_OK)
        *out = ngram;
    else
        bitocr_ngram_free(ngram);
    return status;
}

bitocr_status ngram_open(const uint32_t *charset, int classes, const char *path, const void *data,
                         size_t bytes, bitocr_ngram **out, bitocr_error *error) {
    bitocr_error reason = {{0}};
    file_bytes opened;
    bitocr_status status =
        path ? bytes_map(path, &opened, &reason) : bytes_copy(data, bytes, &opened, &reason);
    if (status == BITOCR_OK)
        status = open_bytes(charset, classes, &opened, out, &reason);
    if (status == BITOCR_OK)
        return status;
    return path ? bytes_fail(error, status, path, &reason)
                : bitocr_fail(error, status, "%s", reason.message);
}

void bitocr_ngram_free(bitocr_ngram *ngram) {
    if (!ngram)
        return;
    bytes_free(&ngram->bytes);
    free(ngram->of_class);
    free(ngram->class_case);
    free(ngram->first);
    free(ngram);
}
