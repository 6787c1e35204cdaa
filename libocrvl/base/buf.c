#include "base/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { SMALLEST = 64 }; /* bytes */

void ocrvl_buf_free(ocrvl_buf *b)
{
    ocrvl_free(b->data);
    memset(b, 0, sizeof *b);
}

void ocrvl_buf_clear(ocrvl_buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data)
        b->data[0] = '\0';
}

char *ocrvl_buf_reserve(ocrvl_buf *b, size_t n)
{
    if (b->failed)
        return NULL;
    if (n > SIZE_MAX / 4 - b->len) {
        b->failed = true;
        return NULL;
    }
    size_t need = b->len + n + 1;
    b->failed = !OCRVL_ARRAY_RESERVE(b->data, b->cap, need < SMALLEST ? SMALLEST : need);
    return b->failed ? NULL : b->data + b->len;
}

void ocrvl_buf_grew(ocrvl_buf *b, size_t n)
{
    b->len += n;
    b->data[b->len] = '\0';
}

void ocrvl_buf_put(ocrvl_buf *b, const void *data, size_t len)
{
    char *p = ocrvl_buf_reserve(b, len);
    if (!p)
        return;
    if (len)
        memcpy(p, data, len);
    ocrvl_buf_grew(b, len);
}

void ocrvl_buf_puts(ocrvl_buf *b, const char *s) { ocrvl_buf_put(b, s, strlen(s)); }

void ocrvl_buf_putc(ocrvl_buf *b, char c) { ocrvl_buf_put(b, &c, 1); }

void ocrvl_buf_put_codepoint(ocrvl_buf *b, uint32_t c)
{
    char s[4];
    ocrvl_buf_put(b, s, ocrvl_utf8_encode(s, c));
}

void ocrvl_buf_printf(ocrvl_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    char *p = ocrvl_buf_reserve(b, (size_t)n);
    if (!p)
        return;
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    ocrvl_buf_grew(b, (size_t)n);
}

void ocrvl_buf_put_uint(ocrvl_buf *b, uint64_t v)
{
    char digits[20], *end = digits + sizeof digits, *p = end;
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    ocrvl_buf_put(b, p, (size_t)(end - p));
}

void ocrvl_buf_put_number(ocrvl_buf *b, double v, int decimals)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    int d = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
    if (!isfinite(v) || fabs(v) >= 9e15) { /* numbers so large are whole, and %.0f writes no point */
        ocrvl_buf_printf(b, "%.0f", isfinite(v) ? v : 0.0);
        return;
    }
    while (d > 0 && fabs(v) >= 9e15 / powers[d]) /* a double doesn't have that many digits */
        d--;
    double p = powers[d];
    long long scaled = llround(v * p), unit = (long long)p;
    if (scaled < 0) {
        ocrvl_buf_putc(b, '-');
        scaled = -scaled;
    }
    ocrvl_buf_put_uint(b, (uint64_t)(scaled / unit));
    long long rest = scaled % unit;
    if (rest == 0)
        return;
    ocrvl_buf_putc(b, '.');
    while (rest) {
        unit /= 10;
        ocrvl_buf_putc(b, (char)('0' + rest / unit));
        rest %= unit;
    }
}

char *ocrvl_buf_steal(ocrvl_buf *b, size_t *len)
{
    if (!ocrvl_buf_reserve(b, 0)) {
        ocrvl_buf_free(b);
        return NULL;
    }
    char *p = b->data;
    p[b->len] = '\0';
    if (len)
        *len = b->len;
    memset(b, 0, sizeof *b);
    return p;
}
