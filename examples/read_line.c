/* Reads a PGM image (P5, gray) of one line of text with a .bit model: read_line MODEL.bit IMAGE.pgm
 *
 *     cc read_line.c -I engine/include _libbitocr.so -o read_line */

#include "bitocr.h"
#include <stdio.h>
#include <stdlib.h>

static void check(int ok, const char *message) {
    if (!ok) {
        fprintf(stderr, "read_line: %s\n", message);
        exit(1);
    }
}

int main(int argc, char **argv) {
    int width, height, white;
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    check(file != NULL, "give a model and an image that can be read");
    check(fscanf(file, "P5 %d %d %d%*c", &width, &height, &white) == 3, "not a PGM image");
    check(width > 0 && height > 0 && white == 255, "not an image of 8 bits a pixel");
    uint8_t *pixels = calloc(width, height);
    check(pixels && (int)fread(pixels, width, height, file) == height, "the image ends too early");
    fclose(file);

    bitocr_error error = {sizeof error, ""};
    bitocr_model *model;
    bitocr_image image = {sizeof image, pixels, width, height, width, 1};
    bitocr_results *results = bitocr_results_create();
    check(bitocr_load(argv[1], NULL, &model, &error) == BITOCR_OK, error.message);
    check(bitocr_recognize(model, &image, 1, NULL, results, &error) == BITOCR_OK, error.message);
    printf("%s\n", bitocr_results_line(results, 0)->text);
    bitocr_results_free(results);
    bitocr_free(model);
    free(pixels);
    return 0;
}
