#include "read/olmocr.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* Where the value of natural_text begins, after any white space; NULL: there is none. */
static const char *find_value(const char *text)
{
    static const char key[] = "\"natural_text\"";
    const char *p = strstr(text, key);
    if (!p)
        return NULL;
    p += sizeof key - 1;
    p += strspn(p, " \t\r\n");
    if (*p != ':')
        return NULL;
    return p + 1 + strspn(p + 1, " \t\r\n");
}

/* Four hexadecimal digits at p, or -1. */
static long hex4(const char *p)
{
    char digits[5] = {0};
    for (int i = 0; i < 4; i++) {
        if (!p[i] || !strchr("0123456789abcdefABCDEF", p[i]))
            return -1;
        digits[i] = p[i];
    }
    return strtol(digits, NULL, 16);
}

/* The character at s[*i], stepping over it; a pair of escaped surrogates is one. */
static void put_character(ocrvl_buf *out, const char *s, size_t *i)
{
    static const char names[] = "nrtbf", values[] = "\n\r\t\b\f";
    const char *p = s + *i;
    if (*p != '\\' || !p[1]) {
        ocrvl_buf_putc(out, *p);
        *i += 1;
        return;
    }
    const char *named = strchr(names, p[1]);
    long c = p[1] == 'u' ? hex4(p + 2) : -1;
    *i += c >= 0 ? 6 : 2;
    if (c >= 0xD800 && c < 0xDC00 && p[6] == '\\' && p[7] == 'u') {
        long low = hex4(p + 8);
        if (low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            *i += 6;
        }
    }
    if (c >= 0)
        ocrvl_buf_put_codepoint(out, (uint32_t)c);
    else
        ocrvl_buf_putc(out, named ? values[named - names] : p[1]);
}

ocrvl_status ocrvl_olmocr_text(ocrvl_transcript *s, ocrvl_error *err)
{
    const char *value = s->text ? find_value(s->text) : NULL;
    ocrvl_buf text = {0};
    if (!value)
        return OCRVL_OK;
    float *logprob = ocrvl_alloc_array(s->len + 1, sizeof *logprob);
    if (!logprob)
        return ocrvl_fail_nomem(err);
    size_t i = (size_t)(value - s->text) + (*value == '"');
    while (*value == '"' && i < s->len && s->text[i] != '"') {
        size_t from = i, start = text.len;
        put_character(&text, s->text, &i);
        for (size_t k = from; k < i && k < s->len && start < s->len; k++)
            logprob[start] += s->logprob[k];
    }
    size_t len;
    char *out = ocrvl_buf_steal(&text, &len);
    if (!out) {
        ocrvl_free(logprob);
        return ocrvl_fail_nomem(err);
    }
    ocrvl_transcript_free(s);
    *s = (ocrvl_transcript){out, len, logprob};
    return OCRVL_OK;
}
