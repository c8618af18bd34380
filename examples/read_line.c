/* Reads a PGM image (P5, gray) of one line of text with a .bit model: read_line MODEL.bit IMAGE.pgm
 *
 *     cc read_line.c -I engine/include _libbitocr.so -o read_line */

#include "bitocr.h"
#include <stdio.h>
#include <stdlib.h>

static int fail(const char *message) {
    fprintf(stderr, "read_line: %s\n", message);
    return 1;
}

int main(int argc, char **argv) {
    int width, height;
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (!file)
        return fail("give a model and an image that can be read");
    if (fscanf(file, "P5 %d %d 255", &width, &height) != 2 || width < 1 || height < 1)
        return fail("not a PGM image of 8 bits");
    fgetc(file); /* the one white space before the pixels */
    uint8_t *pixels = calloc((size_t)width, (size_t)height);
    if (!pixels || fread(pixels, (size_t)width, (size_t)height, file) != (size_t)height)
        return fail("the image ends too early");
    fclose(file);

    bitocr_error error;
    bitocr_model *model = NULL;
    bitocr_results *results = bitocr_results_create();
    bitocr_image image = {pixels, width, height, width, 1};
    if (bitocr_load(argv[1], NULL, &model, &error))
        return fail(error.message);
    if (bitocr_recognize(model, &image, 1, NULL, results, &error))
        return fail(error.message);
    printf("%s\n", bitocr_results_line(results, 0)->text);
    bitocr_results_free(results);
    bitocr_free(model);
    free(pixels);
    return 0;
}
