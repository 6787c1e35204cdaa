#include "markup/markup_parts.h"

#include <string.h>

#include "base/utf8.h"

bool ocrvl_markup_fail(ocrvl_markup_parser *p)
{
    p->failed = true;
    return false;
}

void ocrvl_markup_note(ocrvl_markup_parser *p, ocrvl_markup_repair repair, uint32_t at)
{
    if (p->doc->repairs[repair].count++ == 0)
        p->doc->repairs[repair].at = at;
}

void ocrvl_markup_push(ocrvl_markup_parser *p, ocrvl_markup_raw *raw, uint32_t c, uint32_t src)
{
    if (!OCRVL_MARKUP_RESERVE(p, raw->c, raw->cap, raw->n + 1) ||
        !OCRVL_MARKUP_RESERVE(p, raw->src, raw->src_cap, raw->n + 1))
        return;
    raw->c[raw->n] = c;
    raw->src[raw->n++] = src;
}

/* ---- runs and blocks --------------------------------------------------------------------------------- */

void ocrvl_markup_run_begin(ocrvl_markup_parser *p, ocrvl_markup_run *run)
{
    *run = (ocrvl_markup_run){.at = (uint32_t)p->text.len, .first = p->source_count};
}

void ocrvl_markup_run_resume(ocrvl_markup_parser *p, ocrvl_markup_run *run)
{
    p->text.len = run->at + run->len; /* the NUL is overwritten */
    if (run->count)
        ocrvl_markup_run_put(p, ' ', OCRVL_MARKUP_NOWHERE);
}

void ocrvl_markup_run_put(ocrvl_markup_parser *p, uint32_t c, uint32_t src)
{
    if (!OCRVL_MARKUP_RESERVE(p, p->doc->source, p->source_cap, p->source_count + 1))
        return;
    p->doc->source[p->source_count++] = src;
    ocrvl_buf_put_codepoint(&p->text, c);
}

void ocrvl_markup_run_end(ocrvl_markup_parser *p, ocrvl_markup_run *run)
{
    if (!p->failed && !p->text.failed && p->source_count > run->first &&
        p->doc->source[p->source_count - 1] == OCRVL_MARKUP_NOWHERE) {
        p->source_count--; /* nothing followed that had to be joined */
        p->text.len--;
    }
    run->len = (uint32_t)p->text.len - run->at;
    run->count = p->source_count - run->first;
    ocrvl_buf_putc(&p->text, '\0');
    p->failed |= p->text.failed;
}

ocrvl_markup_block *ocrvl_markup_add_block(ocrvl_markup_parser *p, ocrvl_role role)
{
    ocrvl_markup *doc = p->doc;
    if (!OCRVL_MARKUP_RESERVE(p, doc->blocks, p->block_cap, doc->block_count + 1))
        return NULL;
    ocrvl_markup_block *b = &doc->blocks[doc->block_count++];
    memset(b, 0, sizeof *b);
    b->role = role;
    return b;
}

bool ocrvl_markup_is_blank(uint32_t c) { return c == ' ' || c == '\t' || c == 0xA0; }
