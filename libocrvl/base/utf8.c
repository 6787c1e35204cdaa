#include "base/utf8.h"

uint32_t ocrvl_utf8_next(const char *s, size_t n, size_t *i)
{
    const unsigned char *p = (const unsigned char *)s + *i;
    size_t left = n - *i;
    unsigned c = p[0], low = 0x80, high = 0xBF, more;
    *i += 1;
    if (c < 0x80)
        return c;
    if (c < 0xC2 || c > 0xF4)
        return OCRVL_UTF8_BAD;
    more = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    if (c == 0xE0)
        low = 0xA0; /* no overlong forms */
    else if (c == 0xED)
        high = 0x9F; /* no surrogates */
    else if (c == 0xF0)
        low = 0x90;
    else if (c == 0xF4)
        high = 0x8F; /* nothing over U+10FFFF */
    uint32_t v = c & (0x3Fu >> more);
    for (size_t k = 1; k <= more; k++) {
        if (k >= left || p[k] < low || p[k] > high)
            return OCRVL_UTF8_BAD;
        v = v << 6 | (p[k] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
        *i += 1;
    }
    return v;
}

size_t ocrvl_utf8_encode(char out[4], uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = 0xFFFD;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[more] | c >> (6 * more));
    for (size_t k = 1; k <= more; k++)
        out[k] = (char)(0x80 | (c >> (6 * (more - k)) & 0x3F));
    return more + 1;
}

bool ocrvl_utf8_valid(const char *s, size_t n)
{
    for (size_t i = 0; i < n;)
        if (ocrvl_utf8_next(s, n, &i) == OCRVL_UTF8_BAD)
            return false;
    return true;
}

size_t ocrvl_utf8_count(const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; k++)
        ocrvl_utf8_next(s, n, &i);
    return k;
}

size_t ocrvl_utf8_offset(const char *s, size_t n, size_t k)
{
    size_t i = 0;
    while (k-- > 0 && i < n)
        ocrvl_utf8_next(s, n, &i);
    return i;
}

static bool is_unspaced(uint32_t c)
{
    return (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xF900 && c < 0xFB00) || (c >= 0xFE30 && c < 0xFE50) ||
           (c >= 0xFF00 && c < 0xFFA0) || (c >= 0x1B000 && c < 0x1B300) || (c >= 0x20000 && c < 0x40000) ||
           (c >= 0x0E00 && c < 0x0F00) || (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800);
}

bool ocrvl_utf8_unspaced(const char *before, size_t before_len, const char *after, size_t after_len)
{
    size_t i = 0, last = before_len ? ocrvl_utf8_before(before, before_len) : 0;
    return before_len && after_len && is_unspaced(ocrvl_utf8_next(before, before_len, &last)) &&
           is_unspaced(ocrvl_utf8_next(after, after_len, &i));
}

int64_t ocrvl_utf8_leftward(const char *s, size_t n)
{
    int64_t more = 0;
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        bool plain = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        /* neither: the figures of these scripts, signs and points, U+2000 to U+2BFF */
        bool other = c >= 0xC0 && !(c >= 0x590 && c < 0x900) && !(c >= 0x2000 && c < 0x2C00) && c != OCRVL_UTF8_BAD;
        more += ocrvl_runs_leftwards(c) ? 1 : -(int64_t)(plain || other);
    }
    return more;
}
