/* Where memory ends and where sizes overflow: limits MODEL NGRAM. It refuses each allocation in
 * turn and counts what is not freed. Linked with --wrap for the functions that allocate. Prints
 * what failed. */
#include "api/results.h"
#include "base/error.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__real_malloc(size_t bytes);
extern void *__real_calloc(size_t count, size_t bytes);
extern void *__real_realloc(void *memory, size_t bytes);
extern void __real_free(void *memory);

static int failures;
static int until_refused = INT_MAX; /* allocations that are granted before one is not */
static int is_counting, allocated;  /* that are not freed */
static size_t largest;              /* bytes that were asked for at once */

static int is_granted(size_t bytes) {
    largest = bytes > largest ? bytes : largest;
    return until_refused-- != 0;
}

static void *counted(void *memory) {
    allocated += is_counting && memory;
    return memory;
}

void *__wrap_malloc(size_t bytes) {
    return is_granted(bytes) ? counted(__real_malloc(bytes)) : NULL;
}

void *__wrap_calloc(size_t count, size_t bytes) {
    return is_granted(count * bytes) ? counted(__real_calloc(count, bytes)) : NULL;
}

void *__wrap_realloc(void *memory, size_t bytes) {
    if (!is_granted(bytes))
        return NULL;
    void *moved = __real_realloc(memory, bytes);
    return memory ? moved : counted(moved);
}

void __wrap_free(void *memory) {
    allocated -= is_counting && memory;
    __real_free(memory);
}

static void check(int holds, const char *what) {
    if (!holds) {
        printf("failed: %s\n", what);
        failures++;
    }
}

/* The bytes of a file. */
typedef struct {
    char *data;
    size_t count;
} content;

static content read_file(const char *path) {
    enum { MOST = 1 << 22 };
    content c = {malloc(MOST), 0};
    FILE *file = fopen(path, "rb");
    if (c.data && file)
        c.count = fread(c.data, 1, MOST, file);
    check(c.count > 0, path);
    if (file)
        fclose(file);
    return c;
}

/* Everything that allocates, once. */
static bitocr_status read_line(const content *file, const content *grams, bitocr_error *error) {
    static const uint8_t pixels[20 * 60 * 3];
    bitocr_image image = {sizeof image, pixels, 60, 20, 180, 3};
    bitocr_options options = {.size = sizeof options};
    bitocr_decoding decoding = {.size = sizeof decoding, .word_bonus = 1};
    bitocr_model *model = NULL;
    bitocr_lexicon *lexicon = NULL;
    bitocr_ngram *ngram = NULL;
    bitocr_constraint *constraint = NULL;
    bitocr_results *results = NULL;
    bitocr_status status = bitocr_load_memory(file->data, file->count, &options, &model, error);
    if (status == BITOCR_OK)
        status = bitocr_ngram_load_memory(model, grams->data, grams->count, &ngram, error);
    if (status == BITOCR_OK)
        status = bitocr_lexicon_create(model, "some words", 10, &lexicon, error);
    if (status == BITOCR_OK)
        status = bitocr_constraint_create(model, "0-9a-z", "(D|L)*", "luhn", &constraint, error);
    if (status == BITOCR_OK && !(results = bitocr_results_create()))
        status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    decoding.lexicon = lexicon;
    decoding.ngram = ngram;
    decoding.constraint = constraint;
    if (status == BITOCR_OK)
        status = bitocr_recognize(model, &image, 1, &decoding, results, error);
    bitocr_results_free(results);
    bitocr_lexicon_free(lexicon);
    bitocr_ngram_free(ngram);
    bitocr_constraint_free(constraint);
    bitocr_free(model);
    return status;
}

/* Whichever allocation is refused, the status says so and nothing is left. */
static void check_refusals(const content *file, const content *grams) {
    bitocr_status status = BITOCR_ERROR_MEMORY;
    for (int granted = 0; status == BITOCR_ERROR_MEMORY && granted < 10000; granted++) {
        bitocr_error error = {sizeof error, ""};
        until_refused = granted;
        is_counting = 1;
        status = read_line(file, grams, &error);
        is_counting = 0;
        until_refused = INT_MAX;
        check(allocated == 0, "everything is freed");
        check(!error.message[0] == (status == BITOCR_OK), "a message");
        if (status != BITOCR_OK && status != BITOCR_ERROR_MEMORY)
            check(0, error.message);
        allocated = 0;
    }
    check(status == BITOCR_OK, "all is granted in the end");
}

/* No pixel is touched where the memory for them is refused. */
static bitocr_status prepare(int width, int height, ptrdiff_t stride) {
    static const uint8_t pixel;
    static int8_t out[32 * 64];
    bitocr_image image = {sizeof image, &pixel, width, height, stride, 3};
    until_refused = 0;
    bitocr_status status = bitocr_prepare(&image, 64, out, NULL);
    until_refused = INT_MAX;
    return status;
}

static void check_sizes(void) {
    enum { SIDE = BITOCR_MAX_SIDE };
    const ptrdiff_t row = 3 * (ptrdiff_t)SIDE;
    const uint8_t pixel = 0;
    uint8_t gray;
    bitocr_image image = {sizeof image, &pixel, 1, 3, PTRDIFF_MAX / 2 + 1, 1};
    check(bitocr_gray(&image, &gray, NULL) == BITOCR_ERROR_IMAGE, "gray of the last row");
    check(prepare(1, 3, PTRDIFF_MAX / 2) == BITOCR_ERROR_IMAGE, "the last row is out of reach");
    check(prepare(1, 2, PTRDIFF_MAX - 2) == BITOCR_ERROR_IMAGE, "the last pixel is out of reach");
    check(prepare(1, 2, PTRDIFF_MAX - 3) == BITOCR_ERROR_MEMORY, "the last byte is within reach");
    check(prepare(1, 1, PTRDIFF_MAX) == BITOCR_ERROR_MEMORY, "one row has no stride");
    largest = 0;
    check(prepare(SIDE, 4000, row) == BITOCR_ERROR_MEMORY, "a wide image");
    if (SIZE_MAX > UINT32_MAX)
        check(prepare(SIDE, SIDE, row) == BITOCR_ERROR_MEMORY, "the largest image");
    check(largest < 12 << 20, "an image takes less than 12 MB");
    bitocr_results *results = bitocr_results_create();
    if (SIZE_MAX == UINT32_MAX) /* elsewhere so many lines may fit into memory */
        check(bitocr_results_begin(results, INT_MAX, NULL) == BITOCR_ERROR_MEMORY, "many lines");
    bitocr_results_free(results);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: limits MODEL NGRAM\n");
        return 2;
    }
    content file = read_file(argv[1]), grams = read_file(argv[2]);
    check_refusals(&file, &grams);
    check_sizes();
    free(file.data);
    free(grams.data);
    return failures != 0;
}
