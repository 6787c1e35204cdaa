#include <stdlib.h>
#include <string.h>

#include "align/align_parts.h"
#include "base/error.h"
#include "base/mem.h"

/* A claim may be off by this many characters and a quarter of the piece. */
#define SLACK 12
/* Exact runs shorter than this are no landmarks. */
#define LANDMARK 5

typedef struct mark {
    uint32_t a, b, len;
} mark;

typedef struct marks {
    mark *at;
    size_t n;
} marks;

/* The only place of the gram within the slack of the claim, or NONE if there are none or several. */
static uint32_t find_only(const ocrvl_align_round *r, const ocrvl_align_index *x, uint32_t a, int64_t near,
                          int64_t slack)
{
    const uint32_t *at;
    size_t n = ocrvl_align_index_find(x, r->a + a, &at);
    uint32_t found = OCRVL_ALIGN_NONE;
    for (size_t i = 0; i < n; i++)
        if (at[i] >= near - slack && at[i] <= near + slack && ocrvl_align_same_gram(r->a + a, r->b + at[i])) {
            if (found != OCRVL_ALIGN_NONE)
                return OCRVL_ALIGN_NONE;
            found = at[i];
        }
    return found;
}

static void find_marks(const ocrvl_align_round *r, const ocrvl_align_index *x, marks *m)
{
    for (size_t i = 0; i < r->pieces; i++) {
        uint32_t from = r->piece[i], len = r->piece[i + 1] - from;
        if (r->claim[i] == OCRVL_ALIGN_NONE)
            continue;
        for (uint32_t j = 0; j + OCRVL_ALIGN_GRAM <= len; j++) {
            uint32_t b = find_only(r, x, from + j, (int64_t)r->claim[i] + j, SLACK + len / 4);
            if (b != OCRVL_ALIGN_NONE)
                m->at[m->n++] = (mark){from + j, b, OCRVL_ALIGN_GRAM};
        }
    }
}

/* Reduces the marks to the longest rising sequence. tails, before: [m->n] scratch. */
static void keep_rising(marks *m, uint32_t *tails, uint32_t *before)
{
    size_t len = 0;
    for (size_t i = 0; i < m->n; i++) {
        size_t low = 0, high = len;
        while (low < high) {
            size_t mid = (low + high) / 2;
            if (m->at[tails[mid]].b < m->at[i].b)
                low = mid + 1;
            else
                high = mid;
        }
        before[i] = low > 0 ? tails[low - 1] : OCRVL_ALIGN_NONE;
        tails[low] = (uint32_t)i;
        len += low == len;
    }
    size_t k = len;
    for (uint32_t i = len > 0 ? tails[len - 1] : OCRVL_ALIGN_NONE; i != OCRVL_ALIGN_NONE; i = before[i])
        tails[--k] = i;
    for (k = 0; k < len; k++)
        m->at[k] = m->at[tails[k]];
    m->n = len;
}

/* Joins grams that overlap on one diagonal to one mark, and drops short ones; no two marks share a character. */
static void join_marks(marks *m)
{
    size_t n = 0;
    for (size_t i = 0, end; i < m->n; i = end) {
        mark one = m->at[i];
        for (end = i + 1; end < m->n; end++) {
            const mark *next = &m->at[end];
            if (next->a - one.a != next->b - one.b || next->a > one.a + one.len)
                break;
            one.len = next->a + next->len - one.a;
        }
        if (n > 0) {
            const mark *last = &m->at[n - 1];
            uint32_t end_a = last->a + last->len, end_b = last->b + last->len;
            uint32_t over_a = end_a > one.a ? end_a - one.a : 0, over_b = end_b > one.b ? end_b - one.b : 0;
            uint32_t over = over_a > over_b ? over_a : over_b;
            if (over >= one.len)
                continue;
            one = (mark){one.a + over, one.b + over, one.len - over};
        }
        if (one.len >= LANDMARK)
            m->at[n++] = one;
    }
    m->n = n;
}

ocrvl_status ocrvl_align_pair(ocrvl_align_round *r, const ocrvl_align_index *x, ocrvl_error *err)
{
    marks m = {ocrvl_alloc_array(r->na, sizeof *m.at), 0};
    uint32_t *tails = ocrvl_alloc_array(r->na, sizeof *tails), *before = ocrvl_alloc_array(r->na, sizeof *before);
    ocrvl_status st = m.at && tails && before ? OCRVL_OK : ocrvl_fail_nomem(err);
    size_t a = 0, b = 0;
    for (size_t i = 0; i < r->nb; i++)
        r->pair[i] = OCRVL_ALIGN_NONE;
    if (st == OCRVL_OK) {
        find_marks(r, x, &m);
        keep_rising(&m, tails, before);
        join_marks(&m);
    }
    for (size_t i = 0; i < m.n && st == OCRVL_OK; i++) {
        const mark *k = &m.at[i];
        st = ocrvl_align_stretch(r, a, k->a, b, k->b, err);
        for (uint32_t j = 0; j < k->len; j++)
            r->pair[k->b + j] = k->a + j;
        a = k->a + k->len;
        b = k->b + k->len;
    }
    if (st == OCRVL_OK)
        st = ocrvl_align_stretch(r, a, r->na, b, r->nb, err);
    ocrvl_free(m.at);
    ocrvl_free(tails);
    ocrvl_free(before);
    return st;
}
