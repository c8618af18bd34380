#include "testing.h"

/* Compiled with the target's flags, and on x86 also with those for fused operations, which the base
 * instruction set lacks. (1 + 2^-12)^2 is 1 + 2^-11 + 2^-24, and rounds to 1 + 2^-11. */
int bitocr_test_contracts(void) {
    volatile float factor = 0x1.001p0f, term = -0x1.002p0f;
    float x = factor, y = term;
    return x * x + y != 0;
}
