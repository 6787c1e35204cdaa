/* Leaders: the rows of dots that lead from a title to its page number, or from a form's label to where it is filled in.
 * They are found as blobs before anything else is asked of them, since a row of dots looks like a rule, a halftone or
 * many small letters. Dashed rules are found the same way: a receipt's stand so close to its lines that their dashes
 * would be taken for hyphens and accents of the letters. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/forest.h"
#include "base/mem.h"
#include "layout/segment_parts.h"

enum { DOTS = 6 };          /* that make a leader; of fewer it is an ellipsis */
enum { DASHES = 12 };       /* that make a rule; fewer may be typed as text */
enum { MOST_DOTS = 40000 }; /* a page of more is noise or a halftone */
#define SMALL 0.5           /* of the letters' usual height: higher ones are letters */
#define FAR_APART 16        /* heights of a dot from one to the next */
#define EVEN 0.3            /* of the pitch: how far a dot may stand from its place */
#define GAP 3.5             /* pitches: a dot or two are missing */
#define CLEAR 5             /* heights of a dot above and below a leader where no other dots stand, */
#define CLEAR_SHARE 0.3     /* or few beside its own: the dots of a halftone have others around them; */
#define DOUBLE_SHARE 1.2    /* a dashed rule may be double */
#define FREE 12             /* pitches: so near to the ends of a dashed rule no letters stand on its level; */
#define LETTER 5            /* pitches: these are lower */
#define BEFORE 9.0          /* x-heights between a leader and the line before it or a number behind it, */
#define NUMBER 6.0          /* which is no wider than this; */
#define AFTER 4.0           /* other lines behind it are nearer */

/* ---- finding ---- */

typedef struct dot {
    int32_t x0, y0, x1, y1;
    size_t blob;
    size_t next; /* the dot to its right in the same row; SIZE_MAX if there is none */
    bool begun;  /* a dot to its left leads here */
} dot;

typedef struct dot_set { /* sorted by y0, then x0 */
    dot *at;
    size_t count;
    int32_t high;  /* the highest one */
    bool dashes;   /* these are dashes */
    size_t enough; /* that make a leader or a rule */
} dot_set;

/* Full, and about as wide as high. */
static bool looks_like_dot(const ocrvl_blob *b)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
    return w >= 2 && h >= 2 && w * 3 <= h * 5 + 3 && h * 3 <= w * 5 + 3 && (int64_t)b->area * 5 >= (int64_t)w * h * 3;
}

/* Full, and flat. */
static bool looks_like_dash(const ocrvl_blob *b)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
    return h >= 2 && w * 2 >= h * 3 + 2 && w <= h * 12 && (int64_t)b->area * 5 >= (int64_t)w * h * 3;
}

static int by_y(const void *a, const void *b)
{
    const dot *p = a, *q = b;
    if (p->y0 != q->y0)
        return p->y0 < q->y0 ? -1 : 1;
    return (p->x0 > q->x0) - (p->x0 < q->x0);
}

/* The height up to which dots are looked for: a share of that of the other blobs, each counted by its height. Without
 * letters any height will do. */
static double most_height(const ocrvl_blobs *b)
{
    uint64_t counts[512] = {0}, total = 0, sum = 0;
    size_t letters = 0;
    for (size_t i = 0; i < b->count; i++) {
        int32_t w = b->at[i].x1 - b->at[i].x0, h = b->at[i].y1 - b->at[i].y0;
        if (looks_like_dot(&b->at[i]) || h < 4 || h >= 512 || w > 20 * h || h > 8 * w)
            continue;
        letters++;
        counts[h] += (uint64_t)h;
        total += (uint64_t)h;
    }
    for (int32_t h = 0; h < 512 && letters >= 3; h++)
        if ((sum += counts[h]) * 2 >= total)
            return SMALL * h;
    return INFINITY;
}

/* most: the height that none exceeds. */
static ocrvl_status find_dots(dot_set *d, const ocrvl_blobs *b, double most, ocrvl_error *err)
{
    d->enough = d->dashes ? DASHES : DOTS;
    d->at = ocrvl_alloc_array(b->count, sizeof *d->at);
    if (!d->at)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < b->count; i++) {
        const ocrvl_blob *k = &b->at[i];
        if (!(d->dashes ? looks_like_dash(k) : looks_like_dot(k)) || k->y1 - k->y0 > most)
            continue;
        d->at[d->count++] = (dot){k->x0, k->y0, k->x1, k->y1, i, SIZE_MAX, false};
        d->high = k->y1 - k->y0 > d->high ? k->y1 - k->y0 : d->high;
    }
    qsort(d->at, d->count, sizeof *d->at, by_y);
    return OCRVL_OK;
}

static size_t from_y(const dot_set *d, int32_t y)
{
    size_t lo = 0, hi = d->count;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (d->at[mid].y0 < y)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Whether two dots may be neighbours of one leader, by size and height. */
static bool alike(const dot *a, const dot *b)
{
    int32_t ha = a->y1 - a->y0, hb = b->y1 - b->y0, low = ha < hb ? ha : hb, off = abs(a->y0 + a->y1 - b->y0 - b->y1);
    return abs(ha - hb) * 3 <= low + 3 && off <= low + 1;
}

/* Links each dot with the nearest to its right in its row. */
static void link_dots(dot_set *d)
{
    for (size_t i = 0; i < d->count; i++) {
        dot *a = &d->at[i];
        int32_t h = a->y1 - a->y0, best = d->dashes ? 4 * (a->x1 - a->x0) : FAR_APART * h;
        size_t found = SIZE_MAX;
        for (size_t k = from_y(d, a->y0 - h - 2); k < d->count && d->at[k].y0 <= a->y0 + h + 2; k++) {
            int32_t off = d->at[k].x0 - a->x0;
            if (off > h && off < best && d->at[k].x0 > a->x1 && alike(a, &d->at[k])) {
                best = off;
                found = k;
            }
        }
        if (found != SIZE_MAX && !d->at[found].begun) {
            a->next = found;
            d->at[found].begun = true;
        }
    }
}

typedef struct leader { /* dots first, its next... */
    size_t first, last, count;
    double pitch;
    ocrvl_box box;
} leader;

static void take_in(leader *l, const dot_set *d, size_t i)
{
    const dot *k = &d->at[i];
    l->last = i;
    l->count++;
    l->box.y0 = k->y0 < l->box.y0 ? k->y0 : l->box.y0;
    l->box.x1 = k->x1;
    l->box.y1 = k->y1 > l->box.y1 ? k->y1 : l->box.y1;
}

/* The evenly spaced run of dots from `first` on. Of the last one the place matters less. */
static leader follow(const dot_set *d, size_t first)
{
    const dot *k = &d->at[first];
    leader l = {first, first, 1, 0, {k->x0, k->y0, k->x1, k->y1}};
    for (size_t i = k->next; i != SIZE_MAX; i = d->at[i].next) {
        double step = d->at[i].x0 - d->at[l.last].x0, slack = fmax(2, EVEN * l.pitch);
        bool even = l.count == 1 || fabs(step - l.pitch) <= slack;
        bool bridged = l.count >= d->enough && step > l.pitch && step < GAP * l.pitch;
        if (!even && !bridged)
            break;
        take_in(&l, d, i);
        if (even)
            l.pitch += (step - l.pitch) / (double)(l.count - 1 < 8 ? l.count - 1 : 8);
    }
    return l;
}

/* Whether hardly any other dots stand close above and below. */
static bool stands_clear(const dot_set *d, const leader *l)
{
    int32_t reach = CLEAR * (l->box.y1 - l->box.y0);
    size_t others = 0;
    for (size_t i = from_y(d, l->box.y0 - reach - d->high); i < d->count && d->at[i].y0 < l->box.y1 + reach; i++) {
        const dot *k = &d->at[i];
        others += k->x0 >= l->box.x0 && k->x1 <= l->box.x1 && k->y1 > l->box.y0 - reach &&
                  (k->y1 <= l->box.y0 || k->y0 >= l->box.y1);
    }
    return (double)others <= (d->dashes ? DOUBLE_SHARE : CLEAR_SHARE) * (double)l->count;
}

/* Whether no letters stand on the level of a row of dashes, close to its ends: it would be part of their line. The
 * page's edge may. */
static bool is_free(const leader *l, const ocrvl_blobs *blobs)
{
    const ocrvl_box *d = &l->box;
    int32_t h = d->y1 - d->y0, near = (int32_t)(FREE * l->pitch);
    for (size_t i = 0; i < blobs->count; i++) {
        const ocrvl_blob *b = &blobs->at[i];
        bool beside = (b->x1 <= d->x0 && b->x1 > d->x0 - near) || (b->x0 >= d->x1 && b->x0 < d->x1 + near);
        if (beside && b->y0 <= d->y0 - h && b->y1 >= d->y1 + h && b->y1 - b->y0 < LETTER * l->pitch)
            return false;
    }
    return true;
}

/* Adds the leaders or dashed rules among the dots of one row, from dot `first` on. */
static ocrvl_status add_leaders(const dot_set *d, size_t first, const ocrvl_blobs *blobs, ocrvl_regions *regions,
                                ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    while (first != SIZE_MAX && st == OCRVL_OK) {
        leader l = follow(d, first);
        ocrvl_region found = {.box = l.box, .role = OCRVL_ROLE_SEPARATOR, .leader = !d->dashes};
        if (l.count >= d->enough && stands_clear(d, &l) && (!d->dashes || is_free(&l, blobs)))
            st = ocrvl_region_add(regions, found, err);
        first = d->at[l.count >= d->enough ? l.last : first].next;
    }
    return st;
}

static ocrvl_status find_rows_of(bool dashes, const ocrvl_blobs *blobs, double most, ocrvl_regions *regions,
                                 ocrvl_error *err)
{
    dot_set d = {.dashes = dashes};
    ocrvl_status st = find_dots(&d, blobs, most, err);
    if (st == OCRVL_OK && d.count <= MOST_DOTS)
        link_dots(&d);
    else
        d.count = 0;
    for (size_t i = 0; i < d.count && st == OCRVL_OK; i++)
        if (!d.at[i].begun)
            st = add_leaders(&d, i, blobs, regions, err);
    ocrvl_free(d.at);
    return st;
}

ocrvl_status ocrvl_find_leaders(const ocrvl_blobs *blobs, ocrvl_regions *regions, ocrvl_error *err)
{
    return find_rows_of(false, blobs, most_height(blobs), regions, err);
}

ocrvl_status ocrvl_find_dashed(const ocrvl_blobs *blobs, ocrvl_regions *regions, ocrvl_error *err)
{
    return find_rows_of(true, blobs, most_height(blobs), regions, err);
}

PIX *ocrvl_take_leaders(PIX *ink, const ocrvl_regions *regions, bool dashed)
{
    PIX *taken = pixCreateTemplate(ink);
    for (size_t i = 0; taken && i < regions->count; i++) {
        const ocrvl_box *b = &regions->at[i].box;
        int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
        if (regions->at[i].role != OCRVL_ROLE_SEPARATOR || regions->at[i].leader == dashed)
            continue;
        pixRasterop(taken, b->x0, b->y0, w, h, PIX_PAINT, ink, b->x0, b->y0);
        pixRasterop(ink, b->x0, b->y0, w, h, PIX_CLR, NULL, 0, 0);
    }
    return taken;
}

/* ---- joining ---- */

/* Whether a leader's dots stand where the full stops of row r would, or its hyphens. */
static bool at_height(const ocrvl_row *r, const ocrvl_box *dots)
{
    double x = fmax(r->box.x0, fmin(r->box.x1, (dots->x0 + dots->x1) / 2.0)); /* few letters' slope is a guess */
    double base = ocrvl_row_base(r, x), xh = r->x_height, y = (dots->y0 + dots->y1) / 2.0;
    return y > base - 0.9 * xh && y < base + 0.35 * xh && dots->y1 - dots->y0 < 0.7 * xh;
}

/* The row that a leader comes from, and the one that it leads to; OCRVL_NO_ROW: none. */
static void ends_of(const ocrvl_rows *rows, const ocrvl_box *dots, uint32_t *from, uint32_t *to)
{
    double before = 1e9, after = 1e9;
    *from = *to = OCRVL_NO_ROW;
    for (uint32_t i = 0; i < rows->count; i++) {
        const ocrvl_row *r = &rows->at[i];
        if (r->box.y0 > dots->y1 || r->box.y1 < dots->y0 - r->x_height || !at_height(r, dots))
            continue;
        double left = dots->x0 - r->box.x1, right = r->box.x0 - dots->x1;
        if (r->box.x0 < dots->x0 && left < BEFORE * r->x_height && fmax(left, 0) < before) {
            before = fmax(left, 0);
            *from = i;
        }
        bool number = r->box.x1 - r->box.x0 < NUMBER * r->x_height;
        if (r->box.x1 > dots->x1 && right < (number ? BEFORE : AFTER) * r->x_height && fmax(right, 0) < after) {
            after = fmax(right, 0);
            *to = i;
        }
    }
}

ocrvl_status ocrvl_join_led(ocrvl_segmenter *s, ocrvl_error *err)
{
    uint32_t *into = ocrvl_alloc_array(s->rows.count, sizeof *into), from, to;
    bool any = false;
    if (!into)
        return ocrvl_fail_nomem(err);
    for (uint32_t i = 0; i < s->rows.count; i++)
        into[i] = i;
    for (size_t i = 0; i < s->regions->count; i++) {
        if (!s->regions->at[i].leader)
            continue;
        ends_of(&s->rows, &s->regions->at[i].box, &from, &to);
        if (from != OCRVL_NO_ROW && to != OCRVL_NO_ROW &&
            ocrvl_forest_root(into, from) != ocrvl_forest_root(into, to)) {
            into[ocrvl_forest_root(into, to)] = ocrvl_forest_root(into, from);
            any = true;
        }
    }
    for (size_t b = 0; b < s->count && any; b++)
        if (s->row_of[b] != OCRVL_NO_ROW)
            s->row_of[b] = ocrvl_forest_root(into, s->row_of[b]);
    ocrvl_free(into);
    ocrvl_status st = any ? ocrvl_fit_rows(s, err) : OCRVL_OK;
    for (size_t i = 0; i < s->regions->count && st == OCRVL_OK; i++) {
        const ocrvl_box *dots = &s->regions->at[i].box;
        if (!s->regions->at[i].leader)
            continue;
        ends_of(&s->rows, dots, &from, &to);
        ocrvl_row *r = from != OCRVL_NO_ROW ? &s->rows.at[from] : to != OCRVL_NO_ROW ? &s->rows.at[to] : NULL;
        if (!r)
            continue;
        r->led = true;
        r->box.x0 = dots->x0 < r->box.x0 ? dots->x0 : r->box.x0;
        r->box.x1 = dots->x1 > r->box.x1 ? dots->x1 : r->box.x1;
    }
    return st;
}
