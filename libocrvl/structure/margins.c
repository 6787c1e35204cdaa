#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "structure/structure_parts.h"

/* Heights of the page: how far a margin reaches, and how far apart a line and its like on another page are. */
#define REACH 0.14f
#define NEAR 0.012f
#define LARGEST 1.25f /* times the body's size; what is larger is a title */
enum { MOST_LINES = 2, MOST_WORDS = 20, NEAR_PAGES = 4 };

/* ---- what a line is to be known by ------------------------------------------------------------------- */

static size_t put(char *out, size_t n, const char *s, size_t len)
{
    for (size_t i = 0; i < len && n + 1 < OCRVL_MARGIN_TEXT; i++)
        out[n++] = ocrvl_ascii_lower(s[i]);
    return n;
}

/* The text of a block as it would be on any page, and the number in it. */
static void make_key(ocrvl_margin_line *k, const ocrvl_node *block)
{
    size_t n = 0, numbers = 0;
    k->value = -1;
    for (const ocrvl_node *line = block->first; line; line = line->next)
        for (const ocrvl_node *w = line->first; w; w = w->next) {
            const char *s = w->info.text;
            int32_t roman = (int32_t)ocrvl_roman(s, strlen(s));
            if (n)
                n = put(k->text, n, " ", 1);
            if (roman) {
                n = put(k->text, n, "#", 1);
                k->value = roman;
                numbers++;
            }
            while (*s && !roman) {
                size_t digits = strspn(s, "0123456789"), other = strcspn(s, "0123456789");
                if (digits) {
                    n = put(k->text, n, "#", 1);
                    numbers++;
                    k->value = 0;
                    for (size_t i = 0; i < digits && i < 6; i++)
                        k->value = 10 * k->value + (s[i] - '0');
                    s += digits;
                } else {
                    n = put(k->text, n, s, other);
                    s += other;
                }
            }
        }
    k->text[n] = '\0';
    if (numbers != 1)
        k->value = -1;
}

/* ---- the margins of a page --------------------------------------------------------------------------- */

/* Which margin a block may be of: -1 the head, 1 the foot, 0 none. Only what stands beyond all other text is. */
static int side_of(const ocrvl_sheet *s, size_t i, float body)
{
    const ocrvl_facts *f = &s->facts[i];
    float height = (float)s->height;
    ocrvl_role r = f->node->info.role;
    if (!f->text || f->lines > MOST_LINES || f->words > MOST_WORDS || f->mono || r == OCRVL_ROLE_TABLE ||
        (body > 0 && f->size > LARGEST * body))
        return 0;
    int side = f->first_base < REACH * height ? -1 : f->last_base > (1 - REACH) * height ? 1 : 0;
    size_t beyond = 0;
    for (size_t k = 0; side && k < s->count; k++) {
        const ocrvl_facts *o = &s->facts[k];
        if (k != i && o->text && (side < 0 ? o->last_base < f->first_base - 2 : o->first_base > f->last_base + 2))
            beyond += o->lines;
    }
    return beyond > 2 ? 0 : side; /* a running head and a number, say */
}

static bool make_line(ocrvl_margin_line *k, const ocrvl_sheet *s, size_t i, float body)
{
    int side = side_of(s, i, body);
    if (!side)
        return false;
    make_key(k, s->facts[i].node);
    k->top = side < 0;
    k->place = (side < 0 ? s->facts[i].first_base : s->facts[i].last_base) / (float)s->height;
    return *k->text != '\0';
}

void ocrvl_margins_add(ocrvl_margins *m, const ocrvl_sheet *s, float body)
{
    ocrvl_margin_page *p = &m->pages[m->count++ % OCRVL_MARGIN_PAGES];
    *p = (ocrvl_margin_page){.number = s->number, .document = s->document};
    for (size_t i = 0; i < s->count && p->count < OCRVL_MARGIN_LINES; i++)
        p->count += make_line(&p->lines[p->count], s, i, body);
}

/* ---- what comes back --------------------------------------------------------------------------------- */

/* Whether two lines of pages that are `apart` pages apart are one running line, or both the page's number. */
static bool is_like(const ocrvl_margin_line *a, const ocrvl_margin_line *b, int64_t apart)
{
    if (a->top != b->top || fabsf(a->place - b->place) > NEAR || strcmp(a->text, b->text) != 0)
        return false;
    if (strchr(a->text, '#') && a->value >= 0 && b->value >= 0)
        return b->value - a->value == apart || b->value == a->value;
    return true;
}

static bool is_number(const char *text) { return strchr(text, '#') && strspn(text, "#-–[]()/. page") == strlen(text); }

static bool comes_back(const ocrvl_margins *m, const ocrvl_sheet *s, const ocrvl_margin_line *line, bool *counts)
{
    size_t n = m->count < OCRVL_MARGIN_PAGES ? (size_t)m->count : OCRVL_MARGIN_PAGES;
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        const ocrvl_margin_page *p = &m->pages[i];
        int64_t apart = (int64_t)(p->number - s->number);
        if (p->document != s->document || apart == 0 || apart > NEAR_PAGES || apart < -NEAR_PAGES)
            continue;
        for (size_t k = 0; k < p->count; k++)
            if (is_like(line, &p->lines[k], apart)) {
                found = true;
                *counts |= line->value >= 0 && p->lines[k].value - line->value == apart;
            }
    }
    return found;
}

/* Whether another page of the document near this one is known. */
static bool has_neighbour(const ocrvl_margins *m, const ocrvl_sheet *s)
{
    size_t n = m->count < OCRVL_MARGIN_PAGES ? (size_t)m->count : OCRVL_MARGIN_PAGES;
    for (size_t i = 0; i < n; i++)
        if (m->pages[i].document == s->document && m->pages[i].number != s->number)
            return true;
    return false;
}

static bool is_running(ocrvl_role r)
{
    return r == OCRVL_ROLE_HEADER || r == OCRVL_ROLE_FOOTER || r == OCRVL_ROLE_PAGE_NUMBER;
}

void ocrvl_margins_apply(const ocrvl_margins *m, const ocrvl_sheet *s, float body)
{
    for (size_t i = 0; i < s->count; i++) {
        ocrvl_margin_line line;
        ocrvl_role *role = &s->facts[i].node->info.role;
        bool counts = false, alone = is_running(*role) && !s->facts[i].measured && has_neighbour(m, s);
        bool plain = *role == OCRVL_ROLE_PARAGRAPH || *role == OCRVL_ROLE_HEADING || *role == OCRVL_ROLE_LIST_ITEM;
        if (alone) /* its place alone told it, and it doesn't come back */
            *role = OCRVL_ROLE_PARAGRAPH;
        if (!(plain || alone) || !make_line(&line, s, i, body) || !comes_back(m, s, &line, &counts))
            continue;
        bool number = counts && is_number(line.text);
        if (strcmp(line.text, "#") == 0 && !number) /* the same number on several pages is no text that runs */
            continue;
        *role = number ? OCRVL_ROLE_PAGE_NUMBER : line.top ? OCRVL_ROLE_HEADER : OCRVL_ROLE_FOOTER;
    }
}
