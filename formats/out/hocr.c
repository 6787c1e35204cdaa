/* hOCR 1.2 as polyglot XHTML: well-formed XML that is valid HTML5 too, and therefore without XML declaration and DTD.
 *
 * An element has one class. Text is always in page > carea or float > par > line > word, where the par is a <p>,
 * because consumers look for exactly that: OCRmyPDF silently drops the text of an <h2 class="ocr_section">. So a
 * heading is a <p> with the ARIA role of a heading, which HTML allows; <h1..6>, which hOCR recommends, can't contain a
 * <p>. Where the specification or its consumers need a bbox and there is none, it is that of the nearest element around
 * that has one (a line's words, its block, the page): it bounds the element, but is not measured. A block with neither
 * text nor box is left out. ppageno is written only for the pages of the first document, where it is unique; lpageno is
 * the page number printed on the page, or else the document's label. Languages and scripts are listed in the head only
 * if the document is announced as one page, because pages come later. There is no x_fsize: the font size can't be
 * derived from an x-height. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "out/parts.h"
#include "out/writer.h"

/* Everything that can occur below, and nothing else. */
static const char capabilities[] =
    "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocr_table ocr_header ocr_footer ocr_pageno ocr_photo ocr_separator "
    "ocr_caption ocr_title ocrp_lang ocrp_dir ocrp_poly ocrp_font";

/* Writes an attribute with the contents of w->buf. */
static void put_attr(ocrvl_writer *w, const char *name)
{
    w->nomem |= w->buf.failed;
    ocrvl_xml_attr(w->xml, name, w->buf.data);
}

/* Writes a meta element with the contents of w->buf. */
static void put_meta(ocrvl_writer *w, const char *name)
{
    ocrvl_xml_open(w->xml, "meta");
    ocrvl_xml_attr(w->xml, "name", name);
    put_attr(w, "content");
    ocrvl_xml_close(w->xml);
    ocrvl_put_newline(w);
}

#define LANGUAGES 32

/* Languages in ISO 639-1, each once. */
static void put_languages(ocrvl_writer *w, const ocrvl_page *page)
{
    const char *langs[LANGUAGES];
    size_t n = page ? ocrvl_page_languages(page, langs, NULL, LANGUAGES) : 0;
    ocrvl_buf_clear(&w->buf);
    for (size_t i = 0; i < n && i < LANGUAGES; i++) {
        bool two = strcspn(langs[i], "-") == 2, before = false;
        for (size_t k = 0; k < i; k++)
            before |= strncmp(langs[k], langs[i], 2) == 0 && strcspn(langs[k], "-") == 2;
        if (two && !before)
            ocrvl_buf_printf(&w->buf, "%s%.2s", w->buf.len ? " " : "", langs[i]);
    }
    if (!w->buf.len)
        ocrvl_buf_puts(&w->buf, "unknown");
}

/* The blocks' scripts in ISO 15924, each once. */
static void put_scripts(ocrvl_writer *w, const ocrvl_page *page)
{
    ocrvl_buf_clear(&w->buf);
    for (const ocrvl_node *n = page ? ocrvl_page_first(page) : NULL; n; n = ocrvl_node_next(n)) {
        const char *text = ocrvl_info(n).text, *script = ocrvl_text_script(text, strlen(text));
        if (script && !(w->buf.len && strstr(w->buf.data, script)))
            ocrvl_buf_printf(&w->buf, "%s%s", w->buf.len ? " " : "", script);
    }
    if (!w->buf.len)
        ocrvl_buf_puts(&w->buf, "unknown");
}

static void put_head(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    ocrvl_xml_raw(x, "<!DOCTYPE html>\n");
    ocrvl_xml_open(x, "html");
    ocrvl_xml_attr(x, "xmlns", "http://www.w3.org/1999/xhtml");
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "head");
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "meta");
    ocrvl_xml_attr(x, "charset", "utf-8");
    ocrvl_xml_close(x);
    ocrvl_put_newline(w);
    ocrvl_xml_element(x, "title", place->file);
    ocrvl_put_newline(w);
    ocrvl_buf_clear(&w->buf);
    ocrvl_buf_printf(&w->buf, "ocrvl %s", ocrvl_version());
    if (w->opt.model)
        ocrvl_buf_printf(&w->buf, " %s", w->opt.model);
    put_meta(w, "ocr-system");
    ocrvl_buf_clear(&w->buf);
    ocrvl_buf_puts(&w->buf, capabilities);
    put_meta(w, "ocr-capabilities");
    put_languages(w, w->opt.pages == 1 ? page : NULL);
    put_meta(w, "ocr-langs");
    put_scripts(w, w->opt.pages == 1 ? page : NULL);
    put_meta(w, "ocr-scripts");
    if (w->opt.pages) {
        ocrvl_buf_clear(&w->buf);
        ocrvl_buf_printf(&w->buf, "%llu", (unsigned long long)w->opt.pages);
        put_meta(w, "ocr-number-of-pages");
    }
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
    ocrvl_xml_open(x, "body");
    ocrvl_put_newline(w);
}

/* ---- boxes and properties ---------------------------------------------------------------------------- */

static void begin_title(ocrvl_writer *w, ocrvl_box b)
{
    ocrvl_buf_clear(&w->buf);
    ocrvl_buf_printf(&w->buf, "bbox %d %d %d %d", b.x0, b.y0, b.x1, b.y1);
}

static void end_title(ocrvl_writer *w) { put_attr(w, "title"); }

/* A property's string. Consumers split at quotes and semicolons without looking further, so these, control characters,
 * ill-formed UTF-8 and % are written as %XX. */
static void put_quoted(ocrvl_buf *b, const char *s)
{
    size_t n = strlen(s);
    ocrvl_buf_puts(b, " \"");
    for (size_t i = 0, from = 0; i < n; from = i) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        bool plain = c != '"' && c != ';' && c != '%' && c >= 0x20 && (c < 0x7F || c >= 0xA0) && c != OCRVL_UTF8_BAD;
        if (plain)
            ocrvl_buf_put(b, s + from, i - from);
        for (; !plain && from < i; from++)
            ocrvl_buf_printf(b, "%%%02X", (unsigned)(unsigned char)s[from]);
    }
    ocrvl_buf_putc(b, '"');
}

static void open_class(ocrvl_writer *w, const char *tag, const char *name)
{
    ocrvl_xml_open(w->xml, tag);
    ocrvl_xml_attr(w->xml, "class", name);
}

static void open_box(ocrvl_writer *w, const char *tag, const char *name, ocrvl_box box)
{
    open_class(w, tag, name);
    begin_title(w, box);
    end_title(w);
}

static void put_language(ocrvl_writer *w, const ocrvl_node_info *i)
{
    ocrvl_xml_attr(w->xml, "lang", i->lang);
    ocrvl_xml_attr(w->xml, "dir", i->dir == OCRVL_DIR_RTL ? "rtl" : i->dir == OCRVL_DIR_LTR ? "ltr" : NULL);
}

/* The slope, and the height above the box's bottom where the baseline meets the box's left side. */
static void add_baseline(ocrvl_buf *b, const ocrvl_node_info *i, const ocrvl_box *box)
{
    const ocrvl_point *p = i->baseline;
    double dx = (double)p[1].x - (double)p[0].x, dy = (double)p[1].y - (double)p[0].y;
    if (!ocrvl_has_baseline(i) || fabs(dx) < 1 || fabs(dy) > fabs(dx))
        return;
    double slope = dy / dx, offset = (double)p[0].y + slope * (box->x0 - (double)p[0].x) - box->y1;
    ocrvl_buf_puts(b, "; baseline ");
    ocrvl_buf_put_number(b, slope, 5);
    ocrvl_buf_putc(b, ' ');
    ocrvl_buf_put_number(b, offset, 0);
}

/* Only if the outline differs from the box. */
static void add_poly(ocrvl_buf *b, const ocrvl_node_info *i)
{
    size_t n;
    const ocrvl_point *p = ocrvl_outline(i, &n);
    bool same = n <= 4;
    for (size_t k = 0; k < n; k++) {
        long x = lroundf(p[k].x), y = lroundf(p[k].y);
        same &= (x == i->box.x0 || x == i->box.x1) && (y == i->box.y0 || y == i->box.y1);
    }
    if (same)
        return;
    ocrvl_buf_puts(b, "; poly ");
    ocrvl_add_points(b, p, n, ' ');
}

/* ---- nodes ------------------------------------------------------------------------------------------- */

typedef struct where { /* the element that is being written, for ids */
    size_t block, line, par;
    uint32_t rotation;
    ocrvl_box box; /* the box around it */
} where;

/* A size is whole points, and a name can't hold what ends it. */
static void add_style(ocrvl_buf *b, const ocrvl_text_style *s)
{
    if (*s->font && !strpbrk(s->font, "\";"))
        ocrvl_buf_printf(b, "; x_font \"%s\"", s->font);
    if (s->size >= 0.5f)
        ocrvl_buf_printf(b, "; x_fsize %ld", lroundf(s->size));
}

static void put_words(ocrvl_writer *w, const ocrvl_node *line, const where *at)
{
    ocrvl_pieces it;
    ocrvl_piece piece;
    size_t word = 0;
    for (ocrvl_pieces_begin(&it, line); ocrvl_pieces_next(&it, &piece);) {
        if (piece.space) /* written as it is, since it may be a no-break space */
            ocrvl_xml_text(w->xml, piece.text - piece.gap, piece.gap);
        ocrvl_node_info i = piece.word ? ocrvl_info(piece.word) : (ocrvl_node_info){.confidence = -1};
        open_class(w, "span", "ocrx_word");
        ocrvl_xml_attr_printf(w->xml, "id", "word_%llu_%zu_%zu_%zu", (unsigned long long)w->pages, at->block, at->line,
                              ++word);
        begin_title(w, ocrvl_has_box(&i) ? i.box : at->box);
        if (i.confidence >= 0)
            ocrvl_buf_printf(&w->buf, "; x_wconf %ld", lroundf(i.confidence * 100));
        if (i.style)
            add_style(&w->buf, i.style);
        end_title(w);
        put_language(w, &i);
        ocrvl_xml_text(w->xml, piece.text, piece.len);
        ocrvl_xml_close_pair(w->xml);
    }
}

static void put_line(ocrvl_writer *w, const ocrvl_node *line, where at)
{
    ocrvl_node_info i = ocrvl_info(line);
    at.box = ocrvl_box_around(line, at.box);
    open_class(w, "span", "ocr_line");
    ocrvl_xml_attr_printf(w->xml, "id", "line_%llu_%zu_%zu", (unsigned long long)w->pages, at.block, at.line);
    begin_title(w, at.box);
    if (at.rotation)
        ocrvl_buf_printf(&w->buf, "; textangle %u", at.rotation);
    else
        add_baseline(&w->buf, &i, &at.box);
    add_poly(&w->buf, &i);
    end_title(w);
    put_language(w, &i);
    put_words(w, line, &at);
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

/* Writes the lines of a block or cell as a paragraph or heading. A line without text or box is left out, and without
 * lines nothing is written. */
static void put_par(ocrvl_writer *w, const ocrvl_node *parent, where *at)
{
    ocrvl_node_info i = ocrvl_info(parent);
    ocrvl_box outer = at->box;
    if (!ocrvl_node_first(parent))
        return;
    at->box = ocrvl_box_around(parent, outer);
    open_class(w, "p", "ocr_par");
    ocrvl_xml_attr_printf(w->xml, "id", "par_%llu_%zu_%zu", (unsigned long long)w->pages, at->block, ++at->par);
    begin_title(w, at->box);
    end_title(w);
    if (i.role == OCRVL_ROLE_TITLE || i.role == OCRVL_ROLE_HEADING) {
        uint32_t level = i.role == OCRVL_ROLE_TITLE ? 1 : 2;
        ocrvl_xml_attr(w->xml, "role", "heading");
        ocrvl_xml_attr_int(w->xml, "aria-level", i.level ? i.level : level);
    }
    put_language(w, &i);
    ocrvl_put_newline(w);
    for (const ocrvl_node *line = ocrvl_node_first(parent); line; line = ocrvl_node_next(line)) {
        ocrvl_node_info l = ocrvl_info(line);
        at->line++;
        if (*l.text || ocrvl_has_box(&l))
            put_line(w, line, *at);
    }
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
    at->box = outer;
}

static void put_cell(ocrvl_writer *w, const ocrvl_node *cell, where *at)
{
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_open_cell(w->xml, &i);
    if (ocrvl_has_box(&i)) {
        begin_title(w, i.box);
        end_title(w);
    }
    put_par(w, cell, at);
    ocrvl_xml_close_pair(w->xml);
}

static void put_table(ocrvl_writer *w, const ocrvl_node *table, where *at)
{
    ocrvl_xml *x = w->xml;
    const ocrvl_node *cell;
    ocrvl_table_grid g;
    bool row = false;
    ocrvl_grid_begin(&g, table);
    if (g.rows == 0)
        return;
    ocrvl_xml_open(x, "table");
    ocrvl_xml_attr(x, "dir", ocrvl_table_runs_leftwards(table) ? "rtl" : NULL);
    ocrvl_xml_open(x, "tbody");
    ocrvl_put_newline(w);
    for (ocrvl_grid_step step; (step = ocrvl_grid_next(&g, &cell)) != OCRVL_GRID_END;) {
        if (step == OCRVL_GRID_ROW && row) {
            ocrvl_xml_close_pair(x);
            ocrvl_put_newline(w);
        }
        if (step == OCRVL_GRID_ROW)
            ocrvl_xml_open(x, "tr");
        row = true;
        if (step == OCRVL_GRID_CELL)
            put_cell(w, cell, at);
        if (step == OCRVL_GRID_GAP) {
            ocrvl_xml_open(x, "td");
            ocrvl_xml_close_pair(x);
        }
    }
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
    ocrvl_xml_close_pair(x);
    ocrvl_xml_close_pair(x);
    ocrvl_put_newline(w);
}

/* Floats are children of the page itself, everything else is in a content area. */
static const char *area_class(const ocrvl_node_info *i)
{
    switch (i->role) {
    case OCRVL_ROLE_TABLE: return "ocr_table";
    case OCRVL_ROLE_FIGURE: return "ocr_photo";
    case OCRVL_ROLE_SEPARATOR: return "ocr_separator";
    case OCRVL_ROLE_HEADER: return "ocr_header";
    case OCRVL_ROLE_FOOTER: return "ocr_footer";
    case OCRVL_ROLE_PAGE_NUMBER: return "ocr_pageno";
    default: return "ocr_carea";
    }
}

static void put_block(ocrvl_writer *w, const ocrvl_node *block, where *at)
{
    ocrvl_node_info i = ocrvl_info(block);
    bool title = i.role == OCRVL_ROLE_TITLE, caption = i.role == OCRVL_ROLE_CAPTION;
    at->box = ocrvl_box_around(block, at->box);
    open_class(w, "div", area_class(&i));
    ocrvl_xml_attr_printf(w->xml, "id", "block_%llu_%zu", (unsigned long long)w->pages, at->block);
    begin_title(w, at->box);
    end_title(w);
    ocrvl_put_newline(w);
    if (title || caption) {
        open_box(w, "div", title ? "ocr_title" : "ocr_caption", at->box);
        ocrvl_put_newline(w);
    }
    if (i.role == OCRVL_ROLE_TABLE)
        put_table(w, block, at);
    else
        put_par(w, block, at);
    if (title || caption) {
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    }
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

/* ---- the page ---------------------------------------------------------------------------------------- */

/* Whether the page's number in its document is unique in the output. */
static bool numbered(ocrvl_writer *w, const ocrvl_page_place *place)
{
    if (!w->file && !(w->file = ocrvl_strdup(place->file)))
        w->nomem = true;
    if (!w->file || strcmp(w->file, place->file) != 0 || place->index < w->next_index)
        return false;
    w->next_index = place->index + 1;
    return true;
}

static bool is_number(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n < 10 && (strspn(s, "0123456789") == n || strspn(s, "ivxlcdm") == n || strspn(s, "IVXLCDM") == n);
}

/* The text of the page's only page number, or else the document's label, if it is a number: the hOCR specification
 * accepts nothing else. */
static const char *printed_number(const ocrvl_page *page, const ocrvl_page_place *place)
{
    const char *number = NULL;
    size_t count = 0;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        if (i.role != OCRVL_ROLE_PAGE_NUMBER || !*i.text)
            continue;
        number = i.text;
        count++;
    }
    number = count == 1 ? number : place->label;
    return number && is_number(number) ? number : NULL;
}

static void put_page_title(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_info *info,
                           const ocrvl_page_place *place)
{
    const char *printed = printed_number(page, place);
    ocrvl_buf *b = &w->buf;
    bool number = numbered(w, place);
    ocrvl_buf_clear(b);
    ocrvl_buf_puts(b, "image");
    put_quoted(b, place->file);
    if (place->md5)
        ocrvl_buf_printf(b, "; imagemd5 \"%.32s\"", place->md5);
    ocrvl_buf_printf(b, "; bbox 0 0 %u %u", info->width, info->height);
    if (number)
        ocrvl_buf_printf(b, "; ppageno %llu", (unsigned long long)place->index);
    if (printed && *printed) {
        bool digits = strspn(printed, "0123456789") == strlen(printed) && strlen(printed) < 10;
        ocrvl_buf_puts(b, "; lpageno");
        if (digits)
            ocrvl_buf_printf(b, " %s", printed);
        else
            put_quoted(b, printed);
    }
    if (info->dpi_x >= 0.5 && info->dpi_y >= 0.5)
        ocrvl_buf_printf(b, "; scan_res %ld %ld", lround(info->dpi_x), lround(info->dpi_y));
    ocrvl_buf_puts(b, "; x_source");
    put_quoted(b, place->file);
    ocrvl_buf_printf(b, " \"%llu\"", (unsigned long long)place->index);
    end_title(w);
}

static void hocr_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    if (w->pages == 1)
        put_head(w, page, place);
    open_class(w, "div", "ocr_page");
    ocrvl_xml_attr_printf(w->xml, "id", "page_%llu", (unsigned long long)w->pages);
    put_page_title(w, page, &info, place);
    ocrvl_put_newline(w);
    ocrvl_put_notes(w->xml, page);
    size_t number = 0;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        where at = {.block = ++number, .rotation = info.rotation};
        at.box = (ocrvl_box){0, 0, (int32_t)info.width, (int32_t)info.height};
        if (*ocrvl_info(n).text || ocrvl_box_around(n, (ocrvl_box){0}).x1)
            put_block(w, n, &at);
    }
    ocrvl_xml_close_pair(w->xml);
    ocrvl_put_newline(w);
}

const ocrvl_writer_ops ocrvl_hocr_ops = {.page = hocr_page, .end = ocrvl_put_html_end, .xml = true, .needs_page = true};
