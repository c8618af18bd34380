#include "api/page.h"

#include <stdlib.h>

#include "base/error.h"

bitocr_page *bitocr_page_create(void) {
    return calloc(1, sizeof(bitocr_page));
}

void bitocr_page_free(bitocr_page *page) {
    if (!page)
        return;
    page_reading *readings = page->readings.memory;
    for (int i = 0; i < page->reading_room; i++)
        bitocr_buffer_free(&readings[i].memory);
    buffer *all[] = {&page->readings, &page->lines,  &page->words, &page->chars,
                     &page->text,     &page->blocks, &page->boxes};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bitocr_buffer_free(all[i]);
    bitocr_order_free(&page->order);
    bitocr_results_free(page->results);
    free(page);
}

bitocr_status bitocr_page_describe(const bitocr_page *page, bitocr_page_info *info,
                                   bitocr_error *error) {
    if (!page || !info)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    bitocr_status status = bitocr_check_size("bitocr_page_info", info->size, sizeof *info, error);
    if (status == BITOCR_OK)
        *info = page->info;
    info->size = sizeof *info;
    if (status == BITOCR_OK && !info->text)
        info->text = "";
    return status;
}

const bitocr_page_line *bitocr_page_get(const bitocr_page *page, int i) {
    const bitocr_page_line *lines = page ? page->lines.memory : NULL;
    return page && i >= 0 && i < page->info.line_count ? &lines[i] : NULL;
}

const bitocr_block *bitocr_page_get_block(const bitocr_page *page, int i) {
    const bitocr_block *blocks = page ? page->blocks.memory : NULL;
    return page && i >= 0 && i < page->info.block_count ? &blocks[i] : NULL;
}

page_reading *bitocr_page_begin(bitocr_page *page, int count) {
    page->info = (bitocr_page_info){.size = sizeof page->info, .scale = 1};
    page->line_count = page->word_count = page->char_count = 0;
    page->text_bytes = 0;
    if (!bitocr_buffer_reserve(&page->readings, (size_t)count + 1, sizeof(page_reading)))
        return NULL;
    page_reading *readings = page->readings.memory;
    for (; page->reading_room < count; page->reading_room++)
        readings[page->reading_room].memory = (buffer){NULL, 0};
    for (int i = 0; i < count; i++)
        readings[i] = (page_reading){.memory = readings[i].memory};
    return readings;
}
