#include "api/read_box.h"

#include "base/error.h"
#include "page/curve.h"

page_box bitocr_box_padded(const page_box *box) {
    double pad = 2 * PAGE_PAD * box->height;
    return bitocr_boxes_grown(box, pad, pad);
}

bitocr_status bitocr_box_take(const box_reader *r, const page_box *box, warped *crop,
                              bitocr_error *error) {
    bitocr_quad slices[CURVE_SLICES] = {{{{0, 0}}}};
    if (!box->is_curved) {
        slices[0] = bitocr_boxes_quad(box);
        return bitocr_warp(r->image, &slices[0], &r->s->warp, crop, error);
    }
    bitocr_curve_slices(box, slices);
    return bitocr_warp_slices(r->image, slices, CURVE_SLICES, &r->s->warp, crop, error);
}

/* Maps the recognizer's input to the box: input (x, y) is at left + x * right along the box, and at
 * top + y * down across it. */
typedef struct {
    int width;
    double left, top, right, down;
} placement;

static placement place(const page_box *box, const warped *crop, int width) {
    double pad = PAGE_PAD * box->height;
    if (box->is_curved)
        return (placement){width, -pad, -pad, (box->length + 2 * pad) / width,
                           (box->height + 2 * pad) / GLYPH_ROWS};
    page_box taken = bitocr_boxes_of(&crop->quad);
    double x = taken.x - box->x, y = taken.y - box->y;
    double along = x * box->ux + y * box->uy, across = y * box->ux - x * box->uy;
    return (placement){width, along + (box->length - taken.length) / 2,
                       across + (box->height - taken.height) / 2, taken.length / width,
                       taken.height / GLYPH_ROWS};
}

static bitocr_status out_of_memory(bitocr_error *error) {
    return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}

/* Copies the characters, with their middles in columns of the input. */
static bool take_characters(const bitocr_line *line, const warped *crop, int width,
                            page_reading *out) {
    size_t count = line->char_count;
    if (!bitocr_buffer_reserve(&out->memory, count + 1, sizeof *out->glyphs))
        return false;
    out->glyphs = out->memory.memory;
    out->count = (int)count;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const bitocr_char *c = &line->chars[i];
        out->glyphs[i] = (page_glyph){.character = c->character,
                                      .score = c->score,
                                      .x = c->x * (float)width / (float)crop->image.width};
        sum += c->score;
    }
    out->score = count ? (float)(sum / (double)count) : 0;
    out->confidence = line->confidence;
    return true;
}

bitocr_status bitocr_box_find_ink(const box_reader *r, const warped *crop, int width,
                                  bitocr_error *error) {
    bitocr_status status = bitocr_line_prepare(r->model, &crop->image, width, r->s, error);
    if (status == BITOCR_OK && !bitocr_ink_find(&r->s->ink, r->s->input, width))
        status = out_of_memory(error);
    return status;
}

static float clamped(double x, double high) {
    return (float)(x < 0 ? 0 : x > high ? high : x);
}

/* Converts places from the input to the box. */
static void move(const page_box *box, const placement *p, page_glyph *g) {
    g->left = clamped(p->left + g->left * p->right, box->length);
    g->right = clamped(p->left + g->right * p->right, box->length);
    g->top = (float)(p->top + g->top * p->down);
    g->bottom = (float)(p->top + g->bottom * p->down);
}

bitocr_status bitocr_box_read_crop(const box_reader *r, const warped *crop, int slot,
                                   page_reading *out, int *width, bitocr_error *error) {
    out->score = out->confidence = 0;
    out->count = 0;
    *width = bitocr_natural_width(crop->image.width, crop->image.height);
    if (*width > BITOCR_MAX_WIDTH)
        return BITOCR_OK;
    bitocr_status status = bitocr_line_read_upright(r->model, &crop->image, r->decoding, r->s,
                                                    r->results, slot, error);
    if (status == BITOCR_ERROR_IMAGE) /* too long for a line */
        return BITOCR_OK;
    if (status != BITOCR_OK)
        return status;
    if (!take_characters(bitocr_results_line(r->results, slot), crop, *width, out))
        return out_of_memory(error);
    return bitocr_box_find_ink(r, crop, *width, error);
}

/* Finds the characters' boxes. */
static bitocr_status find_glyphs(const box_reader *r, const warped *crop, page_reading *out,
                                 int width, bitocr_error *error) {
    placement p = place(&out->box, crop, width);
    bool is_done = true;
    if (width <= BITOCR_MAX_WIDTH)
        out->count = bitocr_glyphs_place(&r->s->ink, out->box.height / p.right, out->glyphs,
                                         out->count, &is_done);
    for (int i = 0; i < out->count; i++)
        move(&out->box, &p, &out->glyphs[i]);
    return is_done ? BITOCR_OK : out_of_memory(error);
}

bitocr_status bitocr_box_read(const box_reader *r, int slot, page_reading *out,
                              bitocr_error *error) {
    warped crop;
    int width;
    page_box taken = bitocr_box_padded(&out->box);
    out->score = out->confidence = 0;
    out->count = 0;
    bitocr_status status = bitocr_box_take(r, &taken, &crop, error);
    if (status == BITOCR_ERROR_IMAGE) /* the box is outside the image */
        return BITOCR_OK;
    if (status == BITOCR_OK)
        status = bitocr_box_read_crop(r, &crop, slot, out, &width, error);
    return status == BITOCR_OK && out->count ? find_glyphs(r, &crop, out, width, error) : status;
}

/* The rows of a box from `top` to `bottom`, in pixels from its upper edge. */
static page_box rows_of(const page_box *box, double top, double bottom) {
    page_box out = *box;
    double down = (top + bottom - box->height) / 2;
    out.x -= down * box->uy;
    out.y += down * box->ux;
    out.height = bottom - top;
    return out;
}

bool bitocr_box_part(const session *s, const page_box *box, page_box *upper, page_box *lower) {
    int start, end;
    if (box->is_curved || !bitocr_ink_part(&s->ink, &start, &end))
        return false;
    double row = (1 + 2 * PAGE_PAD) * box->height / GLYPH_ROWS, pad = PAGE_PAD * box->height;
    *upper = rows_of(box, 0, start * row - pad);
    *lower = rows_of(box, end * row - pad, box->height);
    return upper->height > 0 && lower->height > 0;
}
