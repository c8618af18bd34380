/* The hook of testing.h for codes. */
#include "api/formats_text.h"
#include "testing.h"

int bitocr_test_formats(uint32_t *text, int count) {
    format_text t = {.count = count};
    for (int i = 0; i < count; i++) {
        t.at[i] = text[i];
        t.from[i] = i;
    }
    bitocr_format_all(&t);
    for (int i = 0; i < t.count; i++)
        text[i] = t.at[i];
    return t.count;
}
