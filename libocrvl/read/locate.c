#include "read/locate.h"

#include <string.h>

#include "base/array.h"
#include "base/edit.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { MOST = 200, WORDS = 48 }; /* code points of a text; words of a run */

typedef struct letters {
    uint32_t c[2 * MOST];
    size_t n;
} letters;

typedef struct places { /* the page's words in reading order */
    const ocrvl_node **words;
    size_t count, cap;
    bool failed;
} places;

/* Appends the letters of a text that count; false if there are too many. */
static bool add_letters(letters *l, const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        if (c <= 0x20 || c == 0xA0)
            continue;
        if (l->n == 2 * MOST)
            return false;
        l->c[l->n++] = c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
    return true;
}

static void collect(places *p, const ocrvl_node *n)
{
    for (; n && !p->failed; n = ocrvl_node_next(n)) {
        ocrvl_node_info info = {.size = sizeof info};
        ocrvl_node_get_info(n, &info);
        if (info.kind != OCRVL_WORD) {
            collect(p, ocrvl_node_first(n)); /* at most block, cell, line: three deep */
            continue;
        }
        p->failed = !OCRVL_ARRAY_RESERVE(p->words, p->cap, p->count + 1);
        if (p->failed)
            return;
        p->words[p->count++] = n;
    }
}

static const char *text_of(const ocrvl_node *n)
{
    ocrvl_node_info info = {.size = sizeof info};
    ocrvl_node_get_info(n, &info);
    return info.text;
}

static void add_box(const ocrvl_node *n, ocrvl_box *box)
{
    ocrvl_node_info info = {.size = sizeof info};
    ocrvl_node_get_info(n, &info);
    *box = ocrvl_box_union(*box, info.box);
}

bool ocrvl_locate(const ocrvl_page *page, const char *text, double least, ocrvl_box *box, double *score)
{
    letters want = {.n = 0};
    places p = {0};
    size_t best_from = 0, best_to = 0;
    *score = 0;
    *box = (ocrvl_box){0};
    if (!add_letters(&want, text) || want.n == 0 || want.n > MOST)
        return false;
    collect(&p, ocrvl_page_first(page));
    for (size_t from = 0; from < p.count; from++) {
        letters have = {.n = 0};
        for (size_t to = from; to < p.count && to < from + WORDS && 10 * have.n < 13 * want.n; to++) {
            if (!add_letters(&have, text_of(p.words[to])))
                break;
            if (10 * have.n < 7 * want.n)
                continue;
            size_t longer = have.n > want.n ? have.n : want.n;
            size_t row[2 * MOST + 1], apart = ocrvl_edit_distance(want.c, want.n, have.c, have.n, row);
            double agree = 1 - (double)apart / (double)longer;
            if (agree > *score) {
                *score = agree;
                best_from = from;
                best_to = to + 1;
            }
        }
    }
    bool found = *score >= least && best_to > best_from;
    for (size_t i = best_from; found && i < best_to; i++)
        add_box(p.words[i], box);
    ocrvl_free(p.words);
    return found && box->x1 > box->x0;
}
