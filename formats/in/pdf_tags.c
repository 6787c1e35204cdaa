/* The words that poppler gives are told from what the page's content shows of each piece of marked content by where
 * they stand: poppler-glib tells neither which words an element of the tree has nor where they are. */
#include "in/pdf_tags.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "in/pdf_marks.h"
#include "in/pdf_places.h"
#include "in/pdf_tree.h"

#define NONE UINT32_MAX
enum { MOST_TAGS = 100000, MOST_TWICE = 5 };

struct ocrvl_pdf_tags {
    ocrvl_tag_tree tree;
    ocrvl_tree_fault fault;
};

void ocrvl_pdf_tags_free(ocrvl_pdf_tags *t)
{
    if (!t)
        return;
    ocrvl_tag_tree_free(&t->tree);
    ocrvl_free(t);
}

/* The tree is read by a handle of its own, which keeps all objects that it met. */
static ocrvl_status read_tree(ocrvl_pdf_tags *t, const void *data, size_t len, const char *password, ocrvl_error *err)
{
    qpdf_data pdf;
    t->fault = OCRVL_TREE_NONE;
    if (!ocrvl_pdf_objects_open_whole(&pdf, data, len, password))
        return OCRVL_OK;
    ocrvl_status st = ocrvl_pdf_tree_read(&t->tree, &t->fault, pdf, err);
    ocrvl_pdf_objects_close(&pdf);
    return st;
}

ocrvl_status ocrvl_pdf_tags_open(ocrvl_pdf_tags **out, const void *data, size_t len, const char *password,
                                 ocrvl_error *err)
{
    *out = NULL;
    ocrvl_pdf_tags *t = ocrvl_alloc(sizeof *t);
    ocrvl_status st = t ? read_tree(t, data, len, password, err) : ocrvl_fail_nomem(err);
    if (st || t->fault == OCRVL_TREE_NONE) {
        ocrvl_pdf_tags_free(t);
        return st;
    }
    *out = t;
    return OCRVL_OK;
}

/* ---- where it is shown ------------------------------------------------------------------------------- */

typedef struct joining {
    ocrvl_pdf_tags *t;
    ocrvl_pdf_own *own;
    ocrvl_marks_list shown; /* in pixels of the page image */
    ocrvl_places places;
    int page;         /* number of its object */
    uint32_t *blocks; /* [block_count] those that the page has, by their numbers */
    size_t block_count, block_cap;
} joining;

/* The number of what shows the word, or NONE. */
static uint32_t find_shown(joining *j, const ocrvl_own_word *w)
{
    return ocrvl_places_find(&j->places, (float)(w->box.x0 + w->box.x1) / 2, (float)(w->box.y0 + w->box.y1) / 2, NULL,
                             NULL);
}

/* ---- the page's blocks ------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

static bool add_block(joining *j, uint32_t block)
{
    if (j->block_count == j->block_cap)
        return false;
    j->blocks[j->block_count++] = block;
    return true;
}

/* Drops those that are there twice. */
static void sort_blocks(joining *j)
{
    size_t n = 0;
    qsort(j->blocks, j->block_count, sizeof *j->blocks, compare_numbers);
    for (size_t i = 0; i < j->block_count; i++)
        if (i == 0 || j->blocks[i] != j->blocks[n - 1])
            j->blocks[n++] = j->blocks[i];
    j->block_count = n;
}

static const ocrvl_tag_block *block_at(const joining *j, size_t i) { return &j->t->tree.blocks[j->blocks[i]]; }

/* Where cells have content. */
enum { NOWHERE = 0, HERE = 1, ELSEWHERE = 2 };

static int content_of(const joining *j, uint32_t block)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    int where = NOWHERE;
    for (size_t i = t->blocks[block].leaf; i < t->leaf_count && t->leaves[i].block == block; i++)
        where |= t->leaves[i].page == j->page ? HERE : ELSEWHERE;
    return where;
}

/* Adds the cells without words of the rows of a table that the page has, in [first, end) of the tree's blocks. A row
 * without content stands where the one before it does. */
static void add_rows(joining *j, uint32_t first, uint32_t end)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    bool ours = false;
    for (uint32_t i = first, next; i < end; i = next) {
        int where = NOWHERE;
        for (next = i; next < end && t->blocks[next].row == t->blocks[i].row; next++)
            where |= content_of(j, next);
        ours = where == NOWHERE ? ours : (where & HERE) != 0;
        for (uint32_t b = i; b < next && ours; b++)
            add_block(j, b);
    }
}

/* Adds the cells without words of the rows that the page has of each table. */
static void add_empty_cells(joining *j)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    size_t end = j->block_count;
    for (size_t i = 0, next; i < end; i = next) {
        uint32_t table = block_at(j, i)->table, first = j->blocks[i], after = j->blocks[i];
        for (next = i + 1; next < end && block_at(j, next)->table == table; next++)
            ;
        while (table && first > 0 && t->blocks[first - 1].table == table)
            first--;
        while (table && after < t->block_count && t->blocks[after].table == table)
            after++;
        add_rows(j, first, after);
    }
    sort_blocks(j);
}

/* The first of the page's leaves in the sorted list, which stand together. */
static size_t first_leaf(const joining *j)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    size_t from = 0, to = t->leaf_count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (t->leaves[t->sorted[mid]].page < j->page)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* Adds the page's figures, which may have no word. */
static void add_figures(joining *j)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    for (size_t i = first_leaf(j); i < t->leaf_count && t->leaves[t->sorted[i]].page == j->page; i++) {
        uint32_t block = t->leaves[t->sorted[i]].block;
        if (block != NONE && t->blocks[block].role == OCRVL_ROLE_FIGURE)
            add_block(j, block);
    }
}

/* Whether the block's element has content before it on another page. */
static bool goes_on(const joining *j, uint32_t block)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    const ocrvl_tag_block *b = &t->blocks[block];
    if (b->again || b->leaf >= t->leaf_count || t->leaves[b->leaf].block != block)
        return b->again;
    return t->leaves[b->leaf].page != j->page;
}

/* ---- the page's tags --------------------------------------------------------------------------------- */

static int32_t within(float v, uint32_t most) { return (int32_t)fminf(fmaxf(v, 0), (float)most); }

static ocrvl_box box_in(float x0, float y0, float x1, float y1, const ocrvl_own_text *text)
{
    return (ocrvl_box){within(floorf(fminf(x0, x1)), text->width), within(floorf(fminf(y0, y1)), text->height),
                       within(ceilf(fmaxf(x0, x1)), text->width), within(ceilf(fmaxf(y0, y1)), text->height)};
}

static void take_tag(joining *j, ocrvl_own_tag *out, size_t i, const ocrvl_pdf_view *v)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    const ocrvl_tag_block *b = block_at(j, i);
    const ocrvl_tag_element *e = &t->elements[b->element];
    *out = (ocrvl_own_tag){.role = b->role,
                           .level = b->level,
                           .told = b->told,
                           .table = b->table,
                           .row = b->row,
                           .col = b->col,
                           .row_span = b->row_span,
                           .col_span = b->col_span,
                           .header = b->header,
                           .alt = e->alt ? t->strings.data + e->alt : NULL};
    out->continues = b->told && !b->table && goes_on(j, j->blocks[i]);
    if (b->role == OCRVL_ROLE_FIGURE && e->boxed) {
        float box[4];
        memcpy(box, e->box, sizeof box);
        ocrvl_pdf_view_map(v, &box[0], &box[1]);
        ocrvl_pdf_view_map(v, &box[2], &box[3]);
        out->box = box_in(box[0], box[1], box[2], box[3], &j->own->text);
        if (ocrvl_box_is_empty(out->box))
            out->box = (ocrvl_box){0};
    }
}

/* Numbers the rows of one table's tags [n] from 0, without those that are on other pages, which cells may reach over. */
static void number_rows(ocrvl_own_tag *tags, size_t n)
{
    uint32_t row = 0, number = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        if (!tags[i].table)
            continue;
        uint32_t until = tags[i].row + tags[i].row_span, last = tags[i].row, span = 1;
        for (size_t k = i + 1; k < n && tags[i].row_span > 1; k++) { /* not numbered yet */
            if (!tags[k].table || tags[k].row == last)
                continue;
            if (tags[k].row >= until)
                break;
            last = tags[k].row;
            span++;
        }
        row += number != UINT32_MAX && number != tags[i].row;
        number = tags[i].row;
        tags[i].row = row;
        tags[i].row_span = span;
    }
}

/* The tables of the page are numbered from 1, and their rows from 0. */
static void number_tables(ocrvl_own_tag *tags, size_t n)
{
    uint32_t tables = 0;
    for (size_t i = 0, end; i < n; i = end) {
        uint32_t table = tags[i].table;
        /* what isn't in a cell may stand between the cells of a table */
        for (end = i + 1; end < n && table && (tags[end].table == table || !tags[end].table); end++)
            ;
        tables += table != 0;
        number_rows(tags + i, table ? end - i : 0);
        for (size_t k = i; k < end && table; k++)
            tags[k].table = tags[k].table ? tables : 0;
    }
}

/* The tag of a block, counted from 1. */
static uint32_t tag_of(const joining *j, uint32_t block)
{
    const uint32_t *at = bsearch(&block, j->blocks, j->block_count, sizeof block, compare_numbers);
    return at ? (uint32_t)(at - j->blocks) + 1 : 0;
}

/* Pictures say where figures are whose box isn't told. */
static void place_figures(joining *j, ocrvl_own_tag *tags)
{
    for (size_t i = 0; i < j->shown.count; i++) {
        const ocrvl_marks_shown *s = &j->shown.at[i];
        if (!s->picture || s->mark < OCRVL_MARKED)
            continue;
        const ocrvl_tag_leaf *leaf = &j->t->tree.leaves[s->mark - OCRVL_MARKED];
        uint32_t tag = leaf->block == NONE ? 0 : tag_of(j, leaf->block);
        if (!tag || tags[tag - 1].role != OCRVL_ROLE_FIGURE || j->t->tree.elements[leaf->element].boxed)
            continue;
        ocrvl_box b = box_in(s->x0, s->y0, s->x1, s->y1, &j->own->text);
        if (!ocrvl_box_is_empty(b))
            tags[tag - 1].box = ocrvl_box_union(tags[tag - 1].box, b);
    }
}

/* Whether it may be a tag as BCP 47 has them. */
static const char *sound_language(const char *s)
{
    size_t n = s ? strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") : 0;
    return n >= 2 && n < 36 && s[n] == '\0' ? s : NULL;
}

/* The language of an element, unless it is that of all the document. */
static const char *language_of(const ocrvl_tag_tree *t, uint32_t e)
{
    for (; e != NONE && t->elements[e].parent != NONE; e = t->elements[e].parent)
        if (t->elements[e].lang && t->elements[t->elements[e].parent].parent != NONE)
            return sound_language(t->strings.data + t->elements[e].lang);
    return NULL;
}

static void tell_words(joining *j, const uint32_t *found)
{
    const ocrvl_tag_tree *t = &j->t->tree;
    for (size_t i = 0; i < j->own->lines.word_count; i++) {
        ocrvl_own_word *w = &j->own->lines.words[i];
        uint32_t mark = found[i] == NONE ? OCRVL_MARKED_NOT : j->shown.at[found[i]].mark;
        w->place = found[i] == NONE ? 0 : found[i];
        w->tag = mark == OCRVL_MARKED_ARTIFACT ? OCRVL_TAG_ARTIFICIAL : 0;
        if (mark < OCRVL_MARKED)
            continue;
        w->tag = tag_of(j, t->leaves[mark - OCRVL_MARKED].block);
        w->lang = language_of(t, t->leaves[mark - OCRVL_MARKED].element);
    }
}

/* ---- ActualText -------------------------------------------------------------------------------------- */

/* The nearest element from e on that says what stands for what it shows, or NONE. */
static uint32_t told_otherwise(const ocrvl_tag_tree *t, uint32_t e)
{
    while (e != NONE && !t->elements[e].instead)
        e = t->elements[e].parent;
    return e;
}

/* The element of that kind that word i is in, or NONE. */
static uint32_t instead_of(const joining *j, const uint32_t *found, size_t i)
{
    uint32_t mark = found[i] == NONE ? OCRVL_MARKED_NOT : j->shown.at[found[i]].mark;
    return mark < OCRVL_MARKED ? NONE : told_otherwise(&j->t->tree, j->t->tree.leaves[mark - OCRVL_MARKED].element);
}

/* Whether the words [first, end) reach no further than what shows them: the text is that of whole words. */
static bool are_whole(const joining *j, const uint32_t *found, size_t first, size_t end)
{
    const ocrvl_marks_shown *a = &j->shown.at[found[first]], *b = &j->shown.at[found[end - 1]];
    const ocrvl_box *p = &j->own->lines.words[first].box, *q = &j->own->lines.words[end - 1].box;
    return (float)p->x0 >= fminf(a->x0, a->x1) - 0.35f * a->size &&
           (float)q->x1 <= fmaxf(b->x0, b->x1) + 0.35f * b->size;
}

/* The next word of a text, whose end is *len; NULL: there is none. Control characters are none of a word's. */
static const char *next_word(const char **text, size_t *len)
{
    const char *at = *text + strspn(*text, " \t\r\n");
    *len = strcspn(at, " \t\r\n");
    *text = at + *len;
    return *len ? at : NULL;
}

static size_t count_words(const char *text)
{
    size_t n = 0, len;
    for (const char *w = next_word(&text, &len); w; w = next_word(&text, &len)) {
        bool hyphen = len == 2 && memcmp(w, "\u00AD", 2) == 0; /* which the line's end says better */
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)w[i] < ' ' || hyphen)
                return 0;
        n++;
    }
    return n;
}

/* Gives the words that an element has the text that it tells, if that has as many words. */
static ocrvl_status tell_instead(joining *j, const uint32_t *found, ocrvl_error *err)
{
    ocrvl_own_lines *o = &j->own->lines;
    for (size_t i = 0, end; i < o->word_count; i = end) {
        uint32_t e = instead_of(j, found, i);
        for (end = i + 1; end < o->word_count && e != NONE && instead_of(j, found, end) == e; end++)
            ;
        const char *text = e == NONE ? NULL : j->t->tree.strings.data + j->t->tree.elements[e].instead;
        if (!text || count_words(text) != end - i || !are_whole(j, found, i, end))
            continue;
        for (size_t k = i; k < end; k++) {
            size_t len;
            const char *word = next_word(&text, &len);
            char *copy =
                OCRVL_ARRAY_RESERVE(o->extra, o->extra_cap, o->extra_count + 1) ? ocrvl_strndup(word, len) : NULL;
            if (!copy)
                return ocrvl_fail_nomem(err);
            o->extra[o->extra_count++] = copy;
            o->words[k].text = copy;
        }
    }
    return OCRVL_OK;
}

static void explain(joining *j)
{
    const char *why = NULL;
    if (j->t->fault == OCRVL_TREE_LARGE)
        why = "the document's structure tree is too large or too deep, and only the beginning of it was followed";
    else if (j->shown.cut || j->places.cut)
        why = "the page's content is too large for its tags to be found";
    else if (j->t->fault == OCRVL_TREE_CYCLIC)
        why = "the document's structure tree goes round in circles; each element was followed once";
    else if (j->t->tree.twice > MOST_TWICE && j->t->tree.twice > j->t->tree.leaf_count / 20)
        why = "elements of the document's structure tree claim the same content; the first of them has it";
    j->own->text.tag_fault = why;
}

/* Finds each word's place in the content -> found [word_count]. */
static void find_words(joining *j, uint32_t *found)
{
    j->block_count = 0;
    for (size_t i = 0; i < j->own->lines.word_count; i++) {
        found[i] = find_shown(j, &j->own->lines.words[i]);
        uint32_t mark = found[i] == NONE ? 0 : j->shown.at[found[i]].mark;
        if (mark >= OCRVL_MARKED)
            add_block(j, j->t->tree.leaves[mark - OCRVL_MARKED].block);
    }
    add_figures(j);
    sort_blocks(j);
    add_empty_cells(j);
}

static ocrvl_status tell(joining *j, const ocrvl_pdf_view *v, ocrvl_error *err)
{
    ocrvl_pdf_own *own = j->own;
    uint32_t *found = ocrvl_alloc_array(own->lines.word_count + 1, sizeof *found);
    j->block_cap = own->lines.word_count + MOST_TAGS;
    j->blocks = ocrvl_alloc_array(j->block_cap, sizeof *j->blocks);
    ocrvl_status st = found && j->blocks ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st) {
        find_words(j, found);
        own->tags = ocrvl_alloc_array(j->block_count + 1, sizeof *own->tags);
        st = own->tags ? OCRVL_OK : ocrvl_fail_nomem(err);
    }
    if (!st) {
        for (size_t i = 0; i < j->block_count; i++)
            take_tag(j, &own->tags[i], i, v);
        place_figures(j, own->tags);
        number_tables(own->tags, j->block_count);
        tell_words(j, found);
        own->text.tags = own->tags;
        own->text.tag_count = j->block_count;
        own->text.tagged_tables = j->t->tree.tables > 0;
        st = tell_instead(j, found, err);
    }
    ocrvl_free(found);
    return st;
}

ocrvl_status ocrvl_pdf_tags_page(ocrvl_pdf_tags *t, ocrvl_pdf_own *own, const ocrvl_pdf_page *p, const double crop[4],
                                 ocrvl_error *err)
{
    joining j = {.t = t, .own = own};
    int rotate;
    p->marks->tree = &t->tree;
    ocrvl_pdf_marks_page(p->marks, (size_t)p->index, &j.shown, &j.page, &rotate);
    ocrvl_pdf_view v = ocrvl_pdf_view_of(p->width, p->height, crop, rotate);
    ocrvl_status st =
        j.shown.failed ? ocrvl_fail_nomem(err) : ocrvl_places_make(&j.places, &j.shown, &v, p->height, err);
    j.shown.cut |= j.places.cut;
    if (!st && !j.shown.cut)
        st = tell(&j, &v, err);
    if (!st)
        explain(&j);
    ocrvl_free(j.shown.at);
    ocrvl_places_free(&j.places);
    ocrvl_free(j.blocks);
    return st;
}
