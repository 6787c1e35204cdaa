#include "batch/line.h"

#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/json_stream.h"
#include "base/maths.h"
#include "base/utf8.h"
#include "batch/gzip.h"
#include "names.h"

/* The last member: `,"c":"xxxxxxxx"}` */
enum { CRC_MEMBER = 16 };

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
        if (c != OCRVL_UTF8_BAD && c != '%' && c >= ' ' && c != 0x7F)
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
    ocrvl_buf_printf(b, ",\"c\":\"%08x\"}\n", (unsigned)batch_crc32(b->data + from, b->len - from));
}

/* ---- reading ----------------------------------------------------------------------------------------- */

/* The value of len lower-case hexadecimal digits; false if they are none. */
static bool parse_hex(const char *s, size_t len, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        const char *d = s[i] ? strchr(digits, s[i]) : NULL;
        if (!d)
            return false;
        *out = *out << 4 | (uint64_t)(d - digits);
    }
    return true;
}

bool batch_line_parse_object(batch_line *l, const char *text, size_t len)
{
    ocrvl_stream s;
    ocrvl_status st;
    bool first = true;
    l->count = 0;
    ocrvl_stream_begin(&s, text, len, "journal");
    bool good = len < UINT32_MAX && ocrvl_stream_take(&s, '{');
    while (good && ocrvl_stream_more(&s, &first, '}', &st, NULL)) {
        struct batch_member *m = &l->members[l->count];
        const char *from = s.at;
        good =
            l->count < sizeof l->members / sizeof *l->members && ocrvl_stream_peek(&s) == '"' && ocrvl_stream_skip(&s);
        if (!good)
            break;
        m->key = from + 1;
        m->key_len = (uint32_t)(s.at - from - 2);
        good = ocrvl_stream_take(&s, ':') && ocrvl_stream_peek(&s);
        m->value = s.at;
        good = good && ocrvl_stream_skip(&s);
        m->value_len = (uint32_t)(s.at - m->value);
        l->count++;
    }
    return good && !st && s.at == s.end;
}

bool batch_line_parse(batch_line *l, const char *text, size_t len)
{
    uint64_t crc;
    if (len < CRC_MEMBER || memcmp(text + len - CRC_MEMBER, ",\"c\":\"", 6) != 0 ||
        memcmp(text + len - 2, "\"}", 2) != 0 || !parse_hex(text + len - 10, 8, &crc) ||
        batch_crc32(text, len - CRC_MEMBER) != crc)
        return false;
    l->crc = (uint32_t)crc;
    return batch_line_parse_object(l, text, len);
}

static const struct batch_member *find(const batch_line *l, const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < l->count; i++)
        if (l->members[i].key_len == len && memcmp(l->members[i].key, key, len) == 0)
            return &l->members[i];
    return NULL;
}

bool batch_line_has(const batch_line *l, const char *key) { return find(l, key) != NULL; }

const char *batch_line_text_of(const batch_line *l, const char *key, size_t *len)
{
    const struct batch_member *m = find(l, key);
    if (!m || *m->value != '"')
        return NULL;
    *len = m->value_len - 2;
    return m->value + 1;
}

bool batch_line_is(const batch_line *l, const char *key, const char *text)
{
    size_t len;
    const char *s = batch_line_text_of(l, key, &len);
    return s && len == strlen(text) && memcmp(s, text, len) == 0;
}

unsigned batch_line_index(const batch_line *l, const char *key, const char *const *names)
{
    for (unsigned i = 1; names[i]; i++)
        if (batch_line_is(l, key, names[i]))
            return i;
    return 0;
}

unsigned batch_line_format(const batch_line *l, const char *key)
{
    size_t len;
    ocrvl_format format;
    const char *word = batch_line_text_of(l, key, &len);
    return word && cli_format_called(word, len, &format) ? (unsigned)format : 0;
}

int64_t batch_line_int_of(const batch_line *l, const char *key)
{
    const struct batch_member *m = find(l, key);
    size_t i = m && *m->value == '-', sign = i;
    uint64_t v = 0;
    if (!m || i == m->value_len)
        return 0;
    for (; i < m->value_len; i++) {
        unsigned digit = (unsigned)(m->value[i] - '0');
        if (digit > 9 || v > ((uint64_t)INT64_MAX - digit) / 10)
            return 0;
        v = v * 10 + digit;
    }
    return sign ? -(int64_t)v : (int64_t)v;
}

uint64_t batch_line_count_of(const batch_line *l, const char *key)
{
    int64_t v = batch_line_int_of(l, key);
    return v > 0 ? (uint64_t)v : 0;
}

/* Numbers are written as digits with a point among them. */
double batch_line_number_of(const batch_line *l, const char *key)
{
    const struct batch_member *m = find(l, key);
    uint64_t whole = 0;
    int places = -1;
    if (!m || m->value_len > 18)
        return -1;
    for (size_t i = 0; i < m->value_len; i++) {
        char c = m->value[i];
        if (c == '.' && places < 0 && i) {
            places = 0;
            continue;
        }
        if (c < '0' || c > '9')
            return -1;
        whole = whole * 10 + (uint64_t)(c - '0');
        places += places >= 0;
    }
    return (double)whole / ocrvl_power_of_ten(places > 0 ? places : 0);
}

uint32_t batch_line_hex_of(const batch_line *l, const char *key, bool *good)
{
    uint64_t v = 0;
    size_t len;
    const char *s = batch_line_text_of(l, key, &len);
    *good = s && len == 8 && parse_hex(s, len, &v);
    return (uint32_t)v;
}

/* Puts the bytes of a name that is written as batch_name_encode does. */
static void decode_name(ocrvl_buf *b, const char *s, size_t len)
{
    uint64_t byte;
    for (size_t i = 0; i < len;) {
        const char *percent = memchr(s + i, '%', len - i);
        size_t to = percent ? (size_t)(percent - s) : len;
        ocrvl_buf_put(b, s + i, to - i);
        i = to;
        if (percent && len - to > 2 && parse_hex(s + to + 1, 2, &byte) && byte) {
            ocrvl_buf_putc(b, (char)byte);
            i += 3;
        } else if (percent) {
            ocrvl_buf_putc(b, '%');
            i++;
        }
    }
    ocrvl_buf_putc(b, '\0');
}

bool batch_line_name_of(const batch_line *l, const char *key, ocrvl_buf *b)
{
    const struct batch_member *m = find(l, key);
    ocrvl_stream s;
    ocrvl_buf_clear(b);
    if (!m || *m->value != '"')
        return false;
    if (!memchr(m->value, '\\', m->value_len)) {
        decode_name(b, m->value + 1, m->value_len - 2);
        return !b->failed;
    }
    ocrvl_stream_begin(&s, m->value, m->value_len, "journal");
    bool good = ocrvl_stream_string(&s, NULL) == OCRVL_OK && !memchr(s.string, '\0', s.string_len);
    if (good)
        decode_name(b, s.string, s.string_len);
    b->failed |= s.unescaped.failed;
    ocrvl_stream_free(&s);
    return good && !b->failed;
}

const char *batch_list_item(const char *list, size_t list_len, size_t *at, size_t *len)
{
    ocrvl_stream s;
    if (!list || *list != '[' || *at >= list_len)
        return NULL;
    ocrvl_stream_begin(&s, list + *at, list_len - *at, "journal");
    if (!ocrvl_stream_take(&s, *at ? ',' : '['))
        return NULL;
    const char *item = ocrvl_stream_peek(&s) ? s.at : NULL;
    if (!item || *item == ']' || !ocrvl_stream_skip(&s))
        return NULL;
    *len = (size_t)(s.at - item);
    *at = (size_t)(s.at - list);
    return item;
}

const char *batch_line_item(const batch_line *l, const char *key, size_t *at, size_t *len)
{
    const struct batch_member *m = find(l, key);
    return m ? batch_list_item(m->value, m->value_len, at, len) : NULL;
}

/* ---- outputs ----------------------------------------------------------------------------------------- */

size_t batch_stem_length(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name, *point = strrchr(base, '.');
    return point && point != base ? (size_t)(point - name) : strlen(name);
}

/* A part of an output's name, in which a star is no sign. */
static void put_part(ocrvl_buf *b, const char *s, size_t len)
{
    ocrvl_buf part = {0}, encoded = {0};
    ocrvl_buf_put(&part, s, len);
    ocrvl_buf_putc(&part, '\0');
    if (!part.failed)
        batch_name_encode(&encoded, part.data);
    for (size_t i = 0; i < encoded.len; i++)
        if (encoded.data[i] == '*')
            put_percent(b, '*');
        else
            ocrvl_buf_putc(b, encoded.data[i]);
    b->failed |= part.failed || encoded.failed;
    ocrvl_buf_free(&part);
    ocrvl_buf_free(&encoded);
}

/* Where the first n bytes of a text stand in another; NULL: nowhere. */
static const char *find_part(const char *in, const char *s, size_t n)
{
    for (; n && strlen(in) >= n; in++)
        if (memcmp(in, s, n) == 0)
            return in;
    return NULL;
}

void batch_output_put(ocrvl_buf *b, const batch_output_line *o, const char *doc)
{
    size_t stem = batch_stem_length(doc);
    const char *at = find_part(o->name, doc, stem);
    ocrvl_buf name = {0};
    put_part(&name, o->name, at ? (size_t)(at - o->name) : strlen(o->name));
    if (at) {
        ocrvl_buf_putc(&name, '*');
        put_part(&name, at + stem, strlen(at + stem));
    }
    ocrvl_buf_putc(b, '[');
    ocrvl_json_put_string(b, name.data ? name.data : "", name.len);
    ocrvl_buf_printf(b, ",%llu,\"", (unsigned long long)o->bytes);
    ocrvl_base64_put(b, o->sha256, sizeof o->sha256);
    ocrvl_buf_puts(b, "\"]");
    b->failed |= name.failed;
    ocrvl_buf_free(&name);
}

/* Puts the text with the document's stem where its star is. */
static void put_name(ocrvl_buf *b, const char *s, size_t len, const char *doc)
{
    const char *star = memchr(s, '*', len);
    if (star) {
        decode_name(b, s, (size_t)(star - s));
        b->len -= b->len > 0; /* the NUL */
        ocrvl_buf_put(b, doc, batch_stem_length(doc));
        len -= (size_t)(star + 1 - s);
        s = star + 1;
    }
    decode_name(b, s, len);
}

/* The 32 bytes of a digest in base64; false if they are none. */
static bool take_digest(uint8_t out[32], const char *s, size_t len)
{
    ocrvl_base64 d = {0};
    uint8_t bytes[3];
    unsigned n;
    size_t have = 0;
    for (size_t i = 1; i + 1 < len; i++) { /* without its quotes */
        if (!ocrvl_base64_take(&d, s[i], bytes, &n) || have + n > 32)
            return false;
        memcpy(out + have, bytes, n);
        have += n;
    }
    return have == 32;
}

bool batch_output_take(batch_output_line *o, ocrvl_buf *name, const char *item, size_t len, const char *doc)
{
    const char *parts[3] = {0};
    size_t lens[3] = {0}, at = 0, n = 0;
    ocrvl_stream s;
    while (n < 3 && (parts[n] = batch_list_item(item, len, &at, &lens[n])))
        n++;
    ocrvl_buf_clear(name);
    if (n < 3 || *parts[0] != '"' || *parts[2] != '"' || !take_digest(o->sha256, parts[2], lens[2]))
        return false;
    o->bytes = 0;
    for (size_t i = 0; i < lens[1]; i++) {
        if (parts[1][i] < '0' || parts[1][i] > '9' || o->bytes > UINT64_MAX / 16)
            return false;
        o->bytes = o->bytes * 10 + (uint64_t)(parts[1][i] - '0');
    }
    ocrvl_stream_begin(&s, parts[0], lens[0], "journal");
    bool good = ocrvl_stream_string(&s, NULL) == OCRVL_OK && !memchr(s.string, '\0', s.string_len);
    if (good)
        put_name(name, s.string, s.string_len, doc);
    name->failed |= s.unescaped.failed;
    ocrvl_stream_free(&s);
    o->name = name->data;
    return good && !name->failed;
}
