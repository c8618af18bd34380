/* The header's "languages". */
#include "base/error.h"
#include "model/header.h"

#include <string.h>

/* Appends a character, with room for the final zero behind it; 0 where there is none. */
static int append(char c, char *out, size_t *length) {
    if (*length + 2 > BITOCR_LANGUAGES_ROOM)
        return 0;
    out[(*length)++] = c;
    return 1;
}

/* Appends a tag, with a comma before it where it is not the first; 0 where it is none. */
static int append_tag(const json_document *json, const json_node *node, char *out, size_t *length) {
    static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    if (node->type != JSON_STRING || node->start == node->end ||
        (*length && !append(',', out, length)))
        return 0;
    for (uint32_t at = node->start; at < node->end;) {
        uint32_t c = bitocr_json_character(json, &at);
        if (!c || c >= 0x80 || !strchr(known, (int)c) || !append((char)c, out, length))
            return 0;
    }
    return 1;
}

bitocr_status bitocr_header_read_languages(const json_document *json,
                                           char out[BITOCR_LANGUAGES_ROOM], bitocr_error *error) {
    const json_node *list = bitocr_json_get(json, json->nodes, "languages");
    size_t length = 0;
    int is_sound = !list || list->type == JSON_ARRAY;
    for (const json_node *node = NULL; is_sound && (node = bitocr_json_next(json, list, node));)
        is_sound = append_tag(json, node, out, &length);
    out[length] = 0;
    if (is_sound)
        return BITOCR_OK;
    return bitocr_fail(
        error, BITOCR_ERROR_MODEL,
        "the header's \"languages\" is not a short list of language tags, as [\"en\"]");
}
