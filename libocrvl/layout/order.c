#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/compare.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* Sets of lines are cut into columns and bands until the order is plain; deeper than this they're read row by row. */
#define MAX_DEPTH 12
#define FEW 4 /* lines */
#define GUTTERS 8
#define SHORT_RUN 4    /* lines that don't tell their pitch themselves */
#define WHITE 2.5      /* x-heights between columns and others below them, at least */
#define MAX_ITEMS 6000 /* more lines than a newspaper's page has are no columns */

typedef struct item {
    double x0, x1, top, base, xh; /* top and base of the letters without ascenders: lines of one column don't overlap */
    uint32_t row;
} item;

typedef struct orderer {
    item *items;
    uint32_t *out; /* rows in reading order */
    size_t done;
    item *spare;
    double gutters[GUTTERS]; /* where columns were parted, from the first time that the page was ordered */
    size_t gutter_count;
    bool learning;
    const ocrvl_regions *regions;
} orderer;

static int by_place(const void *a, const void *b)
{
    const item *p = a, *q = b;
    if (p->base != q->base)
        return p->base < q->base ? -1 : 1;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

static int by_left(const void *a, const void *b)
{
    const item *p = a, *q = b;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    return by_place(a, b);
}

/* Row by row, each from left to right. */
static void emit_rows(orderer *o, item *it, size_t n)
{
    qsort(it, n, sizeof *it, by_place);
    for (size_t i = 0, end; i < n; i = end) {
        double base = it[i].base;
        for (end = i + 1; end < n && it[end].base - base < 0.6 * (it[end].xh < it[i].xh ? it[end].xh : it[i].xh); end++)
            ;
        qsort(it + i, end - i, sizeof *it, by_left);
        for (size_t k = i; k < end; k++)
            o->out[o->done++] = it[k].row;
    }
}

/* Whether there are lines of running text, as wide as all that stands there, which cover more than small tables among
 * them, whose cells may be more lines. */
static bool has_full_lines(const item *it, size_t n)
{
    double x0 = 1e9, x1 = -1e9, all = 0, wide = 0;
    size_t full = 0;
    for (size_t i = 0; i < n; i++) {
        x0 = it[i].x0 < x0 ? it[i].x0 : x0;
        x1 = it[i].x1 > x1 ? it[i].x1 : x1;
    }
    for (size_t i = 0; i < n; i++) {
        double width = it[i].x1 - it[i].x0;
        bool fills = width > 20 * it[i].xh && width > 0.85 * (x1 - x0);
        full += fills;
        all += width;
        wide += fills ? width : 0;
    }
    return full >= 6 && wide * 2 > all;
}

/* Whether lines are running text set in a column, not the cells of a table or notes beside it: several, wide, and not
 * far apart. */
static bool is_column(const item *it, size_t n)
{
    double widths[64], heights = 0, top = 1e9, bottom = -1e9;
    size_t step = n / 64 + 1, k = 0;
    if (n < 3)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (i % step == 0 && k < 64)
            widths[k++] = (it[i].x1 - it[i].x0) / it[i].xh;
        heights += 3 * it[i].xh;
        top = it[i].top < top ? it[i].top : top;
        bottom = it[i].base > bottom ? it[i].base : bottom;
    }
    qsort(widths, k, sizeof *widths, ocrvl_compare_doubles);
    return heights > 0.45 * (bottom - top) && (widths[k / 2] > 12 || has_full_lines(it, n));
}

/* Whether lines are surely a column of text: many, most of them wide. */
static bool is_text_column(const item *it, size_t n)
{
    size_t wide = 0;
    for (size_t i = 0; i < n; i++)
        wide += (it[i].x1 - it[i].x0) / it[i].xh > 24;
    return n >= 6 && wide * 3 > n * 2;
}

/* Whether lines may be a column's end where another part of the page has its gutter there: one or two wide lines. */
static bool is_short_column(const item *it, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((it[i].x1 - it[i].x0) / it[i].xh > 12)
            return true;
    return false;
}

/* Whether the page is known to have a gutter between x0 and x1. */
static bool has_gutter(const orderer *o, double x0, double x1)
{
    for (size_t i = 0; i < o->gutter_count; i++)
        if (o->gutters[i] > x0 && o->gutters[i] < x1)
            return true;
    return false;
}

/* The place of the widest free vertical strip with lines on both sides that leaves columns there; false if there is
 * none. *any: whether there is a free strip at all. */
static bool find_strip(orderer *o, const item *it, size_t n, double *at, bool *any)
{
    item *s = o->spare;
    double best = 0, reach;
    *any = false;
    memcpy(s, it, n * sizeof *s);
    qsort(s, n, sizeof *s, by_left);
    reach = s[0].x1;
    for (size_t i = 1; i < n; i++) {
        double gap = s[i].x0 - reach;
        *any |= gap > 0;
        bool columns = is_column(s, i) && is_column(s + i, n - i);
        bool known =
            !columns && has_gutter(o, reach, s[i].x0) && is_short_column(s, i) && is_short_column(s + i, n - i);
        if (gap > 0.6 * s[i].xh && gap > best && (columns || known)) {
            double t0 = 1e9, b0 = -1e9, t1 = 1e9, b1 = -1e9;
            for (size_t k = 0; k < n; k++) {
                double *t = k < i ? &t0 : &t1, *b = k < i ? &b0 : &b1;
                *t = s[k].top < *t ? s[k].top : *t;
                *b = s[k].base > *b ? s[k].base : *b;
            }
            double shared = (b0 < b1 ? b0 : b1) - (t0 > t1 ? t0 : t1), less = b0 - t0 < b1 - t1 ? b0 - t0 : b1 - t1;
            if (shared > 0.4 * less) {
                best = gap;
                *at = (reach + s[i].x0) / 2;
            }
        }
        reach = s[i].x1 > reach ? s[i].x1 : reach;
    }
    return best > 0;
}

/* The end of the band that begins at i: no line crosses from it to the next. it is sorted by base. */
static size_t band_end(const item *it, size_t n, size_t i)
{
    double bottom = it[i].base;
    size_t end = i + 1;
    for (;;) {
        double top = 1e9;
        size_t first = end;
        for (size_t k = end; k < n; k++)
            if (it[k].top < bottom && it[k].top < top) {
                top = it[k].top;
                first = k + 1;
            }
        if (first == end)
            return end;
        for (; end < first; end++)
            bottom = it[end].base > bottom ? it[end].base : bottom;
    }
}

static void emit(orderer *o, item *it, size_t n, int depth);

static void emit_columns(orderer *o, item *it, size_t n, double at, int depth)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        if (it[i].x0 < at) {
            item t = it[i];
            it[i] = it[left];
            it[left++] = t;
        }
    if (o->learning && o->gutter_count < GUTTERS && is_text_column(it, left) && is_text_column(it + left, n - left))
        o->gutters[o->gutter_count++] = at;
    emit(o, it, left, depth + 1);
    emit(o, it + left, n - left, depth + 1);
}

/* Whether all of the lines stand beside one picture, at its height: it may be the head of a column. */
static bool beside_picture(const orderer *o, const item *it, size_t n)
{
    double x0 = 1e9, x1 = 0, top = 1e9;
    for (size_t i = 0; i < n; i++) {
        x0 = it[i].x0 < x0 ? it[i].x0 : x0;
        x1 = it[i].x1 > x1 ? it[i].x1 : x1;
        top = it[i].top < top ? it[i].top : top;
    }
    for (size_t i = 0; i < o->regions->count; i++) {
        const ocrvl_box *b = &o->regions->at[i].box;
        if (o->regions->at[i].role == OCRVL_ROLE_FIGURE && (b->x1 <= x0 + it->xh || b->x0 >= x1 - it->xh) &&
            b->y0 < it[n - 1].base && b->y1 > top)
            return true;
    }
    return false;
}

/* The longest run of bands from i on that stands in columns; its end, or i. A line or two tell nothing yet: where the
 * columns' lines stand at different heights each band is one line of one column. */
static size_t longest_run(orderer *o, item *it, size_t n, size_t i, double *at)
{
    size_t found = i, end = i;
    bool any = true;
    while (end < n && any) {
        double x;
        end = band_end(it, n, end);
        if (find_strip(o, it + i, end - i, &x, &any)) {
            found = end;
            *at = x;
        } else if (found > i) {
            break;
        }
        any |= end - i < FEW || beside_picture(o, it + i, end - i);
    }
    return found;
}

/* The end of the columns that begin at i, or i. The strip between them may go on into columns of other widths below,
 * where a picture stands in it: these begin below some white from where a run of columns goes further down. */
static size_t columns_end(orderer *o, item *it, size_t n, size_t i, double *at)
{
    size_t found = longest_run(o, it, n, i, at), end = i;
    double bottom = -1e9;
    while (found < n && end < found) {
        size_t next = band_end(it, n, end);
        double top = 1e9, other;
        for (size_t k = end; k < next; k++)
            top = it[k].top < top ? it[k].top : top;
        if (end > i && top - bottom > WHITE * it[end].xh && longest_run(o, it, n, end, &other) > found &&
            find_strip(o, it + i, end - i, at, &(bool){false}))
            return end;
        for (; end < next; end++)
            bottom = it[end].base > bottom ? it[end].base : bottom;
    }
    return found;
}

/* Whether a large line stands alone between the columns above it and those below it: it heads what is below, though it
 * doesn't reach into the other columns. it is sorted by place. */
static bool parts_columns(const item *it, size_t n, size_t i)
{
    const item *h = &it[i];
    bool above = false, below = false;
    for (size_t k = 0; k < n; k++) {
        const item *o = &it[k];
        bool same = o->xh > 0.9 * h->xh && o->xh < 1.1 * h->xh;
        if (k == i)
            continue;
        if (o->xh * 1.3 > h->xh && !same)
            return false;
        if (o->top < h->base + 0.8 * h->xh && o->base > h->top - 0.8 * h->xh && (!same || o->x0 > h->x1))
            return false;
        above |= o->x0 > h->x1 && o->base < h->top;
        below |= o->x0 > h->x1 && o->top > h->base;
    }
    return above && below;
}

/* The first such line, or n. */
static size_t find_parting(const item *it, size_t n)
{
    double heights[64];
    size_t k = 0, step = n / 64 + 1;
    for (size_t i = 0; i < n && k < 64; i += step)
        heights[k++] = it[i].xh;
    qsort(heights, k, sizeof *heights, ocrvl_compare_doubles);
    for (size_t i = 1; i + 1 < n; i++)
        if (it[i].xh > 1.3 * heights[k / 2] && parts_columns(it, n, i))
            return i;
    return n;
}

static void emit(orderer *o, item *it, size_t n, int depth)
{
    double at = 0;
    bool any;
    if (n < 2 || n > MAX_ITEMS || depth >= MAX_DEPTH) {
        emit_rows(o, it, n);
        return;
    }
    qsort(it, n, sizeof *it, by_place);
    for (size_t head; (head = find_parting(it, n)) < n; it += head + 1, n -= head + 1) {
        emit(o, it, head, depth + 1);
        emit_rows(o, it + head, 1);
    }
    if (find_strip(o, it, n, &at, &any)) {
        emit_columns(o, it, n, at, depth);
        return;
    }
    for (size_t i = 0; i < n;) {
        size_t end = columns_end(o, it, n, i, &at);
        if (end > i) {
            emit_columns(o, it + i, end - i, at, depth);
        } else {
            end = band_end(it, n, i);
            emit_rows(o, it + i, end - i);
        }
        i = end;
    }
}

/* A line that reaches over a gutter, though another stands there at its height, is too long for its column. */
static void cut_at_gutters(const orderer *o, item *it, size_t n)
{
    for (size_t g = 0; g < o->gutter_count; g++)
        for (size_t i = 0; i < n && n <= MAX_ITEMS; i++) {
            double at = o->gutters[g];
            if (it[i].x0 >= at || it[i].x1 <= at)
                continue;
            for (size_t k = 0; k < n; k++)
                if (it[k].x0 > at && it[k].x0 < at + 12 * it[i].xh && it[k].top < it[i].base &&
                    it[k].base > it[i].top) {
                    it[i].x1 = at;
                    break;
                }
        }
}

/* Orders the lines, and once more if what was found of columns then may tell more. */
static void order(orderer *o, size_t n)
{
    o->learning = true;
    emit(o, o->items, n, 0);
    o->learning = false;
    if (!o->gutter_count)
        return;
    cut_at_gutters(o, o->items, n);
    o->done = 0;
    emit(o, o->items, n, 0);
}

/* ---- cards ---- */

typedef struct carded { /* a row in a card */
    size_t place;       /* of the row in the order so far */
    uint32_t row;
    int32_t top, left; /* of the card; of those that stand side by side the top is the same */
} carded;

static int by_card(const void *a, const void *b)
{
    const carded *p = a, *q = b;
    if (p->top != q->top)
        return p->top < q->top ? -1 : 1;
    if (p->left != q->left)
        return p->left < q->left ? -1 : 1;
    return p->place < q->place ? -1 : p->place > q->place;
}

/* The upper end of the cards that stand beside the card. */
static int32_t top_beside(const ocrvl_box *cards, size_t count, const ocrvl_box *card)
{
    int32_t top = card->y0;
    for (size_t i = 0; i < count; i++)
        if (cards[i].y0 < top && cards[i].y1 > card->y0)
            top = cards[i].y0;
    return top;
}

/* The card that the row is in, or `count`. */
static size_t card_of(const ocrvl_box *cards, size_t count, const ocrvl_row *row)
{
    size_t i = 0;
    while (i < count && !ocrvl_is_in_card(&cards[i], &row->box))
        i++;
    return i;
}

/* Has what is in each of the cards follow one another, in the places that these rows have among the n. */
static ocrvl_status order_cards(uint32_t *order, size_t n, const ocrvl_rows *rows, const ocrvl_box *cards, size_t count,
                                ocrvl_error *err)
{
    size_t all = 0, done = 0;
    carded *list = count ? ocrvl_alloc_array(n, sizeof *list) : NULL;
    if (!count)
        return OCRVL_OK;
    if (!list)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        size_t in = card_of(cards, count, &rows->at[order[i]]);
        if (in < count)
            list[all++] = (carded){i, order[i], top_beside(cards, count, &cards[in]), cards[in].x0};
    }
    qsort(list, all, sizeof *list, by_card);
    for (size_t i = 0; i < n; i++)
        if (card_of(cards, count, &rows->at[order[i]]) < count)
            order[i] = list[done++].row;
    ocrvl_free(list);
    return OCRVL_OK;
}

/* ---- blocks ---- */

static void grow(ocrvl_box *b, const ocrvl_box *by)
{
    b->x0 = by->x0 < b->x0 ? by->x0 : b->x0;
    b->y0 = by->y0 < b->y0 ? by->y0 : b->y0;
    b->x1 = by->x1 > b->x1 ? by->x1 : b->x1;
    b->y1 = by->y1 > b->y1 ? by->y1 : b->y1;
}

/* Whether line b may stand right below a in one block. Code has empty lines. */
static bool is_below(const ocrvl_row *a, const ocrvl_row *b)
{
    double most = a->code && b->code ? 16 : 6; /* x-heights */
    double xh = (a->x_height + b->x_height) / 2, ratio = a->x_height / b->x_height;
    double step = ocrvl_row_base(b, b->box.x0) - ocrvl_row_base(a, b->box.x0);
    int32_t shared = (a->box.x1 < b->box.x1 ? a->box.x1 : b->box.x1) - (a->box.x0 > b->box.x0 ? a->box.x0 : b->box.x0);
    return a->inverted == b->inverted && a->style == b->style && (shared > 0 || a->code) && ratio < 1.4 &&
           ratio > 0.7 && step > 0.8 * xh && step < most * xh;
}

/* What tells paragraphs apart within a run of lines: its margins and its pitch. */
typedef struct measure {
    double left, right, pitch;
} measure;

static measure measure_run(const ocrvl_rows *rows, const uint32_t *run, size_t n, double page_pitch)
{
    measure m = {1e9, 0, 0};
    double steps[64];
    size_t k = 0, every = n / 64 + 1;
    for (size_t i = 0; i < n; i++) {
        const ocrvl_row *r = &rows->at[run[i]];
        m.left = r->box.x0 < m.left ? r->box.x0 : m.left;
        m.right = r->box.x1 > m.right ? r->box.x1 : m.right;
        if (i > 0 && i % every == 0 && k < 64)
            steps[k++] = ocrvl_row_base(r, r->box.x0) - ocrvl_row_base(&rows->at[run[i - 1]], r->box.x0);
    }
    if (k > 0) {
        qsort(steps, k, sizeof *steps, ocrvl_compare_doubles);
        m.pitch = steps[(k - 1) / 3]; /* not the middle: paragraphs may be of one or two lines */
    }
    double usual = n ? page_pitch * rows->at[run[0]].x_height : 0;
    if (n <= SHORT_RUN && usual > 0 && usual < m.pitch)
        m.pitch = usual;
    return m;
}

/* From line to line of paragraphs on the page, in x-heights; 0: too few lines stand below one another. */
static double page_pitch(const ocrvl_rows *rows, const uint32_t *order, size_t n)
{
    double steps[256];
    size_t k = 0, every = n / 256 + 1;
    for (size_t i = every; i < n && k < 256; i += every) {
        const ocrvl_row *a = &rows->at[order[i - 1]], *b = &rows->at[order[i]];
        if (is_below(a, b))
            steps[k++] = (ocrvl_row_base(b, b->box.x0) - ocrvl_row_base(a, b->box.x0)) / b->x_height;
    }
    if (k > 0)
        qsort(steps, k, sizeof *steps, ocrvl_compare_doubles);
    return k >= FEW ? steps[(k - 1) / 3] : 0;
}

/* Whether line i of a run begins a paragraph: more room above than usual, or an indent that the lines around it, or the
 * short line before it, make one. */
static bool begins_paragraph(const ocrvl_rows *rows, const uint32_t *run, size_t n, size_t i, const measure *m)
{
    const ocrvl_row *a = &rows->at[run[i - 1]], *b = &rows->at[run[i]], *c = i + 1 < n ? &rows->at[run[i + 1]] : NULL;
    double xh = b->x_height, step = ocrvl_row_base(b, b->box.x0) - ocrvl_row_base(a, b->box.x0);
    double indent = b->box.x0 - m->left;
    if (b->begins || b->code)
        return b->begins;
    if (m->pitch > 0 && step > 1.35 * m->pitch)
        return true;
    if (indent < 1.1 * xh || indent > 12 * xh || a->begins) /* an item hangs from its mark */
        return false;
    bool flush_before = a->box.x0 - m->left < 0.7 * xh, flush_after = c && c->box.x0 - m->left < 0.7 * xh;
    bool short_before = a->box.x1 < m->right - 4 * xh;
    return (flush_before && flush_after) || (short_before && (flush_before || flush_after));
}

static ocrvl_status add_block(ocrvl_layout *l, ocrvl_layout_block block, size_t *cap, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(l->blocks, *cap, l->block_count + 1))
        return ocrvl_fail_nomem(err);
    l->blocks[l->block_count++] = block;
    return OCRVL_OK;
}

static void set_shown(const ocrvl_layout *l, ocrvl_layout_line *line, const ocrvl_row *r)
{
    bool any = r->shown[0] < r->shown[1];
    ocrvl_box b = ocrvl_from_mask(
        l, (ocrvl_box){r->box.x0, any ? r->shown[0] : r->box.y0, r->box.x1, any ? r->shown[1] : r->box.y1});
    line->shown[0] = b.y0 > line->ink.y0 ? b.y0 : line->ink.y0;
    line->shown[1] = b.y1 < line->ink.y1 ? b.y1 : line->ink.y1;
}

static void add_line(ocrvl_layout *l, uint32_t row)
{
    const ocrvl_ink_mask *m = l->mask;
    const ocrvl_found *found = l->found;
    const ocrvl_row *r = &found->rows.at[row];
    ocrvl_layout_line *line = &l->lines[l->line_count++];
    double f = (double)m->factor / m->up;
    line->ink = ocrvl_from_mask(l, r->box);
    set_shown(l, line, r);
    line->baseline[0] = (float)(ocrvl_row_base(r, r->box.x0) * f);
    line->baseline[1] = (float)(ocrvl_row_base(r, r->box.x1) * f);
    line->x_height = (float)(r->x_height * f);
    line->inverted = r->inverted;
    line->known = r->known;
    line->mark = r->mark;
    line->row = row;
}

/* rows: the found ones, or as a mirror shows them. */
static ocrvl_status add_paragraphs(ocrvl_layout *l, const ocrvl_rows *rows, const uint32_t *run, size_t n, double pitch,
                                   size_t *cap, ocrvl_error *err)
{
    measure m = measure_run(rows, run, n, pitch);
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < n && st == OCRVL_OK; i++) {
        add_line(l, run[i]);
        const ocrvl_layout_line *line = &l->lines[l->line_count - 1];
        if (i > 0 && !begins_paragraph(rows, run, n, i, &m)) {
            grow(&l->blocks[l->block_count - 1].box, &line->ink);
            l->blocks[l->block_count - 1].lines++;
        } else {
            st = add_block(l, (ocrvl_layout_block){OCRVL_ROLE_PARAGRAPH, line->ink, l->line_count - 1, 1, 0, 0, false},
                           cap, err);
        }
    }
    return st;
}

/* Whether a level rule runs through a line or close below it. */
static bool is_underline(const ocrvl_layout *l, const ocrvl_region *region)
{
    ocrvl_box r = ocrvl_from_mask(l, region->box);
    for (size_t i = 0; i < l->line_count && region->role == OCRVL_ROLE_SEPARATOR && !region->vertical; i++) {
        const ocrvl_layout_line *line = &l->lines[i];
        int32_t shared = (line->ink.x1 < r.x1 ? line->ink.x1 : r.x1) - (line->ink.x0 > r.x0 ? line->ink.x0 : r.x0);
        if (shared * 2 > r.x1 - r.x0 && r.y1 > line->ink.y0 && r.y0 < line->baseline[0] + 0.8f * line->x_height)
            return true;
    }
    return false;
}

/* Whether a rule is a part of a picture. */
static bool in_figure(const ocrvl_regions *regions, const ocrvl_region *r)
{
    int32_t x = (r->box.x0 + r->box.x1) / 2, y = (r->box.y0 + r->box.y1) / 2;
    for (size_t i = 0; i < regions->count && r->role == OCRVL_ROLE_SEPARATOR; i++) {
        const ocrvl_box *f = &regions->at[i].box;
        if (regions->at[i].role == OCRVL_ROLE_FIGURE && x >= f->x0 && x < f->x1 && y >= f->y0 && y < f->y1)
            return true;
    }
    return false;
}

/* ---- leaders ---- */

static int by_line(const void *a, const void *b)
{
    const ocrvl_leader *p = a, *q = b;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    return (p->box.x0 > q->box.x0) - (p->box.x0 < q->box.x0);
}

/* The line whose ink holds a leader, at the height of its letters; line_count: none. */
static size_t line_of(const ocrvl_layout *l, const ocrvl_box *dots)
{
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_layout_line *line = &l->lines[i];
        float y = (float)(dots->y0 + dots->y1) / 2, w = (float)(line->ink.x1 - line->ink.x0),
              at = (float)((dots->x0 + dots->x1) / 2 - line->ink.x0) / fmaxf(w, 1),
              base = line->baseline[0] + (line->baseline[1] - line->baseline[0]) * at;
        if (dots->x0 >= line->ink.x0 - 1 && dots->x1 <= line->ink.x1 + 1 && y > base - line->x_height &&
            y < base + 0.4f * line->x_height)
            return i;
    }
    return l->line_count;
}

/* Gives the leaders to the lines that they stand in; *left receives the regions that aren't such. */
static ocrvl_status give_leaders(ocrvl_layout *l, const ocrvl_regions *regions, ocrvl_regions *left, ocrvl_error *err)
{
    size_t cap = 0;
    for (size_t i = 0; i < regions->count; i++) {
        ocrvl_box box = ocrvl_from_mask(l, regions->at[i].box);
        size_t line = regions->at[i].leader ? line_of(l, &box) : l->line_count;
        if (line == l->line_count) {
            ocrvl_status st = ocrvl_region_add(left, regions->at[i], err);
            if (st != OCRVL_OK)
                return st;
            continue;
        }
        if (!OCRVL_ARRAY_RESERVE(l->leaders, cap, l->leader_count + 1))
            return ocrvl_fail_nomem(err);
        l->leaders[l->leader_count++] = (ocrvl_leader){(uint32_t)line, box};
    }
    if (l->leader_count)
        qsort(l->leaders, l->leader_count, sizeof *l->leaders, by_line);
    return OCRVL_OK;
}

/* ---- figures and rules ---- */

ocrvl_status ocrvl_layout_rules(ocrvl_layout *l, ocrvl_error *err)
{
    const ocrvl_found *found = l->found;
    const ocrvl_regions *regions = &found->regions;
    l->rules = ocrvl_alloc_array(regions->count, sizeof *l->rules);
    if (!l->rules)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < regions->count; i++)
        if (regions->at[i].role == OCRVL_ROLE_SEPARATOR && !regions->at[i].leader)
            l->rules[l->rule_count++] =
                (ocrvl_layout_rule){ocrvl_from_mask(l, regions->at[i].box), regions->at[i].vertical};
    return OCRVL_OK;
}

/* Puts a figure or rule before the first block that stands below it. */
static ocrvl_status add_region(ocrvl_layout *l, const ocrvl_region *region, size_t *cap, ocrvl_error *err)
{
    ocrvl_layout_block block = {region->role, ocrvl_from_mask(l, region->box), 0, 0, 0, 0, false};
    size_t at = 0;
    while (at < l->block_count && (l->blocks[at].box.x0 >= block.box.x1 || l->blocks[at].box.x1 <= block.box.x0 ||
                                   l->blocks[at].box.y0 + l->blocks[at].box.y1 < block.box.y0 + block.box.y1))
        at++;
    ocrvl_status st = add_block(l, block, cap, err);
    if (st != OCRVL_OK)
        return st;
    for (size_t i = l->block_count - 1; i > at; i--)
        l->blocks[i] = l->blocks[i - 1];
    l->blocks[at] = block;
    return OCRVL_OK;
}

/* Adds what isn't text. */
static ocrvl_status add_regions(ocrvl_layout *l, size_t *cap, ocrvl_error *err)
{
    const ocrvl_found *found = l->found;
    ocrvl_regions left = {0};
    ocrvl_status st = give_leaders(l, &found->regions, &left, err);
    for (size_t i = 0; i < left.count && st == OCRVL_OK; i++)
        if (!is_underline(l, &left.at[i]) && !in_figure(&left, &left.at[i]))
            st = add_region(l, &left.at[i], cap, err);
    ocrvl_free(left.at);
    return st;
}

/* Adds the rows as lines and paragraphs in the order that is told by these rows and regions, and cards, as many as were
 * found. */
static ocrvl_status arrange(ocrvl_layout *l, const ocrvl_rows *rows, const ocrvl_regions *regions,
                            const ocrvl_box *cards, size_t *cap, ocrvl_error *err)
{
    const ocrvl_found *found = l->found;
    size_t n = rows->count;
    orderer o = {.items = ocrvl_alloc_array(n, sizeof(item)),
                 .out = ocrvl_alloc_array(n, sizeof(uint32_t)),
                 .spare = ocrvl_alloc_array(n, sizeof(item)),
                 .regions = regions};
    ocrvl_status st = OCRVL_OK;
    l->lines = ocrvl_alloc_array(n, sizeof *l->lines);
    if (!o.items || !o.out || !o.spare || !l->lines) {
        st = ocrvl_fail_nomem(err);
    } else {
        for (uint32_t i = 0; i < n; i++) {
            const ocrvl_row *r = &rows->at[i];
            double base = ocrvl_row_base(r, (r->box.x0 + r->box.x1) / 2.0);
            o.items[i] = (item){r->box.x0, r->box.x1, base - r->x_height, base, r->x_height, i};
        }
        order(&o, n);
        st = order_cards(o.out, o.done, rows, cards, found->card_count, err);
    }
    double pitch = st ? 0 : page_pitch(rows, o.out, o.done);
    for (size_t i = 0, end; i < o.done && st == OCRVL_OK; i = end) {
        for (end = i + 1; end < n && is_below(&rows->at[o.out[end - 1]], &rows->at[o.out[end]]); end++)
            ;
        st = add_paragraphs(l, rows, o.out + i, end - i, pitch, cap, err);
    }
    ocrvl_free(o.items);
    ocrvl_free(o.out);
    ocrvl_free(o.spare);
    return st;
}

static ocrvl_box mirrored(ocrvl_box b, int32_t width) { return (ocrvl_box){width - b.x1, b.y0, width - b.x0, b.y1}; }

/* The same of what a mirror shows. */
static ocrvl_status arrange_mirrored(ocrvl_layout *l, size_t *cap, ocrvl_error *err)
{
    const ocrvl_found *found = l->found;
    ocrvl_rows rows = {ocrvl_alloc_array(found->rows.count, sizeof *rows.at), found->rows.count, 0};
    ocrvl_regions regions = {ocrvl_alloc_array(found->regions.count, sizeof *regions.at), found->regions.count, 0};
    ocrvl_box *cards = ocrvl_alloc_array(found->card_count, sizeof *cards);
    ocrvl_status st = rows.at && regions.at && cards ? OCRVL_OK : ocrvl_fail_nomem(err);
    int32_t width = 0;
    for (size_t i = 0; i < rows.count; i++)
        width = found->rows.at[i].box.x1 > width ? found->rows.at[i].box.x1 : width;
    for (size_t i = 0; i < rows.count && !st; i++) {
        rows.at[i] = found->rows.at[i];
        rows.at[i].box = mirrored(rows.at[i].box, width);
        rows.at[i].base += rows.at[i].slope * width;
        rows.at[i].slope = -rows.at[i].slope;
    }
    for (size_t i = 0; i < regions.count && !st; i++) {
        regions.at[i] = found->regions.at[i];
        regions.at[i].box = mirrored(regions.at[i].box, width);
    }
    for (size_t i = 0; i < found->card_count && !st; i++)
        cards[i] = mirrored(found->cards[i], width);
    if (!st)
        st = arrange(l, &rows, &regions, cards, cap, err);
    ocrvl_free(cards);
    ocrvl_free(rows.at);
    ocrvl_free(regions.at);
    return st;
}

ocrvl_status ocrvl_layout_blocks(ocrvl_layout *l, bool from_right, ocrvl_error *err)
{
    const ocrvl_found *found = l->found;
    size_t cap = 0;
    ocrvl_status st = from_right ? arrange_mirrored(l, &cap, err)
                                 : arrange(l, &found->rows, &found->regions, found->cards, &cap, err);
    if (st == OCRVL_OK)
        st = add_regions(l, &cap, err);
    return st == OCRVL_OK && found->roles ? ocrvl_layout_roles(l, err) : st;
}
