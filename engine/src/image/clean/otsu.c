/* One threshold for all of a picture: N. Otsu, "A threshold selection method from gray-level
 * histograms", IEEE Transactions on Systems, Man, and Cybernetics 9 (1979). */
#include "base/arithmetic.h"
#include "image/clean/steps.h"

static void count_levels(const gray_image *in, uint64_t counts[256]) {
    for (int i = 0; i < 256; i++)
        counts[i] = 0;
    for (int y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * in->stride;
        for (int x = 0; x < in->width; x++)
            counts[row[x]]++;
    }
}

int bitocr_clean_paper(const gray_image *in) {
    uint64_t counts[256], sum = 0, half = (uint64_t)in->width * (uint64_t)in->height / 2;
    count_levels(in, counts);
    int level = 0;
    while (level < 255 && (sum += counts[level]) <= half)
        level++;
    return level;
}

int bitocr_clean_otsu(const gray_image *in) {
    uint64_t counts[256], total = 0, sum = 0, below = 0, sum_below = 0;
    count_levels(in, counts);
    for (int i = 0; i < 256; i++) {
        total += counts[i];
        sum += counts[i] * (uint64_t)i;
    }
    double best = 0;
    int threshold = -1; /* of one level alone: no ink */
    for (int i = 0; i < 255; i++) {
        below += counts[i];
        sum_below += counts[i] * (uint64_t)i;
        if (!below || below == total)
            continue;
        double low = (double)sum_below / (double)below,
               high = (double)(sum - sum_below) / (double)(total - below);
        double between = (double)below * (double)(total - below) * (high - low) * (high - low);
        if (between > best) {
            best = between;
            threshold = i;
        }
    }
    return threshold;
}

void bitocr_clean_otsu_binarize(const gray_image *image) {
    int threshold = bitocr_clean_otsu(image);
    for (int y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (size_t)y * image->stride;
        for (int x = 0; x < image->width; x++)
            row[x] = row[x] <= threshold ? 0 : 255;
    }
}
