/* The hooks of testing.h for pages: the steps between a detector's maps and text. */
#include "api/page_lines.h"
#include "net/detector.h"
#include "page/curve.h"
#include "page/order.h"
#include "testing.h"

int bitocr_test_boxes(const int16_t *maps, int height, int width, double *out, int room,
                      double lean[2]) {
    page_boxes boxes = {.count = 0};
    const page_maps in = {width, height, maps};
    int count = bitocr_boxes_find(&boxes, &in) ? boxes.count : -1;
    for (int i = 0; i < count && i < room; i++, out += 7) {
        const page_box *b = &boxes.boxes[i];
        const double values[7] = {b->x, b->y, b->ux, b->uy, b->length, b->height, b->score};
        for (int k = 0; k < 7; k++)
            out[k] = values[k];
    }
    lean[0] = boxes.ux;
    lean[1] = boxes.uy;
    bitocr_boxes_free(&boxes);
    return count;
}

int bitocr_test_curves(const int16_t *maps, int height, int width, double *out, int room) {
    page_boxes boxes = {.count = 0};
    const page_maps in = {width, height, maps};
    int found = bitocr_boxes_find(&boxes, &in) ? boxes.count : 0, count = 0;
    for (int i = 0; i < found && count < room; i++) {
        const page_box *b = &boxes.boxes[i];
        for (int k = 0; k <= CURVE_SLICES && b->is_curved; k++, out += 2) {
            curve_place p = bitocr_curve_at(b, b->length * k / CURVE_SLICES);
            out[0] = p.x;
            out[1] = p.y;
        }
        count += b->is_curved;
    }
    bitocr_boxes_free(&boxes);
    return count;
}

int bitocr_test_order(const double *rects, int count, int *order, int *places) {
    page_order o = {0};
    int status = bitocr_order_find(&o, (const page_rect *)rects, count) ? 0 : BITOCR_ERROR_MEMORY;
    for (int i = 0; i < count && !status; i++) {
        order[i] = o.order[i];
        places[3 * i] = o.places[i].block;
        places[3 * i + 1] = o.places[i].paragraph;
        places[3 * i + 2] = o.places[i].row;
    }
    bitocr_order_free(&o);
    return status;
}

int bitocr_test_symbols(double *characters, int count, double line[8]) {
    page_glyph glyphs[100] = {{0}};
    page_reading one = {.count = count, .glyphs = glyphs};
    page_box *box = &one.box;
    double *const places[5] = {&box->x, &box->y, &box->ux, &box->uy, &box->length};
    for (int i = 0; i < 5; i++)
        *places[i] = line[i];
    one.confidence = (float)line[5];
    one.score = (float)line[6];
    box->is_column = line[7] > 0;
    for (int i = 0; i < count; i++) {
        const double *c = characters + 5 * i;
        glyphs[i] = (page_glyph){.character = (uint32_t)c[0],
                                 .score = (float)c[1],
                                 .left = (float)c[2],
                                 .right = (float)c[3],
                                 .is_first = c[4] > 0};
    }
    bitocr_page_drop_symbols(&one);
    for (int i = 0; i < 5; i++)
        line[i] = *places[i];
    line[5] = (double)one.confidence;
    line[6] = (double)one.score;
    for (int i = 0; i < one.count; i++, characters += 5) {
        const page_glyph *g = &one.glyphs[i];
        const double values[5] = {g->character, (double)g->score, (double)g->left, (double)g->right,
                                  g->is_first};
        for (int k = 0; k < 5; k++)
            characters[k] = values[k];
    }
    return one.count;
}

double bitocr_test_degrees(double x, double y) {
    return bitocr_page_degrees(x, y);
}

double bitocr_test_exp2(int x) {
    return bitocr_page_exp2(x);
}
