#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "read/own_tags.h"

#define NONE UINT32_MAX
#define ARTIFICIAL OCRVL_TAG_ARTIFICIAL

typedef struct entry { /* a line, or a block without lines */
    uint32_t tag;      /* after which, or as which, it comes, counted from 1; 0: before all */
    bool other;        /* after it */
    uint32_t key;      /* what comes first among those */
    uint32_t line;     /* of the layout, or NONE: */
    uint32_t block;    /* of the layout, or NONE: it is a figure of the tag's */
} entry;

typedef struct reblocking {
    ocrvl_layout *l;
    const ocrvl_own_page *own;
    entry *entries;
    size_t count;
} reblocking;

static const ocrvl_own_tag *tags_of(const reblocking *r) { return r->own->text->tags; }

/* The tag of a line of the layout; 0: none, or it is none that has a place in the tags' order. */
static uint32_t tag_of(const reblocking *r, size_t line)
{
    uint32_t known = r->l->lines[line].known, tag = known ? r->own->tag_of[r->own->line[known - 1]] : 0;
    return tag == ARTIFICIAL ? 0 : tag;
}

static bool is_artificial(const reblocking *r, size_t line)
{
    uint32_t known = r->l->lines[line].known;
    return known && r->own->tag_of[r->own->line[known - 1]] == ARTIFICIAL;
}

/* What comes after a cell comes after its table. */
static uint32_t end_of_table(const reblocking *r, uint32_t tag)
{
    const ocrvl_own_tag *g = tags_of(r);
    uint32_t table = tag ? g[tag - 1].table : 0;
    while (table && tag < r->own->text->tag_count && g[tag].table == table)
        tag++;
    return tag;
}

static void add_block(reblocking *r, uint32_t block, uint32_t *last)
{
    const ocrvl_layout_block *k = &r->l->blocks[block];
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++) {
        uint32_t tag = tag_of(r, i);
        bool told = tag && !r->own->loose[tag - 1];
        uint32_t key = told ? r->own->line[r->l->lines[i].known - 1] : (uint32_t)i;
        *last = tag ? tag : *last;
        r->entries[r->count++] = (entry){tag ? tag : end_of_table(r, *last), !tag, key, (uint32_t)i, block};
    }
    if (k->lines == 0)
        r->entries[r->count++] = (entry){end_of_table(r, *last), true, (uint32_t)k->first_line, NONE, block};
}

static int compare(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    if (p->tag != q->tag)
        return p->tag < q->tag ? -1 : 1;
    if (p->other != q->other)
        return p->other ? 1 : -1;
    if ((p->line == NONE) != (q->line == NONE) && !p->other) /* a figure, and what is written in it */
        return p->line == NONE ? -1 : 1;
    if (p->other && p->block != q->block)
        return p->block < q->block ? -1 : 1;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return (p->line > q->line) - (p->line < q->line);
}

static bool is_figure(const ocrvl_own_tag *g) { return g->role == OCRVL_ROLE_FIGURE && !g->table; }

/* Whether most of a picture that was found in the ink is a figure of the tags. */
static bool is_tagged_figure(const reblocking *r, const ocrvl_layout_block *k)
{
    const ocrvl_own_text *t = r->own->text;
    int64_t all = (int64_t)(k->box.x1 - k->box.x0) * (k->box.y1 - k->box.y0);
    for (size_t i = 0; i < t->tag_count && k->role == OCRVL_ROLE_FIGURE; i++) {
        const ocrvl_box *b = &t->tags[i].box;
        int64_t x0 = b->x0 > k->box.x0 ? b->x0 : k->box.x0, x1 = b->x1 < k->box.x1 ? b->x1 : k->box.x1;
        int64_t y0 = b->y0 > k->box.y0 ? b->y0 : k->box.y0, y1 = b->y1 < k->box.y1 ? b->y1 : k->box.y1;
        if (is_figure(&t->tags[i]) && x1 > x0 && y1 > y0 && (x1 - x0) * (y1 - y0) * 2 > all)
            return true;
    }
    return false;
}

static void gather(reblocking *r)
{
    const ocrvl_own_text *t = r->own->text;
    uint32_t last = 0;
    for (size_t i = 0; i < t->tag_count; i++)
        if (is_figure(&t->tags[i]) && !ocrvl_box_is_empty(t->tags[i].box) && !r->own->turned)
            r->entries[r->count++] = (entry){(uint32_t)i + 1, false, 0, NONE, NONE};
    for (size_t b = 0; b < r->l->block_count; b++)
        if (r->l->blocks[b].lines || !is_tagged_figure(r, &r->l->blocks[b]))
            add_block(r, (uint32_t)b, &last);
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

static bool is_told(const reblocking *r, const entry *e)
{
    return !e->other && e->tag && e->line != NONE && !r->own->loose[e->tag - 1];
}

/* Whether an entry begins another block than the one before it. */
static bool begins(const reblocking *r, const entry *a, const entry *b)
{
    if (a->tag != b->tag || a->other != b->other || a->line == NONE || b->line == NONE)
        return true;
    return !is_told(r, b) && (a->block != b->block || is_artificial(r, a->line) != is_artificial(r, b->line));
}

/* What an artifact is, by where it stands. */
static ocrvl_role artifact_role(const ocrvl_own_page *own, const ocrvl_layout_line *line)
{
    const ocrvl_own_text *t = own->text;
    const ocrvl_own_line *l = &t->lines[own->line[line->known - 1]];
    const char *word = t->words[l->first].text;
    int32_t middle = (line->ink.y0 + line->ink.y1) / 2, height = (int32_t)t->height;
    bool top = middle<height * 15 / 100, foot = middle> height * 85 / 100;
    if ((top || foot) && l->count == 1 && strspn(word, "0123456789-") == strlen(word))
        return OCRVL_ROLE_PAGE_NUMBER;
    return top ? OCRVL_ROLE_HEADER : foot ? OCRVL_ROLE_FOOTER : OCRVL_ROLE_OTHER;
}

/* The block that an entry begins, whose lines are yet to come. */
static ocrvl_layout_block begin_block(const reblocking *r, const entry *e, size_t first_line)
{
    const ocrvl_own_tag *g = e->tag && !e->other ? &tags_of(r)[e->tag - 1] : NULL;
    ocrvl_layout_block k = {.role = OCRVL_ROLE_PARAGRAPH, .first_line = first_line};
    if (e->block != NONE && !is_told(r, e)) {
        k = r->l->blocks[e->block];
        k.first_line = first_line;
        k.lines = 0;
    }
    if (e->line != NONE)
        k.box = r->l->lines[e->line].ink;
    if (e->block == NONE)
        k.box = g->box;
    k.tag = g ? e->tag : 0;
    k.told = is_told(r, e) || e->block == NONE;
    if (k.told && g) {
        k.role = g->table ? OCRVL_ROLE_PARAGRAPH : g->role;
        k.level = g->table ? 0 : g->level;
    } else if (e->line != NONE && is_artificial(r, e->line)) {
        k.told = true;
        k.role = artifact_role(r->own, &r->l->lines[e->line]);
        k.level = 0;
    }
    return k;
}

static int compare_leaders(const void *a, const void *b)
{
    const ocrvl_leader *p = a, *q = b;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    return (p->box.x0 > q->box.x0) - (p->box.x0 < q->box.x0);
}

/* Puts lines and blocks as the entries say. to: [line_count] where each line goes. */
static void put(reblocking *r, ocrvl_layout_line *lines, ocrvl_layout_block *blocks, uint32_t *to)
{
    ocrvl_layout *l = r->l;
    size_t n = 0, count = 0;
    for (size_t i = 0; i < r->count; i++) {
        const entry *e = &r->entries[i];
        if (i == 0 || begins(r, e - 1, e))
            blocks[count++] = begin_block(r, e, n);
        if (e->line == NONE)
            continue;
        blocks[count - 1].box = ocrvl_box_union(blocks[count - 1].box, l->lines[e->line].ink);
        blocks[count - 1].lines++;
        to[e->line] = (uint32_t)n;
        lines[n++] = l->lines[e->line];
    }
    for (size_t i = 0; i < l->leader_count; i++)
        l->leaders[i].line = to[l->leaders[i].line];
    if (l->leader_count)
        qsort(l->leaders, l->leader_count, sizeof *l->leaders, compare_leaders);
    ocrvl_free(l->lines);
    ocrvl_free(l->blocks);
    l->lines = lines;
    l->blocks = blocks;
    l->block_count = count;
}

/* Gives blocks that are all of a tag its role. */
static void tell_roles(reblocking *r)
{
    const ocrvl_own_text *t = r->own->text;
    for (size_t i = 0; i < r->l->block_count; i++) {
        ocrvl_layout_block *k = &r->l->blocks[i];
        uint32_t tag = k->lines ? tag_of(r, k->first_line) : 0;
        for (size_t n = k->first_line; n < k->first_line + k->lines; n++)
            tag = tag_of(r, n) == tag ? tag : 0;
        if (!tag || !t->tags[tag - 1].told || t->tags[tag - 1].table || is_figure(&t->tags[tag - 1]))
            continue;
        k->told = true;
        k->tag = tag;
        k->role = t->tags[tag - 1].role;
        k->level = t->tags[tag - 1].level;
    }
}

ocrvl_status ocrvl_own_tags_reblock(ocrvl_layout *l, const ocrvl_own_page *own, ocrvl_error *err)
{
    reblocking r = {.l = l, .own = own};
    if (!own->tag_of)
        return OCRVL_OK;
    if (!own->tagged) {
        tell_roles(&r);
        return OCRVL_OK;
    }
    size_t most = l->line_count + l->block_count + own->text->tag_count + 1;
    r.entries = ocrvl_alloc_array(most, sizeof *r.entries);
    ocrvl_layout_line *lines = ocrvl_alloc_array(l->line_count + 1, sizeof *lines);
    ocrvl_layout_block *blocks = ocrvl_alloc_array(most, sizeof *blocks);
    uint32_t *to = ocrvl_alloc_array(l->line_count + 1, sizeof *to);
    bool fine = r.entries && lines && blocks && to;
    if (fine) {
        gather(&r);
        qsort(r.entries, r.count, sizeof *r.entries, compare);
        put(&r, lines, blocks, to);
    } else {
        ocrvl_free(lines);
        ocrvl_free(blocks);
    }
    ocrvl_free(r.entries);
    ocrvl_free(to);
    return fine ? OCRVL_OK : ocrvl_fail_nomem(err);
}
