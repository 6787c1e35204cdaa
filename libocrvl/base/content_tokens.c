#include "base/content_tokens.h"

#include <string.h>

static bool is_white(uint8_t c) { return c == 0 || c == 9 || c == 10 || c == 12 || c == 13 || c == 32; }

static bool is_delimiter(uint8_t c) { return c && strchr("()<>[]{}/%", c); }

static void skip_string(ocrvl_content_tokens *s)
{
    size_t deep = 1;
    for (s->at++; s->at < s->len && deep; s->at++) {
        uint8_t c = s->data[s->at];
        if (c == '\\')
            s->at++;
        deep += c == '(';
        deep -= c == ')';
    }
    s->at = s->at < s->len ? s->at : s->len;
}

static void skip_regular(ocrvl_content_tokens *s)
{
    while (s->at < s->len && !is_white(s->data[s->at]) && !is_delimiter(s->data[s->at]))
        s->at++;
}

static void skip_white(ocrvl_content_tokens *s)
{
    while (s->at < s->len && (is_white(s->data[s->at]) || s->data[s->at] == '%')) {
        if (s->data[s->at] == '%')
            while (s->at < s->len && s->data[s->at] != '\n' && s->data[s->at] != '\r')
                s->at++;
        else
            s->at++;
    }
}

bool ocrvl_tokens_next(ocrvl_content_tokens *s, ocrvl_content_token *t)
{
    size_t deep = 0;
    skip_white(s);
    if (s->at == s->len)
        return false;
    t->from = s->at;
    do {
        uint8_t c = s->data[s->at];
        bool twice = s->at + 1 < s->len && s->data[s->at + 1] == c;
        if (c == '(') {
            skip_string(s);
        } else if (c == '[' || (c == '<' && twice)) {
            deep++;
            s->at += c == '[' ? 1 : 2;
        } else if (c == ']' || (c == '>' && twice)) {
            deep -= deep > 0;
            s->at += c == ']' ? 1 : 2;
        } else if (c == '<') {
            const uint8_t *end = memchr(s->data + s->at, '>', s->len - s->at);
            s->at = end ? (size_t)(end - s->data) + 1 : s->len;
        } else {
            s->at += is_delimiter(c);
            if (c == '/' || !is_delimiter(c))
                skip_regular(s);
        }
        t->to = s->at;
        if (deep)
            skip_white(s);
    } while (deep && s->at < s->len);
    return true;
}

bool ocrvl_token_is(const ocrvl_content_tokens *s, ocrvl_content_token t, const char *word)
{
    size_t n = strlen(word);
    return t.to - t.from == n && memcmp(s->data + t.from, word, n) == 0;
}

bool ocrvl_token_is_operand(const ocrvl_content_tokens *s, ocrvl_content_token t)
{
    uint8_t c = s->data[t.from];
    return (c && strchr("/([<+-.0123456789", c)) || ocrvl_token_is(s, t, "true") || ocrvl_token_is(s, t, "false") ||
           ocrvl_token_is(s, t, "null");
}

static int hex(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool ocrvl_token_name(const ocrvl_content_tokens *s, ocrvl_content_token t, char out[OCRVL_TOKEN_NAME])
{
    size_t n = 0;
    if (t.from == t.to || s->data[t.from] != '/')
        return false;
    for (size_t i = t.from; i < t.to; i++) {
        uint8_t c = s->data[i];
        if (c == '#' && i + 2 < t.to && hex(s->data[i + 1]) >= 0 && hex(s->data[i + 2]) >= 0) {
            c = (uint8_t)(hex(s->data[i + 1]) << 4 | hex(s->data[i + 2]));
            i += 2;
        }
        if (c == 0 || n == OCRVL_TOKEN_NAME - 1)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

double ocrvl_token_number(const ocrvl_content_tokens *s, ocrvl_content_token t)
{
    char text[40];
    size_t n = t.to - t.from;
    if (n == 0 || n >= sizeof text || !strchr("+-.0123456789", s->data[t.from]))
        return 0;
    double v = 0, unit = 0, sign = 1;
    for (size_t i = t.from; i < t.to; i++) { /* strtod would follow the locale */
        uint8_t c = s->data[i];
        if (c == '-')
            sign = -1;
        else if (c == '.')
            unit = 1;
        else if (c >= '0' && c <= '9') {
            v = 10 * v + (c - '0');
            unit *= 10;
        }
    }
    return sign * (unit > 0 ? v / unit : v);
}

bool ocrvl_tokens_skip_image(ocrvl_content_tokens *s)
{
    enum { LOOK = 16 };
    for (size_t i = s->at + 1; i + 2 < s->len + 1 && i < s->len; i++) {
        if (s->data[i] != 'E' || i + 2 > s->len || s->data[i + 1] != 'I' || !is_white(s->data[i - 1]) ||
            (i + 2 < s->len && !is_white(s->data[i + 2])))
            continue;
        size_t k = i + 2, end = s->len - k < LOOK ? s->len : k + LOOK;
        while (k < end && (is_white(s->data[k]) || (s->data[k] > 32 && s->data[k] < 127)) && s->data[k])
            k++;
        if (k == end) {
            s->at = i + 2;
            return true;
        }
    }
    return false;
}
