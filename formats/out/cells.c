#include "out/cells.h"

#include <string.h>

#include "base/bullets.h"
#include "base/utf8.h"

#define SPACE 0.35f /* of a line's height: a word's space with some doubt */

typedef struct extent { /* of text from side to side; empty if x1 <= x0 */
    float x0, x1;
} extent;

static void stretch(extent *e, const ocrvl_box *b)
{
    if (e->x1 <= e->x0) {
        *e = (extent){(float)b->x0, (float)b->x1};
        return;
    }
    e->x0 = (float)b->x0 < e->x0 ? (float)b->x0 : e->x0;
    e->x1 = (float)b->x1 > e->x1 ? (float)b->x1 : e->x1;
}

static extent extent_of(const ocrvl_node *cell)
{
    extent e = {0, 0};
    for (const ocrvl_node *line = ocrvl_node_first(cell); line; line = ocrvl_node_next(line)) {
        ocrvl_node_info i = ocrvl_info(line);
        if (ocrvl_has_box(&i))
            stretch(&e, &i.box);
    }
    return e;
}

/* What the text of a cell may take up: its box but for what is left free at its narrower side. */
static float room_of(const ocrvl_node *cell)
{
    extent e = extent_of(cell);
    ocrvl_node_info i = ocrvl_info(cell);
    float left = e.x0 - (float)i.box.x0, right = (float)i.box.x1 - e.x1, free = left < right ? left : right;
    if (e.x1 <= e.x0)
        return 0;
    return ocrvl_has_box(&i) && free > 0 ? (float)(i.box.x1 - i.box.x0) - 2 * free : e.x1 - e.x0;
}

void ocrvl_measure_columns(ocrvl_column_widths *w, const ocrvl_node *table)
{
    memset(w, 0, sizeof *w);
    for (const ocrvl_node *cell = ocrvl_node_first(table); cell; cell = ocrvl_node_next(cell)) {
        ocrvl_node_info i = ocrvl_info(cell);
        float room = i.col_span == 1 && i.col < OCRVL_GRID_COLUMNS ? room_of(cell) : 0;
        if (room > 0 && room > w->at[i.col])
            w->at[i.col] = room;
    }
}

/* The width of a line's first word, or 0 if it isn't known. */
static float first_word(const ocrvl_node *line)
{
    ocrvl_pieces it;
    ocrvl_piece p;
    ocrvl_pieces_begin(&it, line);
    if (!ocrvl_pieces_next(&it, &p) || !p.word)
        return 0;
    ocrvl_node_info i = ocrvl_info(p.word);
    return ocrvl_has_box(&i) ? (float)(i.box.x1 - i.box.x0) : 0;
}

/* Whether the text of the next line would have stood in this one if it belonged to it, or is an item of a list. */
static bool ends(const ocrvl_node *line, const ocrvl_node *next, float room)
{
    ocrvl_node_info a = ocrvl_info(line), b = ocrvl_info(next);
    float word = first_word(next), height = (float)(a.box.y1 - a.box.y0);
    size_t at = 0, n = strlen(b.text);
    uint32_t c = n ? ocrvl_utf8_next(b.text, n, &at) : 0;
    bool item = ocrvl_is_bullet(c) && (at == n || b.text[at] == ' ');
    if (item || room <= 0 || word <= 0 || !ocrvl_has_box(&a) || !ocrvl_has_box(&b))
        return true;
    return (float)(a.box.x1 - a.box.x0) + SPACE * height + word <= room;
}

void ocrvl_put_cell_lines(ocrvl_buf *b, const ocrvl_node *cell, const ocrvl_column_widths *w,
                          const ocrvl_vocabulary *join)
{
    ocrvl_node_info i = ocrvl_info(cell);
    const ocrvl_node *line = ocrvl_node_first(cell), *next;
    ocrvl_buf run = {0};
    float room = i.col_span == 1 && i.col < OCRVL_GRID_COLUMNS ? w->at[i.col] : room_of(cell);
    ocrvl_buf_clear(b);
    if (!join || !line) {
        ocrvl_buf_puts(b, i.text);
        return;
    }
    for (; line; line = next) {
        next = ocrvl_node_next(line);
        ocrvl_buf_puts(&run, ocrvl_info(line).text);
        if (next && !ends(line, next, room)) {
            ocrvl_buf_putc(&run, '\n');
            continue;
        }
        size_t from = b->len;
        ocrvl_put_joined(b, run.data ? run.data : "", join);
        for (size_t k = from; k < b->len && !b->failed; k++)
            b->data[k] = b->data[k] == '\n' ? ' ' : b->data[k];
        if (next)
            ocrvl_buf_putc(b, '\n');
        ocrvl_buf_clear(&run);
    }
    b->failed |= run.failed;
    ocrvl_buf_free(&run);
}

/* ---- HTML -------------------------------------------------------------------------------------------- */

/* Writes text as HTML, with a break between lines. */
static void put_html_text(ocrvl_buf *b, const char *s)
{
    for (; *s; s++)
        switch (*s) {
        case '&': ocrvl_buf_puts(b, "&amp;"); break;
        case '<': ocrvl_buf_puts(b, "&lt;"); break;
        case '>': ocrvl_buf_puts(b, "&gt;"); break;
        case '\n': ocrvl_buf_puts(b, "<br>"); break;
        default: ocrvl_buf_putc(b, *s);
        }
}

static void put_html_cell(ocrvl_buf *h, const ocrvl_node_info *cell, const char *text)
{
    ocrvl_buf_puts(h, cell->header ? "<th" : "<td");
    if (cell->row_span > 1)
        ocrvl_buf_printf(h, " rowspan=\"%u\"", cell->row_span);
    if (cell->col_span > 1)
        ocrvl_buf_printf(h, " colspan=\"%u\"", cell->col_span);
    ocrvl_buf_putc(h, '>');
    put_html_text(h, text);
    ocrvl_buf_puts(h, cell->header ? "</th>" : "</td>");
}

void ocrvl_put_html_table(ocrvl_buf *b, const ocrvl_node *table, const ocrvl_vocabulary *join)
{
    const ocrvl_node *cell;
    ocrvl_table_grid g;
    ocrvl_column_widths widths;
    ocrvl_buf text = {0};
    bool row = false;
    ocrvl_buf_puts(b, ocrvl_table_runs_leftwards(table) ? "<table dir=\"rtl\">" : "<table>");
    ocrvl_measure_columns(&widths, table);
    ocrvl_grid_begin(&g, table);
    for (ocrvl_grid_step step; (step = ocrvl_grid_next(&g, &cell)) != OCRVL_GRID_END;) {
        if (step == OCRVL_GRID_ROW)
            ocrvl_buf_puts(b, row ? "</tr><tr>" : "<tr>");
        row = true;
        if (step == OCRVL_GRID_GAP)
            ocrvl_buf_puts(b, "<td></td>");
        if (step == OCRVL_GRID_CELL) {
            ocrvl_node_info i = ocrvl_info(cell);
            ocrvl_put_cell_lines(&text, cell, &widths, join);
            put_html_cell(b, &i, text.data ? text.data : "");
        }
    }
    ocrvl_buf_puts(b, row ? "</tr></table>" : "</table>");
    b->failed |= text.failed;
    ocrvl_buf_free(&text);
}
