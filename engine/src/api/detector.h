/* A loaded detector, and what its threads need to find the text in an image. */
#ifndef BITOCR_API_DETECTOR_H
#define BITOCR_API_DETECTOR_H

#include "base/threads.h"
#include "image/resize.h"
#include "kernels/dispatch.h"
#include "net/network.h"
#include "page/boxes.h"

enum {
    MOST_LOOKS = 3,
    PHOTO_LINES = 15 /* a picture with more lines is a page, not a photograph */
};

/* The looks whose lines are alternatives: at the whole image, and at the areas of doubtful lines,
 * each with a number of its own. */
enum { PAGE_FURTHER = 1, PAGE_AGAIN };

/* The lines of one look, in pixels of the image. */
typedef struct {
    buffer boxes;
    int count;
    double scale;
} finder_seen;

/* Memory of one image; kept from image to image. */
typedef struct finder {
    workspace space;
    page_boxes boxes;
    buffer resizing, resized, input, values, maps, merged, found, ranks;
    finder_seen seen[MOST_LOOKS]; /* the finest look first */
    int looks;
    /* The result: lines in pixels of the image, in no particular order. */
    page_box *lines;
    int count, others; /* `others`: alternatives from a further look, behind the first `count` */
    double ux, uy;     /* the direction of most of the text */
    double scale;
    struct finder *behind;
} finder;

struct bitocr_detector {
    network *net;
    pool *threads;
    mutex lock; /* guards the list of finders that no thread uses */
    finder *idle;
};

finder *bitocr_finder_take(bitocr_detector *detector); /* NULL: out of memory */
void bitocr_finder_return(bitocr_detector *detector, finder *f);

/* Frees the memory of a large image before its lines are read. Keeps the lines. */
void bitocr_finder_trim(finder *f);

/* Finds the lines of an image at `scale`, or if that is 0, at the scale that makes most text 20
 * pixels high. For a photograph it also adds alternatives from a further look. */
bitocr_status bitocr_finder_run(const bitocr_detector *detector, finder *f,
                                const bitocr_image *image, double scale, bitocr_error *error);

/* How the detector sees the image: scaled, and turned so that (ux, uy) points right. */
typedef struct {
    double scale, ux, uy;
} finder_view;

/* One look. Puts the lines into f->boxes, in pixels of the image. */
bitocr_status bitocr_finder_look(const bitocr_detector *detector, finder *f,
                                 const bitocr_image *image, const finder_view *view,
                                 bitocr_error *error);

#endif
