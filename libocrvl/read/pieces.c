#include "read/pieces.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Columns: pieces that have no more in common show nothing twice. */
enum { BESIDE = 1 };
/* Bytes of two readings that are laid beside each other; no overlap holds as many. */
enum { REACH = 128 };
/* Agreement that counts: of fewer bytes it may be chance. */
enum { LEAST = 3 };

/* Where the text passes over: a's bytes before `from` and b's from `to` on. */
typedef struct seam {
    size_t from, to;
    bool space; /* between the two */
} seam;

/* a: the end of one reading; b: the beginning of the next. best[i][j]: of alignments of a's bytes before i with b's
 * before j, which may leave out the beginning of a. */
typedef struct table {
    const char *a, *b;
    size_t n, m;
    int16_t best[REACH + 1][REACH + 1];
} table;

enum { SAME = 2, OTHER = -2, LEFT_OUT = -2 };

static int16_t larger(int a, int b) { return (int16_t)(a > b ? a : b); }

static int pair(const table *t, size_t i, size_t j) { return t->a[i - 1] == t->b[j - 1] ? SAME : OTHER; }

static void fill(table *t)
{
    for (size_t i = 0; i <= t->n; i++)
        for (size_t j = 0; j <= t->m; j++) {
            int16_t *v = &t->best[i][j];
            if (j == 0)
                *v = 0;
            else if (i == 0)
                *v = (int16_t)((int)j * LEFT_OUT);
            else
                *v = larger(t->best[i - 1][j - 1] + pair(t, i, j),
                            larger(t->best[i - 1][j], t->best[i][j - 1]) + LEFT_OUT);
        }
}

static bool is_continuation(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

/* The middle of the run [i, i + len) of a, at the nearest space in it if there is one, never within a character. */
static size_t middle(const char *a, size_t i, size_t len)
{
    size_t mid = i + len / 2, best = SIZE_MAX;
    for (size_t k = i; k < i + len; k++)
        if (a[k] == ' ' && (best == SIZE_MAX || (k > mid ? k - mid : mid - k) < (best > mid ? best - mid : mid - best)))
            best = k;
    if (best != SIZE_MAX)
        return best;
    while (mid > i && is_continuation(a[mid]))
        mid--;
    return mid;
}

/* What an alignment of all of a's end with k bytes of b is worth: less, the further it goes beyond what both show. */
static int worth(const table *t, size_t k, size_t expect)
{
    size_t usual = expect + expect / 4 + 4;
    return t->best[t->n][k] - (k > usual ? (int)(k - usual) : 0);
}

/* The middle of the longest run that the best alignment of all of a's end with some of b's beginning has in common;
 * false: none. expect: bytes of b that both show. */
static bool find_agreement(table *t, size_t expect, seam *s)
{
    size_t j = 0, run = 0, most = 0;
    fill(t);
    for (size_t k = 1; k <= t->m; k++)
        j = worth(t, k, expect) > worth(t, j, expect) ? k : j;
    if (worth(t, j, expect) <= 0)
        return false;
    for (size_t i = t->n; i > 0 && j > 0;) {
        int here = t->best[i][j];
        if (here == t->best[i - 1][j - 1] + pair(t, i, j)) {
            run = t->a[i - 1] == t->b[j - 1] ? run + 1 : 0;
            i--, j--;
            if (run > most) {
                most = run;
                s->from = middle(t->a, i, run);
                s->to = j + (s->from - i);
            }
            continue;
        }
        run = 0;
        if (here == t->best[i - 1][j] + LEFT_OUT)
            i--;
        else
            j--;
    }
    return most >= LEAST;
}

/* Places between words at a's end and at b's beginning that are looked at. */
enum { PLACES = 24 };
#define SURE 0.25 /* of a letter too many: what a letter weighs that is dropped although it was read surely */
#define ASTRAY 12 /* letters: where words end further from where they should, letters are parted */

typedef struct place {
    size_t byte;
    double letters, sure; /* that are dropped, and how many of them are right, by their probability */
} place;

/* Adds the letter that begins at byte i, if one does, to what is dropped. */
static void drop(place *p, const ocrvl_transcript *t, size_t i)
{
    if (is_continuation(t->text[i]))
        return;
    p->letters++;
    p->sure += ocrvl_exp((double)t->logprob[i]);
}

/* Where a may end: at its end and before its last words. */
static size_t ends_of(const ocrvl_transcript *a, place *out)
{
    place p = {.byte = a->len};
    size_t n = 0;
    out[n++] = p;
    for (size_t i = a->len; i-- > 0 && n < PLACES;) {
        if (a->text[i] == ' ') {
            p.byte = i;
            out[n++] = p;
        }
        drop(&p, a, i);
    }
    return n;
}

/* Where b may begin: at its beginning and after its first words. */
static size_t beginnings_of(const ocrvl_transcript *b, place *out)
{
    place p = {.byte = 0};
    size_t n = 0;
    out[n++] = p;
    for (size_t i = 0; i < b->len && n < PLACES; i++) {
        if (b->text[i] == ' ') {
            p.byte = i;
            out[n++] = p;
        }
        drop(&p, b, i);
    }
    return n;
}

/* A place between two letters near byte `at`. */
static size_t between_letters(const char *text, size_t len, size_t at)
{
    at = at < len ? at : len;
    while (at < len && at > 0 && is_continuation(text[at]))
        at--;
    return at;
}

/* The seam of two readings that don't agree on what both show, some `both` letters: between words, so that as many
 * letters are dropped as were read twice, and rather those that were read badly. */
static seam fit_seam(const ocrvl_transcript *a, const ocrvl_transcript *b, double both, const size_t expect[2])
{
    place ends[PLACES], beginnings[PLACES];
    size_t n = ends_of(a, ends), m = beginnings_of(b, beginnings);
    double least = both + ASTRAY;
    seam s = {between_letters(a->text, a->len, a->len - expect[0] / 2), between_letters(b->text, b->len, expect[1] / 2),
              false};
    for (size_t i = 0; i < n; i++)
        for (size_t j = i == 0; j < m; j++) { /* never all of both, or their words would run together */
            double cost =
                fabs(ends[i].letters + beginnings[j].letters - both) + SURE * (ends[i].sure + beginnings[j].sure);
            if (cost >= least)
                continue;
            least = cost;
            s = (seam){ends[i].byte + (i > 0 && j == 0), beginnings[j].byte, false};
        }
    return s;
}

/* Where b goes on for a. shown: the share of a's strip, and of b's, that both show; 0: they stand beside each other. */
static seam find_seam(const ocrvl_transcript *a, const ocrvl_transcript *b, const double shown[2])
{
    table t;
    if (shown[0] <= 0)
        return (seam){a->len, 0, true};
    size_t expect[2] = {(size_t)((double)a->len * shown[0]), (size_t)((double)b->len * shown[1])};
    size_t n = 2 * expect[0] + 16, m = 2 * expect[1] + 16;
    t.n = n < REACH ? n : REACH;
    t.m = m < REACH ? m : REACH;
    t.n = t.n < a->len ? t.n : a->len;
    t.m = t.m < b->len ? t.m : b->len;
    t.a = a->text + (a->len - t.n);
    t.b = b->text;
    seam s;
    if (find_agreement(&t, expect[1], &s))
        return (seam){a->len - t.n + s.from, s.to, false};
    double letters =
        (double)ocrvl_utf8_count(a->text, a->len) * shown[0] + (double)ocrvl_utf8_count(b->text, b->len) * shown[1];
    return fit_seam(a, b, letters / 2, expect);
}

/* Appends b's text from byte `to` on to a's before `from`. */
static ocrvl_status append(ocrvl_transcript *a, const ocrvl_transcript *b, seam s, ocrvl_error *err)
{
    size_t rest = b->len - s.to, at = s.from + s.space, len = at + rest;
    char *text = ocrvl_alloc_array(len + 1, 1);
    float *logprob = ocrvl_alloc_array(len + 1, sizeof *logprob);
    if (!text || !logprob) {
        ocrvl_free(text);
        ocrvl_free(logprob);
        return ocrvl_fail_nomem(err);
    }
    memcpy(text, a->text, s.from);
    memset(text + s.from, ' ', s.space);
    memcpy(text + at, b->text + s.to, rest);
    memcpy(logprob, a->logprob, s.from * sizeof *logprob);
    memcpy(logprob + at, b->logprob + s.to, rest * sizeof *logprob);
    ocrvl_transcript_free(a);
    *a = (ocrvl_transcript){text, len, logprob};
    return OCRVL_OK;
}

/* Makes a's reading that of both, where the line goes on from a's text in b's or, running to the left, from b's in a's.
 */
static ocrvl_status join_texts(ocrvl_transcript *a, ocrvl_transcript *b, const double shown[2], ocrvl_error *err)
{
    if (ocrvl_utf8_leftward(a->text, a->len) + ocrvl_utf8_leftward(b->text, b->len) <= 0)
        return append(a, b, find_seam(a, b, shown), err);
    ocrvl_status st = append(b, a, find_seam(b, a, (const double[]){shown[1], shown[0]}), err);
    ocrvl_transcript both = *b;
    if (st)
        return st;
    *b = *a;
    *a = both;
    return OCRVL_OK;
}

/* Makes the reading of strip a that of a and b. */
static ocrvl_status join(ocrvl_strip *a, ocrvl_reading *ra, const ocrvl_strip *b, ocrvl_reading *rb, ocrvl_error *err)
{
    double both = a->x1 - b->x0 > BESIDE ? a->x1 - b->x0 : 0,
           shown[2] = {both / (a->x1 - a->x0), both / (b->x1 - b->x0)};
    ocrvl_status st = OCRVL_OK;
    if (ra->transcript.len == 0) {
        ocrvl_transcript none = ra->transcript;
        ra->transcript = rb->transcript;
        rb->transcript = none;
    } else if (rb->transcript.len > 0) {
        st = join_texts(&ra->transcript, &rb->transcript, shown, err);
    }
    if (st)
        return st;
    ra->tokens += rb->tokens;
    ra->likelihood += rb->likelihood;
    ra->cut |= rb->cut;
    ra->lost |= rb->lost;
    ra->skipped |= rb->skipped;
    a->x1 = b->x1;
    ocrvl_free(a->grey);
    a->grey = NULL;
    return OCRVL_OK;
}

ocrvl_status ocrvl_join_pieces(ocrvl_lines *l, ocrvl_error *err)
{
    size_t left = 0;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < l->count; i++) {
        ocrvl_strip *a = left ? &l->strips[left - 1] : NULL, *b = &l->strips[i];
        bool goes_on = a && a->line == b->line && a->x1 > b->x0 && b->x1 > a->x0;
        if (goes_on && st == OCRVL_OK)
            st = join(a, &l->readings[left - 1], b, &l->readings[i], err);
        if (goes_on && st == OCRVL_OK) {
            ocrvl_transcript_free(&l->readings[i].transcript);
            ocrvl_free(b->grey);
            continue;
        }
        l->strips[left] = *b;
        l->readings[left++] = l->readings[i];
    }
    for (size_t i = left; i < l->count; i++) { /* what has moved is owned once */
        l->strips[i] = (ocrvl_strip){.grey = NULL};
        l->readings[i] = (ocrvl_reading){.tokens = 0};
    }
    l->count = left;
    return st;
}

static void swap_pieces(ocrvl_strip *s, ocrvl_reading *r, size_t i, size_t k)
{
    ocrvl_strip strip = s[i];
    ocrvl_reading reading = r[i];
    s[i] = s[k];
    r[i] = r[k];
    s[k] = strip;
    r[k] = reading;
}

/* Moves those pieces behind the others that are lost and whose neighbours show what they show, all but a letter; returns
 * how many the others are. */
static size_t leave_out_lost(ocrvl_strip *s, ocrvl_reading *r, size_t n)
{
    size_t left = n > 0;
    for (size_t i = 1; i < n; i++) {
        ocrvl_strip *before = &s[left - 1];
        if (i + 1 < n && r[i].lost && s[i + 1].x0 <= before->x1 + (double)before->height)
            before->x1 = before->x1 > s[i + 1].x0 ? before->x1 : s[i + 1].x0 + BESIDE;
        else
            swap_pieces(s, r, left++, i);
    }
    return left;
}

ocrvl_status ocrvl_join_strip(ocrvl_strip *s, ocrvl_reading *r, size_t n, bool *joined, ocrvl_error *err)
{
    ocrvl_lines l = {.strips = s, .readings = r, .count = leave_out_lost(s, r, n)};
    ocrvl_status st = ocrvl_join_pieces(&l, err);
    *joined = !st && l.count == 1;
    return st;
}
