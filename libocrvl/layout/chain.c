#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/compare.h"
#include "base/error.h"
#include "base/forest.h"
#include "base/mem.h"
#include "layout/segment_parts.h"

/* ---- the usual height of letters, place by place ---- */

#define STEPS 64 /* of a tenth each: heights of 1..400 pixels */
#define CELL 96  /* pixels a side of a place */

static int step_of(int32_t h)
{
    int s = 0;
    for (double v = h; v > 1.05 && s < STEPS - 1; v /= 1.1)
        s++;
    return s;
}

ocrvl_status ocrvl_find_tall(ocrvl_segmenter *s, ocrvl_error *err)
{
    size_t nx = (size_t)s->width / CELL + 3, ny = (size_t)s->height / CELL + 3;
    uint32_t *hist = ocrvl_alloc_array(nx * ny, STEPS * sizeof *hist);
    if (!hist)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_blob *b = &s->blobs[i];
        size_t cx = (size_t)(b->x0 + b->x1) / 2 / CELL + 1, cy = (size_t)(b->y0 + b->y1) / 2 / CELL + 1;
        if (b->y1 - b->y0 >= 4)
            hist[(cy * nx + cx) * STEPS + step_of(b->y1 - b->y0)] += (uint32_t)(b->y1 - b->y0);
    }
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_blob *b = &s->blobs[i];
        size_t cx = (size_t)(b->x0 + b->x1) / 2 / CELL + 1, cy = (size_t)(b->y0 + b->y1) / 2 / CELL + 1;
        int step = step_of(b->y1 - b->y0);
        uint64_t below = 0, all = 0;
        for (size_t y = cy - 1; y <= cy + 1; y++)
            for (size_t x = cx - 1; x <= cx + 1; x++)
                for (int k = 0; k < STEPS; k++) {
                    uint32_t n = hist[(y * nx + x) * STEPS + k];
                    all += n;
                    below += k + 5 <= step ? n : 0; /* lower by a factor of 1.1^5 = 1.61 */
                }
        s->tall[i] = below * 2 > all;
    }
    ocrvl_free(hist);
    return OCRVL_OK;
}

/* ---- linking neighbours ---- */

typedef struct entry {
    int32_t band, x0;
    uint32_t blob;
} entry;

typedef struct linker {
    const ocrvl_segmenter *s;
    entry *entries; /* sorted by band of the blob's middle, then x0 */
    size_t count;
    size_t *starts; /* [bands + 1] */
    int32_t bands, max_width;
    uint32_t *parent;
} linker;

#define BAND 32 /* rows of pixels */

static int by_band(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    if (p->band != q->band)
        return p->band < q->band ? -1 : 1;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    return p->blob < q->blob ? -1 : p->blob > q->blob;
}

/* What speaks against b as the right neighbour of a, in pixels; negative: they aren't neighbours in a line. The gap may
 * be that between words set close; wider ones are for ocrvl_join_rows to judge. */
static double distance(const ocrvl_blob *a, const ocrvl_blob *b)
{
    int32_t ha = a->y1 - a->y0, hb = b->y1 - b->y0, low = ha < hb ? ha : hb, high = ha < hb ? hb : ha;
    int32_t shared = (a->y1 < b->y1 ? a->y1 : b->y1) - (a->y0 > b->y0 ? a->y0 : b->y0), gap = b->x0 - a->x1;
    if (low < 3 || high * 10 > low * 27 || shared * 20 < low * (high * 2 < low * 3 ? 11 : 9) || gap * 10 > high * 6)
        return -1;
    if (gap * 4 > high && (ha > 8 * (a->x1 - a->x0) || hb > 8 * (b->x1 - b->x0))) /* a fold or an edge beside text */
        return -1;
    return (gap > 0 ? gap : 0) + 0.3 * abs(a->y1 - b->y1) + 0.1 * abs(a->y0 - b->y0);
}

/* The nearest right (dir 1) or left (-1) neighbour of blob i. */
static uint32_t neighbour(const linker *k, uint32_t i, int dir)
{
    const ocrvl_blob *a = &k->s->blobs[i];
    int32_t h = a->y1 - a->y0, first = (a->y0 - h) / BAND, last = (a->y1 + h) / BAND;
    double best = 1e9;
    uint32_t found = i;
    for (int32_t band = first < 0 ? 0 : first; band <= last && band < k->bands; band++) {
        size_t lo = k->starts[band], hi = k->starts[band + 1], end = hi;
        int32_t reach = h * 27 / 10 * 6 / 10 + 1, from = dir > 0 ? a->x0 : a->x0 - reach - k->max_width;
        while (lo < hi) {
            size_t mid = (lo + hi) / 2;
            if (k->entries[mid].x0 < from)
                lo = mid + 1;
            else
                hi = mid;
        }
        for (size_t e = lo; e < end && k->entries[e].x0 <= (dir > 0 ? a->x1 + reach : a->x0); e++) {
            uint32_t j = k->entries[e].blob;
            const ocrvl_blob *b = &k->s->blobs[j];
            bool after = dir > 0 ? b->x0 + b->x1 > a->x0 + a->x1 : b->x0 + b->x1 < a->x0 + a->x1;
            double d = j != i && after ? dir > 0 ? distance(a, b) : distance(b, a) : -1;
            if (d >= 0 && d < best) {
                best = d;
                found = j;
            }
        }
    }
    return found;
}

static ocrvl_status index_blobs(linker *k, bool tall, ocrvl_error *err)
{
    const ocrvl_segmenter *s = k->s;
    k->bands = s->height / BAND + 1;
    k->entries = ocrvl_alloc_array(s->count, sizeof *k->entries);
    k->parent = ocrvl_alloc_array(s->count, sizeof *k->parent);
    k->starts = ocrvl_alloc_array((size_t)k->bands + 1, sizeof *k->starts);
    if (!k->entries || !k->parent || !k->starts)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < s->count; i++) {
        const ocrvl_blob *b = &s->blobs[i];
        k->parent[i] = (uint32_t)i;
        if (s->row_of[i] != OCRVL_NO_ROW || s->tall[i] != tall)
            continue;
        k->entries[k->count++] = (entry){(b->y0 + b->y1) / 2 / BAND, b->x0, (uint32_t)i};
        k->max_width = b->x1 - b->x0 > k->max_width ? b->x1 - b->x0 : k->max_width;
    }
    qsort(k->entries, k->count, sizeof *k->entries, by_band);
    size_t e = 0;
    for (int32_t band = 0; band <= k->bands; band++) {
        while (e < k->count && k->entries[e].band < band)
            e++;
        k->starts[band] = e;
    }
    return OCRVL_OK;
}

/* Whether a rule stands between blob a and blob b, its right neighbour. */
static bool parted(const ocrvl_segmenter *s, uint32_t a, uint32_t b)
{
    const ocrvl_blob *p = &s->blobs[a], *q = &s->blobs[b];
    ocrvl_box left = {p->x0, p->y0, p->x1, p->y1}, right = {q->x0, q->y0, q->x1, q->y1};
    return a != b && ocrvl_rule_between(s->regions, &left, &right, (p->y0 + p->y1) / 2.0, 2);
}

ocrvl_status ocrvl_add_row(ocrvl_segmenter *s, uint32_t *row, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(s->rows.at, s->rows.cap, s->rows.count + 1))
        return ocrvl_fail_nomem(err);
    s->rows.at[s->rows.count] = (ocrvl_row){0};
    *row = (uint32_t)s->rows.count++;
    return OCRVL_OK;
}

ocrvl_status ocrvl_chain(ocrvl_segmenter *s, bool tall, ocrvl_error *err)
{
    linker k = {.s = s};
    ocrvl_status st = index_blobs(&k, tall, err);
    for (size_t e = 0; e < k.count && st == OCRVL_OK; e++) {
        uint32_t i = k.entries[e].blob, right = neighbour(&k, i, 1), left = neighbour(&k, i, -1);
        if (!parted(s, i, right))
            ocrvl_forest_join(k.parent, i, right);
        if (!parted(s, left, i))
            ocrvl_forest_join(k.parent, i, left);
    }
    /* a root has the least number of its chain: its row is made before the others ask for it */
    for (size_t i = 0; i < s->count && st == OCRVL_OK; i++) {
        if (s->row_of[i] != OCRVL_NO_ROW || s->tall[i] != tall)
            continue;
        uint32_t r = ocrvl_forest_root(k.parent, (uint32_t)i);
        if (r == i)
            st = ocrvl_add_row(s, &s->row_of[i], err);
        else
            s->row_of[i] = s->row_of[r];
    }
    ocrvl_free(k.entries);
    ocrvl_free(k.parent);
    ocrvl_free(k.starts);
    if (st == OCRVL_OK)
        st = ocrvl_fit_rows(s, err);
    return st;
}

/* ---- fitting ---- */

/* The middle of the window of this width that holds most of the sorted values, and how many. Of windows as good as
 * `share` of the best the first is taken. */
static double mode_of(const double *v, size_t n, double width, double share, size_t *most)
{
    size_t best = 0, end = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = end = 0; i < n; i++) {
            while (end < n && v[end] <= v[i] + width)
                end++;
            if (pass == 0) {
                best = end - i > best ? end - i : best;
            } else if (end - i >= share * best && (share == 1 || end - i >= 2 || best < 3)) {
                /* the densest window that overlaps this one */
                size_t at = i, len = end - i, e = end;
                for (size_t j = i; j < n && v[j] <= v[i] + width; j++) {
                    while (e < n && v[e] <= v[j] + width)
                        e++;
                    if (e - j > len)
                        len = e - j, at = j;
                }
                double sum = 0;
                for (size_t j = at; j < at + len; j++)
                    sum += v[j];
                *most = len;
                return sum / len;
            }
        }
    *most = 0;
    return 0;
}

static void include(ocrvl_box *box, const ocrvl_blob *b)
{
    if (box->x1 <= box->x0) {
        *box = (ocrvl_box){b->x0, b->y0, b->x1, b->y1};
        return;
    }
    box->x0 = b->x0 < box->x0 ? b->x0 : box->x0;
    box->y0 = b->y0 < box->y0 ? b->y0 : box->y0;
    box->x1 = b->x1 > box->x1 ? b->x1 : box->x1;
    box->y1 = b->y1 > box->y1 ? b->y1 : box->y1;
}

/* Slope of the letters' feet: from the medians of the left and the right third. v is scratch for n values. */
static double slope_of(const ocrvl_blob *const *b, size_t n, double *v)
{
    size_t third = n / 3;
    double x[2] = {0, 0}, y[2];
    if (third < 4)
        return 0;
    for (int side = 0; side < 2; side++) {
        const ocrvl_blob *const *p = side ? b + n - third : b;
        for (size_t i = 0; i < third; i++) {
            v[i] = p[i]->y1;
            x[side] += (p[i]->x0 + p[i]->x1) / 2.0 / third;
        }
        qsort(v, third, sizeof *v, ocrvl_compare_doubles);
        y[side] = v[third / 2];
    }
    double slope = x[1] > x[0] ? (y[1] - y[0]) / (x[1] - x[0]) : 0;
    return fabs(slope) < 0.08 ? slope : 0;
}

/* Least squares over the feet within `near` of the line. */
static void refine(ocrvl_row *r, const ocrvl_blob *const *b, size_t n, double near)
{
    double m = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (b[i]->x0 + b[i]->x1) / 2.0, y = b[i]->y1;
        if (fabs(y - ocrvl_row_base(r, x)) > near)
            continue;
        m++, sx += x, sy += y;
    }
    if (m < 2)
        return;
    for (size_t i = 0; i < n; i++) {
        double x = (b[i]->x0 + b[i]->x1) / 2.0, y = b[i]->y1;
        if (fabs(y - ocrvl_row_base(r, x)) > near)
            continue;
        sxx += (x - sx / m) * (x - sx / m);
        sxy += (x - sx / m) * (y - sy / m);
    }
    double span = b[n - 1]->x1 - b[0]->x0;
    double slope = m >= 8 && sxx > 0 && span > 20 * near ? sxy / sxx : 0;
    r->slope = fabs(slope) < 0.08 ? slope : 0;
    r->base = sy / m - r->slope * sx / m;
}

#define SPECKS 8 /* at least */

/* The height that seven tenths of a row's letters don't exceed, of sorted heights. Specks that are most of the blobs,
 * as on dirty paper, are no letters. */
static double letter_height(const double *v, size_t n)
{
    size_t specks = 0;
    while (specks < n && v[specks] < 0.35 * v[n - 1 - n / 20])
        specks++;
    if (specks < SPECKS || specks * 2 < n || n - specks < 2)
        specks = 0;
    return v[specks + (n - specks) * 7 / 10];
}

/* The share of letters whose feet are on the row's baseline. */
static double standing(const ocrvl_row *r, const ocrvl_blob *const *b, size_t n, double near)
{
    size_t on = 0;
    for (size_t i = 0; i < n; i++)
        on += fabs(ocrvl_row_base(r, (b[i]->x0 + b[i]->x1) / 2.0) - b[i]->y1) <= near;
    return (double)on / (double)n;
}

/* Sets the baseline of letters that lean as r->slope does. */
static void fit_base(ocrvl_row *r, const ocrvl_blob *const *b, size_t n, double near, double *v)
{
    size_t most;
    for (size_t i = 0; i < n; i++)
        v[i] = b[i]->y1 - r->slope * (b[i]->x0 + b[i]->x1) / 2.0;
    qsort(v, n, sizeof *v, ocrvl_compare_doubles);
    r->base = mode_of(v, n, near, 1, &most);
}

/* Joined letters end on many heights, and few of them tell a slope that isn't there: the row is level, unless far more
 * letters stand on a baseline that leans. high: the letters' height. */
static void level_joined(ocrvl_row *r, const ocrvl_blob *const *b, size_t n, double high, double near, double *v)
{
    double foot = 0.175 * high, leaning = standing(r, b, n, foot);
    ocrvl_row level = *r;
    if (n < OCRVL_JOINED || r->slope == 0 || leaning >= OCRVL_JOINED_STANDING)
        return;
    level.slope = 0;
    fit_base(&level, b, n, near, v);
    if (standing(&level, b, n, foot) > leaning - 0.15)
        *r = level;
}

/* b: the row's blobs, left to right; v: scratch for n values. */
static void fit(ocrvl_row *r, const ocrvl_blob **b, size_t n, double *v)
{
    size_t letters = 0, most;
    *r = (ocrvl_row){.inverted = r->inverted};
    for (size_t i = 0; i < n; i++) {
        include(&r->box, b[i]);
        v[i] = b[i]->y1 - b[i]->y0;
    }
    qsort(v, n, sizeof *v, ocrvl_compare_doubles);
    double high = letter_height(v, n);
    for (size_t i = 0; i < n; i++)
        if ((b[i]->y1 - b[i]->y0) * 9 >= high * 5) {
            r->wide += b[i]->x1 - b[i]->x0;
            b[letters++] = b[i];
        }
    r->glyphs = letters;
    r->slope = slope_of(b, letters, v);
    double near = high * 0.15 > 2 ? high * 0.15 : 2;
    fit_base(r, b, letters, near, v);
    refine(r, b, letters, near);
    level_joined(r, b, letters, high, near, v);
    size_t k = 0;
    for (size_t i = 0; i < letters; i++) {
        double base = ocrvl_row_base(r, (b[i]->x0 + b[i]->x1) / 2.0), d = base - b[i]->y0;
        r->above = fmax(r->above, d);
        r->below = fmax(r->below, b[i]->y1 - base);
        if (d > 0.48 * high)
            v[k++] = d;
    }
    qsort(v, k, sizeof *v, ocrvl_compare_doubles);
    r->x_height = k ? mode_of(v, k, near, 0.4, &most) : high;
    r->standing = standing(r, b, letters, 0.25 * r->x_height);
}

typedef struct member {
    uint32_t row;
    int32_t x0;
    uint32_t blob;
} member;

static int by_row(const void *a, const void *b)
{
    const member *p = a, *q = b;
    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    return p->blob < q->blob ? -1 : p->blob > q->blob;
}

ocrvl_status ocrvl_fit_rows(ocrvl_segmenter *s, ocrvl_error *err)
{
    member *m = ocrvl_alloc_array(s->count, sizeof *m);
    const ocrvl_blob **b = ocrvl_alloc_array(s->count, sizeof *b);
    double *v = ocrvl_alloc_array(s->count, sizeof *v);
    size_t n = 0, rows = 0;
    if (m && b && v) {
        for (size_t i = 0; i < s->count; i++)
            if (s->row_of[i] != OCRVL_NO_ROW)
                m[n++] = (member){s->row_of[i], s->blobs[i].x0, (uint32_t)i};
        qsort(m, n, sizeof *m, by_row);
        for (size_t i = 0; i < n; rows++) {
            size_t len = 0;
            uint32_t old = m[i].row;
            for (; i < n && m[i].row == old; i++) {
                b[len++] = &s->blobs[m[i].blob];
                s->row_of[m[i].blob] = (uint32_t)rows;
            }
            s->rows.at[rows].inverted = s->rows.at[old].inverted;
            fit(&s->rows.at[rows], b, len, v);
        }
        s->rows.count = rows;
    }
    ocrvl_status st = m && b && v ? OCRVL_OK : ocrvl_fail_nomem(err);
    ocrvl_free(m);
    ocrvl_free(b);
    ocrvl_free(v);
    return st;
}
