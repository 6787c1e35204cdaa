#include "base/error.h"
#include "base/mem.h"
#include "page/align_parts.h"

/* Moves the gap [from, to) of link by `by` characters; the ones that it passes hold the same codes. */
static void move(uint32_t *link, size_t from, size_t to, ptrdiff_t by)
{
    for (ptrdiff_t k = 0; k < by; k++) {
        link[from + (size_t)k] = link[to + (size_t)k];
        link[to + (size_t)k] = OCRVL_ALIGN_NONE;
    }
    for (ptrdiff_t k = 1; k <= -by; k++) {
        link[to - (size_t)k] = link[from - (size_t)k];
        link[from - (size_t)k] = OCRVL_ALIGN_NONE;
    }
}

/* edge: [n + 1] whether a unit begins there. A gap moves no farther than it's long. */
static void settle(const uint32_t *code, uint32_t *link, const uint8_t *edge, size_t n)
{
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && link[to] == OCRVL_ALIGN_NONE; to++)
            ;
        size_t len = to - from, right = 0, left = 0;
        if (len == 0) {
            to++;
            continue;
        }
        while (right < len && to + right < n && link[to + right] != OCRVL_ALIGN_NONE && code[from + right] == code[to + right])
            right++;
        while (left < len && left < from && link[from - left - 1] != OCRVL_ALIGN_NONE && code[from - left - 1] == code[to - left - 1])
            left++;
        for (ptrdiff_t by = (ptrdiff_t)right; by >= -(ptrdiff_t)left; by--)
            if (edge[(ptrdiff_t)from + by] && edge[(ptrdiff_t)to + by]) {
                move(link, from, to, by);
                to = by > 0 ? to + (size_t)by : to;
                break;
            }
    }
}

ocrvl_status ocrvl_align_settle(ocrvl_align_round *r, const uint32_t *b_unit, ocrvl_error *err)
{
    uint32_t *owner = ocrvl_alloc_array(r->na, sizeof *owner);
    uint8_t *edge = ocrvl_alloc(r->na + 1), *b_edge = ocrvl_alloc(r->nb + 1);
    ocrvl_status st = owner && edge && b_edge ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK) {
        for (size_t i = 0; i <= r->nb; i++)
            b_edge[i] = i == 0 || i == r->nb || b_unit[r->b_at[i]] != b_unit[r->b_at[i - 1]];
        settle(r->b, r->pair, b_edge, r->nb);
        for (size_t i = 0; i <= r->pieces; i++)
            edge[r->piece[i]] = 1;
        for (size_t i = 0; i < r->na; i++)
            owner[i] = OCRVL_ALIGN_NONE;
        for (size_t i = 0; i < r->nb; i++)
            if (r->pair[i] != OCRVL_ALIGN_NONE)
                owner[r->pair[i]] = (uint32_t)i;
        settle(r->a, owner, edge, r->na);
        for (size_t i = 0; i < r->na; i++)
            if (owner[i] != OCRVL_ALIGN_NONE)
                r->pair[owner[i]] = (uint32_t)i;
    }
    ocrvl_free(owner);
    ocrvl_free(edge);
    ocrvl_free(b_edge);
    return st;
}
