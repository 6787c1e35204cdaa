/* HTML in one file with its style inside, which is XHTML too: to check a page with (htmlview.h), or without images to
 * read. Everything on the page is there in reading order, as headings, paragraphs, lists and tables. To read, lines
 * flow, except in blocks whose lines matter (code, forms, labels). Each page is a section, named page-N for links. */
#include <string.h>

#include "out/continued.h"
#include "out/html_blocks.h"
#include "out/html_held.h"
#include "out/htmlview.h"
#include "out/parts.h"
#include "out/writer.h"

static const char style[] = "\nbody { max-width: 42em; margin: 2em auto; padding: 0 1em; font: 1em/1.5 serif; }\n"
                            "section { border-bottom: 1px solid #999; padding: 1em 0; }\n"
                            "p.header, p.footer, p.page_number, .note { color: #555; font-size: 0.85em; }\n"
                            "p.footnote, figcaption, p.caption { font-size: 0.9em; }\n"
                            "p.form_field, p.other, p.figure { white-space: pre-line; }\n"
                            "ul.marked { list-style: none; padding-left: 1em; }\n"
                            "blockquote { margin: 1em 2em; }\n"
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

static void put_info(ocrvl_writer *w, const ocrvl_document_info *info)
{
    const char *const names[] = {"author", "description", "keywords", "dcterms.created", "dcterms.modified"};
    const char *const values[] = {info->author, info->subject, info->keywords, info->created, info->modified};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (values[i])
            put_meta(w, "name", names[i], values[i]);
}

/* The document's outline, as lists of links to its pages, of which so many come before the first one here. */
static void put_outline(ocrvl_writer *w, const ocrvl_document_info *info, uint64_t before)
{
    uint32_t depth = 0;
    if (!info->outline_count)
        return;
    ocrvl_xml_open(w->xml, "nav");
    for (size_t i = 0; i < info->outline_count; i++) {
        const ocrvl_outline_entry *e = &info->outline[i];
        for (; depth >= e->level; depth--) {
            ocrvl_xml_close_pair(w->xml);
            if (depth > e->level)
                ocrvl_xml_close_pair(w->xml);
        }
        if (depth + 1 == e->level && !(i && info->outline[i - 1].level >= e->level))
            ocrvl_xml_open(w->xml, "ul");
        depth = e->level;
        ocrvl_put_newline(w);
        ocrvl_xml_open(w->xml, "li");
        ocrvl_xml_open(w->xml, "a");
        if (e->page > before)
            ocrvl_xml_attr_printf(w->xml, "href", "#page-%llu", (unsigned long long)(e->page - before));
        put_text(w, e->title);
        ocrvl_xml_close_pair(w->xml);
    }
    for (; depth; depth--) {
        ocrvl_xml_close_pair(w->xml);
        ocrvl_xml_close_pair(w->xml);
    }
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

static void put_head(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    const char *lang;
    static const ocrvl_document_info nothing = {.outline_count = 0};
    const ocrvl_document_info *info = place->info ? place->info : &nothing;
    ocrvl_xml_raw(x, "<!DOCTYPE html>\n");
    ocrvl_xml_open(x, "html");
    ocrvl_xml_attr(x, "xmlns", "http://www.w3.org/1999/xhtml");
    if (ocrvl_is_view(w))
        ocrvl_xml_attr(x, "lang", "en"); /* what we say; the pages' text says its own */
    else if (info->language)
        ocrvl_xml_attr(x, "lang", info->language);
    else
        ocrvl_xml_attr(x, "lang", ocrvl_page_languages(page, &lang, NULL, 1) > 0 ? lang : "und");
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "head");
    ocrvl_put_newline(w);
    put_meta(w, "charset", "utf-8", NULL);
    put_meta(w, "name", "viewport", "width=device-width");
    put_meta(w, "name", "generator", "ocrvl " OCRVL_VERSION_STRING);
    put_info(w, info);
    ocrvl_xml_element(x, "title", info->title ? info->title : ocrvl_base_name(place->file));
    ocrvl_put_newline(w);
    if (ocrvl_is_view(w)) {
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
    if (ocrvl_is_view(w))
        ocrvl_view_put_top(w, place);
    put_outline(w, info, place->index);
    ocrvl_xml_open(x, "main");
    ocrvl_put_newline(w);
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

/* A page with its image. */
static void put_view(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_html_state *s = ocrvl_html_state_of(w);
    ocrvl_html_tables tables = {.last = NULL};
    tables.first = ocrvl_continued_table(&w->last, page, place, &tables.repeats);
    if (s)
        s->level = 2;
    ocrvl_view_begin(w, page, place);
    ocrvl_put_html_blocks(w, page, place, &tables);
    ocrvl_view_end(w);
}

/* To read: ends the section that is open, if there is one. */
static void end_section(ocrvl_writer *w)
{
    ocrvl_html_state *s = ocrvl_html_state_of(w);
    if (!s || !s->section)
        return;
    ocrvl_html_release(w);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
    s->section = false;
}

/* To read: begins a page's section, or, if rows of the open table begin the page, writes these and then begins it. */
static void begin_section(ocrvl_writer *w, ocrvl_html_state *s, ocrvl_html_tables *tables)
{
    if (tables->first && ocrvl_html_may_go_on(w)) {
        tables->written = true;
        ocrvl_put_html_rows(w, tables);
        ocrvl_html_hold(w);
        ocrvl_xml_raw(w->xml, "</section>\n<section class=\"continues\">\n");
        if (tables->last != tables->first)
            ocrvl_html_release(w);
        return;
    }
    end_section(w);
    ocrvl_xml_open(w->xml, "section");
    ocrvl_xml_attr_printf(w->xml, "id", "page-%llu", (unsigned long long)w->pages);
    ocrvl_put_newline(w);
    s->section = true;
}

static void put_section(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_html_tables tables = {.last = NULL};
    ocrvl_html_state *s = ocrvl_html_state_of(w);
    if (!s)
        return;
    tables.first = ocrvl_continued_table(&w->last, page, place, &tables.repeats);
    if (w->last.any)
        tables.last = ocrvl_last_table(page);
    begin_section(w, s, &tables);
    ocrvl_put_notes(w->xml, page);
    put_failure(w, &info);
    ocrvl_put_html_blocks(w, page, place, &tables);
    ocrvl_html_unhold(w);
    if (!s->open)
        end_section(w);
}

static void html_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    if (w->pages == 1)
        put_head(w, page, place);
    if (ocrvl_is_view(w))
        put_view(w, page, place);
    else
        put_section(w, page, place);
}

static void html_end(ocrvl_writer *w)
{
    if (!ocrvl_is_view(w))
        end_section(w);
    ocrvl_xml_close_pair(w->xml); /* main */
    ocrvl_put_newline(w);
    if (ocrvl_is_view(w))
        ocrvl_view_put_script(w->xml);
    ocrvl_put_html_end(w);
}

const ocrvl_writer_ops ocrvl_html_ops = {
    .page = html_page, .end = html_end, .xml = true, .needs_page = true, .says_failures = true};
