/* HTML in one file with its style inside, which is XHTML too: to check a page with (htmlview.h), or without images to
 * read. Everything on the page is there in reading order, as headings, paragraphs, lists and tables. To read, lines
 * flow, except in blocks whose lines matter (code, forms, labels). Each page is a section, named page-N for links. */
#include <string.h>

#include "out/htmlview.h"
#include "out/parts.h"
#include "out/writer.h"

static const char style[] = "\nbody { max-width: 42em; margin: 2em auto; padding: 0 1em; font: 1em/1.5 serif; }\n"
                            "section { border-bottom: 1px solid #999; padding: 1em 0; }\n"
                            "p.header, p.footer, p.page_number, .note { color: #555; font-size: 0.85em; }\n"
                            "p.footnote, figcaption, p.caption { font-size: 0.9em; }\n"
                            "p.form_field, p.other, p.figure { white-space: pre-line; }\n"
                            "ul { list-style: none; padding-left: 1em; }\n"
                            "table { border-collapse: collapse; }\n"
                            "td, th { border: 1px solid #999; padding: 0.2em 0.5em; white-space: pre-line; }\n"
                            "pre { overflow-x: auto; }\n";

static bool is_view(const ocrvl_writer *w) { return !w->opt.no_images; }

static void put_text(ocrvl_writer *w, const char *s) { ocrvl_xml_text(w->xml, s, strlen(s)); }

static void put_meta(ocrvl_writer *w, const char *name, const char *value, const char *content)
{
    ocrvl_xml_open(w->xml, "meta");
    ocrvl_xml_attr(w->xml, name, value);
    ocrvl_xml_attr(w->xml, "content", content);
    ocrvl_xml_close(w->xml);
    ocrvl_put_newline(w);
}

static void put_head(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    const char *lang;
    ocrvl_xml_raw(x, "<!DOCTYPE html>\n");
    ocrvl_xml_open(x, "html");
    ocrvl_xml_attr(x, "xmlns", "http://www.w3.org/1999/xhtml");
    if (is_view(w))
        ocrvl_xml_attr(x, "lang", "en"); /* what we say; the pages' text says its own */
    else if (ocrvl_page_languages(page, &lang, NULL, 1) > 0)
        ocrvl_xml_attr(x, "lang", lang);
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "head");
    ocrvl_put_newline(w);
    put_meta(w, "charset", "utf-8", NULL);
    put_meta(w, "name", "viewport", "width=device-width");
    put_meta(w, "name", "generator", "ocrvl " OCRVL_VERSION_STRING);
    ocrvl_xml_element(x, "title", place->file);
    ocrvl_put_newline(w);
    if (is_view(w)) {
        ocrvl_view_put_style(x);
    } else {
        ocrvl_xml_open(x, "style");
        ocrvl_xml_raw(x, style);
        ocrvl_xml_close_pair(x);
    }
    ocrvl_put_newline(w);
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "body");
    ocrvl_put_newline(w);
    if (is_view(w))
        ocrvl_view_put_top(w, place);
    ocrvl_xml_open(x, "main");
    ocrvl_put_newline(w);
}

static void put_language(ocrvl_writer *w, const ocrvl_node_info *i)
{
    ocrvl_xml_attr(w->xml, "lang", i->lang);
    ocrvl_xml_attr(w->xml, "dir", i->dir == OCRVL_DIR_RTL ? "rtl" : i->dir == OCRVL_DIR_LTR ? "ltr" : NULL);
}

/* Writes the text of a block or cell. */
static void put_content(ocrvl_writer *w, const ocrvl_node *node, const ocrvl_node_info *i)
{
    if (is_view(w)) {
        ocrvl_view_put_text(w, node);
        return;
    }
    ocrvl_buf_clear(&w->buf);
    if (w->opt.join_hyphens && i->role != OCRVL_ROLE_CODE)
        ocrvl_put_joined(&w->buf, i->text);
    else
        ocrvl_buf_puts(&w->buf, i->text);
    w->nomem |= w->buf.failed;
    put_text(w, w->buf.data ? w->buf.data : "");
}

/* Writes an element with a block's text; class is NULL for none. */
static void put_element(ocrvl_writer *w, const char *tag, const char *class, const ocrvl_node *block,
                        const ocrvl_node_info *i)
{
    ocrvl_xml_open(w->xml, tag);
    ocrvl_xml_attr(w->xml, "class", class);
    put_language(w, i);
    put_content(w, block, i);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_cell(ocrvl_writer *w, const ocrvl_node *cell)
{
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_open_cell(w->xml, &i);
    put_language(w, &i);
    put_content(w, cell, &i);
    ocrvl_xml_close_pair(w->xml);
}

static void put_table(ocrvl_writer *w, const ocrvl_node *table)
{
    ocrvl_node_info i = ocrvl_info(table);
    const ocrvl_node *cell;
    ocrvl_table_grid g;
    bool row = false;
    ocrvl_grid_begin(&g, table);
    if (g.rows == 0)
        return;
    ocrvl_xml_open(w->xml, "table");
    put_language(w, &i);
    ocrvl_xml_open(w->xml, "tbody");
    for (ocrvl_grid_step step; (step = ocrvl_grid_next(&g, &cell)) != OCRVL_GRID_END;) {
        if (step == OCRVL_GRID_ROW && row)
            ocrvl_xml_close_pair(w->xml);
        if (step == OCRVL_GRID_ROW) {
            ocrvl_put_newline(w);
            ocrvl_xml_open(w->xml, "tr");
        }
        row = true;
        if (step == OCRVL_GRID_CELL)
            put_cell(w, cell);
        if (step == OCRVL_GRID_GAP) {
            ocrvl_xml_open(w->xml, "td");
            ocrvl_xml_close_pair(w->xml);
        }
    }
    for (int close = 0; close < 3; close++) {
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    }
}

/* In the view they stand below the heading of the page, and no level is left out. */
static void put_heading(ocrvl_writer *w, const ocrvl_node *block, const ocrvl_node_info *i)
{
    char tag[] = "h1";
    uint32_t level = i->level ? i->level : i->role == OCRVL_ROLE_TITLE ? 1 : 2;
    uint32_t *last = is_view(w) ? ocrvl_writer_state(w, sizeof *last, NULL) : NULL;
    if (last) {
        level = level + 2 > *last + 1 ? *last + 1 : level + 2;
        level = level > 6 ? 6 : level;
        *last = level;
    }
    tag[1] = (char)('0' + level);
    put_element(w, tag, NULL, block, i);
}

/* In the view, a picture's place. */
static void put_picture(ocrvl_writer *w, const ocrvl_node_info *i)
{
    if (!is_view(w) || !ocrvl_has_box(i))
        return;
    ocrvl_xml_open(w->xml, "p");
    ocrvl_xml_attr(w->xml, "class", "figure");
    ocrvl_view_put_box(w, &i->box);
    put_text(w, i->role == OCRVL_ROLE_FIGURE ? "Picture" : ocrvl_role_name(i->role));
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_block(ocrvl_writer *w, const ocrvl_node *block)
{
    ocrvl_node_info i = ocrvl_info(block);
    const char *class = i.role == OCRVL_ROLE_PARAGRAPH ? NULL : ocrvl_role_name(i.role);
    if (i.role == OCRVL_ROLE_TABLE) {
        put_table(w, block);
    } else if (i.role == OCRVL_ROLE_SEPARATOR && !*i.text) {
        ocrvl_xml_open(w->xml, "hr");
        ocrvl_xml_close(w->xml);
        ocrvl_put_newline(w);
    } else if (i.latex && *i.latex) {
        ocrvl_xml_open(w->xml, "p");
        ocrvl_xml_attr(w->xml, "class", "formula");
        ocrvl_xml_element(w->xml, "code", i.latex);
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    } else if (!*i.text) {
        put_picture(w, &i);
    } else if (i.role == OCRVL_ROLE_TITLE || i.role == OCRVL_ROLE_HEADING) {
        put_heading(w, block, &i);
    } else if (i.role == OCRVL_ROLE_CODE) {
        put_element(w, "pre", NULL, block, &i);
    } else if (i.role == OCRVL_ROLE_LIST_ITEM) {
        put_element(w, "li", NULL, block, &i);
    } else {
        put_element(w, "p", class, block, &i);
    }
}

/* Says why a page has no text. */
static void put_failure(ocrvl_writer *w, const ocrvl_page_info *info)
{
    if (info->status != OCRVL_PAGE_FAILED)
        return;
    ocrvl_xml_open(w->xml, "p");
    ocrvl_xml_attr(w->xml, "class", "note");
    put_text(w, "This page could not be read: ");
    put_text(w, info->error_message);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

/* Begins a page's section, in the view with what stands before the text. */
static void put_section(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    if (is_view(w)) {
        uint32_t *last = ocrvl_writer_state(w, sizeof *last, NULL);
        if (last)
            *last = 2;
        ocrvl_view_begin(w, page, place);
        return;
    }
    ocrvl_xml_open(w->xml, "section");
    ocrvl_xml_attr_printf(w->xml, "id", "page-%llu", (unsigned long long)w->pages);
    ocrvl_put_newline(w);
    ocrvl_put_notes(w->xml, page);
    put_failure(w, &info);
}

static void html_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    bool list = false;
    if (w->pages == 1)
        put_head(w, page, place);
    put_section(w, page, place);
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        bool item = i.role == OCRVL_ROLE_LIST_ITEM && *i.text;
        if (item && !list)
            ocrvl_xml_open(w->xml, "ul");
        if (!item && list)
            ocrvl_xml_close_pair(w->xml);
        list = item;
        put_block(w, n);
    }
    if (list)
        ocrvl_xml_close_pair(w->xml);
    if (is_view(w)) {
        ocrvl_view_end(w);
        return;
    }
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void html_end(ocrvl_writer *w)
{
    ocrvl_xml_close_pair(w->xml); /* main */
    ocrvl_put_newline(w);
    if (is_view(w))
        ocrvl_view_put_script(w->xml);
    ocrvl_put_html_end(w);
}

const ocrvl_writer_ops ocrvl_html_ops = {.page = html_page, .end = html_end, .xml = true, .needs_page = true, .says_failures = true};
