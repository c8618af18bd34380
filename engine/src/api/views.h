/* The views of a line: which ways of showing it to the network there are, and how many it takes. */
#ifndef BITOCR_API_VIEWS_H
#define BITOCR_API_VIEWS_H

#include <stdbool.h>

#include "api/handle.h"

/* A view of an image: its width in tenths of the usual one, whether dark and light are swapped, and
 * what is cut off above and below, in hundredths of the height. */
typedef struct {
    int tenths, is_inverted, above, below;
} view;

/* View k of VIEWS. The first one is the usual one. The others move letters on the network's grid,
 * show it shapes that it weighs differently, and enlarge letters within margins. The boxes of a
 * page's lines have hardly any margins, so nothing is cut off there. */
view bitocr_view_at(int k, bool is_on_page);

/* The width of the network's input for a view. */
int bitocr_view_width(const bitocr_model *model, const bitocr_image *image, view v);

/* The rows of the image that a view shows. */
bitocr_image bitocr_view_cut(const bitocr_image *image, view v);

/* The mean score of a reading's characters; 0 without any. */
float bitocr_mean_score(const ctc_space *decoded);

/* How many views a line gets at most, by its first one. A page has many lines, and some are hardly
 * text. */
int bitocr_views_count(const bitocr_model *model, const bitocr_decoding *decoding,
                       const ctc_space *first, bool is_on_page);

/* Whether the reading is still in doubt after `count` views, the best of which is `best`. */
bool bitocr_views_unsure(const bitocr_model *model, const bitocr_decoding *decoding,
                         const session *s, int best, int count, bool is_on_page);

#endif
