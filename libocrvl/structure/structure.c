#include "structure/structure.h"

#include "base/error.h"
#include "base/mem.h"
#include "structure/structure_parts.h"

enum { MOST_AHEAD = OCRVL_MARGIN_PAGES / 2 - 1 };

typedef struct entry {
    struct entry *next;
    ocrvl_sheet sheet;
} entry;

struct ocrvl_structure {
    uint32_t ahead;
    entry *first, *last;
    size_t count;
    uint64_t document, pages; /* documents that have begun, pages of the last one */
    ocrvl_type type;          /* of this document, */
    ocrvl_margins margins;
    uint64_t leaving; /* and the one that the next page to leave is of: */
    ocrvl_lists lists;
    ocrvl_flow flow;
};

/* Whether a block that the document calls a paragraph is more than that: few programs that make tagged documents have
 * another name for notes and captions. */
static bool is_more(const ocrvl_node *n)
{
    ocrvl_role r = n->info.role;
    return n->info.given == OCRVL_ROLE_PARAGRAPH && n->given_level == 0 &&
           (r == OCRVL_ROLE_FOOTNOTE || r == OCRVL_ROLE_CAPTION);
}

/* Gives blocks back what the document says of them. */
static void restore(const ocrvl_sheet *s)
{
    for (size_t i = 0; i < s->count; i++) {
        ocrvl_node *n = s->facts[i].node;
        if (!n->info.told || is_more(n))
            continue;
        n->info.role = n->info.given;
        n->info.level = n->given_level;
        n->info.continues = n->given_on;
    }
}

static void apply(const ocrvl_type *type, const ocrvl_margins *margins, ocrvl_lists *lists, ocrvl_flow *flow,
                  const ocrvl_sheet *s)
{
    float body = ocrvl_type_body(type);
    if (!s->page->info.guessed)
        return;
    for (size_t i = 0; i < s->count; i++) {
        s->facts[i].node->info.role = s->facts[i].node->info.given;
        s->facts[i].node->info.level = 0;
    }
    ocrvl_margins_apply(margins, s, body);
    restore(s);
    for (size_t i = 0; i < s->count; i++) {
        ocrvl_node_info *info = &s->facts[i].node->info;
        if (info->told)
            continue;
        if (ocrvl_is_heading(type, s, i)) {
            info->role = OCRVL_ROLE_HEADING;
            info->level = ocrvl_heading_level(type, &s->facts[i]);
        } else if (info->role == OCRVL_ROLE_HEADING) {
            info->role = OCRVL_ROLE_PARAGRAPH;
            info->level = 0;
        }
    }
    ocrvl_blocks_apply(s, body);
    restore(s);
    ocrvl_lists_apply(lists, s);
    restore(s);
    ocrvl_flow_apply(flow, s);
    restore(s);
}

static void learn(ocrvl_type *type, ocrvl_margins *margins, const ocrvl_sheet *s)
{
    ocrvl_type_add(type, s);
    ocrvl_type_add_headings(type, s);
    ocrvl_margins_add(margins, s, ocrvl_type_body(type));
}

ocrvl_status ocrvl_structure_of_page(ocrvl_page *page, ocrvl_error *err)
{
    ocrvl_structure *s = ocrvl_alloc(sizeof *s);
    ocrvl_sheet sheet = {0};
    ocrvl_status st = s ? ocrvl_sheet_make(&sheet, page, err) : ocrvl_fail_nomem(err);
    if (!st) {
        learn(&s->type, &s->margins, &sheet);
        apply(&s->type, &s->margins, &s->lists, &s->flow, &sheet);
    }
    ocrvl_sheet_free(&sheet);
    ocrvl_free(s);
    return st;
}

ocrvl_status ocrvl_structure_new(ocrvl_structure **out, uint32_t ahead, ocrvl_error *err)
{
    *out = ocrvl_alloc(sizeof **out);
    if (!*out)
        return ocrvl_fail_nomem(err);
    (*out)->ahead = ahead < MOST_AHEAD ? ahead : MOST_AHEAD;
    return OCRVL_OK;
}

void ocrvl_structure_free(ocrvl_structure *s)
{
    if (!s)
        return;
    for (entry *e = s->first, *next; e; e = next) {
        next = e->next;
        ocrvl_page_free(e->sheet.page);
        ocrvl_sheet_free(&e->sheet);
        ocrvl_free(e);
    }
    ocrvl_free(s);
}

ocrvl_status ocrvl_structure_add(ocrvl_structure *s, ocrvl_page *page, bool begins, ocrvl_error *err)
{
    entry *e = ocrvl_alloc(sizeof *e);
    ocrvl_status st = e ? ocrvl_sheet_make(&e->sheet, page, err) : ocrvl_fail_nomem(err);
    if (st) {
        ocrvl_free(e);
        ocrvl_page_free(page);
        return st;
    }
    if (begins) {
        s->document++;
        s->pages = 0;
        s->type = (ocrvl_type){0};
    }
    e->sheet.document = s->document;
    e->sheet.number = s->pages++;
    learn(&s->type, &s->margins, &e->sheet);
    if (s->last)
        s->last->next = e;
    else
        s->first = e;
    s->last = e;
    s->count++;
    return OCRVL_OK;
}

ocrvl_page *ocrvl_structure_next(ocrvl_structure *s, bool rest)
{
    entry *e = s->first;
    if (!e || (!rest && s->count <= s->ahead && e->sheet.document == s->document))
        return NULL;
    if (s->leaving != e->sheet.document) {
        s->leaving = e->sheet.document;
        s->lists = (ocrvl_lists){0};
        s->flow = (ocrvl_flow){0};
    }
    s->lists.bottom = INT32_MAX;
    apply(&s->type, &s->margins, &s->lists, &s->flow, &e->sheet);
    ocrvl_page *page = e->sheet.page;
    s->first = e->next;
    s->last = s->first ? s->last : NULL;
    s->count--;
    ocrvl_sheet_free(&e->sheet);
    ocrvl_free(e);
    return page;
}
