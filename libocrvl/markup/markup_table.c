/* Tables: cells become a grid without holes or overlaps, from the two notations that models use. The grid is never
 * larger than the cells in the text warrant, whatever spans they claim. */
#include <string.h>

#include "base/mem.h"
#include "markup/markup_parts.h"

#define MAX_COL_SPAN 1000u
#define MAX_ROW_SPAN 65534u /* the limits of HTML */
#define MAX_ADDED 256u      /* empty cells that are added, beyond three for each existing one */

/* ---- the grid ---------------------------------------------------------------------------------------- */

void ocrvl_markup_table_begin(ocrvl_markup_parser *p)
{
    ocrvl_markup_grid *g = &p->grid;
    memset(g->until, 0, g->width * sizeof *g->until);
    memset(g->begins, 0, g->width * sizeof *g->begins);
    g->in_row = false;
    g->first_cell = p->doc->cell_count;
    g->row = g->col = g->width = g->row_cells = g->covered = 0;
}

void ocrvl_markup_row_begin(ocrvl_markup_parser *p)
{
    p->grid.in_row = true;
    p->grid.col = p->grid.row_cells = 0;
}

static ocrvl_markup_cell *new_cell(ocrvl_markup_parser *p)
{
    ocrvl_markup *doc = p->doc;
    if (!OCRVL_MARKUP_RESERVE(p, doc->cells, p->cell_cap, doc->cell_count + 1))
        return NULL;
    ocrvl_markup_cell *cell = &doc->cells[doc->cell_count++];
    memset(cell, 0, sizeof *cell);
    return cell;
}

/* Occupies the cell's columns; occupied ones cut it. Returns its width. */
static uint32_t cover(ocrvl_markup_parser *p, uint32_t col, uint32_t col_span, uint32_t until, uint32_t at)
{
    ocrvl_markup_grid *g = &p->grid;
    uint32_t k = col;
    for (; k < OCRVL_MARKUP_GRID && k - col < col_span && g->until[k] <= g->row; k++)
        g->until[k] = until;
    if (k - col < col_span)
        ocrvl_markup_note(p, OCRVL_MARKUP_SPAN_CUT, at);
    g->begins[col] = true;
    g->col = k;
    g->width = k > g->width ? k : g->width;
    g->covered = until > g->covered ? until : g->covered;
    return k - col;
}

void ocrvl_markup_add_cell(ocrvl_markup_parser *p, uint32_t row_span, uint32_t col_span, bool header, bool collapse,
                           uint32_t at)
{
    ocrvl_markup_grid *g = &p->grid;
    while (g->col < OCRVL_MARKUP_GRID && g->until[g->col] > g->row)
        g->col++;
    if (g->col == OCRVL_MARKUP_GRID) {
        ocrvl_markup_run *last = &p->doc->cells[p->doc->cell_count - 1].text;
        ocrvl_markup_note(p, OCRVL_MARKUP_CELLS_JOINED, at);
        ocrvl_markup_run_resume(p, last);
        ocrvl_markup_put_text(p, &p->cell, true, collapse);
        ocrvl_markup_run_end(p, last);
        return;
    }
    ocrvl_markup_run text;
    ocrvl_markup_run_begin(p, &text);
    ocrvl_markup_put_text(p, &p->cell, true, collapse);
    ocrvl_markup_run_end(p, &text);
    ocrvl_markup_cell *cell = new_cell(p);
    if (!cell)
        return;
    cell->row = g->row;
    cell->col = g->col;
    cell->row_span = row_span ? row_span : UINT32_MAX - g->row;
    cell->col_span = cover(p, g->col, col_span, g->row + cell->row_span, at);
    cell->header = header;
    cell->text = text;
    g->row_cells++;
}

/* A row counts if a cell begins in it or reaches into it. */
void ocrvl_markup_row_end(ocrvl_markup_parser *p, uint32_t at)
{
    ocrvl_markup_grid *g = &p->grid;
    if (g->in_row && (g->row_cells || g->covered > g->row))
        g->row++;
    g->in_row = false;
    if (g->row < OCRVL_MARKUP_GRID)
        return;
    ocrvl_markup_note(p, OCRVL_MARKUP_TABLE_SPLIT, at);
    ocrvl_markup_table_end(p, at);
    ocrvl_markup_table_begin(p);
}

/* Cuts cells that reach past the last row, and removes columns in which no cell begins. */
static void cut(ocrvl_markup_parser *p, uint32_t at)
{
    const ocrvl_markup_grid *g = &p->grid;
    uint32_t rank[OCRVL_MARKUP_GRID + 1] = {0}; /* number of columns with a cell's beginning before each column */
    for (uint32_t c = 0; c < g->width; c++)
        rank[c + 1] = rank[c] + g->begins[c];
    if (rank[g->width] < g->width)
        ocrvl_markup_note(p, OCRVL_MARKUP_SPAN_CUT, at);
    for (uint32_t k = g->first_cell; k < p->doc->cell_count; k++) {
        ocrvl_markup_cell *cell = &p->doc->cells[k];
        if (cell->row_span > g->row - cell->row) {
            if (cell->row_span != UINT32_MAX - cell->row)
                ocrvl_markup_note(p, OCRVL_MARKUP_SPAN_CUT, at);
            cell->row_span = g->row - cell->row;
        }
        uint32_t end = cell->col + cell->col_span;
        cell->col = rank[cell->col];
        cell->col_span = rank[end] - cell->col;
    }
}

/* Walks the grid along the cells in order. If `out` isn't NULL, the cells and the empty ones between them are written
 * there. Returns how many are missing. */
static uint32_t fill(ocrvl_markup_parser *p, uint32_t rows, uint32_t cols, ocrvl_markup_cell *out)
{
    uint32_t until[OCRVL_MARKUP_GRID] = {0}, missing = 0, k = p->grid.first_cell;
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t col = 0; col < cols; col++) {
            const ocrvl_markup_cell *cell = k < p->doc->cell_count ? &p->doc->cells[k] : NULL;
            if (until[col] > row)
                continue;
            if (!cell || cell->row != row || cell->col != col) {
                missing++;
                if (out)
                    *out++ = (ocrvl_markup_cell){.row = row, .col = col, .row_span = 1, .col_span = 1};
                continue;
            }
            for (uint32_t c = col; c < col + cell->col_span; c++)
                until[c] = row + cell->row_span;
            if (out)
                *out++ = *cell;
            k++;
        }
    return missing;
}

static void add_missing(ocrvl_markup_parser *p, uint32_t rows, uint32_t cols, uint32_t at)
{
    ocrvl_markup *doc = p->doc;
    uint32_t first = p->grid.first_cell, there = doc->cell_count - first;
    uint32_t missing = rows * cols <= 4 * there + MAX_ADDED ? fill(p, rows, cols, NULL) : UINT32_MAX;
    if (missing)
        ocrvl_markup_note(p, OCRVL_MARKUP_CELLS_MISSING, at);
    if (missing == 0 || missing == UINT32_MAX)
        return;
    uint32_t total = there + missing;
    if (!OCRVL_MARKUP_RESERVE(p, doc->cells, p->cell_cap, first + total))
        return;
    ocrvl_markup_cell *all = ocrvl_alloc_array(total, sizeof *all);
    if (!all) {
        p->failed = true;
        return;
    }
    fill(p, rows, cols, all);
    memcpy(doc->cells + first, all, total * sizeof *all);
    doc->cell_count = first + total;
    ocrvl_free(all);
}

void ocrvl_markup_table_end(ocrvl_markup_parser *p, uint32_t at)
{
    ocrvl_markup_grid *g = &p->grid;
    uint32_t cols = 0;
    if (p->failed)
        return;
    if (p->doc->cell_count == g->first_cell) {
        ocrvl_markup_note(p, OCRVL_MARKUP_TABLE_EMPTY, at);
        return;
    }
    cut(p, at);
    for (uint32_t c = 0; c < g->width; c++)
        cols += g->begins[c];
    add_missing(p, g->row, cols, at);
    ocrvl_markup_block *b = ocrvl_markup_place_block(p, OCRVL_ROLE_TABLE);
    if (!b)
        return;
    b->rows = g->row;
    b->cols = cols;
    b->first_cell = g->first_cell;
    b->cell_count = p->doc->cell_count - g->first_cell;
}

/* ---- HTML -------------------------------------------------------------------------------------------- */

typedef struct html_table {
    ocrvl_markup_parser *p;
    uint32_t at;    /* where the table began */
    uint32_t depth; /* depth of nested tables within a cell */
    bool in_cell, in_caption, cell_header, head;
    uint32_t row_span, col_span, cell_at;
} html_table;

static void close_cell(html_table *t)
{
    ocrvl_markup_parser *p = t->p;
    if (t->in_cell)
        ocrvl_markup_add_cell(p, t->row_span, t->col_span, t->cell_header, true, t->cell_at);
    if (t->in_caption) {
        ocrvl_markup_run text;
        ocrvl_markup_run_begin(p, &text);
        ocrvl_markup_put_text(p, &p->cell, true, true);
        ocrvl_markup_run_end(p, &text);
        ocrvl_markup_block *b = text.count ? ocrvl_markup_place_block(p, OCRVL_ROLE_CAPTION) : NULL;
        if (b)
            b->text = text;
    }
    t->in_cell = t->in_caption = false;
    p->cell.n = 0;
}

static uint32_t span_of(html_table *t, const ocrvl_markup_tag *tag, const char *name, uint32_t most)
{
    const uint32_t *in = t->p->in;
    uint32_t from, to, v = 0;
    if (!ocrvl_markup_attribute(in, tag, name, &from, &to))
        return 1;
    bool bad = from == to;
    for (uint32_t i = from; i < to && !bad; i++) {
        bad = in[i] < '0' || in[i] > '9';
        v = bad ? 1 : v > most ? v : v * 10 + in[i] - '0';
    }
    if (bad || v > most)
        ocrvl_markup_note(t->p, OCRVL_MARKUP_SPAN_BAD, from);
    return from == to ? 1 : v > most ? most : v;
}

/* tag is NULL for a cell that no tag opens */
static void open_cell(html_table *t, const ocrvl_markup_tag *tag, uint32_t at)
{
    ocrvl_markup_parser *p = t->p;
    if (!p->grid.in_row) {
        if (tag)
            ocrvl_markup_note(p, OCRVL_MARKUP_ROW_NOT_OPENED, at);
        ocrvl_markup_row_begin(p);
    }
    t->in_cell = true;
    t->cell_at = at;
    t->cell_header = tag ? t->head || tag->class == OCRVL_TAG_HEADER_CELL : false;
    t->row_span = tag ? span_of(t, tag, "rowspan", MAX_ROW_SPAN) : 1;
    t->col_span = tag ? span_of(t, tag, "colspan", MAX_COL_SPAN) : 1;
    t->col_span = t->col_span ? t->col_span : 1;
}

/* A table within a cell: its rows become lines, its cells become words. */
static void nested(html_table *t, const ocrvl_markup_tag *tag, uint32_t at)
{
    bool line = tag->class == OCRVL_TAG_ROW || tag->class == OCRVL_TAG_TABLE || tag->class == OCRVL_TAG_CAPTION;
    if (tag->class == OCRVL_TAG_TABLE)
        t->depth += tag->closing ? -1u : 1u;
    ocrvl_markup_push(t->p, &t->p->cell, line ? '\n' : ' ', at);
}

static void implied_end(html_table *t, bool also_row, uint32_t at)
{
    if (t->in_cell)
        ocrvl_markup_note(t->p, OCRVL_MARKUP_CELL_NOT_CLOSED, at);
    close_cell(t);
    if (also_row && t->p->grid.in_row)
        ocrvl_markup_row_end(t->p, at);
}

static void cell_tag(html_table *t, const ocrvl_markup_tag *tag, uint32_t at)
{
    if (!tag->closing) {
        implied_end(t, false, at);
        open_cell(t, tag, at);
    } else if (t->in_cell)
        close_cell(t);
    else
        ocrvl_markup_note(t->p, OCRVL_MARKUP_STRAY_TAG, at);
}

static void caption_tag(html_table *t, const ocrvl_markup_tag *tag, uint32_t at)
{
    bool was = t->in_caption;
    implied_end(t, true, at);
    if (!tag->closing && t->p->doc->cell_count == t->p->grid.first_cell)
        t->in_caption = true;
    else if (!tag->closing || !was)
        ocrvl_markup_note(t->p, OCRVL_MARKUP_STRAY_TAG, at);
}

/* Returns false at the table's end. */
static bool structure(html_table *t, const ocrvl_markup_tag *tag, uint32_t at)
{
    if (t->depth > 0 || (tag->class == OCRVL_TAG_TABLE && !tag->closing)) {
        if (tag->class == OCRVL_TAG_TABLE && !tag->closing)
            ocrvl_markup_note(t->p, OCRVL_MARKUP_TABLE_NESTED, at);
        if (!t->in_cell && !t->in_caption)
            open_cell(t, NULL, at);
        nested(t, tag, at);
        return true;
    }
    switch (tag->class) {
    case OCRVL_TAG_CELL:
    case OCRVL_TAG_HEADER_CELL: cell_tag(t, tag, at); return true;
    case OCRVL_TAG_CAPTION: caption_tag(t, tag, at); return true;
    case OCRVL_TAG_COLUMN: return true;
    default:
        implied_end(t, true, at);
        t->head = tag->class == OCRVL_TAG_HEAD ? !tag->closing : t->head && tag->class == OCRVL_TAG_ROW;
        if (tag->class == OCRVL_TAG_ROW && !tag->closing)
            ocrvl_markup_row_begin(t->p);
        return tag->class != OCRVL_TAG_TABLE;
    }
}

static void text_at(html_table *t, uint32_t i)
{
    ocrvl_markup_parser *p = t->p;
    uint32_t c = p->in[i];
    bool space = c == '\n' || c == '\r' || ocrvl_markup_is_blank(c);
    if (!t->in_cell && !t->in_caption) {
        if (space)
            return;
        ocrvl_markup_note(p, OCRVL_MARKUP_TEXT_OUTSIDE_CELL, i);
        open_cell(t, NULL, i);
    }
    ocrvl_markup_push(p, &p->cell, c == '\n' || c == '\r' ? ' ' : c, i);
}

/* Whether a tag that closes part of a table follows later; the result is cached. */
static bool closes_later(ocrvl_markup_parser *p, uint32_t i)
{
    uint32_t *k = &p->table_end;
    if (*k < i)
        for (*k = i;
             *k < p->n && !(p->in[*k] == '<' && *k + 2 < p->n && p->in[*k + 1] == '/' && (p->in[*k + 2] | 32) == 't');)
            ++*k;
    return *k < p->n;
}

/* Whether a table that is never closed ends at the beginning of a line: after a blank line, before something that is no
 * tag, and outside its cells or in a cell that is never closed. */
static bool seems_over(const html_table *t, uint32_t i, bool after_blank)
{
    ocrvl_markup_parser *p = t->p;
    if (!after_blank || i == p->n || p->in[i] == '<' || p->in[i] == '\n' || p->in[i] == '\r')
        return false;
    return (!t->in_cell && !t->in_caption) || !closes_later(p, i);
}

/* From the line break at i to the text of the next line. */
static uint32_t next_line(const ocrvl_markup_parser *p, uint32_t i)
{
    i += p->in[i] == '\r' && i + 1 < p->n && p->in[i + 1] == '\n' ? 2 : 1;
    return ocrvl_markup_skip_prefix(p, i);
}

uint32_t ocrvl_markup_html_table(ocrvl_markup_parser *p, uint32_t i)
{
    html_table t = {.p = p, .at = i};
    ocrvl_markup_tag tag;
    bool blank = false, closed = false;
    ocrvl_markup_table_begin(p);
    if (ocrvl_markup_tag_at(p->in, p->n, i, &tag) && tag.class == OCRVL_TAG_TABLE)
        i = tag.end;
    else
        ocrvl_markup_note(p, OCRVL_MARKUP_TABLE_NOT_OPENED, i);
    while (i < p->n && !p->failed && !closed) {
        if (p->in[i] == '<' && ocrvl_markup_tag_at(p->in, p->n, i, &tag) && tag.class >= OCRVL_TAG_CAPTION) {
            closed = !structure(&t, &tag, i);
            i = tag.end;
            blank = false;
            continue;
        }
        text_at(&t, i);
        if (p->in[i] != '\n' && p->in[i] != '\r') {
            i++;
            continue;
        }
        i = next_line(p, i);
        if (seems_over(&t, i, blank))
            break;
        blank = blank || (i < p->n && (p->in[i] == '\n' || p->in[i] == '\r'));
    }
    if (!closed) {
        ocrvl_markup_note(p, OCRVL_MARKUP_TABLE_NOT_CLOSED, t.at);
        implied_end(&t, true, i);
    }
    ocrvl_markup_table_end(p, t.at);
    return i;
}

/* ---- pipes ------------------------------------------------------------------------------------------- */

static bool is_blank(uint32_t c) { return c == ' ' || c == '\t'; }

/* Removes white space and the outer pipes. */
static void inner(const uint32_t *c, uint32_t *from, uint32_t *to)
{
    while (*from < *to && is_blank(c[*from]))
        ++*from;
    while (*to > *from && is_blank(c[*to - 1]))
        --*to;
    if (*from < *to && c[*from] == '|')
        ++*from;
    if (*to > *from && c[*to - 1] == '|' && !(*to - *from > 1 && c[*to - 2] == '\\'))
        --*to;
}

/* The next pipe that separates cells, or to. */
static uint32_t next_pipe(const uint32_t *c, uint32_t from, uint32_t to)
{
    while (from < to && c[from] != '|')
        from += c[from] == '\\' && from + 1 < to ? 2 : 1;
    return from;
}

uint32_t ocrvl_markup_pipe_count(const uint32_t *c, uint32_t n)
{
    uint32_t from = 0, to = n, cells = 1;
    if (next_pipe(c, 0, n) == n)
        return 0;
    inner(c, &from, &to);
    while ((from = next_pipe(c, from, to)) < to) {
        cells++;
        from++;
    }
    return cells;
}

uint32_t ocrvl_markup_pipe_rule(const uint32_t *c, uint32_t n)
{
    uint32_t from = 0, to = n, columns = 0;
    inner(c, &from, &to);
    while (from < to) {
        bool dash = false;
        while (from < to && is_blank(c[from]))
            from++;
        from += from < to && c[from] == ':';
        for (; from < to && c[from] == '-'; from++)
            dash = true;
        from += from < to && c[from] == ':';
        while (from < to && is_blank(c[from]))
            from++;
        if (!dash || (from < to && c[from] != '|'))
            return 0;
        columns++;
        from++;
    }
    return columns;
}

void ocrvl_markup_pipe_row(ocrvl_markup_parser *p, const uint32_t *c, const uint32_t *src, uint32_t n, bool header)
{
    uint32_t from = 0, to = n;
    inner(c, &from, &to);
    ocrvl_markup_row_begin(p);
    for (bool more = true; more && !p->failed; from++) {
        uint32_t end = next_pipe(c, from, to);
        for (uint32_t i = from; i < end; i++)
            ocrvl_markup_push(p, &p->cell, c[i], src[i]);
        ocrvl_markup_add_cell(p, 1, 1, header, false, n ? src[0] : 0);
        more = end < to;
        from = end;
    }
    ocrvl_markup_row_end(p, n ? src[0] : 0);
}
