#include "markup/markup_parts.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

bool ocrvl_markup_reserve(ocrvl_markup_parser *p, void **list, uint32_t *cap, uint32_t need, size_t size)
{
    if (p->failed)
        return false;
    if (need <= *cap)
        return true;
    uint32_t want = need < 8 ? 16 : need > UINT32_MAX / 2 ? need : 2 * need;
    void *grown = ocrvl_realloc_array(*list, want, size);
    if (!grown) {
        p->failed = true;
        return false;
    }
    *list = grown;
    *cap = want;
    return true;
}

void ocrvl_markup_note(ocrvl_markup_parser *p, ocrvl_markup_repair repair, uint32_t at)
{
    if (p->doc->repairs[repair].count++ == 0)
        p->doc->repairs[repair].at = at;
}

void ocrvl_markup_push(ocrvl_markup_parser *p, ocrvl_markup_raw *raw, uint32_t c, uint32_t src)
{
    void *cs = raw->c, *srcs = raw->src;
    bool ok = ocrvl_markup_reserve(p, &cs, &raw->cap, raw->n + 1, sizeof *raw->c);
    raw->c = cs;
    ok = ok && ocrvl_markup_reserve(p, &srcs, &raw->src_cap, raw->n + 1, sizeof *raw->src);
    raw->src = srcs;
    if (!ok)
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
    p->text.len = run->at + run->len; /* over the NUL */
    if (run->count)
        ocrvl_markup_run_put(p, ' ', OCRVL_MARKUP_NOWHERE);
}

void ocrvl_markup_run_put(ocrvl_markup_parser *p, uint32_t c, uint32_t src)
{
    void *list = p->doc->source;
    if (!ocrvl_markup_reserve(p, &list, &p->source_cap, p->source_count + 1, sizeof *p->doc->source))
        return;
    p->doc->source = list;
    p->doc->source[p->source_count++] = src;
    ocrvl_buf_put_codepoint(&p->text, c);
}

void ocrvl_markup_run_end(ocrvl_markup_parser *p, ocrvl_markup_run *run)
{
    if (!p->failed && !p->text.failed && p->source_count > run->first &&
        p->doc->source[p->source_count - 1] == OCRVL_MARKUP_NOWHERE) {
        p->source_count--; /* nothing came to be joined */
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
    void *list = doc->blocks;
    if (!ocrvl_markup_reserve(p, &list, &p->block_cap, doc->block_count + 1, sizeof *doc->blocks))
        return NULL;
    doc->blocks = list;
    ocrvl_markup_block *b = &doc->blocks[doc->block_count++];
    memset(b, 0, sizeof *b);
    b->role = role;
    return b;
}

bool ocrvl_markup_is_blank(uint32_t c) { return c == ' ' || c == '\t' || c == 0xA0; }
