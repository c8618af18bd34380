/* Mends codes by their form: MAC addresses and hashes have hexadecimal digits only, an IBAN's check
 * digits must be right, and addresses and paths have no spaces beside their signs. */
#ifndef BITOCR_API_FORMATS_H
#define BITOCR_API_FORMATS_H

#include "api/handle.h"

/* Replaces characters that look like others, such as O for 0, and takes out or puts in spaces,
 * where the form of a code leaves no other choice. The confidence stays as it is. */
void bitocr_formats_mend(const bitocr_model *model, ctc_space *reading);

/* The model's class of a character; 0: it has none. */
int bitocr_format_label(const bitocr_model *model, uint32_t c);

#endif
