#include "out/parts.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "out/writer.h"

ocrvl_node_info ocrvl_info(const ocrvl_node *node)
{
    ocrvl_node_info i = {.size = sizeof i};
    ocrvl_node_get_info(node, &i);
    return i;
}

ocrvl_page_info ocrvl_info_of_page(const ocrvl_page *page)
{
    ocrvl_page_info i = {.size = sizeof i};
    ocrvl_page_get_info(page, &i);
    return i;
}

const char *ocrvl_info_field(const ocrvl_document_info *info, size_t i, const char **name)
{
    const char *const names[] = {"title",    "author",  "subject",  "keywords", "creator",
                                 "producer", "created", "modified", "language"};
    const char *const values[] = {info->title,    info->author,  info->subject,  info->keywords, info->creator,
                                  info->producer, info->created, info->modified, info->language};
    size_t n = sizeof names / sizeof *names;
    *name = i < n ? names[i] : NULL;
    return i < n ? values[i] : NULL;
}

bool ocrvl_is_running(ocrvl_role r)
{
    return r == OCRVL_ROLE_HEADER || r == OCRVL_ROLE_FOOTER || r == OCRVL_ROLE_PAGE_NUMBER;
}

bool ocrvl_is_aside(ocrvl_role r)
{
    return r == OCRVL_ROLE_FIGURE || r == OCRVL_ROLE_CAPTION || r == OCRVL_ROLE_FOOTNOTE || r == OCRVL_ROLE_SEPARATOR ||
           r == OCRVL_ROLE_OTHER || r == OCRVL_ROLE_TABLE;
}

bool ocrvl_table_runs_leftwards(const ocrvl_node *table)
{
    size_t left = 0, right = 0;
    for (const ocrvl_node *c = ocrvl_node_first(table); c; c = ocrvl_node_next(c))
        for (const ocrvl_node *l = ocrvl_node_first(c); l; l = ocrvl_node_next(l)) {
            ocrvl_node_info i = ocrvl_info(l);
            left += i.dir == OCRVL_DIR_RTL;
            right += i.dir == OCRVL_DIR_LTR;
        }
    return left > right;
}

const char *ocrvl_base_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash && slash[1] ? slash + 1 : file;
}

void ocrvl_open_cell(ocrvl_xml *x, const ocrvl_node_info *cell)
{
    ocrvl_xml_open(x, cell->header ? "th" : "td");
    if (cell->row_span > 1)
        ocrvl_xml_attr_int(x, "rowspan", cell->row_span);
    if (cell->col_span > 1)
        ocrvl_xml_attr_int(x, "colspan", cell->col_span);
}

bool ocrvl_has_box(const ocrvl_node_info *i) { return i->box.x1 > i->box.x0; }

static bool any(const ocrvl_point *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i].x != 0 || p[i].y != 0)
            return true;
    return false;
}

bool ocrvl_has_quad(const ocrvl_node_info *i) { return any(i->quad, 4); }

bool ocrvl_has_baseline(const ocrvl_node_info *i) { return any(i->baseline, 2); }

const ocrvl_point *ocrvl_outline(const ocrvl_node_info *i, size_t *n)
{
    *n = i->polygon ? i->polygon_count : ocrvl_has_quad(i) ? 4 : 0;
    return i->polygon ? i->polygon : i->quad;
}

const ocrvl_point *ocrvl_baseline(const ocrvl_node_info *i, size_t *n)
{
    *n = i->curve ? i->curve_count : ocrvl_has_baseline(i) ? 2 : 0;
    return i->curve ? i->curve : i->baseline;
}

void ocrvl_add_points(ocrvl_buf *b, const ocrvl_point *points, size_t n, char between)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            ocrvl_buf_putc(b, ' ');
        ocrvl_buf_printf(b, "%ld%c%ld", points[i].x > 0 ? lroundf(points[i].x) : 0, between,
                         points[i].y > 0 ? lroundf(points[i].y) : 0);
    }
}

void ocrvl_put_points(ocrvl_writer *w, const char *attribute, const ocrvl_point *points, size_t n, char between)
{
    ocrvl_buf_clear(&w->buf);
    ocrvl_add_points(&w->buf, points, n, between);
    w->nomem |= w->buf.failed;
    ocrvl_xml_attr(w->xml, attribute, w->buf.data);
}

void ocrvl_box_stretch(ocrvl_box *b, const ocrvl_box *more)
{
    if (b->x1 == 0)
        *b = *more;
    b->x0 = more->x0 < b->x0 ? more->x0 : b->x0;
    b->y0 = more->y0 < b->y0 ? more->y0 : b->y0;
    b->x1 = more->x1 > b->x1 ? more->x1 : b->x1;
    b->y1 = more->y1 > b->y1 ? more->y1 : b->y1;
}

/* Words are never more than three levels below. */
ocrvl_box ocrvl_box_around(const ocrvl_node *n, ocrvl_box outer)
{
    ocrvl_node_info i = ocrvl_info(n);
    ocrvl_box all = {0};
    if (ocrvl_has_box(&i))
        return i.box;
    for (const ocrvl_node *c = ocrvl_node_first(n); c; c = ocrvl_node_next(c)) {
        ocrvl_box box = ocrvl_box_around(c, (ocrvl_box){0});
        if (box.x1)
            ocrvl_box_stretch(&all, &box);
    }
    return all.x1 ? all : outer;
}

/* ---- pieces ------------------------------------------------------------------------------------------ */

bool ocrvl_is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static void next_word(ocrvl_pieces *it, const ocrvl_node *word)
{
    it->word = word;
    it->word_start = word ? ocrvl_info(word).start : UINT32_MAX;
}

void ocrvl_pieces_begin(ocrvl_pieces *it, const ocrvl_node *line)
{
    ocrvl_node_info i = ocrvl_info(line);
    memset(it, 0, sizeof *it);
    it->text = i.text;
    it->len = strlen(i.text);
    it->cp = i.start;
    next_word(it, ocrvl_node_first(line));
}

bool ocrvl_pieces_next(ocrvl_pieces *it, ocrvl_piece *out)
{
    memset(out, 0, sizeof *out);
    while (it->at < it->len) {
        size_t i = it->at;
        if (it->cp == it->word_start) {
            ocrvl_node_info word = ocrvl_info(it->word);
            if (!out->text) {
                out->text = it->text + it->at;
                out->len = strlen(word.text);
                out->word = it->word;
                it->at += out->len;
                it->cp = word.end;
                next_word(it, ocrvl_node_next(it->word));
            }
            return true;
        }
        bool space = ocrvl_is_space(ocrvl_utf8_next(it->text, it->len, &i));
        if (space && out->text)
            return true;
        if (space) {
            out->space = true;
            out->gap += i - it->at;
        } else if (!out->text) {
            out->text = it->text + it->at;
        }
        it->at = i;
        it->cp++;
        if (out->text)
            out->len = (size_t)(it->text + it->at - out->text);
    }
    return out->text != NULL;
}

/* ---- broken words ------------------------------------------------------------------------------------ */

size_t ocrvl_hyphen(const char *text, size_t len)
{
    size_t at = len ? ocrvl_utf8_before(text, len) : 0, hyphen = at;
    if (!at || !ocrvl_is_end_hyphen(ocrvl_utf8_next(text, len, &at)) || at < len)
        return 0;
    at = ocrvl_utf8_before(text, hyphen);
    uint32_t c = ocrvl_utf8_next(text, hyphen, &at);
    bool ascii = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), punctuation = c >= 0x2000 && c <= 0x206F;
    return ascii || (c >= 0xC0 && !punctuation) ? len - hyphen : 0;
}

bool ocrvl_begins_lower(const char *text, size_t len)
{
    /* Ll of Unicode 14 in those scripts: first, last, step */
    static const uint16_t lower[][3] = {
        {0x0061, 0x007A, 1}, {0x00DF, 0x00F6, 1}, {0x00F8, 0x00FF, 1}, {0x0101, 0x0137, 2}, {0x0138, 0x0148, 2},
        {0x0149, 0x0177, 2}, {0x017A, 0x017E, 2}, {0x017F, 0x0180, 1}, {0x0183, 0x0185, 2}, {0x0188, 0x0188, 1},
        {0x018C, 0x018D, 1}, {0x0192, 0x0192, 1}, {0x0195, 0x0195, 1}, {0x0199, 0x019B, 1}, {0x019E, 0x019E, 1},
        {0x01A1, 0x01A5, 2}, {0x01A8, 0x01AA, 2}, {0x01AB, 0x01AD, 2}, {0x01B0, 0x01B0, 1}, {0x01B4, 0x01B6, 2},
        {0x01B9, 0x01BA, 1}, {0x01BD, 0x01BF, 1}, {0x01C6, 0x01C6, 1}, {0x01C9, 0x01C9, 1}, {0x01CC, 0x01DC, 2},
        {0x01DD, 0x01EF, 2}, {0x01F0, 0x01F0, 1}, {0x01F3, 0x01F5, 2}, {0x01F9, 0x0233, 2}, {0x0234, 0x0239, 1},
        {0x023C, 0x023C, 1}, {0x023F, 0x0240, 1}, {0x0242, 0x0242, 1}, {0x0247, 0x024F, 2}, {0x0250, 0x0293, 1},
        {0x0295, 0x02AF, 1}, {0x0371, 0x0373, 2}, {0x0377, 0x0377, 1}, {0x037B, 0x037D, 1}, {0x0390, 0x0390, 1},
        {0x03AC, 0x03CE, 1}, {0x03D0, 0x03D1, 1}, {0x03D5, 0x03D7, 1}, {0x03D9, 0x03E1, 2}, {0x03F0, 0x03F3, 1},
        {0x03F5, 0x03F5, 1}, {0x03F8, 0x03F8, 1}, {0x03FB, 0x03FC, 1}, {0x0430, 0x045F, 1}, {0x0461, 0x0481, 2},
        {0x048B, 0x04BF, 2}, {0x04C2, 0x04CE, 2}, {0x04CF, 0x052F, 2}, {0x0560, 0x0588, 1}, {0x10D0, 0x10FA, 1},
        {0x10FD, 0x10FF, 1}, {0x1E01, 0x1E95, 2}, {0x1E96, 0x1E9D, 1}, {0x1E9F, 0x1EFF, 2}, {0x1F00, 0x1F07, 1},
        {0x1F10, 0x1F15, 1}, {0x1F20, 0x1F27, 1}, {0x1F30, 0x1F37, 1}, {0x1F40, 0x1F45, 1}, {0x1F50, 0x1F57, 1},
        {0x1F60, 0x1F67, 1}, {0x1F70, 0x1F7D, 1}, {0x1F80, 0x1F87, 1}, {0x1F90, 0x1F97, 1}, {0x1FA0, 0x1FA7, 1},
        {0x1FB0, 0x1FB4, 1}, {0x1FB6, 0x1FB7, 1}, {0x1FBE, 0x1FBE, 1}, {0x1FC2, 0x1FC4, 1}, {0x1FC6, 0x1FC7, 1},
        {0x1FD0, 0x1FD3, 1}, {0x1FD6, 0x1FD7, 1}, {0x1FE0, 0x1FE7, 1}, {0x1FF2, 0x1FF4, 1}, {0x1FF6, 0x1FF7, 1},
        {0xFB00, 0xFB06, 1}, {0xFB13, 0xFB17, 1}};
    size_t i = 0;
    uint32_t c = len ? ocrvl_utf8_next(text, len, &i) : 0;
    for (size_t k = 0; k < sizeof lower / sizeof *lower && lower[k][0] <= c; k++)
        if (c <= lower[k][1] && (c - lower[k][0]) % lower[k][2] == 0)
            return true;
    return false;
}

static size_t skip_space(const char *s, size_t n, size_t i)
{
    for (size_t next = i; i < n; i = next)
        if (!ocrvl_is_space(ocrvl_utf8_next(s, n, &next)))
            break;
    return i;
}

static size_t word_end(const char *s, size_t n, size_t i)
{
    for (size_t next = i; i < n; i = next)
        if (ocrvl_is_space(ocrvl_utf8_next(s, n, &next)))
            break;
    return i;
}

void ocrvl_put_joined(ocrvl_buf *b, const char *s, const ocrvl_vocabulary *words)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        size_t end = i + strcspn(s + i, "\n"), last = end;
        while (last > i && s[last - 1] == ' ')
            last--;
        size_t hyphen = ocrvl_hyphen(s + i, last - i), next = end < n ? skip_space(s, n, end + 1) : n;
        if (!hyphen || !ocrvl_begins_lower(s + next, n - next)) {
            ocrvl_buf_put(b, s + i, end - i);
            i = end;
            if (i < n) {
                ocrvl_buf_putc(b, '\n');
                i++;
            }
            continue;
        }
        size_t stop = word_end(s, n, next), head = last - hyphen - i;
        bool own = ocrvl_vocabulary_keeps_hyphen(words, s + i, head, s + next, stop - next);
        ocrvl_buf_put(b, s + i, own ? last - i : head);
        i = next;
        if (stop < n && s[stop] != '\n') {
            ocrvl_buf_put(b, s + next, stop - next);
            ocrvl_buf_putc(b, '\n');
            i = skip_space(s, n, stop);
        }
    }
}

/* ---- tables ------------------------------------------------------------------------------------------ */

void ocrvl_grid_begin(ocrvl_table_grid *g, const ocrvl_node *table)
{
    memset(g, 0, sizeof *g);
    g->next = ocrvl_node_first(table);
    for (const ocrvl_node *cell = g->next; cell; cell = ocrvl_node_next(cell)) {
        ocrvl_node_info i = ocrvl_info(cell);
        if (i.row + i.row_span > g->rows)
            g->rows = i.row + i.row_span;
        if (i.col + i.col_span > g->columns)
            g->columns = i.col + i.col_span;
    }
}

ocrvl_grid_step ocrvl_grid_next(ocrvl_table_grid *g, const ocrvl_node **cell)
{
    while (g->row < g->rows) {
        if (!g->begun) {
            g->begun = true;
            return OCRVL_GRID_ROW;
        }
        if (g->column == g->columns) {
            g->row++;
            g->column = 0;
            g->begun = false;
            continue;
        }
        uint32_t at = g->column;
        ocrvl_node_info i = g->next ? ocrvl_info(g->next) : (ocrvl_node_info){.row = UINT32_MAX};
        if (i.row == g->row && i.col == at) {
            for (uint32_t c = i.col; c < i.col + i.col_span; c++)
                g->until[c] = i.row + i.row_span;
            *cell = g->next;
            g->next = ocrvl_node_next(g->next);
            g->column += i.col_span;
            return OCRVL_GRID_CELL;
        }
        g->column++;
        if (g->until[at] <= g->row)
            return OCRVL_GRID_GAP;
    }
    return OCRVL_GRID_END;
}

void ocrvl_put_cell_text(ocrvl_buf *b, const ocrvl_node *cell, const ocrvl_vocabulary *join)
{
    ocrvl_node_info i = ocrvl_info(cell);
    ocrvl_buf_clear(b);
    if (join)
        ocrvl_put_joined(b, i.text, join);
    else
        ocrvl_buf_puts(b, i.text);
    for (char *c = b->failed ? NULL : b->data; c && *c; c++)
        *c = *c == '\n' ? ' ' : *c;
}

/* ---- notes ------------------------------------------------------------------------------------------- */

void ocrvl_put_notes(ocrvl_xml *x, const ocrvl_page *page)
{
    ocrvl_page_info i = ocrvl_info_of_page(page);
    ocrvl_buf b = {0};
    if (i.status != OCRVL_PAGE_OK) {
        ocrvl_buf_printf(&b, "page status: %s", ocrvl_page_status_name(i.status));
        if (i.error_code)
            ocrvl_buf_printf(&b, " (%s): %s", i.error_code, i.error_message);
        ocrvl_xml_comment(x, b.failed ? NULL : b.data);
    }
    for (uint32_t k = 0; k < i.warnings; k++) {
        const char *code, *message;
        ocrvl_page_warning(page, k, &code, &message);
        ocrvl_buf_clear(&b);
        ocrvl_buf_printf(&b, "warning (%s): %s", code, message);
        ocrvl_xml_comment(x, b.failed ? NULL : b.data);
    }
    ocrvl_buf_free(&b);
}

void ocrvl_put_newline(ocrvl_writer *w) { ocrvl_xml_raw(w->xml, "\n"); }

void ocrvl_put_html_end(ocrvl_writer *w)
{
    for (int i = 0; i < 2; i++) {
        ocrvl_xml_close_pair(w->xml);
        ocrvl_put_newline(w);
    }
}
