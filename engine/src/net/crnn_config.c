/* Reading the keys of "network" for a bit_crnn. */
#include "base/error.h"
#include "model/header.h"
#include "net/crnn.h"

enum { MAX_HEIGHT = 256, MAX_HIDDEN = 1024, MAX_CLASSES = 65536, MAX_WIDTH_STRIDE = 8 };

static bitocr_status read_backbone(const json_document *json, const json_node *network,
                                   crnn_config *config, bitocr_error *error) {
    bitocr_status status =
        bitocr_header_int(json, network, "height", 2, MAX_HEIGHT, &config->height, error);
    if (status == BITOCR_OK)
        status = bitocr_backbone_read(json, network, &config->backbone, error);
    if (status == BITOCR_OK && (config->height % config->backbone.stride_h ||
                                config->backbone.stride_w > MAX_WIDTH_STRIDE))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the blocks' strides are too large");
    return status;
}

static bitocr_status read_neck(const json_document *json, const json_node *neck,
                               crnn_config *config, bitocr_error *error) {
    const json_node *type = bitocr_json_get(json, neck, "type");
    if (bitocr_json_is(json, type, "none"))
        return BITOCR_OK;
    if (!bitocr_json_is(json, type, "bilstm"))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network's neck is of no known type");
    bitocr_status status =
        bitocr_header_int(json, neck, "hidden", 8, MAX_HIDDEN, &config->hidden, error);
    if (status == BITOCR_OK && config->hidden % 8)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "\"hidden\" is %d, not a multiple of 8",
                           config->hidden);
    return status;
}

/* "head" of the network, which may be missing. A bottleneck as wide as its input would be useless,
 * and a reader that does not know the key would find tensors of the expected shapes. */
static bitocr_status read_head(const json_document *json, const json_node *head,
                               crnn_config *config, bitocr_error *error) {
    if (!head)
        return BITOCR_OK;
    bitocr_status status =
        bitocr_header_int(json, head, "bottleneck", 8, MAX_HIDDEN, &config->bottleneck, error);
    if (status == BITOCR_OK &&
        (config->bottleneck % 8 || config->bottleneck >= crnn_neck_outputs(config)))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "\"bottleneck\" is %d, not a multiple of 8 below the %d that come in",
                           config->bottleneck, crnn_neck_outputs(config));
    return status;
}

/* "classes" of the network, and a charset with one character less, since the blank is a class. */
static bitocr_status read_classes(const bitocr_model_file *model, const json_node *network,
                                  crnn_config *config, bitocr_error *error) {
    int count = bitocr_model_charset_size(model);
    bitocr_status status = bitocr_header_int(bitocr_model_json(model), network, "classes", 2,
                                             MAX_CLASSES, &config->classes, error);
    if (status != BITOCR_OK)
        return status;
    if (!bitocr_model_charset(model))
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the header has no \"charset\"");
    if (count != config->classes - 1)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the charset has %d characters, but the network %d classes: %d expected",
                           count, config->classes, config->classes - 1);
    return BITOCR_OK;
}

bitocr_status bitocr_crnn_read(const bitocr_model_file *model, const json_node *network,
                               crnn_config *config, bitocr_error *error) {
    const json_document *json = bitocr_model_json(model);
    bitocr_status status = read_backbone(json, network, config, error);
    if (status == BITOCR_OK)
        status = read_neck(json, bitocr_json_get(json, network, "neck"), config, error);
    if (status == BITOCR_OK)
        status = read_head(json, bitocr_json_get(json, network, "head"), config, error);
    if (status == BITOCR_OK)
        status = read_classes(model, network, config, error);
    return status;
}
