/* hOCR, ours and that of Tesseract, OCRopus and others: XHTML, or HTML that no XML parser reads. What looks like
 * XHTML and turns out not to be is read as HTML from the page in hand on. Text that stands in no line is a line
 * without a box.
 *
 * A paragraph (ocr_par) is a block, whose role depends on the elements around it. Words with the box of their whole
 * line, which is written for words without one, get no box. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "in/result.h"
#include "in/xmlin.h"

#define DEPTH 256 /* libxml2 nests no deeper */
#define COLUMNS 1000u

typedef enum element {
    OTHER,
    PAGE,
    AREA,
    PAR,
    LINE,
    WORD,
    TABLE,
    ROW,
    CELL,
    SILENT
} element; /* SILENT: its text isn't the page's */

typedef struct hocr {
    ocrvl_xmlin *x;
    const char *data;
    size_t len;
    bool html;
    ocrvl_error why;      /* what isn't XML in a file that is read as HTML */
    uint64_t pages, skip; /* pages that were given; pages to pass over, which were given before the file was HTML */
    uint64_t cut;         /* of a file that ends early: the number of its last page, from 1; else 0 */
    bool loose;           /* the open line is text that stands in no line */
    bool apart;           /* there was text in no page since the last one */
    ocrvl_draft draft;
    element stack[DEPTH];
    size_t depth, silent; /* silent: how many of them are SILENT */
    bool page_open;       /* the element of the next page has been read, and place describes it */
    ocrvl_buf file, label;
    ocrvl_box area;
    ocrvl_role role;         /* of the open area */
    uint32_t row, col;       /* of the open table; row counts from 1 */
    uint32_t until[COLUMNS]; /* the first row in which a column is free again */
    size_t lines;            /* lines of the page that say how they are rotated, and by how much */
    double turn;
    double next_width, next_height, next_dpi[2], next_index;
} hocr;

static bool sniff(const char *data, size_t len)
{
    size_t end = len < 65536 ? len : 65536;
    for (size_t i = 0; i + 8 < end; i++)
        if (memcmp(data + i, "ocr_page", 8) == 0 || memcmp(data + i, "ocr-syst", 8) == 0)
            return true;
    return false;
}

static void hocr_free(void *reader)
{
    hocr *h = reader;
    ocrvl_xmlin_free(h->x);
    ocrvl_draft_free(&h->draft);
    ocrvl_buf_free(&h->file);
    ocrvl_buf_free(&h->label);
    ocrvl_free(h);
}

static ocrvl_status hocr_open(void **out, const char *data, size_t len, ocrvl_error *err)
{
    static const char space[] = "http://www.w3.org/1999/xhtml";
    size_t end = len < 4096 ? len : 4096;
    bool xml = len > 5 && memcmp(data, "<?xml", 5) == 0;
    hocr *h = ocrvl_alloc(sizeof *h);
    *out = h;
    for (size_t i = 0; !xml && i + sizeof space < end; i++)
        xml = memcmp(data + i, space, sizeof space - 1) == 0;
    if (!h)
        return ocrvl_fail_nomem(err);
    h->data = data;
    h->len = len;
    h->html = !xml;
    return ocrvl_xmlin_open(&h->x, data, len, h->html, err);
}

/* ---- properties -------------------------------------------------------------------------------------- */

/* The text after the property's name in a title, or NULL. */
static const char *property(const char *title, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = title; s && *s;) {
        s += strspn(s, " ;\t\r\n");
        if (strncmp(s, name, n) == 0 && (s[n] == ' ' || s[n] == '\0'))
            return s + n;
        for (bool quoted = false; *s && (quoted || *s != ';'); s++)
            quoted ^= *s == '"';
    }
    return NULL;
}

static bool numbers(const char *s, double *v, int n)
{
    for (int i = 0; i < n; i++)
        if (!s || !ocrvl_parse_number(&s, &v[i]))
            return false;
    return true;
}

static ocrvl_box box_of(hocr *h, const char *title)
{
    double v[4];
    return numbers(property(title, "bbox"), v, 4) ? ocrvl_draft_box(&h->draft, v[0], v[1], v[2], v[3]) : (ocrvl_box){0};
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Reads a string in "...", in '...', or without quotes; %XX is a byte. */
static void take_string(ocrvl_buf *out, const char *s)
{
    char quote = 0;
    s += strspn(s, " ");
    if (*s == '"' || *s == '\'')
        quote = *s++;
    ocrvl_buf_clear(out);
    for (; *s && (quote ? *s != quote : *s != ';'); s++) {
        bool coded = *s == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0 && (hex(s[1]) || hex(s[2]));
        ocrvl_buf_putc(out, coded ? (char)(hex(s[1]) << 4 | hex(s[2])) : *s);
        s += coded ? 2 : 0;
    }
}

/* ---- elements ---------------------------------------------------------------------------------------- */

static bool is_class(const char *classes, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = classes; s && *s; s += strcspn(s, " ")) {
        s += strspn(s, " ");
        if (strcspn(s, " ") == n && memcmp(s, name, n) == 0)
            return true;
    }
    return false;
}

static bool role_of(const char *classes, ocrvl_role *role)
{
    static const struct {
        const char *name;
        ocrvl_role role;
    } roles[] = {{"ocr_title", OCRVL_ROLE_TITLE},         {"ocr_caption", OCRVL_ROLE_CAPTION},
                 {"ocr_header", OCRVL_ROLE_HEADER},       {"ocr_footer", OCRVL_ROLE_FOOTER},
                 {"ocr_pageno", OCRVL_ROLE_PAGE_NUMBER},  {"ocr_photo", OCRVL_ROLE_FIGURE},
                 {"ocr_image", OCRVL_ROLE_FIGURE},        {"ocr_linedrawing", OCRVL_ROLE_FIGURE},
                 {"ocr_separator", OCRVL_ROLE_SEPARATOR}, {"ocr_table", OCRVL_ROLE_TABLE},
                 {"ocr_math", OCRVL_ROLE_FORMULA},        {"ocr_section", OCRVL_ROLE_HEADING},
                 {"ocr_chapter", OCRVL_ROLE_HEADING},     {"ocr_subsection", OCRVL_ROLE_HEADING},
                 {"ocr_part", OCRVL_ROLE_HEADING},        {"ocr_subsubsection", OCRVL_ROLE_HEADING}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (is_class(classes, roles[i].name)) {
            *role = roles[i].role;
            return true;
        }
    return false;
}

static ocrvl_direction direction_of(hocr *h)
{
    const char *d = ocrvl_xmlin_attr(h->x, "dir");
    return !d                      ? OCRVL_DIR_NONE
           : strcmp(d, "rtl") == 0 ? OCRVL_DIR_RTL
           : strcmp(d, "ltr") == 0 ? OCRVL_DIR_LTR
                                   : OCRVL_DIR_NONE;
}

static const char *lang_of(hocr *h)
{
    const char *lang = ocrvl_xmlin_attr(h->x, "lang");
    return lang ? lang : ocrvl_xmlin_attr(h->x, "xml:lang");
}

static void open_area(hocr *h, const char *classes, const char *title)
{
    h->area = box_of(h, title);
    h->role = OCRVL_ROLE_PARAGRAPH;
    role_of(classes, &h->role);
    ocrvl_draft_block(&h->draft, h->role, h->area, lang_of(h));
}

static void open_par(hocr *h, const char *title)
{
    const char *level = ocrvl_xmlin_attr(h->x, "aria-level"), *role = ocrvl_xmlin_attr(h->x, "role");
    ocrvl_draft *d = &h->draft;
    double n;
    if (d->cell.kind)
        return;
    if (d->block.kind && !d->block_used && h->role == OCRVL_ROLE_TABLE) /* a table of paragraphs is not a table */
        d->block.role = OCRVL_ROLE_PARAGRAPH;
    if (d->block.kind && !d->block_used) { /* the first one of the area: it is the area, or a smaller box of it */
        ocrvl_box box = box_of(h, title);
        ocrvl_role kept = d->block.role;
        d->block.kind = 0;
        ocrvl_draft_block(d, kept, box.x1 ? box : h->area, lang_of(h));
    } else {
        ocrvl_draft_block(d, h->role == OCRVL_ROLE_TABLE ? OCRVL_ROLE_PARAGRAPH : h->role, box_of(h, title),
                          lang_of(h));
    }
    d->block.dir = direction_of(h);
    if (role && strcmp(role, "heading") == 0 && d->block.role == OCRVL_ROLE_PARAGRAPH)
        d->block.role = OCRVL_ROLE_HEADING;
    if (level && ocrvl_parse_number(&level, &n) && n >= 1 && n <= 6)
        d->block.level = (uint32_t)n;
}

static void open_line(hocr *h, const char *classes, const char *title)
{
    double v[4];
    ocrvl_draft *d = &h->draft;
    ocrvl_role role;
    if (d->block.kind && !d->block_used && d->block.role == OCRVL_ROLE_PARAGRAPH && role_of(classes, &role))
        d->block.role = role == OCRVL_ROLE_TABLE ? OCRVL_ROLE_PARAGRAPH : role;
    ocrvl_draft_line(d, box_of(h, title), lang_of(h));
    d->line.dir = direction_of(h);
    d->line.confidence = -1;
    const ocrvl_box *b = &d->line.box;
    if (numbers(property(title, "baseline"), v, 2) && b->x1 && fabs(v[0]) <= 1 && fabs(v[1]) < 1e6) {
        ocrvl_point left = {(float)b->x0, (float)(b->y1 + v[1])};
        ocrvl_point right = {(float)b->x1, (float)(b->y1 + v[1] + v[0] * (b->x1 - b->x0))};
        bool rtl = d->line.dir == OCRVL_DIR_RTL;
        d->line.baseline[0] = rtl ? right : left;
        d->line.baseline[1] = rtl ? left : right;
    }
    ocrvl_points p;
    const char *poly = property(title, "poly");
    if (poly)
        ocrvl_draft_outline(d, &p, ocrvl_parse_points(poly, p.at, OCRVL_MAX_POINTS));
    if (numbers(property(title, "textangle"), v, 1) && h->lines++ == 0)
        h->turn = v[0];
}

static void open_word(hocr *h, const char *title)
{
    double conf = -1;
    ocrvl_box box = box_of(h, title), *line = &h->draft.line.box;
    if (!h->draft.line.kind)
        return;
    if (memcmp(&box, line, sizeof box) == 0)
        box.x1 = -box.x1; /* a mark: whether the box is the word's own is decided at the line's end */
    numbers(property(title, "x_wconf"), &conf, 1);
    ocrvl_draft_word_begin(&h->draft, box, conf >= 0 && conf <= 100 ? (float)(conf / 100) : -1, lang_of(h));
}

/* A line's only word may have the line's box; one of several words can't. */
static void end_line(hocr *h)
{
    ocrvl_draft *d = &h->draft;
    if (!d->line.kind)
        return;
    ocrvl_draft_word_end(d);
    for (size_t i = 0; i < d->count; i++) {
        ocrvl_draft_word *w = &d->words[i];
        if (w->box.x1 >= 0)
            continue;
        w->box.x1 = -w->box.x1;
        w->origin = OCRVL_ORIGIN_INK;
        if (d->count > 1) {
            w->box = (ocrvl_box){0};
            w->origin = OCRVL_ORIGIN_NONE;
        }
    }
    ocrvl_draft_line_end(d);
}

static uint32_t span_of(hocr *h, const char *name)
{
    const char *s = ocrvl_xmlin_attr(h->x, name);
    double v;
    return s && ocrvl_parse_number(&s, &v) && v >= 1 && v <= 1000 ? (uint32_t)v : 1;
}

/* The next cell is where HTML puts it: at the first position of the row that no cell from above covers. */
static void open_cell(hocr *h, const char *name, const char *title)
{
    uint32_t rows = span_of(h, "rowspan"), cols = span_of(h, "colspan"), row = h->row ? h->row - 1 : 0;
    if (h->draft.block.role != OCRVL_ROLE_TABLE || !h->draft.block.kind)
        return;
    while (h->col < COLUMNS && h->until[h->col] > row)
        h->col++;
    if (cols > COLUMNS - h->col)
        return;
    for (uint32_t c = h->col; c < h->col + cols; c++)
        h->until[c] = row + rows;
    ocrvl_draft_cell(&h->draft, row, h->col, rows, cols, box_of(h, title));
    h->draft.cell.header = strcmp(name, "th") == 0;
    h->col += cols;
}

static void open_table(hocr *h, const char *title)
{
    if (!h->draft.block.kind || h->draft.block_used || h->draft.block.role != OCRVL_ROLE_TABLE)
        ocrvl_draft_block(&h->draft, OCRVL_ROLE_TABLE, box_of(h, title), NULL);
    memset(h->until, 0, sizeof h->until);
    h->row = h->col = 0;
}

/* The next page begins: its element's properties are stored until it is that page's turn. */
static void open_page(hocr *h, const char *title)
{
    double v[4] = {0};
    const char *image = property(title, "image"), *printed = property(title, "lpageno");
    h->next_width = h->next_height = h->next_dpi[0] = h->next_dpi[1] = 0;
    h->next_index = -1;
    if (numbers(property(title, "bbox"), v, 4)) {
        h->next_width = v[2];
        h->next_height = v[3];
    }
    if (!numbers(property(title, "scan_res"), h->next_dpi, 2))
        h->next_dpi[0] = h->next_dpi[1] = 0;
    numbers(property(title, "ppageno"), &h->next_index, 1);
    if (image)
        take_string(&h->file, image);
    ocrvl_buf_clear(&h->label);
    if (printed)
        take_string(&h->label, printed);
    h->page_open = true;
}

static element open_element(hocr *h, const char *name)
{
    const char *classes = ocrvl_xmlin_attr(h->x, "class"), *title = ocrvl_xmlin_attr(h->x, "title");
    ocrvl_role role;
    bool span = strcmp(name, "span") == 0;
    if (is_class(classes, "ocr_page"))
        return open_page(h, title), PAGE;
    if (is_class(classes, "ocrx_word") || is_class(classes, "ocr_word"))
        return open_word(h, title), WORD;
    if (is_class(classes, "ocr_line") || is_class(classes, "ocrx_line") || is_class(classes, "ocr_textfloat") ||
        (span && role_of(classes, &role)))
        return open_line(h, classes, title), LINE;
    if (is_class(classes, "ocr_par"))
        return open_par(h, title), PAR;
    if (strcmp(name, "table") == 0)
        return open_table(h, title), TABLE;
    if (strcmp(name, "tr") == 0)
        return h->row++, h->col = 0, ROW;
    if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
        return open_cell(h, name, title), CELL;
    if ((is_class(classes, "ocr_title") || is_class(classes, "ocr_caption")) && h->draft.block.kind &&
        !h->draft.block_used) {
        role_of(classes, &h->role);
        h->draft.block.role = h->role;
        return OTHER;
    }
    if (is_class(classes, "ocr_carea") || is_class(classes, "ocrx_block") || is_class(classes, "ocr_float") ||
        role_of(classes, &role))
        return open_area(h, classes, title), AREA;
    return OTHER;
}

static void close_element(hocr *h, element e)
{
    switch (e) {
    case WORD: ocrvl_draft_word_end(&h->draft); break;
    case LINE: end_line(h); break;
    case CELL:
        end_line(h);
        if (!h->draft.cell_opened &&
            !h->draft.cell.box.x1) /* it is empty and not measured: a position without a cell */
            h->draft.cell.kind = 0;
        ocrvl_draft_cell_end(&h->draft);
        break;
    case AREA:
        end_line(h);
        ocrvl_draft_block_end(&h->draft);
        break;
    default: break;
    }
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static void begin_page(hocr *h, ocrvl_page_place *place)
{
    double w = h->next_width, t = h->next_height;
    bool sized = w >= 1 && t >= 1 && w <= 1e6 && t <= 1e6;
    h->page_open = false;
    h->lines = 0;
    h->turn = 0;
    ocrvl_draft_page(&h->draft, sized ? (uint32_t)w : 0, sized ? (uint32_t)t : 0, h->next_dpi[0], h->next_dpi[1]);
    if (h->next_index >= 0 && h->next_index < 1e9)
        place->index = (uint64_t)h->next_index;
    place->file = h->file.len ? h->file.data : place->file;
    place->label = h->label.len ? h->label.data : NULL;
}

static ocrvl_status end_page(hocr *h, ocrvl_page **page, ocrvl_error *err)
{
    end_line(h);
    h->loose = false;
    h->pages++;
    if (h->pages == h->cut && !h->draft.failed)
        h->draft.failed =
            ocrvl_builder_warn(h->draft.builder, "cut", "the file ends within the page", true, &h->draft.why);
    if (h->apart && !h->draft.failed)
        h->draft.failed = ocrvl_builder_warn(h->draft.builder, "text_left_out",
                                             "text that stands before the page, and belongs to no page, is left out",
                                             true, &h->draft.why);
    h->apart = false;
    double quarter = round(h->turn / 90) * 90;
    if (!h->draft.failed && fabs(h->turn) <= 360)
        ocrvl_builder_set_geometry(h->draft.builder, (uint32_t)((int)quarter + 360) % 360, 0);
    return ocrvl_draft_finish(&h->draft, page, err);
}

static bool ends_early(const char *data, size_t len)
{
    for (size_t i = len; i >= 6 && len - i < 4096; i--)
        if (memcmp(data + i - 6, "</html", 6) == 0 || memcmp(data + i - 6, "</HTML", 6) == 0)
            return false;
    return true;
}

static uint64_t count_pages(ocrvl_xmlin *x)
{
    uint64_t count = 0;
    for (ocrvl_xml_event e; (e = ocrvl_xmlin_next(x)) != OCRVL_XML_END && e != OCRVL_XML_BAD;)
        count += e == OCRVL_XML_OPEN && is_class(ocrvl_xmlin_attr(x, "class"), "ocr_page");
    return count;
}

static ocrvl_status open_html(hocr *h, ocrvl_error *err)
{
    ocrvl_xmlin_free(h->x);
    return ocrvl_xmlin_open(&h->x, h->data, h->len, true, err);
}

/* Begins the file anew as HTML, from the page that was being read. What was wrong with it as XML stays in h->why. */
static ocrvl_status read_as_html(hocr *h, ocrvl_error *err)
{
    (void)!ocrvl_xmlin_fail(h->x, &h->why);
    h->html = true;
    h->skip = h->pages;
    h->depth = h->silent = 0;
    h->page_open = h->loose = h->apart = false;
    ocrvl_draft_abandon(&h->draft);
    ocrvl_status st = open_html(h, err);
    if (st || !ends_early(h->data, h->len))
        return st;
    h->cut = count_pages(h->x);
    return open_html(h, err);
}

/* After the last page: a file that ends early is no whole one. */
static ocrvl_status end_file(hocr *h, ocrvl_error *err)
{
    bool early = h->why.status && ends_early(h->data, h->len);
    if (early && err)
        *err = h->why;
    h->why.status = OCRVL_OK;
    return early ? OCRVL_E_FORMAT : OCRVL_OK;
}

/* Text in no line begins one, which ends with the element around it or before the next that is more than a style. */
static void take_text(hocr *h, const char *text)
{
    ocrvl_draft *d = &h->draft;
    bool any = text[strspn(text, " \t\r\n")] != '\0';
    h->apart |= any && !d->builder;
    if (!d->line.kind && d->builder && any) {
        ocrvl_draft_line(d, (ocrvl_box){0}, NULL);
        h->loose = true;
    }
    ocrvl_draft_text(d, text, strlen(text));
}

static void end_loose(hocr *h)
{
    if (h->loose)
        end_line(h);
    h->loose = false;
}

static bool is_style(const char *name)
{
    static const char *const names[] = {"b", "i", "em", "strong", "u", "small", "sup", "sub", "font", "a", "big"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Opens the element whose start was read; *begun says whether the page is begun, and is set when it is. */
static ocrvl_status enter(hocr *h, ocrvl_page_place *place, bool *begun, ocrvl_error *err)
{
    const char *name = ocrvl_xmlin_name(h->x);
    if (h->depth == DEPTH)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "elements nested over %d deep", DEPTH);
    if (!is_style(name))
        end_loose(h);
    bool unseen = strcmp(name, "script") == 0 || strcmp(name, "style") == 0 || strcmp(name, "title") == 0;
    element e = unseen ? SILENT : open_element(h, name);
    h->stack[h->depth++] = e;
    h->silent += e == SILENT;
    if (!h->page_open)
        return OCRVL_OK;
    h->page_open = h->skip == 0;
    if (h->skip)
        h->skip--;
    else {
        begin_page(h, place);
        *begun = true;
    }
    return OCRVL_OK;
}

/* Closes the element whose end was read, and says whether it was the page. */
static bool leave(hocr *h)
{
    element closed = h->stack[--h->depth];
    if (!is_style(ocrvl_xmlin_name(h->x)))
        end_loose(h);
    h->silent -= closed == SILENT;
    close_element(h, closed);
    return closed == PAGE;
}

static ocrvl_status hocr_next(void *reader, ocrvl_page **page, ocrvl_page_place *place, ocrvl_error *err)
{
    hocr *h = reader;
    bool begun = false;
    for (;;) {
        ocrvl_status st = OCRVL_OK;
        ocrvl_xml_event e = h->x ? ocrvl_xmlin_next(h->x) : OCRVL_XML_END;
        if (e == OCRVL_XML_BAD && h->html)
            return ocrvl_xmlin_fail(h->x, err);
        if (e == OCRVL_XML_END)
            return begun ? end_page(h, page, err) : end_file(h, err);
        if (e == OCRVL_XML_BAD) {
            begun = false;
            st = read_as_html(h, err);
        } else if (e == OCRVL_XML_OPEN)
            st = enter(h, place, &begun, err);
        else if (e == OCRVL_XML_TEXT && !h->silent)
            take_text(h, ocrvl_xmlin_text(h->x));
        else if (e == OCRVL_XML_CLOSE && h->depth > 0 && leave(h) && begun)
            return end_page(h, page, err);
        if (st)
            return st;
    }
}

static size_t hocr_done(const void *p) { return ocrvl_xmlin_done(((const hocr *)p)->x); }

const ocrvl_result_format ocrvl_result_hocr = {sniff, hocr_open, hocr_free, hocr_next, hocr_done};
