#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "read/own_cells.h"
#include "read/own_tags.h"

enum { MOST_COLUMNS = 500, MOST_POSITIONS = 500000 };

typedef struct range { /* lines of the layout */
    size_t first, end;
} range;

/* Whether the tags [n] have the cells of a table: row by row, each in its place, without overlaps. */
static bool fits(const ocrvl_own_tag *g, size_t n, uint32_t *rows, uint32_t *columns)
{
    uint32_t until[MOST_COLUMNS] = {0};
    const ocrvl_own_tag *last = NULL;
    *rows = *columns = 0;
    for (size_t i = 0; i < n; i++) {
        const ocrvl_own_tag *c = &g[i];
        if (!c->table)
            continue;
        if (c->col >= MOST_COLUMNS || !c->col_span || c->col_span > MOST_COLUMNS - c->col || c->row > MOST_POSITIONS ||
            !c->row_span || c->row_span > MOST_POSITIONS)
            return false;
        if (last && (c->row < last->row || (c->row == last->row && c->col <= last->col)))
            return false;
        for (uint32_t k = c->col; k < c->col + c->col_span; k++) {
            if (until[k] > c->row)
                return false;
            until[k] = c->row + c->row_span;
        }
        *rows = c->row + c->row_span > *rows ? c->row + c->row_span : *rows;
        *columns = c->col + c->col_span > *columns ? c->col + c->col_span : *columns;
        last = c;
    }
    return (uint64_t)*rows * *columns <= MOST_POSITIONS && *rows * *columns > 1;
}

/* Adds a cell with its words, which are those of its lines. */
static ocrvl_status add_cell(ocrvl_page_tables *out, const ocrvl_own_tag *g, range r, const ocrvl_result *result,
                             const ocrvl_result_line *lines, ocrvl_error *err)
{
    ocrvl_tables *t = &out->found;
    ocrvl_table *table = &t->at[t->count - 1];
    if (!OCRVL_ARRAY_RESERVE(t->cells, t->cell_cap, t->cell_count + 1))
        return ocrvl_fail_nomem(err);
    ocrvl_table_cell *c = &t->cells[t->cell_count++];
    *c = (ocrvl_table_cell){g->row, g->col, g->row_span, g->col_span, g->header, t->word_count, 0, {0}};
    for (size_t i = r.first; i < r.end; i++)
        for (size_t w = lines[i].first; w < lines[i].first + lines[i].count; w++) {
            if (!OCRVL_ARRAY_RESERVE(t->words, t->word_cap, t->word_count + 1))
                return ocrvl_fail_nomem(err);
            t->words[t->word_count++] = (uint32_t)w;
            out->table_of[w] = (uint32_t)t->count;
            c->box = ocrvl_box_union(c->box, result->words[w].box);
        }
    c->count = t->word_count - c->first;
    table->box = ocrvl_box_union(table->box, c->box);
    table->count++;
    return OCRVL_OK;
}

/* Around the words of the lines that each tag has -> boxes [n]. */
static void find_boxes(ocrvl_box *boxes, const range *ranges, size_t n, const ocrvl_result *r,
                       const ocrvl_result_line *lines)
{
    for (size_t i = 0; i < n; i++)
        for (size_t l = ranges[i].first; l < ranges[i].end; l++)
            for (size_t w = lines[l].first; w < lines[l].first + lines[l].count; w++)
                boxes[i] = ocrvl_box_union(boxes[i], r->words[w].box);
}

/* Adds the table of tags [n] if there are any words in its cells. */
static ocrvl_status add_table(ocrvl_page_tables *out, const ocrvl_own_tag *tags, size_t n, const range *ranges,
                              const ocrvl_result *r, const ocrvl_result_line *lines, ocrvl_error *err)
{
    ocrvl_tables *t = &out->found;
    uint32_t rows, columns;
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= tags[i].table && ranges[i].end > ranges[i].first;
    if (!any || !fits(tags, n, &rows, &columns))
        return OCRVL_OK;
    if (!OCRVL_ARRAY_RESERVE(t->at, t->cap, t->count + 1))
        return ocrvl_fail_nomem(err);
    t->at[t->count++] = (ocrvl_table){.first = t->cell_count};
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < n && !st; i++)
        if (tags[i].table)
            st = add_cell(out, &tags[i], ranges[i], r, lines, err);
    return st;
}

/* The same, when its cells are in their columns. */
static ocrvl_status place_table(ocrvl_page_tables *out, const ocrvl_own_tag *tags, size_t n, const range *ranges,
                                const ocrvl_result *r, const ocrvl_result_line *lines, ocrvl_error *err)
{
    ocrvl_own_tag *placed = ocrvl_alloc_array(n, sizeof *placed);
    ocrvl_box *boxes = ocrvl_alloc_array(n, sizeof *boxes);
    ocrvl_status st = placed && boxes ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st) {
        memcpy(placed, tags, n * sizeof *placed);
        find_boxes(boxes, ranges, n, r, lines);
        st = ocrvl_own_cells_place(placed, boxes, n, err);
    }
    if (!st)
        st = add_table(out, placed, n, ranges, r, lines, err);
    ocrvl_free(placed);
    ocrvl_free(boxes);
    return st;
}

/* Which lines of the layout each tag has -> ranges [tag_count]. */
static void find_ranges(range *ranges, const ocrvl_layout *l, const ocrvl_own_page *own)
{
    for (size_t b = 0; b < l->block_count; b++) {
        const ocrvl_layout_block *k = &l->blocks[b];
        if (k->lines && k->tag && k->tag <= own->text->tag_count)
            ranges[k->tag - 1] = (range){k->first_line, k->first_line + k->lines};
    }
}

ocrvl_status ocrvl_own_tags_tables(ocrvl_page_tables *out, const ocrvl_result *r, const ocrvl_result_line *lines,
                                   const ocrvl_own_page *own, ocrvl_error *err)
{
    const ocrvl_own_text *t = own->text;
    range *ranges = ocrvl_alloc_array(t->tag_count + 1, sizeof *ranges);
    out->table_of = ocrvl_alloc_array(r->count + 1, sizeof *out->table_of);
    out->line_of = ocrvl_alloc_array(r->count + 1, sizeof *out->line_of);
    ocrvl_status st = ranges && out->table_of && out->line_of ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (uint32_t i = 0; !st && i < r->layout->line_count; i++)
        for (size_t w = lines[i].first; w < lines[i].first + lines[i].count; w++)
            out->line_of[w] = i;
    if (!st)
        find_ranges(ranges, r->layout, own);
    for (size_t i = 0, end; i < t->tag_count && !st; i = end) {
        uint32_t table = t->tags[i].table;
        for (end = i + 1; end < t->tag_count && t->tags[end].table == table; end++)
            ;
        if (table)
            st = place_table(out, t->tags + i, end - i, ranges + i, r, lines, err);
    }
    ocrvl_free(ranges);
    if (st)
        ocrvl_page_tables_free(out);
    return st;
}
