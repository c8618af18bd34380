#include "model/header.h"
#include "base/error.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bitocr_status bitocr_header_int(const json_document *json, const json_node *object, const char *key,
                                int low, int high, int *out, bitocr_error *error) {
    uint64_t number;
    if (!bitocr_json_integer(json, bitocr_json_get(json, object, key), &number) ||
        number < (uint64_t)low || number > (uint64_t)high)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the header's \"%s\" is missing or not a number from %d to %d", key, low,
                           high);
    *out = (int)number;
    return BITOCR_OK;
}

bitocr_status bitocr_header_read_calibration(const json_document *json,
                                             bitocr_calibration *calibration, bitocr_error *error) {
    const json_node *node = bitocr_json_get(json, json->nodes, "calibration");
    double slope, offset;
    if (!node)
        return BITOCR_OK;
    if (!bitocr_json_number(json, bitocr_json_get(json, node, "slope"), &slope) ||
        !(slope > 0 && slope <= 100))
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the calibration's \"slope\" is no number above 0 and up to 100");
    if (!bitocr_json_number(json, bitocr_json_get(json, node, "offset"), &offset) ||
        fabs(offset) > 100)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the calibration's \"offset\" is no number from -100 to 100");
    *calibration = (bitocr_calibration){slope, offset};
    return BITOCR_OK;
}

/* Writes the string's characters to `charset`; how many there are, or -1 where one is a control
 * character or stands there twice. `seen` is a bit for each Unicode character. */
static int read_characters(const json_document *json, const json_node *node, uint32_t *charset,
                           uint8_t *seen) {
    int n = 0;
    for (uint32_t at = node->start; at < node->end; n++) {
        uint32_t c = bitocr_json_character(json, &at);
        if (c < 0x20 || seen[c / 8] >> c % 8 & 1)
            return -1;
        seen[c / 8] |= (uint8_t)(1 << c % 8);
        charset[n] = c;
    }
    return n;
}

bitocr_status bitocr_header_read_charset(const json_document *json, model_charset *charset,
                                         bitocr_error *error) {
    const json_node *node = bitocr_json_get(json, json->nodes, "charset");
    if (!node)
        return BITOCR_OK;
    if (node->type != JSON_STRING)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the header has no \"charset\" of characters");
    uint8_t *seen = calloc(0x110000 / 8, 1);
    size_t bytes = node->end - node->start; /* no character takes less than one */
    charset->characters = malloc((bytes + 1) * sizeof *charset->characters);
    if (!seen || !charset->characters) {
        free(seen);
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for the charset");
    }
    charset->count = read_characters(json, node, charset->characters, seen);
    free(seen);
    if (charset->count < 0)
        return bitocr_fail(error, BITOCR_ERROR_MODEL,
                           "the charset has a control character or one character twice");
    if (charset->count > BITOCR_MAX_CHARSET)
        return bitocr_fail(error, BITOCR_ERROR_MODEL, "the charset has %d characters, more than %d",
                           charset->count, BITOCR_MAX_CHARSET);
    return BITOCR_OK;
}
