/* Our own JSON: ocrvl.page/1 objects, one a line or in an array. One object at a time is parsed, found by its
 * braces. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/result.h"

typedef struct json_reader {
    const char *data;
    size_t len, at;
    ocrvl_json *page; /* owns the strings of the place that was returned last */
    /* The last two pages that say of their document what it says of itself: a caller may hold one while the next
     * comes. */
    struct about {
        ocrvl_json *page;
        ocrvl_document_info info;
        ocrvl_outline_entry *outline;
    } about[2];
    size_t turn;
    ocrvl_draft draft;
} json_reader;

static size_t skip_white(const char *s, size_t n, size_t i, const char *more)
{
    while (i < n && s[i] && (strchr(" \t\r\n", s[i]) || strchr(more, s[i])))
        i++;
    return i;
}

static bool sniff(const char *data, size_t len)
{
    size_t i = skip_white(data, len, 0, "");
    if (i < len && data[i] == '[')
        i = skip_white(data, len, i + 1, "]");
    return i == len || data[i] == '{';
}

static ocrvl_status json_open(void **out, const char *data, size_t len, ocrvl_error *err)
{
    json_reader *r = ocrvl_alloc(sizeof *r);
    *out = r;
    if (!r)
        return ocrvl_fail_nomem(err);
    r->data = data;
    r->len = len;
    r->at = skip_white(data, len, 0, "");
    if (r->at < len && data[r->at] == '[')
        r->at++;
    return OCRVL_OK;
}

/* Frees the last page, unless it is held. */
static void free_page(json_reader *r)
{
    if (r->page != r->about[0].page && r->page != r->about[1].page)
        ocrvl_json_free(r->page);
    r->page = NULL;
}

static void json_free(void *reader)
{
    json_reader *r = reader;
    free_page(r);
    for (size_t i = 0; i < 2; i++) {
        ocrvl_json_free(r->about[i].page);
        ocrvl_free(r->about[i].outline);
    }
    ocrvl_draft_free(&r->draft);
    ocrvl_free(r);
}

/* The position after the object that begins at i; len if it doesn't end. */
static size_t object_end(const char *s, size_t len, size_t i)
{
    size_t depth = 0;
    for (bool text = false; i < len; i++) {
        if (text) {
            if (s[i] == '\\')
                i++;
            else if (s[i] == '"')
                text = false;
        } else if (s[i] == '"') {
            text = true;
        } else if (s[i] == '{') {
            depth++;
        } else if (s[i] == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return len;
}

static const char *text_of(const ocrvl_json *o, const char *key)
{
    return ocrvl_json_string(ocrvl_json_get(o, key), NULL);
}

static uint64_t count_of(const ocrvl_json *o, const char *key)
{
    int64_t v = 0;
    return ocrvl_json_int(ocrvl_json_get(o, key), &v) && v > 0 ? (uint64_t)v : 0;
}

static uint32_t small_of(const ocrvl_json *o, const char *key)
{
    uint64_t v = count_of(o, key);
    return v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
}

static double number_of(const ocrvl_json *o, const char *key)
{
    double v = 0;
    return ocrvl_json_number(ocrvl_json_get(o, key), &v) ? v : 0;
}

static float confidence_of(const ocrvl_json *o)
{
    double v = -1;
    return ocrvl_json_number(ocrvl_json_get(o, "confidence"), &v) && v >= 0 && v <= 1 ? (float)v : -1;
}

/* The box of four numbers, or all zero if there is none. */
static ocrvl_box box_under(ocrvl_draft *d, const ocrvl_json *o, const char *key)
{
    const ocrvl_json *a = ocrvl_json_get(o, key);
    double v[4] = {0};
    for (size_t i = 0; i < 4; i++)
        if (!ocrvl_json_number(ocrvl_json_at(a, i), &v[i]))
            return (ocrvl_box){0};
    return ocrvl_draft_box(d, v[0], v[1], v[2], v[3]);
}

static ocrvl_box box_of(ocrvl_draft *d, const ocrvl_json *o, ocrvl_origin *origin)
{
    static const char *const names[] = {"none", "detected", "interpolated", "model", "native"};
    const char *geometry = text_of(o, "geometry");
    ocrvl_box box = box_under(d, o, "bbox");
    *origin = box.x1 ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_NONE;
    for (int i = 1; geometry && box.x1 && i < 5; i++)
        if (strcmp(geometry, names[i]) == 0)
            *origin = (ocrvl_origin)i;
    return box;
}

static ocrvl_direction direction_of(const ocrvl_json *o)
{
    const char *dir = text_of(o, "dir");
    return !dir                      ? OCRVL_DIR_NONE
           : strcmp(dir, "ltr") == 0 ? OCRVL_DIR_LTR
           : strcmp(dir, "rtl") == 0 ? OCRVL_DIR_RTL
           : strcmp(dir, "ttb") == 0 ? OCRVL_DIR_TTB
                                     : OCRVL_DIR_NONE;
}

/* The points of that name; returns how many there are, of which p has the first ones. */
static size_t points_of(const ocrvl_json *o, const char *key, ocrvl_points *p)
{
    const ocrvl_json *a = ocrvl_json_get(o, key);
    size_t n = 0;
    for (size_t i = 0; i < ocrvl_json_length(a) && i < OCRVL_MAX_POINTS; i++) {
        double x, y;
        if (ocrvl_json_number(ocrvl_json_at(ocrvl_json_at(a, i), 0), &x) &&
            ocrvl_json_number(ocrvl_json_at(ocrvl_json_at(a, i), 1), &y) && x > -1e6 && x < 2e6 && y > -1e6 && y < 2e6)
            memcpy(p->at[n++], (double[2]){x, y}, sizeof p->at[0]);
    }
    return n;
}

/* A line's outline and baseline, whose points stay the draft's until the next line. */
static void take_outline(ocrvl_draft *d, const ocrvl_json *line, ocrvl_node_info *i)
{
    ocrvl_points p;
    d->line = (ocrvl_node_info){0};
    d->point_count = 0;
    ocrvl_draft_outline(d, &p, points_of(line, "polygon", &p));
    ocrvl_draft_baseline(d, &p, points_of(line, "baseline", &p));
    memcpy(i->quad, d->line.quad, sizeof i->quad);
    memcpy(i->baseline, d->line.baseline, sizeof i->baseline);
    i->polygon_count = d->line.polygon_count;
    i->curve_count = d->line.curve_count;
    i->polygon = i->polygon_count ? d->points + d->polygon : NULL;
    i->curve = i->curve_count ? d->points + d->curve : NULL;
    uint32_t n = i->curve_count;
    if (n && i->polygon_count == 2 * n) { /* as it is written for a bent line */
        const ocrvl_point corners[4] = {i->polygon[0], i->polygon[n - 1], i->polygon[n], i->polygon[2 * n - 1]};
        memcpy(i->quad, corners, sizeof corners);
    }
}

/* Nodes are passed to the builder unchanged, because their texts and offsets are the builder's own. */
static bool open_node(ocrvl_draft *d, const ocrvl_node_info *i)
{
    if (!d->failed)
        d->failed = ocrvl_builder_open(d->builder, i, &d->why);
    d->direct = true;
    return !d->failed;
}

static void close_node(ocrvl_draft *d)
{
    if (!d->failed)
        d->failed = ocrvl_builder_close(d->builder, &d->why);
}

static ocrvl_node_info node_of(ocrvl_draft *d, const ocrvl_json *o, ocrvl_kind kind)
{
    ocrvl_node_info i = {.size = sizeof i, .kind = kind, .row_span = 1, .col_span = 1};
    i.box = box_of(d, o, &i.origin);
    i.lang = text_of(o, "lang");
    i.dir = direction_of(o);
    i.confidence = confidence_of(o);
    i.text = text_of(o, "text");
    i.text = i.text ? i.text : "";
    return i;
}

/* The style that a word names by its place in the page's; returns NULL if there is none. */
static const ocrvl_text_style *style_of(ocrvl_text_style *out, const ocrvl_json *word, const ocrvl_json *styles)
{
    int64_t number = -1;
    const char *colour;
    ocrvl_json_int(ocrvl_json_get(word, "style"), &number);
    if (number < 0 || (uint64_t)number >= ocrvl_json_length(styles))
        return NULL;
    const ocrvl_json *s = ocrvl_json_at(styles, (size_t)number);
    *out = (ocrvl_text_style){.font = text_of(s, "font"), .size = (float)number_of(s, "size")};
    ocrvl_json_bool(ocrvl_json_get(s, "bold"), &out->bold);
    ocrvl_json_bool(ocrvl_json_get(s, "mono"), &out->mono);
    ocrvl_json_bool(ocrvl_json_get(s, "italic"), &out->italic);
    ocrvl_json_bool(ocrvl_json_get(s, "underlined"), &out->underlined);
    colour = text_of(s, "colour");
    if (colour && *colour == '#')
        out->colour = (uint32_t)strtoul(colour + 1, NULL, 16);
    return out;
}

/* Where in the line a word begins, in code points: as its span says, or without one where its text is found first after
 * the word before it, whose end is `after`, in code points, and `from`, in the text. UINT32_MAX: nowhere. */
static uint32_t place_of(const ocrvl_json *word, const char *text, int64_t line_start, const char *from, uint32_t after)
{
    int64_t at = -1;
    const ocrvl_json *span = ocrvl_json_get(word, "span");
    const char *found = span ? NULL : strstr(from, text);
    if (found)
        return after + (uint32_t)ocrvl_utf8_count(from, (size_t)(found - from));
    ocrvl_json_int(ocrvl_json_at(span, 0), &at);
    return at >= line_start && at - line_start < UINT32_MAX ? (uint32_t)(at - line_start) : UINT32_MAX;
}

static void put_words(ocrvl_draft *d, const ocrvl_json *words, const ocrvl_node_info *line, int64_t line_start,
                      const ocrvl_json *styles)
{
    const char *from = line->text, *end = from + strlen(from);
    uint32_t after = 0;
    for (size_t k = 0; k < ocrvl_json_length(words) && !d->failed; k++) {
        const ocrvl_json *word = ocrvl_json_at(words, k);
        ocrvl_node_info w = node_of(d, word, OCRVL_WORD);
        ocrvl_text_style style;
        w.style = style_of(&style, word, styles);
        w.link = text_of(word, "link");
        w.raised = small_of(word, "raised");
        w.start = place_of(word, w.text, line_start, from, after);
        if (!open_node(d, &w)) /* the builder proves that the word stands there */
            return;
        const uint32_t to = w.start + (uint32_t)ocrvl_utf8_count(w.text, strlen(w.text));
        from += ocrvl_utf8_offset(from, (size_t)(end - from), to - after);
        after = to;
        close_node(d);
    }
}

static void put_line(ocrvl_draft *d, const ocrvl_json *line, const ocrvl_json *styles)
{
    ocrvl_node_info i = node_of(d, line, OCRVL_LINE);
    int64_t start = 0;
    take_outline(d, line, &i);
    i.x_height = (float)number_of(line, "x_height");
    ocrvl_json_bool(ocrvl_json_get(line, "handwritten"), &i.handwritten);
    ocrvl_json_int(ocrvl_json_at(ocrvl_json_get(line, "span"), 0), &start);
    if (!open_node(d, &i))
        return;
    put_words(d, ocrvl_json_get(line, "words"), &i, start, styles);
    close_node(d);
}

static void put_lines(ocrvl_draft *d, const ocrvl_json *parent, const ocrvl_json *styles)
{
    const ocrvl_json *lines = ocrvl_json_get(parent, "lines");
    for (size_t k = 0; k < ocrvl_json_length(lines) && !d->failed; k++)
        put_line(d, ocrvl_json_at(lines, k), styles);
}

static void put_cells(ocrvl_draft *d, const ocrvl_json *table, const ocrvl_json *styles)
{
    const ocrvl_json *cells = ocrvl_json_get(table, "cells");
    for (size_t k = 0; k < ocrvl_json_length(cells) && !d->failed; k++) {
        const ocrvl_json *cell = ocrvl_json_at(cells, k);
        const char *header = text_of(cell, "header");
        ocrvl_node_info i = node_of(d, cell, OCRVL_CELL);
        i.row = small_of(cell, "row");
        i.col = small_of(cell, "col");
        i.row_span = ocrvl_json_get(cell, "row_span") ? small_of(cell, "row_span") : 1;
        i.col_span = ocrvl_json_get(cell, "col_span") ? small_of(cell, "col_span") : 1;
        i.header = header && strcmp(header, "none") != 0;
        if (open_node(d, &i)) {
            put_lines(d, cell, styles);
            close_node(d);
        }
    }
}

static void put_block(ocrvl_draft *d, const ocrvl_json *block, const ocrvl_json *styles)
{
    const char *type = text_of(block, "type");
    ocrvl_node_info i = node_of(d, block, OCRVL_BLOCK);
    if (!type || !ocrvl_role_by_name(type, &i.role))
        i.role = OCRVL_ROLE_OTHER;
    const char *given = text_of(block, "given");
    if (!given || !ocrvl_role_by_name(given, &i.given))
        i.given = i.role;
    ocrvl_json_bool(ocrvl_json_get(block, "told"), &i.told);
    i.level = small_of(block, "level");
    ocrvl_json_bool(ocrvl_json_get(block, "continues"), &i.continues);
    i.latex = text_of(ocrvl_json_get(block, "formula"), "latex");
    i.alt = text_of(block, "alt");
    if (!open_node(d, &i))
        return;
    if (i.role == OCRVL_ROLE_TABLE)
        put_cells(d, ocrvl_json_get(block, "table"), styles);
    else
        put_lines(d, block, styles);
    close_node(d);
}

/* Whether the page's size is a substitute, which its first warning says. */
static bool stands_in(const ocrvl_json *page)
{
    const ocrvl_json *warnings = ocrvl_json_get(page, "warnings");
    const char *code = text_of(ocrvl_json_at(warnings, 0), "code");
    return code && strcmp(code, "no_page_image") == 0;
}

static void put_status(ocrvl_draft *d, const ocrvl_json *page)
{
    const char *status = text_of(page, "status"), *code, *message;
    const ocrvl_json *warnings = ocrvl_json_get(page, "warnings"), *error = ocrvl_json_get(page, "error");
    bool partial = status && strcmp(status, "partial") == 0;
    size_t n = ocrvl_json_length(warnings);
    for (size_t i = stands_in(page); i < n && !d->failed; i++) {
        code = text_of(ocrvl_json_at(warnings, i), "code");
        message = text_of(ocrvl_json_at(warnings, i), "message");
        d->failed = ocrvl_builder_warn_at(d->builder, code ? code : "", message ? message : "",
                                          box_under(d, ocrvl_json_at(warnings, i), "bbox"), partial, &d->why);
    }
    if (d->failed || !status || strcmp(status, "failed") != 0)
        return;
    code = text_of(error, "code");
    message = text_of(error, "message");
    d->failed = ocrvl_builder_fail(d->builder, code ? code : "failed", message ? message : "", &d->why);
}

static void put_page(ocrvl_draft *d, const ocrvl_json *page)
{
    const ocrvl_json *about = ocrvl_json_get(page, "page"), *usage = ocrvl_json_get(page, "usage");
    const ocrvl_json *dpi = ocrvl_json_get(about, "dpi"), *blocks = ocrvl_json_get(page, "blocks");
    double x = 0, y = 0;
    bool none = stands_in(page);
    if (!ocrvl_json_number(ocrvl_json_at(dpi, 0), &x) || !ocrvl_json_number(ocrvl_json_at(dpi, 1), &y) || none)
        x = y = 0;
    ocrvl_draft_page(d, none ? 0 : small_of(about, "width"), none ? 0 : small_of(about, "height"), x, y);
    const char *status = text_of(page, "status");
    if (!d->failed && d->unsized && !none && !(status && strcmp(status, "failed") == 0))
        d->failed = ocrvl_fail(&d->why, OCRVL_E_FORMAT, "only a failed page may have no size");
    if (d->failed)
        return;
    uint32_t rotation = small_of(about, "rotation");
    ocrvl_builder_set_geometry(d->builder, rotation % 90 == 0 && rotation < 360 ? rotation : 0,
                               number_of(about, "skew"));
    ocrvl_builder_set_border(d->builder, box_under(d, about, "border"));
    bool guessed = false;
    if (ocrvl_json_bool(ocrvl_json_get(about, "guessed"), &guessed) && guessed)
        ocrvl_builder_set_guessed(d->builder);
    ocrvl_builder_set_usage(d->builder, count_of(usage, "image_tokens"), count_of(usage, "prompt_tokens"),
                            count_of(usage, "output_tokens"), number_of(usage, "seconds"));
    put_status(d, page);
    if (!d->failed && text_of(page, "markdown"))
        d->failed = ocrvl_builder_markdown(d->builder, text_of(page, "markdown"), &d->why);
    for (size_t k = 0; k < ocrvl_json_length(blocks) && !d->failed; k++)
        put_block(d, ocrvl_json_at(blocks, k), ocrvl_json_get(page, "styles"));
}

static void put_place(ocrvl_page_place *place, const ocrvl_json *page)
{
    const ocrvl_json *source = ocrvl_json_get(page, "source"), *about = ocrvl_json_get(page, "page");
    const ocrvl_json *box = ocrvl_json_get(about, "pdf_box");
    const char *file = text_of(source, "file"), *hash = text_of(source, "sha256");
    place->file = file ? file : place->file;
    place->media_type = text_of(source, "media_type");
    place->pages = count_of(source, "pages");
    place->sha256 = ocrvl_is_sha256(hash) ? hash : NULL;
    hash = text_of(source, "md5");
    place->md5 = hash && strlen(hash) == 32 && strspn(hash, "0123456789abcdefABCDEF") == 32 ? hash : NULL;
    place->index = count_of(about, "index");
    place->label = text_of(about, "label");
    place->no_page = about && !ocrvl_json_get(about, "index");
    for (size_t i = 0; i < 4 && ocrvl_json_length(box) == 4; i++)
        if (!ocrvl_json_number(ocrvl_json_at(box, i), &place->pdf_box[i]))
            place->pdf_box[i] = 0;
}

/* What the document says of itself; its strings are those of the page's JSON. */
static ocrvl_status put_document(json_reader *r, ocrvl_page_place *place, ocrvl_error *err)
{
    const ocrvl_json *from = ocrvl_json_get(r->page, "document"), *outline = ocrvl_json_get(from, "outline");
    size_t n = ocrvl_json_length(outline);
    struct about *a = &r->about[r->turn ^= from != NULL];
    if (!from)
        return OCRVL_OK;
    ocrvl_json_free(a->page);
    ocrvl_free(a->outline);
    a->page = NULL;
    a->outline = n ? ocrvl_alloc_array(n, sizeof *a->outline) : NULL;
    if (n && !a->outline)
        return ocrvl_fail_nomem(err);
    a->page = r->page;
    a->info = (ocrvl_document_info){.title = text_of(from, "title"),
                                    .author = text_of(from, "author"),
                                    .subject = text_of(from, "subject"),
                                    .keywords = text_of(from, "keywords"),
                                    .creator = text_of(from, "creator"),
                                    .producer = text_of(from, "producer"),
                                    .created = text_of(from, "created"),
                                    .modified = text_of(from, "modified"),
                                    .language = text_of(from, "language"),
                                    .outline = a->outline};
    for (size_t i = 0; i < n; i++) {
        const ocrvl_json *e = ocrvl_json_at(outline, i);
        size_t *k = &a->info.outline_count;
        uint32_t level = small_of(e, "level"), most = *k ? a->outline[*k - 1].level + 1 : 1;
        const char *title = text_of(e, "title");
        if (title && *title)
            a->outline[(*k)++] = (ocrvl_outline_entry){title,
                                                       level == 0     ? 1
                                                       : level < most ? level
                                                                      : most,
                                                       count_of(e, "page")};
    }
    place->info = &a->info;
    return OCRVL_OK;
}

static ocrvl_status json_next(void *reader, ocrvl_page **page, ocrvl_page_place *place, ocrvl_error *err)
{
    json_reader *r = reader;
    free_page(r);
    r->at = skip_white(r->data, r->len, r->at, ",]");
    if (r->at >= r->len)
        return OCRVL_OK;
    size_t from = r->at, end = r->data[from] == '{' ? object_end(r->data, r->len, from) : r->len;
    r->at = end;
    ocrvl_status st = ocrvl_json_parse(&r->page, r->data + from, end - from, "page", err);
    if (st)
        return st;
    const char *schema = text_of(r->page, "schema");
    if (!schema || strcmp(schema, "ocrvl.page/1") != 0)
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "an object does not follow the schema ocrvl.page/1");
    put_place(place, r->page);
    if ((st = put_document(r, place, err)))
        return st;
    put_page(&r->draft, r->page);
    return ocrvl_draft_finish(&r->draft, page, err);
}

static size_t json_done(const void *reader) { return ((const json_reader *)reader)->at; }

const ocrvl_result_format ocrvl_result_json = {sniff, json_open, json_free, json_next, json_done};
