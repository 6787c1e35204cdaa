#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "tree/tree.h"

void *ocrvl_tree_take(ocrvl_builder *b, size_t n) { return ocrvl_arena_take(&b->arena, n, 16); }

const char *ocrvl_tree_copy(ocrvl_builder *b, const char *s, size_t n)
{
    char *p = ocrvl_tree_take(b, n + 1);
    if (p && n)
        memcpy(p, s, n);
    return p;
}

/* What the builder puts for code point c (see the top of builder.c). */
static uint32_t legal(uint32_t c, bool one_line)
{
    bool space = c == '\t' || c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
    if (space)
        return one_line || (c != '\t' && c != '\n') ? ' ' : c;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE)
        return 0xFFFD;
    return c;
}

ocrvl_status ocrvl_tree_text(ocrvl_builder *b, const char **out, size_t *length, uint32_t *count, const char *s,
                             ocrvl_text_mode mode, ocrvl_error *err)
{
    size_t n = s ? strlen(s) : 0, bytes = 0, k = 0;
    char utf8[4];
    if (n > OCRVL_TREE_MAX_TEXT)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "the text of %zu bytes is too long", n);
    for (size_t i = 0; i < n; k++) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        if (c == OCRVL_UTF8_BAD && mode != OCRVL_TEXT_LOSSY)
            return ocrvl_fail(err, OCRVL_E_ARG, "text is not well-formed UTF-8 at byte %zu", i - 1);
        bytes += ocrvl_utf8_encode(utf8, c == OCRVL_UTF8_BAD ? 0xFFFD : legal(c, mode != OCRVL_TEXT_LINES));
    }
    char *p = ocrvl_tree_take(b, bytes + 1);
    if (!p)
        return ocrvl_fail_nomem(err);
    *out = p;
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        p += ocrvl_utf8_encode(p, c == OCRVL_UTF8_BAD ? 0xFFFD : legal(c, mode != OCRVL_TEXT_LINES));
    }
    if (length)
        *length = bytes;
    if (count)
        *count = (uint32_t)k;
    return OCRVL_OK;
}
