// See Module.hpp.
#pragma once
#include "Module.hpp"

namespace MNN {
namespace Express {
VARP _Const(const void *values, std::vector<int> shape, Dimensionformat format,
            halide_type_t type = halide_type_t());
VARP _Convert(VARP input, Dimensionformat format);
} // namespace Express
} // namespace MNN
