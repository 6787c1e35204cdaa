#include "read/complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { DEPTH = 64 }; /* a schema's answers nest less deeply */

/* ---- from text that ends early to JSON ---------------------------------------------------------------- */

typedef struct mending {
    char open[DEPTH]; /* brackets that are to be closed */
    size_t depth;
    size_t whole;    /* bytes of the text that stay */
    bool wants;      /* a value must follow */
    bool key, colon; /* a key must have its colon; it has it, and wants its value */
} mending;

/* The end of the string that begins at `from`, after its quote; SIZE_MAX if it isn't closed, and then *keep is where a
 * quote may stand: not within an escape or a code point. */
static size_t string_end(const char *s, size_t len, size_t from, size_t *keep)
{
    size_t i = from + 1;
    while (i < len && s[i] != '"') {
        *keep = i;
        if (s[i] == '\\') {
            i += i + 1 < len && s[i + 1] == 'u' ? 6 : 2;
        } else {
            size_t at = i;
            if (ocrvl_utf8_next(s, len, &i) == OCRVL_UTF8_BAD)
                return *keep = at, SIZE_MAX;
        }
    }
    if (i < len)
        return i + 1;
    *keep = i == len ? len : *keep;
    return SIZE_MAX;
}

static bool is_literal(const char *s, size_t len)
{
    ocrvl_json *v = NULL;
    bool fine = ocrvl_json_parse(&v, s, len, "value", NULL) == OCRVL_OK;
    ocrvl_json_free(v);
    return fine;
}

/* Takes a string: a key, or a value. Returns false if the text ends in it. */
static bool take_string(mending *m, ocrvl_buf *b, const char *s, size_t len, size_t *i)
{
    bool is_key = m->depth && m->open[m->depth - 1] == '}' && !m->colon;
    size_t keep = *i + 1, end = string_end(s, len, *i, &keep);
    if (end == SIZE_MAX && !is_key) {
        ocrvl_buf_put(b, s + *i, keep - *i);
        ocrvl_buf_putc(b, '"');
        m->wants = false;
    }
    if (end == SIZE_MAX)
        return false;
    ocrvl_buf_put(b, s + *i, end - *i);
    *i = end;
    m->key = is_key;
    m->wants = m->colon = false;
    return true;
}

/* Takes a bracket, a comma or a colon; commas wait for what follows them. */
static bool take_sign(mending *m, ocrvl_buf *b, char c, bool *comma)
{
    if (c == '{' || c == '[') {
        if (m->depth == DEPTH)
            return false;
        m->open[m->depth++] = c == '{' ? '}' : ']';
        m->wants = m->colon = false;
    } else if (c == '}' || c == ']') {
        if (!m->depth || m->open[--m->depth] != c)
            return false;
    } else if (c == ':') {
        m->key = false;
        m->colon = m->wants = true;
    }
    *comma = c == ',';
    if (c != ',')
        ocrvl_buf_putc(b, c);
    return true;
}

/* Appends the text as far as it goes, and what ends it. */
static bool close_text(ocrvl_buf *b, const char *s, size_t len)
{
    mending m = {.wants = true};
    bool comma = false;
    for (size_t i = 0; i < len;) {
        if (strchr(" \t\r\n", s[i])) {
            i++;
            continue;
        }
        if (strchr("{}[]:,", s[i])) {
            if (comma && s[i] != '}' && s[i] != ']')
                ocrvl_buf_putc(b, ',');
            if (!take_sign(&m, b, s[i++], &comma))
                return false;
            continue;
        }
        size_t before = b->len;
        if (comma)
            ocrvl_buf_putc(b, ',');
        if (s[i] == '"') {
            if (!take_string(&m, b, s, len, &i)) {
                b->len = m.depth && m.open[m.depth - 1] == '}' && !m.colon ? before : b->len; /* half a key */
                break;
            }
        } else {
            size_t n = strcspn(s + i, " \t\r\n,]}");
            n = n < len - i ? n : len - i;
            bool whole = i + n < len || is_literal(s + i, n);
            ocrvl_buf_put(b, whole ? s + i : "null", whole ? n : 4);
            m.wants = m.colon = false;
            i += n;
        }
        comma = false;
    }
    ocrvl_buf_puts(b, m.key ? ":null" : m.wants ? "null" : "");
    while (m.depth)
        ocrvl_buf_putc(b, m.open[--m.depth]);
    return !b->failed;
}

/* ---- what the schema demands -------------------------------------------------------------------------- */

/* The schema that a reference leads to, some steps far: "#/$defs/x". */
static const ocrvl_json *resolve(const ocrvl_json *root, const ocrvl_json *schema)
{
    for (int step = 0; step < 8; step++) {
        const char *ref = ocrvl_json_string(ocrvl_json_get(schema, "$ref"), NULL);
        if (!ref || strncmp(ref, "#", 1) != 0)
            return schema;
        const ocrvl_json *at = root;
        for (const char *p = ref + 1; at && *p == '/';) {
            char key[128];
            size_t n = strcspn(++p, "/");
            if (n >= sizeof key)
                return NULL;
            memcpy(key, p, n);
            key[n] = '\0';
            at = ocrvl_json_is_array(at) ? ocrvl_json_at(at, (size_t)strtoul(key, NULL, 10)) : ocrvl_json_get(at, key);
            p += n;
        }
        schema = at;
    }
    return NULL;
}

typedef struct filling {
    ocrvl_buf *b;
    const ocrvl_json *root, *value, *schema; /* of the object in hand */
    size_t members;
    int depth;
} filling;

static void put_value(ocrvl_buf *b, const ocrvl_json *root, const ocrvl_json *v, const ocrvl_json *schema, int depth);

static void put_key(filling *f, const char *key, size_t len)
{
    if (f->members++)
        ocrvl_buf_putc(f->b, ',');
    ocrvl_json_put_string(f->b, key, len);
    ocrvl_buf_putc(f->b, ':');
}

static bool put_member(void *user, const char *key, size_t len, const ocrvl_json *value)
{
    filling *f = user;
    put_key(f, key, len);
    put_value(f->b, f->root, value, ocrvl_json_get(ocrvl_json_get(f->schema, "properties"), key), f->depth);
    return true;
}

static bool put_missing(void *user, const char *key, size_t len, const ocrvl_json *property)
{
    filling *f = user;
    (void)property;
    if (ocrvl_json_get(f->value, key))
        return true;
    put_key(f, key, len);
    ocrvl_buf_puts(f->b, "null");
    return true;
}

/* Appends v with the properties that it lacks; as deep as close_text goes. */
static void put_value(ocrvl_buf *b, const ocrvl_json *root, const ocrvl_json *v, const ocrvl_json *schema, int depth)
{
    schema = resolve(root, schema);
    if (depth == DEPTH || (!ocrvl_json_is_object(v) && !ocrvl_json_is_array(v))) {
        ocrvl_json_put(b, v, false);
    } else if (ocrvl_json_is_object(v)) {
        filling f = {b, root, v, schema, 0, depth + 1};
        ocrvl_buf_putc(b, '{');
        (void)ocrvl_json_each(v, put_member, &f);
        (void)ocrvl_json_each(ocrvl_json_get(schema, "properties"), put_missing, &f);
        ocrvl_buf_putc(b, '}');
    } else {
        ocrvl_buf_putc(b, '[');
        for (size_t i = 0; i < ocrvl_json_length(v); i++) {
            ocrvl_buf_puts(b, i ? "," : "");
            put_value(b, root, ocrvl_json_at(v, i), ocrvl_json_get(schema, "items"), depth + 1);
        }
        ocrvl_buf_putc(b, ']');
    }
}

ocrvl_status ocrvl_json_complete(char **out, const char *text, size_t len, const char *schema, ocrvl_error *err)
{
    ocrvl_buf closed = {0}, b = {0};
    ocrvl_json *root = NULL, *v = NULL;
    *out = NULL;
    bool fine = close_text(&closed, text, len);
    ocrvl_status st = closed.failed ? ocrvl_fail_nomem(err)
                      : fine        ? OCRVL_OK
                                    : ocrvl_fail(err, OCRVL_E_FORMAT, "the answer isn't the beginning of JSON");
    if (!st)
        st = ocrvl_json_parse(&v, closed.data, closed.len, "answer", err);
    if (!st)
        st = ocrvl_json_parse(&root, schema, strlen(schema), "schema", err);
    if (!st)
        put_value(&b, root, v, root, 0);
    if (!st && b.failed)
        st = ocrvl_fail_nomem(err);
    if (!st)
        *out = ocrvl_buf_steal(&b, NULL);
    ocrvl_json_free(v);
    ocrvl_json_free(root);
    ocrvl_buf_free(&closed);
    ocrvl_buf_free(&b);
    return st;
}
