/* What the parts of text share of ICU: UTF-16 and failures. */
#ifndef OCRVL_UNICODE_UNICODE_H
#define OCRVL_UNICODE_UNICODE_H

#include <unicode/unorm2.h>
#include <unicode/utypes.h>

#include "ocrvl.h"

/* The longest text taken, in bytes: ICU counts in int32_t, and NFKD makes up to 18 units of one. */
#define OCRVL_MAX_TEXT ((size_t)64 << 20)

typedef struct ocrvl_utf16 { /* zero-initialise */
    UChar *data;             /* not NUL-terminated */
    int32_t len;
    size_t cap;
} ocrvl_utf16;

void ocrvl_utf16_free(ocrvl_utf16 *u);
/* Replaces u by the text; ill-formed parts become U+FFFD. OCRVL_E_LIMIT over OCRVL_MAX_TEXT. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_utf16_set(ocrvl_utf16 *u, const char *text, size_t len, ocrvl_error *err);
/* Room for n units; what is there is kept. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_utf16_reserve(ocrvl_utf16 *u, size_t n, ocrvl_error *err);

/* ICU's own, never freed. */
const UNormalizer2 *ocrvl_normalizer(ocrvl_norm form, UErrorCode *code);

/* The status that an ICU failure means, with `what` before ICU's name for it. */
ocrvl_status ocrvl_fail_icu(ocrvl_error *err, UErrorCode code, const char *what);

#endif
