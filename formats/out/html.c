/* HTML for reading: one file with its style inside, which is XHTML too. Everything on the page is there in reading
 * order, as headings, paragraphs, lists and tables. Lines flow, except in blocks whose lines matter (code, forms,
 * labels). Each page is a section, named page-N for links. */
#include <string.h>

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
    if (ocrvl_page_languages(page, &lang, NULL, 1) > 0)
        ocrvl_xml_attr(x, "lang", lang);
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "head");
    ocrvl_put_newline(w);
    put_meta(w, "charset", "utf-8", NULL);
    put_meta(w, "name", "viewport", "width=device-width");
    put_meta(w, "name", "generator", "ocrvl " OCRVL_VERSION_STRING);
    ocrvl_xml_element(x, "title", place->file);
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "style");
    ocrvl_xml_raw(x, style);
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "body");
    ocrvl_put_newline(w);
}

static void put_language(ocrvl_writer *w, const ocrvl_node_info *i)
{
    ocrvl_xml_attr(w->xml, "lang", i->lang);
    ocrvl_xml_attr(w->xml, "dir", i->dir == OCRVL_DIR_RTL ? "rtl" : i->dir == OCRVL_DIR_LTR ? "ltr" : NULL);
}

/* Writes an element with a block's text; class is NULL for none. */
static void put_element(ocrvl_writer *w, const char *tag, const char *class, const ocrvl_node_info *i)
{
    ocrvl_buf_clear(&w->buf);
    if (w->opt.join_hyphens && i->role != OCRVL_ROLE_CODE)
        ocrvl_put_joined(&w->buf, i->text);
    else
        ocrvl_buf_puts(&w->buf, i->text);
    w->nomem |= w->buf.failed;
    ocrvl_xml_open(w->xml, tag);
    ocrvl_xml_attr(w->xml, "class", class);
    put_language(w, i);
    put_text(w, w->buf.data ? w->buf.data : "");
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_cell(ocrvl_writer *w, const ocrvl_node *cell)
{
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_open_cell(w->xml, &i);
    put_language(w, &i);
    put_text(w, i.text);
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

static void put_heading(ocrvl_writer *w, const ocrvl_node_info *i)
{
    char tag[] = "h1";
    uint32_t level = i->level ? i->level : i->role == OCRVL_ROLE_TITLE ? 1 : 2;
    tag[1] = (char)('0' + level);
    put_element(w, tag, NULL, i);
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
        return;
    } else if (i.role == OCRVL_ROLE_TITLE || i.role == OCRVL_ROLE_HEADING) {
        put_heading(w, &i);
    } else if (i.role == OCRVL_ROLE_CODE) {
        put_element(w, "pre", NULL, &i);
    } else if (i.role == OCRVL_ROLE_LIST_ITEM) {
        put_element(w, "li", NULL, &i);
    } else {
        put_element(w, "p", class, &i);
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

static void html_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    bool list = false;
    if (w->pages == 1)
        put_head(w, page, place);
    ocrvl_xml_open(w->xml, "section");
    ocrvl_xml_attr_printf(w->xml, "id", "page-%llu", (unsigned long long)w->pages);
    ocrvl_put_newline(w);
    ocrvl_put_notes(w->xml, page);
    put_failure(w, &info);
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
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

const ocrvl_writer_ops ocrvl_html_ops = {.page = html_page, .end = ocrvl_put_html_end, .xml = true, .needs_page = true};
