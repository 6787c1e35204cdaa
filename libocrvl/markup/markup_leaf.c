/* What a line of Markdown is put into: the open leaf (paragraph, code, rows of pipes), and the blocks that leaves
 * become. */
#include "markup/markup_line.h"

typedef ocrvl_markup_parser parser;

void ocrvl_markup_end_role(parser *p)
{
    ocrvl_markup_block *b = p->footnote.count ? ocrvl_markup_place_block(p, OCRVL_ROLE_FOOTNOTE) : NULL;
    if (b)
        b->marker = p->footnote;
    p->has_role = p->role_has_text = false;
    p->footnote = (ocrvl_markup_run){0};
}

void ocrvl_markup_flush_marker(parser *p)
{
    if (p->depth && !p->stack[p->depth - 1].quote && !p->stack[p->depth - 1].used)
        ocrvl_markup_place_block(p, OCRVL_ROLE_LIST_ITEM);
}

ocrvl_markup_block *ocrvl_markup_place_block(parser *p, ocrvl_role role)
{
    if (role != OCRVL_ROLE_FOOTNOTE && p->footnote.count)
        ocrvl_markup_end_role(p);
    ocrvl_markup_block *b = ocrvl_markup_add_block(p, role);
    ocrvl_markup_container *item = NULL;
    if (!b)
        return NULL;
    for (uint32_t k = 0; k < p->depth; k++) {
        b->quote += p->stack[k].quote;
        b->list += !p->stack[k].quote;
        if (!p->stack[k].quote)
            item = &p->stack[k];
    }
    b->list += p->html_lists;
    b->ordered = p->html_lists ? p->html_number[p->html_lists - 1] > 0 : item && item->ordered;
    if (item && !item->used)
        b->marker = item->marker;
    if (p->html_marker.count)
        b->marker = p->html_marker;
    p->html_marker = (ocrvl_markup_run){0};
    b->continued = item && item->used;
    if (item)
        item->used = true;
    if (p->has_role)
        p->role_has_text = true;
    return b;
}

void ocrvl_markup_put_block(parser *p, ocrvl_role role, uint32_t level, ocrvl_markup_raw *raw)
{
    ocrvl_markup_run run;
    ocrvl_markup_run_begin(p, &run);
    ocrvl_markup_put_text(p, raw, role != OCRVL_ROLE_FORMULA, false);
    ocrvl_markup_run_end(p, &run);
    if (run.count == 0 && role != OCRVL_ROLE_FIGURE)
        return;
    ocrvl_markup_block *b = ocrvl_markup_place_block(p, role);
    if (!b)
        return;
    b->text = run;
    b->level = level;
    if (role == OCRVL_ROLE_FOOTNOTE && p->footnote.count) {
        b->marker = p->footnote;
        p->footnote = (ocrvl_markup_run){0};
    }
}

void ocrvl_markup_push_range(parser *p, ocrvl_markup_raw *raw, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        ocrvl_markup_push(p, raw, p->in[i], i);
}

/* Whether the paragraph is a table without a rule: each of its lines has two pipes or more, and begins and ends with
 * one. */
static bool are_rows(const parser *p)
{
    const uint32_t *c = p->raw.c;
    if (p->lines < 2)
        return false;
    for (uint32_t i = 0, end; i < p->raw.n; i = end + 1) {
        uint32_t last;
        for (end = i; end < p->raw.n && c[end] != '\n';)
            end++;
        for (last = end; last > i && ocrvl_markup_is_space(c[last - 1]);)
            last--;
        if (last - i < 3 || c[i] != '|' || c[last - 1] != '|')
            return false;
    }
    return true;
}

static void put_rows(parser *p)
{
    ocrvl_markup_raw *raw = &p->raw;
    ocrvl_markup_note(p, OCRVL_MARKUP_PIPE_NO_RULE, raw->src[0]);
    ocrvl_markup_table_begin(p);
    for (uint32_t i = 0, end; i < raw->n && !p->failed; i = end + 1) {
        for (end = i; end < raw->n && raw->c[end] != '\n';)
            end++;
        ocrvl_markup_pipe_row(p, raw->c + i, raw->src + i, end - i, false);
    }
    ocrvl_markup_table_end(p, raw->src[0]);
    raw->n = 0;
}

void ocrvl_markup_close_paragraph(parser *p)
{
    bool item = p->html_lists > 0;
    for (uint32_t k = 0; k < p->depth; k++)
        item = item || !p->stack[k].quote;
    if (p->raw.n && !p->has_role && are_rows(p))
        put_rows(p);
    else
        ocrvl_markup_put_block(p,
                               p->has_role ? p->role
                               : item      ? OCRVL_ROLE_LIST_ITEM
                                           : OCRVL_ROLE_PARAGRAPH,
                               p->has_role ? p->role_level : 0, &p->raw);
}

static void close_code(parser *p)
{
    ocrvl_markup_run run;
    ocrvl_markup_raw *raw = &p->raw;
    while (raw->n && raw->c[raw->n - 1] == '\n')
        raw->n--;
    ocrvl_markup_run_begin(p, &run);
    for (uint32_t i = 0; i < raw->n && !p->failed; i++)
        ocrvl_markup_run_put(p, raw->c[i], raw->src[i]);
    ocrvl_markup_run_end(p, &run);
    raw->n = 0;
    ocrvl_markup_block *b = run.count ? ocrvl_markup_place_block(p, OCRVL_ROLE_CODE) : NULL;
    if (b)
        b->text = run;
}

void ocrvl_markup_close_leaf(parser *p)
{
    ocrvl_markup_leaf leaf = p->leaf;
    p->leaf = OCRVL_LEAF_NONE;
    if (leaf == OCRVL_LEAF_PARAGRAPH)
        ocrvl_markup_close_paragraph(p);
    else if (leaf == OCRVL_LEAF_FENCE || leaf == OCRVL_LEAF_CODE)
        close_code(p);
    else if (leaf == OCRVL_LEAF_PIPES)
        ocrvl_markup_table_end(p, p->leaf_at);
    if (leaf == OCRVL_LEAF_FENCE && p->fence)
        ocrvl_markup_note(p, OCRVL_MARKUP_CODE_NOT_CLOSED, p->leaf_at);
    p->lines = 0;
}

void ocrvl_markup_close_to(parser *p, uint32_t depth)
{
    if (p->depth > depth)
        ocrvl_markup_close_leaf(p);
    while (p->depth > depth) {
        ocrvl_markup_flush_marker(p);
        p->depth--;
    }
}

void ocrvl_markup_open_leaf(parser *p, ocrvl_markup_leaf leaf)
{
    p->leaf = leaf;
    p->raw.n = p->lines = p->last_line = 0;
}

void ocrvl_markup_add_line(parser *p, uint32_t from, uint32_t to)
{
    if (p->lines++)
        ocrvl_markup_push(p, &p->raw, '\n', p->break_at);
    p->last_line = p->raw.n;
    ocrvl_markup_push_range(p, &p->raw, from, to);
    p->break_at = p->line_end;
}
