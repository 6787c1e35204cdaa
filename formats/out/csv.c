/* Comma-separated values (RFC 4180): the tables alone, one after another with a blank line between them; one that goes
 * on over pages is one. Each position of a table is a field; a cell that spans several has its text in the first, and
 * the others are empty. The lines of a cell are joined by spaces, so that a record is a line. */
#include <string.h>

#include "out/continued.h"
#include "out/parts.h"
#include "out/writer.h"

static void put_field(ocrvl_buf *b, const char *text)
{
    bool quoted = strpbrk(text, ",\"") != NULL;
    if (quoted)
        ocrvl_buf_putc(b, '"');
    for (; *text; text++) {
        if (*text == '"')
            ocrvl_buf_putc(b, '"');
        ocrvl_buf_putc(b, *text);
    }
    if (quoted)
        ocrvl_buf_putc(b, '"');
}

/* Goes on to a column, from the one that *at says. */
static void go_to(ocrvl_buf *b, uint32_t *at, uint32_t column)
{
    for (; *at < column; ++*at)
        ocrvl_buf_putc(b, ',');
}

/* An empty field alone would be a blank line, which parts tables. */
static void end_row(ocrvl_buf *b, uint32_t *at, const ocrvl_table_grid *g, bool text)
{
    if (g->columns == 1 && !text)
        ocrvl_buf_puts(b, "\"\"");
    go_to(b, at, g->columns - 1);
    ocrvl_buf_puts(b, "\r\n");
}

/* skip: rows that are left out. */
static void put_table(ocrvl_writer *w, const ocrvl_node *table, uint32_t skip)
{
    ocrvl_table_grid g;
    const ocrvl_node *cell;
    ocrvl_buf text = {0};
    uint32_t at = 0;
    bool begun = false, any = false;
    ocrvl_grid_begin(&g, table);
    for (ocrvl_grid_step step; (step = ocrvl_grid_next(&g, &cell)) != OCRVL_GRID_END;) {
        if (g.row < skip)
            continue;
        if (step == OCRVL_GRID_ROW) {
            if (begun)
                end_row(&w->buf, &at, &g, any);
            begun = true;
            any = false;
            at = 0;
        } else if (step == OCRVL_GRID_CELL) {
            ocrvl_put_cell_text(&text, cell, ocrvl_joining(w));
            go_to(&w->buf, &at, ocrvl_info(cell).col);
            any |= text.len > 0;
            put_field(&w->buf, text.data ? text.data : "");
        }
    }
    if (begun)
        end_row(&w->buf, &at, &g, any);
    w->nomem |= text.failed;
    ocrvl_buf_free(&text);
}

static void csv_page(ocrvl_writer *w, const ocrvl_page *page, const ocrvl_page_place *place)
{
    uint32_t number = 0;
    uint32_t repeats;
    const ocrvl_node *goes_on = ocrvl_continued_table(&w->last, page, place, &repeats);
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        if (ocrvl_info(n).role != OCRVL_ROLE_TABLE || !ocrvl_node_first(n))
            continue;
        if (w->opt.table && ++number != w->opt.table)
            continue;
        if (w->tables++ && n != goes_on)
            ocrvl_buf_puts(&w->buf, "\r\n");
        put_table(w, n, n == goes_on ? repeats : 0);
    }
}

const ocrvl_writer_ops ocrvl_csv_ops = {.page = csv_page};
