#include "align/align.h"

#include <string.h>

#include "align/align_parts.h"
#include "base/error.h"
#include "base/mem.h"

/* The first round places nearly all words; the others search for the places of the pieces of lines and words that are
 * left. */
#define ROUNDS 4
/* The cost of a mismatch in a reading with no trust and in one with full trust (on align_stretch.c's scale). */
#define MISS 1
#define TRUSTED_MISS 3
/* Limit of table cells: a cell takes some nanoseconds, so all tables take tens of milliseconds. */
#define ALL_CELLS 8000000u
/* Left-over pieces shorter than this aren't searched for, unless they're whole lines. */
#define PIECE 4
/* Words found apart from the rest must agree in at least this many characters, or fill their line, */
#define PROOF 10
/* with no more than this many characters of the line between one word and the next. */
#define SPREAD 4

static void round_free(ocrvl_align_round *r)
{
    ocrvl_free(r->a);
    ocrvl_free(r->a_at);
    ocrvl_free(r->a_miss);
    ocrvl_free(r->piece);
    ocrvl_free(r->b);
    ocrvl_free(r->b_at);
    ocrvl_free(r->claim);
    ocrvl_free(r->pair);
}

static void state_free(ocrvl_align_state *s)
{
    ocrvl_align_side_free(&s->a);
    ocrvl_align_side_free(&s->b);
    ocrvl_free(s->pair);
    ocrvl_free(s->owner);
}

static ocrvl_status fold(ocrvl_align_state *s, const ocrvl_align_line *lines, size_t n, const ocrvl_align_word *words,
                         size_t m, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_align_side_begin(&s->a, n, err);
    if (st == OCRVL_OK)
        st = ocrvl_align_side_begin(&s->b, m, err);
    for (size_t i = 0; i < n && st == OCRVL_OK; i++)
        st = ocrvl_align_side_add(&s->a, lines[i].text, lines[i].len, err);
    for (size_t i = 0; i < m && st == OCRVL_OK; i++)
        st = ocrvl_align_side_add(&s->b, words[i].text, words[i].len, err);
    if (st != OCRVL_OK)
        return st;
    s->lines = lines;
    s->line_count = n;
    s->cells = ALL_CELLS;
    s->cut = s->a.cut || s->b.cut;
    s->pair = ocrvl_alloc_array(s->b.n, sizeof *s->pair);
    s->owner = ocrvl_alloc_array(s->a.n, sizeof *s->owner);
    if (!s->pair || !s->owner)
        return ocrvl_fail_nomem(err);
    memset(s->pair, 0xFF, s->b.n * sizeof *s->pair);
    memset(s->owner, 0xFF, s->a.n * sizeof *s->owner);
    return OCRVL_OK;
}

/* Whether a character of a line still lacks a word: no solid word has it. */
static bool is_free(const ocrvl_align_state *s, const uint8_t *solid, size_t a)
{
    return s->owner[a] == OCRVL_ALIGN_NONE || !solid[s->b.unit[s->owner[a]]];
}

/* Fills a round with the free pieces of lines and with the words that aren't solid. */
static void fill_round(const ocrvl_align_state *s, const uint8_t *solid, ocrvl_align_round *r)
{
    for (size_t i = 0; i < s->line_count; i++) {
        uint32_t from = s->a.start[i], to = s->a.start[i + 1], end;
        uint8_t miss = (uint8_t)(MISS + (TRUSTED_MISS - MISS) * ocrvl_align_weight(&s->lines[i]) + 0.5f);
        for (; from < to; from = end) {
            for (end = from; end < to && is_free(s, solid, end); end++)
                ;
            bool whole = end - from == to - s->a.start[i];
            if (end - from < PIECE && !whole) {
                end += end == from;
                continue;
            }
            r->piece[r->pieces++] = (uint32_t)r->na;
            for (; from < end; from++) {
                r->a[r->na] = s->a.code[from];
                r->a_miss[r->na] = miss;
                r->a_at[r->na++] = from;
            }
        }
    }
    r->piece[r->pieces] = (uint32_t)r->na;
    for (uint32_t i = 0; i < s->b.n; i++)
        if (!solid[s->b.unit[i]]) {
            r->b[r->nb] = s->b.code[i];
            r->b_at[r->nb++] = i;
        }
}

static ocrvl_status begin_round(ocrvl_align_state *s, const uint8_t *solid, ocrvl_align_round *r, ocrvl_error *err)
{
    size_t na = s->a.n, nb = s->b.n;
    r->cells = &s->cells;
    r->a = ocrvl_alloc_array(na, sizeof *r->a);
    r->a_at = ocrvl_alloc_array(na, sizeof *r->a_at);
    r->a_miss = ocrvl_alloc_array(na, sizeof *r->a_miss);
    r->piece = ocrvl_alloc_array(na + 1, sizeof *r->piece);
    r->claim = ocrvl_alloc_array(na, sizeof *r->claim);
    r->b = ocrvl_alloc_array(nb, sizeof *r->b);
    r->b_at = ocrvl_alloc_array(nb, sizeof *r->b_at);
    r->pair = ocrvl_alloc_array(nb, sizeof *r->pair);
    if (!r->a || !r->a_at || !r->a_miss || !r->piece || !r->claim || !r->b || !r->b_at || !r->pair)
        return ocrvl_fail_nomem(err);
    fill_round(s, solid, r);
    return OCRVL_OK;
}

static void link_pair(ocrvl_align_state *s, uint32_t b, uint32_t a)
{
    if (s->pair[b] != OCRVL_ALIGN_NONE)
        s->owner[s->pair[b]] = OCRVL_ALIGN_NONE;
    if (a != OCRVL_ALIGN_NONE) {
        if (s->owner[a] != OCRVL_ALIGN_NONE)
            s->pair[s->owner[a]] = OCRVL_ALIGN_NONE;
        s->owner[a] = b;
    }
    s->pair[b] = a;
}

/* Words of a round that follow one another in the text and are next to each other on one line. */
typedef struct group {
    uint32_t line, word, first, last; /* word: the last one; first, last: the characters of a that agree */
    size_t from, to, same;            /* characters of the round's b; same: how many agree */
} group;

/* The word of the round that begins at b's character i, as a group; its line is NONE if it agrees too little. */
static group word_of(const ocrvl_align_state *s, const ocrvl_align_round *r, size_t i)
{
    group g = {.line = OCRVL_ALIGN_NONE, .word = s->b.unit[r->b_at[i]], .from = i, .to = i};
    for (; g.to < r->nb && s->b.unit[r->b_at[g.to]] == g.word; g.to++) {
        uint32_t a = r->pair[g.to];
        if (a == OCRVL_ALIGN_NONE || r->a[a] != r->b[g.to])
            continue;
        g.last = r->a_at[a];
        if (g.same++ == 0) {
            g.first = g.last;
            g.line = s->a.unit[g.first];
        }
    }
    if (g.same * 5 < (g.to - g.from) * 3)
        g.line = OCRVL_ALIGN_NONE;
    return g;
}

static group group_of(const ocrvl_align_state *s, const ocrvl_align_round *r, size_t i)
{
    group g = word_of(s, r, i);
    while (g.line != OCRVL_ALIGN_NONE && g.to < r->nb) {
        group next = word_of(s, r, g.to);
        if (next.line != g.line || next.word != g.word + 1 || next.first < g.last || next.first - g.last > SPREAD)
            break;
        g.word = next.word;
        g.last = next.last;
        g.to = next.to;
        g.same += next.same;
    }
    return g;
}

/* Adopts the findings of a later round that are proved. Returns whether there were any. */
static bool take_groups(ocrvl_align_state *s, const ocrvl_align_round *r)
{
    bool any = false;
    for (size_t i = 0; i < r->nb;) {
        group g = group_of(s, r, i);
        i = g.to;
        if (g.line == OCRVL_ALIGN_NONE ||
            (g.same < PROOF && g.same * 5 < (s->a.start[g.line + 1] - s->a.start[g.line]) * 4))
            continue;
        any = true;
        for (size_t k = g.from; k < g.to; k++)
            link_pair(s, r->b_at[k], r->pair[k] == OCRVL_ALIGN_NONE ? OCRVL_ALIGN_NONE : r->a_at[r->pair[k]]);
    }
    return any;
}

static ocrvl_status run_round(ocrvl_align_state *s, uint8_t *solid, bool first, bool *more, ocrvl_error *err)
{
    ocrvl_align_round r = {0};
    ocrvl_align_index x = {0};
    *more = false;
    for (size_t i = 0; i < s->b.units; i++)
        solid[i] = !first && ocrvl_align_is_solid(s, i);
    ocrvl_status st = begin_round(s, solid, &r, err);
    if (st == OCRVL_OK && r.na > 0 && r.nb > 0) {
        st = ocrvl_align_index_new(&x, r.b, r.nb, err);
        if (st == OCRVL_OK)
            st = ocrvl_align_order(&r, &x, err);
        if (st == OCRVL_OK)
            st = ocrvl_align_pair(&r, &x, err);
        if (st == OCRVL_OK)
            st = ocrvl_align_refine(&r, &s->a, &s->b, err);
        if (st == OCRVL_OK && first) {
            for (size_t i = 0; i < r.nb; i++)
                if (r.pair[i] != OCRVL_ALIGN_NONE)
                    link_pair(s, r.b_at[i], r.a_at[r.pair[i]]);
            s->cut |= r.cut;
            *more = true;
        } else if (st == OCRVL_OK) {
            *more = take_groups(s, &r);
        }
    }
    ocrvl_align_index_free(&x);
    round_free(&r);
    return st;
}

static ocrvl_status align(ocrvl_align_state *s, ocrvl_alignment *out, ocrvl_error *err)
{
    uint8_t *solid = ocrvl_alloc(s->b.units);
    ocrvl_status st = solid ? OCRVL_OK : ocrvl_fail_nomem(err);
    bool more = true;
    for (int i = 0; i < ROUNDS && more && st == OCRVL_OK; i++)
        st = run_round(s, solid, i == 0, &more, err);
    ocrvl_free(solid);
    return st == OCRVL_OK ? ocrvl_align_judge(s, out, err) : st;
}

ocrvl_status ocrvl_align(const ocrvl_align_line *lines, size_t n, const ocrvl_align_word *words, size_t m,
                         ocrvl_alignment **out, ocrvl_error *err)
{
    *out = NULL;
    if ((n > 0 && !lines) || (m > 0 && !words))
        return ocrvl_fail(err, OCRVL_E_ARG, "lines or words are NULL");
    if (n > INT32_MAX || m > INT32_MAX)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "too many lines or words to align");
    for (size_t i = 0; i < n; i++)
        if (!lines[i].text && lines[i].len > 0)
            return ocrvl_fail(err, OCRVL_E_ARG, "line %zu has no text", i);
    for (size_t i = 0; i < m; i++)
        if (!words[i].text && words[i].len > 0)
            return ocrvl_fail(err, OCRVL_E_ARG, "word %zu has no text", i);
    ocrvl_alignment *al = ocrvl_alloc(sizeof *al);
    if (!al)
        return ocrvl_fail_nomem(err);
    al->words = ocrvl_alloc_array(m, sizeof *al->words);
    al->lines = ocrvl_alloc_array(n, sizeof *al->lines);
    al->word_count = m;
    al->line_count = n;
    ocrvl_align_state s = {0};
    ocrvl_status st = al->words && al->lines ? fold(&s, lines, n, words, m, err) : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK)
        st = align(&s, al, err);
    state_free(&s);
    if (st == OCRVL_OK)
        *out = al;
    else
        ocrvl_alignment_free(al);
    return st;
}

void ocrvl_alignment_free(ocrvl_alignment *a)
{
    if (!a)
        return;
    ocrvl_free(a->words);
    ocrvl_free(a->lines);
    ocrvl_free(a);
}
