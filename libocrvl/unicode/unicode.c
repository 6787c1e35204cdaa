#include "unicode/unicode.h"

#include <string.h>
#include <unicode/utf16.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

ocrvl_status ocrvl_fail_icu(ocrvl_error *err, UErrorCode code, const char *what)
{
    if (code == U_MEMORY_ALLOCATION_ERROR)
        return ocrvl_fail_nomem(err);
    if (code == U_FILE_ACCESS_ERROR || code == U_MISSING_RESOURCE_ERROR)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s: the installed ICU lacks the data (%s)", what,
                          u_errorName(code));
    return ocrvl_fail(err, OCRVL_E_INTERNAL, "%s: ICU failed with %s", what, u_errorName(code));
}

void ocrvl_utf16_free(ocrvl_utf16 *u)
{
    ocrvl_free(u->data);
    memset(u, 0, sizeof *u);
}

ocrvl_status ocrvl_utf16_reserve(ocrvl_utf16 *u, size_t n, ocrvl_error *err)
{
    size_t need = n ? n : 1;
    /* what grows may double, and ICU takes the capacity as an int32_t */
    bool fits = need <= INT32_MAX / 2 && OCRVL_ARRAY_RESERVE(u->data, u->cap, need);
    return fits ? OCRVL_OK : ocrvl_fail_nomem(err);
}

ocrvl_status ocrvl_utf16_set(ocrvl_utf16 *u, const char *text, size_t len, ocrvl_error *err)
{
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    ocrvl_status st = ocrvl_utf16_reserve(u, len, err); /* no byte becomes more than one unit */
    if (st)
        return st;
    int32_t n = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c = ocrvl_utf8_next(text, len, &i);
        if (c == OCRVL_UTF8_BAD)
            c = 0xFFFD;
        if (c < 0x10000)
            u->data[n++] = (UChar)c;
        else {
            u->data[n++] = U16_LEAD(c);
            u->data[n++] = U16_TRAIL(c);
        }
    }
    u->len = n;
    return OCRVL_OK;
}

const UNormalizer2 *ocrvl_normalizer(ocrvl_norm form, UErrorCode *code)
{
    switch (form) {
    case OCRVL_NFC: return unorm2_getNFCInstance(code);
    case OCRVL_NFD: return unorm2_getNFDInstance(code);
    case OCRVL_NFKC: return unorm2_getNFKCInstance(code);
    case OCRVL_NFKD: return unorm2_getNFKDInstance(code);
    }
    *code = U_ILLEGAL_ARGUMENT_ERROR;
    return NULL;
}
