/* PAGE XML 2019-07-15. A file of this format has one page.
 *
 * What PAGE has no word for is written in `custom`, as Transkribus does: structure {type:list_item;} names the role,
 * and ocrvl {box:outer;} marks an outline that isn't the node's own. Every element must have an outline, so an element
 * without box gets that of the element around it. Cells of a table are text regions with the role of a cell. Created,
 * which is mandatory too, is 1970 if no date was given, so that output is reproducible. Languages have PAGE's English
 * names. */
#include <math.h>
#include <string.h>

#include "base/languages.h"
#include "base/scripts.h"
#include "out/parts.h"
#include "out/writer.h"

#define NAMESPACE "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"

typedef struct where {
    size_t block, line;
    ocrvl_box box;      /* the box around it */
    const char *script; /* script of the element around it; NULL if that has none */
} where;

/* ---- the head ---------------------------------------------------------------------------------------- */

static void put_date(ocrvl_writer *w, const char *element)
{
    const char *d = w->opt.datetime;
    ocrvl_buf_clear(&w->buf);
    ocrvl_buf_printf(&w->buf, "%s%s", d ? d : "1970-01-01T00:00:00Z", d && !strchr(d, 'T') ? "T00:00:00Z" : "");
    w->nomem |= w->buf.failed;
    ocrvl_xml_element(w->xml, element, w->buf.data);
}

static void put_item(ocrvl_writer *w, const char *type, const char *name, const char *value)
{
    if (!value)
        return;
    ocrvl_xml_open(w->xml, "MetadataItem");
    ocrvl_xml_attr(w->xml, "type", type);
    ocrvl_xml_attr(w->xml, "name", name);
    ocrvl_xml_attr(w->xml, "value", value);
    ocrvl_xml_close(w->xml);
}

static void put_metadata(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    ocrvl_xml_open(w->xml, "Metadata");
    ocrvl_xml_element(w->xml, "Creator", "ocrvl " OCRVL_VERSION_STRING);
    put_date(w, "Created");
    put_date(w, "LastChange");
    put_item(w, "processingStep", "model", w->opt.model);
    put_item(w, "processingStep", "model_sha256", w->opt.model_sha256);
    put_item(w, "processingStep", "settings", w->opt.settings);
    put_item(w, "imageProperties", "sha256", place->sha256);
    ocrvl_buf_clear(&w->buf);
    ocrvl_buf_printf(&w->buf, "%llu", (unsigned long long)place->index);
    put_item(w, "imageProperties", "page_index", w->buf.data);
    put_item(w, "imageProperties", "page_label", place->label);
    put_item(w, "other", "status", ocrvl_page_status_name(info.status));
    put_item(w, "other", "error_code", info.status == OCRVL_PAGE_FAILED ? info.error_code : NULL);
    put_item(w, "other", "error_message", info.status == OCRVL_PAGE_FAILED ? info.error_message : NULL);
    for (uint32_t i = 0; i < info.warnings; i++) {
        const char *code, *message;
        ocrvl_page_warning(page, i, &code, &message);
        ocrvl_buf_clear(&w->buf);
        ocrvl_buf_printf(&w->buf, "%s: %s", code, message);
        w->nomem |= w->buf.failed;
        put_item(w, "other", "warning", w->buf.data);
    }
    ocrvl_xml_close(w->xml);
}

/* ---- outlines, languages, scripts and text -------------------------------------------------------------------- */

/* Writes a line's outline if it is known, else its box. */
static void put_coords(ocrvl_writer *w, const ocrvl_node_info *i, const ocrvl_box *b)
{
    size_t n;
    const ocrvl_point *outline = ocrvl_outline(i, &n);
    ocrvl_xml_open(w->xml, "Coords");
    if (n)
        ocrvl_put_points(w, "points", outline, n, ',');
    else
        ocrvl_xml_attr_printf(w->xml, "points", "%d,%d %d,%d %d,%d %d,%d", b->x0, b->y0, b->x1, b->y0, b->x1, b->y1,
                              b->x0, b->y1);
    ocrvl_xml_close(w->xml);
}

/* structure is NULL for none; outer means that the outline is that of the element around. */
static void put_custom(ocrvl_xml *x, const char *structure, uint32_t level, bool outer)
{
    const char *mark = outer ? "ocrvl {box:outer;}" : "", *space = structure && outer ? " " : "";
    if (structure && level)
        ocrvl_xml_attr_printf(x, "custom", "structure {type:%s; level:%u;}%s%s", structure, level, space, mark);
    else if (structure)
        ocrvl_xml_attr_printf(x, "custom", "structure {type:%s;}%s%s", structure, space, mark);
    else if (outer)
        ocrvl_xml_attr(x, "custom", mark);
}

static void put_language(ocrvl_xml *x, const char *attribute, const ocrvl_node_info *i)
{
    static const char *const directions[] = {NULL, "left-to-right", "right-to-left", "top-to-bottom"};
    if (i->lang)
        ocrvl_xml_attr(x, attribute, ocrvl_language_english(i->lang) ? ocrvl_language_english(i->lang) : "other");
    ocrvl_xml_attr(x, "readingDirection", directions[i->dir]);
}

/* Writes the script of a text if it differs from the one around it; returns the script that applies inside. */
static const char *put_script(ocrvl_xml *x, const char *text, size_t len, const char *around)
{
    const char *script = ocrvl_text_script(text, len);
    if (!script || (around && strcmp(script, around) == 0))
        return around;
    ocrvl_xml_attr(x, "primaryScript", ocrvl_script_page_name(script));
    return script;
}

static void put_text(ocrvl_writer *w, const char *text, size_t len, float confidence)
{
    ocrvl_xml_open(w->xml, "TextEquiv");
    if (confidence >= 0)
        ocrvl_xml_attr_number(w->xml, "conf", (double)confidence, 4);
    ocrvl_xml_open(w->xml, "Unicode");
    ocrvl_xml_text(w->xml, text, len);
    ocrvl_xml_close(w->xml);
    ocrvl_xml_close(w->xml);
}

/* ---- lines ------------------------------------------------------------------------------------------- */

static void put_words(ocrvl_writer *w, const ocrvl_node *line, const where *at)
{
    ocrvl_pieces it;
    ocrvl_piece p;
    size_t n = 0;
    for (ocrvl_pieces_begin(&it, line); ocrvl_pieces_next(&it, &p);) {
        ocrvl_node_info i = p.word ? ocrvl_info(p.word) : (ocrvl_node_info){.confidence = -1};
        bool box = ocrvl_has_box(&i);
        ocrvl_xml_open(w->xml, "Word");
        ocrvl_xml_attr_printf(w->xml, "id", "word_%zu_%zu_%zu", at->block, at->line, ++n);
        put_custom(w->xml, NULL, 0, !box);
        put_language(w->xml, "language", &i);
        put_script(w->xml, p.text, p.len, at->script);
        put_coords(w, &i, box ? &i.box : &at->box);
        put_text(w, p.text, p.len, i.confidence);
        ocrvl_xml_close(w->xml);
    }
}

static void put_line(ocrvl_writer *w, const ocrvl_node *line, where at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = ocrvl_info(line);
    size_t n;
    const ocrvl_point *baseline = ocrvl_baseline(&i, &n);
    at.box = ocrvl_box_around(line, at.box);
    ocrvl_xml_open(x, "TextLine");
    ocrvl_xml_attr_printf(x, "id", "line_%zu_%zu", at.block, at.line);
    put_custom(x, NULL, 0, !ocrvl_has_box(&i) && !ocrvl_has_quad(&i));
    put_language(x, "primaryLanguage", &i);
    at.script = put_script(x, i.text, strlen(i.text), at.script);
    if (i.handwritten)
        ocrvl_xml_attr(x, "production", "handwritten-cursive");
    put_coords(w, &i, &at.box);
    if (n) {
        ocrvl_xml_open(x, "Baseline");
        ocrvl_put_points(w, "points", baseline, n, ',');
        ocrvl_xml_close(x);
    }
    put_words(w, line, &at);
    put_text(w, i.text, strlen(i.text), i.confidence);
    ocrvl_xml_close(x);
}

static void put_lines(ocrvl_writer *w, const ocrvl_node *parent, where *at)
{
    ocrvl_node_info i = ocrvl_info(parent);
    for (const ocrvl_node *line = ocrvl_node_first(parent); line; line = ocrvl_node_next(line)) {
        at->line++;
        put_line(w, line, *at);
    }
    if (ocrvl_node_first(parent))
        put_text(w, i.text, strlen(i.text), i.confidence);
}

/* ---- regions ----------------------------------------------------------------------------------------- */

static const char *text_type(ocrvl_role role)
{
    switch (role) {
    case OCRVL_ROLE_PARAGRAPH: return "paragraph";
    case OCRVL_ROLE_TITLE:
    case OCRVL_ROLE_HEADING: return "heading";
    case OCRVL_ROLE_CAPTION: return "caption";
    case OCRVL_ROLE_FOOTNOTE: return "footnote";
    case OCRVL_ROLE_HEADER: return "header";
    case OCRVL_ROLE_FOOTER: return "footer";
    case OCRVL_ROLE_PAGE_NUMBER: return "page-number";
    default: return "other";
    }
}

static void put_cell(ocrvl_writer *w, const ocrvl_node *cell, where *at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_box outer = at->box;
    at->box = ocrvl_box_around(cell, outer);
    ocrvl_xml_open(x, "TextRegion");
    ocrvl_xml_attr_printf(x, "id", "cell_%zu_%u_%u", at->block, i.row + 1, i.col + 1);
    put_custom(x, NULL, 0, !ocrvl_has_box(&i));
    put_language(x, "primaryLanguage", &i);
    at->script = put_script(x, i.text, strlen(i.text), NULL);
    put_coords(w, &i, &at->box);
    ocrvl_xml_open(x, "Roles");
    ocrvl_xml_open(x, "TableCellRole");
    ocrvl_xml_attr_int(x, "rowIndex", i.row);
    ocrvl_xml_attr_int(x, "columnIndex", i.col);
    ocrvl_xml_attr_int(x, "rowSpan", i.row_span);
    ocrvl_xml_attr_int(x, "colSpan", i.col_span);
    ocrvl_xml_attr(x, "header", i.header ? "true" : "false");
    ocrvl_xml_close(x);
    ocrvl_xml_close(x);
    put_lines(w, cell, at);
    ocrvl_xml_close(x);
    at->box = outer;
}

static void put_table(ocrvl_writer *w, const ocrvl_node *table, where *at)
{
    ocrvl_table_grid g;
    ocrvl_grid_begin(&g, table);
    ocrvl_xml_attr_int(w->xml, "rows", g.rows);
    ocrvl_xml_attr_int(w->xml, "columns", g.columns);
    put_coords(w, &(ocrvl_node_info){0}, &at->box);
    for (const ocrvl_node *cell = ocrvl_node_first(table); cell; cell = ocrvl_node_next(cell))
        put_cell(w, cell, at);
}

static void put_block(ocrvl_writer *w, const ocrvl_node *block, where at)
{
    ocrvl_xml *x = w->xml;
    ocrvl_node_info i = ocrvl_info(block);
    bool table = i.role == OCRVL_ROLE_TABLE, text = !table && ocrvl_node_first(block);
    const char *empty = i.role == OCRVL_ROLE_FIGURE      ? "ImageRegion"
                        : i.role == OCRVL_ROLE_SEPARATOR ? "SeparatorRegion"
                        : i.role == OCRVL_ROLE_FORMULA   ? "MathsRegion"
                                                         : "TextRegion";
    const char *element = table ? "TableRegion" : text ? "TextRegion" : empty;
    bool of_text = strcmp(element, "TextRegion") == 0;
    at.box = ocrvl_box_around(block, at.box);
    ocrvl_xml_open(x, element);
    ocrvl_xml_attr_printf(x, "id", "block_%zu", at.block);
    put_custom(x, i.role == OCRVL_ROLE_PARAGRAPH && !i.level ? NULL : ocrvl_role_name(i.role), i.level,
               !ocrvl_has_box(&i));
    if (of_text) {
        ocrvl_xml_attr(x, "type", text_type(i.role));
        put_language(x, "primaryLanguage", &i);
        at.script = put_script(x, i.text, strlen(i.text), NULL);
    }
    if (table)
        put_table(w, block, &at);
    else
        put_coords(w, &(ocrvl_node_info){0}, &at.box);
    if (of_text)
        put_lines(w, block, &at);
    ocrvl_xml_close(x);
}

/* ---- the page ---------------------------------------------------------------------------------------- */

static void put_reading_order(ocrvl_xml *x, const ocrvl_page *page)
{
    size_t number = 0;
    if (!ocrvl_page_first(page))
        return;
    ocrvl_xml_open(x, "ReadingOrder");
    ocrvl_xml_open(x, "OrderedGroup");
    ocrvl_xml_attr(x, "id", "order");
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n), number++) {
        ocrvl_xml_open(x, "RegionRefIndexed");
        ocrvl_xml_attr_printf(x, "index", "%zu", number);
        ocrvl_xml_attr_printf(x, "regionRef", "block_%zu", number + 1);
        ocrvl_xml_close(x);
    }
    ocrvl_xml_close(x);
    ocrvl_xml_close(x);
}

/* The angle that makes the page upright, clockwise, in (-180, 180]: rotation is how the page was turned, skew how it
 * leant counter-clockwise after that. */
static double orientation(const ocrvl_page_info *info)
{
    double turn = fmod((double)info->rotation + info->skew, 360);
    return turn > 180 ? turn - 360 : turn;
}

static void put_page_attributes(ocrvl_xml *x, const ocrvl_page *page, const ocrvl_page_info *info,
                                const ocrvl_page_place *place)
{
    const char *lang;
    ocrvl_xml_attr(x, "imageFilename", place->file);
    ocrvl_xml_attr_int(x, "imageWidth", info->width);
    ocrvl_xml_attr_int(x, "imageHeight", info->height);
    if (info->dpi_x >= 0.01 && info->dpi_y >= 0.01) {
        ocrvl_xml_attr_number(x, "imageXResolution", info->dpi_x, 2);
        ocrvl_xml_attr_number(x, "imageYResolution", info->dpi_y, 2);
        ocrvl_xml_attr(x, "imageResolutionUnit", "PPI");
    }
    if (fabs(orientation(info)) >= 0.0005)
        ocrvl_xml_attr_number(x, "orientation", orientation(info), 3);
    if (info->status == OCRVL_PAGE_BLANK)
        ocrvl_xml_attr(x, "type", "blank");
    if (ocrvl_page_languages(page, &lang, NULL, 1) > 0)
        ocrvl_xml_attr(x, "primaryLanguage", ocrvl_language_english(lang));
    if (info->confidence >= 0)
        ocrvl_xml_attr_number(x, "conf", (double)info->confidence, 4);
}

static void page_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_xml *x = w->xml;
    ocrvl_page_info info = ocrvl_info_of_page(page);
    where at = {.box = {0, 0, (int32_t)info.width, (int32_t)info.height}};
    ocrvl_xml_open(x, "PcGts");
    ocrvl_xml_attr(x, "xmlns", NAMESPACE);
    ocrvl_xml_attr(x, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    ocrvl_xml_attr(x, "xsi:schemaLocation", NAMESPACE " " NAMESPACE "/pagecontent.xsd");
    put_metadata(w, page, place);
    ocrvl_xml_open(x, "Page");
    put_page_attributes(x, page, &info, place);
    if (info.border.x1 > 0) {
        ocrvl_node_info none = {.size = sizeof none};
        ocrvl_xml_open(x, "Border");
        put_coords(w, &none, &info.border);
        ocrvl_xml_close(x);
    }
    put_reading_order(x, page);
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        at.block++;
        put_block(w, n, at);
    }
    ocrvl_xml_close(x);
}

static void page_end(ocrvl_writer *w) { ocrvl_xml_close(w->xml); }

const ocrvl_writer_ops ocrvl_page_ops = {
    .page = page_page, .end = page_end, .xml = true, .declared = true, .needs_page = true, .one_page = true};
