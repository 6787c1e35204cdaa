/* Vertical writing of Chinese, Japanese and Korean: each character is a word and a line of its own to poppler where its
 * font isn't one for vertical writing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/compare.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/own_join.h"

#define SAME_COLUMN 0.4 /* sizes between the middles of characters of one column */
#define NEXT 2.5        /* sizes down to the next character at most, after white space */
#define FURTHEST 1.5    /* sizes, usually */
#define CLOSER 0.85     /* characters are nearer to one another down a column than columns are to columns */
enum { LEAST = 8, MOST = 20000 };

typedef struct cell { /* a character */
    size_t word;
    double x, y, size; /* its middle, and its width */
    bool strong;       /* it is of a script that is written so; others stand amid them */
} cell;

static bool is_of_column(uint32_t c)
{
    return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE10 && c <= 0xFE4F) || (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x20000 && c <= 0x3FFFF);
}

static int by_column(const void *a, const void *b)
{
    const cell *p = a, *q = b;
    if (p->x != q->x)
        return p->x > q->x ? -1 : 1; /* the rightmost column is read first */
    return (p->y > q->y) - (p->y < q->y);
}

static int by_height(const void *a, const void *b)
{
    const cell *p = a, *q = b;
    return p->y != q->y ? (p->y > q->y) - (p->y < q->y) : (p->word > q->word) - (p->word < q->word);
}

/* Words of one or two characters on level lines; returns how many there are, MOST of them at most, and how many are
 * strong. */
static size_t find_cells(cell *cells, size_t *strong, const ocrvl_own_lines *o)
{
    size_t n = 0;
    *strong = 0;
    for (size_t i = 0; i < o->line_count; i++)
        for (size_t k = 0; k < o->lines[i].count && !o->lines[i].turn && n < MOST; k++) {
            size_t word = o->lines[i].first + k, len = strlen(o->words[word].text), at = 0;
            const ocrvl_box *b = &o->words[word].box;
            bool of_column = is_of_column(ocrvl_utf8_next(o->words[word].text, len, &at));
            if (ocrvl_utf8_count(o->words[word].text, len) > 2)
                continue;
            cells[n++] = (cell){word, (b->x0 + b->x1) / 2.0, (b->y0 + b->y1) / 2.0, b->x1 - b->x0, of_column};
            *strong += of_column;
        }
    return n;
}

/* The end of the column that begins with cell i; its cells are sorted by height then. */
static size_t column_end(cell *cells, size_t n, size_t i, double size)
{
    size_t end = i + 1;
    while (end < n && cells[end - 1].x - cells[end].x < SAME_COLUMN * size / 2 &&
           cells[i].x - cells[end].x < SAME_COLUMN * size)
        end++;
    qsort(cells + i, end - i, sizeof *cells, by_height);
    return end;
}

static double median(double *v, size_t n)
{
    if (n)
        qsort(v, n, sizeof *v, ocrvl_compare_doubles);
    return n ? v[n / 2] : 0;
}

/* Whether the characters [n], which it sorts by columns, stand nearer to one another down the columns than across. v:
 * scratch for n values. *size: of the characters. */
static bool is_vertical(cell *cells, size_t n, double *size, double *v)
{
    size_t steps = 0;
    for (size_t i = 0; i < n; i++)
        v[i] = cells[i].size;
    *size = median(v, n);
    qsort(cells, n, sizeof *cells, by_column);
    double x = NAN, across = INFINITY;
    for (size_t i = 0, end; i < n; i = end) {
        end = column_end(cells, n, i, *size);
        if (end - i > 1 && x - cells[i].x < across)
            across = x - cells[i].x;
        x = end - i > 1 ? cells[i].x : x;
        for (size_t k = i + 1; k < end; k++)
            v[steps++] = cells[k].y - cells[k - 1].y;
    }
    double step = median(v, steps);
    return steps * 2 > n && step < FURTHEST * *size && step < CLOSER * across;
}

/* Makes cells [n], one below the other, a word and a line of it, unless few are of scripts that are written so. */
static ocrvl_status add_stack(ocrvl_own_lines *out, ocrvl_own_lines *o, const cell *cells, size_t n, bool *taken,
                              double size, ocrvl_error *err)
{
    size_t len = 1, strong = 0;
    for (size_t i = 0; i < n; i++) {
        len += strlen(o->words[cells[i].word].text);
        strong += cells[i].strong;
    }
    if (n < 2 || strong * 2 <= n)
        return OCRVL_OK;
    char *text = ocrvl_alloc(len), *to = text;
    if (!text || !OCRVL_ARRAY_RESERVE(o->extra, o->extra_cap, o->extra_count + 1)) {
        ocrvl_free(text);
        return ocrvl_fail_nomem(err);
    }
    o->extra[o->extra_count++] = text;
    ocrvl_own_word word = o->words[cells[0].word];
    for (size_t i = 0; i < n; i++) {
        const ocrvl_own_word *w = &o->words[cells[i].word];
        size_t bytes = strlen(w->text);
        memcpy(to, w->text, bytes);
        to += bytes;
        word.box = ocrvl_box_union(word.box, w->box);
        taken[cells[i].word] = true;
    }
    word.text = text;
    word.raised = 0;
    ocrvl_own_line line = {.first = out->word_count, .count = 1, .box = word.box, .turn = 90};
    ocrvl_own_line_place(&line, size);
    out->words[out->word_count++] = word;
    out->lines[out->line_count++] = line;
    return OCRVL_OK;
}

/* Adds what is left of a line without the words that are taken. */
static void add_rest(ocrvl_own_lines *out, const ocrvl_own_lines *o, const ocrvl_own_line *l, const bool *taken)
{
    ocrvl_own_line line = *l;
    line.first = out->word_count;
    line.count = 0;
    for (size_t i = l->first; i < l->first + l->count; i++) {
        if (taken[i])
            continue;
        line.box = line.count ? ocrvl_box_union(line.box, o->words[i].box) : o->words[i].box;
        out->words[out->word_count++] = o->words[i];
        line.count++;
    }
    if (line.count)
        out->lines[out->line_count++] = line;
}

/* Makes lines of the columns of cells [n], which are sorted by them. */
static ocrvl_status rebuild(ocrvl_own_lines *o, const cell *cells, size_t n, double size, ocrvl_error *err)
{
    size_t words = o->word_count + 1;
    ocrvl_own_lines out = {.lines = ocrvl_alloc_array(o->line_count + words, sizeof *out.lines),
                           .words = ocrvl_alloc_array(words, sizeof *out.words)};
    bool *taken = ocrvl_alloc_array(words, sizeof *taken);
    ocrvl_status st = out.lines && out.words && taken ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0, end; i < n && !st; i = end) {
        for (end = i + 1; end < n && fabs(cells[end].x - cells[i].x) < SAME_COLUMN * size &&
                          cells[end].y > cells[end - 1].y && cells[end].y - cells[end - 1].y < NEXT * size;)
            end++;
        st = add_stack(&out, o, &cells[i], end - i, taken, size, err);
    }
    for (size_t i = 0; i < o->line_count && !st; i++)
        add_rest(&out, o, &o->lines[i], taken);
    ocrvl_free(taken);
    if (st) {
        ocrvl_free(out.lines);
        ocrvl_free(out.words);
        return st;
    }
    ocrvl_own_lines_replace(o, &out);
    return OCRVL_OK;
}

ocrvl_status ocrvl_own_lines_stack(ocrvl_own_lines *o, ocrvl_error *err)
{
    size_t most = o->word_count < MOST ? o->word_count : MOST, strong;
    cell *cells = ocrvl_alloc_array(most + 1, sizeof *cells);
    double *v = ocrvl_alloc_array(most + 1, sizeof *v), size;
    ocrvl_status st = cells && v ? OCRVL_OK : ocrvl_fail_nomem(err);
    size_t n = st ? 0 : find_cells(cells, &strong, o);
    if (n && strong >= LEAST && strong * 2 > o->word_count && is_vertical(cells, n, &size, v))
        st = rebuild(o, cells, n, size, err);
    ocrvl_free(cells);
    ocrvl_free(v);
    return st;
}
