#include "in/glyphs_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

#define WORD_GAP 0.1f /* heights of a character: what parts words, as in poppler */
#define LINE_GAP 2.0f /* what parts lines beside one another, as in ocrvl_own_lines_make */

enum { NEUTRAL, LEFT, RIGHT, DIGIT };       /* to the right, to the left */
enum { MOST_LINE = 20000, MOST_MARKS = 8 }; /* characters: a longer line stays as it is; of a letter */

typedef struct unit {   /* a character with the marks that belong to it, or a space */
    size_t from, count; /* glyphs; count 0: a space */
    float x0, x1, y0, y1;
    uint8_t lead; /* marks that come before the character, and are put after it */
    uint8_t kind, level;
    uint32_t segment;
} unit;

typedef struct ordering {
    ocrvl_glyphs *g;
    ocrvl_glyph *out;
    size_t count;      /* of out */
    unit *units;       /* [MOST_LINE * 2] of a line */
    bool mostly_right; /* of the page's letters */
} ordering;

static bool is_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 0x660 && c <= 0x669) || (c >= 0x6F0 && c <= 0x6F9);
}

static bool is_mark(uint32_t c)
{
    return (c >= 0x300 && c < 0x370) ||
           (c >= 0x591 && c < 0x5C8 && c != 0x5BE && c != 0x5C0 && c != 0x5C3 && c != 0x5C6) ||
           (c >= 0x610 && c <= 0x61A) || (c >= 0x64B && c <= 0x65F) || c == 0x670 || (c >= 0x6D6 && c <= 0x6ED);
}

static uint8_t kind_of(uint32_t c)
{
    if (ocrvl_runs_leftwards(c))
        return RIGHT;
    if (is_digit(c))
        return DIGIT;
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7) || (c >= 0x2C00 && c < 0x2E00) || c >= 0x3040;
    return letter ? LEFT : NEUTRAL;
}

/* ---- units of a line --------------------------------------------------------------------------------- */

static uint32_t code(const ordering *o, const unit *u) { return u->count ? o->g->at[u->from + u->lead].c : ' '; }

static void widen(unit *u, const ocrvl_glyph *g)
{
    u->x0 = fminf(u->x0, g->x0); /* poppler gives marks a part of the letter's place */
    u->x1 = fmaxf(u->x1, g->x1);
}

/* The letter at `at`, with the marks before it: where letters run to the left poppler puts marks, which begin further
 * right than their letter, before it. */
static unit take_letter(const ordering *o, size_t from, size_t at)
{
    const ocrvl_glyph *g = &o->g->at[at];
    unit u = {.from = from,
              .count = at - from + 1,
              .lead = (uint8_t)(at - from),
              .x0 = g->x0,
              .x1 = g->x1,
              .y0 = g->y0,
              .y1 = g->y1};
    u.kind = kind_of(g->c);
    for (size_t i = from; i < at; i++)
        widen(&u, &o->g->at[i]);
    return u;
}

static bool is_blank(uint32_t c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0; }

/* The characters [from, to) of a line, without spaces -> units; returns how many. Control codes stay: they tell that a
 * font's characters aren't text. */
static size_t take_units(ordering *o, size_t from, size_t to)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        const ocrvl_glyph *g = o->g->at;
        size_t letter = i;
        if (is_blank(g[i].c))
            continue;
        while (letter < to && is_mark(g[letter].c) && letter - i < MOST_MARKS)
            letter++;
        if (letter > i && letter < to && ocrvl_runs_leftwards(g[letter].c) && !is_mark(g[letter].c)) {
            o->units[n++] = take_letter(o, i, letter);
            i = letter;
        } else if (letter > i && n && o->units[n - 1].from + o->units[n - 1].count == i) {
            o->units[n - 1].count++;
            widen(&o->units[n - 1], &g[i]);
        } else {
            o->units[n++] = take_letter(o, i, i);
        }
    }
    return n;
}

static int from_left(const void *a, const void *b)
{
    const unit *p = a, *q = b;
    float x = p->x0 + p->x1, y = q->x0 + q->x1;
    return x != y ? (x > y) - (x < y) : (p->from > q->from) - (p->from < q->from);
}

static float height(const unit *u) { return u->y1 - u->y0; }

/* Puts spaces between words of units that stand from left to right. Returns how many there are then. */
static size_t put_spaces(unit *u, size_t n)
{
    size_t spaces = 0;
    for (size_t i = 1; i < n; i++)
        spaces += u[i].x0 - u[i - 1].x1 > WORD_GAP * fmaxf(height(&u[i]), height(&u[i - 1]));
    size_t to = n + spaces;
    for (size_t i = n; i > 0; i--) {
        u[--to] = u[i - 1];
        if (i > 1 && u[i - 1].x0 - u[i - 2].x1 > WORD_GAP * fmaxf(height(&u[i - 1]), height(&u[i - 2])))
            u[--to] = (unit){.x0 = u[i - 2].x1, .x1 = u[i - 1].x0};
    }
    return n + spaces;
}

static bool is_alef(uint32_t c) { return c == 0x622 || c == 0x623 || c == 0x625 || c == 0x627; }

/* Lam and alef are one glyph, whose place poppler halves, the first letter to the left. */
static void part_lam_alef(const ordering *o, unit *u, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        bool halves =
            fabsf((u[i].x1 - u[i].x0) - (u[i + 1].x1 - u[i + 1].x0)) < 0.02f && fabsf(u[i + 1].x0 - u[i].x1) < 0.02f;
        if (!halves || code(o, &u[i]) != 0x644 || !is_alef(code(o, &u[i + 1])))
            continue;
        unit lam = u[i], alef = u[i + 1];
        u[i] = alef;
        u[i + 1] = lam;
        u[i].x0 = lam.x0, u[i].x1 = lam.x1;
        u[i + 1].x0 = alef.x0, u[i + 1].x1 = alef.x1;
        i++;
    }
}

/* ---- directions -------------------------------------------------------------------------------------- */

static bool ends_sentence(uint32_t c)
{
    return c < 128 ? c && strchr(".,:;!?", (int)c) : c == 0x60C || c == 0x61B || c == 0x61F || c == 0x6D4;
}

/* Whether the line runs from right to left: it ends on that side in a full stop or the like, or most of its letters do,
 * or of the page's. */
static bool is_leftward(const ordering *o, const unit *u, size_t n)
{
    size_t right = 0, left = 0;
    bool ends_right = ends_sentence(code(o, &u[n - 1])), ends_left = ends_sentence(code(o, &u[0]));
    for (size_t i = 0; i < n; i++) {
        right += u[i].kind == RIGHT;
        left += u[i].kind == LEFT;
    }
    if (ends_right != ends_left)
        return ends_left;
    return right != left ? right > left : o->mostly_right;
}

static bool is_arabic(uint32_t c)
{
    return (c >= 0x600 && c < 0x7C0) || (c >= 0x860 && c < 0x900) || (c >= 0xFB50 && c < 0xFF00);
}

/* Whether the last letter before the number at i, which stands to its right, is Arabic: then only what parts its digits
 * belongs to it (W2). */
static bool is_after_arabic(const ordering *o, const unit *u, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n; k++)
        if (u[k].kind == RIGHT || u[k].kind == LEFT)
            return is_arabic(code(o, &u[k]));
    return false;
}

/* Signs within numbers, and beside them, belong to them; numbers after letters that run to the right are as these. */
static void join_numbers(const ordering *o, unit *u, size_t n)
{
    uint8_t strong = NEUTRAL;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = code(o, &u[i]);
        bool after = i && u[i - 1].kind == DIGIT, before = i + 1 < n && u[i + 1].kind == DIGIT;
        if (u[i].kind != NEUTRAL || !u[i].count || (!after && !before))
            continue;
        bool arabic = is_after_arabic(o, u, n, i);
        if (c < 128 && after && before && strchr(arabic ? ".,:/" : ".,:/+-", (int)c))
            u[i].kind = DIGIT;
        else if (!arabic && ((c < 128 && strchr("%$#", (int)c)) || c == 0x20AC || c == 0xA3))
            u[i].kind = DIGIT;
    }
    for (size_t i = 0; i < n; i++) {
        strong = u[i].kind == LEFT || u[i].kind == RIGHT ? u[i].kind : strong;
        if (u[i].kind == DIGIT && strong == LEFT)
            u[i].kind = LEFT;
    }
}

/* Levels as UAX #9 has them (N1, N2, I1, I2). */
static void set_levels(unit *u, size_t n, uint8_t base)
{
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && u[end].kind == NEUTRAL; end++)
            ;
        uint8_t before = i == 0 ? base : u[i - 1].kind == LEFT ? LEFT : RIGHT;
        uint8_t after = end == n ? base : u[end].kind == LEFT ? LEFT : RIGHT;
        for (size_t k = i; k < end; k++)
            u[k].level = (before == after ? before : base) == RIGHT ? 1 : base == RIGHT ? 2 : 0;
        if (end < n)
            u[end].level = u[end].kind == RIGHT ? 1 : u[end].kind == DIGIT || base == RIGHT ? 2 : 0;
        end += end < n;
    }
}

static void turn_round(unit *u, size_t from, size_t to)
{
    while (from + 1 < to) {
        unit first = u[from];
        u[from++] = u[--to];
        u[to] = first;
    }
}

/* Turning runs of each level round (L2) leads from either order to the other. */
static void reorder(unit *u, size_t n)
{
    for (uint8_t level = 2; level > 0; level--)
        for (size_t i = 0, end; i < n; i = end) {
            for (end = i; end < n && u[end].level >= level; end++)
                ;
            turn_round(u, i, end);
            end += end == i;
        }
}

/* ---- lines ------------------------------------------------------------------------------------------- */

/* Appends units in their order. A sign that stands far from what it follows, since it is that line's on the other side
 * of letters that run to the left, is told to be where that is. */
static void put(ordering *o, const unit *u, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < u[i].count; k++) {
            size_t at = u[i].from + (k + u[i].lead) % u[i].count;
            ocrvl_glyph g = o->g->at[at], *last = o->count ? &o->out[o->count - 1] : NULL;
            bool within = last && i && u[i - 1].count && u[i].kind == NEUTRAL;
            float far = within ? fmaxf(g.x0 - last->x1, last->x0 - g.x1) : 0;
            if (far > height(&u[i]) / 2)
                g.x0 = last->x0, g.x1 = last->x1;
            g.ordered = true;
            o->out[o->count++] = g;
        }
        if (!u[i].count)
            o->out[o->count++] =
                (ocrvl_glyph){' ', o->count ? o->out[o->count - 1].style : 0, u[i].x0, u[i].y0, u[i].x1, u[i].y1, true};
    }
}

/* A line's part whose units stand from left to right. */
static void put_part(ordering *o, unit *u, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= u[i].kind == RIGHT;
    uint8_t base = n && is_leftward(o, u, n) ? RIGHT : LEFT;
    if (any) {
        join_numbers(o, u, n);
        set_levels(u, n, base);
        reorder(u, n);
    }
    put(o, u, n);
    o->out[o->count++] = (ocrvl_glyph){'\n', n ? o->out[o->count - 1].style : 0, 0, 0, 0, 0, true};
}

/* Whether the units stand beside one another, on one line. */
static bool is_level(const unit *u, size_t n)
{
    float y0 = INFINITY, y1 = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (!(u[i].x0 <= u[i].x1 && u[i].y0 < u[i].y1))
            return false;
        float middle = (u[i].y0 + u[i].y1) / 2;
        y0 = fminf(y0, middle);
        y1 = fmaxf(y1, middle);
    }
    return n && y1 - y0 < 0.7f * height(&u[0]);
}

/* Appends the line's parts, the one that the document has first before the others. */
static void put_parts(ordering *o, unit *u, size_t n)
{
    size_t done = 0;
    uint32_t parts = 0;
    for (size_t i = 0; i < n; i++) {
        parts += i && u[i].x0 - u[i - 1].x1 > LINE_GAP * fmaxf(height(&u[i]), height(&u[i - 1]));
        u[i].segment = parts;
    }
    while (done <= parts) {
        size_t first = SIZE_MAX, at = 0, end;
        for (size_t i = 0; i < n; i++)
            if (u[i].segment != UINT32_MAX && u[i].from < first)
                first = u[at = i].from;
        uint32_t part = u[at].segment;
        while (at && u[at - 1].segment == part)
            at--;
        for (end = at; end < n && u[end].segment == part; end++)
            u[end].segment = UINT32_MAX;
        unit *own = o->units + MOST_LINE; /* with room for spaces */
        memcpy(own, u + at, (end - at) * sizeof *own);
        put_part(o, own, put_spaces(own, end - at));
        done++;
    }
}

static void do_line(ordering *o, size_t from, size_t to)
{
    size_t n = 0;
    bool any = o->mostly_right; /* then poppler takes all lines to run so */
    for (size_t i = from; i < to; i++)
        any |= ocrvl_runs_leftwards(o->g->at[i].c);
    if (any && to - from <= MOST_LINE)
        n = take_units(o, from, to);
    if (n && is_level(o->units, n)) {
        qsort(o->units, n, sizeof *o->units, from_left);
        part_lam_alef(o, o->units, n);
        put_parts(o, o->units, n);
        return;
    }
    size_t end = to < o->g->count ? to + 1 : to; /* with its line feed */
    memcpy(o->out + o->count, o->g->at + from, (end - from) * sizeof *o->out);
    o->count += end - from;
}

ocrvl_status ocrvl_glyphs_order(ocrvl_glyphs *g, ocrvl_error *err)
{
    size_t right = 0, left = 0;
    for (size_t i = 0; i < g->count; i++) {
        uint8_t kind = kind_of(g->at[i].c);
        right += kind == RIGHT;
        left += kind == LEFT;
    }
    if (!right)
        return OCRVL_OK;
    ordering o = {.g = g, .mostly_right = right > left};
    o.out =
        ocrvl_alloc_array(3 * g->count + 1, sizeof *o.out); /* each character, and a space and a line feed after it */
    o.units = ocrvl_alloc_array(3 * MOST_LINE, sizeof *o.units);
    if (!o.out || !o.units) {
        ocrvl_free(o.out);
        ocrvl_free(o.units);
        return ocrvl_fail_nomem(err);
    }
    for (size_t i = 0, end; i < g->count; i = end + 1) {
        for (end = i; end < g->count && g->at[end].c != '\n'; end++)
            ;
        do_line(&o, i, end);
    }
    ocrvl_free(o.units);
    ocrvl_free(g->at);
    g->at = o.out;
    g->count = o.count;
    return OCRVL_OK;
}
