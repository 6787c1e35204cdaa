#include "in/own_join.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

#define X_OF_SIZE ((float)OCRVL_X_OF_SIZE)
#define SAME_BASE 0.15f /* of the size */
#define LABEL_GAP 4.5f  /* sizes between a number and its text */
#define MONO_GAP 12.0f  /* sizes */
#define JUSTIFIED_GAP 12.0f
#define SPACED_GAP 4.0f    /* gaps between letters, and half a size */
#define NEXT_ROW 2.0f      /* sizes to the next row at most */
#define FURTHEST_ROW 12.0f /* sizes to a row that shows how wide the column is */
#define ALIKE 0.2f         /* of the gaps of a justified line */
enum { LONGEST_LABEL = 9, MOST_LOOKED = 200, NONE = -1 };

typedef struct piece {
    const ocrvl_own_line *line;
    uint32_t number; /* of the line */
    float size;      /* pixels */
    int32_t next;    /* the piece that is joined to it on the right, or NONE */
    bool joined;     /* it is joined to one on the left */
} piece;

typedef struct joining {
    const ocrvl_own_lines *o;
    const ocrvl_glyphs *g;
    piece *at; /* [count] level lines, by baseline and then from left to right */
    size_t count;
} joining;

static int by_place(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->line->baseline != q->line->baseline)
        return p->line->baseline < q->line->baseline ? -1 : 1;
    if (p->line->box.x0 != q->line->box.x0)
        return p->line->box.x0 < q->line->box.x0 ? -1 : 1;
    return p->number < q->number ? -1 : 1;
}

static int by_left(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->line->box.x0 != q->line->box.x0)
        return p->line->box.x0 < q->line->box.x0 ? -1 : 1;
    return by_place(a, b);
}

static const ocrvl_own_word *word(const joining *j, const piece *p, size_t i)
{
    return &j->o->words[p->line->first + i];
}

static float gap_between(const piece *a, const piece *b) { return (float)(b->line->box.x0 - a->line->box.x1); }

static bool is_mono(const joining *j, const piece *p)
{
    for (size_t i = 0; i < p->line->count; i++) {
        uint32_t style = word(j, p, i)->style;
        if (style >= j->g->style_count || !j->g->styles[style].mono)
            return false;
    }
    return true;
}

/* Whether it is a single sign outside of ASCII, as bullets are. */
static bool is_sign(const char *s)
{
    return strlen(s) <= 3 && ((unsigned char)*s == 0xE2 || (unsigned char)*s == 0xC2);
}

/* Whether it is one word such as "2.1", "A.3", "(iv)", "12." or a bullet. */
static bool is_label(const joining *j, const piece *p)
{
    const char *s = word(j, p, 0)->text;
    size_t n = strlen(s), plain = strspn(s, "0123456789.()ivxIVX");
    if (p->line->count != 1 || n > LONGEST_LABEL)
        return false;
    if ((n > 1 && plain == n && (strpbrk(s, ".()") || strspn(s, "0123456789") == n)) ||
        (n == 1 && *s >= '1' && *s <= '9'))
        return true;
    if (n < 8 && *s >= 'A' && *s <= 'Z' && (s[1] == '.' || s[1] == ')') && strspn(s + 1, "0123456789.)") == n - 1)
        return true;
    if (*s == '(' ? n == 3 && s[2] == ')' : n == 2 && (s[1] == ')' || s[1] == '.'))
        return true;
    return is_sign(s);
}

static bool has_bullet(const joining *j, const piece *p) { return (unsigned char)*word(j, p, 0)->text >= 0xC2; }

/* ---- justified lines --------------------------------------------------------------------------------- */

static bool alike(float a, float b, float size) { return fabsf(a - b) <= ALIKE * fmaxf(a, b) + 0.1f * size; }

/* Whether a piece begins with a number or mark of a list: the gap after it is no justified one. */
static bool begins_with_label(const joining *j, const piece *p)
{
    const char *s = word(j, p, 0)->text;
    size_t n = strlen(s);
    return p->line->count > 1 && n <= LONGEST_LABEL && (s[n - 1] == '.' || s[n - 1] == ')' || is_sign(s));
}

/* Whether the gaps within a piece, but one after a label, are as wide as `gap`. */
static bool is_set_so(const joining *j, const piece *p, float gap)
{
    for (size_t i = 1 + begins_with_label(j, p); i < p->line->count; i++)
        if (!alike((float)(word(j, p, i)->box.x0 - word(j, p, i - 1)->box.x1), gap, p->size))
            return false;
    return true;
}

/* The end of the run of pieces from `from` on that are as far apart as their words. */
static size_t justified_end(const joining *j, size_t from, size_t end)
{
    const piece *p = j->at;
    if (from + 1 >= end)
        return from + 1;
    float gap = gap_between(&p[from], &p[from + 1]);
    size_t i = from;
    if (!(gap > 0) || gap > JUSTIFIED_GAP * p[from].size || !is_set_so(j, &p[from], gap))
        return from + 1;
    while (i + 1 < end && alike(gap_between(&p[i], &p[i + 1]), gap, p[i].size) && is_set_so(j, &p[i + 1], gap) &&
           fabsf(p[i].size - p[from].size) < 0.1f * p[from].size)
        i++;
    return i + 1;
}

typedef struct row { /* what stands between two edges on a baseline near to that of some pieces */
    float base, off, x0, hung,
        x1;                /* off: from the pieces' baseline; hung: where the text after its label begins, or x0 */
    size_t words, aligned; /* aligned: of the pieces, those that begin where a word of it does */
} row;

static float left_of(const piece *p) { return (float)p->line->box.x0; }

/* Where a piece's text begins after its label, if it has one. */
static float hung_left(const joining *j, const piece *p)
{
    return begins_with_label(j, p) ? (float)word(j, p, 1)->box.x0 : left_of(p);
}

/* Adds a piece to the row, if it is of it. False: it is beyond the row. */
static bool add_to_row(row *r, const joining *j, const piece *p, size_t from, size_t end)
{
    float size = j->at[from].size, right = (float)j->at[end - 1].line->box.x1;
    const ocrvl_box *b = &p->line->box;
    float off = fabsf(p->line->baseline - j->at[from].line->baseline);
    if (off > FURTHEST_ROW * size || (r->words && fabsf(p->line->baseline - r->base) > SAME_BASE * size))
        return false;
    if (off < 0.8f * size || (float)b->x1 < left_of(&j->at[from]) || (float)b->x0 > right ||
        fabsf(p->size - size) > 0.1f * size)
        return true;
    if (!r->words || (float)b->x0 < r->x0) {
        r->x0 = (float)b->x0;
        r->hung = hung_left(j, p);
    }
    r->base = p->line->baseline;
    r->off = off;
    r->x1 = r->words ? fmaxf(r->x1, (float)b->x1) : (float)b->x1;
    r->words += p->line->count;
    for (size_t i = 0; i < p->line->count; i++)
        for (size_t k = from + 1; k < end; k++)
            r->aligned += fabsf((float)(word(j, p, i)->box.x0 - j->at[k].line->box.x0)) < 0.3f * size;
    return true;
}

/* Whether the row has the edges of pieces [from, end). */
static bool is_as_wide(const row *r, const joining *j, size_t from, size_t end)
{
    const piece *p = &j->at[from];
    float near = 0.4f * p->size, left = left_of(p), hung = hung_left(j, p);
    bool begins = fabsf(r->x0 - left) < near || fabsf(r->x0 - hung) < near || fabsf(r->hung - left) < near;
    return r->words > 2 && begins && fabsf(r->x1 - (float)j->at[end - 1].line->box.x1) < near;
}

/* Whether a row next to pieces [from, end) is parted as these are, as rows of a table are. */
static bool is_parted_so(const row *r, const joining *j, size_t from, size_t end)
{
    return r->off < NEXT_ROW * j->at[from].size && r->aligned * 2 > end - from - 1;
}

/* Looks at the rows above (dir -1) or below pieces [from, end). *found: one has their edges. False: the next one is
 * parted as they are. */
static bool look_at_rows(const joining *j, size_t from, size_t end, int dir, bool *found)
{
    row r = {.words = 0};
    size_t i = dir < 0 ? from : end - 1;
    for (size_t looked = 0; (dir < 0 ? i-- > 0 : ++i < j->count) && looked < MOST_LOOKED; looked++) {
        if (add_to_row(&r, j, &j->at[i], from, end))
            continue;
        if (is_parted_so(&r, j, from, end))
            return false;
        *found |= is_as_wide(&r, j, from, end);
        r = (row){.words = 0};
        if (!add_to_row(&r, j, &j->at[i], from, end))
            return true;
    }
    *found |= is_as_wide(&r, j, from, end);
    return !is_parted_so(&r, j, from, end);
}

/* Whether a line not far above or below has the edges of pieces [from, end), and the next ones aren't parted as these
 * are. */
static bool has_like_edges(const joining *j, size_t from, size_t end)
{
    bool found = false;
    return look_at_rows(j, from, end, -1, &found) && look_at_rows(j, from, end, 1, &found) && found;
}

static void join(joining *j, size_t a, size_t b)
{
    j->at[a].next = (int32_t)b;
    j->at[b].joined = true;
}

static void join_justified(joining *j, size_t from, size_t end)
{
    for (size_t i = from, to; i < end; i = to) {
        to = justified_end(j, i, end);
        if (to - i < 2 || !has_like_edges(j, i, to))
            continue;
        for (size_t k = i; k + 1 < to; k++)
            join(j, k, k + 1);
    }
}

/* Whether two pieces are words whose letters are spaced out alike, one of which may be a letter, and stand as far apart
 * as such words do. */
static bool are_spaced(const joining *j, const piece *a, const piece *b)
{
    const ocrvl_own_word *v = word(j, a, 0), *w = word(j, b, 0);
    double gap = ocrvl_own_letter_gap(v, a->line->count, a->size),
           other = ocrvl_own_letter_gap(w, b->line->count, b->size);
    if (gap == 0 && a->line->count == 1 && ocrvl_own_is_letter(v))
        gap = other;
    if (other == 0 && b->line->count == 1 && ocrvl_own_is_letter(w))
        other = gap;
    return gap > 0 && other > 0 && alike((float)gap, (float)other, a->size) &&
           gap_between(a, b) < SPACED_GAP * (float)gap + 0.5f * a->size;
}

/* ---- a baseline -------------------------------------------------------------------------------------- */

/* Joins what is to be among the pieces [from, end) of one baseline. */
static void join_row(joining *j, size_t from, size_t end)
{
    qsort(j->at + from, end - from, sizeof *j->at, by_left);
    join_justified(j, from, end);
    for (size_t i = from; i + 1 < end; i++) {
        const piece *a = &j->at[i], *b = a + 1;
        float gap = gap_between(a, b), size = fmaxf(a->size, b->size);
        if (a->next != NONE || gap < -0.2f * size)
            continue;
        /* a number that others follow than its text may head the row of a table */
        bool alone = i + 2 == end || gap_between(b, b + 1) > 2 * LABEL_GAP * size;
        bool label = is_label(j, a) && gap < LABEL_GAP * size && (alone || has_bullet(j, a));
        bool mono = gap < MONO_GAP * size && is_mono(j, a) && is_mono(j, b);
        if (label || mono || are_spaced(j, a, b))
            join(j, i, i + 1);
    }
}

/* Joins marks of notes, small and raised, to the lines that they begin. */
static void join_raised(joining *j)
{
    for (size_t i = 0; i < j->count; i++) {
        const piece *a = &j->at[i];
        bool mark = a->line->count == 1 && a->next == NONE && !a->joined && strlen(word(j, a, 0)->text) < 4;
        for (size_t k = i + 1; mark && k < j->count && k < i + MOST_LOOKED; k++) {
            const piece *b = &j->at[k];
            float below = b->line->baseline - a->line->baseline, gap = gap_between(a, b);
            if (below > 0.8f * b->size && b->size < 4 * a->size)
                break;
            if (!b->joined && b->size > 1.15f * a->size && below < 0.6f * b->size && gap > -0.2f * b->size &&
                gap < 0.7f * b->size) {
                join(j, i, k);
                break;
            }
        }
    }
}

static void find_joins(joining *j)
{
    for (size_t i = 0, end; i < j->count; i = end) {
        const piece *p = &j->at[i];
        for (end = i + 1; end < j->count && j->at[end].line->baseline - p->line->baseline <= SAME_BASE * p->size; end++)
            ;
        if (end - i > 1)
            join_row(j, i, end);
    }
    join_raised(j);
}

static void append(ocrvl_own_lines *to, const ocrvl_own_lines *from, const ocrvl_own_line *line, bool joined)
{
    ocrvl_own_line *l = &to->lines[to->line_count - joined];
    if (!joined) {
        *l = *line;
        l->first = to->word_count;
        l->count = 0;
        to->line_count++;
    }
    memcpy(to->words + to->word_count, from->words + line->first, line->count * sizeof *to->words);
    to->word_count += line->count;
    l->count += line->count;
    l->box = ocrvl_box_union(l->box, line->box);
    l->x_height = fmaxf(l->x_height, line->x_height);
}

/* The lines in their order, each with what is joined to it. by_number: [line_count] the place of its piece; NONE */
static void rebuild(ocrvl_own_lines *out, const joining *j, const int32_t *by_number)
{
    for (size_t i = 0; i < j->o->line_count; i++) {
        const piece *p = by_number[i] == NONE ? NULL : &j->at[by_number[i]];
        if (p && p->joined)
            continue;
        append(out, j->o, &j->o->lines[i], false);
        for (; p && p->next != NONE; p = &j->at[p->next])
            append(out, j->o, j->at[p->next].line, true);
    }
}

ocrvl_status ocrvl_own_lines_join(ocrvl_own_lines *o, const ocrvl_glyphs *g, ocrvl_error *err)
{
    joining j = {.o = o, .g = g, .at = ocrvl_alloc_array(o->line_count + 1, sizeof *j.at)};
    int32_t *by_number = ocrvl_alloc_array(o->line_count + 1, sizeof *by_number);
    ocrvl_own_lines out = {.lines = ocrvl_alloc_array(o->line_count + 1, sizeof *out.lines),
                           .words = ocrvl_alloc_array(o->word_count + 1, sizeof *out.words)};
    bool made = j.at && by_number && out.lines && out.words;
    for (size_t i = 0; made && i < o->line_count; i++) {
        const ocrvl_own_line *l = &o->lines[i];
        by_number[i] = NONE;
        if (!l->turn)
            j.at[j.count++] = (piece){l, (uint32_t)i, l->x_height / X_OF_SIZE, NONE, false};
    }
    if (made) {
        qsort(j.at, j.count, sizeof *j.at, by_place);
        find_joins(&j);
        for (size_t i = 0; i < j.count; i++)
            by_number[j.at[i].number] = (int32_t)i;
        rebuild(&out, &j, by_number);
        ocrvl_own_lines_replace(o, &out);
    } else {
        ocrvl_free(out.lines);
        ocrvl_free(out.words);
    }
    ocrvl_free(j.at);
    ocrvl_free(by_number);
    return made ? OCRVL_OK : ocrvl_fail_nomem(err);
}
