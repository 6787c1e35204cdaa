/* PAGE XML of any year, as Transkribus, eScriptorium, OCR-D's tools and Aletheia write it.
 *
 * Regions come in the ReadingOrder, and those that it doesn't name at the end; without one, they come by Transkribus's
 * `custom="readingOrder {index:N;}"`, or else in the order of the file. In `custom`, structure {type:...} is used too,
 * and what we write there ourselves. Of several TextEquivs the one with the lowest index counts. Nested regions are
 * blocks of their own; a text region in a table is a cell if the file gives its position (TableCellRole, or
 * Transkribus's TableCell), else a paragraph. The text of a region without lines becomes lines without boxes. */
#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/result.h"
#include "in/xmlin.h"

#define WORDS 100000u /* limit of a line */
#define REGIONS 64u   /* depth of nested regions; deeper ones count as part of the last */

typedef struct page_word {
    size_t byte, len; /* in the words' text */
    double index;     /* of the TextEquiv that is used; INFINITY if there is none yet */
    ocrvl_box box;
    float confidence;
    char lang[OCRVL_DRAFT_TAG];
} page_word;

typedef enum owner { OF_REGION, OF_LINE, OF_WORD, OF_GLYPH } owner;

typedef enum region_kind {
    INSIDE, /* nothing of its own: its contents belong to its parent */
    BLOCK,
    PART, /* of a table: whether it is a cell or a block is not known yet */
    CELL
} region_kind;

typedef struct region {
    region_kind kind;
    bool text, table, outer; /* outer: its outline is that of the element around */
    bool used, filled;       /* used: its block has been written once; filled: it has lines, or text regions */
    bool said;               /* a line in it has text */
    ocrvl_node_info info;    /* of the block or cell, without lang */
    char lang[OCRVL_DRAFT_TAG];
    size_t rank;
    double index; /* of the TextEquiv that is in `whole` */
    ocrvl_buf whole;
} region;

typedef struct reader {
    ocrvl_xmlin *x;
    ocrvl_draft draft;
    ocrvl_order *order;
    ocrvl_buf sha256, status, error[2], warnings; /* of the metadata; error: code and message; warnings: each followed
                                                   * by a NUL */
    ocrvl_buf text, line, words, file, label,
        points; /* text: of the open element; line: of the line itself; words: of the words; points: of an old Coords */
    page_word *list;
    size_t count, cap;
    region regions[REGIONS];
    size_t depth;
    owner at; /* whose Coords and TextEquiv are read */
    bool in_unicode, in_order, in_border, outer;
    float confidence;
    double index, line_index; /* of the open TextEquiv, and of the line's; INFINITY if there is none */
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
    ocrvl_buf_free(&r->points);
    ocrvl_buf_free(&r->sha256);
    ocrvl_buf_free(&r->status);
    ocrvl_buf_free(&r->error[0]);
    ocrvl_buf_free(&r->error[1]);
    ocrvl_buf_free(&r->warnings);
    for (size_t i = 0; i < REGIONS; i++)
        ocrvl_buf_free(&r->regions[i].whole);
    ocrvl_order_free(r->order);
    ocrvl_free(r->list);
    ocrvl_free(r);
}

static ocrvl_status page_open(void **out, const char *data, size_t len, ocrvl_error *err)
{
    reader *r = ocrvl_alloc(sizeof *r);
    *out = r;
    if (!r)
        return ocrvl_fail_nomem(err);
    r->draft.exact = true;
    ocrvl_status st = ocrvl_order_new(&r->order, err);
    return st ? st : ocrvl_xmlin_open(&r->x, data, len, false, err);
}

static bool number(reader *r, const char *name, double *out)
{
    const char *s = ocrvl_xmlin_attr(r->x, name);
    return s && ocrvl_parse_number(&s, out);
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

static bool is_outer(const char *custom) { return custom && strstr(custom, "box:outer"); }

/* ---- roles of regions -------------------------------------------------------------------------------- */

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

/* The text after `name:` in the braces of `group {...}`, or NULL. */
static const char *in_custom(const char *custom, const char *group, const char *name)
{
    const char *s = custom ? strstr(custom, group) : NULL;
    size_t n = strlen(name);
    if (!s)
        return NULL;
    s += strlen(group);
    s += strspn(s, " ");
    while (*s && *s != '}') {
        s += strspn(s, " {;");
        if (strncmp(s, name, n) == 0 && s[n] == ':')
            return s + n + 1 + strspn(s + n + 1, " ");
        s += strcspn(s, ";}");
    }
    return NULL;
}

/* structure {type:ROLE; level:N;}, with our names of roles or PAGE's. */
static void follow_structure(ocrvl_node_info *block, const char *custom)
{
    const char *type = in_custom(custom, "structure", "type"), *level = in_custom(custom, "structure", "level");
    char name[32];
    double v;
    size_t n = type ? strcspn(type, ";}") : 0;
    if (type && n < sizeof name) {
        memcpy(name, type, n);
        name[n] = '\0';
        ocrvl_role role = text_role(name);
        if (!ocrvl_role_by_name(name, &block->role) && role != OCRVL_ROLE_OTHER)
            block->role = role;
    }
    if (level && ocrvl_parse_number(&level, &v) && v >= 1 && v <= 6)
        block->level = (uint32_t)v;
}

static ocrvl_role region_role(reader *r, const char *name)
{
    static const char *const figures[] = {"ImageRegion", "GraphicRegion", "LineDrawingRegion", "ChartRegion",
                                          "MapRegion"};
    if (strcmp(name, "TextRegion") == 0)
        return text_role(ocrvl_xmlin_attr(r->x, "type"));
    if (strcmp(name, "TableRegion") == 0)
        return OCRVL_ROLE_TABLE;
    if (strcmp(name, "SeparatorRegion") == 0)
        return OCRVL_ROLE_SEPARATOR;
    if (strcmp(name, "MathsRegion") == 0)
        return OCRVL_ROLE_FORMULA;
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strcmp(name, figures[i]) == 0)
            return OCRVL_ROLE_FIGURE;
    return OCRVL_ROLE_OTHER;
}

static size_t rank_of(reader *r, const char *custom, const region *parent)
{
    const char *index = in_custom(custom, "readingOrder", "index");
    double v;
    size_t rank = ocrvl_order_rank(r->order, ocrvl_xmlin_attr(r->x, "id"));
    if (rank == SIZE_MAX && ocrvl_order_empty(r->order) && !parent && index && ocrvl_parse_number(&index, &v) && v >= 0)
        rank = (size_t)v;
    return rank == SIZE_MAX && parent ? parent->rank : rank;
}

/* ---- regions as blocks and cells ---------------------------------------------------------------------- */

/* The innermost open region, or NULL. */
static region *innermost(reader *r)
{
    return r->depth ? &r->regions[r->depth < REGIONS ? r->depth - 1 : REGIONS - 1] : NULL;
}

static void put_block(reader *r, region *g)
{
    ocrvl_draft_block(&r->draft, g->info.role, (ocrvl_box){0}, *g->lang ? g->lang : NULL);
    const char *lang = r->draft.block.lang;
    if (!r->draft.block.kind)
        return;
    g->info.kind = OCRVL_BLOCK;
    g->info.size = sizeof g->info;
    r->draft.block = g->info;
    r->draft.block.lang = lang;
    r->draft.rank = g->rank;
    g->used = true;
}

static void put_cell(reader *r, region *g)
{
    const ocrvl_node_info *i = &g->info;
    ocrvl_draft_cell(&r->draft, i->row, i->col, i->row_span, i->col_span, i->box);
    r->draft.cell.dir = i->dir;
    r->draft.cell.header = i->header;
    g->used = true;
}

/* Called before content of the region itself: a line, or its end. */
static void begin_content(reader *r, region *g)
{
    if (g->kind == PART) { /* its position as a cell wasn't given */
        g->kind = BLOCK;
        ocrvl_draft_block_end(&r->draft);
    }
    if (g->kind == BLOCK && !r->draft.block.kind)
        put_block(r, g);
    if (g->kind == CELL && !g->used)
        put_cell(r, g);
}

static uint32_t count_of(reader *r, const char *name, uint32_t otherwise)
{
    double v;
    return number(r, name, &v) && v >= 0 && v <= 1e6 ? (uint32_t)v : otherwise;
}

static void take_place(reader *r, region *g, const char *row, const char *col)
{
    const char *header = ocrvl_xmlin_attr(r->x, "header");
    g->info.row = count_of(r, row, 0);
    g->info.col = count_of(r, col, 0);
    g->info.row_span = count_of(r, "rowSpan", 1);
    g->info.col_span = count_of(r, "colSpan", 1);
    g->info.header = header && (strcmp(header, "true") == 0 || strcmp(header, "1") == 0);
    g->kind = CELL;
}

static void take_cell_role(reader *r)
{
    region *g = innermost(r);
    if (g && g->kind == PART)
        take_place(r, g, "rowIndex", "columnIndex");
}

static region_kind kind_of(const region *parent, const char *name, bool text)
{
    if (!parent || parent->kind == BLOCK)
        return parent && parent->table ? (text ? PART : INSIDE) : strcmp(name, "TableCell") == 0 ? INSIDE : BLOCK;
    return INSIDE;
}

static void open_region(reader *r, const char *name)
{
    bool cell = strcmp(name, "TableCell") == 0, text = cell || strcmp(name, "TextRegion") == 0;
    const char *custom = ocrvl_xmlin_attr(r->x, "custom"), *lang = lang_of(r, "primaryLanguage");
    region *parent = innermost(r);
    r->at = OF_REGION;
    if (r->depth++ >= REGIONS)
        return;
    region *g = &r->regions[r->depth - 1];
    ocrvl_buf whole = g->whole;
    ocrvl_buf_clear(&whole);
    *g = (region){.kind = kind_of(parent, name, text), .text = text, .index = INFINITY, .outer = is_outer(custom)};
    g->whole = whole;
    g->rank = rank_of(r, custom, parent);
    g->info = (ocrvl_node_info){.row_span = 1, .col_span = 1, .dir = direction_of(r)};
    if (lang && strlen(lang) < sizeof g->lang)
        memcpy(g->lang, lang, strlen(lang) + 1);
    if (parent && text)
        parent->filled = true;
    if (g->kind == PART && cell)
        take_place(r, g, "row", "col");
    g->info.role = cell ? OCRVL_ROLE_PARAGRAPH : region_role(r, name);
    g->table = g->kind == BLOCK && g->info.role == OCRVL_ROLE_TABLE;
    if (!g->table)
        follow_structure(&g->info, custom);
    if (text && g->info.role == OCRVL_ROLE_TABLE)
        g->info.role = OCRVL_ROLE_PARAGRAPH;
    if (parent && parent->kind == BLOCK && g->kind == BLOCK) { /* the parent's block continues when this one ends */
        if (!parent->text)
            begin_content(r, parent);
        ocrvl_draft_block_end(&r->draft);
    }
    r->outer = g->outer;
    if (g->table)
        begin_content(r, g);
}

/* A text that the region has as a whole, and its lines, if there are any, haven't: lines without boxes. */
static void put_whole(reader *r, region *g)
{
    const char *s = g->whole.data ? g->whole.data : "", *end = s + g->whole.len;
    while (s < end) {
        size_t n = strcspn(s, "\n");
        ocrvl_draft_line(&r->draft, (ocrvl_box){0}, NULL);
        ocrvl_draft_text(&r->draft, s, n);
        ocrvl_draft_line_end(&r->draft);
        s += n + 1;
    }
}

static void close_region(reader *r)
{
    region *g = innermost(r);
    bool deep = r->depth > REGIONS;
    if (!g || (r->depth--, deep))
        return;
    r->outer = false;
    r->draft.failed = g->whole.failed && !r->draft.failed ? ocrvl_fail_nomem(&r->draft.why) : r->draft.failed;
    if (g->kind == INSIDE)
        return;
    if (!g->used || (!g->said && g->whole.len))
        begin_content(r, g);
    if (!g->said && g->text)
        put_whole(r, g);
    if (g->kind == CELL)
        ocrvl_draft_cell_end(&r->draft);
    else
        ocrvl_draft_block_end(&r->draft);
}

/* ---- outlines ---------------------------------------------------------------------------------------- */

/* The box around n points, of which `p` has the first OCRVL_MAX_POINTS. */
static ocrvl_box around(reader *r, const ocrvl_points *p, size_t n)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = 0, y1 = 0;
    for (size_t i = 0; i < n && i < OCRVL_MAX_POINTS; i++) {
        x0 = fmin(x0, p->at[i][0]);
        y0 = fmin(y0, p->at[i][1]);
        x1 = fmax(x1, p->at[i][0]);
        y1 = fmax(y1, p->at[i][1]);
    }
    return n < 2 ? (ocrvl_box){0} : ocrvl_draft_box(&r->draft, x0, y0, x1, y1);
}

/* Whether four points are the corners of the box around them, from the upper left one on clockwise. */
static bool is_box(const ocrvl_points *p)
{
    const double *a = p->at[0], *b = p->at[1], *c = p->at[2], *d = p->at[3];
    return a[0] == d[0] && b[0] == c[0] && a[1] == b[1] && c[1] == d[1] && a[0] < b[0] && a[1] < d[1];
}

static void take_outline(reader *r, const char *points)
{
    ocrvl_points p;
    size_t n = points ? ocrvl_parse_points(points, p.at, OCRVL_MAX_POINTS) : 0;
    ocrvl_box box = around(r, &p, n);
    region *g = innermost(r);
    if (r->in_border && r->draft.builder && !r->draft.failed)
        ocrvl_builder_set_border(r->draft.builder, box);
    if (r->outer || r->in_border)
        return;
    ocrvl_node_info *i = NULL;
    if (r->at == OF_LINE) {
        i = &r->draft.line;
        ocrvl_draft_outline(&r->draft, &p, n == 4 && is_box(&p) ? 0 : n);
    } else if (r->at == OF_WORD && r->count) {
        r->list[r->count - 1].box = box;
    } else if (r->at == OF_REGION && g && r->depth <= REGIONS) {
        i = &g->info;
    }
    if (!i)
        return;
    i->box = box;
    i->origin = box.x1 ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_NONE;
    if (g && i == &g->info && g->table && r->draft.block.kind && !r->draft.block_opened) { /* the block is open
                                                                                            * already */
        r->draft.block.box = i->box;
        r->draft.block.origin = i->origin;
    }
}

/* Before 2013 points were elements. */
static void take_point(reader *r)
{
    const char *x = ocrvl_xmlin_attr(r->x, "x"), *y = ocrvl_xmlin_attr(r->x, "y");
    if (x && y)
        ocrvl_buf_printf(&r->points, "%s,%s ", x, y);
}

static void take_baseline(reader *r)
{
    const char *s = ocrvl_xmlin_attr(r->x, "points");
    ocrvl_points p;
    if (s && r->draft.line.kind)
        ocrvl_draft_baseline(&r->draft, &p, ocrvl_parse_points(s, p.at, OCRVL_MAX_POINTS));
}

/* ---- lines and words --------------------------------------------------------------------------------- */

static void open_line(reader *r)
{
    region *g = innermost(r);
    for (size_t i = r->depth < REGIONS ? r->depth : REGIONS; g && g->kind == INSIDE && i > 1; i--)
        g = &r->regions[i - 2];
    if (g) {
        g->filled = true;
        begin_content(r, g);
    }
    const char *production = ocrvl_xmlin_attr(r->x, "production"), *custom = ocrvl_xmlin_attr(r->x, "custom");
    const char *index = in_custom(custom, "readingOrder", "index");
    double v;
    ocrvl_draft_line(&r->draft, (ocrvl_box){0}, lang_of(r, "primaryLanguage"));
    if (index && ocrvl_parse_number(&index, &v) && v >= 0)
        r->draft.line_rank = (size_t)v;
    r->draft.line.dir = direction_of(r);
    r->draft.line.confidence = -1;
    r->draft.line.handwritten = production && strncmp(production, "handwritten", 11) == 0;
    r->outer = is_outer(custom);
    r->at = OF_LINE;
    r->count = 0;
    r->line_index = INFINITY;
    ocrvl_buf_clear(&r->line);
    ocrvl_buf_clear(&r->words);
}

static void open_word(reader *r)
{
    const char *custom = ocrvl_xmlin_attr(r->x, "custom"), *lang = lang_of(r, "language");
    r->at = OF_GLYPH; /* until its text has been read */
    if (!r->draft.line.kind || r->count == WORDS)
        return;
    if (!OCRVL_ARRAY_RESERVE(r->list, r->cap, r->count + 1)) {
        r->text.failed = true;
        return;
    }
    memset(&r->list[r->count], 0, sizeof *r->list);
    r->list[r->count].confidence = -1;
    r->list[r->count].index = INFINITY;
    if (lang && strlen(lang) < OCRVL_DRAFT_TAG)
        memcpy(r->list[r->count].lang, lang, strlen(lang) + 1);
    r->count++;
    r->outer = is_outer(custom);
    r->at = OF_WORD;
}

/* At the end of a Unicode element: of several for one owner the one with the lowest index counts. */
static void take_text(reader *r)
{
    page_word *w = r->count ? &r->list[r->count - 1] : NULL;
    region *g = innermost(r);
    if (r->at == OF_WORD && w && r->index < w->index) {
        w->index = r->index;
        w->byte = r->words.len;
        w->len = r->text.len;
        w->confidence = r->confidence;
        ocrvl_buf_put(&r->words, r->text.data, r->text.len);
    } else if (r->at == OF_LINE && r->index < r->line_index) {
        r->line_index = r->index;
        if (r->count == 0)
            r->draft.line.confidence = r->confidence;
        ocrvl_buf_clear(&r->line);
        ocrvl_buf_put(&r->line, r->text.data, r->text.len);
    } else if (r->at == OF_REGION && g && r->depth <= REGIONS && r->index < g->index) {
        g->index = r->index;
        ocrvl_buf_clear(&g->whole);
        ocrvl_buf_put(&g->whole, r->text.data, r->text.len);
    }
}

static void put_word(reader *r, const page_word *w)
{
    ocrvl_draft_word_begin(&r->draft, w->box, w->confidence, *w->lang ? w->lang : NULL);
    ocrvl_draft_text(&r->draft, r->words.data + w->byte, w->len);
    ocrvl_draft_word_end(&r->draft);
}

/* Finds the words in the line's own text; if one isn't there, the words make up the text. */
static void close_line(reader *r)
{
    const char *line = r->line.data ? r->line.data : "", *words = r->words.data ? r->words.data : "";
    size_t at = 0, k = 0;
    bool has_line = r->line_index < INFINITY;
    r->at = OF_REGION;
    if (r->text.failed || r->line.failed || r->words.failed) { /* the page reports it */
        r->draft.line.kind = 0;
        return;
    }
    for (; k < r->count && has_line; k++) {
        const page_word *w = &r->list[k];
        size_t from = at;
        while (from + w->len <= r->line.len && memcmp(line + from, words + w->byte, w->len) != 0)
            from++;
        if (from + w->len > r->line.len)
            break;
        at = from + w->len;
    }
    bool found = k == r->count && has_line;
    at = 0;
    for (k = 0; k < r->count; k++) {
        const page_word *w = &r->list[k];
        size_t from = at;
        while (found && memcmp(line + from, words + w->byte, w->len) != 0)
            from++;
        if (found)
            ocrvl_draft_text(&r->draft, line + at, from - at);
        else if (k && !ocrvl_utf8_unspaced(words + w[-1].byte, w[-1].len, words + w->byte, w->len))
            ocrvl_draft_text(&r->draft, " ", 1);
        put_word(r, w);
        at = from + (found ? w->len : 0);
    }
    if (found || r->count == 0)
        ocrvl_draft_text(&r->draft, line + at, r->line.len - at);
    for (size_t i = 0; i < r->depth && i < REGIONS && r->draft.text.len; i++)
        r->regions[i].said = true;
    ocrvl_draft_line_end(&r->draft);
}

/* ---- the page ---------------------------------------------------------------------------------------- */

/* What became of the page when it was read. */
static void put_status(reader *r)
{
    ocrvl_draft *d = &r->draft;
    bool partial = r->status.data && strcmp(r->status.data, "partial") == 0;
    for (size_t at = 0; at < r->warnings.len && !d->failed;) {
        char *code = r->warnings.data + at, *colon = strstr(code, ": ");
        at += strlen(code) + 1;
        if (!colon)
            continue;
        *colon = '\0';
        d->failed = ocrvl_builder_warn(d->builder, code, colon + 2, partial, &d->why);
    }
    if (!d->failed && r->status.data && strcmp(r->status.data, "failed") == 0)
        d->failed = ocrvl_builder_fail(d->builder, r->error[0].data ? r->error[0].data : "failed",
                                       r->error[1].data ? r->error[1].data : "", &d->why);
}

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
    ocrvl_order_clear(r->order);
    r->depth = 0;
    r->at = OF_REGION;
    r->in_border = false;
    ocrvl_draft_page(&r->draft, sized ? (uint32_t)w : 0, sized ? (uint32_t)h : 0, x, y);
    put_status(r);
    if (number(r, "orientation", &turn) && fabs(turn) <= 360 && !r->draft.failed) {
        double quarter = round(turn / 90) * 90;
        ocrvl_builder_set_geometry(r->draft.builder, (uint32_t)((int)quarter + 360) % 360, turn - quarter);
    }
    ocrvl_buf_clear(&r->file);
    ocrvl_buf_puts(&r->file, file ? file : "");
    place->file = r->file.len ? r->file.data : place->file;
}

/* Reads the page's number in its document and its status, as we write them. */
static void take_item(reader *r, ocrvl_page_place *place)
{
    const char *name = ocrvl_xmlin_attr(r->x, "name"), *value = ocrvl_xmlin_attr(r->x, "value");
    double v;
    if (!name || !value)
        return;
    if (strcmp(name, "page_index") == 0 && ocrvl_parse_number(&value, &v) && v >= 0 && v < 1e9)
        place->index = (uint64_t)v;
    if (strcmp(name, "sha256") == 0 && ocrvl_is_sha256(value) && r->sha256.len == 0) {
        ocrvl_buf_puts(&r->sha256, value);
        place->sha256 = r->sha256.data;
    }
    if (strcmp(name, "status") == 0 && r->status.len == 0)
        ocrvl_buf_puts(&r->status, value);
    for (int i = 0; i < 2; i++)
        if (strcmp(name, i ? "error_message" : "error_code") == 0 && r->error[i].len == 0)
            ocrvl_buf_puts(&r->error[i], value);
    if (strcmp(name, "warning") == 0)
        ocrvl_buf_put(&r->warnings, value, strlen(value) + 1);
    if (strcmp(name, "page_label") == 0 && r->label.len == 0) {
        ocrvl_buf_puts(&r->label, value);
        place->label = r->label.data;
    }
}

static bool is_region(const char *name)
{
    size_t n = strlen(name);
    return (n > 6 && strcmp(name + n - 6, "Region") == 0) || strcmp(name, "TableCell") == 0;
}

/* Inside the ReadingOrder: (Un)OrderedGroup(Indexed), RegionRef(Indexed). */
static void order_element(reader *r, const char *name, bool opens)
{
    double index = -1;
    if (strncmp(name, "RegionRef", 9) == 0) {
        if (opens && !number(r, "index", &index))
            index = -1;
        if (opens)
            ocrvl_order_add(r->order, index, ocrvl_xmlin_attr(r->x, "regionRef"));
    } else if (strncmp(name, "OrderedGroup", 12) == 0 || strncmp(name, "UnorderedGroup", 14) == 0) {
        if (opens && !number(r, "index", &index))
            index = -1;
        if (opens)
            ocrvl_order_open(r->order, index, ocrvl_xmlin_attr(r->x, "regionRef"));
        else
            ocrvl_order_close(r->order);
    }
}

static bool is_text(const char *name) { return strcmp(name, "Unicode") == 0 || strcmp(name, "PlainText") == 0; }

/* An element with text or an outline. */
static void open_content(reader *r, const char *name)
{
    double v;
    const char *points = ocrvl_xmlin_attr(r->x, "points");
    if (strcmp(name, "Coords") == 0) {
        ocrvl_buf_clear(&r->points);
        if (points)
            take_outline(r, points);
    } else if (strcmp(name, "Point") == 0)
        take_point(r);
    else if (strcmp(name, "Baseline") == 0)
        take_baseline(r);
    else if (strcmp(name, "TextEquiv") == 0) {
        r->confidence = number(r, "conf", &v) && v >= 0 && v <= 1 ? (float)v : -1;
        r->index = number(r, "index", &v) ? v : 0;
    } else if (is_text(name)) {
        r->in_unicode = true;
        ocrvl_buf_clear(&r->text);
    }
}

static void open_element(reader *r, const char *name, ocrvl_page_place *place)
{
    if (r->in_order)
        order_element(r, name, true);
    else if (strcmp(name, "ReadingOrder") == 0)
        r->in_order = true;
    else if (strcmp(name, "Border") == 0)
        r->in_border = true;
    else if (strcmp(name, "Word") == 0)
        open_word(r);
    else if (strcmp(name, "Glyph") == 0)
        r->at = OF_GLYPH;
    else if (strcmp(name, "TextLine") == 0)
        open_line(r);
    else if (strcmp(name, "TableCellRole") == 0)
        take_cell_role(r);
    else if (strcmp(name, "MetadataItem") == 0)
        take_item(r, place);
    else if (strcmp(name, "Page") == 0)
        open_page(r, place);
    else if (is_region(name) && r->draft.builder)
        open_region(r, name);
    else
        open_content(r, name);
}

static void close_element(reader *r, const char *name)
{
    if (strcmp(name, "ReadingOrder") == 0)
        r->in_order = false;
    else if (r->in_order)
        order_element(r, name, false);
    else if (is_text(name)) {
        const double index = r->index;
        r->in_unicode = false;
        r->index += *name == 'P' ? 0.5 : 0; /* PlainText counts where there is no Unicode */
        take_text(r);
        r->index = index;
    } else if (strcmp(name, "Border") == 0)
        r->in_border = false;
    else if (strcmp(name, "Coords") == 0 && r->points.len)
        take_outline(r, r->points.data);
    else if (strcmp(name, "Glyph") == 0)
        r->at = OF_WORD;
    else if (strcmp(name, "Word") == 0)
        r->at = OF_LINE;
    else if (strcmp(name, "TextLine") == 0)
        close_line(r);
    else if (is_region(name) && r->draft.builder)
        close_region(r);
}

static bool want_of_memory(const reader *r)
{
    return r->sha256.failed || r->status.failed || r->error[0].failed || r->error[1].failed || r->warnings.failed ||
           r->text.failed || r->line.failed || r->words.failed || r->points.failed || ocrvl_order_failed(r->order);
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
            if (want_of_memory(r) && !r->draft.failed)
                r->draft.failed = ocrvl_fail_nomem(&r->draft.why);
            return ocrvl_draft_finish(&r->draft, page, err);
        } else
            close_element(r, name);
    }
}

static size_t page_done(const void *p) { return ocrvl_xmlin_done(((const reader *)p)->x); }

const ocrvl_result_format ocrvl_result_page = {sniff, page_open, page_free, page_next, page_done};
