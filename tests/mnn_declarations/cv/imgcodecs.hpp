// See ../MNN/expr/Module.hpp.
#pragma once
#include <MNN/expr/Module.hpp>

namespace MNN {
namespace CV {
enum ImreadModes { IMREAD_GRAYSCALE = 0 };
Express::VARP imread(const std::string &file, int flags);
} // namespace CV
} // namespace MNN
