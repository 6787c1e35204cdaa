#include "markup/tag.h"

#include <string.h>

#include "base/entities.h"

enum { LONGEST = 16384 };

static uint32_t at(const ocrvl_tag_text *t, size_t i) { return t->points ? t->points[i] : (unsigned char)t->bytes[i]; }

static bool is_space(uint32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static uint32_t lower(uint32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

static bool is_letter(uint32_t c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

static bool is_name(uint32_t c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

bool ocrvl_tag_name_at(const ocrvl_tag_text *t, size_t i, ocrvl_tag *tag)
{
    size_t len = 0;
    memset(tag, 0, sizeof *tag);
    tag->closing = ++i < t->n && at(t, i) == '/';
    i += tag->closing;
    for (; i < t->n && (len ? is_name(at(t, i)) : is_letter(at(t, i))); i++)
        if (len + 1 < sizeof tag->name)
            tag->name[len++] = (char)lower(at(t, i));
    tag->attributes = i;
    return len && i < t->n && (is_space(at(t, i)) || at(t, i) == '/' || at(t, i) == '>');
}

bool ocrvl_tag_close(const ocrvl_tag_text *t, bool html, ocrvl_tag *tag)
{
    uint32_t quote = 0, last = ' '; /* last: the last character that was no space */
    size_t most = html && t->n - tag->attributes > LONGEST ? tag->attributes + LONGEST : t->n;
    for (size_t i = tag->attributes; i < most && (at(t, i) != '<' || (html && quote)); i++) {
        uint32_t c = at(t, i);
        bool value = last == '=', begins = is_space(at(t, i - 1));
        if (!is_space(c))
            last = c;
        if (quote) {
            quote = c == quote ? 0 : quote;
            last = quote ? last : ' ';
        } else if (c == '>') {
            tag->end = i + 1;
            return true;
        } else if (value && (c == '"' || c == '\''))
            quote = c;
        else if (c > '~' || (begins && !value && !is_space(c) && !is_letter(c) && c != '/' && c != '='))
            return false;
    }
    return false;
}

/* Stores the value after the '=' at i in [*from, *to). Returns where reading continues. */
static size_t value_at(const ocrvl_tag_text *t, size_t end, size_t i, size_t *from, size_t *to)
{
    while (++i < end && is_space(at(t, i)))
        ;
    uint32_t quote = i < end && (at(t, i) == '"' || at(t, i) == '\'') ? at(t, i++) : 0;
    *from = i;
    while (i < end && (quote ? at(t, i) != quote : !is_space(at(t, i))))
        i++;
    *to = i;
    return quote && i < end ? i + 1 : i;
}

bool ocrvl_tag_attribute(const ocrvl_tag_text *t, const ocrvl_tag *tag, const char *name, size_t *from, size_t *to)
{
    size_t i = tag->attributes, end = tag->end - 1, n = strlen(name);
    while (i < end) {
        size_t k = 0;
        bool same = true;
        if (!is_name(at(t, i))) {
            i++;
            continue;
        }
        for (; i < end && is_name(at(t, i)); i++, k++)
            same = same && k < n && lower(at(t, i)) == (unsigned char)name[k];
        same = same && k == n;
        *from = *to = i;
        while (i < end && is_space(at(t, i)))
            i++;
        if (i < end && at(t, i) == '=')
            i = value_at(t, end, i, from, to);
        if (same)
            return true;
    }
    return false;
}

static uint32_t numbered(const char *s, size_t len)
{
    bool hex = len && lower((unsigned char)*s) == 'x';
    uint32_t v = 0;
    if (len == hex)
        return 0;
    for (size_t i = hex; i < len; i++) {
        uint32_t d = lower((unsigned char)s[i]);
        if (d >= '0' && d <= '9')
            d -= '0';
        else if (hex && d >= 'a' && d <= 'f')
            d -= 'a' - 10;
        else
            return 0;
        v = v < 0x110000 ? v * (hex ? 16 : 10) + d : v;
    }
    return v == 0 || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000) ? 0xFFFD : v;
}

size_t ocrvl_tag_reference(const ocrvl_tag_text *t, size_t i, bool html, size_t *end, uint32_t out[2])
{
    char name[OCRVL_ENTITY_NAME + 1]; /* one more than any has */
    size_t from = i + 1, len = 0, used;
    bool number = from < t->n && at(t, from) == '#';
    from += number;
    for (; from + len < t->n && len < sizeof name && is_name(at(t, from + len)); len++)
        name[len] = (char)at(t, from + len);
    bool whole = from + len < t->n && at(t, from + len) == ';';
    *end = from + len + 1;
    out[0] = number && whole ? numbered(name, len) : 0;
    if (number)
        return out[0] != 0;
    size_t count = whole ? ocrvl_entity(name, len, out) : 0;
    if (count || !html)
        return count;
    count = ocrvl_entity_prefix(name, len, &used, out);
    *end = from + used;
    return count;
}
