/* Patterns of allowed texts; docs/constraints.md describes them for users.
 *
 *   alternatives = sequence { "|" sequence }
 *   sequence     = { ("(" alternatives ")" | class) [repeat] }
 *   repeat       = "?" | "*" | "+" | "{" number "}" | "{" number "," [number] "}"
 *   class        = "[" list "]" | D | L | X | escape | literal (constraint_class.c) */
#ifndef BITOCR_DECODE_CONSTRAINT_PATTERN_H
#define BITOCR_DECODE_CONSTRAINT_PATTERN_H

#include "bitocr.h"
#include "decode/constraint_automaton.h"

/* `allow`: characters, as between brackets, which any text of them is made of, or which the
 * pattern is limited to. One of the two may be NULL. Free *out whatever it returns. */
bitocr_status bitocr_pattern_compile(const uint32_t *charset, int classes, const char *pattern,
                                     const char *allow, automaton **out, bitocr_error *error);

#endif
