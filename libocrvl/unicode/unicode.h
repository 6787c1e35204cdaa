/* UTF-16 text and ICU failures, shared by the files of this folder and by the tokenizer. */
#ifndef OCRVL_UNICODE_UNICODE_H
#define OCRVL_UNICODE_UNICODE_H

#include <unicode/unorm2.h>
#include <unicode/utypes.h>

#include "ocrvl.h"

/* The longest text that is accepted, in bytes: ICU counts in int32_t, and NFKD turns one unit into up to 18. */
#define OCRVL_MAX_TEXT ((size_t)64 << 20)

typedef struct ocrvl_utf16 { /* must be zero-initialised */
    UChar *data;             /* not NUL-terminated */
    int32_t len;
    size_t cap;
} ocrvl_utf16;

void ocrvl_utf16_free(ocrvl_utf16 *u);
/* Replaces the contents of u by the text; ill-formed parts become U+FFFD. Fails with OCRVL_E_LIMIT for texts over
 * OCRVL_MAX_TEXT. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_utf16_set(ocrvl_utf16 *u, const char *text, size_t len, ocrvl_error *err);
/* Grows the capacity to n units and keeps the contents. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_utf16_reserve(ocrvl_utf16 *u, size_t n, ocrvl_error *err);

/* The normalizer belongs to ICU and is never freed. */
const UNormalizer2 *ocrvl_normalizer(ocrvl_norm form, UErrorCode *code);

/* Sets err from an ICU failure: its status, and a message of `what` and ICU's name for the failure. */
ocrvl_status ocrvl_fail_icu(ocrvl_error *err, UErrorCode code, const char *what);

#endif
