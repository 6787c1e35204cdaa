/* Removes text that can't be seen from a PDF. */
#ifndef OCRVL_IN_HIDDEN_H
#define OCRVL_IN_HIDDEN_H

#include "ocrvl.h"

/* Handles pages and the forms that they show: text in the mode that shows nothing, and, on pages with pictures, text
 * without which the page looks the same, as it is under the scan, white, transparent or clipped away. *out
 * is the document written anew, with everything else unchanged, and is to be freed with ocrvl_free; it is NULL if there
 * is no such text. Content that decodes to too much, or whose end can't be found, is left unchanged. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_drop_hidden(uint8_t **out, size_t *out_len, const void *data, size_t len,
                                                    const char *password, ocrvl_error *err);

#endif
