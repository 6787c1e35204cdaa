#include "read/otsl.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

enum { MAX_PLACES = 100000 };

typedef enum kind { FCEL, ECEL, LCEL, UCEL, XCEL, NEW_LINE, KINDS } kind;

static const char *const names[KINDS] = {"<fcel>", "<ecel>", "<lcel>", "<ucel>", "<xcel>", "<nl>"};

typedef struct place { /* of the grid */
    kind kind;
    size_t from, to; /* of its text */
} place;

typedef struct table {
    place *places; /* row by row */
    size_t count, cap;
    size_t *rows; /* [row_count + 1] the first place of each row */
    size_t row_count, row_cap;
} table;

/* The token at byte i, or KINDS. */
static kind token_at(const ocrvl_transcript *t, size_t i)
{
    for (kind k = FCEL; k < KINDS; k++)
        if (t->len - i >= strlen(names[k]) && memcmp(t->text + i, names[k], strlen(names[k])) == 0)
            return k;
    return KINDS;
}

static bool end_row(table *b)
{
    if (b->row_count && b->rows[b->row_count] == b->count)
        return true; /* an empty row is none */
    if (!OCRVL_ARRAY_RESERVE(b->rows, b->row_cap, b->row_count + 2))
        return false;
    if (b->row_count == 0)
        b->rows[0] = 0;
    if (b->count > b->rows[b->row_count])
        b->rows[++b->row_count] = b->count;
    return true;
}

/* Splits the answer at its tokens; what stands before the first is no part of the table. */
static bool split(table *b, const ocrvl_transcript *t)
{
    for (size_t i = 0; i < t->len && b->count < MAX_PLACES;) {
        kind k = t->text[i] == '<' ? token_at(t, i) : KINDS;
        if (k == KINDS) {
            i++;
            if (b->count)
                b->places[b->count - 1].to = i;
            continue;
        }
        i += strlen(names[k]);
        if (k == NEW_LINE) {
            if (!end_row(b))
                return false;
            continue;
        }
        if (!OCRVL_ARRAY_RESERVE(b->places, b->cap, b->count + 1))
            return false;
        b->places[b->count++] = (place){k, i, i};
    }
    return end_row(b);
}

/* The kind at a place of the grid; rows are filled up with empty cells. */
static kind kind_at(const table *b, size_t row, size_t column)
{
    size_t n = b->rows[row + 1] - b->rows[row];
    return column < n ? b->places[b->rows[row] + column].kind : ECEL;
}

static size_t span_right(const table *b, size_t row, size_t column, size_t columns)
{
    size_t n = 1;
    while (column + n < columns && (kind_at(b, row, column + n) == LCEL || kind_at(b, row, column + n) == XCEL))
        n++;
    return n;
}

static size_t span_down(const table *b, size_t row, size_t column)
{
    size_t n = 1;
    while (row + n < b->row_count && (kind_at(b, row + n, column) == UCEL || kind_at(b, row + n, column) == XCEL))
        n++;
    return n;
}

/* The cell's text with the signs of HTML written out. */
static void put_text(ocrvl_growing *out, const ocrvl_transcript *t, size_t from, size_t to)
{
    while (from < to && strchr(" \t\r\n", t->text[from]))
        from++;
    while (to > from && strchr(" \t\r\n", t->text[to - 1]))
        to--;
    for (size_t i = from; i < to;) {
        size_t n = i;
        while (n < to && !strchr("<>&\n", t->text[n]))
            n++;
        ocrvl_growing_part(out, t, i, n);
        if (n < to)
            ocrvl_growing_own(out, t->text[n] == '<'   ? "&lt;"
                                   : t->text[n] == '>' ? "&gt;"
                                   : t->text[n] == '&' ? "&amp;"
                                                       : " ");
        i = n + 1;
    }
}

static void put_cell(ocrvl_growing *out, const table *b, const ocrvl_transcript *t, size_t row, size_t column,
                     size_t columns)
{
    char tag[80];
    size_t right = span_right(b, row, column, columns), down = span_down(b, row, column);
    int n = snprintf(tag, sizeof tag, "<td");
    if (right > 1)
        n += snprintf(tag + n, sizeof tag - (size_t)n, " colspan=\"%zu\"", right);
    if (down > 1)
        n += snprintf(tag + n, sizeof tag - (size_t)n, " rowspan=\"%zu\"", down);
    snprintf(tag + n, sizeof tag - (size_t)n, ">");
    ocrvl_growing_own(out, tag);
    if (column < b->rows[row + 1] - b->rows[row]) {
        const place *p = &b->places[b->rows[row] + column];
        put_text(out, t, p->from, p->to);
    }
    ocrvl_growing_own(out, "</td>");
}

static void put_table(ocrvl_growing *out, const table *b, const ocrvl_transcript *t)
{
    size_t columns = 0;
    for (size_t r = 0; r < b->row_count; r++)
        columns = b->rows[r + 1] - b->rows[r] > columns ? b->rows[r + 1] - b->rows[r] : columns;
    ocrvl_growing_own(out, "<table>\n");
    for (size_t r = 0; r < b->row_count && columns * (r + 1) <= MAX_PLACES; r++) {
        ocrvl_growing_own(out, "<tr>");
        for (size_t c = 0; c < columns; c++)
            if (kind_at(b, r, c) == FCEL || kind_at(b, r, c) == ECEL)
                put_cell(out, b, t, r, c, columns);
        ocrvl_growing_own(out, "</tr>\n");
    }
    ocrvl_growing_own(out, "</table>");
}

ocrvl_status ocrvl_otsl_to_html(ocrvl_growing *out, const ocrvl_transcript *t, ocrvl_error *err)
{
    table b = {0};
    bool ok = split(&b, t);
    if (ok && b.row_count)
        put_table(out, &b, t);
    else if (ok)
        ocrvl_growing_part(out, t, 0, t->len);
    ocrvl_free(b.places);
    ocrvl_free(b.rows);
    return ok && !out->failed ? OCRVL_OK : ocrvl_fail_nomem(err);
}
