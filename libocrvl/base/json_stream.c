#include "base/json_stream.h"

#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

void ocrvl_stream_begin(ocrvl_stream *s, const char *text, size_t len, const char *file)
{
    *s = (ocrvl_stream){.text = text, .at = text, .end = text + len, .file = file};
}

void ocrvl_stream_free(ocrvl_stream *s)
{
    ocrvl_buf_free(&s->unescaped);
    memset(s, 0, sizeof *s);
}

ocrvl_status ocrvl_stream_fail(const ocrvl_stream *s, const char *what, ocrvl_error *err)
{
    size_t line = 1;
    for (const char *p = s->text; p < s->at; p++)
        line += *p == '\n';
    ocrvl_fail(err, OCRVL_E_FORMAT, "%s: not valid JSON at line %zu: %s", s->file, line, what);
    if (err)
        err->offset = (uint64_t)(s->at - s->text);
    return OCRVL_E_FORMAT;
}

char ocrvl_stream_peek(ocrvl_stream *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
    return s->at < s->end ? *s->at : '\0';
}

bool ocrvl_stream_take(ocrvl_stream *s, char c)
{
    if (ocrvl_stream_peek(s) != c || s->at == s->end)
        return false;
    s->at++;
    return true;
}

/* The value of four hexadecimal digits at p, or -1. */
static int32_t hex4(const char *p, size_t len)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    int32_t v = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *d = i < len ? memchr(digits, p[i], sizeof digits - 1) : NULL;
        if (!d)
            return -1;
        v = v << 4 | (int32_t)((d - digits) & 15);
    }
    return v;
}

int32_t ocrvl_json_escape(const char *s, size_t len, size_t *used)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    *used = 0;
    if (len < 2)
        return -1;
    const char *known = memchr(from, s[1], sizeof from - 1);
    int32_t c = known ? to[known - from] : s[1] == 'u' ? hex4(s + 2, len - 2) : -1;
    *used = c < 0 ? 0 : known ? 2 : 6;
    if (c >= 0xD800 && c < 0xDC00 && len >= 8 && s[6] == '\\' && s[7] == 'u') {
        int32_t low = hex4(s + 8, len - 8);
        if (low >= 0xDC00 && low < 0xE000) {
            *used = 12;
            return 0x10000 + (c - 0xD800) * 0x400 + (low - 0xDC00);
        }
    }
    return c;
}

/* Reads an escape from its backslash on and appends its meaning; returns false if it is invalid. */
static bool unescape(ocrvl_stream *s)
{
    size_t used;
    int32_t c = ocrvl_json_escape(s->at, (size_t)(s->end - s->at), &used);
    if (c < 0 || (c >= 0xD800 && c < 0xE000))
        return false;
    s->at += used;
    ocrvl_buf_put_codepoint(&s->unescaped, (uint32_t)c);
    return true;
}

ocrvl_status ocrvl_stream_string(ocrvl_stream *s, ocrvl_error *err)
{
    bool escapes = false;
    if (!ocrvl_stream_take(s, '"'))
        return ocrvl_stream_fail(s, "a string is expected", err);
    const char *from = s->at;
    ocrvl_buf_clear(&s->unescaped);
    while (s->at < s->end && *s->at != '"') {
        unsigned char c = (unsigned char)*s->at;
        size_t i = 0;
        if (c == '\\') {
            ocrvl_buf_put(&s->unescaped, from, (size_t)(s->at - from));
            if (!unescape(s))
                return ocrvl_stream_fail(s, "an escape is invalid", err);
            from = s->at;
            escapes = true;
        } else if (c < 0x20)
            return ocrvl_stream_fail(s, "a string contains a control character", err);
        else if (c < 0x80)
            s->at++;
        else if (ocrvl_utf8_next(s->at, (size_t)(s->end - s->at), &i) == OCRVL_UTF8_BAD)
            return ocrvl_stream_fail(s, "a string is not well-formed UTF-8", err);
        else
            s->at += i;
    }
    if (s->at == s->end)
        return ocrvl_stream_fail(s, "a string has no end", err);
    s->string = from;
    s->string_len = (size_t)(s->at - from);
    if (escapes) {
        ocrvl_buf_put(&s->unescaped, from, s->string_len);
        s->string = s->unescaped.data;
        s->string_len = s->unescaped.len;
    }
    s->at++;
    return s->unescaped.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

bool ocrvl_stream_int(ocrvl_stream *s, int64_t *out)
{
    bool negative = ocrvl_stream_take(s, '-');
    const char *from = s->at;
    uint64_t v = 0;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
        if (s->at - from >= 18) /* enough digits for any id */
            return false;
        v = v * 10 + (uint64_t)(*s->at - '0');
    }
    if (s->at == from || (*from == '0' && s->at - from > 1) || (s->at < s->end && strchr(".eE", *s->at)))
        return false;
    *out = negative ? -(int64_t)v : (int64_t)v;
    return true;
}

bool ocrvl_stream_more(ocrvl_stream *s, bool *first, char close, ocrvl_status *st, ocrvl_error *err)
{
    bool was_first = *first;
    *first = false;
    *st = OCRVL_OK;
    if (ocrvl_stream_take(s, close))
        return false;
    if (was_first || ocrvl_stream_take(s, ','))
        return true;
    *st = ocrvl_stream_fail(s, close == '}' ? "',' or '}' is expected" : "',' or ']' is expected", err);
    return false;
}

/* Skips a string without decoding its escapes; returns false if it has no end. */
static bool skip_string(ocrvl_stream *s)
{
    for (s->at++; s->at < s->end && *s->at != '"'; s->at++)
        if (*s->at == '\\' && s->at + 1 < s->end)
            s->at++;
    if (s->at == s->end)
        return false;
    s->at++;
    return true;
}

bool ocrvl_stream_skip(ocrvl_stream *s)
{
    size_t depth = 0;
    do {
        char c = ocrvl_stream_peek(s);
        if (c == '"') {
            if (!skip_string(s))
                return false;
        } else if (c == '{' || c == '[') {
            depth++;
            s->at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return false;
            depth--;
            s->at++;
        } else if (c == ',' || c == ':') {
            if (depth == 0)
                return false;
            s->at++;
        } else { /* a number, true, false or null: skips to a character that ends it */
            const char *from = s->at;
            while (s->at < s->end && !strchr(" \n\r\t\"{}[],:", *s->at))
                s->at++;
            if (s->at == from)
                return false;
        }
    } while (depth);
    return true;
}
