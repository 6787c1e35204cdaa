/* ALTO 4.4: all pages in one file, in pixels, with integers. Points are "x y x y", which the schema allows beside "x,y
 * x,y", and which alone eScriptorium takes.
 *
 * Text blocks are direct children of the PrintSpace, because readers look no deeper. Only tables are composed: rows,
 * and in them a TextBlock for each cell, named cell_PAGE_BLOCK_ROW_COLUMN, with _ROWS_COLUMNS appended if the cell
 * spans more than one of them, so that a document of any number of pages describes all of its tables. ALTO has its tags
 * and reading order before the first page, while pages are written as they come; so a document announced as one page
 * (options.pages == 1) has a ReadingOrder, the styles of its paragraphs and a tag with the spans of each cell, and a
 * longer one chains its blocks by IDNEXT. Words that a document says have a TextStyle, also in a document of one page;
 * other words have none: it must have a font size, which can't be derived from an x-height.
 *
 * With options.flat_tables a table with cells is not an element of its own: its cells are in the PrintSpace as other
 * blocks are, tagged as a table's.
 *
 * Boxes are written where they exist. A page without image has no size. A status other than ok becomes the
 * PAGECLASS. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "out/altostyle.h"
#include "out/parts.h"
#include "out/writer.h"

#define NAMESPACE "http://www.loc.gov/standards/alto/ns-v4#"

typedef struct where { /* the element that is being written, for ids */
    unsigned long long page;
    size_t block, line;
    ocrvl_buf *part2; /* the broken word that the line's first piece completes; else empty */
} where;

/* Whether the head could describe the page, because there is no other page. */
static bool alone(const ocrvl_writer *w, const where *at) { return w->opt.pages == 1 && at->page == 1; }

/* The page is numbered in the document and the block in the page; cell is a cell of the block, or NULL for the block
 * itself. */
static void put_id(ocrvl_xml *x, const char *name, unsigned long long page, size_t block, const ocrvl_node *cell)
{
    if (!cell) {
        ocrvl_xml_attr_printf(x, name, "block_%llu_%zu", page, block);
        return;
    }
    ocrvl_node_info i = ocrvl_info(cell);
    if (i.row_span > 1 || i.col_span > 1)
        ocrvl_xml_attr_printf(x, name, "cell_%llu_%zu_%u_%u_%u_%u", page, block, i.row + 1, i.col + 1, i.row_span,
                              i.col_span);
    else
        ocrvl_xml_attr_printf(x, name, "cell_%llu_%zu_%u_%u", page, block, i.row + 1, i.col + 1);
}

/* The first of the cells that are written in place of their table; NULL if the block is one element. */
static const ocrvl_node *flat_cells(const ocrvl_writer *w, const ocrvl_node *block)
{
    return w->opt.flat_tables && ocrvl_info(block).role == OCRVL_ROLE_TABLE ? ocrvl_node_first(block) : NULL;
}

/* In a document of several pages: the block that is read after this one. */
static void put_next_block(ocrvl_writer *w, const ocrvl_node *block, const where *at)
{
    const ocrvl_node *next = ocrvl_node_next(block);
    if (next && !alone(w, at))
        put_id(w->xml, "IDNEXT", at->page, at->block + 1, flat_cells(w, next));
}

/* ---- the head ---------------------------------------------------------------------------------------- */

static void put_processing(ocrvl_writer *w)
{
    ocrvl_xml *x = w->xml;
    ocrvl_buf *b = &w->buf;
    ocrvl_xml_open(x, "Processing");
    ocrvl_xml_attr(x, "ID", "PROC_OCR");
    ocrvl_xml_element(x, "processingCategory", "contentGeneration");
    ocrvl_xml_element(x, "processingDateTime", w->opt.datetime);
    ocrvl_xml_element(x, "processingStepDescription", "text recognition");
    ocrvl_buf_clear(b);
    if (w->opt.model)
        ocrvl_buf_printf(b, "model=%s;", w->opt.model);
    if (w->opt.model_sha256)
        ocrvl_buf_printf(b, "model_sha256=%s;", w->opt.model_sha256);
    if (w->opt.settings)
        ocrvl_buf_puts(b, w->opt.settings);
    if (b->len && b->data[b->len - 1] == ';')
        b->data[--b->len] = '\0';
    w->nomem |= b->failed;
    if (b->len)
        ocrvl_xml_element(x, "processingStepSettings", b->data);
    ocrvl_xml_open(x, "processingSoftware");
    ocrvl_xml_element(x, "softwareCreator", "ocrvl project");
    ocrvl_xml_element(x, "softwareName", "ocrvl");
    ocrvl_xml_element(x, "softwareVersion", ocrvl_version());
    ocrvl_xml_close(x);
    ocrvl_xml_close(x);
}

static void put_description(ocrvl_writer *w, const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    ocrvl_xml_open(x, "Description");
    ocrvl_xml_element(x, "MeasurementUnit", "pixel");
    ocrvl_xml_open(x, "sourceImageInformation");
    const char *slash = strrchr(place->file, '/'); /* eScriptorium looks for an image of this name */
    ocrvl_xml_element(x, "fileName", slash && slash[1] ? slash + 1 : place->file);
    if (place->sha256) {
        ocrvl_xml_open(x, "fileIdentifier");
        ocrvl_xml_attr(x, "fileIdentifierLocation", "sha256");
        ocrvl_xml_text(x, place->sha256, strlen(place->sha256));
        ocrvl_xml_close(x);
    }
    ocrvl_xml_close(x);
    put_processing(w);
    ocrvl_xml_close(x);
}

/* ALTO's styles of text have a size; what has none isn't written. Returns whether there are any. */
static bool put_text_styles(ocrvl_xml *x, const ocrvl_page *page)
{
    const ocrvl_text_style *s;
    bool any = false;
    for (uint32_t i = 0; (s = ocrvl_page_style(page, i)); i++) {
        if (!(s->size > 0))
            continue;
        if (!any)
            ocrvl_xml_open(x, "Styles");
        any = true;
        char how[32];
        snprintf(how, sizeof how, "%s%s%s", s->bold ? " bold" : "", s->italic ? " italics" : "",
                 s->underlined ? " underline" : "");
        ocrvl_xml_open(x, "TextStyle");
        ocrvl_xml_attr_printf(x, "ID", "FONT_%u", s->number);
        ocrvl_xml_attr(x, "FONTFAMILY", *s->font ? s->font : NULL);
        ocrvl_xml_attr_number(x, "FONTSIZE", (double)s->size, 2);
        ocrvl_xml_attr(x, "FONTSTYLE", *how ? how + 1 : NULL);
        ocrvl_xml_attr_printf(x, "FONTCOLOR", "%06x", (unsigned)s->colour & 0xFFFFFF);
        ocrvl_xml_close(x);
    }
    return any;
}

static void put_styles(ocrvl_xml *x, const ocrvl_page *page)
{
    size_t number = 0;
    bool any = put_text_styles(x, page);
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_alto_style style;
        number++;
        if (ocrvl_info(n).role == OCRVL_ROLE_TABLE || !ocrvl_alto_style_of(n, &style))
            continue;
        if (!any)
            ocrvl_xml_open(x, "Styles");
        any = true;
        ocrvl_xml_open(x, "ParagraphStyle");
        ocrvl_xml_attr_printf(x, "ID", "PAR_%zu", number);
        ocrvl_xml_attr(x, "ALIGN", style.align);
        if (style.line_space)
            ocrvl_xml_attr_printf(x, "LINESPACE", "%ld", style.line_space);
        ocrvl_xml_close(x);
    }
    if (any)
        ocrvl_xml_close(x);
}

static void put_tag(ocrvl_xml *x, const char *element, const char *id, const char *type, const char *label)
{
    ocrvl_xml_open(x, element);
    ocrvl_xml_attr(x, "ID", id);
    ocrvl_xml_attr(x, "TYPE", type);
    ocrvl_xml_attr(x, "LABEL", label);
    ocrvl_xml_close(x);
}

static void put_cell_tags(ocrvl_xml *x, const ocrvl_page *page)
{
    size_t number = 0;
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        number++;
        if (ocrvl_info(n).role != OCRVL_ROLE_TABLE)
            continue;
        for (const ocrvl_node *cell = ocrvl_node_first(n); cell; cell = ocrvl_node_next(cell)) {
            ocrvl_node_info i = ocrvl_info(cell);
            ocrvl_xml_open(x, "OtherTag");
            ocrvl_xml_attr_printf(x, "ID", "TAG_cell_1_%zu_%u_%u", number, i.row + 1, i.col + 1);
            ocrvl_xml_attr(x, "TYPE", "table-cell");
            ocrvl_xml_attr_printf(x, "LABEL", "row=%u;col=%u;rowspan=%u;colspan=%u", i.row, i.col, i.row_span,
                                  i.col_span);
            ocrvl_xml_close(x);
        }
    }
}

/* Writes every tag that a page may refer to, used or not, because the pages come later. */
static void put_tags(ocrvl_writer *w, const ocrvl_page *page)
{
    char id[64], label[2] = "1";
    ocrvl_xml_open(w->xml, "Tags");
    for (ocrvl_role r = OCRVL_ROLE_PARAGRAPH; r <= OCRVL_ROLE_QUOTE; r++) {
        snprintf(id, sizeof id, "TAG_%s", ocrvl_role_name(r));
        put_tag(w->xml, "StructureTag", id, "region", ocrvl_role_name(r));
    }
    for (; label[0] <= '6'; label[0]++) {
        snprintf(id, sizeof id, "TAG_level_%s", label);
        put_tag(w->xml, "OtherTag", id, "level", label);
    }
    put_tag(w->xml, "OtherTag", "TAG_header_cell", "table-header", "header");
    put_tag(w->xml, "OtherTag", "TAG_handwritten", "line", "handwriting");
    if (w->opt.pages == 1)
        put_cell_tags(w->xml, page);
    ocrvl_xml_close(w->xml);
}

static void put_order_of(ocrvl_xml *x, size_t *count, size_t block, const ocrvl_node *cell)
{
    ocrvl_xml_open(x, "ElementRef");
    ocrvl_xml_attr_printf(x, "ID", "order_1_%zu", ++*count);
    put_id(x, "REF", 1, block, cell);
    ocrvl_xml_close(x);
}

static void put_reading_order(ocrvl_writer *w, const ocrvl_page *page)
{
    ocrvl_xml *x = w->xml;
    size_t number = 0, count = 0;
    if (!ocrvl_page_first(page))
        return;
    ocrvl_xml_open(x, "ReadingOrder");
    ocrvl_xml_open(x, "OrderedGroup");
    ocrvl_xml_attr(x, "ID", "order_1");
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        const ocrvl_node *cell = flat_cells(w, n);
        number++;
        if (!cell)
            put_order_of(x, &count, number, NULL);
        for (; cell; cell = ocrvl_node_next(cell))
            put_order_of(x, &count, number, cell);
    }
    ocrvl_xml_close(x);
    ocrvl_xml_close(x);
}

static void put_head(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    ocrvl_xml_open(x, "alto");
    ocrvl_xml_attr(x, "xmlns", NAMESPACE);
    ocrvl_xml_attr(x, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    ocrvl_xml_attr(x, "xsi:schemaLocation", NAMESPACE " http://www.loc.gov/standards/alto/v4/alto-4-4.xsd");
    ocrvl_xml_attr(x, "SCHEMAVERSION", "4.4");
    put_description(w, place);
    if (w->opt.pages == 1)
        put_styles(x, page);
    put_tags(w, page);
    if (w->opt.pages == 1)
        put_reading_order(w, page);
    ocrvl_xml_open(x, "Layout");
}

/* ---- lines ------------------------------------------------------------------------------------------- */

static void put_box(ocrvl_xml *x, const ocrvl_box *b)
{
    if (b->x1 <= b->x0)
        return;
    ocrvl_xml_attr_int(x, "HPOS", b->x0);
    ocrvl_xml_attr_int(x, "VPOS", b->y0);
    ocrvl_xml_attr_int(x, "WIDTH", b->x1 - b->x0);
    ocrvl_xml_attr_int(x, "HEIGHT", b->y1 - b->y0);
}

static void put_language(ocrvl_xml *x, const ocrvl_node_info *i)
{
    static const char *const directions[] = {NULL, "ltr", "rtl", "ttb"};
    ocrvl_xml_attr(x, "LANG", i->lang);
    ocrvl_xml_attr(x, "BASEDIRECTION", directions[i->dir]);
}

/* The space between two measured boxes side by side is measured too. */
static void put_space(ocrvl_xml *x, const ocrvl_piece *before, const ocrvl_piece *after)
{
    ocrvl_node_info a = before->word ? ocrvl_info(before->word) : (ocrvl_node_info){0};
    ocrvl_node_info b = after->word ? ocrvl_info(after->word) : (ocrvl_node_info){0};
    const ocrvl_box *left = a.box.x0 < b.box.x0 ? &a.box : &b.box, *right = left == &a.box ? &b.box : &a.box;
    ocrvl_box gap = {left->x1, left->y0 < right->y0 ? left->y0 : right->y0, right->x0,
                     left->y1 > right->y1 ? left->y1 : right->y1};
    ocrvl_xml_open(x, "SP");
    if (ocrvl_has_box(&a) && ocrvl_has_box(&b))
        put_box(x, &gap);
    ocrvl_xml_close(x);
}

/* The last piece of a line and the first piece of another; false if there is none. */
static bool last_piece(const ocrvl_node *line, ocrvl_piece *out, bool *only)
{
    ocrvl_pieces it;
    ocrvl_piece p;
    size_t n = 0;
    memset(out, 0, sizeof *out);
    for (ocrvl_pieces_begin(&it, line); ocrvl_pieces_next(&it, &p); n++)
        *out = p;
    *only = n == 1;
    return n > 0;
}

static bool first_piece(const ocrvl_node *line, ocrvl_piece *out)
{
    ocrvl_pieces it;
    ocrvl_pieces_begin(&it, line);
    return ocrvl_pieces_next(&it, out);
}

/* If the line ends in a word that the next line completes: returns the bytes of its hyphen, and the whole word in
 * *whole. A word in three parts is joined from two, because a String has only one part to play. */
static size_t broken(ocrvl_writer *w, const ocrvl_node *line, bool ends_word, ocrvl_buf *whole)
{
    const ocrvl_node *next = ocrvl_node_next(line);
    ocrvl_piece last, first;
    bool only;
    ocrvl_buf_clear(whole);
    if (!next || !last_piece(line, &last, &only) || (only && ends_word) || !first_piece(next, &first) || first.space)
        return 0;
    size_t hyphen = ocrvl_hyphen(last.text, last.len);
    if (!hyphen || !ocrvl_begins_lower(first.text, first.len))
        return 0;
    bool own = ocrvl_vocabulary_keeps_hyphen(&w->words, last.text, last.len - hyphen, first.text, first.len);
    ocrvl_buf_put(whole, last.text, own ? last.len : last.len - hyphen);
    ocrvl_buf_put(whole, first.text, first.len);
    w->nomem |= whole->failed;
    return whole->failed ? 0 : hyphen;
}

/* An attribute whose value is len bytes of text. */
static void put_bytes(ocrvl_writer *w, const char *name, const char *text, size_t len)
{
    ocrvl_buf_clear(&w->buf);
    ocrvl_buf_put(&w->buf, text, len);
    w->nomem |= w->buf.failed;
    ocrvl_xml_attr(w->xml, name, w->buf.data);
}

/* part is "HypPart1", "HypPart2" or NULL; len is that of the piece without its hyphen. */
static void put_string(ocrvl_writer *w, const ocrvl_piece *p, size_t len, const char *part, const char *whole,
                       const where *at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = p->word ? ocrvl_info(p->word) : (ocrvl_node_info){.confidence = -1};
    put_box(x, &i.box);
    put_bytes(w, "CONTENT", p->text, len);
    ocrvl_xml_attr(x, "SUBS_TYPE", part);
    ocrvl_xml_attr(x, "SUBS_CONTENT", part ? whole : NULL);
    if (i.confidence >= 0)
        ocrvl_xml_attr_number(x, "WC", (double)i.confidence, 4);
    if (i.style && i.style->size > 0 && alone(w, at))
        ocrvl_xml_attr_printf(x, "STYLEREFS", "FONT_%u", i.style->number);
    ocrvl_xml_attr(x, "LANG", i.lang);
}

/* Writes a line's strings. at->part2 is what the line before left for the first string; it is set anew for the next
 * line. */
static void put_strings(ocrvl_writer *w, const ocrvl_node *line, const where *at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_buf whole = {0};
    ocrvl_pieces it;
    ocrvl_piece p, next;
    size_t n = 0, hyphen = broken(w, line, at->part2->len > 0, &whole);
    ocrvl_pieces_begin(&it, line);
    for (bool more = ocrvl_pieces_next(&it, &p); more; p = next) {
        more = ocrvl_pieces_next(&it, &next);
        size_t cut = more ? 0 : hyphen;
        const char *part = cut ? "HypPart1" : NULL, *of = whole.data;
        if (n == 0 && at->part2->len) {
            part = "HypPart2";
            of = at->part2->data;
        }
        ocrvl_xml_open(x, "String");
        ocrvl_xml_attr_printf(x, "ID", "string_%llu_%zu_%zu_%zu", at->page, at->block, at->line, ++n);
        put_string(w, &p, p.len - cut, part, of, at);
        ocrvl_xml_close(x);
        if (more && next.space)
            put_space(x, &p, &next);
        if (cut) {
            ocrvl_xml_open(x, "HYP");
            put_bytes(w, "CONTENT", p.text + p.len - cut, cut);
            ocrvl_xml_close(x);
        }
    }
    if (n == 0) {
        ocrvl_xml_open(x, "String");
        ocrvl_xml_attr(x, "CONTENT", "");
        ocrvl_xml_close(x);
    }
    ocrvl_buf_free(at->part2);
    *at->part2 = whole;
}

static void put_line(ocrvl_writer *w, const ocrvl_node *line, const where *at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = ocrvl_info(line);
    size_t count, base_count;
    const ocrvl_point *outline = ocrvl_outline(&i, &count), *baseline = ocrvl_baseline(&i, &base_count);
    ocrvl_xml_open(x, "TextLine");
    ocrvl_xml_attr_printf(x, "ID", "line_%llu_%zu_%zu", at->page, at->block, at->line);
    put_box(x, &i.box);
    if (base_count)
        ocrvl_put_points(w, "BASELINE", baseline, base_count, ' ');
    if (i.handwritten)
        ocrvl_xml_attr(x, "TAGREFS", "TAG_handwritten");
    put_language(x, &i);
    if (count) {
        ocrvl_xml_open(x, "Shape");
        ocrvl_xml_open(x, "Polygon");
        ocrvl_put_points(w, "POINTS", outline, count, ' ');
        ocrvl_xml_close(x);
        ocrvl_xml_close(x);
    }
    put_strings(w, line, at);
    ocrvl_xml_close(x);
}

/* A line without text and without box is left out, because ALTO has no empty lines. */
static void put_lines(ocrvl_writer *w, const ocrvl_node *parent, where *at)
{
    ocrvl_buf part2 = {0};
    at->part2 = &part2;
    for (const ocrvl_node *line = ocrvl_node_first(parent); line; line = ocrvl_node_next(line)) {
        ocrvl_node_info i = ocrvl_info(line);
        at->line++;
        if (*i.text || ocrvl_has_box(&i))
            put_line(w, line, at);
    }
    ocrvl_buf_free(&part2);
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

static void put_cell_references(ocrvl_writer *w, const ocrvl_node *cell, const where *at)
{
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_buf *b = &w->buf;
    ocrvl_buf_clear(b);
    if (w->opt.flat_tables)
        ocrvl_buf_puts(b, " TAG_table");
    if (alone(w, at))
        ocrvl_buf_printf(b, " TAG_cell_1_%zu_%u_%u", at->block, i.row + 1, i.col + 1);
    if (i.header)
        ocrvl_buf_puts(b, " TAG_header_cell");
    w->nomem |= b->failed;
    if (b->len)
        ocrvl_xml_attr(w->xml, "TAGREFS", b->data + 1);
}

/* table is set if the cell is written in place of its table, else NULL. */
static void put_cell(ocrvl_writer *w, const ocrvl_node *cell, const ocrvl_node *table, where *at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_xml_open(x, "TextBlock");
    put_id(x, "ID", at->page, at->block, cell);
    put_box(x, &i.box);
    put_cell_references(w, cell, at);
    if (table && !ocrvl_node_next(cell))
        put_next_block(w, table, at);
    else if (table && !alone(w, at))
        put_id(x, "IDNEXT", at->page, at->block, ocrvl_node_next(cell));
    put_language(x, &i);
    put_lines(w, cell, at);
    ocrvl_xml_close(x);
}

static void put_rows(ocrvl_writer *w, const ocrvl_node *table, where *at)
{
    for (const ocrvl_node *cell = ocrvl_node_first(table); cell;) {
        uint32_t row = ocrvl_info(cell).row;
        ocrvl_xml_open(w->xml, "ComposedBlock");
        ocrvl_xml_attr_printf(w->xml, "ID", "row_%llu_%zu_%u", at->page, at->block, row + 1);
        ocrvl_xml_attr(w->xml, "TYPE", "table-row");
        for (; cell && ocrvl_info(cell).row == row; cell = ocrvl_node_next(cell))
            put_cell(w, cell, NULL, at);
        ocrvl_xml_close(w->xml);
    }
}

static void put_block(ocrvl_writer *w, const ocrvl_node *block, where *at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = ocrvl_info(block);
    bool table = i.role == OCRVL_ROLE_TABLE, text = !table && ocrvl_node_first(block);
    bool figure = i.role == OCRVL_ROLE_FIGURE && !text, rule = i.role == OCRVL_ROLE_SEPARATOR && !text;
    const ocrvl_node *cell = flat_cells(w, block);
    for (const ocrvl_node *c = cell; c; c = ocrvl_node_next(c))
        put_cell(w, c, block, at);
    if (cell)
        return;
    ocrvl_xml_open(x, table ? "ComposedBlock" : figure ? "Illustration" : rule ? "GraphicalElement" : "TextBlock");
    put_id(x, "ID", at->page, at->block, NULL);
    if (table)
        ocrvl_xml_attr(x, "TYPE", "table");
    put_box(x, &i.box);
    ocrvl_alto_style style;
    if (!table && alone(w, at) && ocrvl_alto_style_of(block, &style))
        ocrvl_xml_attr_printf(x, "STYLEREFS", "PAR_%zu", at->block);
    if (i.level)
        ocrvl_xml_attr_printf(x, "TAGREFS", "TAG_%s TAG_level_%u", ocrvl_role_name(i.role), i.level);
    else
        ocrvl_xml_attr_printf(x, "TAGREFS", "TAG_%s", ocrvl_role_name(i.role));
    put_next_block(w, block, at);
    if (!table && !figure && !rule)
        put_language(x, &i);
    if (table)
        put_rows(w, block, at);
    else
        put_lines(w, block, at);
    ocrvl_xml_close(x);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

#define LANGUAGES 32

/* A page's LANG applies to all of it, so it is written only if all of its text has the language. */
static void put_page_languages(ocrvl_writer *w, const ocrvl_page *page)
{
    const char *langs[LANGUAGES];
    double shares[LANGUAGES], sum = 0;
    size_t n = ocrvl_page_languages(page, langs, shares, LANGUAGES);
    ocrvl_buf_clear(&w->buf);
    for (size_t i = 0; i < n && i < LANGUAGES; i++)
        sum += shares[i];
    bool whole = n && sum > 0.9999999;
    if (whole)
        ocrvl_xml_attr(w->xml, "LANG", langs[0]);
    for (size_t i = whole; i < n && i < LANGUAGES; i++)
        ocrvl_buf_printf(&w->buf, i > whole ? " %s" : "%s", langs[i]);
    w->nomem |= w->buf.failed;
    if (w->buf.len)
        ocrvl_xml_attr(w->xml, "OTHERLANGS", w->buf.data);
}

static void put_page_attributes(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_info *info,
                                const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    double turned = (double)info->rotation + info->skew;
    ocrvl_xml_attr_printf(x, "ID", "page_%llu", (unsigned long long)w->pages);
    ocrvl_xml_attr_printf(x, "PHYSICAL_IMG_NR", "%llu", (unsigned long long)place->index + 1);
    ocrvl_xml_attr(x, "PRINTED_IMG_NR", place->label);
    if (info->status != OCRVL_PAGE_OK)
        ocrvl_xml_attr(x, "PAGECLASS", ocrvl_page_status_name(info->status));
    if (info->width) {
        ocrvl_xml_attr_int(x, "WIDTH", info->width);
        ocrvl_xml_attr_int(x, "HEIGHT", info->height);
    }
    if (info->confidence >= 0)
        ocrvl_xml_attr_number(x, "PC", (double)info->confidence, 4);
    if (fabs(turned) >= 0.005)
        ocrvl_xml_attr_number(x, "ROTATION", turned, 2);
    put_page_languages(w, page);
    ocrvl_xml_attr(x, "PROCESSINGREFS", "PROC_OCR");
}

static void alto_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    ocrvl_page_info info = ocrvl_info_of_page(page);
    where at = {.page = w->pages};
    if (w->pages == 1)
        put_head(w, page, place);
    ocrvl_xml_open(x, "Page");
    put_page_attributes(w, page, &info, place);
    ocrvl_put_notes(x, page);
    if (info.width) {
        ocrvl_box all = {0, 0, (int32_t)info.width, (int32_t)info.height};
        ocrvl_xml_open(x, "PrintSpace");
        ocrvl_xml_attr_printf(x, "ID", "space_%llu", at.page);
        put_box(x, info.border.x1 > 0 ? &info.border : &all);
        for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
            at.block++;
            at.line = 0;
            put_block(w, n, &at);
        }
        ocrvl_xml_close(x);
    }
    ocrvl_xml_close(x);
}

static void alto_end(ocrvl_writer *w)
{
    ocrvl_xml_close(w->xml);
    ocrvl_xml_close(w->xml);
}

const ocrvl_writer_ops ocrvl_alto_ops = {
    .page = alto_page, .end = alto_end, .xml = true, .declared = true, .needs_page = true, .says_broken = true};
