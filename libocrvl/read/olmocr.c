#include "read/olmocr.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json_stream.h"
#include "base/mem.h"

/* Where the value of a key, which is given with its quotation marks, begins after any white space; NULL if there is
 * none. */
static const char *find_value(const char *text, const char *key)
{
    const char *p = strstr(text, key);
    if (!p)
        return NULL;
    p += strlen(key);
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

/* The two keys stand before the text, which may hold anything. */
static uint32_t wanted_turn(const char *text, const char *end)
{
    const char *valid = find_value(text, "\"is_rotation_valid\""), *by = find_value(text, "\"rotation_correction\"");
    if (!valid || !by || valid > end || by > end || strncmp(valid, "false", 5) != 0)
        return 0;
    unsigned long degrees = *by >= '0' && *by <= '9' ? strtoul(by, NULL, 10) : 0;
    return degrees == 90 || degrees == 180 || degrees == 270 ? (uint32_t)degrees : 0;
}

ocrvl_status ocrvl_olmocr_text(ocrvl_transcript *s, uint32_t *turn, ocrvl_error *err)
{
    const char *value = s->text ? find_value(s->text, "\"natural_text\"") : NULL;
    ocrvl_buf text = {0};
    *turn = value ? wanted_turn(s->text, value) : 0;
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
