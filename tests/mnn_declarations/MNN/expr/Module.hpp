// What examples/read_line_mnn.cpp uses of MNN 3.6, declared as MNN's own headers declare it. The
// Python wheel brings the library but no headers: with these the example is compiled against it in
// the tests. Take MNN's headers elsewhere.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct halide_type_t {
    enum Code { integer, unsigned_integer, floating } code;
    uint8_t bits;
    uint16_t lanes;
    halide_type_t(Code code = floating, uint8_t bits = 32, uint16_t lanes = 1)
        : code(code), bits(bits), lanes(lanes) {}
};
template <typename T> halide_type_t halide_type_of();
template <> inline halide_type_t halide_type_of<float>() {
    return halide_type_t();
}
template <> inline halide_type_t halide_type_of<int8_t>() {
    return halide_type_t(halide_type_t::integer, 8);
}

namespace MNN {
namespace Express {
enum Dimensionformat { NHWC, NC4HW4, NCHW };
class Expr;

class Variable {
  public:
    struct Info {
        Dimensionformat order;
        std::vector<int> dim;
    };
    const Info *getInfo();
    template <typename T> const T *readMap() {
        return (const T *)readInternal(false);
    }

  private:
    void *readInternal(bool force);
    std::shared_ptr<Expr> from;
};

class VARP {
  public:
    Variable *get() const {
        return content.get();
    }
    VARP operator/(VARP other) const;
    Variable *operator->() const {
        return content.get();
    }

  private:
    std::shared_ptr<Variable> content;
};

class Module {
  public:
    struct Config;
    static Module *load(const std::vector<std::string> &inputs,
                        const std::vector<std::string> &outputs, const char *file,
                        const Config *config = nullptr);
    static void destroy(Module *module);
    VARP forward(VARP input);
};
} // namespace Express
} // namespace MNN
