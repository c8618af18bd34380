#include "image/clean/steps.h"

void bitocr_clean_free(clean_scratch *scratch) {
    buffer *all[] = {&scratch->ink,   &scratch->columns, &scratch->runs, &scratch->parents,
                     &scratch->blobs, &scratch->cells,   &scratch->more};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bitocr_buffer_free(all[i]);
}
