/* Reads a column of upright characters: cuts it into cells and reads them side by side. */
#include "api/read_box.h"
#include "base/error.h"
#include "page/column.h"

/* Cells along the column's box, in pixels from its start. Each is `across` pixels wide. */
typedef struct {
    int count;
    column_cell cells[COLUMN_CELLS];
    double across;
} column;

/* A cell keeps the part around its middle, at most as high as the column is wide. */
static void limit(column_cell *cell, double most) {
    double middle = (cell->start + cell->end) / 2, half = (cell->end - cell->start) / 2;
    half = half < most / 2 ? half : most / 2;
    *cell = (column_cell){middle - half, middle + half};
}

static bitocr_status find_cells(const box_reader *r, const page_box *box, column *out,
                                bitocr_error *error) {
    warped crop;
    page_box taken = bitocr_box_padded(box);
    out->count = 0;
    out->across = taken.height;
    bitocr_status status = bitocr_box_take(r, &taken, &crop, error);
    int width = status == BITOCR_OK ? bitocr_natural_width(crop.image.width, crop.image.height) : 0;
    if (status == BITOCR_ERROR_IMAGE || width > BITOCR_MAX_WIDTH)
        return BITOCR_OK;
    if (status == BITOCR_OK)
        status = bitocr_box_find_ink(r, &crop, width, error);
    if (status != BITOCR_OK)
        return status;
    double scale = taken.length / width;
    out->count = bitocr_column_cut(&r->s->ink, box->height / scale, out->cells);
    for (int i = 0; i < out->count; i++) {
        column_cell *cell = &out->cells[i];
        cell->start = cell->start * scale - PAGE_PAD * box->height;
        cell->end = cell->end * scale - PAGE_PAD * box->height;
        limit(cell, out->across);
    }
    return out->count < 0 ? bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory") : BITOCR_OK;
}

/* The column's box from its characters' point of view: along their rows, as high as the column is
 * long. */
static page_box upright(const page_box *box) {
    page_box out = *box;
    out.ux = box->uy;
    out.uy = -box->ux;
    out.length = box->height;
    out.height = box->length;
    out.is_column = true;
    return out;
}

/* Cuts out a cell, turned upright. */
static bitocr_quad quad_of(const page_box *box, const column *c, int i) {
    page_box cell = upright(box);
    double down = (c->cells[i].start + c->cells[i].end - box->length) / 2;
    cell.x += down * box->ux;
    cell.y += down * box->uy;
    cell.length = c->across;
    cell.height = c->cells[i].end - c->cells[i].start;
    return bitocr_boxes_quad(&cell);
}

/* Moves a character from the row of cells, which is `width` columns long, to the column's box. */
static void move(const page_box *box, const column *c, int width, page_glyph *g) {
    double each = (double)width / c->count, middle = ((double)g->left + g->right) / 2;
    int i = (int)(middle / each);
    i = i < 0 ? 0 : i < c->count ? i : c->count - 1;
    const column_cell *cell = &c->cells[i];
    double scale = c->across / each, pad = (c->across - box->height) / 2,
           row = (cell->end - cell->start) / GLYPH_ROWS;
    g->left = (float)((g->left - i * each) * scale - pad);
    g->right = (float)((g->right - i * each) * scale - pad);
    g->top = (float)(cell->start + g->top * row);
    g->bottom = (float)(cell->start + g->bottom * row);
}

bitocr_status bitocr_box_read_column(const box_reader *r, int slot, page_reading *out,
                                     bitocr_error *error) {
    column c;
    warped crop;
    int width;
    bool is_done;
    page_box box = out->box;
    out->score = out->confidence = 0;
    out->count = 0;
    bitocr_status status = find_cells(r, &box, &c, error);
    if (status != BITOCR_OK || c.count < 2)
        return status;
    bitocr_quad quads[COLUMN_CELLS];
    for (int i = 0; i < c.count; i++)
        quads[i] = quad_of(&box, &c, i);
    status = bitocr_warp_slices(r->image, quads, c.count, &r->s->warp, &crop, error);
    if (status == BITOCR_ERROR_IMAGE)
        return BITOCR_OK;
    if (status == BITOCR_OK)
        status = bitocr_box_read_crop(r, &crop, slot, out, &width, error);
    if (status != BITOCR_OK || !out->count)
        return status;
    out->count = bitocr_glyphs_place(&r->s->ink, GLYPH_ROWS, out->glyphs, out->count, &is_done);
    for (int i = 0; i < out->count; i++)
        move(&box, &c, width, &out->glyphs[i]);
    out->box = upright(&box);
    return is_done ? BITOCR_OK : bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory");
}
