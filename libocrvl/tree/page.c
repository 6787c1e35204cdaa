/* The page that a builder's nodes make, and reading it. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "tree/tree.h"

/* ---- names ------------------------------------------------------------------------------------------- */

static const char *const role_names[] = {"paragraph",   "title",      "heading",   "list_item", "table",  "figure",
                                         "caption",     "formula",    "code",      "footnote",  "header", "footer",
                                         "page_number", "form_field", "separator", "other",     "quote"};
#define ROLES (sizeof role_names / sizeof *role_names)

const char *ocrvl_role_name(ocrvl_role role) { return (unsigned)role < ROLES ? role_names[role] : "other"; }

bool ocrvl_role_by_name(const char *name, ocrvl_role *role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (strcmp(name, role_names[i]) == 0) {
            *role = (ocrvl_role)i;
            return true;
        }
    return false;
}

const char *ocrvl_page_status_name(ocrvl_page_status status)
{
    static const char *const names[] = {"ok", "blank", "partial", "failed"};
    return (unsigned)status < 4 ? names[status] : "failed";
}

/* ---- finishing --------------------------------------------------------------------------------------- */

typedef struct tally { /* of language tags, one entry a tagged run */
    ocrvl_tree_language *runs;
    size_t count, cap;
    uint64_t points; /* code points, tagged or not */
    bool failed;
} tally;

static void tally_add(tally *t, const char *tag, uint64_t points)
{
    if (!tag || points == 0 || t->failed)
        return;
    if (t->count && t->runs[t->count - 1].tag == tag) {
        t->runs[t->count - 1].count += points;
        return;
    }
    if (!OCRVL_ARRAY_RESERVE(t->runs, t->cap, t->count + 1)) {
        t->failed = true;
        return;
    }
    t->runs[t->count++] = (ocrvl_tree_language){tag, points};
}

/* The innermost tag counts: a word's for the word, its line's for the rest of the line, and so on outwards. */
static void tally_lines(tally *t, const ocrvl_node *parent, const char *outer)
{
    for (const ocrvl_node *line = parent->first; line; line = line->next) {
        const char *tag = line->info.lang ? line->info.lang : outer;
        uint64_t left = line->count;
        for (const ocrvl_node *word = line->first; word; word = word->next)
            if (word->info.lang) {
                tally_add(t, word->info.lang, word->count);
                left -= word->count;
            }
        tally_add(t, tag, left);
        t->points += line->count;
    }
}

static int by_tag(const void *a, const void *b)
{
    return strcmp(((const ocrvl_tree_language *)a)->tag, ((const ocrvl_tree_language *)b)->tag);
}

static int by_count(const void *a, const void *b)
{
    const ocrvl_tree_language *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->tag, y->tag);
}

/* Counts all tags of the page, sorts them, and copies them into the arena. */
static bool page_tally(ocrvl_builder *b, ocrvl_page *page)
{
    tally t = {0};
    for (const ocrvl_node *block = b->first; block; block = block->next) {
        if (block->info.role != OCRVL_ROLE_TABLE) {
            tally_lines(&t, block, block->info.lang);
            continue;
        }
        for (const ocrvl_node *cell = block->first; cell; cell = cell->next)
            tally_lines(&t, cell, cell->info.lang ? cell->info.lang : block->info.lang);
    }
    size_t n = 0;
    if (t.count)
        qsort(t.runs, t.count, sizeof *t.runs, by_tag);
    for (size_t i = 0; i < t.count; i++) {
        if (n && strcmp(t.runs[n - 1].tag, t.runs[i].tag) == 0)
            t.runs[n - 1].count += t.runs[i].count;
        else
            t.runs[n++] = t.runs[i];
    }
    if (n)
        qsort(t.runs, n, sizeof *t.runs, by_count);
    page->languages = t.failed ? NULL : ocrvl_tree_take(b, (n + 1) * sizeof *t.runs);
    if (page->languages && n)
        memcpy(page->languages, t.runs, n * sizeof *t.runs);
    page->language_count = n;
    page->count = t.points;
    ocrvl_free(t.runs);
    return page->languages != NULL;
}

static bool page_styles(ocrvl_builder *b, ocrvl_page *page)
{
    page->styles = ocrvl_tree_take(b, ((size_t)b->style_count + 1) * sizeof *page->styles);
    for (const ocrvl_tree_style *s = b->first_style; page->styles && s; s = s->next)
        page->styles[page->style_count++] = s;
    return page->styles != NULL;
}

static bool page_warnings(ocrvl_builder *b, ocrvl_page *page)
{
    page->warnings = ocrvl_tree_take(b, ((size_t)b->info.warnings + 1) * sizeof *page->warnings);
    size_t i = 0;
    for (const ocrvl_tree_warning *w = b->first_warning; page->warnings && w; w = w->next)
        page->warnings[i++] = *w;
    return page->warnings != NULL;
}

ocrvl_status ocrvl_builder_finish(ocrvl_builder *b, ocrvl_page **out, ocrvl_error *err)
{
    *out = NULL;
    ocrvl_status st = ocrvl_tree_refuse_finished(b, err);
    if (st)
        return st;
    if (b->depth)
        return ocrvl_fail(err, OCRVL_E_ARG, "a node is still open");
    if (b->info.width == 0 && !b->failed)
        return ocrvl_fail(err, OCRVL_E_ARG, "only a failed page may have no size");
    ocrvl_page *page = ocrvl_tree_take(b, sizeof *page);
    const char *text = ocrvl_tree_copy(b, b->text.data, b->text.len);
    if (!page || !text || !page_tally(b, page) || !page_warnings(b, page) || !page_styles(b, page))
        return ocrvl_fail_nomem(err);
    double sum = 0, weight = 0;
    for (const ocrvl_node *n = b->first; n; n = n->next) {
        sum += n->sum;
        weight += n->weight;
    }
    page->info = b->info;
    page->info.text = text;
    page->info.confidence = weight > 0 ? (float)(sum / weight) : -1;
    page->info.status = b->failed          ? OCRVL_PAGE_FAILED
                        : b->partial       ? OCRVL_PAGE_PARTIAL
                        : page->count == 0 ? OCRVL_PAGE_BLANK
                                           : OCRVL_PAGE_OK;
    page->info.guessed = b->guessed;
    page->first = b->first;
    page->arena = b->arena;
    b->arena = (ocrvl_arena){0};
    b->finished = true;
    *out = page;
    return OCRVL_OK;
}

static void reach(ocrvl_box *all, const ocrvl_box *box)
{
    all->x1 = box->x1 > all->x1 ? box->x1 : all->x1;
    all->y1 = box->y1 > all->y1 ? box->y1 : all->y1;
}

/* How far the boxes of nodes reach; they nest at most four deep. */
static void reach_nodes(ocrvl_box *all, const ocrvl_node *first)
{
    for (const ocrvl_node *n = first; n; n = n->next) {
        reach(all, &n->info.box);
        reach_nodes(all, n->first);
    }
}

ocrvl_status ocrvl_page_set_size(ocrvl_page *page, uint32_t width, uint32_t height, ocrvl_error *err)
{
    ocrvl_box all = page->info.border;
    reach_nodes(&all, page->first);
    for (uint32_t i = 0; i < page->info.warnings; i++)
        reach(&all, &page->warnings[i].box);
    if (width > OCRVL_MAX_SIDE || height > OCRVL_MAX_SIDE || !width != !height ||
        (width == 0 && page->info.status != OCRVL_PAGE_FAILED) || (uint32_t)all.x1 > width || (uint32_t)all.y1 > height)
        return ocrvl_fail(err, OCRVL_E_ARG, "%u x %u pixels are no size for a page whose boxes reach to %d x %d", width,
                          height, all.x1, all.y1);
    const ocrvl_box *border = &page->info.border;
    if (border->x0 == 0 && border->y0 == 0 && (uint32_t)border->x1 == width && (uint32_t)border->y1 == height)
        page->info.border = (ocrvl_box){0};
    page->info.width = width;
    page->info.height = height;
    return OCRVL_OK;
}

/* ---- reading it -------------------------------------------------------------------------------------- */

void ocrvl_page_free(ocrvl_page *page)
{
    if (!page)
        return;
    ocrvl_arena arena = page->arena; /* in which the page itself lies */
    ocrvl_arena_free(&arena);
}

void ocrvl_page_get_info(const ocrvl_page *page, ocrvl_page_info *info)
{
    size_t size = info->size;
    memcpy(info, &page->info, size < sizeof *info ? size : sizeof *info);
    info->size = size;
}

const ocrvl_text_style *ocrvl_page_style(const ocrvl_page *page, uint32_t i)
{
    return i < page->style_count ? &page->styles[i]->style : NULL;
}

void ocrvl_page_warning(const ocrvl_page *page, uint32_t i, const char **code, const char **message)
{
    bool there = i < page->info.warnings;
    if (code)
        *code = there ? page->warnings[i].code : "";
    if (message)
        *message = there ? page->warnings[i].message : "";
}

ocrvl_box ocrvl_page_warning_box(const ocrvl_page *page, uint32_t i)
{
    return i < page->info.warnings ? page->warnings[i].box : (ocrvl_box){0};
}

size_t ocrvl_page_languages(const ocrvl_page *page, const char **langs, double *shares, size_t cap)
{
    for (size_t i = 0; i < page->language_count && i < cap; i++) {
        if (langs)
            langs[i] = page->languages[i].tag;
        if (shares)
            shares[i] = (double)page->languages[i].count / (double)page->count;
    }
    return page->language_count;
}

const ocrvl_node *ocrvl_page_first(const ocrvl_page *page) { return page->first; }

const ocrvl_node *ocrvl_node_first(const ocrvl_node *node) { return node->first; }

const ocrvl_node *ocrvl_node_next(const ocrvl_node *node) { return node->next; }

void ocrvl_node_get_info(const ocrvl_node *node, ocrvl_node_info *info)
{
    size_t size = info->size;
    memcpy(info, &node->info, size < sizeof *info ? size : sizeof *info);
    info->size = size;
}
