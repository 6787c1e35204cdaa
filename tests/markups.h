/* Parsed markup written down, and what must be true of any. */
#ifndef OCRVL_TESTS_MARKUPS_H
#define OCRVL_TESTS_MARKUPS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "markup/markup.h"
#include "must.h"
#include "testing.h"

static inline void put_run(ocrvl_buf *b, const ocrvl_markup *m, const ocrvl_markup_run *run)
{
    for (uint32_t i = 0; i < run->len; i++)
        if (m->text[run->at + i] == '\n')
            ocrvl_buf_puts(b, "\\n");
        else
            ocrvl_buf_putc(b, m->text[run->at + i]);
}

/* One line a block: ROLE[ level][ list=N][ quote=N][ ordered][ continued][ MARKER]: TEXT. Of a table, after its size,
 * each cell as [row,col[ rowspan x colspan][h]]text. Then the codes of the repairs with how often, in a line after "!".
 */
static inline char *describe(const ocrvl_markup *m)
{
    ocrvl_buf b = {0};
    for (uint32_t i = 0; i < m->block_count; i++) {
        const ocrvl_markup_block *k = &m->blocks[i];
        ocrvl_buf_puts(&b, ocrvl_role_name(k->role));
        if (k->level)
            ocrvl_buf_printf(&b, " %u", k->level);
        if (k->list)
            ocrvl_buf_printf(&b, " list=%u", k->list);
        if (k->quote)
            ocrvl_buf_printf(&b, " quote=%u", k->quote);
        ocrvl_buf_puts(&b, k->ordered ? " ordered" : "");
        ocrvl_buf_puts(&b, k->continued ? " continued" : "");
        ocrvl_buf_puts(&b, k->marker.count ? " " : "");
        put_run(&b, m, &k->marker);
        if (k->role == OCRVL_ROLE_TABLE)
            ocrvl_buf_printf(&b, " %ux%u", k->rows, k->cols);
        ocrvl_buf_puts(&b, ": ");
        put_run(&b, m, &k->text);
        for (uint32_t c = k->first_cell; c < k->first_cell + k->cell_count; c++) {
            const ocrvl_markup_cell *cell = &m->cells[c];
            ocrvl_buf_printf(&b, "[%u,%u", cell->row, cell->col);
            if (cell->row_span != 1 || cell->col_span != 1)
                ocrvl_buf_printf(&b, " %ux%u", cell->row_span, cell->col_span);
            ocrvl_buf_puts(&b, cell->header ? "h]" : "]");
            put_run(&b, m, &cell->text);
        }
        ocrvl_buf_putc(&b, '\n');
    }
    bool any = false;
    for (unsigned r = 0; r < OCRVL_MARKUP_REPAIRS; r++)
        if (m->repairs[r].count) {
            ocrvl_buf_printf(&b, "%s%s", any ? " " : "!", ocrvl_markup_repair_code(r));
            if (m->repairs[r].count > 1)
                ocrvl_buf_printf(&b, "*%u", m->repairs[r].count);
            any = true;
        }
    ocrvl_buf_puts(&b, any ? "\n" : "");
    return ocrvl_buf_steal(&b, NULL);
}

/* Whether a code point may have been made of that one of the input. */
static inline bool may_come_from(uint32_t c, uint32_t in)
{
    static const char scripts[] = "0123456789+-=()ni";
    if (c == in || in == '&' || (in == OCRVL_UTF8_BAD && c == 0xFFFD) || (in == 0 && c == 0xFFFD))
        return true;
    if (c == '\n' || c == ' ')
        return in == '<' || in == '\n' || in == '\r' || in == ' ' || in == '\t' || in == 0xA0;
    bool is_script = (c >= 0x2070 && c <= 0x209C) || c == 0xB9 || c == 0xB2 || c == 0xB3 || c == 0x1D62;
    return is_script && (in == 0x2212 || (in && in < 128 && strchr(scripts, (int)in)));
}

/* made: code points of numbers may come from tags. */
static inline void check_some(const ocrvl_markup *m, const ocrvl_markup_run *run, const uint32_t *in, size_t n,
                              bool made)
{
    const char *s = m->text + run->at;
    size_t i = 0;
    uint32_t last = UINT32_MAX;
    must(s[run->len] == '\0' && strlen(s) == run->len);
    must(ocrvl_utf8_count(s, run->len) == run->count);
    for (uint32_t k = 0; k < run->count; k++) {
        uint32_t c = ocrvl_utf8_next(s, run->len, &i), src = m->source[run->first + k];
        must(c != OCRVL_UTF8_BAD);
        if (src == UINT32_MAX) {
            must(c == ' ');
            continue;
        }
        must(src < n);
        bool number = made && in[src] < 128 && (c == '.' || (c >= '0' && c <= '9'));
        /* or an entity's second code point */
        must(number || may_come_from(c, in[src]) || (src > 0 && in[src - 1] == '&'));
        must(last == UINT32_MAX || src > last);
        last = src;
    }
}

static inline void check_run(const ocrvl_markup *m, const ocrvl_markup_run *run, const uint32_t *in, size_t n)
{
    check_some(m, run, in, n, false);
}

static inline void check_lines(const char *s)
{
    size_t n = strlen(s);
    must(n == 0 || (s[0] != '\n' && s[0] != ' ' && s[n - 1] != '\n' && s[n - 1] != ' '));
    must(!strstr(s, "\n\n") && !strstr(s, " \n") && !strstr(s, "\n "));
}

static inline void check_table(const ocrvl_markup *m, const ocrvl_markup_block *b, const uint32_t *in, size_t n)
{
    must(b->rows >= 1 && b->rows <= 1000 && b->cols >= 1 && b->cols <= 1000);
    must(b->cell_count >= 1 && b->first_cell + b->cell_count <= m->cell_count);
    uint32_t until[1000] = {0}, row = 0, col = 0;
    bool begins[1000] = {0};
    for (uint32_t k = 0; k < b->cell_count; k++) {
        const ocrvl_markup_cell *c = &m->cells[b->first_cell + k];
        must(c->row > row || (c->row == row && c->col >= col));
        row = c->row;
        col = c->col + c->col_span;
        must(c->row_span >= 1 && c->col_span >= 1 && c->row < b->rows && c->row_span <= b->rows - c->row);
        must(c->col < b->cols && c->col_span <= b->cols - c->col);
        for (uint32_t x = c->col; x < col; x++) {
            must(until[x] <= row);
            until[x] = row + c->row_span;
        }
        begins[c->col] = true;
        check_run(m, &c->text, in, n);
        check_lines(m->text + c->text.at);
    }
    for (uint32_t x = 0; x < b->cols; x++)
        must(begins[x]);
}

/* What the header promises of every result. */
static inline void check_markup(const ocrvl_markup *m, const char *text, size_t len)
{
    size_t n = 0;
    uint32_t *in = malloc((len + 1) * sizeof *in);
    must(in);
    for (size_t i = 0; i < len; n++)
        in[n] = ocrvl_utf8_next(text, len, &i);
    for (uint32_t i = 0; i < m->block_count; i++) {
        const ocrvl_markup_block *b = &m->blocks[i];
        check_run(m, &b->text, in, n);
        check_some(m, &b->marker, in, n, true);
        must(b->list <= 32 && b->quote <= 16 && b->level <= 6);
        must((b->role == OCRVL_ROLE_TABLE) == (b->cell_count > 0));
        if (b->role != OCRVL_ROLE_CODE)
            check_lines(m->text + b->text.at);
        if (b->role == OCRVL_ROLE_TABLE)
            check_table(m, b, in, n);
    }
    free(in);
}

#endif
