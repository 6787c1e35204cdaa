#include <stdlib.h>

#include "structure/structure_parts.h"

/* Pixels that places may differ by and still be one: a fraction of the type's height. */
static int32_t near_of(const ocrvl_facts *f)
{
    int32_t high = f->lines ? (f->box.y1 - f->box.y0) / (int32_t)f->lines : 0;
    return high > 8 ? high / 2 : 4;
}

/* Whether the block begins in a column of its own: above what stands before it. */
static bool is_elsewhere(const ocrvl_lists *l, const ocrvl_facts *f) { return f->box.y1 <= l->bottom; }

/* The depth, from 1, at which an item stands among those that are open. */
static size_t depth_at(const ocrvl_lists *l, const ocrvl_facts *f)
{
    int32_t near = near_of(f);
    size_t depth = l->depth;
    if (depth && is_elsewhere(l, f)) { /* the column has other edges: the mark alone tells */
        for (size_t i = depth; i > 0; i--)
            if (ocrvl_mark_follows(&l->marks[i - 1], &f->mark))
                return i;
    }
    while (depth && f->first_left < l->lefts[depth - 1] - near)
        depth--;
    if (depth && f->first_left <= l->lefts[depth - 1] + near)
        return depth;
    return depth < OCRVL_LIST_DEPTH ? depth + 1 : depth;
}

/* Whether it is an item: surely by its mark, or as it follows another, or as another follows it. */
static bool is_item(const ocrvl_lists *l, const ocrvl_sheet *s, size_t i)
{
    const ocrvl_facts *f = &s->facts[i];
    if (f->mark.kind == OCRVL_MARK_NONE || f->words < 2)
        return false;
    if (f->mark.surely || f->mark.kind == OCRVL_MARK_NUMBER || f->mark.kind == OCRVL_MARK_BULLET)
        return true;
    for (size_t k = 0; k < l->depth; k++)
        if (ocrvl_mark_follows(&l->marks[k], &f->mark))
            return true;
    for (size_t k = i + 1; k < s->count && k < i + 12; k++)
        if (s->facts[k].text && ocrvl_mark_follows(&f->mark, &s->facts[k].mark))
            return true;
    return false;
}

static void add_item(ocrvl_lists *l, const ocrvl_facts *f)
{
    l->depth = depth_at(l, f);
    l->marks[l->depth - 1] = f->mark;
    l->lefts[l->depth - 1] = f->first_left;
    l->texts[l->depth - 1] = f->text_left;
    l->bottom = f->box.y1;
    f->node->info.role = OCRVL_ROLE_LIST_ITEM;
    f->node->info.level = (uint32_t)l->depth;
}

/* The depth of the open item to which a block belongs that has no mark: its text begins where the item's does. 0: to
 * none. */
static size_t belongs_to(const ocrvl_lists *l, const ocrvl_facts *f)
{
    int32_t near = near_of(f);
    for (size_t i = l->depth; i > 0; i--)
        if (!is_elsewhere(l, f) && abs(f->first_left - l->texts[i - 1]) <= near && l->texts[i - 1] > l->lefts[i - 1])
            return i;
    return 0;
}

void ocrvl_lists_apply(ocrvl_lists *l, const ocrvl_sheet *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_facts *f = &s->facts[i];
        ocrvl_node_info *info = &f->node->info;
        bool plain = info->role == OCRVL_ROLE_PARAGRAPH || info->role == OCRVL_ROLE_LIST_ITEM;
        if (info->role == OCRVL_ROLE_LIST_ITEM)
            info->role = OCRVL_ROLE_PARAGRAPH;
        if (f->text && plain && is_item(l, s, i)) {
            add_item(l, f);
            continue;
        }
        if (!f->text || info->role == OCRVL_ROLE_HEADER || info->role == OCRVL_ROLE_FOOTER ||
            info->role == OCRVL_ROLE_PAGE_NUMBER || info->role == OCRVL_ROLE_FOOTNOTE)
            continue;
        bool inner = info->role == OCRVL_ROLE_PARAGRAPH || info->role == OCRVL_ROLE_CODE;
        l->depth = inner ? belongs_to(l, f) : 0;
        if (inner)
            info->level = (uint32_t)l->depth;
        if (l->depth)
            l->bottom = f->box.y1;
    }
}
