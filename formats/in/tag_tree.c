#include "in/tag_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

#define NONE UINT32_MAX
enum { MOST_COLUMNS = 500, MOST_ROWS = 1000000, MOST_LEVEL = 6 };

bool ocrvl_tag_type_by_name(ocrvl_tag_type *type, const char *name)
{
    static const struct {
        const char *name;
        ocrvl_tag_type type;
    } known[] = {{"Document", OCRVL_TAG_GROUP},
                 {"DocumentFragment", OCRVL_TAG_GROUP},
                 {"Part", OCRVL_TAG_SECTION},
                 {"Art", OCRVL_TAG_SECTION},
                 {"Sect", OCRVL_TAG_SECTION},
                 {"Div", OCRVL_TAG_GROUP},
                 {"Aside", OCRVL_TAG_GROUP},
                 {"NonStruct", OCRVL_TAG_GROUP},
                 {"Private", OCRVL_TAG_GROUP},
                 {"Index", OCRVL_TAG_GROUP},
                 {"TOC", OCRVL_TAG_GROUP},
                 {"Form", OCRVL_TAG_GROUP},
                 {"TBody", OCRVL_TAG_GROUP},
                 {"TFoot", OCRVL_TAG_GROUP},
                 {"P", OCRVL_TAG_P},
                 {"H", OCRVL_TAG_H},
                 {"Title", OCRVL_TAG_TITLE},
                 {"L", OCRVL_TAG_L},
                 {"LI", OCRVL_TAG_LI},
                 {"Lbl", OCRVL_TAG_LBL},
                 {"LBody", OCRVL_TAG_LBODY},
                 {"Table", OCRVL_TAG_TABLE},
                 {"TR", OCRVL_TAG_TR},
                 {"TH", OCRVL_TAG_TH},
                 {"TD", OCRVL_TAG_TD},
                 {"THead", OCRVL_TAG_THEAD},
                 {"Caption", OCRVL_TAG_CAPTION},
                 {"Figure", OCRVL_TAG_FIGURE},
                 {"Formula", OCRVL_TAG_FORMULA},
                 {"Note", OCRVL_TAG_NOTE},
                 {"FENote", OCRVL_TAG_NOTE},
                 {"BlockQuote", OCRVL_TAG_QUOTE},
                 {"Code", OCRVL_TAG_CODE},
                 {"TOCI", OCRVL_TAG_TOCI},
                 {"Artifact", OCRVL_TAG_ARTIFACT},
                 {"Span", OCRVL_TAG_INLINE},
                 {"Quote", OCRVL_TAG_INLINE},
                 {"Reference", OCRVL_TAG_INLINE},
                 {"BibEntry", OCRVL_TAG_INLINE},
                 {"Link", OCRVL_TAG_INLINE},
                 {"Annot", OCRVL_TAG_INLINE},
                 {"Ruby", OCRVL_TAG_INLINE},
                 {"RB", OCRVL_TAG_INLINE},
                 {"RT", OCRVL_TAG_INLINE},
                 {"RP", OCRVL_TAG_INLINE},
                 {"Warichu", OCRVL_TAG_INLINE},
                 {"WT", OCRVL_TAG_INLINE},
                 {"WP", OCRVL_TAG_INLINE},
                 {"Em", OCRVL_TAG_INLINE},
                 {"Strong", OCRVL_TAG_INLINE},
                 {"Sub", OCRVL_TAG_INLINE}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0) {
            *type = known[i].type;
            return true;
        }
    size_t digits = name[0] == 'H' ? strspn(name + 1, "0123456789") : 0;
    if (digits == 0 || digits > 3 || name[1 + digits] || name[1] == '0')
        return false;
    long n = digits > 1 ? MOST_LEVEL : name[1] - '0'; /* PDF 2.0 has any number of levels */
    *type = (ocrvl_tag_type)(OCRVL_TAG_H1 + (n < MOST_LEVEL ? n : MOST_LEVEL) - 1);
    return true;
}

void ocrvl_tag_tree_free(ocrvl_tag_tree *t)
{
    ocrvl_free(t->elements);
    ocrvl_free(t->leaves);
    ocrvl_free(t->blocks);
    ocrvl_free(t->sorted);
    ocrvl_buf_free(&t->strings);
    *t = (ocrvl_tag_tree){0};
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

typedef struct telling {
    ocrvl_tag_tree *t;
    uint32_t table;               /* the element of the table that is open, or NONE */
    uint32_t row;                 /* rows of it so far */
    uint32_t until[MOST_COLUMNS]; /* by column: the first row in which it is free again */
    uint32_t last;                /* the block of the last leaf, or NONE */
    size_t leaf;
    bool failed;
} telling;

static bool is_heading(uint8_t type) { return type >= OCRVL_TAG_H && type <= OCRVL_TAG_TITLE; }

/* How many elements of that type hold an element. */
static uint32_t depth_in(const ocrvl_tag_tree *t, uint32_t e, ocrvl_tag_type type)
{
    uint32_t n = 0;
    for (; e != NONE; e = t->elements[e].parent)
        n += t->elements[e].type == type;
    return n;
}

/* The element of that type that holds an element, itself or another; NONE: there is none. */
static uint32_t holder(const ocrvl_tag_tree *t, uint32_t e, ocrvl_tag_type type)
{
    while (e != NONE && t->elements[e].type != type)
        e = t->elements[e].parent;
    return e;
}

/* A table in a cell is a table, and the one around it only sets it out on the page. */
static void demote_outer_tables(ocrvl_tag_tree *t)
{
    for (uint32_t i = 0; i < t->element_count; i++) {
        if (t->elements[i].type != OCRVL_TAG_TABLE)
            continue;
        for (uint32_t p = t->elements[i].parent; p != NONE; p = t->elements[p].parent)
            if (t->elements[p].type == OCRVL_TAG_TABLE)
                t->elements[p].type = OCRVL_TAG_GROUP;
    }
}

static uint32_t add_block(telling *w, ocrvl_tag_block b)
{
    ocrvl_tag_tree *t = w->t;
    if (!OCRVL_ARRAY_RESERVE(t->blocks, t->block_cap, t->block_count + 1)) {
        w->failed = true;
        return NONE;
    }
    b.leaf = (uint32_t)w->leaf;
    t->blocks[t->block_count] = b;
    return (uint32_t)t->block_count++;
}

/* Puts a cell into the first free column of the open table's row. */
static void add_cell(telling *w, uint32_t e)
{
    ocrvl_tag_element *el = &w->t->elements[e];
    uint32_t col = 0, row = w->row - 1, across = el->col_span ? el->col_span : 1,
             down = el->row_span ? el->row_span : 1;
    while (col < MOST_COLUMNS && w->until[col] > row)
        col++;
    if (col == MOST_COLUMNS)
        return;
    uint32_t n = 0;
    while (n < across && col + n < MOST_COLUMNS && w->until[col + n] <= row)
        w->until[col + n++] = row + down;
    bool header = el->type == OCRVL_TAG_TH || holder(w->t, e, OCRVL_TAG_THEAD) != NONE;
    uint32_t b = add_block(w, (ocrvl_tag_block){.element = e,
                                                .told = true,
                                                .table = w->t->tables,
                                                .row = row,
                                                .col = col,
                                                .row_span = down,
                                                .col_span = n,
                                                .header = header});
    el->block = b;
}

static void enter(telling *w, uint32_t e)
{
    ocrvl_tag_element *el = &w->t->elements[e];
    el->block = el->body = NONE;
    if (el->type == OCRVL_TAG_TABLE) {
        w->table = e;
        w->row = 0;
        memset(w->until, 0, sizeof w->until);
        w->t->tables++;
    } else if (w->table == NONE || holder(w->t, e, OCRVL_TAG_TABLE) != w->table) {
        return;
    } else if (el->type == OCRVL_TAG_TR && w->row < MOST_ROWS) {
        w->row++;
    } else if ((el->type == OCRVL_TAG_TD || el->type == OCRVL_TAG_TH) && w->row) {
        add_cell(w, e);
    }
}

/* The cell that an element is in, which has a block; or NONE. */
static uint32_t cell_of(const ocrvl_tag_tree *t, uint32_t e)
{
    for (; e != NONE; e = t->elements[e].parent) {
        uint8_t type = t->elements[e].type;
        if (type == OCRVL_TAG_TABLE)
            return NONE;
        if ((type == OCRVL_TAG_TD || type == OCRVL_TAG_TH) && t->elements[e].block != NONE)
            return e;
    }
    return NONE;
}

/* The nearest element that is a block; a group if none is. */
static uint32_t owner_of(const ocrvl_tag_tree *t, uint32_t e)
{
    for (uint32_t k = e; k != NONE; k = t->elements[k].parent) {
        uint8_t type = t->elements[k].type;
        if (type == OCRVL_TAG_P || is_heading(type) || type == OCRVL_TAG_LI || type == OCRVL_TAG_CAPTION ||
            type == OCRVL_TAG_FIGURE || type == OCRVL_TAG_NOTE || type == OCRVL_TAG_QUOTE || type == OCRVL_TAG_TOCI)
            return k;
        /* within a paragraph they are parts of its line */
        if ((type == OCRVL_TAG_CODE || type == OCRVL_TAG_FORMULA) && holder(t, k, OCRVL_TAG_P) == NONE)
            return k;
    }
    while (t->elements[e].parent != NONE)
        e = t->elements[e].parent;
    return e;
}

/* Whether the paragraph is what the item that it is in says, not another that stands in it. */
static uint32_t item_of(ocrvl_tag_tree *t, uint32_t owner)
{
    uint32_t item = t->elements[owner].type == OCRVL_TAG_LI ? owner : NONE;
    for (uint32_t p = t->elements[owner].parent; item == NONE && p != NONE; p = t->elements[p].parent) {
        uint8_t type = t->elements[p].type;
        if (type == OCRVL_TAG_LI)
            item = p;
        else if (type != OCRVL_TAG_GROUP && type != OCRVL_TAG_LBODY && type != OCRVL_TAG_LBL &&
                 type != OCRVL_TAG_INLINE)
            return NONE;
    }
    return item;
}

static ocrvl_tag_block describe(const ocrvl_tag_tree *t, uint32_t owner)
{
    uint8_t type = t->elements[owner].type;
    uint32_t lists = depth_in(t, owner, OCRVL_TAG_L), level = lists < MOST_LEVEL ? lists : MOST_LEVEL;
    ocrvl_tag_block b = {.element = owner, .told = true, .role = OCRVL_ROLE_PARAGRAPH};
    if (is_heading(type)) {
        uint32_t sections = type == OCRVL_TAG_H ? depth_in(t, owner, OCRVL_TAG_SECTION) : 0;
        b.role = type == OCRVL_TAG_TITLE ? OCRVL_ROLE_TITLE : OCRVL_ROLE_HEADING;
        b.level = type >= OCRVL_TAG_H1 && type <= OCRVL_TAG_H6 ? (uint32_t)type - OCRVL_TAG_H1 + 1
                  : sections == 0                              ? 1
                                                               : (sections < MOST_LEVEL ? sections : MOST_LEVEL);
        return b;
    }
    switch (type) {
    case OCRVL_TAG_LI: b.role = OCRVL_ROLE_LIST_ITEM; break;
    case OCRVL_TAG_CAPTION: b.role = OCRVL_ROLE_CAPTION; return b;
    case OCRVL_TAG_FIGURE: b.role = OCRVL_ROLE_FIGURE; return b;
    case OCRVL_TAG_NOTE: b.role = OCRVL_ROLE_FOOTNOTE; return b;
    case OCRVL_TAG_QUOTE: b.role = OCRVL_ROLE_QUOTE; break;
    case OCRVL_TAG_CODE: b.role = OCRVL_ROLE_CODE; break;
    case OCRVL_TAG_FORMULA: return b;
    case OCRVL_TAG_P:
    case OCRVL_TAG_TOCI:
        b.role = holder(t, owner, OCRVL_TAG_NOTE) != NONE      ? OCRVL_ROLE_FOOTNOTE
                 : holder(t, owner, OCRVL_TAG_CAPTION) != NONE ? OCRVL_ROLE_CAPTION
                 : holder(t, owner, OCRVL_TAG_QUOTE) != NONE   ? OCRVL_ROLE_QUOTE
                                                               : OCRVL_ROLE_PARAGRAPH;
        if (b.role != OCRVL_ROLE_PARAGRAPH && b.role != OCRVL_ROLE_QUOTE)
            return b;
        break;
    default: b.told = false;
    }
    b.level = b.told ? level : 0;
    return b;
}

static bool in_label(const ocrvl_tag_tree *t, uint32_t e)
{
    for (; e != NONE && t->elements[e].type != OCRVL_TAG_LI; e = t->elements[e].parent)
        if (t->elements[e].type == OCRVL_TAG_LBL)
            return true;
    return false;
}

/* The block of a leaf that isn't in a cell. */
static uint32_t block_of(telling *w, uint32_t e)
{
    ocrvl_tag_tree *t = w->t;
    uint32_t owner = owner_of(t, e), item = item_of(t, owner);
    bool paragraph = t->elements[owner].type == OCRVL_TAG_P;
    if (item != NONE && (paragraph || item == owner) && !in_label(t, e)) {
        if (t->elements[item].body == NONE)
            t->elements[item].body = owner;
        owner = t->elements[item].body == owner ? item : owner;
    } else if (item != NONE && in_label(t, e)) {
        owner = item;
    }
    uint32_t before = t->elements[owner].block;
    if (before != NONE && before == w->last)
        return before;
    ocrvl_tag_block b = describe(t, owner);
    b.again = before != NONE && b.told;
    return t->elements[owner].block = add_block(w, b);
}

static void add_leaf(telling *w, ocrvl_tag_leaf *leaf)
{
    ocrvl_tag_tree *t = w->t;
    if (holder(t, leaf->element, OCRVL_TAG_ARTIFACT) != NONE) {
        leaf->block = NONE;
        return;
    }
    uint32_t cell = cell_of(t, leaf->element);
    leaf->block = cell != NONE ? t->elements[cell].block : block_of(w, leaf->element);
    w->last = leaf->block;
}

/* ---- leaves ------------------------------------------------------------------------------------------ */

static int compare_keys(int page, int stream, uint32_t id, const ocrvl_tag_leaf *b)
{
    if (page != b->page)
        return page < b->page ? -1 : 1;
    if (stream != b->stream)
        return stream < b->stream ? -1 : 1;
    return (id > b->id) - (id < b->id);
}

static int compare_leaves(const void *a, const void *b)
{
    const ocrvl_tag_leaf *p = a, *q = b;
    int c = compare_keys(p->page, p->stream, p->id, q);
    return c ? c : (p->block > q->block) - (p->block < q->block); /* block: the place in the tree, meanwhile */
}

static ocrvl_status sort_leaves(ocrvl_tag_tree *t, ocrvl_error *err)
{
    ocrvl_tag_leaf *copy = ocrvl_alloc_array(t->leaf_count + 1, sizeof *copy);
    t->sorted = ocrvl_alloc_array(t->leaf_count + 1, sizeof *t->sorted);
    if (!copy || !t->sorted) {
        ocrvl_free(copy);
        return ocrvl_fail_nomem(err);
    }
    for (uint32_t i = 0; i < t->leaf_count; i++) {
        copy[i] = t->leaves[i];
        copy[i].block = i;
    }
    qsort(copy, t->leaf_count, sizeof *copy, compare_leaves);
    for (size_t i = 0; i < t->leaf_count; i++) {
        t->sorted[i] = copy[i].block;
        t->twice += i > 0 && compare_keys(copy[i].page, copy[i].stream, copy[i].id, &copy[i - 1]) == 0;
    }
    ocrvl_free(copy);
    return OCRVL_OK;
}

size_t ocrvl_tag_tree_find(const ocrvl_tag_tree *t, int page, int stream, uint32_t id)
{
    size_t from = 0, to = t->leaf_count;
    while (from < to) { /* the first that isn't before it */
        size_t mid = from + (to - from) / 2;
        if (compare_keys(page, stream, id, &t->leaves[t->sorted[mid]]) > 0)
            from = mid + 1;
        else
            to = mid;
    }
    bool found = from < t->leaf_count && compare_keys(page, stream, id, &t->leaves[t->sorted[from]]) == 0;
    return found ? t->sorted[from] : SIZE_MAX;
}

ocrvl_status ocrvl_tag_tree_blocks(ocrvl_tag_tree *t, ocrvl_error *err)
{
    telling w = {.t = t, .table = NONE, .last = NONE};
    ocrvl_status st = sort_leaves(t, err);
    if (st)
        return st;
    demote_outer_tables(t);
    for (uint32_t e = 0; e <= t->element_count && !w.failed; e++) {
        for (; w.leaf < t->leaf_count && t->leaves[w.leaf].before <= e && !w.failed; w.leaf++)
            add_leaf(&w, &t->leaves[w.leaf]);
        if (e < t->element_count)
            enter(&w, e);
    }
    return w.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

const char *ocrvl_tag_tree_language(const ocrvl_tag_tree *t, uint32_t element)
{
    for (; element != NONE; element = t->elements[element].parent)
        if (t->elements[element].lang)
            return t->strings.data + t->elements[element].lang;
    return NULL;
}
