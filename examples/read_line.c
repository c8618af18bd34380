/* Reads an image of one line of text, a binary PGM or PPM, and prints the text and the confidence:
 *
 *     cc read_line.c $(pkg-config --cflags --libs bitocr) -o read_line
 *     ./read_line english line.pgm */

#include "bitocr.h"
#include "pnm.h"

int main(int argc, char **argv) {
    bitocr_error error = {sizeof error, "give a model and an image"};
    bitocr_image image = {.size = sizeof image};
    bitocr_model *model = NULL;
    bitocr_results *results = bitocr_results_create();
    if (argc == 3 && !read_pnm(argv[2], &image, &error) &&
        !bitocr_open(argv[1], NULL, &model, &error))
        bitocr_recognize(model, &image, 1, NULL, results, &error);
    const bitocr_line *line = bitocr_results_line(results, 0); /* NULL where something failed */
    if (line)
        printf("%s\t%.3f\n", line->text, line->confidence);
    else
        fprintf(stderr, "read_line: %s\n", error.message);
    bitocr_results_free(results);
    bitocr_free(model);
    free((void *)image.pixels);
    return line == NULL;
}
