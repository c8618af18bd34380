/* One look of the detector at an image: resize, turn, run it strip by strip, find the boxes. */
#include "api/detector.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "net/detector.h"

enum {
    STRIP_PIXELS = 1 << 21, /* about so many pixels go through the network at once */
    LEAST_ROWS = 256,       /* of a strip, without its margins */
    MOST_ROWS = 1 << 14,
    MARGIN = 96 /* rows above and below a strip that the network sees too */
};

/* The detector's input, and where its pixels come from: the middle of pixel (x, y) lies in the
 * image at origin + x * right + y * down. */
typedef struct {
    gray_image input;  /* with sides that are multiples of DETECTOR_UNIT */
    int width, height; /* of the picture in it */
    double scale_x, scale_y;
    plane_vector centre, turned; /* the middle of the resized picture and of the turned one */
    double ux, uy;
} look;

static int at_least_1(double size) {
    return size > 1 ? (int)floor(size + 0.5) : 1;
}

static int rounded_up(int size) {
    return (size + DETECTOR_UNIT - 1) / DETECTOR_UNIT * DETECTOR_UNIT;
}

/* Repeats the picture's last column and row up to the edges of the input. */
static void pad(const look *l) {
    const gray_image *in = &l->input;
    for (int y = 0; y < l->height; y++) {
        uint8_t *row = in->pixels + (size_t)y * in->stride;
        memset(row + l->width, row[l->width - 1], (size_t)(in->width - l->width));
    }
    const uint8_t *last = in->pixels + (size_t)(l->height - 1) * in->stride;
    for (int y = l->height; y < in->height; y++)
        memcpy(in->pixels + (size_t)y * in->stride, last, in->stride);
}

static bool take_input(finder *f, look *l, double width, double height) {
    l->width = at_least_1(width);
    l->height = at_least_1(height);
    gray_image *in = &l->input;
    *in = (gray_image){NULL, rounded_up(l->width), rounded_up(l->height), 0};
    in->stride = (size_t)in->width;
    if (!bitocr_buffer_reserve(&f->input, in->stride * (size_t)in->height, 1))
        return false;
    in->pixels = f->input.memory;
    return true;
}

static gray_image picture_of(const look *l) {
    return (gray_image){l->input.pixels, l->width, l->height, l->input.stride};
}

/* Resizes into the input directly, or into other memory if it must be turned. */
static bool make_input(finder *f, const bitocr_image *image, const finder_view *view, look *l) {
    double width = at_least_1(image->width * view->scale),
           height = at_least_1(image->height * view->scale);
    l->scale_x = width / image->width;
    l->scale_y = height / image->height;
    l->ux = view->ux;
    l->uy = view->uy;
    bool is_turned = view->ux != 1;
    double across = fabs(view->ux), down = fabs(view->uy);
    if (!take_input(f, l, width * across + height * down, width * down + height * across))
        return false;
    l->centre = (plane_vector){width / 2, height / 2};
    l->turned = (plane_vector){l->width / 2.0, l->height / 2.0};
    gray_image out = picture_of(l);
    if (is_turned) {
        out = (gray_image){NULL, (int)width, (int)height, (size_t)width};
        if (!bitocr_buffer_reserve(&f->resized, out.stride * (size_t)out.height, 1))
            return false;
        out.pixels = f->resized.memory;
    }
    if (!bitocr_resize(image, &out, &f->resizing))
        return false;
    if (is_turned) {
        plane_vector right = {l->ux, l->uy}, under = {-l->uy, l->ux};
        double x = 0.5 - l->turned.x, y = 0.5 - l->turned.y;
        plane_vector origin = {l->centre.x + x * right.x + y * under.x - 0.5,
                               l->centre.y + x * right.y + y * under.y - 0.5};
        gray_image picture = picture_of(l);
        bitocr_turn(&out, origin, right, under, &picture);
    }
    pad(l);
    return true;
}

static int16_t fixed(float value) {
    float scaled = value * PAGE_ONE;
    return scaled > -32767.0F ? (int16_t)(scaled < 32767.0F ? floorf(scaled + 0.5F) : 32767)
                              : -32767;
}

/* Runs the network on rows `top` to `bottom` - 1 of the input, and puts rows `first` to `last` - 1
 * into the maps. */
static bitocr_status run_strip(const bitocr_detector *detector, finder *f, const look *l,
                               const page_maps *maps, int first, int last, bitocr_error *error) {
    int top = first > MARGIN ? first - MARGIN : 0;
    int bottom = last + MARGIN < l->input.height ? last + MARGIN : l->input.height;
    size_t row = (size_t)l->input.width / DETECTOR_STRIDE * PAGE_MAPS;
    if (!bitocr_buffer_reserve(&f->values, row * (size_t)(bottom - top) / DETECTOR_STRIDE,
                               sizeof(float)))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    float *values = f->values.memory;
    const int8_t *pixels = (const int8_t *)l->input.pixels + (size_t)top * l->input.stride;
    const network_pass pass = {.image = {pixels, bottom - top, l->input.width},
                               .space = &f->space,
                               .threads = detector->threads,
                               .out = values};
    bitocr_status status = bitocr_network_run(detector->net, &pass, error);
    int16_t *to = f->maps.memory;
    size_t kept = (size_t)maps->width * PAGE_MAPS;
    for (int y = first / DETECTOR_STRIDE;
         status == BITOCR_OK && y < last / DETECTOR_STRIDE && y < maps->height; y++) {
        const float *from = values + (size_t)(y - top / DETECTOR_STRIDE) * row;
        for (size_t i = 0; i < kept; i++)
            to[(size_t)y * kept + i] = fixed(from[i]);
    }
    return status;
}

static bitocr_status run_network(const bitocr_detector *detector, finder *f, const look *l,
                                 page_maps *maps, bitocr_error *error) {
    const gray_image *in = &l->input;
    for (size_t i = 0; i < in->stride * (size_t)in->height; i++)
        in->pixels[i] ^= 0x80; /* gray - 128 */
    *maps = (page_maps){(l->width + DETECTOR_STRIDE - 1) / DETECTOR_STRIDE,
                        (l->height + DETECTOR_STRIDE - 1) / DETECTOR_STRIDE, NULL};
    size_t cells = (size_t)maps->width * (size_t)maps->height * PAGE_MAPS;
    if (!bitocr_buffer_reserve(&f->maps, cells, sizeof(int16_t)))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    maps->values = f->maps.memory;
    int rows = STRIP_PIXELS / in->width / DETECTOR_UNIT * DETECTOR_UNIT;
    rows = rows < LEAST_ROWS ? LEAST_ROWS : rows > MOST_ROWS ? MOST_ROWS : rows;
    bitocr_status status = BITOCR_OK;
    for (int first = 0; first < in->height && status == BITOCR_OK; first += rows) {
        int last = in->height - first < rows + MARGIN ? in->height : first + rows;
        status = run_strip(detector, f, l, maps, first, last, error);
        if (last == in->height)
            break;
    }
    return status;
}

/* Converts a vector from the input to the image. */
static plane_vector to_image(const look *l, double x, double y) {
    return (plane_vector){(x * l->ux - y * l->uy) / l->scale_x,
                          (x * l->uy + y * l->ux) / l->scale_y};
}

static double length_of(plane_vector v) {
    return sqrt(v.x * v.x + v.y * v.y);
}

static page_box box_in_image(const look *l, const page_box *box) {
    plane_vector middle = to_image(l, box->x - l->turned.x, box->y - l->turned.y),
                 along = to_image(l, box->ux, box->uy), across = to_image(l, -box->uy, box->ux);
    double length = length_of(along);
    page_box out = *box;
    out.x = middle.x + l->centre.x / l->scale_x;
    out.y = middle.y + l->centre.y / l->scale_y;
    out.ux = along.x / length;
    out.uy = along.y / length;
    out.length = box->length * length;
    out.height = box->height * length_of(across);
    return out;
}

bitocr_status bitocr_finder_look(const bitocr_detector *detector, finder *f,
                                 const bitocr_image *image, const finder_view *view,
                                 bitocr_error *error) {
    look l;
    page_maps maps;
    if (!make_input(f, image, view, &l))
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    bitocr_status status = run_network(detector, f, &l, &maps, error);
    if (status == BITOCR_OK && !bitocr_boxes_find(&f->boxes, &maps))
        status = bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
    if (status != BITOCR_OK)
        return status;
    for (int i = 0; i < f->boxes.count; i++)
        f->boxes.boxes[i] = box_in_image(&l, &f->boxes.boxes[i]);
    plane_vector lean = to_image(&l, f->boxes.ux, f->boxes.uy);
    f->boxes.ux = lean.x / length_of(lean);
    f->boxes.uy = lean.y / length_of(lean);
    return BITOCR_OK;
}
