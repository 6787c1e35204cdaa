#include "layout/strips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/resample.h"
#include "layout/layout_parts.h"

/* Margins in ink heights. The line reader was trained on 2 to 22 % above and below and 2 to 60 % at the ends; what it
 * sees is only 28 rows, so narrow ones leave more of them to the letters (samples/pages: 6.2 % character errors at
 * 0.04, 6.9 at 0.12, 7.3 at 0.16; at the ends 0.15, 0.30 and 0.45 differ by 0.1). */
#define MARGIN 0.04
#define END_MARGIN 0.30
#define LEAST_MARGIN 0.02
#define OVERLAP 5.0 /* in ink heights: what two pieces of a line both show, a long word or three short ones */
#define UNDER 0.08f /* x-heights below the baseline: an underline's middle is lower */
enum { RULES = 8 }; /* that a line's image has at most, beside those that stay in it */

/* A part of a line as it is cropped: x0 <= x < x1, and `height` rows that follow the baseline from `top` at x = 0. */
typedef struct crop {
    const ocrvl_image *grey;
    int32_t x0, x1, height;
    double top, slope;
    bool inverted;
    const ocrvl_layout *l;                 /* whose rules are painted over: */
    const ocrvl_layout_rule *rules[RULES]; /* [rule_count] */
    size_t rule_count;
} crop;

/* ---- the crop's frame ---- */

static bool overlap(int32_t a0, int32_t a1, int32_t b0, int32_t b1) { return a0 < b1 && b0 < a1; }

static double margin_for(double room, double height, double share)
{
    double m = fmin(share * height, room / 2);
    return fmax(m, LEAST_MARGIN * height);
}

typedef struct room {
    double above, below, left, right; /* to the next line's ink; large: none */
} room;

static room find_room(const ocrvl_layout *l, size_t line)
{
    const ocrvl_box *a = &l->lines[line].ink;
    room r = {1e9, 1e9, 1e9, 1e9};
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_box *b = &l->lines[i].ink;
        if (i == line)
            continue;
        if (overlap(a->x0, a->x1, b->x0, b->x1)) {
            if (b->y0 + b->y1 < a->y0 + a->y1)
                r.above = fmin(r.above, a->y0 - b->y1);
            else
                r.below = fmin(r.below, b->y0 - a->y1);
        } else if (overlap(a->y0, a->y1, b->y0, b->y1)) {
            if (b->x0 < a->x0)
                r.left = fmin(r.left, a->x0 - b->x1);
            else
                r.right = fmin(r.right, b->x0 - a->x1);
        }
    }
    return r;
}

/* Whether a rule comes near the line that would spoil its picture: one that goes on above or below, one over it, or
 * one under it, as an underline, which letters hardly touch. What strikes a word out is the line's own, and so is what
 * is as thick as its letters are high. */
static bool is_foreign(const ocrvl_layout_line *line, const ocrvl_layout_rule *rule)
{
    const ocrvl_box *a = &line->ink, *b = &rule->box;
    float base = (line->baseline[0] + line->baseline[1]) / 2, y = (float)(b->y0 + b->y1) / 2;
    int32_t beside = (a->y1 - a->y0) / 2;
    if (b->x1 < a->x0 - beside || b->x0 > a->x1 + beside || b->y1 < a->y0 - beside || b->y0 > a->y1 + beside)
        return false;
    if (rule->vertical)
        return b->y1 - b->y0 > 3 * (a->y1 - a->y0) / 2;
    bool thin = (float)(b->y1 - b->y0) < 0.5f * line->x_height;
    return y < base - line->x_height || y > base + (thin ? UNDER : 0.8f) * line->x_height;
}

static void find_rules(crop *c, size_t line)
{
    for (size_t i = 0; i < c->l->rule_count && c->rule_count < RULES; i++)
        if (is_foreign(&c->l->lines[line], &c->l->rules[i]))
            c->rules[c->rule_count++] = &c->l->rules[i];
}

/* The frame of the whole line. A baseline that leans by more than a quarter of an x-height is followed. */
static crop frame(const ocrvl_layout *l, size_t line)
{
    const ocrvl_layout_line *r = &l->lines[line];
    room space = find_room(l, line);
    double w = r->ink.x1 - r->ink.x0, drift = r->baseline[1] - r->baseline[0];
    crop c = {.grey = l->grey, .inverted = r->inverted, .l = l};
    find_rules(&c, line);
    double top = r->shown[0], bottom = r->shown[1];
    if (w > 0 && fabs(drift) > 0.25 * r->x_height && bottom - top - fabs(drift) > r->x_height) {
        c.slope = drift / w;
        top += drift < 0 ? -drift : 0; /* at the left end */
        bottom -= drift > 0 ? drift : 0;
    }
    double h = bottom - top, above = margin_for(space.above, h, MARGIN), below = margin_for(space.below, h, MARGIN);
    double first = floor(top - above), last = ceil(bottom + below);
    if (c.slope == 0) {
        first = fmax(first, 0);
        last = fmin(last, l->grey->height);
    }
    c.top = first - c.slope * r->ink.x0;
    c.height = (int32_t)(last - first);
    c.x0 = (int32_t)fmax(0, floor(r->ink.x0 - margin_for(space.left, h, END_MARGIN)));
    c.x1 = (int32_t)fmin(l->grey->width, ceil(r->ink.x1 + margin_for(space.right, h, END_MARGIN)));
    return c;
}

/* How far the end margin may go from `from` before it meets ink that isn't the line's: a rule is no obstacle. */
static ocrvl_status clear_margin(const ocrvl_layout *l, size_t line, int32_t from, int32_t to, int32_t *clear,
                                 ocrvl_error *err)
{
    ocrvl_columns c;
    int32_t step = to < from ? -1 : 1;
    ocrvl_status st = ocrvl_columns_new(&c, l, line, step < 0 ? to : from, step < 0 ? from : to, err);
    if (st != OCRVL_OK)
        return st;
    int32_t x = step < 0 ? c.x1 - 1 : c.x0;
    while (x >= c.x0 && x < c.x1 && c.ink[x - c.x0] == 0)
        x += step;
    int32_t least = (int32_t)(LEAST_MARGIN * (l->lines[line].ink.y1 - l->lines[line].ink.y0)) + 1;
    x = step < 0 ? x + 1 : x;
    if (step < 0)
        *clear = x < from - least ? x : to > from - least ? to : from - least;
    else
        *clear = x > from + least ? x : to < from + least ? to : from + least;
    ocrvl_free(c.ink);
    return OCRVL_OK;
}

/* Sets marks[] [x1 - x0] where row y of the crop shows a rule or its blurred edge; false: nowhere. */
static bool mark_rules(const crop *c, int32_t y, uint8_t *marks)
{
    bool any = false;
    memset(marks, 0, (size_t)(c->x1 - c->x0));
    for (size_t i = 0; i < c->rule_count; i++) {
        const ocrvl_box *b = &c->rules[i]->box;
        int32_t dx = c->rules[i]->vertical ? 1 : 0, dy = 1 - dx;
        for (int32_t x = b->x0 - dx > c->x0 ? b->x0 - dx : c->x0; x < b->x1 + dx && x < c->x1; x++) {
            int32_t at = (int32_t)floor(c->top + c->slope * x + y + 0.5);
            bool here = at >= b->y0 - dy && at < b->y1 + dy &&
                        (ocrvl_is_rule(c->l, x, at) || ocrvl_is_rule(c->l, x - dx, at - dy) ||
                         ocrvl_is_rule(c->l, x + dx, at + dy));
            marks[x - c->x0] |= here;
            any |= here;
        }
    }
    return any;
}

/* Paints over what is marked, with what is beside it, or, where that is further than `most` apart, with paper. */
static void paint_over(uint8_t *row, const uint8_t *marks, int32_t n, int32_t most, uint8_t paper)
{
    for (int32_t x = 0; x < n; x++) {
        int32_t end = x;
        while (end < n && marks[end])
            end++;
        if (end == x)
            continue;
        bool within = x > 0 && end < n && end - x <= most;
        int32_t a = within ? row[x - 1] : paper, b = within ? row[end] : paper;
        for (int32_t k = x; k < end; k++)
            row[k] = (uint8_t)(a + (b - a) * (k - x + 1) / (end - x + 1));
        x = end - 1;
    }
}

/* Row y of the crop, [x1 - x0]; beyond the image its edge goes on. */
static void crop_row(const crop *c, int32_t y, uint8_t *out)
{
    int32_t most = (int32_t)c->grey->height - 1;
    for (int32_t x = c->x0; x < c->x1; x++) {
        double at = c->top + c->slope * x + y;
        int32_t low = (int32_t)floor(at), v;
        uint32_t part = (uint32_t)((at - low) * 256);
        int32_t a = low < 0 ? 0 : low > most ? most : low, b = low + 1 < 0 ? 0 : low + 1 > most ? most : low + 1;
        v = c->grey->data[(size_t)a * c->grey->width + x];
        if (part != 0)
            v = (int32_t)(((uint32_t)v * (256 - part) + c->grey->data[(size_t)b * c->grey->width + x] * part + 128) /
                          256);
        out[x - c->x0] = (uint8_t)(c->inverted ? 255 - v : v);
    }
}

/* ---- scaling ---- */

/* out[n] is the sum of in[first[n] + k] * weights[n * taps + k]. */
typedef struct filter {
    int32_t *first;
    float *weights;
    int32_t taps;
} filter;

/* Area average when shrinking, else bicubic (a = -0.5). */
static ocrvl_status make_filter(filter *f, int32_t in, int32_t out, ocrvl_error *err)
{
    double step = (double)in / out;
    bool shrink = in > out;
    f->taps = shrink ? (int32_t)ceil(step) + 1 : 4;
    f->first = ocrvl_alloc_array((size_t)out, sizeof *f->first);
    f->weights = ocrvl_alloc_array((size_t)out * (size_t)f->taps, sizeof *f->weights);
    if (!f->first || !f->weights)
        return ocrvl_fail_nomem(err);
    for (int32_t n = 0; n < out; n++) {
        double lo = n * step, hi = (n + 1) * step, mid = (n + 0.5) * step - 0.5, sum = 0;
        int32_t first = shrink ? (int32_t)floor(lo) : (int32_t)floor(mid) - 1;
        float *w = f->weights + (size_t)n * f->taps;
        f->first[n] = first;
        for (int32_t k = 0; k < f->taps; k++) {
            double v = shrink ? fmax(0, fmin(hi, first + k + 1) - fmax(lo, first + k)) : ocrvl_cubic(mid - first - k);
            w[k] = (float)v;
            sum += v;
        }
        for (int32_t k = 0; k < f->taps; k++)
            w[k] = (float)(w[k] / sum);
    }
    return OCRVL_OK;
}

static int32_t clamp(int32_t v, int32_t most) { return v < 0 ? 0 : v > most ? most : v; }

static void scale_row(const filter *f, const uint8_t *in, int32_t n, float *out, int32_t w)
{
    for (int32_t x = 0; x < w; x++) {
        float sum = 0;
        for (int32_t k = 0; k < f->taps; k++)
            sum += in[clamp(f->first[x] + k, n - 1)] * f->weights[(size_t)x * f->taps + k];
        out[x] = sum;
    }
}

/* Adds row y of the crop, already scaled across, to the rows of out that it touches; sums is [h][w]. */
static void add_row(const filter *f, const float *row, int32_t y, int32_t last, float *sums, int32_t w, int32_t h)
{
    for (int32_t n = 0; n < h; n++) {
        if (f->first[n] > y)
            break;
        float weight = 0;
        for (int32_t k = 0; k < f->taps; k++)
            if (clamp(f->first[n] + k, last) == y)
                weight += f->weights[(size_t)n * f->taps + k];
        for (int32_t x = 0; x < w && weight != 0; x++)
            sums[(size_t)n * w + x] += weight * row[x];
    }
}

/* The paper's colour: four fifths of the pixels are no brighter. */
static uint8_t paper_of(const uint8_t *grey, size_t n)
{
    size_t hist[256] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++)
        hist[grey[i]]++;
    for (int v = 0; v < 256; v++)
        if ((sum += hist[v]) * 5 >= n * 4)
            return (uint8_t)v;
    return 255;
}

/* That of a crop, by its middle row. */
static uint8_t paper_of_crop(const crop *c, uint8_t *row)
{
    crop_row(c, c->height / 2, row);
    return paper_of(row, (size_t)(c->x1 - c->x0));
}

static int32_t scaled_width(const crop *c, uint32_t height)
{
    double w = floor((double)(c->x1 - c->x0) * height / c->height + 0.5);
    return w < 8 ? 8 : w > INT32_MAX / 2 ? INT32_MAX / 2 : (int32_t)w;
}

/* Draws the crop into the strip, whose width and height are set, w pixels of it, and pads it with paper. */
static ocrvl_status draw(ocrvl_strip *s, const crop *c, int32_t w, ocrvl_error *err)
{
    filter across = {0}, down = {0};
    int32_t h = (int32_t)s->height;
    size_t wide = (size_t)(c->x1 - c->x0);
    uint8_t *in = ocrvl_alloc_array(wide, 1), *marks = ocrvl_alloc_array(wide, 1);
    float *row = ocrvl_alloc_array((size_t)w, sizeof *row),
          *sums = ocrvl_alloc_array((size_t)w * s->height, sizeof *sums);
    s->grey = ocrvl_alloc_array((size_t)s->width * s->height, 1);
    ocrvl_status st =
        in && marks && row && sums && s->grey ? make_filter(&across, c->x1 - c->x0, w, err) : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK)
        st = make_filter(&down, c->height, h, err);
    uint8_t colour = st == OCRVL_OK && c->rule_count ? paper_of_crop(c, in) : 255;
    for (int32_t y = 0; y < c->height && st == OCRVL_OK; y++) {
        crop_row(c, y, in);
        if (c->rule_count && mark_rules(c, y, marks))
            paint_over(in, marks, c->x1 - c->x0, c->height / 2, colour);
        scale_row(&across, in, c->x1 - c->x0, row, w);
        add_row(&down, row, y, c->height - 1, sums, w, h);
    }
    if (st == OCRVL_OK) {
        uint8_t *packed = s->grey; /* drawn without padding first, to count its colours */
        for (size_t i = 0; i < (size_t)w * s->height; i++)
            packed[i] = (uint8_t)(sums[i] < 0 ? 0 : sums[i] > 255 ? 255 : sums[i] + 0.5f);
        uint8_t paper = paper_of(packed, (size_t)w * s->height);
        for (size_t y = s->height; y-- > 0;) {
            memmove(s->grey + y * s->width, packed + y * (size_t)w, (size_t)w);
            memset(s->grey + y * s->width + w, paper, s->width - (size_t)w);
        }
    }
    ocrvl_free(across.first);
    ocrvl_free(across.weights);
    ocrvl_free(down.first);
    ocrvl_free(down.weights);
    ocrvl_free(in);
    ocrvl_free(marks);
    ocrvl_free(row);
    ocrvl_free(sums);
    return st;
}

/* ---- cutting ---- */

/* The widest gap between letters that begins in [from, to), as far as `last`, or, without one, the column there with
 * the least ink: [*end, *next). */
static void find_gap(const ocrvl_columns *c, int32_t from, int32_t to, int32_t last, int32_t *end, int32_t *next)
{
    int32_t best = 0, thin = from;
    for (int32_t x = from; x < to; x++) {
        if (c->ink[x - c->x0] < c->ink[thin - c->x0])
            thin = x;
        int32_t gap = x;
        while (gap < last && c->ink[gap - c->x0] == 0)
            gap++;
        if (gap - x > best) {
            best = gap - x;
            *end = x;
            *next = gap;
        }
        x = gap > x ? gap : x;
    }
    if (best == 0) {
        *end = thin;
        *next = thin + 1;
    }
}

typedef struct strips {
    ocrvl_strip *at;
    size_t count, cap;
} strips;

static uint32_t round_up(int32_t width, uint32_t step) { return ((uint32_t)width + step - 1) / step * step; }

static ocrvl_status add_strip(strips *out, const crop *c, int32_t x0, int32_t x1, uint32_t line,
                              const ocrvl_strip_size *size, ocrvl_error *err)
{
    if (!OCRVL_ARRAY_RESERVE(out->at, out->cap, out->count + 1))
        return ocrvl_fail_nomem(err);
    int32_t w = scaled_width(c, size->height);
    ocrvl_strip *s = &out->at[out->count++];
    *s = (ocrvl_strip){.width = round_up(w, size->step), .height = size->height, .line = line, .x0 = x0, .x1 = x1};
    return draw(s, c, w, err);
}

/* Cuts the part of a line whose ink is c's into pieces no wider than size->max_width once scaled, all about as long, each of
 * which begins before the one before it ends. */
static ocrvl_status cut_columns(const ocrvl_columns *c, uint32_t line, const crop *whole, const ocrvl_strip_size *size,
                                strips *out, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    double margin = END_MARGIN * whole->height,
           most = (double)size->max_width * whole->height / size->height - 1 - 2 * margin;
    int32_t limit = (int32_t)fmax(8, fmin(most, INT32_MAX / 2)),
            share = (int32_t)fmin(OVERLAP * whole->height, limit / 4.0);
    for (int32_t x = c->x0, before = INT32_MAX; x < c->x1 && st == OCRVL_OK;) {
        int32_t rest = c->x1 - x, pieces = rest <= limit ? 1 : 2 + (rest - limit - 1) / (limit - share), next = c->x1,
                end = c->x1;
        if (pieces > 1) {
            int32_t aim = x + (rest + (pieces - 1) * share) / pieces, play = share / 2;
            find_gap(c, aim - play, aim + play < x + limit ? aim + play : x + limit, c->x1, &end, &next);
        }
        crop part = *whole;
        part.x0 = x > c->x0 ? x - (int32_t)fmin(margin, before / 2.0) : part.x0;
        part.x1 = end < c->x1 ? end + (int32_t)fmin(margin, (next - end) / 2.0) : part.x1;
        st = add_strip(out, &part, x, end, line, size, err);
        if (pieces == 1 || st != OCRVL_OK)
            break;
        int32_t last = x, gap = end;
        int32_t first = end - share * 3 / 2 > last + 1 ? end - share * 3 / 2 : last + 1, least = end - share / 2;
        find_gap(c, first, least, least, &gap, &x);
        before = x - gap;
    }
    return st;
}

/* Cuts the part [x0, x1) of a line. */
static ocrvl_status cut_line(const ocrvl_layout *l, uint32_t line, const crop *whole, int32_t x0, int32_t x1,
                             const ocrvl_strip_size *size, strips *out, ocrvl_error *err)
{
    ocrvl_columns c;
    ocrvl_status st = ocrvl_columns_new(&c, l, line, x0, x1, err);
    if (st == OCRVL_OK)
        st = cut_columns(&c, line, whole, size, out, err);
    ocrvl_free(c.ink);
    return st;
}

/* Adds the strips of the part [x0, x1) of a line, which `whole` shows. */
static ocrvl_status add_part(const ocrvl_layout *l, uint32_t line, const crop *whole, int32_t x0, int32_t x1,
                             const ocrvl_strip_size *size, strips *out, ocrvl_error *err)
{
    if ((uint32_t)scaled_width(whole, size->height) <= size->max_width)
        return add_strip(out, whole, x0, x1, line, size, err);
    return cut_line(l, line, whole, x0, x1, size, out, err);
}

/* Narrows a part of a line that leaders bound to the ink between them, with as much of a margin as they leave; *any:
 * whether there is ink. */
static ocrvl_status narrow(const ocrvl_layout *l, uint32_t line, crop *c, int32_t *x0, int32_t *x1, bool *any,
                           ocrvl_error *err)
{
    ocrvl_columns k;
    ocrvl_status st = ocrvl_columns_new(&k, l, line, *x0, *x1, err);
    if (st != OCRVL_OK)
        return st;
    int32_t first = 0, last = k.x1 - k.x0, margin = (int32_t)(END_MARGIN * c->height);
    while (first < last && k.ink[first] == 0)
        first++;
    while (last > first && k.ink[last - 1] == 0)
        last--;
    *any = last > first;
    *x0 = k.x0 + first;
    *x1 = k.x0 + last;
    c->x0 = c->x0 > *x0 - margin ? c->x0 : *x0 - margin;
    c->x1 = c->x1 < *x1 + margin ? c->x1 : *x1 + margin;
    ocrvl_free(k.ink);
    return OCRVL_OK;
}

/* Adds the strips of a line's parts before, between and after its leaders, n of them. */
static ocrvl_status add_parts(const ocrvl_layout *l, uint32_t line, const crop *whole, const ocrvl_leader *dots,
                              size_t n, const ocrvl_strip_size *size, strips *out, ocrvl_error *err)
{
    const ocrvl_box *ink = &l->lines[line].ink;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i <= n && st == OCRVL_OK; i++) {
        int32_t x0 = i > 0 ? dots[i - 1].box.x1 : ink->x0, x1 = i < n ? dots[i].box.x0 : ink->x1;
        crop c = *whole;
        bool any = x1 > x0;
        c.x0 = i > 0 ? x0 : c.x0;
        c.x1 = i < n ? x1 : c.x1;
        if (any && n > 0)
            st = narrow(l, line, &c, &x0, &x1, &any, err);
        if (any && st == OCRVL_OK)
            st = add_part(l, line, &c, x0, x1, size, out, err);
    }
    return st;
}

/* The leaders of a line, *n of them. */
static const ocrvl_leader *leaders_of(const ocrvl_layout *l, size_t line, size_t *n)
{
    size_t first = 0;
    while (first < l->leader_count && l->leaders[first].line < line)
        first++;
    *n = 0;
    while (first + *n < l->leader_count && l->leaders[first + *n].line == line)
        ++*n;
    return *n ? l->leaders + first : NULL;
}

ocrvl_status ocrvl_layout_strips(const ocrvl_layout *l, size_t line, const ocrvl_strip_size *size, ocrvl_strip **out,
                                 size_t *count, ocrvl_error *err)
{
    *out = NULL;
    *count = 0;
    if (line >= l->line_count || size->height == 0 || size->height > 4096 || size->step == 0 ||
        size->max_width < size->step || size->max_width > 1u << 20)
        return ocrvl_fail(err, OCRVL_E_ARG, "line %zu, strips of %u x %u in steps of %u", line, size->max_width,
                          size->height, size->step);
    strips all = {0};
    crop c = frame(l, line);
    const ocrvl_box *ink = &l->lines[line].ink;
    ocrvl_status st = clear_margin(l, line, ink->x0, c.x0, &c.x0, err);
    if (st == OCRVL_OK)
        st = clear_margin(l, line, ink->x1, c.x1, &c.x1, err);
    if (st != OCRVL_OK)
        return st;
    size_t n;
    const ocrvl_leader *dots = leaders_of(l, line, &n);
    ocrvl_strip_size whole = {size->height, size->max_width / size->step * size->step, size->step};
    st = add_parts(l, (uint32_t)line, &c, dots, n, &whole, &all, err);
    if (st != OCRVL_OK) {
        ocrvl_strips_free(all.at, all.count);
        return st;
    }
    *out = all.at;
    *count = all.count;
    return OCRVL_OK;
}

ocrvl_status ocrvl_strip_stretch(ocrvl_strip *out, const ocrvl_strip *s, double factor, const ocrvl_strip_size *size,
                                 ocrvl_error *err)
{
    ocrvl_image grey = {.width = s->width, .height = s->height, .channels = 1, .data = s->grey};
    crop c = {.grey = &grey, .x1 = (int32_t)s->width, .height = (int32_t)s->height};
    int32_t w = (int32_t)(s->width * factor + 0.5), most = (int32_t)(size->max_width / size->step * size->step);
    w = w > most ? (int32_t)(s->width / factor + 0.5) : w;
    *out = *s;
    out->width = round_up(w, size->step);
    ocrvl_status st = draw(out, &c, w, err);
    if (st) {
        ocrvl_free(out->grey);
        *out = (ocrvl_strip){.grey = NULL};
    }
    return st;
}

/* The ink of a strip's columns, in pixels darker than halfway between its paper and its darkest pixel. */
static ocrvl_status columns_of_strip(ocrvl_columns *out, const ocrvl_strip *s, ocrvl_error *err)
{
    size_t n = (size_t)s->width * s->height;
    int paper = paper_of(s->grey, n), ink = 255;
    *out = (ocrvl_columns){0, (int32_t)s->width, ocrvl_alloc_array(s->width, sizeof *out->ink)};
    if (!out->ink)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        ink = s->grey[i] < ink ? s->grey[i] : ink;
    for (size_t i = 0; i < n; i++)
        out->ink[i % s->width] += s->grey[i] < (paper + ink) / 2;
    return OCRVL_OK;
}

ocrvl_status ocrvl_strip_pieces(ocrvl_strip **out, size_t *count, const ocrvl_strip *s, unsigned pieces,
                                const ocrvl_strip_size *size, ocrvl_error *err)
{
    ocrvl_image grey = {.width = s->width, .height = s->height, .channels = 1, .data = s->grey};
    crop c = {.grey = &grey, .x1 = (int32_t)s->width, .height = (int32_t)s->height};
    double share = (double)s->width / pieces, both = fmin(OVERLAP * s->height, share / 2);
    ocrvl_strip_size part = {s->height, (uint32_t)(share + both + 2 * END_MARGIN * s->height), size->step};
    ocrvl_columns ink;
    strips all = {0};
    ocrvl_status st = columns_of_strip(&ink, s, err);
    *out = NULL;
    *count = 0;
    if (st == OCRVL_OK)
        st = cut_columns(&ink, s->line, &c, &part, &all, err);
    ocrvl_free(ink.ink);
    if (st != OCRVL_OK) {
        ocrvl_strips_free(all.at, all.count);
        return st;
    }
    *out = all.at;
    *count = all.count;
    return OCRVL_OK;
}

void ocrvl_strips_free(ocrvl_strip *s, size_t count)
{
    for (size_t i = 0; s && i < count; i++)
        ocrvl_free(s[i].grey);
    ocrvl_free(s);
}
