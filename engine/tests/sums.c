/* What a model makes of images: sums IMAGES MODEL NGRAM WORDS [KERNEL], where WORDS may be "".
 * Prints one SHA-256 each of the prepared inputs, the features, the log-probabilities and the
 * texts, which are equal on every platform. IMAGES holds for each image its width, height and
 * channels, as u32, and its pixels (tools/ports/readings.py). All files are read here, as for a
 * build without files. */
#include "base/error.h"
#include "bitocr.h"
#include "kernels/dispatch.h"
#include "net/network.h"
#include "sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *data;
    size_t count;
} content;

typedef struct {
    content images, model, ngram, words;
    const char *kernel;
    sha256 input, features, logprobs, texts;
    int is_later; /* a text after the first */
} task;

static int fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    return 0;
}

static int read_file(const char *path, content *out) {
    FILE *file = fopen(path, "rb");
    size_t room = 1 << 16;
    out->count = 0;
    out->data = malloc(room);
    while (file && out->data) {
        size_t got = fread(out->data + out->count, 1, room - out->count, file);
        out->count += got;
        if (!got)
            break;
        if (out->count == room) {
            char *larger = realloc(out->data, room *= 2);
            if (!larger)
                free(out->data);
            out->data = larger;
        }
    }
    if (file)
        fclose(file);
    return out->count && out->data ? 1 : fail(path, "cannot be read");
}

/* The image at *at, which moves on; 0 at the end. */
static int next_image(const content *images, size_t *at, bitocr_image *image) {
    uint32_t sizes[3];
    if (*at + sizeof sizes > images->count)
        return 0;
    memcpy(sizes, images->data + *at, sizeof sizes);
    ptrdiff_t stride = (ptrdiff_t)sizes[0] * (ptrdiff_t)sizes[2];
    *at += sizeof sizes;
    *image = (bitocr_image){.size = sizeof *image,
                            .pixels = (const uint8_t *)images->data + *at,
                            .width = (int)sizes[0],
                            .height = (int)sizes[1],
                            .stride = stride,
                            .channels = (int)sizes[2]};
    *at += (size_t)stride * sizes[1];
    return *at <= images->count;
}

/* Runs the network by itself, for the features. */
static bitocr_status run_network(task *t, const network *net, workspace *space, const int8_t *input,
                                 int width, bitocr_error *error) {
    size_t steps = (size_t)bitocr_network_steps(net, width);
    size_t features = steps * (size_t)bitocr_network_describe(net)->features * sizeof(float);
    size_t logprobs = steps * (size_t)bitocr_network_classes(net) * sizeof(float);
    float *out = malloc(features + logprobs), *after = out + features / sizeof *out;
    bitocr_status status = BITOCR_ERROR_MEMORY;
    const network_pass pass = {
        .image = {input, BITOCR_HEIGHT, width}, .space = space, .out = after, .features = out};
    if (out)
        status = bitocr_network_run(net, &pass, error);
    if (status == BITOCR_OK) {
        sha256_add(&t->features, out, features);
        sha256_add(&t->logprobs, after, logprobs);
    }
    free(out);
    return status;
}

static bitocr_status add_network(task *t, const bitocr_image *image, const network *net,
                                 workspace *space, int unit, bitocr_error *error) {
    int width = bitocr_natural_width(image->width, image->height);
    width = (width + unit - 1) / unit * unit;
    size_t pixels = BITOCR_HEIGHT * (size_t)width;
    int8_t *input = malloc(pixels);
    bitocr_status status = BITOCR_ERROR_MEMORY;
    if (input)
        status = bitocr_prepare(image, width, input, error);
    if (status == BITOCR_OK) {
        sha256_add(&t->input, input, pixels);
        status = run_network(t, net, space, input, width, error);
    }
    free(input);
    return status;
}

/* All images through the network alone. */
static bitocr_status add_networks(task *t, int unit, bitocr_error *error) {
    bitocr_model_file *file;
    network *net = NULL;
    workspace space = {0};
    bitocr_image image;
    const kernel_table *kernel = bitocr_find_kernel(t->kernel, error);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    bitocr_status status = bitocr_model_open_memory(t->model.data, t->model.count, &file, error);
    if (status == BITOCR_OK)
        status = bitocr_network_create(file, kernel, &net, error);
    for (size_t at = 0; status == BITOCR_OK && next_image(&t->images, &at, &image);)
        status = add_network(t, &image, net, &space, unit, error);
    bitocr_workspace_free(&space);
    bitocr_network_free(net);
    bitocr_model_close(file);
    return status;
}

/* All images from pixels to text, as `bitocr read` does with these n-grams and words. */
static bitocr_status add_texts(task *t, bitocr_model *model, bitocr_error *error) {
    bitocr_decoding decoding = {.size = sizeof decoding, .word_bonus = BITOCR_WORD_BONUS};
    bitocr_results *results = bitocr_results_create();
    bitocr_ngram *ngram = NULL;
    bitocr_lexicon *lexicon = NULL;
    bitocr_image image;
    bitocr_status status =
        bitocr_ngram_load_memory(model, t->ngram.data, t->ngram.count, &ngram, error);
    if (status == BITOCR_OK && t->words.count)
        status = bitocr_lexicon_create(model, t->words.data, t->words.count, &lexicon, error);
    decoding.ngram = ngram;
    decoding.lexicon = lexicon;
    for (size_t at = 0; status == BITOCR_OK && next_image(&t->images, &at, &image);) {
        status = bitocr_recognize(model, &image, 1, &decoding, results, error);
        if (status == BITOCR_OK) {
            const bitocr_line *line = bitocr_results_line(results, 0);
            sha256_add(&t->texts, "\n", (size_t)t->is_later);
            sha256_add(&t->texts, line->text, line->text_bytes);
            t->is_later = 1;
        }
    }
    bitocr_lexicon_free(lexicon);
    bitocr_ngram_free(ngram);
    bitocr_results_free(results);
    return status;
}

static bitocr_status add_all(task *t, bitocr_error *error) {
    bitocr_options options = {.size = sizeof options, .kernel = t->kernel};
    bitocr_info info = {.size = sizeof info};
    bitocr_model *model = NULL;
    bitocr_status status =
        bitocr_load_memory(t->model.data, t->model.count, &options, &model, error);
    if (status == BITOCR_OK)
        status = bitocr_describe(model, &info, error);
    if (status == BITOCR_OK)
        status = add_networks(t, info.width_unit, error);
    if (status == BITOCR_OK)
        status = add_texts(t, model, error);
    bitocr_free(model);
    return status;
}

static void print(const char *name, sha256 *sum) {
    char hex[65];
    sha256_finish(sum, hex);
    printf("%s %s\n", name, hex);
}

int main(int argc, char **argv) {
    static task t;
    bitocr_error error = {sizeof error, ""};
    if (argc < 5)
        return !fail("usage", "sums IMAGES MODEL NGRAM WORDS [KERNEL]");
    if (!read_file(argv[1], &t.images) || !read_file(argv[2], &t.model) ||
        !read_file(argv[3], &t.ngram) || (*argv[4] && !read_file(argv[4], &t.words)))
        return 1;
    t.kernel = argc > 5 ? argv[5] : NULL;
    sha256 *sums[] = {&t.input, &t.features, &t.logprobs, &t.texts};
    static const char *const names[] = {"input", "features", "logprobs", "texts"};
    for (int i = 0; i < 4; i++)
        sha256_start(sums[i]);
    bitocr_status status = add_all(&t, &error);
    for (int i = 0; i < 4 && status == BITOCR_OK; i++)
        print(names[i], sums[i]);
    free(t.images.data);
    free(t.model.data);
    free(t.ngram.data);
    free(t.words.data);
    return status != BITOCR_OK && !fail(argv[2], error.message);
}
