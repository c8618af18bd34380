/* The functions that geometry needs, with the same bits on every platform. Mathematical libraries
 * differ in the last digit, except for square roots. */
#ifndef BITOCR_PAGE_NUMBERS_H
#define BITOCR_PAGE_NUMBERS_H

#include "base/arithmetic.h"

enum { PAGE_ONE = 256 }; /* the integer that stands for 1 in a map */

/* 2^(x / PAGE_ONE); x is clamped to +-32 * PAGE_ONE. */
double bitocr_page_exp2(int x);

/* 1 / (1 + e^-(x / PAGE_ONE)) */
double bitocr_page_sigmoid(int x);

/* The angle of the vector (x, y) in degrees, -180 to 180, to 1e-9; 0 for (0, 0). */
double bitocr_page_degrees(double x, double y);

#endif
