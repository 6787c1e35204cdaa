#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/segment_parts.h"

/* The extent of usual type in x-heights: from the ascenders' top to the descenders' foot, and the room beside a letter.
 */
#define ABOVE 1.6
#define BELOW 0.5
#define BESIDE 0.1
#define JOINED_ABOVE 1.7 /* of joined writing, with its points and marks */
#define JOINED_BELOW 0.6
#define CAPITALS 1.42      /* x-heights */
#define CAPITALS_ABOVE 2.1 /* the same with their accents: what is higher is dust */
#define MAX_ROWS 10000
enum { MANY = 12 };     /* letters: so many small ones aren't all without ascenders */
enum { FEW = 4 };       /* letters: so few may be anything */
enum { ALL_LEVEL = 7 }; /* tenths of the letters of a page of capitals and figures */
#define EDGE 2          /* what comes so near to it touches it */

/* Whether all of a row's letters are of one height, as capitals and figures are: commas and tails reach down, not up.
 * Marks don't count, which dust may be, nor how much a row leans. */
static bool is_level(const ocrvl_row *r)
{
    return r->above + r->below < 1.3 * r->x_height && r->above < 1.2 * r->x_height;
}

/* Whether a row is of joined writing, whose letters end on many heights. */
static bool is_joined(const ocrvl_row *r) { return r->glyphs >= OCRVL_JOINED && r->standing < OCRVL_JOINED_STANDING; }

/* How many letters a row has: its pieces, or, where they run together, as many as fit into their width. */
static size_t letters_of(const ocrvl_row *r)
{
    int32_t h = r->box.y1 - r->box.y0;
    size_t fit = h > 0 ? (size_t)(5 * r->wide / (4 * h)) : 0;
    return r->glyphs > fit ? r->glyphs : fit;
}

/* Whether nearly all of the letters stand in level rows, as no page in small letters has them. */
static bool all_level(const ocrvl_rows *rows)
{
    size_t level = 0, all = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const ocrvl_row *r = &rows->at[i];
        if (r->glyphs < 4 || r->standing < 0.5)
            continue;
        all += letters_of(r);
        level += is_level(r) ? letters_of(r) : 0;
    }
    return level >= MANY && level * 10 >= all * ALL_LEVEL;
}

/* Of the rows that lie within [y0, y1); capitals: those that are level and of many letters, or on a page of such rows,
 * count as capitals. */
static double median_x_height(const ocrvl_rows *rows, int32_t y0, int32_t y1, bool capitals)
{
    double counts[600] = {0}, total = 0, sum = 0;
    bool all = capitals && all_level(rows);
    for (size_t i = 0; i < rows->count; i++) {
        const ocrvl_row *r = &rows->at[i];
        if (r->glyphs < 4 || r->box.y0 < y0 || r->box.y1 > y1)
            continue;
        int x =
            (int)((capitals && is_level(r) && (all || letters_of(r) >= MANY) ? r->x_height / CAPITALS : r->x_height) +
                  0.5);
        counts[x < 599 ? x : 599] += (double)r->glyphs;
        total += (double)r->glyphs;
    }
    for (int x = 0; x < 600; x++)
        if ((sum += counts[x]) * 2 >= total && total > 0)
            return x;
    return 0;
}

double ocrvl_median_x_height(const ocrvl_rows *rows) { return median_x_height(rows, INT32_MIN, INT32_MAX, false); }

bool ocrvl_rule_between(const ocrvl_regions *regions, const ocrvl_box *a, const ocrvl_box *b, double y, double slack)
{
    int32_t ha = a->y1 - a->y0, hb = b->y1 - b->y0;
    for (size_t i = 0; i < regions->count; i++) {
        const ocrvl_box *r = &regions->at[i].box;
        if (regions->at[i].vertical && r->x0 >= a->x1 - slack && r->x1 <= b->x0 + slack && r->y0 < y && r->y1 > y &&
            r->y1 - r->y0 > (ha > hb ? ha : hb))
            return true;
    }
    return false;
}

static bool within_figure(const ocrvl_regions *regions, const ocrvl_box *b)
{
    for (size_t i = 0; i < regions->count; i++) {
        const ocrvl_box *f = &regions->at[i].box;
        int32_t x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2;
        if (regions->at[i].role == OCRVL_ROLE_FIGURE && x >= f->x0 && x < f->x1 && y >= f->y0 && y < f->y1)
            return true;
    }
    return false;
}

/* Ink runs per row of pixels: a letter has two or three, a bar has one. */
static double runs_per_row(PIX *ink, const ocrvl_box *b)
{
    int64_t runs = 0, rows = 0;
    for (int32_t y = b->y0; y < b->y1; y++) {
        l_uint32 before = 0, now = 0;
        int64_t n = 0;
        for (int32_t x = b->x0; x < b->x1; x++, before = now) {
            pixGetPixel(ink, x, y, &now);
            n += now && !before;
        }
        runs += n;
        rows += n > 0;
    }
    return rows ? (double)runs / (double)rows : 0;
}

/* What is known of a page's text before each line is judged. */
typedef struct text_measure {
    double x_height; /* 0: there is no text to measure it on */
    double whole;    /* the same of lines that the page's edges don't cut, if there are any */
    int32_t x0, x1;  /* of the lines of several letters */
    int32_t width, height;
    PIX *ink;
} text_measure;

static text_measure measure(const ocrvl_segmenter *s)
{
    double whole = median_x_height(&s->rows, EDGE + 1, s->height - EDGE - 1, false),
           all = ocrvl_median_x_height(&s->rows);
    text_measure u = {all, whole > 0 ? whole : all, s->width, 0, s->width, s->height, s->ink};
    for (size_t i = 0; i < s->rows.count; i++) {
        const ocrvl_row *r = &s->rows.at[i];
        if (r->glyphs < 6 || r->x_height < 0.6 * u.x_height || r->standing < 0.5)
            continue;
        u.x0 = r->box.x0 < u.x0 ? r->box.x0 : u.x0;
        u.x1 = r->box.x1 > u.x1 ? r->box.x1 : u.x1;
    }
    return u;
}

/* Whether the page's edge cuts through the row's small letters. */
static bool is_cut_off(const ocrvl_row *r, const text_measure *u)
{
    bool above = r->box.y0 <= EDGE, below = r->box.y1 >= u->height - EDGE;
    double seen = ocrvl_row_base(r, (r->box.x0 + r->box.x1) / 2.0) - r->box.y0; /* over the baseline */
    return ((above || below) && r->box.y1 - r->box.y0 < 1.3 * u->x_height) || (above && seen < 0.95 * u->whole);
}

/* Whether a row's few pieces are words whose letters run together, of about the height of the page's lines: where such
 * pieces end below says little of the baseline. */
static bool runs_together(const ocrvl_row *r, const text_measure *u)
{
    double h = r->box.y1 - r->box.y0;
    return r->glyphs <= FEW && letters_of(r) > FEW && h > u->x_height && h < 2.2 * u->x_height;
}

static bool at_side(const ocrvl_row *r, const text_measure *u)
{
    return r->box.x0 < u->width * 0.02 || r->box.x1 > u->width * 0.98;
}

/* Whether a row is text, by what can be seen without reading: not a speck, a ditto mark, a dash, a paper's edge. */
static bool is_text(const ocrvl_row *r, const text_measure *u)
{
    int32_t w = r->box.x1 - r->box.x0, h = r->box.y1 - r->box.y0;
    if (h < 5 || w < 2 || r->x_height < 3 ||
        (r->glyphs > 2 && ((r->standing < 0.4 && !runs_together(r, u)) || h > 5 * r->x_height)))
        return false;
    if (u->x_height == 0 || u->x1 <= u->x0)
        return true;
    if (is_cut_off(r, u))
        return false;
    if (h < 0.75 * u->x_height)
        return r->glyphs >= 6 && h > 0.4 * u->x_height;
    double off = r->box.x0 > u->x1 ? r->box.x0 - u->x1 : u->x0 - r->box.x1;
    bool at_edge = at_side(r, u) || r->box.y0 < u->height * 0.012 || r->box.y1 > u->height * 0.988;
    if (at_edge && (off > 0 || r->glyphs <= 2) && w < 8 * u->x_height)
        return false;
    if (r->glyphs > 2)
        return true;
    if (w > 4 * h && h < 1.25 * u->x_height && !r->led && runs_per_row(u->ink, &r->box) < 2) /* a dash, not a word */
        return false;
    return (h >= 0.95 * u->x_height || r->led) && h <= 2.6 * u->x_height && w * 4 > h;
}

/* The x-height where letters run together, so that their tops are those of ascenders: the height up to which the ink is
 * half as dense as at its densest. */
static double dense_height(const ocrvl_row *r, PIX *ink)
{
    double mid = (r->box.x0 + r->box.x1) / 2.0, base = ocrvl_row_base(r, mid), most = 0;
    int32_t y = (int32_t)base - 1;
    for (int32_t k = y; k > r->box.y0 && k > base - 0.7 * r->x_height; k--)
        most = fmax(most, ocrvl_ink_in_row(ink, k, r->box.x0, r->box.x1));
    while (y > r->box.y0 &&
           (ocrvl_ink_in_row(ink, y, r->box.x0, r->box.x1) > 0.5 * most || y > base - 0.4 * r->x_height))
        y--;
    return base - y;
}

/* Takes off the box what is further from the line than so many x-heights above, and any mark below. */
static void clip(ocrvl_row *r, double x_height, double above)
{
    double left = ocrvl_row_base(r, r->box.x0), right = ocrvl_row_base(r, r->box.x1);
    double high = fmin(left, right) - above * x_height, low = fmax(left, right) + 1.1 * x_height;
    r->box.y0 = r->box.y0 > high ? r->box.y0 : (int32_t)high;
    r->box.y1 = r->box.y1 < low ? r->box.y1 : (int32_t)low;
}

/* Settles the x-height, and takes off the box what strikes out of the line. Capitals and digits alone are told from
 * small letters by their neighbours. */
static void settle(ocrvl_row *r, double median_x, PIX *ink)
{
    double h = r->box.y1 - r->box.y0, ratio = median_x > 0 ? r->x_height / median_x : 0;
    if (is_level(r) && (ratio > 1.12 || r->glyphs < 3))
        r->x_height = ratio > 0 && ratio < 1.6 ? fmax(median_x, r->x_height / CAPITALS) : r->x_height / CAPITALS;
    if (r->glyphs >= 2 && r->wide > 1.8 * h * (double)r->glyphs)
        r->x_height = fmin(r->x_height, dense_height(r, ink));
    if (is_joined(r)) /* of whose letters the height is told less well */
        r->x_height = fmax(r->x_height, median_x);
    if (r->glyphs >= 3)
        clip(r, r->x_height, 2.4);
}

/* The rows that type of an x-height takes, but not the ink of the lines above and below: [*y0, *y1). own: the rows' boxes
 * before this, [n]. */
static void find_extent(const ocrvl_row *r, double x_height, const ocrvl_box *own, const ocrvl_row *rows, size_t n,
                        int32_t height, int32_t *y0, int32_t *y1)
{
    double left = ocrvl_row_base(r, r->box.x0), right = ocrvl_row_base(r, r->box.x1), mid = (left + right) / 2;
    bool joined = is_joined(r);
    double top = fmin(left, right) - (joined ? JOINED_ABOVE : ABOVE) * x_height,
           bottom = fmax(left, right) + (joined ? JOINED_BELOW : BELOW) * x_height;
    for (size_t i = 0; i < n; i++) {
        if (&rows[i] == r || own[i].x1 <= r->box.x0 || own[i].x0 >= r->box.x1)
            continue;
        double other = ocrvl_row_base(&rows[i], (own[i].x0 + own[i].x1) / 2.0);
        if (other < mid)
            top = fmax(top, fmin(own[i].y1, mid - r->x_height));
        else
            bottom = fmin(bottom, fmax(own[i].y0, mid));
    }
    int32_t first = (int32_t)floor(fmax(top, 0)), last = (int32_t)ceil(bottom);
    *y0 = r->box.y0 < first ? r->box.y0 : first;
    *y1 = r->box.y1 > last ? r->box.y1 : last < height ? last : height;
}

/* A line without ascenders or descenders still reaches from the one to the other: its box takes the extent of its type.
 * What of that is shown to a reader is less where the type is lower than the page's lines say. */
static void extend(ocrvl_row *r, const ocrvl_box *own, const ocrvl_row *rows, size_t n, int32_t width, int32_t height)
{
    int32_t beside = (int32_t)(BESIDE * r->x_height + 0.5), y0, y1;
    find_extent(r, r->type, own, rows, n, height, &r->shown[0], &r->shown[1]);
    find_extent(r, r->x_height, own, rows, n, height, &y0, &y1);
    r->box.x0 = r->box.x0 > beside ? r->box.x0 - beside : 0;
    r->box.x1 = r->box.x1 + beside < width ? r->box.x1 + beside : width;
    r->box.y0 = y0;
    r->box.y1 = y1;
}

/* Takes off a row's box what reaches beyond the baseline of the line above and the small letters' tops of the line
 * below: pieces of their letters that touch its own. */
static void trim(ocrvl_row *r, const ocrvl_row *rows, size_t n)
{
    double top = r->box.y0, bottom = r->box.y1;
    for (size_t i = 0; i < n && r->glyphs > FEW; i++) {
        const ocrvl_row *o = &rows[i];
        int32_t x0 = o->box.x0 > r->box.x0 ? o->box.x0 : r->box.x0, x1 = o->box.x1 < r->box.x1 ? o->box.x1 : r->box.x1;
        if (x1 <= x0 || o->glyphs <= FEW || o->x_height > 1.6 * r->x_height || r->x_height > 1.6 * o->x_height)
            continue;
        double other = ocrvl_row_base(o, (x0 + x1) / 2.0), own = ocrvl_row_base(r, (x0 + x1) / 2.0);
        if (other < own - r->x_height)
            top = fmax(top, other);
        else if (other > own + o->x_height)
            bottom = fmin(bottom, other - o->x_height);
    }
    double left = ocrvl_row_base(r, r->box.x0), right = ocrvl_row_base(r, r->box.x1);
    r->box.y0 = (int32_t)fmax(r->box.y0, fmin(top, fmin(left, right) - r->x_height));
    r->box.y1 = (int32_t)fmin(r->box.y1, fmax(ceil(bottom), ceil(fmax(left, right))));
}

static ocrvl_status extend_all(ocrvl_row *rows, size_t n, int32_t width, int32_t height, ocrvl_error *err)
{
    ocrvl_box *own = ocrvl_alloc_array(n, sizeof *own);
    if (!own)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        trim(&rows[i], rows, n);
        own[i] = rows[i].box;
    }
    for (size_t i = 0; i < n; i++)
        extend(&rows[i], own, rows, n, width, height);
    ocrvl_free(own);
    return OCRVL_OK;
}

int32_t ocrvl_ink_in(PIX *ink, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    l_int32 n = 0;
    x0 = x0 > 0 ? x0 : 0, y0 = y0 > 0 ? y0 : 0;
    BOX *box = x1 > x0 && y1 > y0 ? boxCreate(x0, y0, x1 - x0, y1 - y0) : NULL;
    if (box && pixCountPixelsInRect(ink, box, &n, NULL) != 0)
        n = 0;
    boxDestroy(&box);
    return n;
}

/* Whether a few letters stand amid ink that isn't text: in a seal, an ornament, handwriting. */
static bool amid_clutter(const ocrvl_segmenter *s, const ocrvl_row *r, const text_measure *u)
{
    int32_t m = (r->box.y1 - r->box.y0) * 3 / 5, x0 = r->box.x0 - m, y0 = r->box.y0 - m, x1 = r->box.x1 + m,
            y1 = r->box.y1 + m;
    int32_t own = ocrvl_ink_in(s->ink, r->box.x0, r->box.y0, r->box.x1, r->box.y1),
            other = ocrvl_ink_in(s->ink, x0, y0, x1, y1) - own;
    if (s->rows.count > 20000) /* a page of noise */
        return true;
    for (size_t i = 0; i < s->rows.count && other * 5 > own; i++) {
        const ocrvl_row *t = &s->rows.at[i];
        if (t == r || t->box.x0 >= x1 || t->box.x1 <= x0 || t->box.y0 >= y1 || t->box.y1 <= y0 || !is_text(t, u))
            continue;
        other -= ocrvl_ink_in(s->ink, t->box.x0 > x0 ? t->box.x0 : x0, t->box.y0 > y0 ? t->box.y0 : y0,
                              t->box.x1 < x1 ? t->box.x1 : x1, t->box.y1 < y1 ? t->box.y1 : y1);
    }
    return other * 5 > own;
}

/* Whether row r is a dash that fills a cell of a table: as flat and as short as one, and at the height of the dashes of
 * other rows on its level, two at least, or one beyond a rule. It gets their baseline and x-height. */
static bool take_dash(ocrvl_row *r, const ocrvl_segmenter *s, const text_measure *u)
{
    double xh = u->x_height, w = r->box.x1 - r->box.x0, h = r->box.y1 - r->box.y0, y = (r->box.y0 + r->box.y1) / 2.0;
    const ocrvl_row *beside = NULL;
    size_t n = 0;
    if (r->glyphs != 1 || w < 0.25 * xh || w > 1.6 * xh || h < 2 || h > 0.35 * xh || w < 1.5 * h || at_side(r, u))
        return false;
    for (size_t i = 0; i < s->rows.count; i++) {
        const ocrvl_row *t = &s->rows.at[i];
        if (t->box.y0 > r->box.y1 || t->box.y1 < r->box.y0 || !is_text(t, u) || t->glyphs > 40)
            continue;
        double base = ocrvl_row_base(t, t->box.x1 < r->box.x0 ? t->box.x1 : t->box.x0), high = fmax(xh, t->x_height);
        if (y > base - 0.2 * xh || y < base - 0.75 * high || (t->box.x1 > r->box.x0 && t->box.x0 < r->box.x1))
            continue;
        n += 1 + (ocrvl_rule_between(s->regions, &t->box, &r->box, y, 2) ||
                  ocrvl_rule_between(s->regions, &r->box, &t->box, y, 2));
        beside = t;
    }
    if (n < 2)
        return false;
    r->base = ocrvl_row_base(beside, r->box.x0 > beside->box.x1 ? beside->box.x1 : beside->box.x0);
    r->slope = 0;
    r->x_height = xh;
    return true;
}

/* Whether a blob has more strokes beside each other than letters of its width that run together, or that an underline
 * joins. */
static bool is_scribble(PIX *ink, const ocrvl_box *b)
{
    return runs_per_row(ink, b) > 3 * fmax(1, (double)(b->x1 - b->x0) / (b->y1 - b->y0));
}

static ocrvl_status keep_text(ocrvl_rows *rows, const ocrvl_segmenter *s, bool boxed, bool inverted, ocrvl_error *err)
{
    text_measure u = measure(s);
    double small = median_x_height(&s->rows, INT32_MIN, INT32_MAX, true); /* on a page of capitals alone it differs */
    size_t first = rows->count;
    for (size_t i = 0; i < s->rows.count; i++) {
        ocrvl_row r = s->rows.at[i];
        bool dash = !boxed && u.x_height > 0 && take_dash(&r, s, &u);
        bool text = dash || is_text(&r, &u);
        ocrvl_ornament ornament =
            !boxed && !dash && u.x_height > 0 ? ocrvl_take_ornament(&r, s, u.x_height, text) : OCRVL_NO_ORNAMENT;
        if (ornament == OCRVL_ORNAMENT_PART)
            continue;
        text |= ornament == OCRVL_ORNAMENT;
        if (!text && !boxed && u.x_height > 0)
            text = ocrvl_take_mark(&r, (uint32_t)i, s, u.x_height, u.x0, u.x1);
        if (!text || (!boxed && within_figure(s->regions, &r.box)))
            continue;
        if (boxed && (r.glyphs < 3 || r.standing < 0.6))
            continue;
        if (!boxed && !r.led && !dash && letters_of(&r) <= FEW && s->rows.count > 1 &&
            amid_clutter(s, &s->rows.at[i], &u))
            continue;
        if (!boxed && !r.led && r.glyphs == 1 && is_scribble(s->ink, &r.box))
            continue;
        if (rows->count == MAX_ROWS)
            break;
        if (!OCRVL_ARRAY_RESERVE(rows->at, rows->cap, rows->count + 1))
            return ocrvl_fail_nomem(err);
        r.inverted = inverted;
        r.type = r.x_height;
        if (!dash && !r.mark && !ornament) {
            ocrvl_row type = r;
            settle(&type, small, s->ink);
            settle(&r, u.x_height, s->ink);
            r.type = fmin(r.x_height, type.x_height);
            if (r.type < r.x_height && r.glyphs >= 3 && !is_joined(&r))
                clip(&r, r.type, CAPITALS_ABOVE);
        }
        rows->at[rows->count++] = r;
    }
    return extend_all(rows->at + first, rows->count - first, s->width, s->height, err);
}

static ocrvl_status make_rows(ocrvl_segmenter *s, ocrvl_layout_mode mode, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_find_tall(s, err);
    if (st == OCRVL_OK)
        st = ocrvl_chain(s, false, err);
    if (st == OCRVL_OK)
        st = ocrvl_cut_tall(s, err);
    if (st == OCRVL_OK)
        st = ocrvl_chain(s, true, err);
    if (st == OCRVL_OK)
        st = ocrvl_split_rows(s, err);
    for (int round = 0; round < 2; round++) { /* a dash taken in may bring the next word near */
        if (st == OCRVL_OK)
            st = ocrvl_attach_marks(s, err);
        if (st == OCRVL_OK)
            st = ocrvl_join_rows(s, mode, err);
        if (st == OCRVL_OK)
            st = ocrvl_move_strays(s, err);
    }
    return st == OCRVL_OK ? ocrvl_join_led(s, err) : st;
}

ocrvl_status ocrvl_layout_rows(ocrvl_rows *rows, const ocrvl_ink_mask *mask, bool boxed, const ocrvl_blobs *blobs,
                               const ocrvl_regions *regions, ocrvl_layout_mode mode, ocrvl_error *err)
{
    ocrvl_segmenter s = {.count = blobs->count, .regions = regions};
    ocrvl_status st = OCRVL_OK;
    if (blobs->count == 0)
        return OCRVL_OK;
    s.ink = boxed ? mask->light : mask->ink;
    s.width = pixGetWidth(s.ink);
    s.height = pixGetHeight(s.ink);
    s.blobs = ocrvl_alloc_array(s.count, sizeof *s.blobs);
    s.row_of = ocrvl_alloc_array(s.count, sizeof *s.row_of);
    s.tall = ocrvl_alloc_array(s.count, sizeof *s.tall);
    s.blob_cap = s.row_of_cap = s.tall_cap = s.count;
    if (!s.blobs || !s.row_of || !s.tall) {
        st = ocrvl_fail_nomem(err);
    } else {
        memcpy(s.blobs, blobs->at, s.count * sizeof *s.blobs);
        for (size_t i = 0; i < s.count; i++)
            s.row_of[i] = OCRVL_NO_ROW;
        st = make_rows(&s, mode, err);
        if (st == OCRVL_OK)
            st = keep_text(rows, &s, boxed, boxed != mask->inverted_page, err);
    }
    ocrvl_free(s.blobs);
    ocrvl_free(s.row_of);
    ocrvl_free(s.tall);
    ocrvl_free(s.rows.at);
    return st;
}
