/* Lines that aren't straight: the curve of an open book's spine, a sheet that doesn't lie flat. The lines' lean is
 * measured place by place on pairs of letters, columns of places are followed across the page, and the image is
 * straightened by shifting each of its columns of pixels up or down, less or more towards the page's foot. */
#include <math.h>

#include <stdlib.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

#define REACH 1.6      /* median heights: letters further apart aren't of one line */
#define APART 3.5      /* the same: the lean is that from a letter to the next one so far away */
#define STEP 2.0       /* the same: the width of a column of places */
#define WILD 0.06      /* of the usual lean there: pairs with a letter that doesn't stand on the line differ by more, */
#define NEAR 0.03      /* and in the last round what differs by more is left out */
#define ALIKE 0.5      /* of all leans differ by less: those of text three quarters, those of grain a quarter */
#define STEEPEST 0.3   /* no line leans as much */
#define LEAST_BEND 0.4 /* median heights from a level line: with less the page is as good as straight */
#define MOST_BEND 0.12 /* of the page's height: with more it isn't one page of text */
enum { PAIRS = 24 };   /* of a column of places: with fewer its lean is that between its neighbours' */
enum { COLUMNS = 6 };  /* with as many pairs: with fewer there is no telling */
enum { ROUNDS = 3, MANY = 30000 };

/* From one letter to another of its line: how much the line falls there, pixels of height by pixels of width. */
typedef struct lean {
    float x, y, slope;
} lean;

/* What is found out, in pixels of the mask. */
typedef struct measured {
    const ocrvl_blob **letters; /* [count] from left to right */
    size_t count;
    int32_t median; /* height of the page's letters */
    double width, height;
    lean *leans; /* [lean_count] by column of places */
    size_t lean_count;
    size_t near; /* leans that are about that of their column */
    size_t columns;
    double step;
    double *at, *more; /* [columns] the lean in the middle of the page's height, and how much more at its foot than at
                          its head */
    bool *known;       /* [columns] */
} measured;

/* ---- pairs of letters ---- */

static int by_left(const void *a, const void *b)
{
    const ocrvl_blob *p = *(const ocrvl_blob *const *)a, *q = *(const ocrvl_blob *const *)b;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    return (p->y0 > q->y0) - (p->y0 < q->y0);
}

static ocrvl_status list_letters(measured *m, const ocrvl_blobs *blobs, ocrvl_error *err)
{
    m->letters = ocrvl_alloc_array(blobs->count, sizeof *m->letters);
    if (!m->letters)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < blobs->count; i++) {
        const ocrvl_blob *b = &blobs->at[i];
        int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
        if (h * 2 > m->median && h < 2 * m->median && w * 10 > m->median && w < 6 * m->median)
            m->letters[m->count++] = b;
    }
    qsort(m->letters, m->count, sizeof *m->letters, by_left);
    return OCRVL_OK;
}

/* The letter to the right of letter i in its line; `count` if there is none. */
static size_t next_letter(const measured *m, size_t i)
{
    const ocrvl_blob *a = m->letters[i];
    double reach = a->x1 + REACH * m->median, best = reach;
    size_t found = m->count;
    for (size_t k = i + 1; k < m->count && m->letters[k]->x0 < reach; k++) {
        const ocrvl_blob *b = m->letters[k];
        int32_t shared = (a->y1 < b->y1 ? a->y1 : b->y1) - (a->y0 > b->y0 ? a->y0 : b->y0);
        int32_t low = a->y1 - a->y0 < b->y1 - b->y0 ? a->y1 - a->y0 : b->y1 - b->y0;
        if (shared * 2 > low && b->x0 + b->x1 > a->x0 + a->x1 && b->x0 < best) {
            best = b->x0;
            found = k;
        }
    }
    return found;
}

static double middle(const ocrvl_blob *b) { return (b->x0 + b->x1) / 2.0; }

/* Adds the lean from letter i on; next: [count]. */
static void add_lean(measured *m, size_t i, const size_t *next)
{
    const ocrvl_blob *a = m->letters[i];
    size_t k = i;
    while (k < m->count && middle(m->letters[k]) - middle(a) < APART * m->median)
        k = next[k];
    if (k == m->count)
        return;
    const ocrvl_blob *b = m->letters[k];
    double slope = (b->y1 - a->y1) / (middle(b) - middle(a));
    if (fabs(slope) < STEEPEST)
        m->leans[m->lean_count++] =
            (lean){(float)(middle(a) + middle(b)) / 2, (float)(a->y1 + b->y1) / 2, (float)slope};
}

static int by_x(const void *a, const void *b)
{
    const lean *p = a, *q = b;
    if (p->x < q->x || p->x > q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y < q->y || p->y > q->y)
        return p->y < q->y ? -1 : 1;
    return (p->slope > q->slope) - (p->slope < q->slope);
}

static ocrvl_status list_leans(measured *m, ocrvl_error *err)
{
    size_t *next = ocrvl_alloc_array(m->count, sizeof *next);
    m->leans = ocrvl_alloc_array(m->count, sizeof *m->leans);
    if (!next || !m->leans) {
        ocrvl_free(next);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0; i < m->count; i++)
        next[i] = next_letter(m, i);
    for (size_t i = 0; i < m->count; i++)
        add_lean(m, i, next);
    qsort(m->leans, m->lean_count, sizeof *m->leans, by_x);
    ocrvl_free(next);
    return OCRVL_OK;
}

/* ---- the lean of each column of places ---- */

/* Fits the lean of n pairs as at + more * (y / height - 1 / 2), leaving out those that are off by more than NEAR;
 * returns how many aren't. slopes: scratch for n values. */
static size_t fit(const measured *m, const lean *v, size_t n, double *slopes, double *at, double *more)
{
    double k = 0;
    for (size_t i = 0; i < n; i++)
        slopes[i] = (double)v[i].slope;
    qsort(slopes, n, sizeof *slopes, ocrvl_compare_doubles);
    *at = slopes[n / 2];
    *more = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        double near = WILD + (NEAR - WILD) * round / ROUNDS, sy = 0, ss = 0, syy = 0, sys = 0;
        k = 0;
        for (size_t i = 0; i < n; i++) {
            double y = (double)v[i].y / m->height - 0.5, s = (double)v[i].slope;
            if (fabs(s - *at - *more * y) > near)
                continue;
            k++, sy += y, ss += s, syy += y * y, sys += y * s;
        }
        if (k < 2)
            break;
        double spread = syy - sy * sy / k;
        *more = (sys - sy * ss / k) / (spread + 0.01 * k); /* lines at one height tell nothing of others */
        *at = ss / k - *more * sy / k;
    }
    return (size_t)k;
}

/* Beyond the known columns, of which c and its neighbour `inner` are the last ones, the lean goes on as it changes
 * there for the width of a pair, half of which lies outside its column; further out it is 0. */
static void go_on(measured *m, size_t c, size_t inner)
{
    size_t n = m->known[inner] ? (size_t)(APART * m->median / m->step) + 1 : 0;
    double at = 2 * m->at[c] - m->at[inner], more = 2 * m->more[c] - m->more[inner];
    for (size_t k = 1; k <= n; k++) {
        size_t out = inner > c ? c - k : c + k; /* beyond the first column it wraps around */
        if (out >= m->columns || m->known[out])
            return;
        m->at[out] = at;
        m->more[out] = more;
    }
}

/* Between columns that are known the lean goes over from the one to the other. */
static void fill_gaps(measured *m)
{
    size_t first = 0, end = m->columns;
    for (size_t i = 0, last = m->columns; i < m->columns; i++) {
        if (!m->known[i])
            continue;
        for (size_t k = last + 1; last < m->columns && k < i; k++) {
            double part = (double)(k - last) / (double)(i - last);
            m->at[k] = m->at[last] + (m->at[i] - m->at[last]) * part;
            m->more[k] = m->more[last] + (m->more[i] - m->more[last]) * part;
        }
        last = i;
    }
    while (first < end && !m->known[first])
        first++;
    while (end > first && !m->known[end - 1])
        end--;
    if (end - first < 2)
        return;
    go_on(m, first, first + 1);
    go_on(m, end - 1, end - 2);
}

static ocrvl_status fit_columns(measured *m, size_t *known, ocrvl_error *err)
{
    m->step = fmax(STEP * m->median, m->width * 2 * PAIRS / (double)m->lean_count);
    m->columns = (size_t)(m->width / m->step) + 1;
    m->at = ocrvl_alloc_array(m->columns, sizeof *m->at);
    m->more = ocrvl_alloc_array(m->columns, sizeof *m->more);
    m->known = ocrvl_alloc_array(m->columns, sizeof *m->known);
    double *slopes = ocrvl_alloc_array(m->lean_count, sizeof *slopes);
    *known = 0;
    if (m->at && m->more && m->known && slopes) {
        for (size_t c = 0, first = 0; c < m->columns; c++) {
            size_t end = first;
            while (end < m->lean_count && (double)m->leans[end].x < (double)(c + 1) * m->step)
                end++;
            m->known[c] = end - first >= PAIRS;
            if (m->known[c])
                m->near += fit(m, m->leans + first, end - first, slopes, &m->at[c], &m->more[c]);
            *known += m->known[c];
            first = end;
        }
        fill_gaps(m);
    }
    ocrvl_status st = m->at && m->more && m->known && slopes ? OCRVL_OK : ocrvl_fail_nomem(err);
    ocrvl_free(slopes);
    return st;
}

/* ---- lines that follow it ---- */

/* Follows a line across the page from height y at column `from`: ys[0..columns] at the columns' borders. */
static void follow(const measured *m, size_t from, double y, double *ys)
{
    ys[from] = y;
    for (size_t c = from; c < m->columns; c++)
        ys[c + 1] = ys[c] + m->step * (m->at[c] + m->more[c] * (ys[c] / m->height - 0.5));
    for (size_t c = from; c-- > 0;)
        ys[c] = ys[c + 1] - m->step * (m->at[c] + m->more[c] * (ys[c + 1] / m->height - 0.5));
}

/* How far a line strays from level where there is text. */
static double strays(const measured *m, const double *ys)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t c = 0; c < m->columns; c++)
        if (m->known[c]) {
            least = fmin(least, fmin(ys[c], ys[c + 1]));
            most = fmax(most, fmax(ys[c], ys[c + 1]));
        }
    return (most - least) / 2;
}

/* The column in the middle of those with text. */
static size_t middle_column(const measured *m, size_t known)
{
    size_t c = 0;
    for (size_t seen = 0; c < m->columns && seen * 2 < known; c++)
        seen += m->known[c];
    return c;
}

/* Sets the bend from lines followed along the head and the foot of the page, scaled to the grey image's pixels. The
 * straightened sheet is higher than this one by as much as lines are shifted, so that nothing is lost. */
static void set_bend(ocrvl_bend *b, const measured *m, const double *head, const double *foot, double scale)
{
    double above = 0, below = 0, h = m->height;
    for (size_t c = 0; c <= m->columns; c++) {
        above = fmax(above, head[c]);
        below = fmax(below, h - foot[c]);
    }
    above = ceil(above * scale) / scale;
    below = ceil(below * scale) / scale;
    for (size_t c = 0; c <= m->columns; c++) {
        double rise = (foot[c] - head[c]) / h;
        b->head[c] = (float)((head[c] - above * rise) * scale);
        b->foot[c] = (float)((foot[c] + below * rise) * scale);
    }
    b->step = m->step * scale;
    b->count = m->columns + 1;
    b->height = (uint32_t)lround((h + above + below) * scale);
}

static ocrvl_status make_bend(ocrvl_bend *out, const measured *m, size_t known, double scale, ocrvl_error *err)
{
    size_t n = m->columns + 1, from = middle_column(m, known);
    double *ys = ocrvl_alloc_array(4 * n, sizeof *ys), bent = 0, most = 0;
    out->head = ocrvl_alloc_array(n, sizeof *out->head);
    out->foot = ocrvl_alloc_array(n, sizeof *out->foot);
    ocrvl_status st = ys && out->head && out->foot ? OCRVL_OK : ocrvl_fail_nomem(err);
    static const double heights[4] = {0, 0.15, 0.85, 1};
    for (int i = 0; !st && i < 4; i++) {
        follow(m, from, heights[i] * m->height, ys + (size_t)i * n);
        most = fmax(most, strays(m, ys + (size_t)i * n));
        bent = i == 1 || i == 2 ? fmax(bent, strays(m, ys + (size_t)i * n)) : bent;
    }
    if (!st && bent > LEAST_BEND * m->median && most < MOST_BEND * m->height)
        set_bend(out, m, ys, ys + 3 * n, scale);
    ocrvl_free(ys);
    if (!out->count)
        ocrvl_bend_clear(out);
    return st;
}

ocrvl_status ocrvl_find_bend(ocrvl_bend *out, const ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, ocrvl_error *err)
{
    measured m = {.width = pixGetWidth(mask->ink), .height = pixGetHeight(mask->ink)};
    size_t known = 0;
    *out = (ocrvl_bend){0};
    if (blobs->count < PAIRS * COLUMNS || blobs->count > MANY)
        return OCRVL_OK;
    m.median = ocrvl_median_height(blobs, pixGetHeight(mask->ink));
    ocrvl_status st = list_letters(&m, blobs, err);
    if (!st)
        st = list_leans(&m, err);
    if (!st && m.lean_count >= PAIRS * COLUMNS)
        st = fit_columns(&m, &known, err);
    if (!st && known >= COLUMNS && (double)m.near > ALIKE * (double)m.lean_count)
        st = make_bend(out, &m, known, (double)mask->factor / mask->up, err);
    ocrvl_free(m.letters);
    ocrvl_free(m.leans);
    ocrvl_free(m.at);
    ocrvl_free(m.more);
    ocrvl_free(m.known);
    return st;
}

void ocrvl_bend_clear(ocrvl_bend *b)
{
    ocrvl_free(b->head);
    ocrvl_free(b->foot);
    *b = (ocrvl_bend){0};
}

/* ---- straightening ---- */

double ocrvl_bend_at(const ocrvl_bend *b, double x, double y)
{
    double at = fmin(fmax(x / b->step, 0), (double)(b->count - 1));
    size_t c = (size_t)at < b->count - 1 ? (size_t)at : b->count - 2;
    double part = at - (double)c, head = (double)b->head[c] + ((double)b->head[c + 1] - (double)b->head[c]) * part,
           foot = (double)b->foot[c] + ((double)b->foot[c + 1] - (double)b->foot[c]) * part;
    return head + (foot - head) * y / b->height;
}

ocrvl_status ocrvl_straighten(ocrvl_image **out, const ocrvl_image *in, const ocrvl_bend *b, ocrvl_error *err)
{
    const double most = in->height - 1;
    double *head = ocrvl_alloc_array(in->width, sizeof *head), *foot = ocrvl_alloc_array(in->width, sizeof *foot);
    ocrvl_status st = head && foot ? ocrvl_image_new(out, in->width, b->height, 1, in->dpi_x, in->dpi_y, 0, err)
                                   : ocrvl_fail_nomem(err);
    for (uint32_t x = 0; !st && x < in->width; x++) {
        head[x] = ocrvl_bend_at(b, x + 0.5, 0.5) - 0.5;
        foot[x] = ocrvl_bend_at(b, x + 0.5, b->height + 0.5) - 0.5;
    }
    for (uint32_t y = 0; !st && y < b->height; y++)
        for (uint32_t x = 0; x < in->width; x++) {
            double at = fmin(fmax(head[x] + (foot[x] - head[x]) * y / b->height, 0), most);
            uint32_t row = (uint32_t)at, part = (uint32_t)((at - row) * 256);
            const uint8_t *p = in->data + (size_t)row * in->width + x;
            uint8_t below = part ? p[in->width] : 0;
            (*out)->data[(size_t)y * in->width + x] = (uint8_t)((p[0] * (256 - part) + below * part + 128) / 256);
        }
    ocrvl_free(head);
    ocrvl_free(foot);
    return st;
}
