/* Normalization forms (ICU). */
#ifndef OCRVL_UNICODE_NORMALIZE_H
#define OCRVL_UNICODE_NORMALIZE_H

#include "base/buf.h"
#include "ocrvl.h"

/* Appends the text in the given normalization form. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_normalize_to(ocrvl_buf *out, ocrvl_norm form, const char *text, size_t len,
                                                 ocrvl_error *err);

/* Copies a text for further use: in NFC, or unchanged if `keep` is true; ill-formed UTF-8 becomes U+FFFD in both cases.
 * *out is to be freed with ocrvl_text_free. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_normalize_or_keep(char **out, size_t *out_len, bool keep, const char *text,
                                                      size_t len, ocrvl_error *err);

#endif
