/* The public functions that create and free detectors, and the pool of memory that their threads
 * share. */
#include "api/detector.h"

#include <stdlib.h>

#include "api/find.h"
#include "base/bytes.h"
#include "base/error.h"

enum { KEPT = 16 << 20 }; /* memory for a look of up to so many pixels is kept for the next image */

static const bitocr_options DEFAULTS = {.size = sizeof DEFAULTS};

/* Frees what the looks needed, but not their result. */
static void free_looks(finder *f) {
    bitocr_workspace_free(&f->space);
    bitocr_boxes_free(&f->boxes);
    buffer *all[] = {&f->resizing, &f->resized, &f->input, &f->values, &f->maps};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bitocr_buffer_free(all[i]);
}

static void finder_free(finder *f) {
    free_looks(f);
    buffer *all[] = {&f->merged, &f->found, &f->ranks};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bitocr_buffer_free(all[i]);
    for (int i = 0; i < MOST_LOOKS; i++)
        bitocr_buffer_free(&f->seen[i].boxes);
    free(f);
}

void bitocr_finder_trim(finder *f) {
    if (f->input.bytes > KEPT)
        free_looks(f);
}

finder *bitocr_finder_take(bitocr_detector *detector) {
    mutex_lock(&detector->lock);
    finder *f = detector->idle;
    if (f)
        detector->idle = f->behind;
    mutex_unlock(&detector->lock);
    return f ? f : calloc(1, sizeof *f);
}

void bitocr_finder_return(bitocr_detector *detector, finder *f) {
    mutex_lock(&detector->lock);
    f->behind = detector->idle;
    detector->idle = f;
    mutex_unlock(&detector->lock);
}

static bitocr_status start(bitocr_detector *detector, const bitocr_model_file *file,
                           const bitocr_options *options, bitocr_error *error) {
    bitocr_status status =
        bitocr_check_size("bitocr_options", options->size, sizeof *options, error);
    if (status != BITOCR_OK)
        return status;
    int threads = options->threads ? options->threads : 1;
    if (threads < 1)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "%d threads are too few", threads);
    const kernel_table *kernel = bitocr_find_kernel(options->kernel, error);
    if (!kernel)
        return BITOCR_ERROR_USAGE;
    status = bitocr_network_create(file, kernel, &detector->net, error);
    if (status != BITOCR_OK)
        return status;
    const network_info *info = bitocr_network_describe(detector->net);
    if (info->output != NETWORK_MAP || info->channels != PAGE_MAPS)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "a network of the arch %s finds no text",
                           info->arch);
    detector->threads = bitocr_pool_create(threads);
    return detector->threads ? BITOCR_OK : bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

/* Creates a detector from an opened file, which it does not need afterwards. */
static bitocr_status create(bitocr_model_file *file, const bitocr_options *options,
                            bitocr_detector **out, bitocr_error *error) {
    bitocr_detector *detector = calloc(1, sizeof *detector);
    bitocr_status status = BITOCR_ERROR_MEMORY;
    if (detector) {
        mutex_init(&detector->lock);
        status = start(detector, file, options ? options : &DEFAULTS, error);
    } else {
        bitocr_fail(error, status, "out of memory");
    }
    bitocr_model_close(file);
    if (status == BITOCR_OK)
        *out = detector;
    else
        bitocr_detector_free(detector);
    return status;
}

bitocr_status bitocr_detector_load(const char *path, const bitocr_options *options,
                                   bitocr_detector **out, bitocr_error *error) {
    bitocr_model_file *file;
    bitocr_error reason = {sizeof reason, ""};
    *out = NULL;
    bitocr_status status = bitocr_model_open(path, &file, error);
    if (status != BITOCR_OK)
        return status;
    status = create(file, options, out, &reason);
    if (status == BITOCR_ERROR_MODEL)
        return bitocr_bytes_fail(error, status, path, &reason);
    return status == BITOCR_OK ? status : bitocr_fail(error, status, "%s", reason.message);
}

bitocr_status bitocr_detector_open(const char *name, const bitocr_options *options,
                                   bitocr_detector **out, bitocr_error *error) {
    char path[FIND_ROOM];
    *out = NULL;
    options = options ? options : &DEFAULTS;
    bitocr_status status =
        bitocr_check_size("bitocr_options", options->size, sizeof *options, error);
    if (status == BITOCR_OK)
        status = bitocr_find_file(name, ".bit", options->models, path, sizeof path, error);
    return status == BITOCR_OK ? bitocr_detector_load(path, options, out, error) : status;
}

bitocr_status bitocr_detector_load_memory(const void *data, size_t bytes,
                                          const bitocr_options *options, bitocr_detector **out,
                                          bitocr_error *error) {
    bitocr_model_file *file;
    *out = NULL;
    bitocr_status status = bitocr_model_open_memory(data, bytes, &file, error);
    return status == BITOCR_OK ? create(file, options, out, error) : status;
}

void bitocr_detector_free(bitocr_detector *detector) {
    if (!detector)
        return;
    bitocr_pool_free(detector->threads);
    while (detector->idle) {
        finder *f = detector->idle;
        detector->idle = f->behind;
        finder_free(f);
    }
    bitocr_network_free(detector->net);
    mutex_destroy(&detector->lock);
    free(detector);
}
