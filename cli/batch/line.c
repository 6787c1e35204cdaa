#include "batch/line.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "batch/gzip.h"

/* The last member: `,"crc":"xxxxxxxx"}` */
enum { CRC_MEMBER = 18 };

static const char digits[] = "0123456789abcdef";

void batch_line_begin(ocrvl_buf *b, const char *type) { ocrvl_buf_printf(b, "{\"t\":\"%s\"", type); }

static void put_key(ocrvl_buf *b, const char *key) { ocrvl_buf_printf(b, ",\"%s\":", key); }

void batch_line_text(ocrvl_buf *b, const char *key, const char *value)
{
    if (!value)
        return;
    put_key(b, key);
    ocrvl_json_put_string(b, value, strlen(value));
}

static void put_percent(ocrvl_buf *b, char c)
{
    unsigned char u = (unsigned char)c;
    char s[3] = {'%', digits[u >> 4], digits[u & 15]};
    ocrvl_buf_put(b, s, sizeof s);
}

void batch_name_encode(ocrvl_buf *b, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len;) {
        size_t from = i;
        uint32_t c = ocrvl_utf8_next(name, len, &i);
        if (c != OCRVL_UTF8_BAD && c != '%')
            ocrvl_buf_put(b, name + from, i - from);
        else
            for (; from < i; from++)
                put_percent(b, name[from]);
    }
}

void batch_line_name(ocrvl_buf *b, const char *key, const char *value)
{
    ocrvl_buf name = {0};
    batch_name_encode(&name, value);
    b->failed |= name.failed;
    batch_line_text(b, key, name.data ? name.data : "");
    ocrvl_buf_free(&name);
}

void batch_line_count(ocrvl_buf *b, const char *key, uint64_t value)
{
    put_key(b, key);
    ocrvl_buf_put_uint(b, value);
}

void batch_line_number(ocrvl_buf *b, const char *key, double value, int decimals)
{
    put_key(b, key);
    ocrvl_buf_put_number(b, value, decimals);
}

void batch_line_end(ocrvl_buf *b, size_t from)
{
    if (b->failed)
        return;
    ocrvl_buf_printf(b, ",\"crc\":\"%08x\"}\n", (unsigned)batch_crc32(b->data + from, b->len - from));
}

/* Eight digits of a number; false if others follow or some are missing. */
static bool parse_hex(const char *s, size_t len, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        const char *d = s[i] ? strchr(digits, s[i]) : NULL;
        if (!d)
            return false;
        *out = *out << 4 | (uint32_t)(d - digits);
    }
    return len == 8;
}

ocrvl_json *batch_line_parse(const char *line, size_t len)
{
    uint32_t crc;
    ocrvl_json *o;
    if (len < CRC_MEMBER || memcmp(line + len - CRC_MEMBER, ",\"crc\":\"", 8) != 0 ||
        !parse_hex(line + len - 10, 8, &crc) || batch_crc32(line, len - CRC_MEMBER) != crc)
        return NULL;
    if (ocrvl_json_parse(&o, line, len, "journal", NULL))
        return NULL;
    if (ocrvl_json_is_object(o))
        return o;
    ocrvl_json_free(o);
    return NULL;
}

const char *batch_line_get(const ocrvl_json *o, const char *key)
{
    return ocrvl_json_string(ocrvl_json_get(o, key), NULL);
}

uint64_t batch_line_get_count(const ocrvl_json *o, const char *key)
{
    int64_t v = 0;
    return ocrvl_json_int(ocrvl_json_get(o, key), &v) && v > 0 ? (uint64_t)v : 0;
}

double batch_line_get_number(const ocrvl_json *o, const char *key)
{
    double v;
    return ocrvl_json_number(ocrvl_json_get(o, key), &v) ? v : -1;
}

uint32_t batch_line_get_hex(const ocrvl_json *o, const char *key, bool *good)
{
    uint32_t v = 0;
    size_t len = 0;
    const char *s = ocrvl_json_string(ocrvl_json_get(o, key), &len);
    *good = s && parse_hex(s, len, &v);
    return v;
}

char *batch_line_get_name(const ocrvl_json *o, const char *key)
{
    const char *s = batch_line_get(o, key);
    char *name = s ? ocrvl_strdup(s) : NULL, *to = name;
    for (const char *p = name; p && *p; p++) {
        const char *high = *p == '%' && p[1] ? strchr(digits, p[1]) : NULL;
        const char *low = high && p[2] ? strchr(digits, p[2]) : NULL;
        if (low) {
            *to++ = (char)((high - digits) << 4 | (low - digits));
            p += 2;
        } else {
            *to++ = *p;
        }
    }
    if (to)
        *to = '\0';
    return name;
}
