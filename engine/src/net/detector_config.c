/* Reading the keys of "network" for a bit_det. */
#include "base/error.h"
#include "model/header.h"
#include "net/detector.h"

enum { MAX_NECK = 256 };

/* Finds the last layers of each stride. */
static bitocr_status find_taps(detector_network *net, bitocr_error *error) {
    const backbone_config *config = &net->config;
    int strides = 0;
    for (int i = 0; i < config->count; i++) {
        const block_config *block = &config->blocks[i];
        if (block->stride_h != block->stride_w)
            return bitocr_fail(error, BITOCR_ERROR_MODEL,
                               "a block's stride is neither [1, 1] nor [2, 2]");
        if (block->stride_h == 1)
            continue;
        if (strides > 0 && strides <= TAP32)
            net->taps[strides - 1] = i;
        strides++;
    }
    net->taps[TAP32] = config->count;
    if (strides != TAPS)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "%d blocks have strides of 2, not %d",
                           strides, TAPS);
    return BITOCR_OK;
}

static bitocr_status check_maps(const json_document *json, const json_node *maps,
                                bitocr_error *error) {
    static const char *const names[DETECTOR_MAPS] = {"kernel", "height", "gap"};
    const json_node *node = NULL;
    for (int i = 0; i < DETECTOR_MAPS; i++) {
        node = bitocr_json_next(json, maps, node);
        if (!node || !bitocr_json_is(json, node, names[i]))
            return bitocr_fail(error, BITOCR_ERROR_MODEL,
                               "\"maps\" is not [\"kernel\", \"height\", \"gap\"]");
    }
    if (bitocr_json_next(json, maps, node))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "\"maps\" has more than %d",
                           (int)DETECTOR_MAPS);
    return BITOCR_OK;
}

bitocr_status bitocr_detector_read_config(const bitocr_model_file *model, const json_node *config,
                                          detector_network *net, bitocr_error *error) {
    const json_document *json = bitocr_model_json(model);
    bitocr_status status = bitocr_backbone_read(json, config, &net->config, error);
    if (status == BITOCR_OK)
        status = find_taps(net, error);
    if (status == BITOCR_OK)
        status = bitocr_header_int(json, config, "neck", 32, MAX_NECK, &net->neck, error);
    if (status == BITOCR_OK && net->neck % 32)
        status = bitocr_fail(error, BITOCR_ERROR_MODEL, "\"neck\" is %d, not a multiple of 32",
                             net->neck);
    if (status == BITOCR_OK)
        status = check_maps(json, bitocr_json_get(json, config, "maps"), error);
    return status;
}
