/* Requirements on a compiler's floating-point arithmetic, so that all platforms compute the same
 * bits: every operation rounds once, to its own type, in the written order. Files that compute with
 * floats include this. A multiplication and an addition must not be fused (-ffp-contract=off)
 * either. No macro shows that, so hooks/arithmetic.c tests it. */
#ifndef BITOCR_BASE_ARITHMETIC_H
#define BITOCR_BASE_ARITHMETIC_H

#include <float.h>

_Static_assert(FLT_EVAL_METHOD == 0,
               "this build computes floats in a wider type: on x86, compile with -mfpmath=sse");

#ifdef __FAST_MATH__
#error "-ffast-math changes results: compile without it"
#endif

#endif
