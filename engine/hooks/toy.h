/* The architecture "toy_map": a second one, to test the interface and the layers that maps need. It
 * is not part of the engine.
 *
 * The backbone has two blocks, the second with stride 2 x 2. Each block's output goes through its
 * own linear layer to the output's channels. The coarser result is up-sampled and added to the
 * finer one. Keys besides those of net/backbone.h: "channels" of the output, 1 to 64. Tensors
 * besides the backbone's: `fine` and `coarse` of net/linear.h, with a bias. */
#ifndef BITOCR_TOY_H
#define BITOCR_TOY_H

#include "net/arch.h"

extern const architecture bitocr_toy;

#endif
