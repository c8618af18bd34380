// Reads a PGM image (P5, gray) of one line of text with an .mnn file: read_line_mnn MODEL.mnn
// IMAGE.pgm
//
// MNN has an interface for C++ only. What turns pixels into the network's input is libbitocr's
// bitocr_prepare, which needs no model. With the headers and the library of MNN:
//
//     c++ -std=c++11 read_line_mnn.cpp -I engine/include _libbitocr.so -lMNN -lMNN_Express -o
//     read_line_mnn

#include "bitocr.h"
#include <MNN/expr/ExprCreator.hpp>
#include <MNN/expr/Module.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>
using namespace MNN::Express;

static int fail(const char *message) {
    fprintf(stderr, "read_line_mnn: %s\n", message);
    return 1;
}

int main(int argc, char **argv) {
    int width, height;
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : nullptr;
    if (!file)
        return fail("give a model and an image that can be read");
    if (fscanf(file, "P5 %d %d 255", &width, &height) != 2 || width < 1 || height < 1)
        return fail("not a PGM image of 8 bits");
    fgetc(file); // the one white space before the pixels
    std::vector<uint8_t> pixels((size_t)width * height);
    if (fread(pixels.data(), width, height, file) != (size_t)height)
        return fail("the image ends too early");
    fclose(file);

    const int columns = bitocr_natural_width(width, height);
    std::vector<int8_t> prepared(32 * (size_t)columns);
    bitocr_image image = {pixels.data(), width, height, width, 1};
    bitocr_error error;
    if (bitocr_prepare(&image, columns, prepared.data(), &error))
        return fail(error.message);

    std::unique_ptr<Module, void (*)(Module *)> net(Module::load({"image"}, {"logits"}, argv[1]),
                                                    Module::destroy);
    if (!net)
        return fail("MNN cannot load the model");
    std::vector<float> values(prepared.size());
    std::transform(prepared.begin(), prepared.end(), values.begin(),
                   [](int8_t x) { return x / 32.0f; });
    VARP output = _Convert(net->forward(_Const(values.data(), {1, 1, 32, columns}, NCHW)), NCHW);
    const float *logits = output->readMap<float>();
    const int steps = output->getInfo()->dim[1], classes = output->getInfo()->dim[2];

    // CTC: the best class of each step, repeats and blanks (class 0) left out. The charset of the
    // English model is ASCII from the space on; that of any model lies in net->getInfo()->bizCode,
    // as JSON: {"charset": ...}.
    for (int step = 0, before = 0; step < steps; step++) {
        const float *scores = logits + (size_t)step * classes;
        const int best = std::max_element(scores, scores + classes) - scores;
        if (best != 0 && best != before)
            putchar(' ' + best - 1);
        before = best;
    }
    putchar('\n');
    return 0;
}
