/* Reads a binary PGM or PPM with the shipped models that BITOCR_MODELS names, with threads, and
 * prints the text: read_page MODEL IMAGE. Run under Wine with the library of a wheel. */
#include "bitocr.h"
#include "pnm.h"

static bitocr_status read_page(const char *model_name, const char *path, bitocr_page *page,
                               bitocr_error *error) {
    const bitocr_options options = {.size = sizeof options, .threads = 3};
    bitocr_image image = {.size = sizeof image};
    bitocr_model *model = NULL;
    bitocr_detector *detector = NULL;
    bitocr_status status = bitocr_open(model_name, &options, &model, error);
    if (status == BITOCR_OK)
        status = bitocr_detector_open("page", &options, &detector, error);
    if (status == BITOCR_OK && read_pnm(path, &image, error))
        status = BITOCR_ERROR_IMAGE;
    if (status == BITOCR_OK)
        status = bitocr_read_page(detector, model, &image, NULL, NULL, page, error);
    free((void *)image.pixels);
    bitocr_detector_free(detector);
    bitocr_free(model);
    return status;
}

int main(int argc, char **argv) {
    bitocr_error error = {sizeof error, "give a model and an image"};
    bitocr_page_info info = {.size = sizeof info};
    bitocr_page *page = bitocr_page_create();
    int is_read = argc == 3 && read_page(argv[1], argv[2], page, &error) == BITOCR_OK &&
                  bitocr_page_describe(page, &info, &error) == BITOCR_OK;
    printf("%s\n", is_read ? info.text : error.message);
    bitocr_page_free(page);
    return !is_read;
}
