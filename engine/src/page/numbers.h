/* What geometry takes of a mathematical library, with the same bits on every platform: libraries
 * differ in their last digit, square roots excepted. */
#ifndef BITOCR_PAGE_NUMBERS_H
#define BITOCR_PAGE_NUMBERS_H

#include "base/arithmetic.h"

enum { PAGE_ONE = 256 }; /* what stands for 1 in a map */

/* 2^(x / PAGE_ONE); x is clamped to +-32 * PAGE_ONE. */
double bitocr_page_exp2(int x);

/* 1 / (1 + e^-(x / PAGE_ONE)) */
double bitocr_page_sigmoid(int x);

/* The angle of the vector (x, y) in degrees, -180 to 180, to 1e-9; 0 for (0, 0). */
double bitocr_page_degrees(double x, double y);

#endif
