/* The architecture "bit_crnn", which reads a line of text: backbone, mean over the height, a
 * bidirectional LSTM, and log-probabilities for CTC (decode/ctc.h) by a linear layer.
 *
 * Keys of "network" in a model's header, beside those of net/backbone.h:
 *   "height"   of a line, in pixels
 *   "neck"     {"type": "bilstm", "hidden": h} with h a multiple of 8 up to 1024, or
 *              {"type": "none"}
 *   "head"     {"bottleneck": b}, b a multiple of 8 below D: a linear layer from D to b without a
 *              bias comes before the head. Without the key there is no such layer
 *   "classes"  number of classes, 2 to 65536. Class 0 is the CTC blank, class i is character i - 1
 *              of "charset", which has classes - 1
 * The height stride divides the height; the width stride is 2, 4 or 8.
 *
 * Tensors, beside the backbone's, with C channels after the last block, H = "hidden", and D = 2 H
 * with a neck and C without: `lstm.forward` and `lstm.backward` of net/lstm.h with C inputs and H
 * units; `bottleneck` (without a bias) and `head` of net/linear.h. */
#ifndef BITOCR_NET_CRNN_H
#define BITOCR_NET_CRNN_H

#include "net/arch.h"
#include "net/backbone.h"
#include "net/linear.h"
#include "net/lstm.h"

extern const architecture bitocr_crnn;

typedef struct {
    int height;
    backbone_config backbone;
    int hidden;     /* 0: no neck */
    int bottleneck; /* 0: none */
    int classes;
} crnn_config;

typedef struct {
    network base;
    crnn_config config;
    backbone backbone;
    lstm_layer directions[2]; /* forward, backward; unused where config.hidden is 0 */
    linear_layer bottleneck;  /* unused where config.bottleneck is 0 */
    linear_layer head;
} crnn;

bitocr_status bitocr_crnn_read(const bitocr_model_file *model, const json_node *network,
                               crnn_config *config, bitocr_error *error);

/* The features after the neck, or after the backbone if there is none: D. */
static inline int crnn_neck_outputs(const crnn_config *config) {
    return config->hidden ? 2 * config->hidden : config->backbone.channels;
}

/* The inputs of the head's matrix. */
static inline int crnn_head_inputs(const crnn_config *config) {
    return config->bottleneck ? config->bottleneck : crnn_neck_outputs(config);
}

#endif
