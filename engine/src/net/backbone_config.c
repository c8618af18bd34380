/* Reading the backbone's keys of the header. */
#include "base/error.h"
#include "model/header.h"
#include "net/backbone.h"

enum { MAX_CHANNELS = 1024, MAX_STRIDE = 64 };

static bitocr_status read_channels(const json_document *json, const json_node *object,
                                   const char *key, int *out, bitocr_error *error) {
    bitocr_status status = bitocr_header_int(json, object, key, 32, MAX_CHANNELS, out, error);
    if (status == BITOCR_OK && *out % 32)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "\"%s\" is %d channels, not a multiple of 32",
                           key, *out);
    return status;
}

static bitocr_status read_stride(const json_document *json, const json_node *stride,
                                 block_config *block, bitocr_error *error) {
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

/* A block into which `in` channels come. */
static bitocr_status read_block(const json_document *json, const json_node *node, int in,
                                block_config *block, bitocr_error *error) {
    bitocr_status status = read_channels(json, node, "in", &block->in, error);
    if (status == BITOCR_OK)
        status = read_channels(json, node, "out", &block->out, error);
    if (status != BITOCR_OK)
        return status;
    if (block->in != in || block->out > 2 * in)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "a block has %d -> %d channels where %d come in", block->in, block->out,
                           in);
    return read_stride(json, bitocr_json_get(json, node, "stride"), block, error);
}

static bitocr_status append_block(const json_document *json, const json_node *node,
                                  backbone_config *config, bitocr_error *error) {
    if (config->count == BITOCR_MAX_BLOCKS)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network has more than %d blocks",
                           BITOCR_MAX_BLOCKS);
    block_config *block = &config->blocks[config->count++];
    bitocr_status status = read_block(json, node, config->channels, block, error);
    if (status != BITOCR_OK)
        return status;
    config->channels = block->out;
    config->stride_h *= block->stride_h;
    config->stride_w *= block->stride_w;
    if (config->stride_h > MAX_STRIDE || config->stride_w > MAX_STRIDE)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the blocks' strides are too large");
    return BITOCR_OK;
}

bitocr_status bitocr_backbone_read(const json_document *json, const json_node *network,
                                   backbone_config *config, bitocr_error *error) {
    *config = (backbone_config){.stride_h = 2, .stride_w = 2};
    bitocr_status status = read_channels(json, network, "stem", &config->stem, error);
    const json_node *blocks = bitocr_json_get(json, network, "blocks");
    config->channels = config->stem;
    for (const json_node *node = NULL;
         status == BITOCR_OK && (node = bitocr_json_next(json, blocks, node));)
        status = append_block(json, node, config, error);
    if (status == BITOCR_OK && !config->count)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network has no \"blocks\"");
    return status;
}
