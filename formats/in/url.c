#include "in/url.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

#define MAX_MILLIS 60000u
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool begins(const char *s, const char *with) { return strncasecmp(s, with, strlen(with)) == 0; }

/* The length of the scheme (RFC 3986) before a ':'; 0 if there is none. */
static size_t scheme_length(const char *s)
{
    size_t n = strspn(s, LETTERS) ? strspn(s, LETTERS DIGITS "+-.") : 0;
    return s[n] == ':' ? n : 0;
}

bool ocrvl_url_is(const char *path)
{
    size_t n = scheme_length(path);
    return n > 0 && (begins(path, "data:") || begins(path + n, "://"));
}

/* ---- names ------------------------------------------------------------------------------------------- */

enum { NAME_HEAD = 77, NAME_TAIL = 40 }; /* bytes that are shown of a long name */

static bool inside_character(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

/* The position after a user name and password, which end at the last '@' before the path. */
static const char *skip_user(const char *s)
{
    size_t n = strcspn(s, "/?#");
    while (n > 0 && s[n - 1] != '@')
        n--;
    return s + n;
}

char *ocrvl_url_name(const char *url)
{
    ocrvl_buf b = {0};
    bool is_data = begins(url, "data:");
    size_t head = NAME_HEAD, tail = NAME_TAIL, host = is_data ? 0 : scheme_length(url) + 3;
    const char *rest = is_data ? url : skip_user(url + host);
    size_t n = is_data ? strcspn(url, ",") : strlen(rest);
    ocrvl_buf_put(&b, url, host);
    if (n <= NAME_HEAD + NAME_TAIL) {
        ocrvl_buf_put(&b, rest, n);
    } else {
        while (head > 0 && inside_character(rest[head]))
            head--;
        while (tail > 0 && inside_character(rest[n - tail]))
            tail--;
        ocrvl_buf_put(&b, rest, head);
        ocrvl_buf_puts(&b, "...");
        ocrvl_buf_put(&b, rest + n - tail, tail);
    }
    if (is_data)
        ocrvl_buf_puts(&b, ",...");
    return ocrvl_buf_steal(&b, NULL);
}

/* ---- data: ------------------------------------------------------------------------------------------- */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the byte at s, which is written as *used characters; returns false if it isn't a character of a URL (RFC 2396's
 * uric), or is a bad escape. */
static bool take_byte(const char *s, char *byte, size_t *used)
{
    *used = s[0] == '%' ? 3 : 1;
    *byte = s[0];
    if (s[0] != '%')
        return s[0] && strchr(LETTERS DIGITS "-_.!~*'();/?:@&=+$,", s[0]);
    int high = hex(s[1]), low = high < 0 ? -1 : hex(s[2]);
    *byte = (char)(high * 16 + low);
    return low >= 0;
}

static ocrvl_status bad_data(const char *url, const char *at, const char *what, ocrvl_error *err)
{
    ocrvl_fail(err, OCRVL_E_FORMAT, "%s at offset %zu", what, (size_t)(at - url));
    if (err)
        err->offset = (uint64_t)(at - url);
    return OCRVL_E_FORMAT;
}

static ocrvl_status read_data(ocrvl_buf *out, const char *url, uint64_t max_bytes, ocrvl_error *err)
{
    const char *comma = strchr(url, ','), *s = url + strlen("data:");
    ocrvl_base64 d = {0};
    uint8_t bytes[3];
    unsigned n;
    char byte;
    size_t used;
    if (!comma)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "the data: URL has no comma");
    for (; s < comma; s += used)
        if (!take_byte(s, &byte, &used))
            return bad_data(url, s, "not a media type", err);
    bool is64 = comma - url >= 12 && begins(comma - 7, ";base64");
    for (s = comma + 1; *s; s += used) {
        if (!take_byte(s, &byte, &used))
            return bad_data(url, s, "not a character of a URL", err);
        if (is64 && !ocrvl_base64_take(&d, byte, bytes, &n))
            return bad_data(url, s, "not base64", err);
        if (is64)
            ocrvl_buf_put(out, bytes, n);
        else
            ocrvl_buf_putc(out, byte);
        if (out->len > max_bytes)
            return ocrvl_fail(err, OCRVL_E_LIMIT, "there are more than %llu bytes", (unsigned long long)max_bytes);
    }
    if (d.letters || d.pads)
        return bad_data(url, s, "base64 is cut short", err);
    return OCRVL_OK;
}

/* ---- http: and https: -------------------------------------------------------------------------------- */

static bool is_https(const char *url) { return begins(url, "https://"); }

static bool is_web(const char *url) { return begins(url, "http://") || is_https(url); }

ocrvl_status ocrvl_url_check_redirect(const char *from, const char *to, ocrvl_error *err)
{
    if (!is_web(to))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the server redirects to a URL that is not http: or https:");
    if (is_https(from) && !is_https(to))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the server redirects from https: to http:");
    return OCRVL_OK;
}

/* ---- any --------------------------------------------------------------------------------------------- */

ocrvl_status ocrvl_url_read(char **data, size_t *len, const char *url, const ocrvl_url_options *opt, ocrvl_error *err)
{
    ocrvl_url_options o = opt ? *opt : (ocrvl_url_options){0};
    *data = NULL;
    *len = 0;
    o.max_bytes = o.max_bytes ? o.max_bytes : OCRVL_URL_MAX_BYTES;
    o.max_millis = o.max_millis ? o.max_millis : MAX_MILLIS;
    if (is_web(url))
        return ocrvl_http_read(data, len, url, &o, err);
    if (!begins(url, "data:"))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "only data:, http: and https: URLs are read");
    ocrvl_buf b = {0};
    ocrvl_status st = read_data(&b, url, o.max_bytes, err);
    if (st) {
        ocrvl_buf_free(&b);
        return st;
    }
    *data = ocrvl_buf_steal(&b, len);
    return *data ? OCRVL_OK : ocrvl_fail_nomem(err);
}
