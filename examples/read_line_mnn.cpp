// Reads an image (PNG, JPEG, BMP) of one line of text with an .mnn file: read_line_mnn MODEL IMAGE
//
//     c++ -std=c++11 read_line_mnn.cpp -I engine/include _libbitocr.so -lMNN -lMNN_Express
//         -lMNNOpenCV -o read_line_mnn
//
// MNN decodes the image and runs the network, whose input bitocr_trim and bitocr_prepare of
// libbitocr make without a model. Of the best class of each step, CTC drops repeats and blanks,
// which are class 0. Class i is charset[i - 1]: in English models, classes 1 to 95 are ASCII from
// the space on; in any model, the JSON in net->getInfo()->bizCode says it, {"charset": ...}.

#include "bitocr.h"
#include <MNN/expr/ExprCreator.hpp>
#include <MNN/expr/Module.hpp>
#include <cv/imgcodecs.hpp>
#include <cstdio>
#include <stdexcept>
using namespace MNN::Express;

static void check(bool ok, const char *message) {
    ok ? void() : throw std::runtime_error(message);
}

int main(int argc, char **argv) {
    VARP pixels = argc == 3 ? MNN::CV::imread(argv[2], MNN::CV::IMREAD_GRAYSCALE) : VARP();
    check(pixels.get() != nullptr, "give a model and an image that can be read");
    const int height = pixels->getInfo()->dim[0], width = pixels->getInfo()->dim[1];
    bitocr_image image = {sizeof image, pixels->readMap<uint8_t>(), width, height, width, 1}, line;
    bitocr_error error = {sizeof error, ""};
    check(bitocr_trim(&image, &line, &error) == BITOCR_OK, error.message);
    const int columns = bitocr_natural_width(line.width, line.height);
    std::vector<int8_t> input(32 * columns);
    check(bitocr_prepare(&line, columns, input.data(), &error) == BITOCR_OK, error.message);

    std::shared_ptr<Module> net(Module::load({"image"}, {"logits"}, argv[1]), Module::destroy);
    check(net != nullptr, "MNN cannot load the model");
    VARP codes = _Const(input.data(), {1, 1, 32, columns}, NCHW, halide_type_of<int8_t>());
    VARP best = _ArgMax(net->forward(_Cast<float>(codes) / _Scalar(32.0f)), 2);
    const int *classes = best->readMap<int>();
    for (int step = 0; step < best->getInfo()->dim[1]; step++)
        if (classes[step] != 0 && (step == 0 || classes[step] != classes[step - 1]))
            putchar(' ' + classes[step] - 1);
    putchar('\n');
}
