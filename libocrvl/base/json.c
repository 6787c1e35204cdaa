#include "base/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

/* jansson takes up to 250 bytes for a value that is written in three. */
#define MAX_VALUES 2000000

/* Counts the characters that may begin a value, also inside strings, so that the count is never too low. */
static bool too_many_values(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += text[i] == ',' || text[i] == '[' || text[i] == '{';
    return n > MAX_VALUES;
}

static json_t *raw(const ocrvl_json *v) { return (json_t *)(uintptr_t)v; }

static const ocrvl_json *wrap(const json_t *v) { return (const ocrvl_json *)v; }

ocrvl_status ocrvl_json_parse(ocrvl_json **out, const char *text, size_t len, const char *name, ocrvl_error *err)
{
    json_error_t e;
    *out = NULL;
    if (too_many_values(text, len))
        return ocrvl_fail(err, OCRVL_E_LIMIT, "%s: the file has over %d values", name, MAX_VALUES);
    size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES;
    *out = (ocrvl_json *)json_loadb(text, len, flags, &e);
    if (*out)
        return OCRVL_OK;
    if (json_error_code(&e) == json_error_out_of_memory)
        return ocrvl_fail_nomem(err);
    ocrvl_fail(err, OCRVL_E_FORMAT, "%s: not valid JSON at line %d: %s", name, e.line, e.text);
    if (err)
        err->offset = e.position > 0 ? (uint64_t)e.position : 0;
    return OCRVL_E_FORMAT;
}

ocrvl_status ocrvl_json_load(ocrvl_json **out, const char *path, size_t max_bytes, ocrvl_error *err)
{
    char *data;
    size_t len;
    *out = NULL;
    ocrvl_status st = ocrvl_file_read(&data, &len, path, max_bytes, err);
    if (st)
        return st;
    st = ocrvl_file_check_lfs(data, len, path, err);
    if (!st)
        st = ocrvl_json_parse(out, data, len, path, err);
    ocrvl_free(data);
    return st;
}

void ocrvl_json_free(ocrvl_json *root) { json_decref(raw(root)); }

ocrvl_json *ocrvl_json_keep(const ocrvl_json *v) { return (ocrvl_json *)json_incref(raw(v)); }

const ocrvl_json *ocrvl_json_get(const ocrvl_json *v, const char *key) { return wrap(json_object_get(raw(v), key)); }

const ocrvl_json *ocrvl_json_at(const ocrvl_json *v, size_t i) { return wrap(json_array_get(raw(v), i)); }

size_t ocrvl_json_length(const ocrvl_json *v)
{
    return json_is_array(raw(v)) ? json_array_size(raw(v)) : json_object_size(raw(v));
}

bool ocrvl_json_is_array(const ocrvl_json *v) { return json_is_array(raw(v)); }

bool ocrvl_json_is_object(const ocrvl_json *v) { return json_is_object(raw(v)); }

bool ocrvl_json_is_null(const ocrvl_json *v) { return json_is_null(raw(v)); }

bool ocrvl_json_int(const ocrvl_json *v, int64_t *out)
{
    if (!json_is_integer(raw(v)))
        return false;
    *out = json_integer_value(raw(v));
    return true;
}

bool ocrvl_json_number(const ocrvl_json *v, double *out)
{
    if (!json_is_number(raw(v)))
        return false;
    *out = json_number_value(raw(v));
    return true;
}

bool ocrvl_json_bool(const ocrvl_json *v, bool *out)
{
    if (!json_is_boolean(raw(v)))
        return false;
    *out = json_is_true(raw(v));
    return true;
}

const char *ocrvl_json_string(const ocrvl_json *v, size_t *len)
{
    if (!json_is_string(raw(v)))
        return NULL;
    if (len)
        *len = json_string_length(raw(v));
    return json_string_value(raw(v));
}

bool ocrvl_json_each(const ocrvl_json *v,
                     bool (*fn)(void *user, const char *key, size_t key_len, const ocrvl_json *value), void *user)
{
    for (void *it = json_object_iter(raw(v)); it; it = json_object_iter_next(raw(v), it))
        if (!fn(user, json_object_iter_key(it), json_object_iter_key_len(it), wrap(json_object_iter_value(it))))
            return false;
    return true;
}

/* Writes as few digits as are read back as the same number; a point distinguishes it from an integer. */
static void put_real(ocrvl_buf *b, double v)
{
    char text[40];
    int digits = 15;
    do
        snprintf(text, sizeof text, "%.*g", digits, v);
    while (strtod(text, NULL) != v && ++digits <= 17);
    size_t n = strspn(text, "-0123456789");
    if (text[n] && text[n] != 'e')
        text[n] = '.'; /* replaces the locale's decimal point */
    ocrvl_buf_puts(b, text);
    if (!text[n])
        ocrvl_buf_puts(b, ".0");
}

static void put_scalar(ocrvl_buf *b, json_t *v)
{
    if (json_is_string(v))
        ocrvl_json_put_string(b, json_string_value(v), json_string_length(v));
    else if (json_is_integer(v))
        ocrvl_buf_printf(b, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        put_real(b, json_real_value(v));
    else
        ocrvl_buf_puts(b, json_is_true(v) ? "true" : json_is_false(v) ? "false" : "null");
}

/* Recurses as deep as jansson parses, which is 2048. */
void ocrvl_json_put(ocrvl_buf *b, const ocrvl_json *value, bool spaced)
{
    json_t *v = raw(value);
    bool array = json_is_array(v);
    if (!array && !json_is_object(v)) {
        put_scalar(b, v);
        return;
    }
    ocrvl_buf_putc(b, array ? '[' : '{');
    for (size_t i = 0; array && i < json_array_size(v); i++) {
        ocrvl_buf_puts(b, i == 0 ? "" : spaced ? ", " : ",");
        ocrvl_json_put(b, wrap(json_array_get(v, i)), spaced);
    }
    void *first = array ? NULL : json_object_iter(v);
    for (void *it = first; it; it = json_object_iter_next(v, it)) {
        ocrvl_buf_puts(b, it == first ? "" : spaced ? ", " : ",");
        ocrvl_json_put_string(b, json_object_iter_key(it), json_object_iter_key_len(it));
        ocrvl_buf_puts(b, spaced ? ": " : ":");
        ocrvl_json_put(b, wrap(json_object_iter_value(it)), spaced);
    }
    ocrvl_buf_putc(b, array ? ']' : '}');
}

void ocrvl_json_put_string(ocrvl_buf *b, const char *s, size_t len)
{
    ocrvl_buf_putc(b, '"');
    for (size_t i = 0; i < len;) {
        size_t from = i;
        uint32_t c = ocrvl_utf8_next(s, len, &i);
        if (c == OCRVL_UTF8_BAD)
            ocrvl_buf_puts(b, "\xEF\xBF\xBD");
        else if (c == '"' || c == '\\')
            ocrvl_buf_printf(b, "\\%c", (char)c);
        else if (c == '\n')
            ocrvl_buf_puts(b, "\\n");
        else if (c == '\t')
            ocrvl_buf_puts(b, "\\t");
        else if (c < 0x20 || c == 0x7F)
            ocrvl_buf_printf(b, "\\u%04x", (unsigned)c);
        else
            ocrvl_buf_put(b, s + from, i - from);
    }
    ocrvl_buf_putc(b, '"');
}
