/* What bitocr_network_create makes and bitocr_network_run reads. */
#ifndef BITOCR_NET_PARTS_H
#define BITOCR_NET_PARTS_H

#include "net/lstm.h"
#include "net/network.h"

typedef struct {
    int stride_h, stride_w;
    const float *beta1; /* [in], of the signs before conv1 */
    const float *beta2; /* [in], of those before conv2 */
    conv_layer conv1;   /* 3x3, in -> in */
    conv_layer conv2;   /* 1x1, in -> out */
} network_block;

typedef struct allocation allocation;

struct network {
    const kernel_table *kernel;
    bitocr_config config;
    stem_layer stem;
    network_block blocks[BITOCR_MAX_BLOCKS];
    lstm_layer directions[2]; /* forward, backward; unused where config.hidden is 0 */
    matrix bottleneck;        /* unused where config.bottleneck is 0, and its scale */
    const float *bottleneck_scale;
    matrix head;
    const float *head_scale; /* [classes] */
    const float *head_bias;
    allocation *allocations; /* all arrays above, to be freed with the network */
};

#endif
