/* Tables without upright rules: what stands between level rules of one width, and rows of pieces that stand below each
 * other. Words alone are weak evidence, so more is asked of them: numbers, rules, or many rows and columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "layout/table_parts.h"

#define PIECE_GAP 1.6 /* units: more than spaces of a justified line */
#define NAMED_GAP 1.2 /* units: where a caption says that it's a table */
#define FAR 7.0       /* units: rows of one table aren't so far apart */
#define MOST_BAND 60  /* units: the highest row between two rules */
#define TEXT_LINE 12  /* units: the shortest line that may be one of running text */

enum { MOST_CANDIDATES = 300, MOST_GAPS = 16 };

typedef struct candidate {
    ocrvl_area area;
    bool headed;   /* its first row was added as a head, */
    bool striped;  /* its rows are shaded by turns, */
    bool sparse;   /* or most of its cells are empty, and a caption says that it is a table */
    size_t filled; /* the cells with text of the table there; 0: there is none */
    size_t number;
} candidate;

typedef struct opener {
    ocrvl_tabler *t;
    ocrvl_text_rows text; /* of the words that aren't taken */
    uint32_t *which;      /* [t->count] scratch */
    ocrvl_bar *bars;      /* [t->bars.count] scratch */
    ocrvl_span *spans;    /* [text.piece_count] scratch */
    ocrvl_area within;    /* runs are looked for there */
    candidate at[MOST_CANDIDATES];
    size_t count;
} opener;

static void add_candidate(opener *o, ocrvl_area a, bool headed)
{
    if (o->count < MOST_CANDIDATES)
        o->at[o->count] = (candidate){.area = a, .headed = headed, .number = o->count}, o->count++;
}

/* The table in a candidate's area, if there is one -> c->filled; keep: it is added to those that were found. */
static ocrvl_status try_area(opener *o, candidate *c, bool keep, ocrvl_error *err)
{
    ocrvl_tabler *t = o->t;
    const ocrvl_area a = c->area;
    size_t words = 0, n = 0;
    c->filled = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const ocrvl_table_word *w = &t->words[i];
        double x = (w->box.x0 + w->box.x1) / 2.0, y = w->base - w->x_height / 2;
        if (!t->taken[i] && x > a.x0 && x < a.x1 && y > a.y0 && y < a.y1)
            o->which[words++] = i;
    }
    for (size_t i = 0; i < t->bars.count; i++) {
        const ocrvl_bar *b = &t->bars.at[i];
        double lo = b->vertical ? a.x0 : a.y0, hi = b->vertical ? a.x1 : a.y1, from = b->vertical ? a.y0 : a.x0,
               to = b->vertical ? a.y1 : a.x1;
        if (b->at > lo - t->unit && b->at < hi + t->unit && fmin(b->to, to) - fmax(b->from, from) > 4 * t->unit)
            o->bars[n++] = *b;
    }
    if (words < 4)
        return OCRVL_OK;
    ocrvl_grid g = {.open = true, .headed = c->headed, .striped = c->striped, .sparse = c->sparse};
    ocrvl_status st = ocrvl_grid_make(&g, t, a, o->bars, n, o->which, words, err);
    if (st)
        return st;
    g.named = ocrvl_is_named(t, &a);
    st = ocrvl_grid_put(&g, t, o->which, words, keep, &c->filled, err);
    ocrvl_grid_free(&g);
    return st;
}

static ocrvl_status gather(const opener *o, ocrvl_text_rows *out, double gap, ocrvl_error *err)
{
    size_t n = 0;
    for (uint32_t i = 0; i < o->t->count; i++)
        if (!o->t->taken[i])
            o->which[n++] = i;
    return ocrvl_text_rows_make(out, o->t, o->which, n, gap, err);
}

/* Whether a piece is of running text or of a caption. */
static bool is_prose(const opener *o, const ocrvl_piece_of_row *p)
{
    size_t n = 0;
    for (size_t i = p->first; i < p->first + p->count; i++)
        n += o->t->words[o->text.order[i]].prose || o->t->words[o->text.order[i]].names_table;
    return n * 2 > p->count;
}

/* ---- between level rules ----------------------------------------------------------------------------- */

/* How much of the rows between two rules stands in several pieces: 1, if there are few rows. */
static double tabular(const opener *o, double x0, double x1, double y0, double y1)
{
    size_t rows = 0, several = 0;
    for (size_t i = 0; i < o->text.count; i++) {
        const ocrvl_text_row *r = &o->text.at[i];
        size_t n = 0;
        if (r->base <= y0 || r->base - o->t->unit / 2 >= y1)
            continue;
        for (size_t k = r->piece; k < r->piece + r->pieces; k++) {
            double c = (o->text.pieces[k].x0 + o->text.pieces[k].x1) / 2;
            n += c > x0 && c < x1;
        }
        rows += n > 0;
        several += n > 1;
    }
    return rows == 0 ? 1 : (double)several / (double)rows;
}

/* The last of the rules of the same ends below bar i, as far as what is between them stands in pieces, or, `all`,
 * whatever it is. */
static size_t last_below(const opener *o, size_t i, bool all)
{
    const ocrvl_tabler *t = o->t;
    const ocrvl_bar *top = &t->bars.at[i];
    size_t last = i;
    for (size_t k = ocrvl_next_below(t, i); k < t->bars.count; k = ocrvl_next_below(t, k)) {
        double y0 = t->bars.at[last].at, y1 = t->bars.at[k].at;
        if (all ? y1 - y0 > MOST_BAND * t->unit : tabular(o, top->from, top->to, y0, y1) < 0.4)
            break;
        last = k;
    }
    return last;
}

/* Where rows of several pieces end that follow right below a rule, each with what follows it closely; y1 if none do. */
static double rows_below(const opener *o, const ocrvl_area *a)
{
    double end = a->y1, foot = a->y1, unit = o->t->unit;
    for (size_t i = 0; i < o->text.count; i++) {
        const ocrvl_text_row *r = &o->text.at[i];
        size_t n = 0;
        if (r->base - unit / 2 < a->y1)
            continue;
        for (size_t k = r->piece; k < r->piece + r->pieces; k++) {
            const ocrvl_piece_of_row *p = &o->text.pieces[k];
            n += p->x0 > a->x0 && p->x1 < a->x1;
        }
        if (r->top - foot > 1.5 * unit || n == 0 || (n < 2 && (end == a->y1 || r->top - foot > 0.8 * unit)))
            break;
        foot = r->foot;
        end = foot + unit / 4;
    }
    return end;
}

/* Where a row of several pieces begins that stands right above a rule, or a text's top; y0 if none does. */
static double row_above(const opener *o, const ocrvl_area *a)
{
    for (size_t i = o->text.count; i-- > 0;) {
        const ocrvl_text_row *r = &o->text.at[i];
        size_t n = 0;
        if (r->base - o->t->unit / 2 > a->y0)
            continue;
        for (size_t k = r->piece; k < r->piece + r->pieces; k++) {
            const ocrvl_piece_of_row *p = &o->text.pieces[k];
            n += p->x0 > a->x0 && p->x1 < a->x1 && !is_prose(o, p);
        }
        return a->y0 - r->foot < 1.5 * o->t->unit && n > 1 ? r->top - o->t->unit / 4 : a->y0;
    }
    return a->y0;
}

/* Whether a level bar is of stripes that were found. */
static bool is_striped(const opener *o, const ocrvl_bar *b)
{
    for (size_t i = 0; i < o->count; i++) {
        const ocrvl_area *a = &o->at[i].area;
        if (o->at[i].striped && b->from > a->x0 && b->to < a->x1 && b->at >= a->y0 && b->at <= a->y1)
            return true;
    }
    return false;
}

static void find_stripes(opener *o)
{
    const ocrvl_tabler *t = o->t;
    for (size_t i = 0; i < t->bars.count && !t->bars.at[i].vertical && o->count < MOST_CANDIDATES; i++) {
        const ocrvl_bar *top = &t->bars.at[i];
        double y1;
        if (is_striped(o, top) || !ocrvl_stripes(t, &o->text, i, &y1))
            continue;
        add_candidate(o, (ocrvl_area){top->from - t->unit, top->at, top->to + t->unit, y1}, false);
        o->at[o->count - 1].striped = true;
    }
}

/* The head of a sparse table may have narrower gaps than what is told from running text by them. */
static ocrvl_status find_named(opener *o, ocrvl_error *err)
{
    ocrvl_text_rows rows = {0};
    ocrvl_area a;
    ocrvl_status st = gather(o, &rows, NAMED_GAP, err);
    for (size_t i = 0; i < rows.count && o->count < MOST_CANDIDATES; i++)
        if (ocrvl_find_named(o->t, &rows, i, &a)) {
            add_candidate(o, a, false);
            o->at[o->count - 1].sparse = true;
        }
    ocrvl_text_rows_free(&rows);
    return st;
}

static void find_between(opener *o)
{
    const ocrvl_tabler *t = o->t;
    for (size_t i = 0; i < t->bars.count && !t->bars.at[i].vertical; i++) {
        const ocrvl_bar *top = &t->bars.at[i];
        for (int all = 0; all < 2 && top->to - top->from > 8 * t->unit; all++) {
            size_t last = last_below(o, i, all != 0);
            ocrvl_area a = {top->from - t->unit, top->at, top->to + t->unit, t->bars.at[last].at}, b = a, c;
            b.y1 = rows_below(o, &a);
            c = b;
            c.y0 = row_above(o, &a);
            if (last != i)
                add_candidate(o, a, false);
            if (b.y1 > a.y1)
                add_candidate(o, b, false);
            if (c.y0 < a.y0)
                add_candidate(o, c, true);
        }
    }
}

/* ---- rows of pieces ---------------------------------------------------------------------------------- */

typedef struct strip { /* pieces of a row without running text between them */
    size_t row, pieces;
    double x0, x1;
} strip;

typedef struct run {    /* of strips below each other */
    size_t first, last; /* rows with several pieces */
    double x0, x1, y0, y1;
    size_t rows;        /* of several pieces */
    size_t single;      /* wide rows of one piece since then */
    double base;        /* of the last row of any kind */
    double least, most; /* steps from row to row of any kind */
    bool open;
} run;

enum { MOST_RUNS = 64 };

/* Whether a piece may be one of a run's. */
static bool is_of_runs(const opener *o, const ocrvl_piece_of_row *p)
{
    double x = (p->x0 + p->x1) / 2;
    return x > o->within.x0 && x < o->within.x1 && !is_prose(o, p);
}

/* The next strip of a row from piece *at on; false: there is none. */
static bool next_strip(const opener *o, size_t row, size_t *at, strip *out)
{
    const ocrvl_text_row *r = &o->text.at[row];
    size_t end = r->base > o->within.y0 && r->base < o->within.y1 ? r->piece + r->pieces : 0;
    while (*at < end && !is_of_runs(o, &o->text.pieces[*at]))
        ++*at;
    if (*at >= end)
        return false;
    *out = (strip){row, 0, o->text.pieces[*at].x0, 0};
    for (; *at < end && is_of_runs(o, &o->text.pieces[*at]); ++*at) {
        out->x1 = o->text.pieces[*at].x1;
        out->pieces++;
    }
    return true;
}

static void close_run(opener *o, run *r)
{
    double u = o->t->unit;
    r->open = false;
    if (r->rows > 1)
        add_candidate(o, (ocrvl_area){r->x0 - u / 2, r->y0 - u / 4, r->x1 + u / 2, r->y1 + u / 4}, false);
}

static bool reaches(const run *r, const strip *s) { return s->x0 < r->x1 && s->x1 > r->x0; }

static void begin_run(const opener *o, run *r, const strip *s)
{
    const ocrvl_text_row *row = &o->text.at[s->row];
    *r = (run){s->row, s->row, s->x0, s->x1, row->top, row->foot, 1, 0, row->base, INFINITY, 0, true};
}

/* Whether a strip of one piece is a further line of a cell beside the first column: where rows stand further apart than
 * lines, it stands close. */
static bool is_further_line(const opener *o, const run *r, const strip *s, double step)
{
    return r->most > 1.12 * r->least && step < 1.05 * r->least && s->x0 > r->x0 + o->t->unit && s->x1 <= r->x1;
}

static void add_strip(const opener *o, run *r, const strip *s)
{
    const ocrvl_text_row *row = &o->text.at[s->row];
    double step = row->base - r->base;
    if (s->pieces < 2 && is_further_line(o, r, s, step))
        r->y1 = fmax(r->y1, row->foot);
    else if (s->pieces < 2)
        r->single += s->x1 - s->x0 > 0.5 * (r->x1 - r->x0);
    r->base = row->base;
    r->least = fmin(r->least, step);
    r->most = fmax(r->most, step);
    if (s->pieces < 2)
        return;
    r->single = 0;
    r->rows++;
    r->last = s->row;
    r->x0 = fmin(r->x0, s->x0);
    r->x1 = fmax(r->x1, s->x1);
    r->y1 = fmax(r->y1, row->foot);
}

static void take_strip(opener *o, run *runs, const strip *s)
{
    run *free_one = NULL;
    double base = o->text.at[s->row].base;
    for (size_t i = 0; i < MOST_RUNS; i++) {
        run *r = &runs[i];
        if (r->open && (base - r->base > FAR * o->t->unit || r->single >= 2))
            close_run(o, r);
        if (!r->open) {
            free_one = free_one ? free_one : r;
        } else if (reaches(r, s)) {
            add_strip(o, r, s);
            return;
        }
    }
    if (free_one && s->pieces >= 2)
        begin_run(o, free_one, s);
}

static void find_runs_within(opener *o, ocrvl_area within)
{
    o->within = within;
    run runs[MOST_RUNS] = {{0}};
    for (size_t i = 0; i < o->text.count; i++) {
        strip s;
        for (size_t at = o->text.at[i].piece; next_strip(o, i, &at, &s);)
            take_strip(o, runs, &s);
    }
    for (size_t i = 0; i < MOST_RUNS; i++)
        if (runs[i].open)
            close_run(o, &runs[i]);
}

typedef struct side { /* what an area has on one side of a place */
    size_t several;   /* rows of several pieces */
    double widest, x0, x1;
} side;

/* Whether level bars on both sides of x end there and none goes over it. */
static bool bars_end(const opener *o, const ocrvl_area *a, const side *s, double x)
{
    size_t ends[2] = {0};
    for (size_t i = 0; i < o->t->bars.count && !o->t->bars.at[i].vertical; i++) {
        const ocrvl_bar *b = &o->t->bars.at[i];
        size_t k = b->from >= x;
        if (b->at < a->y0 - o->t->unit || b->at > a->y1 + o->t->unit || b->to < a->x0 || b->from > a->x1)
            continue;
        if (b->from < x && b->to > x)
            return false;
        ends[k] += b->to - b->from > 0.6 * (s[k].x1 - s[k].x0);
    }
    return ends[0] > 1 && ends[1] > 1;
}

/* Whether two tables stand side by side in an area, on both sides of x: rules end there, or on one side a line runs over
 * all of its columns, as what stands above a table and below it does. */
static bool are_two(const opener *o, const ocrvl_area *a, double x)
{
    side s[2] = {{0, 0, INFINITY, -INFINITY}, {0, 0, INFINITY, -INFINITY}};
    for (size_t i = 0; i < o->text.count; i++) {
        const ocrvl_text_row *r = &o->text.at[i];
        size_t n[2] = {0};
        for (size_t k = r->piece; k < r->piece + r->pieces && r->base > a->y0 && r->base < a->y1; k++) {
            const ocrvl_piece_of_row *p = &o->text.pieces[k];
            side *to = &s[p->x0 > x];
            if (p->x1 < a->x0 || p->x0 > a->x1)
                continue;
            n[p->x0 > x]++;
            to->widest = fmax(to->widest, p->x1 - p->x0);
            to->x0 = fmin(to->x0, p->x0);
            to->x1 = fmax(to->x1, p->x1);
        }
        s[0].several += n[0] > 1;
        s[1].several += n[1] > 1;
    }
    if (s[0].several < 2 || s[1].several < 2)
        return false;
    for (int k = 0; k < 2; k++)
        if (s[k].widest > TEXT_LINE * o->t->unit && s[k].widest > 0.85 * (s[k].x1 - s[k].x0))
            return true;
    return bars_end(o, a, s, x);
}

static int by_from(const void *a, const void *b)
{
    const ocrvl_span *p = a, *q = b;
    return (p->from > q->from) - (p->from < q->from);
}

/* The place between two tables that stand side by side in an area; false: there is none. */
static bool find_two(const opener *o, const ocrvl_area *a, double *at)
{
    size_t n = 0;
    for (size_t i = 0; i < o->text.piece_count; i++) {
        const ocrvl_piece_of_row *p = &o->text.pieces[i];
        double base = o->text.at[p->row].base;
        if (base > a->y0 && base < a->y1 && p->x1 > a->x0 && p->x0 < a->x1)
            o->spans[n++] = (ocrvl_span){p->x0, p->x1};
    }
    qsort(o->spans, n, sizeof *o->spans, by_from);
    double reach = n ? o->spans[0].to : 0;
    for (size_t i = 1, gaps = 0; i < n && gaps < MOST_GAPS; i++) {
        *at = (reach + o->spans[i].from) / 2;
        bool gap = o->spans[i].from - reach > NAMED_GAP * o->t->unit;
        if (gap && are_two(o, a, *at))
            return true;
        gaps += gap;
        reach = fmax(reach, o->spans[i].to);
    }
    return false;
}

/* Runs of strips; those that two tables side by side have in common are looked for on each side. */
static void find_runs(opener *o)
{
    size_t first = o->count;
    find_runs_within(o, (ocrvl_area){-INFINITY, -INFINITY, INFINITY, INFINITY});
    for (size_t i = first; i < o->count; i++) {
        const ocrvl_area a = o->at[i].area;
        double x;
        if (!find_two(o, &a, &x))
            continue;
        o->at[i--] = o->at[--o->count];
        find_runs_within(o, (ocrvl_area){a.x0, a.y0, x, a.y1});
        find_runs_within(o, (ocrvl_area){x, a.y0, a.x1, a.y1});
    }
}

static int by_filled(const void *a, const void *b)
{
    const candidate *p = a, *q = b;
    if (p->filled != q->filled)
        return p->filled > q->filled ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

static bool meet(const ocrvl_area *a, const ocrvl_area *b)
{
    return b->x0 < a->x1 && b->x1 > a->x0 && b->y0 < a->y1 && b->y1 > a->y0;
}

/* Whether a candidate's area meets that of a table that was found, or mostly those of small ones that bars draw. */
static bool is_taken(const ocrvl_tabler *t, const candidate *c)
{
    const ocrvl_area *a = &c->area;
    size_t small = 0;
    for (size_t i = 0; i < t->small_count; i++) {
        const ocrvl_area *s = &t->small[i].area;
        if (!meet(a, s))
            continue;
        small += t->small[i].filled;
        if (s->x0 < a->x0 - 2 * t->unit || s->x1 > a->x1 + 2 * t->unit || s->y0 < a->y0 - 2 * t->unit ||
            s->y1 > a->y1 + 2 * t->unit || small * OCRVL_SMALL_PART > c->filled)
            return true;
    }
    for (size_t i = 0; i < t->out->count; i++) {
        const ocrvl_box *k = &t->out->at[i].box;
        if (k->x0 < a->x1 && k->x1 > a->x0 && k->y0 < a->y1 && k->y1 > a->y0)
            return true;
    }
    return false;
}

/* Takes the tables of the candidates, those of most cells first. */
static ocrvl_status choose(opener *o, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < o->count && !st; i++)
        st = try_area(o, &o->at[i], false, err);
    qsort(o->at, o->count, sizeof *o->at, by_filled);
    for (size_t i = 0; i < o->count && !st && o->at[i].filled; i++)
        if (!is_taken(o->t, &o->at[i]))
            st = try_area(o, &o->at[i], true, err);
    return st;
}

ocrvl_status ocrvl_find_open_tables(ocrvl_tabler *t, ocrvl_error *err)
{
    opener *o = ocrvl_alloc(sizeof *o);
    if (!o)
        return ocrvl_fail_nomem(err);
    o->t = t;
    o->which = ocrvl_alloc_array(t->count, sizeof *o->which);
    o->bars = ocrvl_alloc_array(t->bars.count + 1, sizeof *o->bars);
    ocrvl_status st = o->which && o->bars ? gather(o, &o->text, PIECE_GAP, err) : ocrvl_fail_nomem(err);
    if (!st && !(o->spans = ocrvl_alloc_array(o->text.piece_count + 1, sizeof *o->spans)))
        st = ocrvl_fail_nomem(err);
    if (!st) {
        find_stripes(o);
        st = find_named(o, err);
    }
    if (!st) {
        find_between(o);
        find_runs(o);
        st = choose(o, err);
    }
    ocrvl_text_rows_free(&o->text);
    ocrvl_free(o->which);
    ocrvl_free(o->bars);
    ocrvl_free(o->spans);
    ocrvl_free(o);
    return st;
}
