/* The hooks of testing.h that run and time whole networks. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/platform.h"
#include "kernels/dispatch.h"
#include "net/crnn.h"
#include "net/detector.h"
#include "testing.h"
#include "toy.h"

typedef struct {
    bitocr_model_file *file;
    network *net;
    workspace space;
    pool *threads; /* NULL: one thread */
} loaded;

static int load(loaded *l, const char *kernel, const void *model, size_t bytes, int threads,
                bitocr_error *error) {
    static const architecture *const known[] = {&bitocr_crnn, &bitocr_detector_network,
                                                &bitocr_toy};
    *l = (loaded){0};
    const kernel_table *table = bitocr_find_kernel(kernel, error);
    if (!table)
        return BITOCR_ERROR_USAGE;
    if (threads > 1 && !(l->threads = bitocr_pool_create(threads)))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    bitocr_status status = bitocr_model_open_memory(model, bytes, &l->file, error);
    if (status != BITOCR_OK)
        return status;
    return bitocr_network_create_among(known, 3, l->file, table, &l->net, error);
}

static void unload(loaded *l) {
    bitocr_network_free(l->net);
    bitocr_model_close(l->file);
    bitocr_workspace_free(&l->space);
    bitocr_pool_free(l->threads);
}

int bitocr_test_network(const char *kernel, const void *model, size_t bytes, int threads,
                        const int8_t *q, int height, int width, float *features, float *out,
                        bitocr_error *error) {
    loaded l;
    int status = load(&l, kernel, model, bytes, threads, error);
    network_pass pass = {.image = {q, height, width},
                         .space = &l.space,
                         .threads = l.threads,
                         .out = out,
                         .features = features};
    if (status == BITOCR_OK)
        status = bitocr_network_run(l.net, &pass, error);
    unload(&l);
    return status;
}

int bitocr_test_network_size(const void *model, size_t bytes, int height, int width, int size[3],
                             bitocr_error *error) {
    loaded l;
    int status = load(&l, NULL, model, bytes, 1, error);
    if (status == BITOCR_OK) {
        map_size out = bitocr_network_size(l.net, height, width);
        memcpy(size, (int[]){out.height, out.width, out.channels}, 3 * sizeof *size);
    }
    unload(&l);
    return status;
}

/* An image of noise, the same in every run; NULL: out of memory. */
static int8_t *make_noise(int height, int width) {
    size_t pixels = (size_t)height * (size_t)width;
    int8_t *q = malloc(pixels);
    uint32_t state = 1;
    for (size_t i = 0; q && i < pixels; i++) {
        state = state * 1664525u + 1013904223u;
        q[i] = (int8_t)((int)(state >> 24) - 128);
    }
    return q;
}

/* Keeps the stages of the run with the least total time. */
static int time_stages(const loaded *l, const network_pass *pass, int repeats, double *seconds,
                       bitocr_error *error) {
    int stages = bitocr_network_describe(l->net)->stages, status = BITOCR_OK;
    double best = 0;
    for (int i = 0; i < repeats && status == BITOCR_OK; i++) {
        status = bitocr_network_run(l->net, pass, error);
        double total = 0;
        for (int stage = 0; stage < stages; stage++)
            total += pass->seconds[stage];
        if (i == 0 || total < best) {
            best = total;
            memcpy(seconds, pass->seconds, (size_t)stages * sizeof *seconds);
        }
    }
    return status;
}

static int time_network(loaded *l, int width, int repeats, double *seconds, bitocr_error *error) {
    const network_info *info = bitocr_network_describe(l->net);
    map_size size = bitocr_network_size(l->net, info->height, width);
    size_t values = (size_t)size.width * (size_t)size.channels;
    int8_t *q = make_noise(info->height, width);
    float *logprobs = malloc(values * sizeof *logprobs);
    double *laps = malloc((size_t)info->stages * sizeof *laps);
    int status = BITOCR_ERROR_MEMORY;
    network_pass pass = {
        .image = {q, info->height, width}, .space = &l->space, .out = logprobs, .seconds = laps};
    if (q && logprobs && laps)
        status = time_stages(l, &pass, repeats, seconds, error);
    free(q);
    free(logprobs);
    free(laps);
    return status;
}

int bitocr_bench_network(const char *kernel, const void *model, size_t bytes, int width,
                         int repeats, double *seconds, int stages, bitocr_error *error) {
    loaded l;
    int status = load(&l, kernel, model, bytes, 1, error);
    int needed = status == BITOCR_OK ? bitocr_network_describe(l.net)->stages : 0;
    if (needed > stages)
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "the network has %d stages, not %d", needed,
                             stages);
    if (status == BITOCR_OK)
        status = time_network(&l, width, repeats, seconds, error);
    unload(&l);
    return status;
}

static int time_backbone(loaded *l, const gray_map *image, int repeats, double *seconds) {
    const backbone *net = &((const crnn *)l->net)->backbone;
    int workers = bitocr_pool_threads(l->threads);
    arena a = {0};
    bitocr_backbone_take(&a, net, image->height, image->width, workers);
    if (!bitocr_workspace_reserve(&l->space, a.bytes, &a))
        return BITOCR_ERROR_MEMORY;
    backbone_space space = bitocr_backbone_take(&a, net, image->height, image->width, workers);
    for (int i = 0; i < repeats; i++) {
        double start = bitocr_platform_seconds();
        bitocr_backbone_run(net, image, &space, l->threads, NULL);
        double time = bitocr_platform_seconds() - start;
        if (i == 0 || time < *seconds)
            *seconds = time;
    }
    return BITOCR_OK;
}

int bitocr_bench_backbone(const char *kernel, const void *model, size_t bytes, int height,
                          int width, int threads, int repeats, double *seconds,
                          bitocr_error *error) {
    loaded l;
    int status = load(&l, kernel, model, bytes, threads, error);
    if (status == BITOCR_OK && bitocr_network_describe(l.net)->output != NETWORK_LOGPROBS)
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "only a bit_crnn's backbone is timed");
    int8_t *q = status == BITOCR_OK ? make_noise(height, width) : NULL;
    if (q)
        status = time_backbone(&l, &(gray_map){q, height, width}, repeats, seconds);
    else if (status == BITOCR_OK)
        status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    free(q);
    unload(&l);
    return status;
}
