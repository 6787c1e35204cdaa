#include "align/align_parts.h"
#include "base/error.h"
#include "base/mem.h"

/* How much better a line's edge is than a word's edge, which counts 1. */
#define LINE_EDGE 3

/* Moves the gap [from, to) of link by `by` characters; the characters that it passes have the same codes. */
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

/* edge: [n + 1] how well a gap may begin or end before that character. A gap is moved to the best place (the last one
 * if several are equal), but no farther than its length. */
static void move_gaps(const uint32_t *code, uint32_t *link, const uint8_t *edge, size_t n)
{
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && link[to] == OCRVL_ALIGN_NONE; to++)
            ;
        size_t len = to - from, right = 0, left = 0;
        if (len == 0) {
            to++;
            continue;
        }
        while (right < len && to + right < n && link[to + right] != OCRVL_ALIGN_NONE &&
               code[from + right] == code[to + right])
            right++;
        while (left < len && left < from && link[from - left - 1] != OCRVL_ALIGN_NONE &&
               code[from - left - 1] == code[to - left - 1])
            left++;
        ptrdiff_t best = 0;
        int best_edges = -1;
        for (ptrdiff_t by = (ptrdiff_t)right; by >= -(ptrdiff_t)left; by--) {
            int edges = edge[(ptrdiff_t)from + by] + edge[(ptrdiff_t)to + by];
            if (edges > best_edges) {
                best = by;
                best_edges = edges;
            }
        }
        move(link, from, to, best);
        to = best > 0 ? to + (size_t)best : to;
    }
}

static void find_edges(uint8_t *edge, const uint32_t *at, size_t n, const ocrvl_align_side *s)
{
    for (size_t i = 0; i < n; i++)
        edge[i] = s->begins[at[i]] || i == 0 || at[i] != at[i - 1] + 1;
    edge[n] = 1;
}

ocrvl_status ocrvl_align_refine(ocrvl_align_round *r, const ocrvl_align_side *a, const ocrvl_align_side *b,
                                ocrvl_error *err)
{
    uint32_t *owner = ocrvl_alloc_array(r->na, sizeof *owner);
    uint8_t *edge = ocrvl_alloc((r->na > r->nb ? r->na : r->nb) + 1);
    ocrvl_status st = owner && edge ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK) {
        find_edges(edge, r->b_at, r->nb, b);
        move_gaps(r->b, r->pair, edge, r->nb);
        find_edges(edge, r->a_at, r->na, a);
        for (size_t i = 0; i <= r->pieces; i++)
            edge[r->piece[i]] = LINE_EDGE;
        for (size_t i = 0; i < r->na; i++)
            owner[i] = OCRVL_ALIGN_NONE;
        for (size_t i = 0; i < r->nb; i++)
            if (r->pair[i] != OCRVL_ALIGN_NONE)
                owner[r->pair[i]] = (uint32_t)i;
        move_gaps(r->a, owner, edge, r->na);
        for (size_t i = 0; i < r->na; i++)
            if (owner[i] != OCRVL_ALIGN_NONE)
                r->pair[owner[i]] = (uint32_t)i;
    }
    ocrvl_free(owner);
    ocrvl_free(edge);
    return st;
}
