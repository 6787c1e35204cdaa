/* JSON: each page is one ocrvl.page/1 object on a line, in JSON Lines or in one array.
 *
 * Unknown members are left out, except that `confidence` is null if there is none. The seconds that reading took are
 * written only together with a date (ocrvl_writer_options.datetime), so that the same page gives the same bytes. The
 * schema demands a size even for a page whose image could not be made: it is that of the PDF page at its dpi (72 if it
 * has none), or else 1 x 1, and the warning `no_page_image` says that it is a substitute. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "out/cells.h"
#include "out/continued.h"
#include "out/parts.h"
#include "out/writer.h"

/* Begins a member or item with a comma, except for the first. */
static void item(ocrvl_buf *b)
{
    char last = b->len ? b->data[b->len - 1] : '[';
    if (last != '[' && last != '{' && last != ':' && last != '\n')
        ocrvl_buf_putc(b, ',');
}

static void key(ocrvl_buf *b, const char *name)
{
    item(b);
    ocrvl_buf_putc(b, '"');
    ocrvl_buf_puts(b, name);
    ocrvl_buf_puts(b, "\":");
}

static void open_as(ocrvl_buf *b, const char *name, char bracket)
{
    if (name)
        key(b, name);
    else
        item(b);
    ocrvl_buf_putc(b, bracket);
}

/* Writes nothing for NULL. */
static void put_string(ocrvl_buf *b, const char *name, const char *value)
{
    if (!value)
        return;
    key(b, name);
    ocrvl_json_put_string(b, value, strlen(value));
}

static void put_uint(ocrvl_buf *b, const char *name, uint64_t value)
{
    key(b, name);
    ocrvl_buf_put_uint(b, value);
}

static void put_number(ocrvl_buf *b, const char *name, double value, int decimals)
{
    key(b, name);
    ocrvl_buf_put_number(b, value, decimals);
}

/* Writes nothing for false. */
static void put_flag(ocrvl_buf *b, const char *name, bool value)
{
    if (!value)
        return;
    key(b, name);
    ocrvl_buf_puts(b, "true");
}

/* How many decimals tell a float from all others: half of the distance to the next one is more than half of the last.
 */
static int digits_of(float v)
{
    static const float from[] = {1024, 128, 16, 1, 0.125f};
    int digits = 4;
    for (size_t i = 0; i < sizeof from / sizeof *from && v < from[i] && v > -from[i]; i++)
        digits++;
    return digits;
}

static void put_confidence(ocrvl_buf *b, float c, bool exact)
{
    if (c >= 0)
        put_number(b, "confidence", (double)c, exact ? digits_of(c) : 4);
    else {
        key(b, "confidence");
        ocrvl_buf_puts(b, "null");
    }
}

static void put_place(ocrvl_buf *b, float v, bool exact)
{
    ocrvl_buf_put_number(b, (double)v, exact ? digits_of(v) : 1);
}

static void put_points(ocrvl_buf *b, const char *name, const ocrvl_point *p, size_t n, bool exact)
{
    open_as(b, name, '[');
    for (size_t i = 0; i < n; i++) {
        open_as(b, NULL, '[');
        put_place(b, p[i].x, exact);
        ocrvl_buf_putc(b, ',');
        put_place(b, p[i].y, exact);
        ocrvl_buf_putc(b, ']');
    }
    ocrvl_buf_putc(b, ']');
}

/* ---- the head of a page ------------------------------------------------------------------------------ */

/* The value of a setting: a number or boolean if it is written as one, else a string. */
static void put_setting(ocrvl_buf *b, const char *s, size_t n)
{
    size_t sign = n && s[0] == '-', whole = strspn(s + sign, "0123456789"), part = 0, end = sign + whole;
    if (end < n && s[end] == '.') {
        part = strspn(s + end + 1, "0123456789");
        end += 1 + part;
    }
    bool number = end == n && whole && whole <= 15 && part <= 9 && (whole == 1 || s[sign] != '0') && s[n - 1] != '.';
    if (number || (n == 4 && memcmp(s, "true", 4) == 0) || (n == 5 && memcmp(s, "false", 5) == 0))
        ocrvl_buf_put(b, s, n);
    else
        ocrvl_json_put_string(b, s, n);
}

static bool said_before(const char *settings, const char *name, size_t n)
{
    for (const char *s = settings; s < name; s += strcspn(s, ";") + 1)
        if (strcspn(s, "=;") == n && memcmp(s, name, n) == 0)
            return true;
    return false;
}

/* "key=value;..." as an object. A key without "=" is true; of equal keys the first one counts. */
static void put_settings(ocrvl_buf *b, const char *settings)
{
    if (!settings)
        return;
    open_as(b, "settings", '{');
    for (const char *s = settings; *s;) {
        size_t n = strcspn(s, ";"), name = strcspn(s, "=;");
        if (name && !said_before(settings, s, name)) {
            item(b);
            ocrvl_json_put_string(b, s, name);
            ocrvl_buf_putc(b, ':');
            if (name < n)
                put_setting(b, s + name + 1, n - name - 1);
            else
                ocrvl_buf_puts(b, "true");
        }
        s += n + (s[n] == ';');
    }
    ocrvl_buf_putc(b, '}');
}

/* hex is 64 hexadecimal digits in lower case. */
static void put_sha256(ocrvl_buf *b, const char *name, const char *hex)
{
    if (!hex)
        return;
    key(b, name);
    ocrvl_buf_putc(b, '"');
    for (; *hex; hex++)
        ocrvl_buf_putc(b, *hex >= 'A' && *hex <= 'F' ? (char)(*hex + 32) : *hex);
    ocrvl_buf_putc(b, '"');
}

static void put_generator(ocrvl_writer *w)
{
    ocrvl_buf *b = &w->buf;
    open_as(b, "generator", '{');
    put_string(b, "name", "ocrvl");
    put_string(b, "version", ocrvl_version());
    put_string(b, "model", w->opt.model);
    put_sha256(b, "model_sha256", w->opt.model_sha256);
    put_settings(b, w->opt.settings);
    ocrvl_buf_putc(b, '}');
}

static void put_source(ocrvl_buf *b, const ocrvl_page_place *place, bool exact)
{
    open_as(b, "source", '{');
    put_string(b, "file", place->file);
    put_sha256(b, "sha256", place->sha256);
    put_string(b, "md5", exact ? place->md5 : NULL);
    put_string(b, "media_type", place->media_type);
    if (place->pages)
        put_uint(b, "pages", place->pages);
    else {
        key(b, "pages");
        ocrvl_buf_puts(b, "null");
    }
    ocrvl_buf_putc(b, '}');
}

/* What the document says of itself, with the first of its pages. */
static void put_document(ocrvl_buf *b, const ocrvl_document_info *info)
{
    const char *name, *value;
    if (!info)
        return;
    open_as(b, "document", '{');
    for (size_t i = 0; value = ocrvl_info_field(info, i, &name), name; i++)
        put_string(b, name, value);
    if (info->outline_count) {
        open_as(b, "outline", '[');
        for (size_t i = 0; i < info->outline_count; i++) {
            const ocrvl_outline_entry *e = &info->outline[i];
            open_as(b, NULL, '{');
            put_string(b, "title", e->title);
            put_uint(b, "level", e->level);
            if (e->page)
                put_uint(b, "page", e->page);
            ocrvl_buf_putc(b, '}');
        }
        ocrvl_buf_putc(b, ']');
    }
    ocrvl_buf_putc(b, '}');
}

/* The size in pixels of a PDF page without an image: at least 1. */
static uint32_t pixels(double points, double dpi)
{
    double v = points / 72 * dpi;
    return v >= 1 && v < 1e6 ? (uint32_t)(v + 0.5) : 1;
}

/* Gives a page without an image its substitute size. */
static void size_page(ocrvl_page_info *info, const ocrvl_page_place *place)
{
    const double *box = place->pdf_box;
    bool known = place->dpi_x > 0 && place->dpi_y > 0;
    info->width = info->height = 1;
    info->dpi_x = info->dpi_y = 0;
    if (place->width && place->height) {
        info->width = place->width;
        info->height = place->height;
    } else if (box[2] > box[0] && box[3] > box[1]) {
        info->dpi_x = known ? place->dpi_x : 72;
        info->dpi_y = known ? place->dpi_y : 72;
        info->width = pixels(box[2] - box[0], info->dpi_x);
        info->height = pixels(box[3] - box[1], info->dpi_y);
    }
}

static void put_page_object(ocrvl_buf *b, const ocrvl_page_info *info, const ocrvl_page_place *place, bool exact)
{
    const double *box = place->pdf_box;
    open_as(b, "page", '{');
    put_uint(b, "index", place->index);
    put_string(b, "label", place->label);
    put_uint(b, "width", info->width);
    put_uint(b, "height", info->height);
    if (info->dpi_x >= 0.01 && info->dpi_y >= 0.01) {
        open_as(b, "dpi", '[');
        ocrvl_buf_put_number(b, info->dpi_x, exact ? 9 : 2);
        ocrvl_buf_putc(b, ',');
        ocrvl_buf_put_number(b, info->dpi_y, exact ? 9 : 2);
        ocrvl_buf_putc(b, ']');
    }
    put_uint(b, "rotation", info->rotation);
    if (info->skew != 0)
        put_number(b, "skew", info->skew, exact ? 9 : 3);
    if (info->border.x1 > 0) {
        open_as(b, "border", '[');
        ocrvl_buf_printf(b, "%d,%d,%d,%d]", info->border.x0, info->border.y0, info->border.x1, info->border.y1);
    }
    if (box[0] != 0 || box[1] != 0 || box[2] != 0 || box[3] != 0) {
        open_as(b, "pdf_box", '[');
        for (int i = 0; i < 4; i++) {
            item(b);
            ocrvl_buf_put_number(b, box[i], exact ? 9 : 3);
        }
        ocrvl_buf_putc(b, ']');
    }
    put_flag(b, "guessed", exact && info->guessed);
    ocrvl_buf_putc(b, '}');
}

static void put_message(ocrvl_buf *b, const char *name, const char *code, const char *message)
{
    open_as(b, name, '{');
    put_string(b, "code", code);
    put_string(b, "message", message);
    ocrvl_buf_putc(b, '}');
}

static void put_sides(ocrvl_buf *b, const char *name, const ocrvl_box *k)
{
    open_as(b, name, '[');
    ocrvl_buf_printf(b, "%d,%d,%d,%d]", k->x0, k->y0, k->x1, k->y1);
}

static void put_warning(ocrvl_buf *b, const ocrvl_page *page, uint32_t i)
{
    const char *code, *message;
    ocrvl_box k = ocrvl_page_warning_box(page, i);
    ocrvl_page_warning(page, i, &code, &message);
    put_message(b, NULL, code, message);
    if (k.x1 <= k.x0)
        return;
    b->len--; /* the brace */
    put_sides(b, "bbox", &k);
    ocrvl_buf_putc(b, '}');
}

static void put_status(ocrvl_buf *b, const ocrvl_page *page, const ocrvl_page_info *info, bool sized)
{
    put_string(b, "status", ocrvl_page_status_name(info->status));
    if (info->status == OCRVL_PAGE_FAILED)
        put_message(b, "error", info->error_code, info->error_message);
    if (info->warnings == 0 && !sized)
        return;
    open_as(b, "warnings", '[');
    if (sized)
        put_message(b, NULL, "no_page_image", "the page image could not be made: width and height stand in for it");
    for (uint32_t i = 0; i < info->warnings; i++)
        put_warning(b, page, i);
    ocrvl_buf_putc(b, ']');
}

#define LANGUAGES 32 /* languages of one page; those with the greatest shares are written */

static void put_languages(ocrvl_buf *b, const ocrvl_page *page)
{
    const char *langs[LANGUAGES];
    double shares[LANGUAGES];
    size_t n = ocrvl_page_languages(page, langs, shares, LANGUAGES);
    if (n == 0)
        return;
    open_as(b, "languages", '[');
    for (size_t i = 0; i < n && i < LANGUAGES; i++) {
        open_as(b, NULL, '{');
        put_string(b, "lang", langs[i]);
        put_number(b, "share", shares[i], 4);
        ocrvl_buf_putc(b, '}');
    }
    ocrvl_buf_putc(b, ']');
}

/* ---- nodes ------------------------------------------------------------------------------------------- */

static void put_box(ocrvl_buf *b, const ocrvl_node_info *i)
{
    static const char *const geometry[] = {"none", "detected", "interpolated", "model", "native"};
    if (ocrvl_has_box(i))
        put_sides(b, "bbox", &i->box);
    put_string(b, "geometry", geometry[i->origin]);
}

static void put_span(ocrvl_buf *b, const ocrvl_node_info *i)
{
    open_as(b, "span", '[');
    ocrvl_buf_put_uint(b, i->start);
    ocrvl_buf_putc(b, ',');
    ocrvl_buf_put_uint(b, i->end);
    ocrvl_buf_putc(b, ']');
}

static void put_language(ocrvl_buf *b, const ocrvl_node_info *i)
{
    static const char *const directions[] = {NULL, "ltr", "rtl", "ttb"};
    put_string(b, "lang", i->lang);
    put_string(b, "dir", directions[i->dir]);
}

/* Writes the script of a text if it differs from the one around it. */
static const char *put_script(ocrvl_buf *b, const char *text, const char *around)
{
    const char *script = ocrvl_text_script(text, strlen(text));
    if (script && (!around || strcmp(script, around) != 0))
        put_string(b, "script", script);
    return script;
}

/* What of a line's text is still to come, and its place in the page's text. */
typedef struct remainder {
    const char *text, *end;
    uint32_t at;
} remainder;

/* Goes on to the end of the word; returns whether it stands where it is found first, so that its span needn't be told. */
static bool pass_word(remainder *r, const ocrvl_node_info *word)
{
    const char *here = r->text + ocrvl_utf8_offset(r->text, (size_t)(r->end - r->text), word->start - r->at);
    bool first = strstr(r->text, word->text) == here;
    r->text = here + strlen(word->text); /* the builder saw to it that the word stands there */
    r->at = word->end;
    return first;
}

/* Results that are kept don't tell the spans of most words, which would be a sixth of their bytes. */
static void put_words(ocrvl_buf *b, const ocrvl_node *line, const char *script, bool exact)
{
    const ocrvl_node_info l = ocrvl_info(line);
    remainder r = {l.text, l.text + strlen(l.text), l.start};
    if (!ocrvl_node_first(line))
        return;
    open_as(b, "words", '[');
    for (const ocrvl_node *word = ocrvl_node_first(line); word; word = ocrvl_node_next(word)) {
        ocrvl_node_info i = ocrvl_info(word);
        open_as(b, NULL, '{');
        put_string(b, "text", i.text);
        if (!pass_word(&r, &i) || !exact)
            put_span(b, &i);
        put_box(b, &i);
        put_confidence(b, i.confidence, exact);
        put_language(b, &i);
        put_script(b, i.text, script);
        if (i.style)
            put_uint(b, "style", i.style->number);
        if (i.raised)
            put_uint(b, "raised", i.raised);
        put_string(b, "link", i.link);
        ocrvl_buf_putc(b, '}');
    }
    ocrvl_buf_putc(b, ']');
}

/* Lines are counted through all cells of a table. */
static void put_lines(ocrvl_buf *b, const ocrvl_node *parent, size_t block, size_t *count, bool exact)
{
    open_as(b, "lines", '[');
    for (const ocrvl_node *line = ocrvl_node_first(parent); line; line = ocrvl_node_next(line)) {
        ocrvl_node_info i = ocrvl_info(line);
        size_t n;
        open_as(b, NULL, '{');
        key(b, "id");
        ocrvl_buf_printf(b, "\"b%zul%zu\"", block, ++*count);
        put_string(b, "text", i.text);
        put_span(b, &i);
        put_box(b, &i);
        const ocrvl_point *points = ocrvl_outline(&i, &n);
        if (n)
            put_points(b, "polygon", points, n, exact);
        points = ocrvl_baseline(&i, &n);
        if (n)
            put_points(b, "baseline", points, n, exact);
        if (exact && i.x_height > 0)
            put_number(b, "x_height", (double)i.x_height, digits_of(i.x_height));
        put_confidence(b, i.confidence, exact);
        put_language(b, &i);
        const char *script = put_script(b, i.text, NULL);
        if (i.handwritten) {
            key(b, "handwritten");
            ocrvl_buf_puts(b, "true");
        }
        put_words(b, line, script, exact);
        ocrvl_buf_putc(b, '}');
    }
    ocrvl_buf_putc(b, ']');
}

static void put_html(ocrvl_buf *b, const ocrvl_node *table)
{
    ocrvl_buf h = {0};
    ocrvl_put_html_table(&h, table, NULL);
    b->failed |= h.failed;
    put_string(b, "html", h.data ? h.data : "");
    ocrvl_buf_free(&h);
}

/* The tree says that a cell is a header; its position says of what. */
static void put_cell(ocrvl_buf *b, const ocrvl_node *cell, size_t block, size_t *lines, bool exact)
{
    ocrvl_node_info i = ocrvl_info(cell);
    open_as(b, NULL, '{');
    put_uint(b, "row", i.row);
    put_uint(b, "col", i.col);
    put_uint(b, "row_span", i.row_span);
    put_uint(b, "col_span", i.col_span);
    put_string(b, "header", !i.header ? "none" : i.col == 0 && i.row > 0 ? "row" : "column");
    put_string(b, "text", i.text);
    put_box(b, &i);
    put_confidence(b, i.confidence, exact);
    put_language(b, &i);
    put_lines(b, cell, block, lines, exact);
    ocrvl_buf_putc(b, '}');
}

static void put_table(ocrvl_buf *b, const ocrvl_node *table, size_t block, bool goes_on, bool exact)
{
    ocrvl_table_grid g;
    size_t lines = 0;
    ocrvl_grid_begin(&g, table);
    open_as(b, "table", '{');
    put_uint(b, "rows", g.rows);
    put_uint(b, "cols", g.columns);
    if (goes_on)
        put_flag(b, "continued", true);
    put_html(b, table);
    open_as(b, "cells", '[');
    for (const ocrvl_node *cell = ocrvl_node_first(table); cell; cell = ocrvl_node_next(cell))
        put_cell(b, cell, block, &lines, exact);
    ocrvl_buf_puts(b, "]}");
}

/* goes_on: it is a table that began on the page before. */
static void put_block(ocrvl_buf *b, const ocrvl_node *block, size_t number, bool goes_on, bool exact)
{
    ocrvl_node_info i = ocrvl_info(block);
    size_t lines = 0;
    open_as(b, NULL, '{');
    key(b, "id");
    ocrvl_buf_printf(b, "\"b%zu\"", number);
    put_string(b, "type", ocrvl_role_name(i.role));
    if (exact && i.given != i.role)
        put_string(b, "given", ocrvl_role_name(i.given));
    put_flag(b, "told", exact && i.told);
    if (i.level)
        put_uint(b, "level", i.level);
    put_flag(b, "continues", i.continues);
    put_string(b, "text", i.text);
    put_span(b, &i);
    put_box(b, &i);
    put_confidence(b, i.confidence, exact);
    put_language(b, &i);
    if (i.role == OCRVL_ROLE_TABLE)
        put_table(b, block, number, goes_on, exact);
    else
        put_lines(b, block, number, &lines, exact);
    if (i.latex) {
        open_as(b, "formula", '{');
        put_string(b, "latex", i.latex);
        ocrvl_buf_putc(b, '}');
    }
    if (i.alt)
        put_string(b, "alt", i.alt);
    ocrvl_buf_putc(b, '}');
}

/* ---- the page ---------------------------------------------------------------------------------------- */

static void put_usage(ocrvl_writer *w, const ocrvl_page_info *i)
{
    ocrvl_buf *b = &w->buf;
    bool seconds = (w->opt.datetime || w->opt.seconds) && i->seconds > 0;
    if (!i->image_tokens && !i->prompt_tokens && !i->output_tokens && !seconds)
        return;
    open_as(b, "usage", '{');
    put_uint(b, "image_tokens", i->image_tokens);
    put_uint(b, "prompt_tokens", i->prompt_tokens);
    put_uint(b, "output_tokens", i->output_tokens);
    if (seconds)
        put_number(b, "seconds", i->seconds, 3);
    ocrvl_buf_putc(b, '}');
}

/* The styles that words of the page name by their place here; nothing if there are none. */
static void put_styles(ocrvl_buf *b, const ocrvl_page *page, bool exact)
{
    const ocrvl_text_style *s = ocrvl_page_style(page, 0);
    if (!s)
        return;
    open_as(b, "styles", '[');
    for (uint32_t i = 1; s; s = ocrvl_page_style(page, i++)) {
        char colour[8];
        snprintf(colour, sizeof colour, "#%06x", (unsigned)s->colour & 0xFFFFFF);
        open_as(b, NULL, '{');
        put_string(b, "font", s->font);
        if (s->size > 0)
            put_number(b, "size", s->size, exact ? 9 : 2);
        put_flag(b, "bold", s->bold);
        put_flag(b, "mono", s->mono);
        put_flag(b, "italic", s->italic);
        put_flag(b, "underlined", s->underlined);
        put_string(b, "colour", colour);
        ocrvl_buf_putc(b, '}');
    }
    ocrvl_buf_putc(b, ']');
}

static void put_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_buf *b = &w->buf;
    ocrvl_page_info info = ocrvl_info_of_page(page);
    bool sized = info.width == 0 && !place->no_page;
    if (sized)
        size_page(&info, place);
    ocrvl_buf_putc(b, '{');
    put_string(b, "schema", "ocrvl.page/1");
    put_generator(w);
    put_source(b, place, w->opt.exact);
    put_document(b, place->info);
    if (place->no_page) {
        key(b, "page");
        ocrvl_buf_puts(b, "null");
    } else {
        put_page_object(b, &info, place, w->opt.exact);
    }
    put_status(b, page, &info, sized);
    put_languages(b, page);
    put_confidence(b, info.confidence, w->opt.exact);
    put_string(b, "text", info.text);
    put_string(b, "markdown", info.markdown);
    put_styles(b, page, w->opt.exact);
    open_as(b, "blocks", '[');
    size_t number = 0;
    uint32_t repeats;
    const ocrvl_node *goes_on = ocrvl_continued_table(&w->last, page, place, &repeats);
    for (const ocrvl_node *block = ocrvl_page_first(page); block; block = ocrvl_node_next(block))
        put_block(b, block, ++number, block == goes_on, w->opt.exact);
    ocrvl_buf_putc(b, ']');
    put_usage(w, &info);
    ocrvl_buf_putc(b, '}');
}

static void json_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_buf_puts(&w->buf, w->pages > 1 ? ",\n" : "[\n");
    put_page(w, page, place);
}

static void json_end(ocrvl_writer *w) { ocrvl_buf_puts(&w->buf, w->pages ? "\n]\n" : "[]\n"); }

static void jsonl_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    put_page(w, page, place);
    ocrvl_buf_putc(&w->buf, '\n');
}

const ocrvl_writer_ops ocrvl_json_ops = {.page = json_page, .end = json_end, .says_failures = true};
const ocrvl_writer_ops ocrvl_jsonl_ops = {.page = jsonl_page, .says_failures = true};
