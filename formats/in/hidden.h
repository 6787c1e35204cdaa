/* A PDF without the text in it that can't be seen. */
#ifndef OCRVL_IN_HIDDEN_H
#define OCRVL_IN_HIDDEN_H

#include "ocrvl.h"

/* Of pages and of the forms that they show. *out is the document anew, to be freed with ocrvl_free, with all else as it
 * was; NULL: there is no such text. Content that decodes to too much, or whose end can't be told, is left as it is. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_pdf_drop_hidden(uint8_t **out, size_t *out_len, const void *data, size_t len,
                                                    const char *password, ocrvl_error *err);

#endif
