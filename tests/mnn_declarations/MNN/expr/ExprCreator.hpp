// See Module.hpp.
#pragma once
#include "Module.hpp"

namespace MNN {
namespace Express {
VARP _Const(const void *values, std::vector<int> shape, Dimensionformat format,
            halide_type_t type = halide_type_t());
VARP _Scalar(const void *value, halide_type_t type);
template <typename T> VARP _Scalar(T value) {
    return _Scalar(&value, halide_type_of<T>());
}
VARP _Cast(VARP input, halide_type_t type);
template <typename T> VARP _Cast(VARP input) {
    return _Cast(input, halide_type_of<T>());
}
VARP _ArgMax(VARP input, int axis);
VARP _Convert(VARP input, Dimensionformat format);
} // namespace Express
} // namespace MNN
