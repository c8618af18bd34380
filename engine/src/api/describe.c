/* The public functions that describe the library: version, structure sizes, kernels, a model. */
#include "api/reading.h"
#include "base/error.h"

#include <string.h>

const char *bitocr_version(void) {
    return BITOCR_VERSION;
}

size_t bitocr_sizeof(const char *structure) {
#define OF(type)                                                                                   \
    {                                                                                              \
        #type, sizeof(type)                                                                        \
    }
    static const struct {
        const char *name;
        size_t size;
    } known[] = {
        OF(bitocr_error),     OF(bitocr_image),        OF(bitocr_options),
        OF(bitocr_info),      OF(bitocr_char),         OF(bitocr_decoding),
        OF(bitocr_line),      OF(bitocr_quad),         OF(bitocr_page_char),
        OF(bitocr_word),      OF(bitocr_block),        OF(bitocr_page_line),
        OF(bitocr_page_info), OF(bitocr_page_options), OF(bitocr_clean_options),
    };
#undef OF
    for (size_t i = 0; structure && i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].name, structure))
            return known[i].size;
    return 0;
}

int bitocr_kernels(const char **names, int room) {
    const kernel_table *tables[BITOCR_MAX_KERNELS];
    int count = bitocr_kernel_tables(tables);
    for (int i = 0; i < count && i < room; i++)
        names[i] = tables[i]->name;
    return count;
}

bitocr_status bitocr_describe(const bitocr_model *model, bitocr_info *info, bitocr_error *error) {
    if (!model || !info)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "an argument is missing");
    bitocr_status status = bitocr_check_size("bitocr_info", info->size, sizeof *info, error);
    if (status != BITOCR_OK)
        return status;
    info->kernel = model->kernel->name;
    info->threads = bitocr_pool_threads(model->threads);
    info->width_unit = bitocr_model_width_unit(model);
    info->classes = bitocr_network_classes(model->net);
    info->charset = bitocr_model_charset(model->file);
    info->languages = bitocr_model_languages(model->file);
    info->language_model = bitocr_reading_language(info->languages);
    info->ngram_file = model->ngram_file;
    info->words_file = model->words_file;
    info->decoding = &model->decoding;
    info->reread = model->reread;
    info->header = bitocr_model_header(model->file, &info->header_bytes);
    return BITOCR_OK;
}
