/* Looks again at the doubtful lines of a photograph, one by one, enlarged: their boxes may hold a
 * symbol or a border too, and no look at the whole picture suits text of every size. */
#include <math.h>

#include "api/page_lines.h"

enum {
    MOST_AREAS = 12,      /* that are looked at */
    MOST_PIXELS = 1 << 20 /* of a look */
};
static const float SURE = 0.8F; /* confidence of a line that needs no further look */
static const double TEXT = 52,  /* pixels that the text should be high */
    MOST = 8,                   /* scale */
    AROUND = 1.5,               /* heights around a line that are shown too */
    EDGE = 0.25,                /* heights: text so near to an area's edge is cut off */
    ALIKE = 1.3,                /* ratio of the heights of boxes of the same text */
    STEEP = 0.57;               /* sine of an angle at which the area is turned: 35 degrees */

/* A part of the image, which begins at (x, y). */
typedef struct {
    bitocr_image image;
    int x, y;
} area;

/* Is line i not read, or one of its two readings unsure? */
static bool is_doubtful(const page_request *r, int i) {
    float least = 0;
    bool is_read = false;
    for (int k = 0; k < 2; k++) {
        const page_reading *one = &r->readings[2 * i + k];
        if (one->score < r->min_score || !one->count)
            continue;
        least = is_read ? fminf(least, one->confidence) : one->confidence;
        is_read = true;
    }
    return least < SURE;
}

static bool is_same(const page_box *a, const page_box *b) {
    return bitocr_boxes_overlap(a, b) && a->height < ALIKE * b->height &&
           b->height < ALIKE * a->height;
}

/* Has the same text been chosen in another box? Two looks often see it. */
static bool is_known(const page_request *r, int i, const int *chosen, int count) {
    for (int k = 0; k < count; k++)
        if (is_same(&r->readings[2 * chosen[k]].box, &r->readings[2 * i].box))
            return true;
    return false;
}

static int pick_lines(const page_request *r, int chosen[MOST_AREAS]) {
    int count = 0;
    for (int i = 0; i < r->found && count < MOST_AREAS; i++)
        if (is_doubtful(r, i) && !is_known(r, i, chosen, count))
            chosen[count++] = i;
    return count;
}

static int within(double place, int size) {
    return place < 0 ? 0 : place > size ? size : (int)floor(place);
}

static area area_around(const bitocr_image *image, const page_box *box) {
    double more = (2 * AROUND + 1) * box->height;
    double width = fabs(box->ux) * box->length + more, height = fabs(box->uy) * box->length + more;
    area a = {*image, within(box->x - width / 2, image->width),
              within(box->y - height / 2, image->height)};
    a.image.width = within(box->x + width / 2, image->width) - a.x;
    a.image.height = within(box->y + height / 2, image->height) - a.y;
    a.image.pixels += (ptrdiff_t)a.y * image->stride + (ptrdiff_t)a.x * image->channels;
    return a;
}

/* Does the area cut off the text in this box, whose places are in the area? */
static bool is_cut(const page_request *r, const area *a, const page_box *box) {
    bitocr_quad quad = bitocr_boxes_quad(box);
    double edge = EDGE * box->height, right = a->image.width - edge, end = a->image.height - edge;
    for (int i = 0; i < 4; i++) {
        double x = quad.corners[i].x, y = quad.corners[i].y;
        if ((a->x && x < edge) || (a->x + a->image.width < r->image->width && x > right) ||
            (a->y && y < edge) || (a->y + a->image.height < r->image->height && y > end))
            return true;
    }
    return false;
}

/* Appends the boxes that the detector finds in the area to the page's lines. */
static bitocr_status look(page_request *r, const area *a, const page_box *line, int number,
                          bitocr_error *error) {
    double pixels = (double)a->image.width * a->image.height,
           most = fmin(MOST, sqrt(MOST_PIXELS / pixels));
    bool is_steep = fabs(line->uy) > STEEP;
    finder_view view = {fmin(TEXT / line->height, most), is_steep ? line->ux : 1,
                        is_steep ? line->uy : 0};
    bitocr_status status = bitocr_finder_look(r->detector, r->finder, &a->image, &view, error);
    const page_boxes *found = &r->finder->boxes;
    for (int i = 0; i < found->count && status == BITOCR_OK && r->found < r->room; i++) {
        if (is_cut(r, a, &found->boxes[i]))
            continue;
        page_box *box = &r->readings[2 * r->found++].box;
        *box = found->boxes[i];
        box->x += a->x;
        box->y += a->y;
        box->look = number;
        if (box->ux * r->ux + box->uy * r->uy < 0)
            *box = bitocr_boxes_reversed(box);
    }
    return status;
}

bitocr_status bitocr_page_look_again(page_request *r, bitocr_error *error) {
    int chosen[MOST_AREAS], count = 0;
    bitocr_status status = BITOCR_OK;
    if (r->detector && r->is_photo && r->min_score > 0)
        count = pick_lines(r, chosen);
    for (int k = 0; k < count && status == BITOCR_OK; k++) {
        page_box line = r->readings[2 * chosen[k]].box;
        area a = area_around(r->image, &line);
        if (a.image.width && a.image.height)
            status = look(r, &a, &line, PAGE_AGAIN + k, error);
    }
    return status;
}
