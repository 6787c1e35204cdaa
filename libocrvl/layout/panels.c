/* Panels: boxes of one even shade with text on them, as heads of tables, notices and buttons are. Text on a shade
 * amid paper, or light text beside dark, has no common limit of ink with its surroundings, so each panel is made
 * white and its text dark before the ink is looked for. Scanned grain is too uneven to be one, and keeps its shade. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

enum { CELL = 4 };                           /* pixels a side: the page is looked at in cells, */
enum { EVEN = 28, STEP = 6, RANGE = 40 };    /* levels: within an even one, from one to the next, over a panel */
enum { LEAST_WIDTH = 16, LEAST_HEIGHT = 7 }; /* cells of a panel */
enum { SHADE = 30 };                         /* levels between a panel and the paper, and between text and its panel */
#define SIDE 0.7                             /* of the cells along each side are the panel's: corners may be round */
#define FILLED 0.25                          /* of its cells are even; */
#define LEAST_INK 0.004                      /* of its pixels are text, */
#define MOST_INK 0.45                        /* and not so many */
enum { ONE_WAY = 3 };                        /* times as much text of one kind, dark or light, as of the other */
enum { NEAR = 5, RIM = 2 }; /* pixels: how far from its cells a side may be, and what is blurred there */
enum { UNEVEN = 256, NONE = -1 };
enum { LARGE = 200 };       /* cells: no letter is so large */
enum { MOST_PANELS = 500 }; /* of a page */

typedef struct area {
    ocrvl_box box; /* cells */
    int32_t count, least, most;
    int64_t sum;
} area;

typedef struct cells {
    int32_t nx, ny;
    int16_t *value; /* [ny][nx]: 0 to 255, or UNEVEN */
    int32_t *of;    /* [ny][nx]: the first cell of its area, or NONE */
    area *areas;    /* [ny * nx], at their first cells */
    int32_t *large; /* [large_count] the first cells of large areas */
    int32_t large_count;
    uint8_t *other; /* [ny][nx]: 1 in boxes within the area that is looked at */
} cells;

/* Takes the lesser and the greater of each pixel of two rows. */
static void bound(uint8_t *restrict least, uint8_t *restrict most, const uint8_t *restrict row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        least[i] = least[i] < row[i] ? least[i] : row[i];
        most[i] = most[i] > row[i] ? most[i] : row[i];
    }
}

/* bounds: scratch, two rows of the page. */
static void look(cells *c, const uint8_t *grey, size_t w, uint8_t *bounds)
{
    for (int32_t cy = 0; cy < c->ny; cy++) {
        const uint8_t *row = grey + (size_t)cy * CELL * w;
        int16_t *value = c->value + (size_t)cy * (size_t)c->nx;
        memcpy(bounds, row, w);
        memcpy(bounds + w, row, w);
        for (size_t k = 1; k < CELL; k++)
            bound(bounds, bounds + w, row + k * w, w);
        for (int32_t cx = 0; cx < c->nx; cx++) {
            int least = 255, most = 0;
            for (int32_t x = cx * CELL; x < (cx + 1) * CELL; x++) {
                least = bounds[x] < least ? bounds[x] : least;
                most = bounds[w + (size_t)x] > most ? bounds[w + (size_t)x] : most;
            }
            value[cx] = (int16_t)(most - least <= EVEN ? (most + least) / 2 : UNEVEN);
        }
    }
}

/* The first cell of cell i's area; the way there gets shorter. */
static int32_t find(int32_t *of, int32_t i)
{
    while (of[i] != i)
        i = of[i] = of[of[i]];
    return i;
}

static void join(cells *c, int32_t a, int32_t b)
{
    if (c->value[b] == UNEVEN || abs(c->value[a] - c->value[b]) > STEP)
        return;
    a = find(c->of, a), b = find(c->of, b);
    if (a < b)
        c->of[b] = a;
    else
        c->of[a] = b;
}

/* Adds a cell to its area. */
static void add(area *a, int32_t x, int32_t y, int32_t v)
{
    if (a->count == 0)
        *a = (area){.box = {x, y, x + 1, y + 1}, .least = v, .most = v};
    a->box.x0 = x < a->box.x0 ? x : a->box.x0;
    a->box.x1 = x + 1 > a->box.x1 ? x + 1 : a->box.x1;
    a->box.y1 = y + 1;
    a->least = v < a->least ? v : a->least;
    a->most = v > a->most ? v : a->most;
    a->count++;
    a->sum += v;
}

/* Sets the area of each cell, and measures the areas. */
static void gather(cells *c)
{
    int32_t i = 0;
    for (int32_t y = 0; y < c->ny; y++)
        for (int32_t x = 0; x < c->nx; x++, i++) {
            c->of[i] = i;
            if (x > 0 && c->value[i] != UNEVEN)
                join(c, i, i - 1);
            if (y > 0 && c->value[i] != UNEVEN)
                join(c, i, i - c->nx);
        }
    i = 0;
    for (int32_t y = 0; y < c->ny; y++)
        for (int32_t x = 0; x < c->nx; x++, i++) {
            int32_t v = c->value[i];
            c->of[i] = v == UNEVEN ? NONE : find(c->of, i);
            if (v != UNEVEN)
                add(&c->areas[c->of[i]], x, y, v);
        }
}

/* The share of an area's own cells along a side of its box, a cell within. */
static double along(const cells *c, int32_t which, const ocrvl_box *b, bool upright, bool far)
{
    int32_t n = 0, from = upright ? b->y0 : b->x0, to = upright ? b->y1 : b->x1;
    for (int32_t i = from; i < to; i++) {
        int32_t x = !upright ? i : far ? b->x1 - 2 : b->x0 + 1, y = upright ? i : far ? b->y1 - 2 : b->y0 + 1;
        n += c->of[y * c->nx + x] == which;
    }
    return (double)n / (to - from);
}

static void list_large(cells *c)
{
    for (int32_t i = 0; i < c->nx * c->ny; i++)
        if (c->areas[i].count >= LARGE)
            c->large[c->large_count++] = i;
}

static bool is_box(const cells *c, int32_t which, int32_t paper)
{
    const area *a = &c->areas[which];
    int32_t w = a->box.x1 - a->box.x0, h = a->box.y1 - a->box.y0;
    return w >= LEAST_WIDTH && h >= LEAST_HEIGHT && a->most - a->least <= RANGE && a->count > FILLED * w * h &&
           abs((int32_t)(a->sum / a->count) - paper) >= SHADE && along(c, which, &a->box, false, false) > SIDE &&
           along(c, which, &a->box, false, true) > SIDE && along(c, which, &a->box, true, false) > SIDE &&
           along(c, which, &a->box, true, true) > SIDE;
}

/* The grey of the largest area: paper, or what stands for it. */
static int32_t grey_of_paper(const cells *c)
{
    const area *best = &c->areas[0];
    for (int32_t i = 1; i < c->nx * c->ny; i++)
        best = c->areas[i].count > best->count ? &c->areas[i] : best;
    return best->count ? (int32_t)(best->sum / best->count) : 255;
}

/* ---- text on a panel ---- */

typedef struct sheet {
    uint8_t *grey; /* [h][w] */
    int32_t w, h;
} sheet;

/* Where a side near `at` is: where the grey changes most along it. */
static int32_t refine(const sheet *s, bool upright, int32_t at, int32_t from, int32_t to)
{
    int32_t best = at, most = -1, end = upright ? s->w : s->h;
    for (int32_t p = at - NEAR > 1 ? at - NEAR : 1; p <= at + NEAR && p < end; p++) {
        int32_t sum = 0;
        for (int32_t i = from; i < to; i++) {
            const uint8_t *v =
                upright ? s->grey + (size_t)i * (size_t)s->w + p : s->grey + (size_t)p * (size_t)s->w + i;
            sum += abs(v[0] - v[upright ? -1 : -s->w]);
        }
        if (sum > most) {
            most = sum;
            best = p;
        }
    }
    return best;
}

/* Marks in c->other the cells of boxes that lie within an area's own and aren't large letters: what is on them doesn't
 * stand on the area. */
static void mark_others(cells *c, int32_t which)
{
    const ocrvl_box *own = &c->areas[which].box;
    for (int32_t y = own->y0; y < own->y1; y++)
        memset(c->other + (size_t)y * (size_t)c->nx + own->x0, 0, (size_t)(own->x1 - own->x0));
    for (int32_t k = 0; k < c->large_count; k++) {
        const ocrvl_box *b = &c->areas[c->large[k]].box;
        if (c->large[k] == which || b->x0 < own->x0 || b->x1 > own->x1 || b->y0 < own->y0 || b->y1 > own->y1)
            continue;
        for (int32_t y = b->y0; y < b->y1; y++)
            memset(c->other + (size_t)y * (size_t)c->nx + b->x0, 1, (size_t)(b->x1 - b->x0));
    }
}

static bool is_other(const cells *c, int32_t x, int32_t y)
{
    return x / CELL < c->nx && y / CELL < c->ny && c->other[(size_t)(y / CELL) * (size_t)c->nx + (size_t)(x / CELL)];
}

/* Whether there is text of one kind on a panel, and which: *light. */
static bool has_text(const sheet *s, cells *c, int32_t which, const ocrvl_panel *p, bool *light)
{
    int64_t lighter = 0, darker = 0, n = 0;
    mark_others(c, which);
    for (int32_t y = p->box.y0 + RIM; y < p->box.y1 - RIM; y++)
        for (int32_t x = p->box.x0 + RIM; x < p->box.x1 - RIM; x++) {
            if (is_other(c, x, y))
                continue;
            int v = s->grey[(size_t)y * (size_t)s->w + (size_t)x];
            lighter += v > p->ground + SHADE;
            darker += v < p->ground - SHADE;
            n++;
        }
    double ink = (double)(lighter + darker) / (double)(n ? n : 1);
    *light = lighter > darker;
    return ink > LEAST_INK && ink < MOST_INK && (lighter > ONE_WAY * darker || darker > ONE_WAY * lighter);
}

/* Makes a panel white and its text dark, in out, from the page as it was. */
static void flatten(uint8_t *out, const sheet *s, const ocrvl_panel *p)
{
    uint8_t to[256];
    for (int v = 0; v < 256; v++) {
        int off = p->light ? (v - p->ground) * 255 / (256 - p->ground) : (p->ground - v) * 255 / (p->ground + 1);
        to[v] = (uint8_t)(off <= 0 ? 255 : 255 - off);
    }
    for (int32_t y = p->box.y0 > RIM ? p->box.y0 - RIM : 0; y < p->box.y1 + RIM && y < s->h; y++)
        for (int32_t x = p->box.x0 > RIM ? p->box.x0 - RIM : 0; x < p->box.x1 + RIM && x < s->w; x++) {
            bool rim = x < p->box.x0 + RIM || x >= p->box.x1 - RIM || y < p->box.y0 + RIM || y >= p->box.y1 - RIM;
            size_t at = (size_t)y * (size_t)s->w + (size_t)x;
            out[at] = rim ? 255 : to[s->grey[at]];
        }
}

static int by_area(const void *a, const void *b)
{
    const ocrvl_box *p = &((const ocrvl_panel *)a)->box, *q = &((const ocrvl_panel *)b)->box;
    int64_t m = (int64_t)(p->x1 - p->x0) * (p->y1 - p->y0), n = (int64_t)(q->x1 - q->x0) * (q->y1 - q->y0);
    return m != n ? (m < n) - (m > n) : p->y0 != q->y0 ? (p->y0 > q->y0) - (p->y0 < q->y0) : p->x0 - q->x0;
}

/* Adds the panels to mask->panels. */
static ocrvl_status collect(ocrvl_ink_mask *mask, const sheet *s, cells *c, int32_t paper, ocrvl_error *err)
{
    size_t cap = 0;
    for (int32_t i = 0; i < c->nx * c->ny && mask->panel_count < MOST_PANELS; i++) {
        if (c->areas[i].count == 0 || !is_box(c, i, paper))
            continue;
        const area *a = &c->areas[i];
        ocrvl_panel p = {.ground = (uint8_t)(a->sum / a->count)};
        ocrvl_box b = {a->box.x0 * CELL, a->box.y0 * CELL, a->box.x1 * CELL, a->box.y1 * CELL};
        p.box.x0 = refine(s, true, b.x0, b.y0, b.y1), p.box.x1 = refine(s, true, b.x1, b.y0, b.y1);
        p.box.y0 = refine(s, false, b.y0, b.x0, b.x1), p.box.y1 = refine(s, false, b.y1, b.x0, b.x1);
        if (!has_text(s, c, i, &p, &p.light))
            continue;
        if (!OCRVL_ARRAY_RESERVE(mask->panels, cap, mask->panel_count + 1))
            return ocrvl_fail_nomem(err);
        mask->panels[mask->panel_count++] = p;
    }
    if (mask->panel_count > 1)
        qsort(mask->panels, mask->panel_count, sizeof *mask->panels, by_area); /* what stands on another comes later */
    return OCRVL_OK;
}

static ocrvl_status flatten_all(uint8_t *grey, const ocrvl_ink_mask *mask, sheet s, ocrvl_error *err)
{
    size_t n = (size_t)s.w * (size_t)s.h;
    if (mask->panel_count == 0)
        return OCRVL_OK;
    if (!(s.grey = ocrvl_realloc_array(NULL, n, 1)))
        return ocrvl_fail_nomem(err);
    memcpy(s.grey, grey, n);
    for (size_t i = 0; i < mask->panel_count; i++)
        flatten(grey, &s, &mask->panels[i]);
    ocrvl_free(s.grey);
    return OCRVL_OK;
}

ocrvl_status ocrvl_flatten_panels(ocrvl_ink_mask *mask, uint8_t *grey, int32_t w, int32_t h, ocrvl_error *err)
{
    cells c = {.nx = w / CELL, .ny = h / CELL};
    size_t n = (size_t)c.nx * (size_t)c.ny;
    if (c.nx < LEAST_WIDTH || c.ny < LEAST_HEIGHT)
        return OCRVL_OK;
    c.value = ocrvl_alloc_array(n, sizeof *c.value);
    c.of = ocrvl_alloc_array(n, sizeof *c.of);
    c.areas = ocrvl_alloc_array(n, sizeof *c.areas);
    c.large = ocrvl_alloc_array(n / LARGE + 1, sizeof *c.large);
    c.other = ocrvl_alloc_array(n, 1);
    uint8_t *bounds = ocrvl_alloc_array((size_t)w, 2);
    ocrvl_status st = bounds && c.value && c.of && c.areas && c.other && c.large ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st) {
        look(&c, grey, (size_t)w, bounds);
        gather(&c);
        list_large(&c);
        sheet s = {grey, w, h};
        st = collect(mask, &s, &c, grey_of_paper(&c), err);
        if (!st)
            st = flatten_all(grey, mask, s, err);
    }
    ocrvl_free(bounds);
    ocrvl_free(c.value);
    ocrvl_free(c.of);
    ocrvl_free(c.areas);
    ocrvl_free(c.other);
    ocrvl_free(c.large);
    return st;
}

bool ocrvl_on_light_panel(const ocrvl_ink_mask *mask, const ocrvl_box *b)
{
    int32_t x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2;
    for (size_t i = mask->panel_count; i-- > 0;) {
        const ocrvl_box *p = &mask->panels[i].box;
        if (x >= p->x0 && x < p->x1 && y >= p->y0 && y < p->y1)
            return mask->panels[i].light;
    }
    return false;
}
