#include "net/network.h"

#include <stdlib.h>

#include "base/error.h"
#include "net/arch.h"
#include "net/crnn.h"
#include "net/detector.h"

static bitocr_status read_and_build(const bitocr_model_file *model, const json_node *config,
                                    network *net, bitocr_error *error) {
    bitocr_status status = net->arch->read(model, config, net, error);
    if (status != BITOCR_OK)
        return status;
    network_builder b = {.model = model,
                         .kernel = net->kernel,
                         .allocations = &net->allocations,
                         .status = BITOCR_OK,
                         .error = error};
    net->arch->build(&b, net);
    return b.status;
}

static bitocr_status create(const architecture *arch, const bitocr_model_file *model,
                            const json_node *config, const kernel_table *kernel, network **out,
                            bitocr_error *error) {
    network *net = calloc(1, arch->bytes);
    if (!net)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    net->arch = arch;
    net->kernel = kernel;
    net->info = (network_info){.arch = arch->name, .output = arch->output, .width_unit = 1};
    bitocr_status status = read_and_build(model, config, net, error);
    if (status == BITOCR_OK)
        *out = net;
    else
        bitocr_network_free(net);
    return status;
}

bitocr_status bitocr_network_create_among(const architecture *const *known, int count,
                                          const bitocr_model_file *model,
                                          const kernel_table *kernel, network **out,
                                          bitocr_error *error) {
    *out = NULL;
    const json_document *json = bitocr_model_json(model);
    const json_node *config = bitocr_json_get(json, json->nodes, "network");
    const json_node *name = bitocr_json_get(json, config, "arch");
    for (int i = 0; i < count; i++)
        if (bitocr_json_is(json, name, known[i]->name))
            return create(known[i], model, config, kernel, out, error);
    return bitocr_fail(error, BITOCR_ERROR_MODEL, "the network is of no known \"arch\"");
}

bitocr_status bitocr_network_create(const bitocr_model_file *model, const kernel_table *kernel,
                                    network **out, bitocr_error *error) {
    static const architecture *const known[] = {&bitocr_crnn, &bitocr_detector_network};
    return bitocr_network_create_among(known, sizeof known / sizeof *known, model, kernel, out,
                                       error);
}

void bitocr_network_free(network *net) {
    if (net)
        bitocr_builder_free(net->allocations);
    free(net);
}

const network_info *bitocr_network_describe(const network *net) {
    return &net->info;
}

map_size bitocr_network_size(const network *net, int height, int width) {
    return net->arch->size(net, height, width);
}

int bitocr_network_classes(const network *net) {
    return net->info.channels;
}

int bitocr_network_steps(const network *net, int width) {
    return bitocr_network_size(net, net->info.height, width).width;
}

static int is_taken(const network_info *info, const gray_map *image) {
    return image->height >= 1 && image->height <= BITOCR_MAX_SIDE && image->width >= 1 &&
           image->width <= BITOCR_MAX_SIDE && (!info->height || image->height == info->height);
}

bitocr_status bitocr_network_run(const network *net, const network_pass *pass,
                                 bitocr_error *error) {
    const gray_map *image = &pass->image;
    if (!is_taken(&net->info, image))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the network does not take an image of %d x %d pixels", image->width,
                           image->height);
    return net->arch->run(net, pass, error);
}
