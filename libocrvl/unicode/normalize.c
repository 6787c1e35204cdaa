#include "unicode/normalize.h"

#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/unicode.h"

static void put_utf16(ocrvl_buf *out, const UChar *s, int32_t len)
{
    for (int32_t i = 0; i < len;) {
        UChar32 c;
        U16_NEXT(s, i, len, c);
        ocrvl_buf_put_codepoint(out, (uint32_t)c);
    }
}

/* Normalises `from` to `to`, which is grown once if the first guess is too short. */
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
    if (is_ascii(text, len)) { /* ASCII is the same in every form */
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
        return ocrvl_fail(err, OCRVL_E_ARG, "there is no normalization form %d", (int)form);
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
