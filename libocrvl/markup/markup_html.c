/* What HTML's tags mean in Markdown. */
#include <stdlib.h>
#include <string.h>

#include "markup/markup_parts.h"

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

bool ocrvl_markup_tag_at(const uint32_t *c, uint32_t n, uint32_t i, ocrvl_markup_tag *tag)
{
    ocrvl_tag_text t = {c, NULL, n};
    ocrvl_tag read;
    memset(tag, 0, sizeof *tag);
    if (!ocrvl_tag_name_at(&t, i, &read))
        return false;
    const element *e = bsearch(read.name, elements, sizeof elements / sizeof *elements, sizeof *elements, compare);
    if (!e || !ocrvl_tag_close(&t, false, &read))
        return false;
    *tag = (ocrvl_markup_tag){.class = e->class,
                              .closing = read.closing,
                              .ordered = strcmp(read.name, "ol") == 0,
                              .role = e->role,
                              .level = e->level,
                              .read = read,
                              .end = (uint32_t)read.end};
    return true;
}

bool ocrvl_markup_attribute(const uint32_t *c, const ocrvl_markup_tag *tag, const char *name, uint32_t *from,
                            uint32_t *to)
{
    ocrvl_tag_text t = {c, NULL, tag->end};
    size_t begin, end;
    if (!ocrvl_tag_attribute(&t, &tag->read, name, &begin, &end))
        return false;
    *from = (uint32_t)begin;
    *to = (uint32_t)end;
    return true;
}
