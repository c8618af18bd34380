/* E-mail addresses, URLs, and paths of Windows. */
#include "api/formats_text.h"

static bool is_one_of(uint32_t c, const char *others) {
    return is_letter(c) || is_digit(c) || bitocr_format_is_in(c, others);
}

static int find(const format_text *t, uint32_t c) {
    int i = 0;
    while (i < t->count && t->at[i] != c)
        i++;
    return i;
}

/* Does the text end with a dot and `least` to `most` letters or digits? */
static bool has_ending(const format_text *t, int least, int most) {
    int i = t->count;
    while (i > 0 && is_one_of(t->at[i - 1], ""))
        i--;
    return i > 1 && t->at[i - 1] == '.' && t->count - i >= least && t->count - i <= most;
}

/* Removes the space before digits that reach up to the @. */
static void close_up_digits(format_text *t) {
    int i = find(t, '@') - 1, last = i;
    while (i > 0 && is_digit(t->at[i]))
        i--;
    if (i > 0 && i < last && t->at[i] == ' ')
        bitocr_format_remove(t, i);
}

static bool is_mail(const format_text *t) {
    int sign = find(t, '@');
    for (int i = 0; i < t->count; i++)
        if (i != sign && !is_one_of(t->at[i], i < sign ? "._%+,-" : ".-"))
            return false;
    return sign > 0 && has_ending(t, 2, FORMAT_MOST) && !is_digit(t->at[t->count - 1]);
}

static void mend_mail(format_text *t) {
    format_text mail = *t;
    if (bitocr_format_count(t, '@') != 1)
        return;
    bitocr_format_close_up(&mail, 0, "@_-");
    close_up_digits(&mail);
    bitocr_format_close_up(&mail, find(&mail, '@'), ".");
    if (is_mail(&mail))
        *t = mail;
}

static bool starts_with(const format_text *t, const char *start) {
    int i = 0;
    for (; start[i]; i++)
        if (i >= t->count || (t->at[i] | 32) != (uint32_t)(start[i] | 32))
            return false;
    return true;
}

static void mend_url(format_text *t) {
    format_text url = *t;
    if (!starts_with(t, "http://") && !starts_with(t, "https://"))
        return;
    bitocr_format_close_up(&url, 0, "./:_-");
    if (!bitocr_format_count(&url, ' '))
        *t = url;
}

/* Reads what stands before a name as the backslash that must be there. */
static void put_backslash(format_text *t) {
    if (is_upper(t->at[3]) && bitocr_format_is_in(t->at[2], "l!|I/1"))
        t->at[2] = '\\';
    else if (is_upper(t->at[2]))
        bitocr_format_insert(t, 2, '\\', t->from[1]);
}

/* If there is only one backslash, l and the like between a small letter and a capital are others.
 */
static void mend_path(format_text *t) {
    format_text path = *t;
    if (t->count < 6 || !is_upper(t->at[0]) || t->at[1] != ':')
        return;
    bitocr_format_close_up(&path, 1, "\\");
    for (int i = path.count - 5; i + 1 < path.count; i++)
        if (i > 2 && path.at[i] == '.' && path.at[i + 1] == ' ')
            bitocr_format_remove(&path, i + 1);
    if (path.count < 6 || !has_ending(&path, 1, 4))
        return;
    put_backslash(&path);
    bool is_lost = !bitocr_format_count(t, '\\');
    for (int i = 4; i + 1 < path.count && is_lost; i++)
        if (bitocr_format_is_in(path.at[i], "l!|") && is_lower(path.at[i - 1]) &&
            is_upper(path.at[i + 1]))
            path.at[i] = '\\';
    *t = path;
}

void bitocr_format_address(format_text *t) {
    mend_mail(t);
    mend_url(t);
    mend_path(t);
}
