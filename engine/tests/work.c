/* Reads one thing again and again, for what counts instructions (tools/ports/instructions.py):
 * work MODEL KERNEL ROUNDS for a line of 32 x 304 pixels of gray noise, which networks take as
 * 32 x 320; work MODEL KERNEL ROUNDS DETECTOR IMAGES for the first of these images as a page,
 * packed as for sums.c. Neither takes n-grams, nor reads again what it doubts. Prints the texts of
 * the last round; of a page also where its lines are, to the last bit. */
#include "bitocr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    return 1;
}

static bitocr_image noise(void) {
    enum { HEIGHT = 32, WIDTH = 304 };
    static uint8_t pixels[HEIGHT * WIDTH];
    uint32_t state = 1;
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(state >> 24);
    }
    return (bitocr_image){.size = sizeof(bitocr_image),
                          .pixels = pixels,
                          .width = WIDTH,
                          .height = HEIGHT,
                          .stride = WIDTH,
                          .channels = 1};
}

/* Its pixels are never freed. */
static bitocr_image read_image(const char *path) {
    uint32_t sizes[3] = {0};
    FILE *file = fopen(path, "rb");
    bitocr_image image = {.size = sizeof image};
    if (!file || !fread(sizes, sizeof sizes, 1, file))
        return image;
    size_t bytes = (size_t)sizes[0] * sizes[1] * sizes[2];
    uint8_t *pixels = malloc(bytes);
    if (pixels && fread(pixels, 1, bytes, file) == bytes) {
        image.pixels = pixels;
        image.width = (int)sizes[0];
        image.height = (int)sizes[1];
        image.stride = (ptrdiff_t)(sizes[0] * sizes[2]);
        image.channels = (int)sizes[2];
    }
    fclose(file);
    return image;
}

static bitocr_status read_lines(bitocr_model *model, int rounds, bitocr_error *error) {
    bitocr_results *results = bitocr_results_create();
    bitocr_decoding decoding = {.size = sizeof decoding};
    bitocr_image image = noise();
    bitocr_status status = BITOCR_OK;
    for (int i = 0; i < rounds && status == BITOCR_OK; i++)
        status = bitocr_recognize(model, &image, 1, &decoding, results, error);
    if (status == BITOCR_OK && rounds)
        printf("%s\n", bitocr_results_line(results, 0)->text);
    bitocr_results_free(results);
    return status;
}

static void print_page(const bitocr_page *page) {
    const bitocr_page_line *line;
    for (int i = 0; (line = bitocr_page_get(page, i)); i++) {
        printf("%s", line->text);
        for (int corner = 0; corner < 4; corner++)
            printf(" %a %a", (double)line->quad.corners[corner].x,
                   (double)line->quad.corners[corner].y);
        printf("\n");
    }
}

static bitocr_status read_pages(bitocr_model *model, const bitocr_options *options, int rounds,
                                char **paths, bitocr_error *error) {
    bitocr_page *page = bitocr_page_create();
    bitocr_detector *detector = NULL;
    bitocr_decoding decoding = {.size = sizeof decoding};
    bitocr_image image = read_image(paths[1]);
    bitocr_status status = bitocr_detector_load(paths[0], options, &detector, error);
    for (int i = 0; i < rounds && status == BITOCR_OK; i++)
        status = bitocr_read_page(detector, model, &image, NULL, &decoding, page, error);
    if (status == BITOCR_OK)
        print_page(page);
    bitocr_detector_free(detector);
    bitocr_page_free(page);
    return status;
}

int main(int argc, char **argv) {
    bitocr_error error = {sizeof error, ""};
    bitocr_model *model = NULL;
    if (argc != 4 && argc != 6)
        return fail("usage: work MODEL KERNEL ROUNDS [DETECTOR IMAGES]");
    bitocr_options options = {.size = sizeof options,
                              .kernel = argv[2],
                              .threads = 1,
                              .reread = BITOCR_NEVER,
                              .language_model = "none"};
    int rounds = atoi(argv[3]);
    bitocr_status status = bitocr_load(argv[1], &options, &model, &error);
    if (status == BITOCR_OK && argc == 4)
        status = read_lines(model, rounds, &error);
    else if (status == BITOCR_OK)
        status = read_pages(model, &options, rounds, argv + 4, &error);
    bitocr_free(model);
    return status == BITOCR_OK ? 0 : fail(error.message);
}
