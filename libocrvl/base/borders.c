#include "base/borders.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"

enum { LEAST_STEP = 12 };                      /* between neighbouring pixels, of 255: thin grey lines have it */
enum { LEVEL_LENGTH = 8, UPRIGHT_LENGTH = 6 }; /* pixels; a table's lowest rows are so high */
enum { MOST_GAP = 3 };                         /* where another rule crosses */
enum { MOST_GLYPHS = 60 };                     /* pixels of glyphs over it */
enum { THICK = 4 };                            /* pixels from one border of a line to the other */
enum { MOST_EDGES = 8000 };                    /* each way */

typedef struct edge { /* pixels from..to along, between pixels at - 1 and at across */
    int32_t at, from, to;
    int sign;
} edge;

typedef struct edges {
    edge *at;
    size_t count, cap;
} edges;

/* An image and its glyphs looked at along its rows, or turned over so that its columns are rows. */
typedef struct view {
    const uint8_t *page, *glyphs; /* [across][along] */
    int32_t along, across;        /* sides */
    uint8_t *hidden;              /* [along + 2] where two rows have glyphs, from the second byte on */
    uint8_t *steps;               /* [along + STEPS_AHEAD] */
} view;

enum { NO_STEP = 0, BRIGHTER = 1, DARKER = 3, HIDDEN = 2 }; /* steps between two pixels; odd ones are real */
enum { STEPS_AHEAD = 8 };                                   /* so many bytes are looked at together */

void ocrvl_borders_free(ocrvl_borders *r)
{
    ocrvl_free(r->at);
    *r = (ocrvl_borders){0};
}

/* Where glyphs hide the border between rows `across` - 1 and `across`; bold letters are drawn wider than they are said
 * to be. */
static void find_hidden(const view *v, int32_t across)
{
    const uint8_t *restrict below = v->glyphs + (ptrdiff_t)across * v->along, *restrict above = below - v->along;
    uint8_t *restrict to = v->hidden + 1;
    for (int32_t i = 0; i < v->along; i++)
        to[i] = below[i] | above[i];
}

/* By how much a is more than b. */
static inline uint8_t growth(uint8_t a, uint8_t b) { return a > b ? (uint8_t)(a - b) : 0; }

/* The steps between rows `across` - 1 and `across` -> v->steps. A border between two pixels takes a pixel of its own,
 * so that half of the step is before it and half behind: `after` is the row behind it, or that row itself at the end.
 */
static void find_steps(const view *v, int32_t across)
{
    const ptrdiff_t row = v->along, at = across * row, behind = across + 1 < v->across ? at + row : at;
    const uint8_t *restrict here = v->page + at, *restrict before = here - row, *restrict after = v->page + behind;
    const uint8_t *restrict over = v->glyphs + behind, *restrict hidden = v->hidden + 1;
    uint8_t *restrict to = v->steps;
    find_hidden(v, across);
    for (int32_t i = 0; i < v->along; i++) {
        uint8_t more = growth(here[i], before[i]), less = growth(before[i], here[i]), seen = over[i] ? 0 : 255;
        uint8_t more_after = growth(after[i], before[i]) & seen, less_after = growth(before[i], after[i]) & seen;
        more_after = more >= LEAST_STEP / 3 ? more_after : 0;
        less_after = less >= LEAST_STEP / 3 ? less_after : 0;
        more = more > more_after ? more : more_after;
        less = less > less_after ? less : less_after;
        uint8_t step = (more >= LEAST_STEP ? BRIGHTER : 0) | (less >= LEAST_STEP ? DARKER : 0);
        to[i] = hidden[i - 1] | hidden[i] | hidden[i + 1] ? HIDDEN : step;
    }
}

/* The first place from i on whose step is real, or one that isn't before `along`. */
static int32_t next_step(const view *v, int32_t i)
{
    uint64_t eight, odd = UINT64_MAX / 255;
    for (; i < v->along; i += STEPS_AHEAD) {
        memcpy(&eight, v->steps + i, sizeof eight);
        if (eight & odd)
            break;
    }
    while (i < v->along && !(v->steps[i] & 1))
        i++;
    return i;
}

static ocrvl_status add_edge(edges *e, edge one, int32_t seen, int32_t least, ocrvl_error *err)
{
    if (seen < least || seen * 2 < one.to - one.from || e->count == MOST_EDGES)
        return OCRVL_OK;
    if (!OCRVL_ARRAY_RESERVE(e->at, e->cap, e->count + 1))
        return ocrvl_fail_nomem(err);
    e->at[e->count++] = one;
    return OCRVL_OK;
}

/* The edges between rows across - 1 and across. */
static ocrvl_status follow(edges *e, const view *v, int32_t across, int32_t least, ocrvl_error *err)
{
    edge one = {.at = across};
    int32_t seen = 0, gap = 0, hidden = 0;
    ocrvl_status st = OCRVL_OK;
    find_steps(v, across);
    for (int32_t i = next_step(v, 0); i < v->along && !st; i = seen ? i + 1 : next_step(v, i + 1)) {
        int s = v->steps[i];
        if (seen && (s == one.sign || (s == HIDDEN && ++hidden <= MOST_GLYPHS))) {
            if (s == one.sign) {
                one.to = i + 1;
                seen++;
                gap = hidden = 0;
            }
            continue;
        }
        if (seen && ++gap <= MOST_GAP)
            continue;
        if (seen)
            st = add_edge(e, one, seen, least, err);
        seen = gap = hidden = 0;
        if (s & 1) {
            one = (edge){across, i, i + 1, s};
            seen = 1;
        }
    }
    return st || !seen ? st : add_edge(e, one, seen, least, err);
}

/* Whether two edges are the borders of one line, or pieces of one border. */
static bool belong(const edge *a, const edge *b)
{
    int32_t shared = (a->to < b->to ? a->to : b->to) - (a->from > b->from ? a->from : b->from);
    int32_t less = a->to - a->from < b->to - b->from ? a->to - a->from : b->to - b->from;
    return b->at - a->at < THICK && shared * 2 > less;
}

typedef struct scale { /* a side of the page, and of its small image */
    int64_t page, small;
} scale;

/* A place in the small image -> the page's pixels; whole numbers, as the last one's end must be the page's. */
static int32_t floor_of(int64_t at, scale s) { return (int32_t)(at * s.page / s.small); }
static int32_t ceil_of(int64_t at, scale s) { return (int32_t)((at * s.page + s.small - 1) / s.small); }

/* Adds a rule for each group of edges; they are sorted by `at`. */
static ocrvl_status add_rules(ocrvl_borders *out, edges *e, bool vertical, scale along, scale across, ocrvl_error *err)
{
    for (size_t i = 0; i < e->count; i++) {
        edge all = e->at[i];
        int32_t last = all.at;
        if (!all.sign)
            continue;
        for (size_t k = i + 1; k < e->count && e->at[k].at - all.at < THICK; k++) {
            if (!e->at[k].sign || !belong(&all, &e->at[k]))
                continue;
            last = e->at[k].at;
            all.from = e->at[k].from < all.from ? e->at[k].from : all.from;
            all.to = e->at[k].to > all.to ? e->at[k].to : all.to;
            e->at[k].sign = 0;
        }
        last += last == all.at;
        ocrvl_box b = {floor_of(all.from, along), floor_of(all.at, across), ceil_of(all.to, along),
                       ceil_of(last, across)};
        ocrvl_own_rule r = {vertical ? (ocrvl_box){b.y0, b.x0, b.y1, b.x1} : b, vertical};
        if (!OCRVL_ARRAY_RESERVE(out->at, out->cap, out->count + 1))
            return ocrvl_fail_nomem(err);
        out->at[out->count++] = r;
    }
    return OCRVL_OK;
}

/* The edges between all rows. */
static ocrvl_status follow_all(edges *e, const view *v, int32_t least, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (int32_t i = 1; i < v->across && !st; i++)
        st = follow(e, v, i, least, err);
    return st;
}

/* One step of turning eight rows of eight bytes over: swaps the bytes of `mask` in b with those of a `bits` further on.
 */
static inline void swap_bytes(uint64_t *a, uint64_t *b, uint64_t mask, int bits)
{
    uint64_t t = (*a >> bits ^ *b) & mask;
    *b ^= t;
    *a ^= t << bits;
}

/* Eight rows of eight bytes, turned over; the first byte of a row is its lowest. */
static void turn_square(uint8_t *restrict to, size_t to_row, const uint8_t *restrict from, size_t from_row)
{
    uint64_t r[8];
    for (size_t i = 0; i < 8; i++)
        memcpy(&r[i], from + i * from_row, sizeof r[i]);
    for (size_t i = 0; i < 8; i += 2)
        swap_bytes(&r[i], &r[i + 1], 0x00FF00FF00FF00FF, 8);
    for (size_t i = 0; i < 8; i += i % 4 ? 3 : 1)
        swap_bytes(&r[i], &r[i + 2], 0x0000FFFF0000FFFF, 16);
    for (size_t i = 0; i < 4; i++)
        swap_bytes(&r[i], &r[i + 4], 0x00000000FFFFFFFF, 32);
    for (size_t i = 0; i < 8; i++)
        memcpy(to + i * to_row, &r[i], sizeof r[i]);
}

/* from: [height][width] -> to: [width][height] */
static void turn_over(uint8_t *restrict to, const uint8_t *restrict from, size_t width, size_t height)
{
    bool squares = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    size_t squares_w = squares ? width / 8 * 8 : 0, squares_h = squares ? height / 8 * 8 : 0;
    for (size_t x = 0; x < squares_w; x += 8)
        for (size_t y = 0; y < squares_h; y += 8)
            turn_square(to + x * height + y, height, from + y * width + x, width);
    for (size_t y = 0; y < height; y++)
        for (size_t x = y < squares_h ? squares_w : 0; x < width; x++)
            to[x * height + y] = from[y * width + x];
}

static ocrvl_status find_ways(ocrvl_borders *out, const ocrvl_drawn *ink, uint8_t *over, view *v, scale x, scale y,
                              ocrvl_error *err)
{
    size_t pixels = (size_t)ink->width * ink->height;
    ocrvl_status st = OCRVL_OK;
    for (int vertical = 0; vertical < 2 && !st; vertical++) {
        edges e = {0};
        if (vertical) {
            turn_over(over, ink->page, ink->width, ink->height);
            turn_over(over + pixels, ink->glyphs, ink->width, ink->height);
        }
        v->page = vertical ? over : ink->page;
        v->glyphs = vertical ? over + pixels : ink->glyphs;
        v->along = (int32_t)(vertical ? ink->height : ink->width);
        v->across = (int32_t)(vertical ? ink->width : ink->height);
        v->hidden[0] = v->hidden[v->along + 1] = 0;
        memset(v->steps + v->along, NO_STEP, STEPS_AHEAD);
        st = follow_all(&e, v, vertical ? UPRIGHT_LENGTH : LEVEL_LENGTH, err);
        if (!st)
            st = add_rules(out, &e, vertical, vertical ? y : x, vertical ? x : y, err);
        ocrvl_free(e.at);
    }
    return st;
}

ocrvl_status ocrvl_borders_find(ocrvl_borders *out, uint32_t page_width, uint32_t page_height, const ocrvl_drawn *ink,
                                ocrvl_error *err)
{
    scale x = {page_width, ink->width}, y = {page_height, ink->height};
    size_t pixels = (size_t)ink->width * ink->height, longest = ink->width > ink->height ? ink->width : ink->height;
    uint8_t *over = ocrvl_alloc_array(pixels, 2);
    view v = {.hidden = ocrvl_alloc(longest + 2), .steps = ocrvl_alloc(longest + STEPS_AHEAD)};
    ocrvl_status st = over && v.hidden && v.steps ? find_ways(out, ink, over, &v, x, y, err) : ocrvl_fail_nomem(err);
    ocrvl_free(over);
    ocrvl_free(v.hidden);
    ocrvl_free(v.steps);
    return st;
}
