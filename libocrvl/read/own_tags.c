#include "read/own_tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

#define ARTIFICIAL OCRVL_TAG_ARTIFICIAL
enum {
    FEW_PAIRS = 6,     /* lines of which too few follow one another to say anything */
    HEADING_LINES = 8, /* no heading has more */
    PAGE_LINES = 15    /* a page of more isn't one paragraph without a doubt */
};

void ocrvl_own_tags_free(ocrvl_own_page *o)
{
    if (o->split) {
        ocrvl_free((void *)(uintptr_t)o->split->lines);
        ocrvl_free((void *)(uintptr_t)o->split->words);
    }
    ocrvl_free(o->split);
    ocrvl_free(o->tag_of);
    ocrvl_free(o->loose);
    o->split = NULL;
    o->tag_of = NULL;
    o->loose = NULL;
    o->tagged = false;
}

/* ---- lines of one tag each --------------------------------------------------------------------------- */

typedef struct part { /* of a line */
    ocrvl_own_line line;
    uint32_t tag, place, at; /* at: of the line, among all */
} part;

/* The first tag in a line; 0: there is none. */
static uint32_t first_tag(const ocrvl_own_text *t, const ocrvl_own_line *l)
{
    uint32_t tag = 0;
    for (size_t i = 0; i < l->count && !tag; i++)
        tag = t->words[l->first + i].tag;
    return tag;
}

static ocrvl_own_line part_of(const ocrvl_own_text *t, const ocrvl_own_line *l, size_t from, size_t to)
{
    ocrvl_own_line p = *l;
    if (from == 0 && to == l->count)
        return p;
    p.first = l->first + from;
    p.count = to - from;
    p.box = (ocrvl_box){0};
    for (size_t i = p.first; i < p.first + p.count; i++)
        p.box = ocrvl_box_union(p.box, t->words[i].box);
    return p;
}

/* Parts a line where its words' tags change; one that has none is taken for the word's before it. Returns how many
 * parts there are. */
static size_t part_line(part *out, const ocrvl_own_text *t, uint32_t at)
{
    const ocrvl_own_line *l = &t->lines[at];
    uint32_t tag = first_tag(t, l);
    size_t n = 0;
    for (size_t i = 0, end; i < l->count; i = end) {
        const ocrvl_own_word *w = &t->words[l->first];
        uint32_t place = UINT32_MAX;
        tag = w[i].tag ? w[i].tag : tag;
        for (end = i; end < l->count && (!w[end].tag || w[end].tag == tag); end++)
            place = w[end].tag && w[end].place < place ? w[end].place : place;
        out[n++] = (part){part_of(t, l, i, end), tag, place, at};
    }
    return n;
}

/* In the order of tags; what has none, or is artificial, comes last. */
static int compare_parts(const void *a, const void *b)
{
    const part *p = a, *q = b;
    uint32_t m = p->tag - 1, n = q->tag - 1; /* no tag: the greatest */
    if (m != n)
        return m < n ? -1 : 1;
    if (p->place != q->place)
        return p->place < q->place ? -1 : 1;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return (p->line.first > q->line.first) - (p->line.first < q->line.first);
}

/* Whether a part stands beside the line before it, and belongs to the same tag: a mark and its item, a title and the
 * number of its page. */
static bool goes_on(const ocrvl_own_line *a, uint32_t tag, const part *b)
{
    bool level = a->turn == 0 && b->line.turn == 0 && !a->field && !b->line.field;
    float apart = b->line.baseline - a->baseline;
    return tag == b->tag && tag && tag != ARTIFICIAL && level && apart < a->x_height / 2 && -apart < a->x_height / 2 &&
           (b->line.box.x0 >= a->box.x1 || b->line.box.x1 <= a->box.x0);
}

/* Makes lines of parts that are in order, each with its words one after the other. */
static void put_parts(ocrvl_own_page *o, const part *parts, size_t n, ocrvl_own_line *lines, ocrvl_own_word *words)
{
    const ocrvl_own_text *t = o->text;
    size_t count = 0, used = 0;
    for (size_t i = 0; i < n; i++) {
        const part *p = &parts[i];
        ocrvl_own_line *last = count ? &lines[count - 1] : NULL;
        bool same = last && goes_on(last, o->tag_of[count - 1], p);
        if (p->line.count > t->word_count - used) /* no word is of two lines */
            break;
        memcpy(words + used, t->words + p->line.first, p->line.count * sizeof *words);
        if (same) {
            last->count += p->line.count;
            last->box = ocrvl_box_union(last->box, p->line.box);
        } else {
            lines[count] = p->line;
            lines[count].first = used;
            o->tag_of[count++] = p->tag;
        }
        used += p->line.count;
    }
    *o->split = *t;
    o->split->lines = lines;
    o->split->line_count = count;
    o->split->words = words;
    o->split->word_count = used;
}

static ocrvl_status split(ocrvl_own_page *o, ocrvl_error *err)
{
    const ocrvl_own_text *t = o->text;
    part *parts = ocrvl_alloc_array(t->word_count + t->line_count + 1, sizeof *parts);
    size_t n = 0;
    for (uint32_t i = 0; i < t->line_count && parts && n <= t->word_count; i++)
        if (t->lines[i].count <= t->word_count + t->line_count - n)
            n += part_line(parts + n, t, i);
    ocrvl_own_line *lines = ocrvl_alloc_array(n + 1, sizeof *lines);
    ocrvl_own_word *words = ocrvl_alloc_array(t->word_count + 1, sizeof *words);
    o->split = ocrvl_alloc(sizeof *o->split);
    o->tag_of = ocrvl_alloc_array(n + 1, sizeof *o->tag_of);
    o->loose = ocrvl_alloc_array(t->tag_count + 1, sizeof *o->loose);
    bool fine = parts && lines && words && o->split && o->tag_of && o->loose;
    if (fine) {
        qsort(parts, n, sizeof *parts, compare_parts);
        put_parts(o, parts, n, lines, words);
    } else {
        ocrvl_free(lines);
        ocrvl_free(words);
    }
    ocrvl_free(parts);
    return fine ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* ---- whether tags are to be believed ----------------------------------------------------------------- */

/* Whether nearly all words have tags. */
static bool is_covered(const ocrvl_own_text *t)
{
    size_t words = 0, bare = 0, tagged = 0;
    for (size_t i = 0; i < t->line_count; i++) {
        const ocrvl_own_line *l = &t->lines[i];
        for (size_t w = l->first; w < l->first + l->count && !l->field; w++) {
            words++;
            bare += t->words[w].tag == 0;
            tagged += t->words[w].tag != 0 && t->words[w].tag != ARTIFICIAL;
        }
    }
    return tagged > 0 && bare * 20 <= words;
}

static bool is_any_tagged(const ocrvl_own_text *t)
{
    for (size_t i = 0; i < t->word_count; i++)
        if (t->words[i].tag && t->words[i].tag != ARTIFICIAL)
            return true;
    return false;
}

/* Whether lines that follow one another by their tags go up the page as often as no writing does. */
static bool is_contradicted(const ocrvl_own_page *o)
{
    const ocrvl_own_text *t = o->split;
    size_t pairs = 0, upwards = 0;
    for (size_t i = 1; i < t->line_count; i++) {
        const ocrvl_own_line *a = &t->lines[i - 1], *b = &t->lines[i];
        uint32_t p = o->tag_of[i - 1], q = o->tag_of[i];
        int32_t left = a->box.x0 > b->box.x0 ? a->box.x0 : b->box.x0,
                right = a->box.x1 < b->box.x1 ? a->box.x1 : b->box.x1;
        if (!p || !q || q == ARTIFICIAL || a->turn || b->turn || right <= left ||
            (t->tags[p - 1].table && t->tags[p - 1].table == t->tags[q - 1].table))
            continue;
        pairs++;
        upwards += b->baseline < a->baseline - a->x_height;
    }
    return pairs >= FEW_PAIRS && upwards * 4 > pairs;
}

/* Tags that can't be what they say only say where their text stands. */
static void find_loose(ocrvl_own_page *o)
{
    const ocrvl_own_text *t = o->split;
    for (size_t i = 0; i < t->tag_count; i++)
        o->loose[i] = !t->tags[i].told && !t->tags[i].table;
    for (size_t i = 0, end; i < t->line_count; i = end) {
        uint32_t tag = o->tag_of[i];
        for (end = i; end < t->line_count && o->tag_of[end] == tag; end++)
            ;
        if (!tag || tag == ARTIFICIAL || t->tags[tag - 1].table)
            continue;
        const ocrvl_own_tag *g = &t->tags[tag - 1];
        bool heading = g->role == OCRVL_ROLE_HEADING || g->role == OCRVL_ROLE_TITLE;
        bool page = g->role == OCRVL_ROLE_PARAGRAPH && end - i > PAGE_LINES && (end - i) * 10 > t->line_count * 9;
        o->loose[tag - 1] |= page || (heading && end - i > HEADING_LINES) || g->role == OCRVL_ROLE_FIGURE;
    }
}

/* Tells each line's tag, if all of it is of one. */
static ocrvl_status tell_lines(ocrvl_own_page *o, ocrvl_error *err)
{
    const ocrvl_own_text *t = o->text;
    o->tag_of = ocrvl_alloc_array(t->line_count + 1, sizeof *o->tag_of);
    if (!o->tag_of)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < t->line_count; i++) {
        const ocrvl_own_line *l = &t->lines[i];
        uint32_t tag = t->words[l->first].tag;
        for (size_t w = l->first; w < l->first + l->count; w++)
            tag = t->words[w].tag == tag ? tag : 0;
        o->tag_of[i] = tag;
    }
    return OCRVL_OK;
}

ocrvl_status ocrvl_own_tags_take(ocrvl_own_page *o, ocrvl_error *err)
{
    if (o->text->tag_count == 0 || !is_any_tagged(o->text))
        return OCRVL_OK;
    if (!is_covered(o->text)) {
        o->tag_warning = "the document's structure tree doesn't cover the page, so reading order is told by where its "
                         "text stands";
        return tell_lines(o, err);
    }
    ocrvl_status st = split(o, err);
    if (st)
        return st;
    find_loose(o);
    o->tagged = !is_contradicted(o);
    if (o->tagged) {
        o->text = o->split;
        return OCRVL_OK;
    }
    o->tag_warning = "the document's structure tree contradicts where the page's text stands, and isn't followed";
    ocrvl_own_tags_free(o);
    return OCRVL_OK;
}
