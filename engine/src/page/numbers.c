#include "page/numbers.h"

#include <math.h>

double bitocr_page_exp2(int x) {
    /* 2^(1 / 256), 2^(2 / 256), 2^(4 / 256), ... */
    static const double powers[8] = {1.0027112750502025, 1.0054299011128027, 1.0108892860517005,
                                     1.0218971486541166, 1.0442737824274138, 1.0905077326652577,
                                     1.189207115002721,  1.4142135623730951};
    x = x > 32 * PAGE_ONE ? 32 * PAGE_ONE : x < -32 * PAGE_ONE ? -32 * PAGE_ONE : x;
    unsigned shifted = (unsigned)(x + 64 * PAGE_ONE);
    double out = 1;
    for (int k = 0; k < 8; k++)
        if (shifted >> k & 1)
            out *= powers[k];
    return ldexp(out, (int)(shifted / PAGE_ONE) - 64);
}

double bitocr_page_sigmoid(int x) {
    return 1 / (1 + bitocr_page_exp2((int)floor(-x * 1.4426950408889634 + 0.5)));
}

/* atan(t) in degrees for 0 <= t <= 1: three half-angle steps, then a series. */
static double arc_tangent(double t) {
    for (int i = 0; i < 3; i++)
        t = t / (1 + sqrt(1 + t * t));
    double square = t * t, sum = 0;
    for (int k = 15; k > 0; k -= 2)
        sum = 1.0 / k - square * sum;
    return 8 * t * sum * 57.29577951308232;
}

double bitocr_page_degrees(double x, double y) {
    double w = fabs(x), h = fabs(y);
    if (w == 0 && h == 0)
        return 0;
    double angle = h <= w ? arc_tangent(h / w) : 90 - arc_tangent(w / h);
    if (x < 0)
        angle = 180 - angle;
    return y < 0 ? -angle : angle;
}
