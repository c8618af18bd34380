/* The public API as a C program uses it: loads the model argv[1] and the n-grams argv[2], reads
 * images with threads and with a beam, and checks that nothing is allocated once all has been seen
 * once. Prints what failed. */
#include "bitocr.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc's allocator under our own names, so that every allocation of the library is counted. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);

static atomic_int allocations;

void *malloc(size_t bytes) {
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
    allocations++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes) {
    allocations++;
    return __libc_realloc(memory, bytes);
}

enum { IMAGES = 12, LARGEST = 64 * 400 * 3, ROUNDS = 20 };

static int failures;

static void check(int holds, const char *what) {
    if (!holds) {
        printf("failed: %s\n", what);
        failures++;
    }
}

static void make_images(bitocr_image images[IMAGES], uint8_t *pixels) {
    for (int i = 0; i < LARGEST; i++)
        pixels[i] = (uint8_t)(i * 2654435761u >> 13);
    for (int i = 0; i < IMAGES; i++) {
        int channels = i % 2 ? 3 : 1, width = 400 - 30 * i;
        images[i] =
            (bitocr_image){sizeof *images, pixels + i, width, 60, width * channels, channels};
    }
}

/* Reads all images `ROUNDS` times; returns the allocations of all rounds but the first few. Which
 * thread sees the largest image is chance, so that a few rounds go before. */
static int read_all(bitocr_model *model, const bitocr_image *images,
                    const bitocr_decoding *decoding, bitocr_results *results) {
    int before = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (round == ROUNDS / 2)
            before = allocations;
        bitocr_error error = {sizeof error, ""};
        bitocr_status status = bitocr_recognize(model, images, IMAGES, decoding, results, &error);
        check(status == BITOCR_OK, error.message);
        check(bitocr_results_count(results) == IMAGES, "a line for each image");
    }
    return allocations - before;
}

static void check_errors(bitocr_model *model, bitocr_image *images, bitocr_results *results) {
    bitocr_error error = {sizeof error, ""};
    images[3].channels = 2;
    bitocr_status status = bitocr_recognize(model, images, IMAGES, NULL, results, &error);
    check(status == BITOCR_ERROR_IMAGE, "two channels are refused");
    check(!strncmp(error.message, "image 4 of 12: ", 15), error.message);
    check(bitocr_results_count(results) == 0 && !bitocr_results_line(results, 0), "no results");
    check(bitocr_recognize(model, images, IMAGES, NULL, results, NULL) == BITOCR_ERROR_IMAGE,
          "errors without a buffer");
    images[3].channels = 3;
    check(bitocr_recognize(model, images, -1, NULL, results, NULL) == BITOCR_ERROR_USAGE,
          "count -1");
    check(bitocr_recognize(model, NULL, 0, NULL, results, NULL) == BITOCR_OK, "no images");
    check(bitocr_recognize(NULL, NULL, 0, NULL, NULL, NULL) == BITOCR_ERROR_USAGE, "no model");
    check(bitocr_logprobs(model, NULL, 32, NULL, NULL) == BITOCR_ERROR_USAGE, "no input");
    bitocr_ngram *ngram = NULL;
    check(bitocr_ngram_load(model, NULL, &ngram, NULL) == BITOCR_ERROR_USAGE, "no n-gram path");
    check(bitocr_ngram_load_memory(NULL, "", 0, &ngram, NULL) == BITOCR_ERROR_USAGE, "no model");
    check(bitocr_ngram_load_memory(model, "", 0, &ngram, NULL) == BITOCR_ERROR_MODEL && !ngram,
          "no n-grams");
    bitocr_ngram_free(NULL);
    check(bitocr_load(NULL, NULL, &model, NULL) == BITOCR_ERROR_USAGE, "no path");
}

/* Is it a wrong size that `status` is about? */
static void check_refused(bitocr_status status, const bitocr_error *error, const char *structure) {
    check(status == BITOCR_ERROR_USAGE && strstr(error->message, structure), error->message);
    check(strstr(error->message, "rebuild") != NULL, error->message);
}

static void check_sizes(bitocr_model *model, const char *path, bitocr_results *results) {
    bitocr_error error = {sizeof error, ""}, small = {offsetof(bitocr_error, message) + 3, ""};
    bitocr_options options = {.size = 1};
    bitocr_decoding decoding = {.size = 1};
    bitocr_image image = {.size = 1};
    bitocr_info info = {.size = 1};
    uint8_t gray;
    int8_t input;
    bitocr_model *none;
    check_refused(bitocr_load(path, &options, &none, &error), &error, "bitocr_options");
    check_refused(bitocr_describe(model, &info, &error), &error, "bitocr_info");
    check_refused(bitocr_gray(&image, &gray, &error), &error, "bitocr_image");
    check_refused(bitocr_prepare(&image, 32, &input, &error), &error, "bitocr_image");
    check_refused(bitocr_recognize(model, &image, 1, NULL, results, &error), &error,
                  "bitocr_image");
    check_refused(bitocr_recognize(model, NULL, 0, &decoding, results, &error), &error,
                  "bitocr_decoding");
    check_refused(bitocr_decode(model, &(float){0}, 1, 1, &decoding, results, &error), &error,
                  "bitocr_decoding");
    bitocr_load(NULL, NULL, &none, &small);
    check(!strcmp(small.message, "th"), "a message is cut to its room");
    small.size = 0;
    bitocr_load("", NULL, &none, &small);
    check(!strcmp(small.message, "th"), "no room, no message");
    check(!strcmp(bitocr_version(), BITOCR_VERSION), "the version");
    check(bitocr_sizeof("bitocr_image") == sizeof image && !bitocr_sizeof("bitocr_model") &&
              !bitocr_sizeof(NULL),
          "sizes of structures");
}

/* A model that is opened to be read with n-grams and words does so where a call says nothing. */
static void check_own_decoding(const char *path, const char *ngram, const bitocr_image *images,
                               bitocr_results *results) {
    bitocr_error error = {sizeof error, ""};
    bitocr_options options = {.size = sizeof options, .language_model = ngram};
    bitocr_info info = {.size = sizeof info};
    bitocr_model *model = NULL;
    options.words = "bad cab";
    options.words_bytes = 7;
    check(bitocr_open(path, &options, &model, &error) == BITOCR_OK, error.message);
    check(bitocr_describe(model, &info, &error) == BITOCR_OK, error.message);
    check(info.decoding->lexicon && info.decoding->ngram && info.decoding->beam == 16, "its own");
    check(!strcmp(info.ngram_file, ngram) && !info.words_file, "the files that it has open");
    check(!strcmp(info.languages, "") && !info.language_model, "no languages");
    check(read_all(model, images, NULL, results) == 0, "its own decoding allocates nothing");
    bitocr_free(model);
    options.beam = 1;
    check(bitocr_open(path, &options, &model, &error) == BITOCR_ERROR_USAGE && !model, "greedy");
    check(bitocr_open(NULL, NULL, &model, NULL) == BITOCR_ERROR_USAGE && !model, "no name");
}

int main(int argc, char **argv) {
    static uint8_t pixels[LARGEST + IMAGES];
    bitocr_image images[IMAGES];
    bitocr_error error = {sizeof error, ""};
    bitocr_model *model = NULL;
    bitocr_options options = {.size = sizeof options};
    bitocr_decoding beam = {.size = sizeof beam, .beam = 8};
    bitocr_results *results = bitocr_results_create();
    make_images(images, pixels);
    check(argc == 3 && bitocr_load(argv[1], &options, &model, &error) == BITOCR_OK, error.message);
    if (!model)
        return 1;
    check(read_all(model, images, NULL, results) == 0, "greedy reading allocates nothing");
    check(read_all(model, images, &beam, results) == 0, "beam search allocates nothing");
    bitocr_ngram *ngram = NULL;
    check(bitocr_ngram_load(model, argv[2], &ngram, &error) == BITOCR_OK, error.message);
    bitocr_decoding guided = {.size = sizeof guided, .beam = 8, .ngram = ngram};
    check(read_all(model, images, &guided, results) == 0, "n-grams allocate nothing");
    bitocr_ngram_free(ngram);
    check_own_decoding(argv[1], argv[2], images, results);
    check_errors(model, images, results);
    check_sizes(model, argv[1], results);
    bitocr_free(model);
    options.threads = 3;
    check(bitocr_load(argv[1], &options, &model, &error) == BITOCR_OK, error.message);
    read_all(model, images, &beam, results);
    bitocr_free(model);
    bitocr_results_free(results);
    return failures != 0;
}
