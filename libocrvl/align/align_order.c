#include <stdlib.h>
#include <string.h>

#include "align/align_parts.h"
#include "base/error.h"
#include "base/mem.h"

/* A gram that occurs at more places than this doesn't indicate where a line is. */
#define COMMON 48
/* How many places are considered for a piece of a line, and how many pieces the search for the best path looks back. */
#define PLACES 6
#define LOOK_BACK 12
/* Votes are gathered over stretches of this many characters, since reading errors shift a line by some characters. */
#define BIN 8
/* In hundredths of a vote: the cost of leaving the order, and of each character of text without a line. */
#define JUMP 500
#define STEP 4
#define BACK 8 /* characters by which two neighbours may appear to overlap */

static uint32_t bucket_of(const uint32_t *g, unsigned bits)
{
    uint32_t h = g[0] * 0x9E3779B1u;
    h = (h ^ h >> 15) + g[1] * 0x85EBCA77u;
    h = (h ^ h >> 13) + g[2] * 0xC2B2AE3Du;
    h = (h ^ h >> 16) * 0x27D4EB2Fu;
    return h >> (32 - bits);
}

ocrvl_status ocrvl_align_index_new(ocrvl_align_index *x, const uint32_t *text, size_t n, ocrvl_error *err)
{
    size_t grams = n >= OCRVL_ALIGN_GRAM ? n - OCRVL_ALIGN_GRAM + 1 : 0;
    *x = (ocrvl_align_index){.bits = 8};
    while (x->bits < 20 && ((size_t)1 << x->bits) < 2 * grams)
        x->bits++;
    size_t buckets = (size_t)1 << x->bits;
    x->first = ocrvl_alloc_array(buckets + 2, sizeof *x->first);
    x->at = ocrvl_alloc_array(grams, sizeof *x->at);
    if (!x->first || !x->at) {
        ocrvl_align_index_free(x);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < grams; i++)
        x->first[bucket_of(text + i, x->bits) + 2]++;
    for (size_t i = 0; i < buckets; i++)
        x->first[i + 2] += x->first[i + 1];
    for (size_t i = 0; i < grams; i++)
        x->at[x->first[bucket_of(text + i, x->bits) + 1]++] = (uint32_t)i;
    return OCRVL_OK;
}

void ocrvl_align_index_free(ocrvl_align_index *x)
{
    ocrvl_free(x->first);
    ocrvl_free(x->at);
    *x = (ocrvl_align_index){0};
}

size_t ocrvl_align_index_find(const ocrvl_align_index *x, const uint32_t *g, const uint32_t **at)
{
    uint32_t b = bucket_of(g, x->bits), n = x->first[b + 1] - x->first[b];
    *at = x->at + x->first[b];
    return n <= COMMON ? n : 0;
}

bool ocrvl_align_same_gram(const uint32_t *p, const uint32_t *q)
{
    return p[0] == q[0] && p[1] == q[1] && p[2] == q[2];
}

/* ---- possible places of each piece ---- */

typedef struct bin {
    uint32_t votes, last; /* last: 1 + the character that voted last, so that each character votes once */
    uint64_t sum;         /* sum of the exact positions that were voted for */
} bin;

typedef struct place {
    uint32_t piece, start;
    int32_t score, total; /* of this place, and of the best path that ends here; in hundredths of a vote */
    uint32_t before;      /* the place before it on that path, or NONE */
} place;

typedef struct finder {
    bin *bins;         /* [bin_count] of BIN characters of possible beginnings of the piece, offset by `shift` */
    uint32_t *touched; /* [bin_count] */
    size_t bin_count, touched_count;
    place *places;   /* [pieces * PLACES], piece by piece */
    uint32_t *first; /* [pieces + 1] */
    size_t count;
} finder;

static void vote(finder *f, uint32_t who, size_t start, uint32_t votes)
{
    bin *b = &f->bins[start / BIN];
    if (b->last == who + 1)
        return;
    if (b->votes == 0)
        f->touched[f->touched_count++] = (uint32_t)(start / BIN);
    b->last = who + 1;
    b->votes += votes;
    b->sum += (uint64_t)start * votes;
}

static void keep_place(place *p, size_t *n, place new)
{
    for (size_t i = 0; i < *n; i++) {
        uint32_t far = p[i].start > new.start ? p[i].start - new.start : new.start - p[i].start;
        if (far <= BIN) {
            if (new.score > p[i].score)
                p[i] = new;
            return;
        }
    }
    size_t at = *n;
    for (; at > 0 && p[at - 1].score < new.score; at--)
        if (at < PLACES)
            p[at] = p[at - 1];
    if (at < PLACES) {
        p[at] = new;
        *n += *n < PLACES;
    }
}

/* Finds where the piece may be, best place first. */
static void find_places(finder *f, const ocrvl_align_round *r, const ocrvl_align_index *x, uint32_t piece)
{
    uint32_t from = r->piece[piece], to = r->piece[piece + 1], len = to - from;
    place *p = f->places + f->count;
    size_t n = 0;
    f->touched_count = 0;
    for (uint32_t j = 0; j + OCRVL_ALIGN_GRAM <= len; j++) {
        const uint32_t *at;
        size_t k = ocrvl_align_index_find(x, r->a + from + j, &at);
        for (size_t i = 0; i < k; i++)
            if (ocrvl_align_same_gram(r->a + from + j, r->b + at[i]))
                vote(f, j, (size_t)at[i] + len - j, k == 1 ? 2 : 1);
    }
    for (size_t i = 0; i < f->touched_count; i++) {
        const bin *one = &f->bins[f->touched[i]], *two = one + 1;
        uint32_t votes = one->votes + two->votes;
        uint64_t start = (one->sum + two->sum) / votes;
        if (votes >= 2 || len <= 4)
            keep_place(p, &n,
                       (place){.piece = piece,
                               .start = start > len ? (uint32_t)(start - len) : 0,
                               .score = (int32_t)votes * 100,
                               .before = OCRVL_ALIGN_NONE});
    }
    for (size_t i = 0; i < f->touched_count; i++)
        f->bins[f->touched[i]] = (bin){0};
    f->first[piece] = (uint32_t)f->count;
    f->count += n;
}

/* ---- the path through the places ---- */

/* The cost of going from p to q, where q belongs to a later piece. */
static int32_t cost(const ocrvl_align_round *r, const place *p, const place *q)
{
    int64_t end = (int64_t)p->start + (r->piece[p->piece + 1] - r->piece[p->piece]);
    int64_t gap = (int64_t)q->start - end, between = r->piece[q->piece] - r->piece[p->piece + 1];
    if (gap < -BACK)
        return JUMP;
    int64_t off = gap < 0 ? -gap : gap, other = gap > between ? gap - between : between - gap;
    off = STEP * (other < off ? other : off);
    return off < JUMP ? (int32_t)off : JUMP;
}

/* Follows the best path and sets the claims of its pieces; the others get none. */
static void walk(ocrvl_align_round *r, finder *f)
{
    uint32_t best = OCRVL_ALIGN_NONE, far = OCRVL_ALIGN_NONE;
    uint32_t settled = 0;
    for (uint32_t k = 0; k < f->count; k++) {
        place *q = &f->places[k];
        uint32_t low = q->piece > LOOK_BACK ? q->piece - LOOK_BACK : 0;
        /* `far` is the best end of all paths that are behind. */
        for (; settled < f->first[q->piece]; settled++)
            if (far == OCRVL_ALIGN_NONE || f->places[settled].total > f->places[far].total)
                far = settled;
        int32_t gain = 0;
        if (far != OCRVL_ALIGN_NONE && f->places[far].total > JUMP) {
            gain = f->places[far].total - JUMP;
            q->before = far;
        }
        for (uint32_t i = f->first[low]; i < f->first[q->piece]; i++) {
            int32_t total = f->places[i].total - cost(r, &f->places[i], q);
            if (total > gain) {
                gain = total;
                q->before = i;
            }
        }
        q->total = q->score + gain;
        if (best == OCRVL_ALIGN_NONE || q->total > f->places[best].total)
            best = k;
    }
    for (size_t i = 0; i < r->pieces; i++)
        r->claim[i] = OCRVL_ALIGN_NONE;
    for (; best != OCRVL_ALIGN_NONE; best = f->places[best].before)
        r->claim[f->places[best].piece] = best;
}

/* ---- the pieces in the order of b ---- */

typedef struct ranked {
    uint32_t key, piece;
    int32_t score;
} ranked;

static int by_key(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->piece < q->piece ? -1 : p->piece > q->piece;
}

/* If two pieces claim the same text, the one that fits worse loses its claim. claim has numbers of places before this
 * and starts after it. */
static void refine_claims(ocrvl_align_round *r, const finder *f, ranked *k)
{
    size_t n = 0;
    for (uint32_t i = 0; i < r->pieces; i++)
        if (r->claim[i] != OCRVL_ALIGN_NONE) {
            const place *p = &f->places[r->claim[i]];
            r->claim[i] = p->start;
            k[n++] = (ranked){p->start, i, p->score};
        }
    qsort(k, n, sizeof *k, by_key);
    for (size_t i = 1, last = 0; i < n; i++) {
        uint32_t one = r->piece[k[last].piece + 1] - r->piece[k[last].piece];
        uint32_t two = r->piece[k[i].piece + 1] - r->piece[k[i].piece], least = one < two ? one : two;
        uint32_t end = k[last].key + one;
        if (end > k[i].key && (end - k[i].key) * 2 > least) {
            if (k[i].score <= k[last].score) {
                r->claim[k[i].piece] = OCRVL_ALIGN_NONE;
                continue;
            }
            r->claim[k[last].piece] = OCRVL_ALIGN_NONE;
        }
        last = i;
    }
}

/* Writes the pieces in the order of k. */
static ocrvl_status rearrange(ocrvl_align_round *r, const ranked *k, ocrvl_error *err)
{
    uint32_t *a = ocrvl_alloc_array(r->na, sizeof *a), *at = ocrvl_alloc_array(r->na, sizeof *at);
    uint8_t *miss = ocrvl_alloc_array(r->na, sizeof *miss);
    uint32_t *starts = ocrvl_alloc_array(r->pieces + 1, sizeof *starts);
    uint32_t *claim = ocrvl_alloc_array(r->pieces, sizeof *claim);
    ocrvl_status st = a && at && miss && starts && claim ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK) {
        uint32_t n = 0;
        for (size_t i = 0; i < r->pieces; i++) {
            uint32_t from = r->piece[k[i].piece], len = r->piece[k[i].piece + 1] - from;
            starts[i] = n;
            claim[i] = r->claim[k[i].piece];
            memcpy(a + n, r->a + from, len * sizeof *a);
            memcpy(at + n, r->a_at + from, len * sizeof *at);
            memcpy(miss + n, r->a_miss + from, len);
            n += len;
        }
        starts[r->pieces] = n;
        memcpy(r->a, a, r->na * sizeof *a);
        memcpy(r->a_at, at, r->na * sizeof *at);
        memcpy(r->a_miss, miss, r->na);
        memcpy(r->piece, starts, (r->pieces + 1) * sizeof *starts);
        memcpy(r->claim, claim, r->pieces * sizeof *claim);
    }
    ocrvl_free(a);
    ocrvl_free(at);
    ocrvl_free(miss);
    ocrvl_free(starts);
    ocrvl_free(claim);
    return st;
}

static ocrvl_status arrange(ocrvl_align_round *r, const finder *f, ocrvl_error *err)
{
    ranked *k = ocrvl_alloc_array(r->pieces, sizeof *k);
    if (!k)
        return ocrvl_fail_nomem(err);
    refine_claims(r, f, k);
    uint32_t key = 0;
    for (uint32_t i = 0; i < r->pieces; i++)
        if (r->claim[i] != OCRVL_ALIGN_NONE) {
            key = r->claim[i];
            break;
        }
    for (uint32_t i = 0; i < r->pieces; i++) {
        key = r->claim[i] != OCRVL_ALIGN_NONE ? r->claim[i] : key;
        k[i] = (ranked){key, i, 0};
    }
    qsort(k, r->pieces, sizeof *k, by_key);
    ocrvl_status st = rearrange(r, k, err);
    ocrvl_free(k);
    return st;
}

ocrvl_status ocrvl_align_order(ocrvl_align_round *r, const ocrvl_align_index *x, ocrvl_error *err)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < r->pieces; i++) {
        uint32_t len = r->piece[i + 1] - r->piece[i];
        longest = len > longest ? len : longest;
    }
    finder f = {.bin_count = (r->nb + longest) / BIN + 3};
    f.bins = ocrvl_alloc_array(f.bin_count, sizeof *f.bins);
    f.touched = ocrvl_alloc_array(f.bin_count, sizeof *f.touched);
    f.places = ocrvl_alloc_array(r->pieces, PLACES * sizeof *f.places);
    f.first = ocrvl_alloc_array(r->pieces + 1, sizeof *f.first);
    ocrvl_status st = f.bins && f.touched && f.places && f.first ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK) {
        for (uint32_t i = 0; i < r->pieces; i++)
            find_places(&f, r, x, i);
        f.first[r->pieces] = (uint32_t)f.count;
        walk(r, &f);
        st = arrange(r, &f, err);
    }
    ocrvl_free(f.bins);
    ocrvl_free(f.touched);
    ocrvl_free(f.places);
    ocrvl_free(f.first);
    return st;
}
