#include "model/header.h"
#include "base/error.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHANNELS = 1024, MAX_HIDDEN = 1024, MAX_CLASSES = 65536 };

/* A whole number of an object, from `low` to `high`. */
static bitocr_status read_int(const json_document *json, const json_node *object, const char *key,
                              int low, int high, int *out, bitocr_error *error) {
    uint64_t number;
    if (!bitocr_json_integer(json, bitocr_json_get(json, object, key), &number) ||
        number < (uint64_t)low || number > (uint64_t)high)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the header's \"%s\" is missing or not a number from %d to %d", key, low,
                           high);
    *out = (int)number;
    return BITOCR_OK;
}

static bitocr_status read_channels(const json_document *json, const json_node *object,
                                   const char *key, int *out, bitocr_error *error) {
    bitocr_status status = read_int(json, object, key, 32, MAX_CHANNELS, out, error);
    if (status == BITOCR_OK && *out % 32)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "\"%s\" is %d channels, not a multiple of 32",
                           key, *out);
    return status;
}

static bitocr_status read_block(const json_document *json, const json_node *node, int in,
                                bitocr_block *block, bitocr_error *error) {
    bitocr_status status = read_channels(json, node, "in", &block->in, error);
    if (status == BITOCR_OK)
        status = read_channels(json, node, "out", &block->out, error);
    if (status != BITOCR_OK)
        return status;
    if (block->in != in || block->out > 2 * in)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "a block has %d -> %d channels where %d come in", block->in, block->out,
                           in);
    const json_node *stride = bitocr_json_get(json, node, "stride");
    const json_node *height = bitocr_json_next(json, stride, NULL);
    const json_node *width = height ? bitocr_json_next(json, stride, height) : NULL;
    uint64_t h, w;
    if (!bitocr_json_integer(json, height, &h) || !bitocr_json_integer(json, width, &w) || h < 1 ||
        h > 2 || w < 1 || w > 2 || bitocr_json_next(json, stride, width))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "a block's \"stride\" is not [1 or 2, 1 or 2]");
    block->stride_h = (int)h;
    block->stride_w = (int)w;
    return BITOCR_OK;
}

static bitocr_status read_blocks(const json_document *json, const json_node *blocks,
                                 bitocr_config *config, bitocr_error *error) {
    int height = BITOCR_HEIGHT / 2;
    config->features = config->stem;
    config->width_stride = 2;
    for (const json_node *node = NULL; (node = bitocr_json_next(json, blocks, node));) {
        if (config->block_count == BITOCR_MAX_BLOCKS)
            return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network has more than %d blocks",
                               BITOCR_MAX_BLOCKS);
        bitocr_block *block = &config->blocks[config->block_count++];
        bitocr_status status = read_block(json, node, config->features, block, error);
        if (status != BITOCR_OK)
            return status;
        config->features = block->out;
        config->width_stride *= block->stride_w;
        if (height % block->stride_h || config->width_stride > 8)
            return bitocr_fail(error, BITOCR_ERROR_MODEL, "the blocks' strides are too large");
        height /= block->stride_h;
    }
    if (!config->block_count)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network has no \"blocks\"");
    return BITOCR_OK;
}

static bitocr_status read_neck(const json_document *json, const json_node *neck,
                               bitocr_config *config, bitocr_error *error) {
    const json_node *type = bitocr_json_get(json, neck, "type");
    if (bitocr_json_is(json, type, "none"))
        return BITOCR_OK;
    if (!bitocr_json_is(json, type, "bilstm"))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network's neck is of no known type");
    bitocr_status status = read_int(json, neck, "hidden", 8, MAX_HIDDEN, &config->hidden, error);
    if (status == BITOCR_OK && config->hidden % 8)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "\"hidden\" is %d, not a multiple of 8",
                           config->hidden);
    return status;
}

/* "head" of the network, which may be missing. A bottleneck as wide as what comes in would be of no
 * use, and a reader that does not know the key would find tensors of the shapes that it expects. */
static bitocr_status read_head(const json_document *json, const json_node *head,
                               bitocr_config *config, bitocr_error *error) {
    if (!head)
        return BITOCR_OK;
    bitocr_status status =
        read_int(json, head, "bottleneck", 8, MAX_HIDDEN, &config->bottleneck, error);
    if (status == BITOCR_OK &&
        (config->bottleneck % 8 || config->bottleneck >= config_neck_outputs(config)))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "\"bottleneck\" is %d, not a multiple of 8 below the %d that come in",
                           config->bottleneck, config_neck_outputs(config));
    return status;
}

bitocr_status bitocr_header_read_network(const json_document *json, bitocr_config *config,
                                         bitocr_error *error) {
    int height;
    memset(config, 0, sizeof *config);
    const json_node *network = bitocr_json_get(json, json->nodes, "network");
    if (!bitocr_json_is(json, bitocr_json_get(json, network, "arch"), "bit_crnn"))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network is of no known \"arch\"");
    bitocr_status status = read_int(json, network, "height", 32, 32, &height, error);
    if (status == BITOCR_OK)
        status = read_channels(json, network, "stem", &config->stem, error);
    if (status == BITOCR_OK)
        status = read_blocks(json, bitocr_json_get(json, network, "blocks"), config, error);
    if (status == BITOCR_OK)
        status = read_neck(json, bitocr_json_get(json, network, "neck"), config, error);
    if (status == BITOCR_OK)
        status = read_head(json, bitocr_json_get(json, network, "head"), config, error);
    if (status == BITOCR_OK)
        status = read_int(json, network, "classes", 2, MAX_CLASSES, &config->classes, error);
    return status;
}

bitocr_status bitocr_header_read_calibration(const json_document *json,
                                             bitocr_calibration *calibration, bitocr_error *error) {
    const json_node *node = bitocr_json_get(json, json->nodes, "calibration");
    double slope, offset;
    if (!node)
        return BITOCR_OK;
    if (!bitocr_json_number(json, bitocr_json_get(json, node, "slope"), &slope) ||
        !(slope > 0 && slope <= 100))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the calibration's \"slope\" is no number above 0 and up to 100");
    if (!bitocr_json_number(json, bitocr_json_get(json, node, "offset"), &offset) ||
        fabs(offset) > 100)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the calibration's \"offset\" is no number from -100 to 100");
    *calibration = (bitocr_calibration){slope, offset};
    return BITOCR_OK;
}

/* Writes the string's characters to `charset` of room for `count`; how many there are, or -1 where
 * one is a control character or stands there twice. `seen` is a bit for each Unicode character. */
static int64_t read_characters(const json_document *json, const json_node *node, int count,
                               uint32_t *charset, uint8_t *seen) {
    int64_t n = 0;
    for (uint32_t at = node->start; at < node->end; n++) {
        uint32_t c = bitocr_json_character(json, &at);
        if (c < 0x20 || seen[c / 8] >> c % 8 & 1)
            return -1;
        seen[c / 8] |= (uint8_t)(1 << c % 8);
        if (n < count)
            charset[n] = c;
    }
    return n;
}

bitocr_status bitocr_header_read_charset(const json_document *json, int count, uint32_t **charset,
                                         bitocr_error *error) {
    const json_node *node = bitocr_json_get(json, json->nodes, "charset");
    if (!node || node->type != JSON_STRING)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the header has no \"charset\"");
    uint8_t *seen = calloc(0x110000 / 8, 1);
    *charset = calloc((size_t)count, sizeof **charset);
    if (!seen || !*charset) {
        free(seen);
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the charset");
    }
    int64_t n = read_characters(json, node, count, *charset, seen);
    free(seen);
    if (n < 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the charset has a control character or one character twice");
    if (n != count)
        return bitocr_fail(
            error, BITOCR_ERROR_MODEL,
            "the charset has %lld characters, but the network %d classes: %d expected",
            (long long)n, count + 1, count);
    return BITOCR_OK;
}
