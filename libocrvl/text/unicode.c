#include "text/unicode.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/words.h"

ocrvl_status ocrvl_fail_icu(ocrvl_error *err, UErrorCode code, const char *what)
{
    if (code == U_MEMORY_ALLOCATION_ERROR)
        return ocrvl_fail_nomem(err);
    if (code == U_FILE_ACCESS_ERROR || code == U_MISSING_RESOURCE_ERROR)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "%s: this ICU lacks the data (%s)", what, u_errorName(code));
    return ocrvl_fail(err, OCRVL_E_INTERNAL, "%s: ICU says %s", what, u_errorName(code));
}

void ocrvl_utf16_free(ocrvl_utf16 *u)
{
    ocrvl_free(u->data);
    memset(u, 0, sizeof *u);
}

ocrvl_status ocrvl_utf16_reserve(ocrvl_utf16 *u, size_t n, ocrvl_error *err)
{
    if (u->data && n <= u->cap)
        return OCRVL_OK;
    size_t cap = n < 64 ? 64 : n;
    UChar *p = n <= INT32_MAX ? ocrvl_realloc_array(u->data, cap, sizeof *p) : NULL;
    if (!p)
        return ocrvl_fail_nomem(err);
    u->data = p;
    u->cap = cap;
    return OCRVL_OK;
}

ocrvl_status ocrvl_utf16_set(ocrvl_utf16 *u, const char *text, size_t len, ocrvl_error *err)
{
    if (len > OCRVL_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "a text of %zu bytes is over the limit of %zu", len, OCRVL_MAX_TEXT);
    ocrvl_status st = ocrvl_utf16_reserve(u, len, err); /* no byte makes more than one unit */
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

static void put_utf16(ocrvl_buf *out, const UChar *s, int32_t len)
{
    for (int32_t i = 0; i < len;) {
        UChar32 c;
        U16_NEXT(s, i, len, c);
        ocrvl_buf_put_codepoint(out, (uint32_t)c);
    }
}

const UNormalizer2 *ocrvl_normalizer(ocrvl_norm form, UErrorCode *code)
{
    switch (form) {
    case OCRVL_NFC:
        return unorm2_getNFCInstance(code);
    case OCRVL_NFD:
        return unorm2_getNFDInstance(code);
    case OCRVL_NFKC:
        return unorm2_getNFKCInstance(code);
    case OCRVL_NFKD:
        return unorm2_getNFKDInstance(code);
    }
    *code = U_ILLEGAL_ARGUMENT_ERROR;
    return NULL;
}

/* from -> to, growing it once if the first guess is too short. */
static ocrvl_status normalize_units(const UNormalizer2 *n, const ocrvl_utf16 *from, ocrvl_utf16 *to, ocrvl_error *err)
{
    size_t room = (size_t)from->len + 64;
    for (int attempt = 0;; attempt++) {
        ocrvl_status st = ocrvl_utf16_reserve(to, room, err);
        if (st)
            return st;
        UErrorCode code = U_ZERO_ERROR;
        to->len = unorm2_normalize(n, from->data, from->len, to->data, (int32_t)to->cap, &code);
        if (code == U_BUFFER_OVERFLOW_ERROR && attempt == 0) {
            room = (size_t)to->len;
            continue;
        }
        return U_FAILURE(code) ? ocrvl_fail_icu(err, code, "normalization") : OCRVL_OK;
    }
}

static bool is_ascii(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] >= 0x80)
            return false;
    return true;
}

ocrvl_status ocrvl_normalize_to(ocrvl_buf *out, ocrvl_norm form, const char *text, size_t len, ocrvl_error *err)
{
    ocrvl_utf16 from = {0}, to = {0};
    ocrvl_status st = OCRVL_OK;
    UErrorCode code = U_ZERO_ERROR;
    if (is_ascii(text, len)) { /* the same in every form */
        ocrvl_buf_put(out, text, len);
        return out->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
    }
    const UNormalizer2 *n = ocrvl_normalizer(form, &code);
    if (U_FAILURE(code))
        return ocrvl_fail_icu(err, code, "normalization");
    st = ocrvl_utf16_set(&from, text, len, err);
    if (!st)
        st = normalize_units(n, &from, &to, err);
    if (!st) {
        put_utf16(out, to.data, to.len);
        if (out->failed)
            st = ocrvl_fail_nomem(err);
    }
    ocrvl_utf16_free(&from);
    ocrvl_utf16_free(&to);
    return st;
}

ocrvl_status ocrvl_normalize(char **out, size_t *out_len, ocrvl_norm form, const char *utf8, size_t len,
                             ocrvl_error *err)
{
    ocrvl_buf b = {0};
    *out = NULL;
    if (out_len)
        *out_len = 0;
    if (form < OCRVL_NFC || form > OCRVL_NFKD)
        return ocrvl_fail(err, OCRVL_E_ARG, "no normalization form %d", (int)form);
    ocrvl_status st = ocrvl_normalize_to(&b, form, utf8, len, err);
    if (!st && !(*out = ocrvl_buf_steal(&b, out_len)))
        st = ocrvl_fail_nomem(err);
    ocrvl_buf_free(&b);
    return st;
}

ocrvl_status ocrvl_normalize_or_keep(char **out, size_t *out_len, bool keep, const char *text, size_t len,
                                     ocrvl_error *err)
{
    ocrvl_buf b = {0};
    *out_len = 0;
    *out = NULL;
    if (!keep)
        return ocrvl_normalize(out, out_len, OCRVL_NFC, text, len, err);
    for (size_t i = 0; i < len;) {
        uint32_t c = ocrvl_utf8_next(text, len, &i);
        ocrvl_buf_put_codepoint(&b, c == OCRVL_UTF8_BAD ? 0xFFFD : c);
    }
    *out = ocrvl_buf_steal(&b, out_len);
    ocrvl_buf_free(&b);
    return *out ? OCRVL_OK : ocrvl_fail_nomem(err);
}

void ocrvl_text_free(char *text) { ocrvl_free(text); }
