#include "in/glyphs.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { MOST_STYLES = 4096, MOST_RAISED = 4 };

/* ---- styles ------------------------------------------------------------------------------------------ */

void ocrvl_glyphs_free(ocrvl_glyphs *g)
{
    for (size_t i = 0; i < g->style_count; i++)
        ocrvl_free(g->fonts[i].name);
    ocrvl_free(g->fonts);
    for (size_t i = 0; i < g->link_count; i++)
        ocrvl_free(g->links[i].target);
    ocrvl_free(g->links);
    ocrvl_free(g->styles);
    ocrvl_free(g->at);
    *g = (ocrvl_glyphs){0};
}

const char *ocrvl_font_without_tag(const char *font)
{
    size_t n = 0;
    while (font[n] >= 'A' && font[n] <= 'Z')
        n++;
    return n == 6 && font[6] == '+' ? font + 7 : font;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Whether the name holds one of the words, which are in lower case. */
static bool holds(const char *name, const char *const *words)
{
    for (; *words; words++)
        for (const char *p = name; *p; p++) {
            size_t n = 0;
            while ((*words)[n] && lower(p[n]) == (*words)[n])
                n++;
            if (!(*words)[n])
                return true;
        }
    return false;
}

static void judge_name(ocrvl_text_style *s)
{
    static const char *const bold[] = {"bold", "black", "heavy", "-medi", "cmbx", "sfbx", NULL};
    static const char *const italic[] = {"italic", "oblique", "-ital", "slant", "cmti", "cmsl", "sfti", "sfsl", NULL};
    static const char *const mono[] = {"courier",  "mono",     "consol", "menlo", "cmtt",       "sftt",
                                       "lmtt",     "txtt",     "pcrr",   "pcrb",  "typewriter", "nimbusmon",
                                       "inconsol", "terminal", "fixed",  NULL};
    s->mono = holds(s->font, mono);
    s->bold = holds(s->font, bold);
    s->italic = holds(s->font, italic);
}

static bool same_style(const ocrvl_text_style *a, const ocrvl_text_style *b)
{
    return a->size == b->size && a->colour == b->colour && a->underlined == b->underlined;
}

/* False: memory is exhausted. */
static bool add_style(ocrvl_glyphs *g, const char *font, int id, ocrvl_text_style s)
{
    size_t cap = g->style_cap ? 2 * g->style_cap : 16;
    if (g->style_count == g->style_cap) {
        ocrvl_text_style *styles = ocrvl_realloc_array(g->styles, cap, sizeof *styles);
        g->styles = styles ? styles : g->styles;
        ocrvl_glyph_font *fonts = styles ? ocrvl_realloc_array(g->fonts, cap, sizeof *fonts) : NULL;
        g->fonts = fonts ? fonts : g->fonts;
        if (!fonts)
            return false;
        g->style_cap = cap;
    }
    char *name = ocrvl_strdup(font);
    if (!name)
        return false;
    s.font = ocrvl_font_without_tag(name);
    judge_name(&s);
    g->fonts[g->style_count] = (ocrvl_glyph_font){name, id};
    g->styles[g->style_count++] = s;
    return true;
}

/* Sets *index to that style in that font, which is added if it is new. If there are too many styles it stays. */
static ocrvl_status take_style(ocrvl_glyphs *g, uint32_t *index, const char *name, int id, ocrvl_text_style s,
                               ocrvl_error *err)
{
    for (size_t i = g->style_count; i > 0; i--)
        if (g->fonts[i - 1].id == id && same_style(&g->styles[i - 1], &s) && strcmp(g->fonts[i - 1].name, name) == 0) {
            *index = (uint32_t)i - 1;
            return OCRVL_OK;
        }
    if (g->style_count == MOST_STYLES)
        return OCRVL_OK;
    if (!add_style(g, name, id, s))
        return ocrvl_fail_nomem(err);
    *index = (uint32_t)g->style_count - 1;
    return OCRVL_OK;
}

ocrvl_status ocrvl_glyphs_style(ocrvl_glyphs *g, uint32_t *index, const char *font, double size, uint32_t colour,
                                bool underlined, ocrvl_error *err)
{
    bool known = size > 0 && size < 1e5;
    ocrvl_text_style s = {
        .size = known ? (float)(floor(size * 100 + 0.5) / 100) : 0, .colour = colour, .underlined = underlined};
    *index = 0;
    return take_style(g, index, font && ocrvl_utf8_valid(font, strlen(font)) ? font : "", 0, s, err);
}

ocrvl_status ocrvl_glyphs_style_in(ocrvl_glyphs *g, uint32_t *index, int id, ocrvl_error *err)
{
    return take_style(g, index, g->fonts[*index].name, id, g->styles[*index], err);
}

void ocrvl_fonts_free(ocrvl_fonts *f)
{
    for (size_t i = 0; i < f->count; i++)
        ocrvl_free(f->at[i].name);
    f->count = 0;
}

ocrvl_status ocrvl_fonts_number(ocrvl_fonts *f, ocrvl_glyphs *g, ocrvl_error *err)
{
    for (size_t i = 0; i < g->style_count; i++) {
        size_t k = 0;
        while (k < f->count && (f->at[k].id != g->fonts[i].id || strcmp(f->at[k].name, g->fonts[i].name) != 0))
            k++;
        if (k == f->count && k < OCRVL_MOST_FONTS) {
            if (!(f->at[k].name = ocrvl_strdup(g->fonts[i].name)))
                return ocrvl_fail_nomem(err);
            f->at[k].id = g->fonts[i].id;
            f->count++;
        }
        k = k < OCRVL_MOST_FONTS ? k : OCRVL_MOST_FONTS - 1;
        if (g->fonts[i].id == 0 || k == OCRVL_MOST_FONTS - 1)
            f->verdicts[k] = OCRVL_VERDICT_NONE;
        g->styles[i].number = (uint32_t)k;
    }
    g->verdicts = f->verdicts;
    return OCRVL_OK;
}

/* ---- words and lines --------------------------------------------------------------------------------- */

typedef struct making {
    ocrvl_own_lines *out;
    const ocrvl_glyphs *g;
    double width, height, sx, sy;
    ocrvl_buf text;    /* of all words */
    size_t *offsets;   /* [word_count] where each begins in text */
    size_t line_start; /* the open line's first word */
    double size;       /* of the open line's largest type, pixels */
} making;

void ocrvl_own_lines_free(ocrvl_own_lines *o)
{
    ocrvl_free(o->lines);
    ocrvl_free(o->words);
    ocrvl_free(o->text);
    for (size_t i = 0; i < o->extra_count; i++)
        ocrvl_free(o->extra[i]);
    ocrvl_free(o->extra);
    *o = (ocrvl_own_lines){0};
}

void ocrvl_own_lines_replace(ocrvl_own_lines *o, const ocrvl_own_lines *made)
{
    ocrvl_free(o->lines);
    ocrvl_free(o->words);
    o->lines = made->lines;
    o->words = made->words;
    o->line_count = made->line_count;
    o->word_count = made->word_count;
}

/* Fonts of symbols give their characters in the private area, by their places in the font: those that are much used. */
static uint32_t of_symbol_font(uint32_t c)
{
    static const uint32_t pairs[][2] = {{0xF0B7, 0x2022}, {0xF0A7, 0x25AA}, {0xF0D8, 0x27A2}, {0xF0FC, 0x2713},
                                        {0xF02D, 0x2212}, {0xF0A8, 0x25AB}, {0xF076, 0x2756}, {0xF0B0, 0x00B0},
                                        {0xF0AE, 0x2192}, {0xF0E0, 0x2192}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] == c)
            return pairs[i][1];
    return c;
}

static bool is_unsound(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000 || c == 0xFFFD ||
           (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE || (c >= 0xD800 && c < 0xE000);
}

/* What has a form of its own for its place in a word, or is several letters. */
static bool is_form(uint32_t c)
{
    return (c >= 0xFB00 && c <= 0xFB06) || (c >= 0xFB13 && c <= 0xFB17) || (c >= 0xFB50 && c <= 0xFDFF) ||
           (c >= 0xFE70 && c < 0xFEFF);
}

static ocrvl_status put_letter(making *m, uint32_t c, ocrvl_error *err)
{
    char utf8[4], *letters;
    size_t n = ocrvl_utf8_encode(utf8, c);
    if (!is_form(c)) {
        ocrvl_buf_put(&m->text, utf8, n);
        return OCRVL_OK;
    }
    ocrvl_status st = ocrvl_normalize(&letters, &n, OCRVL_NFKC, utf8, n, err);
    if (st)
        return st;
    ocrvl_buf_put(&m->text, letters, n);
    ocrvl_text_free(letters);
    return OCRVL_OK;
}

static int32_t within(double v, double most) { return (int32_t)fmin(fmax(v, 0), most); }

/* The box around glyphs [from, to) on the page. False: it is empty, as where a font's characters have no width: their
 * places don't tell where they are seen, and poppler leaves some of them out. */
static bool box_of(const making *m, size_t from, size_t to, ocrvl_box *b)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (; from < to; from++) {
        const ocrvl_glyph *g = &m->g->at[from];
        if (!(g->x1 >= g->x0 && g->y1 >= g->y0))
            return false;
        x0 = fmin(x0, g->x0), x1 = fmax(x1, g->x1);
        y0 = fmin(y0, g->y0), y1 = fmax(y1, g->y1);
    }
    if (!(x1 > x0 && y1 > y0 && x1 > 0 && y1 > 0 && x0 * m->sx < m->width && y0 * m->sy < m->height))
        return false;
    *b = (ocrvl_box){within(floor(x0 * m->sx), m->width), within(floor(y0 * m->sy), m->height),
                     within(ceil(x1 * m->sx), m->width), within(ceil(y1 * m->sy), m->height)};
    return b->x1 > b->x0 && b->y1 > b->y0;
}

static const char *link_at(const making *m, const ocrvl_box *b)
{
    double x = (b->x0 + b->x1) / (2 * m->sx), y = (b->y0 + b->y1) / (2 * m->sy);
    for (size_t i = 0; i < m->g->link_count; i++) {
        const ocrvl_link *k = &m->g->links[i];
        if (x >= k->x0 && x <= k->x1 && y >= k->y0 && y <= k->y1)
            return k->target;
    }
    return NULL;
}

static bool is_right_to_left(const char *s)
{
    size_t rtl = 0, ltr = 0, n = strlen(s);
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(s, n, &i);
        rtl += ocrvl_runs_leftwards(c);
        ltr += (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c < 0x590);
    }
    return rtl > ltr;
}

/* Whether the open line's words [first, count) each begin left of the one before it, and none runs from right to
 * left. */
static bool runs_leftwards(const making *m, size_t first, size_t count)
{
    for (size_t i = first; i < count; i++)
        if (is_right_to_left(m->text.data + m->offsets[i]) ||
            (i > first && m->out->words[i].box.x0 >= m->out->words[i - 1].box.x0))
            return false;
    return true;
}

/* Where the last character stands from the first one, middle from middle; returns the longer side of the first. */
static double direction(const ocrvl_glyph *first, const ocrvl_glyph *last, double *dx, double *dy)
{
    *dx = (last->x0 + last->x1 - first->x0 - first->x1) / 2;
    *dy = (last->y0 + last->y1 - first->y0 - first->y1) / 2;
    return fmax(first->x1 - first->x0, first->y1 - first->y0);
}

/* The degrees that the open line, whose words begin with `line`, is turned by, told by where its characters follow one
 * another; 0 in doubt. */
static uint16_t turn_of(const making *m, size_t line, const ocrvl_glyph *first, const ocrvl_glyph *last)
{
    double dx, dy, side = direction(first, last, &dx, &dy);
    if (dx < -side / 2 && fabs(dx) > 2 * fabs(dy) && runs_leftwards(m, line, m->out->word_count))
        return 180;
    return !ocrvl_runs_upright(dx, dy, side) ? 0 : dy > 0 ? 90 : 270;
}

static void turn_round(ocrvl_own_word *w, size_t *offsets, size_t from, size_t to)
{
    while (from + 1 < to) {
        ocrvl_own_word word = w[from];
        size_t offset = offsets[from];
        w[from] = w[--to];
        offsets[from] = offsets[to];
        w[to] = word;
        offsets[to] = offset;
        from++;
    }
}

/* Whether words come from right to left: on pages that mostly run so they do. */
static bool comes_reversed(const ocrvl_own_word *w, size_t from, size_t to)
{
    size_t back = 0;
    for (size_t i = from + 1; i < to; i++)
        back += w[i].box.x0 < w[i - 1].box.x0;
    return back * 2 > to - from - 1;
}

/* Words of a line that is level come from left to right, or all the other way; in a line of which most run from right
 * to left they are put so, and runs of the others between them as they run. */
static void order_words(making *m, size_t from, size_t to)
{
    size_t rtl = 0, i = from, start;
    for (size_t k = from; k < to; k++)
        rtl += is_right_to_left(m->text.data + m->offsets[k]);
    if (rtl * 2 <= to - from)
        return;
    if (comes_reversed(m->out->words, from, to))
        return;
    turn_round(m->out->words, m->offsets, from, to);
    while (i < to) {
        for (start = i; i < to && !is_right_to_left(m->text.data + m->offsets[i]); i++)
            ;
        turn_round(m->out->words, m->offsets, start, i);
        i += i == start;
    }
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == 0xA0 || c == '\r' || c == '\f' || (c >= 0x2000 && c <= 0x200B) ||
           c == 0x3000 || c == 0x2028 || c == 0x2029 || c == 0x202F;
}

/* Ends the open line, if it has words; glyphs [from, to) are its own. */
static void end_line(making *m, size_t from, size_t to)
{
    ocrvl_own_lines *o = m->out;
    size_t first = m->line_start, count = o->word_count - first;
    m->line_start = o->word_count;
    if (!count)
        return;
    ocrvl_own_line line = {.first = first, .count = count, .box = o->words[first].box};
    for (size_t i = first; i < o->word_count; i++) {
        const ocrvl_box *b = &o->words[i].box;
        line.box = (ocrvl_box){b->x0 < line.box.x0 ? b->x0 : line.box.x0, b->y0 < line.box.y0 ? b->y0 : line.box.y0,
                               b->x1 > line.box.x1 ? b->x1 : line.box.x1, b->y1 > line.box.y1 ? b->y1 : line.box.y1};
    }
    while (from < to && is_space(m->g->at[from].c))
        from++;
    while (to > from && is_space(m->g->at[to - 1].c))
        to--;
    bool ordered = to > from && m->g->at[from].ordered;
    line.turn = to > from && !ordered ? turn_of(m, first, &m->g->at[from], &m->g->at[to - 1]) : 0;
    ocrvl_own_line_place(&line, m->size);
    m->size = 0;
    if (!ordered)
        order_words(m, first, o->word_count);
    o->lines[o->line_count++] = line;
}

static bool differs(const ocrvl_glyphs *g, const ocrvl_glyph *at)
{
    return g->verdicts && g->style_count && g->verdicts[g->styles[at->style].number] == OCRVL_VERDICT_DIFFERS;
}

static bool is_raised(const making *m, const ocrvl_glyph *first, const ocrvl_glyph *g)
{
    const ocrvl_text_style *a = m->g->style_count ? &m->g->styles[first->style] : NULL;
    const ocrvl_text_style *b = m->g->style_count ? &m->g->styles[g->style] : NULL;
    float high = first->y1 - first->y0;
    bool small = a && b && b->size < 0.85f * a->size;
    bool above = g->y0 + g->y1 < first->y0 + first->y1 - 0.1f * high && g->y1 < first->y1 - 0.1f * high;
    return (small && above) || (g->c >= 0x2070 && g->c <= 0x2079) || g->c == 0xB9 || g->c == 0xB2 || g->c == 0xB3;
}

/* How many glyphs at the end of a word are raised, but not all of it. */
static uint32_t count_raised(const making *m, size_t from, size_t to)
{
    uint32_t n = 0;
    while (n < MOST_RAISED && to - n > from + 1 && is_raised(m, &m->g->at[from], &m->g->at[to - n - 1]))
        n++;
    return n;
}

/* Adds the word of glyphs [from, to), which `last` says is its line's last. *left_out: it isn't text, or isn't on the
 * page. */
static ocrvl_status add_word(making *m, size_t from, size_t to, bool last, bool *left_out, ocrvl_error *err)
{
    ocrvl_box box;
    ocrvl_status st = OCRVL_OK;
    size_t start = m->text.len;
    *left_out = true;
    if (!box_of(m, from, to, &box)) {
        m->out->outside++;
        return OCRVL_OK;
    }
    for (size_t i = from; i < to; i++)
        if (is_unsound(of_symbol_font(m->g->at[i].c)) || differs(m->g, &m->g->at[i])) {
            m->out->unsound++;
            return OCRVL_OK;
        }
    for (size_t i = from; i < to && !st; i++) {
        uint32_t c = of_symbol_font(m->g->at[i].c);
        if (c == 0xAD && last && i + 1 == to && to - from > 1)
            st = put_letter(m, '-', err);
        else if (c != 0xAD && c != 0xFEFF)
            st = put_letter(m, c, err);
    }
    if (!st && m->text.failed)
        st = ocrvl_fail_nomem(err);
    if (st || m->text.len == start)
        return st;
    ocrvl_buf_putc(&m->text, '\0');
    const ocrvl_text_style *style = m->g->style_count ? &m->g->styles[m->g->at[from].style] : NULL;
    m->size = fmax(m->size, style ? style->size * m->sy : 0);
    m->offsets[m->out->word_count] = start;
    m->out->words[m->out->word_count++] = (ocrvl_own_word){
        .box = box, .style = m->g->at[from].style, .raised = count_raised(m, from, to), .link = link_at(m, &box)};
    *left_out = false;
    return m->text.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

#define ANOTHER_LINE 0.6f /* heights that the next character stands higher or lower, more than any that is raised */

typedef enum gap { GAP_NONE, GAP_WORD, GAP_LINE } gap;

/* How b stands to a, the character before it, where nothing parts them in the text: poppler says nothing between what
 * it has found to be parts of different columns. */
static gap gap_between(const ocrvl_glyph *a, const ocrvl_glyph *b)
{
    float high = fmaxf(a->y1 - a->y0, b->y1 - b->y0), wide = fmaxf(a->x1 - a->x0, b->x1 - b->x0);
    float aside = fmaxf(b->x0 - a->x1, a->x0 - b->x1), below = fmaxf(b->y0 - a->y1, a->y0 - b->y1);
    float size = fmaxf(high, wide);
    if (!(size > 0))
        return GAP_NONE;
    float apart = fmaxf(aside, below), lower = fabsf(a->y0 + a->y1 - b->y0 - b->y1) / 2;
    if (aside > 0 && lower > ANOTHER_LINE * high)
        return GAP_LINE;
    return apart > 2 * size ? GAP_LINE : apart > 0.2f * size ? GAP_WORD : GAP_NONE;
}

/* Whether the words of glyphs [a, b) and [c, d), one after the other in the text, stand beside one another though one
 * of them runs up or down: poppler takes cells of a table that lies on its side for a row. */
static bool stand_across(const making *m, size_t a, size_t b, size_t c, size_t d)
{
    const ocrvl_glyph *g = m->g->at;
    double dx, dy, ex, ey;
    if (b <= a)
        return false;
    double first = direction(&g[a], &g[b - 1], &dx, &dy), second = direction(&g[c], &g[d - 1], &ex, &ey);
    if (!ocrvl_runs_upright(dx, dy, first) && !ocrvl_runs_upright(ex, ey, second))
        return false;
    float shared = fminf(g[a].x1, g[c].x1) - fmaxf(g[a].x0, g[c].x0);
    return shared < 0.3f * fminf(g[a].x1 - g[a].x0, g[c].x1 - g[c].x0);
}

static ocrvl_status make(making *m, ocrvl_error *err)
{
    const ocrvl_glyph *g = m->g->at;
    size_t n = m->g->count, start = 0, before = 0, before_end = 0; /* the open line's last word */
    for (size_t i = 0, end; i < n; i = end + (end == i)) {
        bool left_out = false, last = false;
        for (end = i;
             end < n && !is_space(g[end].c) && (end == i || g[end].ordered || !gap_between(&g[end - 1], &g[end]));
             end++)
            ;
        if (end > i && end < n && !is_space(g[end].c))
            last = gap_between(&g[end - 1], &g[end]) == GAP_LINE;
        else
            last = end == n || g[end].c == '\n';
        if (end > i && stand_across(m, before, before_end, i, end)) {
            end_line(m, start, i);
            start = i;
        }
        ocrvl_status st = end > i ? add_word(m, i, end, last, &left_out, err) : OCRVL_OK;
        if (st)
            return st;
        if (end > i)
            before = i, before_end = end;
        if (last || left_out) {
            end_line(m, start, left_out ? i : end);
            start = end;
            before_end = before;
        }
    }
    end_line(m, start, n);
    return OCRVL_OK;
}

ocrvl_status ocrvl_own_lines_make(ocrvl_own_lines *out, const ocrvl_glyphs *g, uint32_t width, uint32_t height,
                                  double sx, double sy, ocrvl_error *err)
{
    making m = {.out = out, .g = g, .width = width, .height = height, .sx = sx, .sy = sy};
    *out = (ocrvl_own_lines){0};
    m.offsets = ocrvl_alloc_array(g->count + 1, sizeof *m.offsets);
    out->words = ocrvl_alloc_array(g->count + 1, sizeof *out->words);
    out->lines = ocrvl_alloc_array(g->count + 1, sizeof *out->lines);
    ocrvl_status st = m.offsets && out->words && out->lines ? make(&m, err) : ocrvl_fail_nomem(err);
    if (!st && m.text.len) {
        out->text = ocrvl_buf_steal(&m.text, NULL);
        for (size_t i = 0; i < out->word_count; i++)
            out->words[i].text = out->text + m.offsets[i];
        ocrvl_own_lines_turn_singles(out->lines, out->line_count, out->words);
    }
    ocrvl_buf_free(&m.text);
    ocrvl_free(m.offsets);
    if (st)
        ocrvl_own_lines_free(out);
    return st;
}
