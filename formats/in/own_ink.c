#include "in/own_ink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

/* A word is seen if the page follows its glyphs' shapes: the correlation of both, and the contrast between ink and
 * ground (of 255). 99 of 100 words that are drawn have 0.95 and more; the others have rules through them, overlap, or
 * are stretched. A picture of the same words, drawn over them, has 0.5 to 0.9: OCR's text that lies under its scan,
 * which is not to be trusted. */
#define LEAST_CORRELATION 0.5
#define SURE_CORRELATION 0.9 /* within pictures... */
#define LESS_SURE 0.6        /* ...save on lines that are mostly sure, and for few other words of a page */
#define SOME_CORRELATION 0.3 /* another drawing of the same words has it */
#define LEAST_CONTRAST 14.0
enum { FEW = 3, FEW_OF = 33 }; /* so many words, or one of so many */
enum { MOST_ALIKE = 3 };       /* words that are merely alike, for each sure one; with more, none is believed */
enum { EDGE = 40 };            /* between neighbouring pixels: the border of ink */
enum { RULE = 18 };            /* edges in a row of so many are those of a rule or a frame */
enum { SHORT_RULE = 7 };       /* and of so many, where a piece of ink has next to no others, those of a small frame */
#define MOSTLY 0.8             /* of a piece's edges */
enum { TAKEN = 4 };            /* in a mark of ink: beside 1, what is covered, 2, edges, and 3, rules */
enum { STRAIGHT = 8 };         /* beside 2: an edge within a short rule */
enum {
    BULLET = 5,
    BESIDE = 8,
    TEXT_BESIDE = 24
}; /* pixels of a list's mark, and how far others stand from it, and text */
enum {
    LEAST_SIDE = 3,
    LEAST_EDGES = 6,
    SOME = 2,
    LONG = 12
}; /* of ink that might be text: one long piece, or some short ones */

typedef struct rect {
    int32_t x0, y0, x1, y1;
} rect;

static int32_t clip(double v, uint32_t most) { return (int32_t)fmin(fmax(v, 0), most); }

/* A box of the page in pixels of the ink, `more_x` and `more_y` larger on each side. */
static rect small(const ocrvl_own_ink *k, ocrvl_box b, double sx, double sy, double more_x, double more_y)
{
    return (rect){clip(floor(b.x0 * sx - more_x), k->width), clip(floor(b.y0 * sy - more_y), k->height),
                  clip(ceil(b.x1 * sx + more_x), k->width), clip(ceil(b.y1 * sy + more_y), k->height)};
}

static bool is_near(const ocrvl_own_ink *k, int32_t x, int32_t y)
{
    const uint8_t *g = k->glyphs + (size_t)y * k->width + x;
    return g[0] || (x > 0 && g[-1]) || (x + 1 < (int32_t)k->width && g[1]) || (y > 0 && g[-(ptrdiff_t)k->width]) ||
           (y + 1 < (int32_t)k->height && g[k->width]);
}

typedef struct sums {
    double n, p, g, pp, gg, pg;
} sums;

/* Of the pixels within r, or of those alone that are near glyphs: rules and underlines aren't. The glyphs are taken dx
 * and dy pixels further right and down than they stand. */
static sums add_up(const ocrvl_own_ink *k, rect r, bool near, int32_t dx, int32_t dy)
{
    int32_t width = (int32_t)k->width, height = (int32_t)k->height;
    sums s = {0};
    r = (rect){r.x0 > dx ? r.x0 : dx, r.y0 > dy ? r.y0 : dy, r.x1 < width + dx ? r.x1 : width + dx,
               r.y1 < height + dy ? r.y1 : height + dy};
    for (int32_t y = r.y0; y < r.y1; y++) {
        uint64_t n = 0, p1 = 0, g1 = 0, p2 = 0, g2 = 0, pg = 0;
        const uint8_t *p = k->page + (size_t)y * k->width, *g = k->glyphs + (size_t)(y - dy) * k->width;
        for (int32_t x = r.x0; x < r.x1; x++) {
            uint32_t a = p[x], b = g[x - dx];
            if (near && !is_near(k, x - dx, y - dy))
                continue;
            n++, p1 += a, g1 += b, p2 += a * a, g2 += b * b, pg += a * b;
        }
        s.n += (double)n, s.p += (double)p1, s.g += (double)g1;
        s.pp += (double)p2, s.gg += (double)g2, s.pg += (double)pg;
    }
    return s;
}

/* How much the page follows the glyphs; 0: not at all, or too faintly. */
static double correlate(sums s)
{
    if (s.n < 1)
        return 0;
    double vp = s.pp - s.p * s.p / s.n, vg = s.gg - s.g * s.g / s.n, c = fabs(s.pg - s.p * s.g / s.n);
    return vg > 0 && vp > 0 && c / vg * 255 >= LEAST_CONTRAST ? c / sqrt(vp * vg) : 0;
}

static bool is_inked(sums s)
{
    double mean = s.p / s.n, spread = s.pp / s.n - mean * mean;
    return s.n > 0 && spread > LEAST_CONTRAST * LEAST_CONTRAST;
}

/* Whether no glyph is told of in a box that holds ink: of text that stands for what is drawn otherwise (ActualText)
 * poppler has none. */
static bool is_told_otherwise(sums s) { return s.g == 0 && is_inked(s); }

/* Whether the word has letters that take their shapes from those around them, or signs above and below them, as in
 * Arabic, in pointed Hebrew and in the scripts of India: poppler draws selected text without these. */
static bool is_shaped(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(text, n, &i);
        if ((c >= 0x591 && c < 0x5C8) || (c >= 0x600 && c < 0x1100) || (c >= 0x1780 && c < 0x1800) ||
            (c >= 0xFB50 && c < 0xFE00) || (c >= 0xFE70 && c < 0xFF00))
            return true;
    }
    return false;
}

/* The same of a word's box, with or without what only stands beside its glyphs; unless it is within a picture, also of
 * the middle of its height alone, as rules may run through the tops of letters, and with the glyphs a pixel off: cairo
 * rounds where they stand in drawings as small as these, and not the same way in both. */
static double match(const ocrvl_own_ink *k, rect r, bool pictured)
{
    static const int32_t off[][2] = {{0, -1}, {0, 1}, {-1, 0}, {1, 0}};
    int32_t quarter = (r.y1 - r.y0) / 4;
    sums all = add_up(k, r, false, 0, 0);
    double best = correlate(all);
    if (!pictured && is_told_otherwise(all))
        return 1;
    if (best < SURE_CORRELATION)
        best = fmax(best, correlate(add_up(k, r, true, 0, 0)));
    if (best < SURE_CORRELATION && !pictured)
        best = fmax(best, correlate(add_up(k, (rect){r.x0, r.y0 + quarter, r.x1, r.y1 - quarter}, true, 0, 0)));
    for (size_t i = 0; i < 4 && best < LEAST_CORRELATION && !pictured; i++)
        best = fmax(best, correlate(add_up(k, r, true, off[i][0], off[i][1])));
    return best;
}

/* The same of a word in a font for vertical writing: poppler draws the glyphs of selected text from where those of
 * level writing begin, half a size further right and nearly one further up than they stand. */
static double match_vertical(const ocrvl_own_ink *k, rect r)
{
    int32_t size = r.x1 - r.x0 - 2, across = -size / 2, down = (int32_t)(0.88 * size + 0.5);
    double best = 0;
    for (int32_t y = down - 1; y <= down + 1 && best < LEAST_CORRELATION; y++)
        for (int32_t x = across - 1; x <= across + 1 && best < LEAST_CORRELATION; x++)
            best = fmax(best, correlate(add_up(k, r, false, x, y)));
    return best;
}

typedef struct sight { /* of the words of a page */
    double *match;     /* [word_count] */
    bool *pictured;    /* [word_count] it is within a picture */
    bool *sure;        /* [line_count] most of what is within pictures is surely seen */
    bool none;         /* nearly all words within pictures are merely alike */
    bool lenient;      /* few words of the other lines are in doubt */
} sight;

/* Whether the middle of the box is within a picture. */
static bool is_pictured(const ocrvl_own_ink *k, ocrvl_box b)
{
    int32_t x = b.x0 + (b.x1 - b.x0) / 2, y = b.y0 + (b.y1 - b.y0) / 2;
    for (size_t i = 0; i < k->picture_count; i++) {
        ocrvl_box p = k->pictures[i];
        if (x >= p.x0 && x < p.x1 && y >= p.y0 && y < p.y1)
            return true;
    }
    return false;
}

static void look(sight *s, const ocrvl_own_lines *o, const ocrvl_own_ink *k, double sx, double sy)
{
    size_t doubtful = 0, alike = 0, all_sure = 0;
    for (size_t i = 0; i < o->line_count; i++) {
        const ocrvl_own_line *line = &o->lines[i];
        size_t bytes = 0, sure = 0, less = 0;
        for (size_t w = line->first; w < line->first + line->count; w++) {
            size_t len = strlen(o->words[w].text);
            s->pictured[w] = is_pictured(k, o->words[w].box);
            rect r = small(k, o->words[w].box, sx, sy, 1, 1);
            double m = match(k, r, s->pictured[w]);
            if (m < LEAST_CORRELATION && line->turn == 90 && !s->pictured[w])
                m = match_vertical(k, r);
            if (m < LEAST_CORRELATION && !s->pictured[w] && is_shaped(o->words[w].text) &&
                is_inked(add_up(k, r, false, 0, 0)))
                m = 1;
            s->match[w] = m;
            if (!s->pictured[w])
                continue;
            bytes += len;
            sure += m >= SURE_CORRELATION ? len : 0;
            all_sure += m >= SURE_CORRELATION;
            alike += m >= SOME_CORRELATION && m < SURE_CORRELATION;
            less += m >= LESS_SURE && m < SURE_CORRELATION;
        }
        s->sure[i] = sure * 2 > bytes;
        doubtful += s->sure[i] ? 0 : less;
    }
    s->none = alike > FEW && alike > MOST_ALIKE * all_sure;
    s->lenient = doubtful <= FEW || doubtful * FEW_OF <= o->word_count;
}

static bool is_seen(const sight *s, size_t line, size_t word)
{
    if (!s->pictured[word])
        return s->match[word] >= LEAST_CORRELATION;
    return !s->none && s->match[word] >= (s->sure[line] || s->lenient ? LESS_SURE : SURE_CORRELATION);
}

/* Leaves out the words of line `from` that aren't seen, and appends what is left as the next line and words. */
static size_t keep_seen(ocrvl_own_lines *o, size_t from, size_t *lines, size_t *words, const sight *s)
{
    ocrvl_own_line line = o->lines[from];
    size_t first = *words;
    for (size_t i = line.first; i < line.first + line.count; i++) {
        const ocrvl_own_word w = o->words[i];
        if (!is_seen(s, from, i))
            continue;
        ocrvl_box *b = &line.box;
        if (*words == first)
            *b = w.box;
        *b = (ocrvl_box){w.box.x0 < b->x0 ? w.box.x0 : b->x0, w.box.y0 < b->y0 ? w.box.y0 : b->y0,
                         w.box.x1 > b->x1 ? w.box.x1 : b->x1, w.box.y1 > b->y1 ? w.box.y1 : b->y1};
        o->words[(*words)++] = w;
    }
    size_t unseen = line.count - (*words - first);
    line.first = first;
    line.count = *words - first;
    if (line.count)
        o->lines[(*lines)++] = line;
    return unseen;
}

/* Leaves in o what is seen. */
static ocrvl_status drop_unseen(ocrvl_own_lines *o, size_t *unseen, const ocrvl_own_ink *k, double sx, double sy,
                                ocrvl_error *err)
{
    size_t lines = 0, words = 0;
    sight s = {.match = ocrvl_alloc_array(o->word_count + 1, sizeof *s.match),
               .pictured = ocrvl_alloc_array(o->word_count + 1, sizeof *s.pictured),
               .sure = ocrvl_alloc_array(o->line_count + 1, sizeof *s.sure)};
    bool made = s.match && s.pictured && s.sure;
    if (made) {
        look(&s, o, k, sx, sy);
        for (size_t i = 0; i < o->line_count; i++)
            *unseen += keep_seen(o, i, &lines, &words, &s);
        o->line_count = lines;
        o->word_count = words;
    }
    ocrvl_free(s.match);
    ocrvl_free(s.pictured);
    ocrvl_free(s.sure);
    return made ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* ---- other ink --------------------------------------------------------------------------------------- */

/* Marks what a word's ink may be: its box, and its glyphs, if they are known, where they reach out of it as far as
 * `wide`. */
static void cover(uint8_t *mark, const ocrvl_own_ink *k, rect box, rect wide)
{
    for (int32_t y = wide.y0; y < wide.y1; y++) {
        const uint8_t *g = k->glyphs ? k->glyphs + (size_t)y * k->width : NULL;
        uint8_t *m = mark + (size_t)y * k->width;
        for (int32_t x = wide.x0; x < wide.x1; x++) {
            bool inside = y >= box.y0 && y < box.y1 && x >= box.x0 && x < box.x1;
            if (inside || g[x])
                m[x] = 1;
            if (!inside && g[x] && x + 1 < (int32_t)k->width)
                m[x + 1] = 1;
        }
    }
}

static inline uint8_t apart(uint8_t a, uint8_t b) { return a > b ? (uint8_t)(a - b) : (uint8_t)(b - a); }

/* Marks those of n pixels that differ from the next one, or from the one in the row below, and aren't covered. Returns
 * whether there are any. */
static bool mark_row(uint8_t *restrict mark, const uint8_t *restrict row, const uint8_t *restrict below, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t next = apart(row[i + 1], row[i]), down = apart(below[i], row[i]), most = next > down ? next : down;
        uint8_t edge = mark[i] == 1 ? 0 : most >= EDGE ? 2 : 0;
        mark[i] |= edge;
        any |= edge;
    }
    return any;
}

/* Marks borders of ink that isn't covered: 2 in `mark`, where 1 is what is covered. The box around them is empty if
 * there are none. */
static rect find_edges(uint8_t *mark, const ocrvl_own_ink *k)
{
    rect box = {INT32_MAX, INT32_MAX, 0, 0};
    int32_t w = (int32_t)k->width, h = (int32_t)k->height;
    for (int32_t y = 0; y + 1 < h; y++) {
        const uint8_t *p = k->rest + (size_t)y * k->width;
        uint8_t *m = mark + (size_t)y * k->width;
        if (!mark_row(m, p, p + w, (size_t)w - 1))
            continue;
        int32_t x0 = 0, x1 = w - 1;
        while (m[x0] != 2)
            x0++;
        while (m[x1 - 1] != 2)
            x1--;
        box = (rect){x0 < box.x0 ? x0 : box.x0, y < box.y0 ? y : box.y0, x1 > box.x1 ? x1 : box.x1, y + 1};
    }
    return box;
}

/* Sets the n places of the mark that end before `end`, `step` apart, to 3, if they are a run as long as a rule's, or as
 * straight, if as a short one's or if what is covered cuts them off. room: places from the first of all to `end` */
static void end_run(uint8_t *end, size_t n, size_t step, int32_t room)
{
    bool cut = *end == 1 || ((size_t)room > n && *(end - (n + 1) * step) == 1);
    for (size_t i = 1; (n >= SHORT_RULE || cut) && i <= n; i++) {
        uint8_t *m = end - i * step;
        *m = n >= RULE || *m == 3 ? 3 : 2 | STRAIGHT;
    }
}

/* Sets long runs of edges within `box` along and across to 3, and marks short ones. run: [width], zero, how far each
 * column's edges reach up */
static void mark_rules(uint8_t *mark, uint32_t *run, size_t width, rect box)
{
    for (int32_t y = box.y0; y < box.y1; y++) {
        uint8_t *m = mark + (size_t)y * width;
        size_t along = 0;
        for (int32_t x = box.x0; x < box.x1; x++) {
            if (m[x] & 2) {
                along++;
                run[x]++;
            } else if (along || run[x]) {
                end_run(m + x, along, 1, x - box.x0);
                end_run(m + x, run[x], width, y - box.y0);
                along = run[x] = 0;
            }
        }
        end_run(m + box.x1, along, 1, box.x1 - box.x0);
    }
    for (int32_t x = box.x0; x < box.x1; x++)
        end_run(mark + (size_t)box.y1 * width + x, run[x], width, box.y1 - box.y0);
}

typedef struct piece { /* of edges that hang together */
    rect box;
    size_t edges, straight; /* straight: of its edges, those in short rules */
} piece;

static bool is_edge(uint8_t mark) { return (mark & ~STRAIGHT) == 2; }

/* Sets the piece that pixel `at` is in to TAKEN. stack: [width * height] */
static piece take_piece(uint8_t *mark, uint32_t *stack, uint32_t width, uint32_t height, uint32_t at)
{
    piece p = {.box = {INT32_MAX, INT32_MAX, 0, 0}};
    size_t depth = 0;
    stack[depth++] = at;
    mark[at] |= TAKEN;
    while (depth) {
        uint32_t i = stack[--depth];
        int32_t x = (int32_t)(i % width), y = (int32_t)(i / width);
        p.edges++;
        p.straight += (mark[i] & STRAIGHT) != 0;
        p.box = (rect){x < p.box.x0 ? x : p.box.x0, y < p.box.y0 ? y : p.box.y0, x + 1 > p.box.x1 ? x + 1 : p.box.x1,
                       y + 1 > p.box.y1 ? y + 1 : p.box.y1};
        for (int32_t v = y - 1; v <= y + 1; v++)
            for (int32_t u = x - 1; u <= x + 1; u++) {
                if (u < 0 || v < 0 || u >= (int32_t)width || v >= (int32_t)height ||
                    !is_edge(mark[(size_t)v * width + (size_t)u]))
                    continue;
                mark[(size_t)v * width + (size_t)u] |= TAKEN;
                stack[depth++] = (uint32_t)v * width + (uint32_t)u;
            }
    }
    return p;
}

/* Whether any of n pixels, `step` apart, has one of the kinds that `wanted` has as bits. */
static bool has_kind(const uint8_t *mark, int32_t n, size_t step, uint8_t wanted)
{
    for (int32_t i = 0; i < n; i++)
        if (mark[(size_t)i * step] & wanted)
            return true;
    return false;
}

/* Whether a piece is the mark of a list's item, which is drawn and not set as text: as wide as high, smaller than letters
 * are, alone in its row, and with text to its right. */
static bool is_bullet(const uint8_t *mark, uint32_t width, rect b)
{
    int32_t w = b.x1 - b.x0, h = b.y1 - b.y0, left = b.x0 < BESIDE ? b.x0 : BESIDE, room = (int32_t)width - b.x1;
    if (w > BULLET || h > BULLET || abs(w - h) > 1)
        return false;
    for (int32_t y = b.y0; y < b.y1; y++) {
        const uint8_t *row = mark + (size_t)y * width;
        if (has_kind(row + b.x0 - left, left, 1, 2 | TAKEN | 1) ||
            has_kind(row + b.x1, room < BESIDE ? room : BESIDE, 1, 2 | TAKEN))
            return false;
    }
    const uint8_t *middle = mark + (size_t)((b.y0 + b.y1) / 2) * width + b.x1;
    return memchr(middle, 1, (size_t)(room < TEXT_BESIDE ? room : TEXT_BESIDE)) != NULL;
}

/* Whether a piece is of a small frame, such as a table's cell has: straight, but no box to be ticked, which is closed and
 * as wide as high. */
static bool is_of_frame(const uint8_t *mark, uint32_t width, const piece *p)
{
    int32_t x = (p->box.x0 + p->box.x1) / 2, y = (p->box.y0 + p->box.y1) / 2;
    const uint8_t *row = mark + (size_t)y * width, *top = mark + (size_t)p->box.y0 * width + x, *middle = row + x;
    if ((double)p->straight < MOSTLY * (double)p->edges)
        return false;
    bool closed =
        has_kind(top, y - p->box.y0, width, TAKEN) && has_kind(middle + width, p->box.y1 - y - 1, width, TAKEN) &&
        has_kind(row + p->box.x0, x - p->box.x0, 1, TAKEN) && has_kind(middle + 1, p->box.x1 - x - 1, 1, TAKEN);
    return !closed || abs(p->box.x1 - p->box.x0 - p->box.y1 + p->box.y0) > 1;
}

/* Whether there are pieces of ink within `box` that might be text. Rules are taken out first. stack: [width * height],
 * zero as far as one row */
static bool has_text_like(uint8_t *mark, uint32_t *stack, uint32_t width, uint32_t height, rect box)
{
    size_t some = 0;
    mark_rules(mark, stack, width, box);
    for (int32_t y = box.y0; y < box.y1; y++)
        for (int32_t x = box.x0; x < box.x1; x++) {
            uint32_t at = (uint32_t)y * width + (uint32_t)x;
            if (!is_edge(mark[at]))
                continue;
            piece p = take_piece(mark, stack, width, height, at);
            int32_t w = p.box.x1 - p.box.x0, h = p.box.y1 - p.box.y0;
            if (w < LEAST_SIDE || h < LEAST_SIDE || p.edges < LEAST_EDGES || is_bullet(mark, width, p.box) ||
                is_of_frame(mark, width, &p))
                continue;
            if (++some >= SOME || w >= LONG || h >= LONG)
                return true;
        }
    return false;
}

static ocrvl_status find_other_ink(bool *found, const ocrvl_own_lines *o, double sx, double sy, const ocrvl_own_ink *k,
                                   ocrvl_error *err)
{
    uint8_t *mark = ocrvl_alloc_array(k->width, k->height);
    *found = true;
    if (!mark)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < o->word_count; i++) {
        ocrvl_box b = o->words[i].box;
        double reach = 0.5 * ((b.y1 - b.y0) * sy < (b.x1 - b.x0) * sx ? (b.y1 - b.y0) * sy : (b.x1 - b.x0) * sx) + 2;
        rect box = small(k, b, sx, sy, 1, 1);
        cover(mark, k, box, k->glyphs ? small(k, b, sx, sy, reach, reach) : box);
    }
    rect box = find_edges(mark, k);
    if (box.x1 == 0) {
        *found = false;
        ocrvl_free(mark);
        return OCRVL_OK;
    }
    uint32_t *stack = ocrvl_alloc_array((size_t)k->width * k->height, sizeof *stack);
    if (stack)
        *found = has_text_like(mark, stack, k->width, k->height, box);
    ocrvl_free(mark);
    ocrvl_free(stack);
    return stack ? OCRVL_OK : ocrvl_fail_nomem(err);
}

/* Whether the words' boxes aren't, all together, so much larger than the page that looking at each would take no end.
 */
static bool is_bounded(const ocrvl_own_lines *o, double sx, double sy, const ocrvl_own_ink *k)
{
    enum { TIMES = 40 }; /* no page has as many words on one another */
    double area = 0;
    for (size_t i = 0; i < o->word_count; i++) {
        rect r = small(k, o->words[i].box, sx, sy, 4, 4);
        area += (double)(r.x1 - r.x0) * (r.y1 - r.y0);
    }
    return area <= TIMES * ((double)k->width * k->height + 10000);
}

ocrvl_status ocrvl_own_ink_judge(ocrvl_own_lines *o, uint32_t page_width, uint32_t page_height,
                                 const ocrvl_own_ink *ink, size_t *unseen, bool *whole, ocrvl_error *err)
{
    double sx = (double)ink->width / page_width, sy = (double)ink->height / page_height;
    bool other = true;
    *unseen = 0;
    *whole = false;
    if (!is_bounded(o, sx, sy, ink)) {
        *unseen = o->word_count;
        o->line_count = o->word_count = 0;
        return OCRVL_OK;
    }
    ocrvl_status st = drop_unseen(o, unseen, ink, sx, sy, err);
    if (!st)
        st = find_other_ink(&other, o, sx, sy, ink, err);
    *whole = !st && !other;
    return st;
}

/* ---- plain pages ------------------------------------------------------------------------------------- */

/* Whether anything in the box is dark. */
static bool is_dark(const ocrvl_own_ink *k, rect r)
{
    uint8_t darkest = 255;
    for (int32_t y = r.y0; y < r.y1; y++) {
        const uint8_t *p = k->page + (size_t)y * k->width;
        for (int32_t x = r.x0; x < r.x1; x++)
            darkest = p[x] < darkest ? p[x] : darkest;
    }
    return darkest <= 255 - EDGE;
}

/* Whether a word's box has ink, and one of several letters has it left and right: a clip might have cut off some. */
static bool has_ink(const ocrvl_own_ink *k, rect r)
{
    enum { LETTER = 5 }; /* pixels of one and what is beside it */
    int32_t third = (r.x1 - r.x0) / 3, rest = third >= LETTER ? 2 * third : 0;
    return is_dark(k, (rect){r.x0, r.y0, r.x1 - rest, r.y1}) &&
           (!rest || is_dark(k, (rect){r.x0 + rest, r.y0, r.x1, r.y1}));
}

ocrvl_status ocrvl_own_ink_plain(bool *plain, const ocrvl_own_lines *o, uint32_t page_width, uint32_t page_height,
                                 const ocrvl_own_ink *ink, ocrvl_error *err)
{
    double sx = (double)ink->width / page_width, sy = (double)ink->height / page_height;
    bool other;
    *plain = is_bounded(o, sx, sy, ink);
    for (size_t i = 0; i < o->word_count && *plain; i++)
        *plain = has_ink(ink, small(ink, o->words[i].box, sx, sy, 0, 0));
    if (!*plain)
        return OCRVL_OK;
    ocrvl_status st = find_other_ink(&other, o, sx, sy, ink, err);
    *plain = !other;
    return st;
}
