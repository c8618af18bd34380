/* The public functions that find and read the text of whole pages. */
#include <math.h>

#include "api/detector.h"
#include "api/page_lines.h"
#include "api/reading.h"
#include "base/error.h"
#include "image/gray.h"

static const float MIN_SCORE = 0.6F; /* mean score: text with less is invented */

static const bitocr_page_options DEFAULTS = {.size = sizeof DEFAULTS};

static bitocr_status out_of_memory(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

/* Puts boxes without text into the page. */
static bitocr_status take_boxes(bitocr_page *page, const finder *f, bitocr_error *error) {
    page_reading *readings = bitocr_page_begin(page, f->count);
    if (!readings)
        return out_of_memory(error);
    for (int i = 0; i < f->count; i++) {
        readings[i].box = f->lines[i];
        readings[i].confidence = (float)f->lines[i].score;
        readings[i].count = 0;
    }
    return bitocr_page_build(page, f->count, f->ux, f->uy) ? BITOCR_OK : out_of_memory(error);
}

static bitocr_status check(const bitocr_page_options *options, const bitocr_image *image,
                           bitocr_error *error) {
    bitocr_status status =
        bitocr_check_size("bitocr_page_options", options->size, sizeof *options, error);
    if (status != BITOCR_OK)
        return status;
    if (options->scale != 0 && !(options->scale >= 0.05F && options->scale <= 4))
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the scale must be from 0.05 to 4");
    if (options->min_score != BITOCR_NEVER && !(options->min_score >= 0 && options->min_score <= 1))
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the least score must be from 0 to 1");
    return bitocr_image_check_pixels(image, error);
}

/* Reads the page if the request has a model. Otherwise only finds lines. */
static bitocr_status run_page(bitocr_detector *detector, page_request *r,
                              const bitocr_page_options *options, bitocr_error *error) {
    finder *f = bitocr_finder_take(detector);
    if (!f)
        return out_of_memory(error);
    bitocr_status status = bitocr_finder_run(detector, f, r->image, options->scale, error);
    r->threads = detector->threads;
    r->may_be_blank = true;
    r->is_photo = options->scale <= 0 && f->count <= PHOTO_LINES;
    r->detector = detector;
    r->finder = f;
    r->ux = f->ux;
    r->uy = f->uy;
    bitocr_finder_trim(f);
    if (status == BITOCR_OK)
        status = r->model ? bitocr_page_read_lines(r, f->lines, f->count + f->others, error)
                          : take_boxes(r->page, f, error);
    r->page->info.scale = (float)f->scale;
    bitocr_finder_return(detector, f);
    return status;
}

/* Copies the caller's boxes. The text's direction is the mean of theirs. False: out of memory. */
static bool take_quads(page_request *r, const bitocr_quad *quads, int count) {
    double x = 0, y = 0;
    if (!bitocr_buffer_reserve(&r->page->boxes, (size_t)count, sizeof(page_box)))
        return false;
    page_box *boxes = r->page->boxes.memory;
    for (int i = 0; i < count; i++) {
        boxes[i] = bitocr_boxes_of(&quads[i]);
        x += boxes[i].ux * boxes[i].length;
        y += boxes[i].uy * boxes[i].length;
    }
    double length = sqrt(x * x + y * y);
    r->ux = length > 0 ? x / length : 1;
    r->uy = length > 0 ? y / length : 0;
    return true;
}

/* Every call begins with this. */
static bitocr_status start(page_request *r, const bitocr_page_options *options,
                           bitocr_error *error) {
    if (!r->page)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    bitocr_page_begin(r->page, 0);
    bitocr_status status = check(options, r->image, error);
    r->is_upright = options->is_upright;
    r->min_score = options->min_score == BITOCR_NEVER ? 0
                   : options->min_score == 0          ? MIN_SCORE
                                                      : options->min_score;
    return status;
}

/* Every call ends with this. */
static bitocr_status end(page_request *r, bitocr_status status) {
    if (status != BITOCR_OK && r->page)
        bitocr_page_begin(r->page, 0);
    if (status != BITOCR_OK)
        return status;
    r->page->info.width = r->image->width;
    r->page->info.height = r->image->height;
    return status;
}

bitocr_status bitocr_find(bitocr_detector *detector, const bitocr_image *image,
                          const bitocr_page_options *options, bitocr_page *page,
                          bitocr_error *error) {
    page_request r = {.image = image, .page = page};
    options = options ? options : &DEFAULTS;
    bitocr_status status = start(&r, options, error);
    if (status == BITOCR_OK && !detector)
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    return end(&r, status == BITOCR_OK ? run_page(detector, &r, options, error) : status);
}

bitocr_status bitocr_read_page(bitocr_detector *detector, bitocr_model *model,
                               const bitocr_image *image, const bitocr_page_options *options,
                               const bitocr_decoding *decoding, bitocr_page *page,
                               bitocr_error *error) {
    page_request r = {.model = model, .image = image, .page = page};
    options = options ? options : &DEFAULTS;
    bitocr_status status = start(&r, options, error);
    if (status == BITOCR_OK && (!detector || !model))
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    if (status == BITOCR_OK)
        status = bitocr_reading_choose(model, decoding, &r.decoding, error);
    return end(&r, status == BITOCR_OK ? run_page(detector, &r, options, error) : status);
}

bitocr_status bitocr_read_boxes(bitocr_model *model, const bitocr_image *image,
                                const bitocr_quad *boxes, int count,
                                const bitocr_page_options *options, const bitocr_decoding *decoding,
                                bitocr_page *page, bitocr_error *error) {
    page_request r = {.model = model, .image = image, .page = page};
    options = options ? options : &DEFAULTS;
    bitocr_status status = start(&r, options, error);
    if (status == BITOCR_OK && (!model || count < 0 || (count && !boxes)))
        status = bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    if (status == BITOCR_OK)
        status = bitocr_reading_choose(model, decoding, &r.decoding, error);
    if (status == BITOCR_OK && !take_quads(&r, boxes, count))
        status = out_of_memory(error);
    if (status == BITOCR_OK) {
        r.threads = model->threads;
        status = bitocr_page_read_lines(&r, page->boxes.memory, count, error);
    }
    return end(&r, status);
}
