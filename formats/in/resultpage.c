/* PAGE XML, of any year. Regions come in the order of the file; what stands in `custom` as we write it is followed. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "in/result.h"
#include "in/xmlin.h"

#define WORDS 100000u /* of a line */

typedef struct page_word {
    size_t byte, len; /* in the words' text */
    ocrvl_box box;
    float confidence;
    char lang[OCRVL_DRAFT_TAG];
} page_word;

typedef enum owner { OF_REGION, OF_LINE, OF_WORD, OF_GLYPH } owner;

typedef struct reader {
    ocrvl_xmlin *x;
    ocrvl_draft draft;
    ocrvl_buf text, line, words, file,
        label; /* text: of the element that is open; line: the line's own; words: theirs */
    page_word *list;
    size_t count, cap;
    owner at; /* whose Coords and TextEquiv come */
    bool in_unicode, has_line, table, outer;
    float confidence;
} reader;

static bool sniff(const char *data, size_t len) { return ocrvl_xmlin_begins(data, len, "PcGts"); }

static void page_free(void *p)
{
    reader *r = p;
    ocrvl_xmlin_free(r->x);
    ocrvl_draft_free(&r->draft);
    ocrvl_buf_free(&r->text);
    ocrvl_buf_free(&r->line);
    ocrvl_buf_free(&r->words);
    ocrvl_buf_free(&r->file);
    ocrvl_buf_free(&r->label);
    ocrvl_free(r->list);
    ocrvl_free(r);
}

static ocrvl_status page_open(void **out, const char *data, size_t len, ocrvl_error *err)
{
    reader *r = ocrvl_alloc(sizeof *r);
    *out = r;
    return r ? ocrvl_xmlin_open(&r->x, data, len, false, err) : ocrvl_fail_nomem(err);
}

static bool number(reader *r, const char *name, double *out)
{
    const char *s = ocrvl_xmlin_attr(r->x, name);
    return s && ocrvl_parse_number(&s, out);
}

static uint32_t count_of(reader *r, const char *name, uint32_t otherwise)
{
    double v;
    return number(r, name, &v) && v >= 0 && v <= 1e6 ? (uint32_t)v : otherwise;
}

static ocrvl_direction direction_of(reader *r)
{
    const char *d = ocrvl_xmlin_attr(r->x, "readingDirection");
    return !d                                ? OCRVL_DIR_NONE
           : strcmp(d, "right-to-left") == 0 ? OCRVL_DIR_RTL
           : strcmp(d, "left-to-right") == 0 ? OCRVL_DIR_LTR
           : strcmp(d, "top-to-bottom") == 0 ? OCRVL_DIR_TTB
                                             : OCRVL_DIR_NONE;
}

static const char *lang_of(reader *r, const char *name)
{
    const char *lang = ocrvl_xmlin_attr(r->x, name);
    return lang && strcmp(lang, "other") != 0 ? lang : NULL;
}

/* ---- regions ----------------------------------------------------------------------------------------- */

static ocrvl_role text_role(const char *type)
{
    static const struct {
        const char *type;
        ocrvl_role role;
    } roles[] = {{"paragraph", OCRVL_ROLE_PARAGRAPH}, {"heading", OCRVL_ROLE_HEADING},
                 {"caption", OCRVL_ROLE_CAPTION},     {"header", OCRVL_ROLE_HEADER},
                 {"footer", OCRVL_ROLE_FOOTER},       {"page-number", OCRVL_ROLE_PAGE_NUMBER},
                 {"footnote", OCRVL_ROLE_FOOTNOTE},   {"footnote-continued", OCRVL_ROLE_FOOTNOTE},
                 {"endnote", OCRVL_ROLE_FOOTNOTE},    {"list-label", OCRVL_ROLE_LIST_ITEM}};
    for (size_t i = 0; type && i < sizeof roles / sizeof *roles; i++)
        if (strcmp(type, roles[i].type) == 0)
            return roles[i].role;
    return type ? OCRVL_ROLE_OTHER : OCRVL_ROLE_PARAGRAPH;
}

/* structure {type:ROLE; level:N;} */
static void follow_custom(reader *r, const char *custom)
{
    const char *type = custom ? strstr(custom, "structure {type:") : NULL, *level;
    char name[32];
    r->outer = custom && strstr(custom, "box:outer") != NULL;
    if (!type)
        return;
    type += strlen("structure {type:");
    size_t n = strcspn(type, ";}");
    if (n < sizeof name) {
        memcpy(name, type, n);
        name[n] = '\0';
        ocrvl_role_by_name(name, &r->draft.block.role);
    }
    double v;
    level = strstr(type, "level:");
    level = level ? level + 6 : "";
    if (ocrvl_parse_number(&level, &v) && v >= 1 && v <= 6)
        r->draft.block.level = (uint32_t)v;
}

static void open_region(reader *r, const char *name)
{
    ocrvl_draft *d = &r->draft;
    bool text = strcmp(name, "TextRegion") == 0;
    r->at = OF_REGION;
    if (text && r->table) {
        ocrvl_draft_cell(d, 0, 0, 1, 1, (ocrvl_box){0});
        d->cell.dir = direction_of(r);
        r->outer = false;
        const char *custom = ocrvl_xmlin_attr(r->x, "custom");
        r->outer = custom && strstr(custom, "box:outer");
        return;
    }
    ocrvl_role role = text                                   ? text_role(ocrvl_xmlin_attr(r->x, "type"))
                      : strcmp(name, "TableRegion") == 0     ? OCRVL_ROLE_TABLE
                      : strcmp(name, "SeparatorRegion") == 0 ? OCRVL_ROLE_SEPARATOR
                      : strcmp(name, "MathsRegion") == 0     ? OCRVL_ROLE_FORMULA
                      : strcmp(name, "ImageRegion") == 0 || strcmp(name, "GraphicRegion") == 0 ||
                              strcmp(name, "LineDrawingRegion") == 0 || strcmp(name, "ChartRegion") == 0 ||
                              strcmp(name, "MapRegion") == 0
                          ? OCRVL_ROLE_FIGURE
                          : OCRVL_ROLE_OTHER;
    ocrvl_draft_block(d, role, (ocrvl_box){0}, lang_of(r, "primaryLanguage"));
    d->block.dir = direction_of(r);
    follow_custom(r, ocrvl_xmlin_attr(r->x, "custom"));
    if (text && d->block.role == OCRVL_ROLE_TABLE)
        d->block.role = OCRVL_ROLE_PARAGRAPH;
    r->table = role == OCRVL_ROLE_TABLE;
    d->block.role = r->table ? OCRVL_ROLE_TABLE : d->block.role;
}

static void take_cell_role(reader *r)
{
    const char *header = ocrvl_xmlin_attr(r->x, "header");
    ocrvl_node_info *cell = &r->draft.cell;
    if (!cell->kind)
        return;
    cell->row = count_of(r, "rowIndex", 0);
    cell->col = count_of(r, "columnIndex", 0);
    cell->row_span = count_of(r, "rowSpan", 1);
    cell->col_span = count_of(r, "colSpan", 1);
    cell->header = header && (strcmp(header, "true") == 0 || strcmp(header, "1") == 0);
}

/* ---- outlines ---------------------------------------------------------------------------------------- */

/* The box of an outline, and the outline itself if it is four corners that aren't just the box's. */
static ocrvl_box outline(reader *r, const char *s, ocrvl_point quad[4])
{
    double p[512][2], x0 = INFINITY, y0 = INFINITY, x1 = 0, y1 = 0;
    size_t n = s ? ocrvl_parse_points(s, p, 512) : 0;
    bool square = n == 4;
    for (size_t i = 0; i < n && i < 512; i++) {
        x0 = fmin(x0, p[i][0]);
        y0 = fmin(y0, p[i][1]);
        x1 = fmax(x1, p[i][0]);
        y1 = fmax(y1, p[i][1]);
    }
    if (n < 2)
        return (ocrvl_box){0};
    for (size_t i = 0; i < 4 && n == 4; i++)
        square &= p[i][0] == (i == 0 || i == 3 ? x0 : x1) && p[i][1] == (i < 2 ? y0 : y1);
    for (size_t i = 0; i < 4 && n == 4 && !square; i++)
        quad[i] = (ocrvl_point){(float)p[i][0], (float)p[i][1]};
    return ocrvl_draft_box(&r->draft, x0, y0, x1, y1);
}

static void take_coords(reader *r)
{
    ocrvl_point quad[4] = {{0}};
    ocrvl_box box = outline(r, ocrvl_xmlin_attr(r->x, "points"), quad);
    ocrvl_node_info *i = r->draft.cell.kind ? &r->draft.cell : &r->draft.block;
    if (r->outer)
        return;
    if (r->at == OF_LINE) {
        i = &r->draft.line;
        memcpy(i->quad, quad, sizeof quad);
    }
    if (r->at == OF_WORD) {
        if (r->count)
            r->list[r->count - 1].box = box;
    } else if (r->at != OF_GLYPH && i->kind) {
        i->box = box;
        i->origin = box.x1 ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_NONE;
    }
}

/* Its first and last point. */
static void take_baseline(reader *r)
{
    const char *s = ocrvl_xmlin_attr(r->x, "points");
    double p[512][2];
    size_t n = s ? ocrvl_parse_points(s, p, 512) : 0;
    if (n < 2 || !r->draft.line.kind)
        return;
    n = n < 512 ? n : 512;
    r->draft.line.baseline[0] = (ocrvl_point){(float)p[0][0], (float)p[0][1]};
    r->draft.line.baseline[1] = (ocrvl_point){(float)p[n - 1][0], (float)p[n - 1][1]};
}

/* ---- lines and words --------------------------------------------------------------------------------- */

static void open_line(reader *r)
{
    const char *production = ocrvl_xmlin_attr(r->x, "production"), *custom = ocrvl_xmlin_attr(r->x, "custom");
    ocrvl_draft_line(&r->draft, (ocrvl_box){0}, lang_of(r, "primaryLanguage"));
    r->draft.line.dir = direction_of(r);
    r->draft.line.confidence = -1;
    r->draft.line.handwritten = production && strncmp(production, "handwritten", 11) == 0;
    r->outer = custom && strstr(custom, "box:outer");
    r->at = OF_LINE;
    r->count = 0;
    r->has_line = false;
    ocrvl_buf_clear(&r->line);
    ocrvl_buf_clear(&r->words);
}

static void open_word(reader *r)
{
    const char *custom = ocrvl_xmlin_attr(r->x, "custom"), *lang = lang_of(r, "language");
    r->at = OF_GLYPH; /* until there is room for it */
    if (!r->draft.line.kind || r->count == WORDS)
        return;
    if (r->count == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        page_word *p = ocrvl_realloc_array(r->list, cap, sizeof *p);
        if (!p) {
            r->text.failed = true;
            return;
        }
        r->list = p;
        r->cap = cap;
    }
    memset(&r->list[r->count], 0, sizeof *r->list);
    r->list[r->count].confidence = -1;
    if (lang && strlen(lang) < OCRVL_DRAFT_TAG)
        memcpy(r->list[r->count].lang, lang, strlen(lang) + 1);
    r->count++;
    r->outer = custom && strstr(custom, "box:outer");
    r->at = OF_WORD;
}

/* A Unicode element has ended: the first of its owner counts. */
static void take_text(reader *r)
{
    page_word *w = r->count ? &r->list[r->count - 1] : NULL;
    if (r->at == OF_WORD && w && w->len == 0) {
        w->byte = r->words.len;
        w->len = r->text.len;
        w->confidence = r->confidence;
        ocrvl_buf_put(&r->words, r->text.data, r->text.len);
    } else if (r->at == OF_LINE && !r->has_line) {
        r->has_line = true;
        if (r->count == 0)
            r->draft.line.confidence = r->confidence;
        ocrvl_buf_put(&r->line, r->text.data, r->text.len);
    }
}

static void put_word(reader *r, const page_word *w)
{
    ocrvl_draft_word_begin(&r->draft, w->box, w->confidence, *w->lang ? w->lang : NULL);
    ocrvl_draft_text(&r->draft, r->words.data + w->byte, w->len);
    ocrvl_draft_word_end(&r->draft);
}

/* Where the words stand in the line's own text; if one doesn't, the words make the text. */
static void close_line(reader *r)
{
    const char *line = r->line.data ? r->line.data : "", *words = r->words.data ? r->words.data : "";
    size_t at = 0, k = 0;
    r->at = OF_REGION;
    if (r->text.failed || r->line.failed || r->words.failed) { /* the page will say so */
        r->draft.line.kind = 0;
        return;
    }
    for (; k < r->count && r->has_line; k++) {
        const page_word *w = &r->list[k];
        size_t from = at;
        while (from + w->len <= r->line.len && memcmp(line + from, words + w->byte, w->len) != 0)
            from++;
        if (from + w->len > r->line.len)
            break;
        at = from + w->len;
    }
    bool found = k == r->count && r->has_line;
    at = 0;
    for (k = 0; k < r->count; k++) {
        const page_word *w = &r->list[k];
        size_t from = at;
        while (found && memcmp(line + from, words + w->byte, w->len) != 0)
            from++;
        if (found)
            ocrvl_draft_text(&r->draft, line + at, from - at);
        else if (k && !ocrvl_unspaced(words + w[-1].byte, w[-1].len, words + w->byte, w->len))
            ocrvl_draft_text(&r->draft, " ", 1);
        put_word(r, w);
        at = from + (found ? w->len : 0);
    }
    if (found || r->count == 0)
        ocrvl_draft_text(&r->draft, line + at, r->line.len - at);
    ocrvl_draft_line_end(&r->draft);
}

/* ---- the page ---------------------------------------------------------------------------------------- */

static void open_page(reader *r, ocrvl_page_place *place)
{
    const char *file = ocrvl_xmlin_attr(r->x, "imageFilename");
    double w = 0, h = 0, x = 0, y = 0, turn = 0;
    number(r, "imageWidth", &w);
    number(r, "imageHeight", &h);
    const char *unit = ocrvl_xmlin_attr(r->x, "imageResolutionUnit");
    double per_inch = unit && strcmp(unit, "PPCM") == 0 ? 2.54 : unit && strcmp(unit, "PPI") == 0 ? 1 : 0;
    if (number(r, "imageXResolution", &x) && number(r, "imageYResolution", &y)) {
        x *= per_inch;
        y *= per_inch;
    }
    bool sized = w >= 1 && h >= 1 && w <= 1e6 && h <= 1e6;
    ocrvl_draft_page(&r->draft, sized ? (uint32_t)w : 0, sized ? (uint32_t)h : 0, x, y);
    if (!sized && !r->draft.failed)
        r->draft.failed = ocrvl_builder_fail(r->draft.builder, "failed", "the page has no size", &r->draft.why);
    if (number(r, "orientation", &turn) && fabs(turn) <= 360 && !r->draft.failed) {
        double quarter = round(turn / 90) * 90;
        ocrvl_builder_set_geometry(r->draft.builder, (uint32_t)((int)quarter + 360) % 360, turn - quarter);
    }
    ocrvl_buf_clear(&r->file);
    ocrvl_buf_puts(&r->file, file ? file : "");
    place->file = r->file.len ? r->file.data : place->file;
}

/* Where in its document the page was, as we write it. */
static void take_item(reader *r, ocrvl_page_place *place)
{
    const char *name = ocrvl_xmlin_attr(r->x, "name"), *value = ocrvl_xmlin_attr(r->x, "value");
    double v;
    if (!name || !value)
        return;
    if (strcmp(name, "page_index") == 0 && ocrvl_parse_number(&value, &v) && v >= 0 && v < 1e9)
        place->index = (uint64_t)v;
    if (strcmp(name, "page_label") == 0 && r->label.len == 0) {
        ocrvl_buf_puts(&r->label, value);
        place->label = r->label.data;
    }
}

static void open_element(reader *r, const char *name, ocrvl_page_place *place)
{
    size_t n = strlen(name);
    if (strcmp(name, "Word") == 0)
        open_word(r);
    else if (strcmp(name, "Glyph") == 0)
        r->at = OF_GLYPH;
    else if (strcmp(name, "Coords") == 0)
        take_coords(r);
    else if (strcmp(name, "Baseline") == 0)
        take_baseline(r);
    else if (strcmp(name, "TextLine") == 0)
        open_line(r);
    else if (strcmp(name, "TableCellRole") == 0)
        take_cell_role(r);
    else if (strcmp(name, "MetadataItem") == 0)
        take_item(r, place);
    else if (strcmp(name, "Page") == 0)
        open_page(r, place);
    else if (n > 6 && strcmp(name + n - 6, "Region") == 0 && r->draft.builder)
        open_region(r, name);
    else if (strcmp(name, "TextEquiv") == 0) {
        double conf;
        r->confidence = number(r, "conf", &conf) && conf >= 0 && conf <= 1 ? (float)conf : -1;
    } else if (strcmp(name, "Unicode") == 0) {
        r->in_unicode = true;
        ocrvl_buf_clear(&r->text);
    }
}

static void close_element(reader *r, const char *name)
{
    if (strcmp(name, "Unicode") == 0) {
        r->in_unicode = false;
        take_text(r);
    } else if (strcmp(name, "Glyph") == 0)
        r->at = OF_WORD;
    else if (strcmp(name, "Word") == 0)
        r->at = OF_LINE;
    else if (strcmp(name, "TextLine") == 0)
        close_line(r);
    else if (strcmp(name, "TextRegion") == 0 && r->table)
        ocrvl_draft_cell_end(&r->draft);
    else if (strcmp(name, "TableRegion") == 0) {
        ocrvl_draft_block_end(&r->draft);
        r->table = false;
    }
}

static ocrvl_status page_next(void *p, ocrvl_page **page, ocrvl_page_place *place, ocrvl_error *err)
{
    reader *r = p;
    for (;;) {
        ocrvl_xml_event e = ocrvl_xmlin_next(r->x);
        if (e == OCRVL_XML_END)
            return OCRVL_OK;
        if (e == OCRVL_XML_BAD)
            return ocrvl_xmlin_fail(r->x, err);
        if (e == OCRVL_XML_TEXT) {
            if (r->in_unicode)
                ocrvl_buf_puts(&r->text, ocrvl_xmlin_text(r->x));
            continue;
        }
        const char *name = ocrvl_xmlin_name(r->x);
        if (e == OCRVL_XML_OPEN)
            open_element(r, name, place);
        else if (strcmp(name, "Page") == 0) {
            if (r->text.failed || r->line.failed || r->words.failed)
                r->draft.failed = ocrvl_fail_nomem(&r->draft.why);
            return ocrvl_draft_finish(&r->draft, page, err);
        } else
            close_element(r, name);
    }
}

const ocrvl_result_format ocrvl_result_page = {sniff, page_open, page_free, page_next};
