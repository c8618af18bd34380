/* The architecture "toy_map": a second one, for tests of the interface and of the layers that maps
 * are made of. It is no part of the engine.
 *
 * The backbone has two blocks, the second with stride 2 x 2. What comes out of each goes through a
 * linear layer of its own to the output's channels; the coarser of both is up-sampled and added.
 * Keys beside those of net/backbone.h: "channels" of the output, 1 to 64. Tensors beside the
 * backbone's: `fine` and `coarse` of net/linear.h, with a bias. */
#ifndef BITOCR_TOY_H
#define BITOCR_TOY_H

#include "net/arch.h"

extern const architecture bitocr_toy;

#endif
