#include "read/olmocr.h"

#include <string.h>

#include "base/error.h"
#include "base/json_stream.h"
#include "base/mem.h"

/* Where the value of natural_text begins, after any white space; NULL if there is none. */
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

/* The character at s[*i], stepping over it. The answer may be cut or faulty: what is no escape stands for itself. */
static void put_character(ocrvl_buf *out, const char *s, size_t len, size_t *i)
{
    size_t used;
    int32_t c = s[*i] == '\\' ? ocrvl_json_escape(s + *i, len - *i, &used) : -1;
    if (c >= 0) {
        ocrvl_buf_put_codepoint(out, (uint32_t)c);
        *i += used;
        return;
    }
    *i += s[*i] == '\\' && *i + 1 < len;
    ocrvl_buf_putc(out, s[(*i)++]);
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
        put_character(&text, s->text, s->len, &i);
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
