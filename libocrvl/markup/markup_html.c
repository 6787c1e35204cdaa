/* HTML tags, attributes and character references, as models write them. */
#include <stdlib.h>
#include <string.h>

#include "base/entities.h"
#include "markup/markup_parts.h"

#define MAX_NAME 16u

typedef struct element {
    const char *name;
    ocrvl_markup_tag_class class;
    ocrvl_role role;
    uint32_t level;
} element;

/* In the order of the names' bytes. Other names are text. */
static const element elements[] = {
    {"a", OCRVL_TAG_INLINE, 0, 0},
    {"abbr", OCRVL_TAG_INLINE, 0, 0},
    {"article", OCRVL_TAG_BLOCK, 0, 0},
    {"aside", OCRVL_TAG_BLOCK, 0, 0},
    {"b", OCRVL_TAG_INLINE, 0, 0},
    {"big", OCRVL_TAG_INLINE, 0, 0},
    {"blockquote", OCRVL_TAG_BLOCK, 0, 0},
    {"body", OCRVL_TAG_BLOCK, 0, 0},
    {"br", OCRVL_TAG_BR, 0, 0},
    {"caption", OCRVL_TAG_CAPTION, OCRVL_ROLE_CAPTION, 0},
    {"center", OCRVL_TAG_BLOCK, 0, 0},
    {"cite", OCRVL_TAG_INLINE, 0, 0},
    {"code", OCRVL_TAG_INLINE, 0, 0},
    {"col", OCRVL_TAG_COLUMN, 0, 0},
    {"colgroup", OCRVL_TAG_COLUMN, 0, 0},
    {"dd", OCRVL_TAG_BLOCK, 0, 0},
    {"del", OCRVL_TAG_INLINE, 0, 0},
    {"div", OCRVL_TAG_BLOCK, 0, 0},
    {"dl", OCRVL_TAG_BLOCK, 0, 0},
    {"dt", OCRVL_TAG_BLOCK, 0, 0},
    {"em", OCRVL_TAG_INLINE, 0, 0},
    {"figcaption", OCRVL_TAG_ROLE, OCRVL_ROLE_CAPTION, 0},
    {"figure", OCRVL_TAG_BLOCK, 0, 0},
    {"font", OCRVL_TAG_INLINE, 0, 0},
    {"footer", OCRVL_TAG_ROLE, OCRVL_ROLE_FOOTER, 0},
    {"form", OCRVL_TAG_BLOCK, 0, 0},
    {"h1", OCRVL_TAG_ROLE, OCRVL_ROLE_HEADING, 1},
    {"h2", OCRVL_TAG_ROLE, OCRVL_ROLE_HEADING, 2},
    {"h3", OCRVL_TAG_ROLE, OCRVL_ROLE_HEADING, 3},
    {"h4", OCRVL_TAG_ROLE, OCRVL_ROLE_HEADING, 4},
    {"h5", OCRVL_TAG_ROLE, OCRVL_ROLE_HEADING, 5},
    {"h6", OCRVL_TAG_ROLE, OCRVL_ROLE_HEADING, 6},
    {"header", OCRVL_TAG_ROLE, OCRVL_ROLE_HEADER, 0},
    {"hr", OCRVL_TAG_RULE, 0, 0},
    {"html", OCRVL_TAG_BLOCK, 0, 0},
    {"i", OCRVL_TAG_INLINE, 0, 0},
    {"img", OCRVL_TAG_IMG, 0, 0},
    {"ins", OCRVL_TAG_INLINE, 0, 0},
    {"kbd", OCRVL_TAG_INLINE, 0, 0},
    {"label", OCRVL_TAG_INLINE, 0, 0},
    {"li", OCRVL_TAG_ITEM, OCRVL_ROLE_LIST_ITEM, 0},
    {"main", OCRVL_TAG_BLOCK, 0, 0},
    {"mark", OCRVL_TAG_INLINE, 0, 0},
    {"nav", OCRVL_TAG_BLOCK, 0, 0},
    {"ol", OCRVL_TAG_LIST, 0, 0},
    {"p", OCRVL_TAG_BLOCK, 0, 0},
    {"page_number", OCRVL_TAG_ROLE, OCRVL_ROLE_PAGE_NUMBER, 0},
    {"pre", OCRVL_TAG_BLOCK, 0, 0},
    {"q", OCRVL_TAG_INLINE, 0, 0},
    {"s", OCRVL_TAG_INLINE, 0, 0},
    {"section", OCRVL_TAG_BLOCK, 0, 0},
    {"signature", OCRVL_TAG_ROLE, OCRVL_ROLE_OTHER, 0},
    {"small", OCRVL_TAG_INLINE, 0, 0},
    {"span", OCRVL_TAG_INLINE, 0, 0},
    {"strike", OCRVL_TAG_INLINE, 0, 0},
    {"strong", OCRVL_TAG_INLINE, 0, 0},
    {"sub", OCRVL_TAG_SUB, 0, 0},
    {"sup", OCRVL_TAG_SUP, 0, 0},
    {"table", OCRVL_TAG_TABLE, 0, 0},
    {"tbody", OCRVL_TAG_BODY, 0, 0},
    {"td", OCRVL_TAG_CELL, 0, 0},
    {"tfoot", OCRVL_TAG_BODY, 0, 0},
    {"th", OCRVL_TAG_HEADER_CELL, 0, 0},
    {"thead", OCRVL_TAG_HEAD, 0, 0},
    {"tr", OCRVL_TAG_ROW, 0, 0},
    {"tt", OCRVL_TAG_INLINE, 0, 0},
    {"u", OCRVL_TAG_INLINE, 0, 0},
    {"ul", OCRVL_TAG_LIST, 0, 0},
    {"var", OCRVL_TAG_INLINE, 0, 0},
    {"watermark", OCRVL_TAG_ROLE, OCRVL_ROLE_OTHER, 0},
};

static int compare(const void *name, const void *e) { return strcmp(name, ((const element *)e)->name); }

static bool is_space(uint32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static uint32_t lower(uint32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

static bool is_name(uint32_t c) { return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/* The position after the '>' of a tag whose attributes begin at i; 0 if they are not attributes ("<b 2 or a > 3") or if
 * the tag has no end. */
static uint32_t tag_end(const uint32_t *c, uint32_t n, uint32_t i)
{
    uint32_t quote = 0, last = ' '; /* last: the last character that was no space */
    for (; i < n && c[i] != '<'; i++) {
        bool value = last == '=', begins = is_space(c[i - 1]);
        if (!is_space(c[i]))
            last = c[i];
        if (quote) {
            quote = c[i] == quote ? 0 : quote;
            last = quote ? last : ' ';
        } else if (c[i] == '>')
            return i + 1;
        else if (value && (c[i] == '"' || c[i] == '\''))
            quote = c[i];
        else if (c[i] > '~' || (begins && !value && !is_space(c[i]) && !(lower(c[i]) >= 'a' && lower(c[i]) <= 'z') &&
                                c[i] != '/' && c[i] != '='))
            return 0;
    }
    return 0;
}

bool ocrvl_markup_tag_at(const uint32_t *c, uint32_t n, uint32_t i, ocrvl_markup_tag *tag)
{
    char name[MAX_NAME];
    uint32_t len = 0;
    memset(tag, 0, sizeof *tag);
    if (++i < n && c[i] == '/') {
        tag->closing = true;
        i++;
    }
    while (i < n && is_name(c[i]) && len < MAX_NAME - 1)
        name[len++] = (char)lower(c[i++]);
    name[len] = '\0';
    if (i == n || (!is_space(c[i]) && c[i] != '/' && c[i] != '>'))
        return false;
    const element *e = bsearch(name, elements, sizeof elements / sizeof *elements, sizeof *elements, compare);
    if (!e)
        return false;
    tag->class = e->class;
    tag->role = e->role;
    tag->level = e->level;
    tag->ordered = strcmp(name, "ol") == 0;
    tag->attributes = i;
    tag->end = tag_end(c, n, i);
    return tag->end != 0;
}

/* Stores the value after the '=' at i in [*from, *to). Returns where parsing continues. */
static uint32_t attribute_value(const uint32_t *c, uint32_t end, uint32_t i, uint32_t *from, uint32_t *to)
{
    while (++i < end && is_space(c[i]))
        ;
    uint32_t quote = i < end && (c[i] == '"' || c[i] == '\'') ? c[i++] : 0;
    *from = i;
    while (i < end && (quote ? c[i] != quote : !is_space(c[i])))
        i++;
    *to = i;
    return quote && i < end ? i + 1 : i;
}

bool ocrvl_markup_attribute(const uint32_t *c, const ocrvl_markup_tag *tag, const char *name, uint32_t *from,
                            uint32_t *to)
{
    uint32_t i = tag->attributes, end = tag->end - 1;
    while (i < end) {
        uint32_t k = 0;
        if (!is_name(c[i])) {
            i++;
            continue;
        }
        bool same = true;
        for (; i < end && is_name(c[i]); i++, k++)
            same = same && name[k] && lower(c[i]) == (unsigned char)name[k];
        same = same && !name[k];
        while (i < end && is_space(c[i]))
            i++;
        if (i == end || c[i] != '=')
            continue;
        i = attribute_value(c, end, i, from, to);
        if (same)
            return true;
    }
    return false;
}

static uint32_t numbered(const uint32_t *c, uint32_t from, uint32_t to)
{
    bool hex = from < to && lower(c[from]) == 'x';
    uint32_t v = 0;
    from += hex;
    if (from == to)
        return 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t d = lower(c[i]);
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

uint32_t ocrvl_markup_entity(const uint32_t *c, uint32_t n, uint32_t i, bool html, uint32_t *end, uint32_t out[2])
{
    char name[OCRVL_ENTITY_NAME + 1]; /* one more than any has */
    uint32_t from = i + 1, len = 0;
    bool number = from < n && c[from] == '#';
    from += number;
    for (; from + len < n && len < sizeof name && is_name(c[from + len]); len++)
        name[len] = (char)c[from + len];
    bool whole = from + len < n && c[from + len] == ';';
    *end = from + len + 1;
    out[0] = number && whole ? numbered(c, from, from + len) : 0;
    if (number)
        return out[0] != 0;
    size_t used, count = whole ? ocrvl_entity(name, len, out) : 0;
    if (count || !html)
        return (uint32_t)count;
    count = ocrvl_entity_prefix(name, len, &used, out);
    *end = from + (uint32_t)used;
    return (uint32_t)count;
}
