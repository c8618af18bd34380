#include "api/formats.h"
#include "api/formats_text.h"

#include <string.h>

enum { EN_DASH = 0x2013, EM_DASH = 0x2014 };

bool bitocr_format_is_in(uint32_t c, const char *set) {
    return c && c < 0x80 && strchr(set, (int)c);
}

void bitocr_format_remove(format_text *t, int i) {
    size_t behind = (size_t)(--t->count - i);
    memmove(t->at + i, t->at + i + 1, behind * sizeof *t->at);
    memmove(t->from + i, t->from + i + 1, behind * sizeof *t->from);
}

void bitocr_format_insert(format_text *t, int i, uint32_t c, int from) {
    if (t->count == FORMAT_MOST)
        return;
    size_t behind = (size_t)(t->count++ - i);
    memmove(t->at + i + 1, t->at + i, behind * sizeof *t->at);
    memmove(t->from + i + 1, t->from + i, behind * sizeof *t->from);
    t->at[i] = c;
    t->from[i] = from;
}

void bitocr_format_close_up(format_text *t, int first, const char *signs) {
    for (int i = t->count - 1; i > first; i--)
        if (t->at[i] == ' ' && (bitocr_format_is_in(t->at[i - 1], signs) ||
                                (i + 1 < t->count && bitocr_format_is_in(t->at[i + 1], signs))))
            bitocr_format_remove(t, i);
}

int bitocr_format_count(const format_text *t, uint32_t c) {
    int count = 0;
    for (int i = 0; i < t->count; i++)
        count += t->at[i] == c;
    return count;
}

/* Is the word an address, a path or a version, such as v1.2.30? In other words with digits a dash
 * may be one: 1870-and. */
static bool has_hyphens(const format_text *t, int start, int end) {
    int points = 0;
    for (int i = start; i < end; i++) {
        if (bitocr_format_is_in(t->at[i], "@_\\/"))
            return true;
        points += t->at[i] == '.' && i > start && i + 1 < end && is_digit(t->at[i - 1]) &&
                  is_digit(t->at[i + 1]);
    }
    return points >= 2;
}

/* Makes hyphens of the dashes between a letter and another letter or a digit in such words. */
static void mend_dashes(format_text *t) {
    for (int start = 0, end; start < t->count; start = end + 1) {
        for (end = start; end < t->count && t->at[end] != ' '; end++)
            ;
        for (int i = start + 1; i + 1 < end; i++) {
            uint32_t before = t->at[i - 1], after = t->at[i + 1];
            bool is_inside = (is_letter(before) && (is_letter(after) || is_digit(after))) ||
                             (is_digit(before) && is_letter(after));
            bool is_dash = t->at[i] == EN_DASH || t->at[i] == EM_DASH;
            if (is_dash && is_inside && has_hyphens(t, start, end))
                t->at[i] = '-';
        }
    }
}

void bitocr_format_all(format_text *t) {
    mend_dashes(t);
    bitocr_format_iban(t);
    bitocr_format_address(t);
    bitocr_format_hex(t);
}

int bitocr_format_label(const bitocr_model *model, uint32_t c) {
    const uint32_t *charset = bitocr_model_charset(model->file);
    int classes = bitocr_network_classes(model->net);
    for (int label = 1; label < classes; label++)
        if (charset[label - 1] == c)
            return label;
    return 0;
}

/* Makes the reading's characters those of the text. False, with nothing changed: the model lacks
 * one, or there is no room. */
static bool write(const bitocr_model *model, const format_text *t, ctc_space *reading) {
    const uint32_t *charset = bitocr_model_charset(model->file);
    ctc_character made[FORMAT_MOST];
    if (t->count > reading->characters_room)
        return false;
    for (int i = 0; i < t->count; i++) {
        const ctc_character *was =
            &reading->characters[t->from[i] < 0 ? t->from[i - 1] : t->from[i]];
        made[i] = *was;
        if (t->from[i] < 0) /* a space, between the character before and the one behind */
            made[i].time = (was->time + was[1].time) / 2;
        if (charset[was->label - 1] != t->at[i])
            made[i].label = bitocr_format_label(model, t->at[i]);
        if (!made[i].label)
            return false;
    }
    memcpy(reading->characters, made, (size_t)t->count * sizeof *made);
    reading->count = t->count;
    return true;
}

void bitocr_formats_mend(const bitocr_model *model, ctc_space *reading) {
    const uint32_t *charset = bitocr_model_charset(model->file);
    format_text t = {.count = reading->count}, before;
    if (reading->count > FORMAT_MOST || !reading->count)
        return;
    for (int i = 0; i < t.count; i++) {
        t.at[i] = charset[reading->characters[i].label - 1];
        t.from[i] = i;
    }
    before = t;
    bitocr_format_all(&t);
    if (t.count != before.count || memcmp(t.at, before.at, (size_t)t.count * sizeof *t.at) != 0)
        write(model, &t, reading);
}
