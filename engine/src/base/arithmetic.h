/* What the engine asks of a compiler's floating-point arithmetic, so that all platforms compute the
 * same bits: every operation rounds once, to its own type, in the order that is written. For files
 * that compute with floats. A multiplication and an addition must not be fused into one operation
 * either (-ffp-contract=off), which no macro tells: hooks/arithmetic.c tests it. */
#ifndef BITOCR_BASE_ARITHMETIC_H
#define BITOCR_BASE_ARITHMETIC_H

#include <float.h>

_Static_assert(FLT_EVAL_METHOD == 0,
               "this build computes floats in a wider type: on x86, compile with -mfpmath=sse");

#ifdef __FAST_MATH__
#error "-ffast-math changes results: compile without it"
#endif

#endif
