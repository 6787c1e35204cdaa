#include "read/page_tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "layout/shades.h"
#include "read/prose.h"
#include "structure/marks.h"

void ocrvl_page_tables_free(ocrvl_page_tables *t)
{
    ocrvl_tables_free(&t->found);
    ocrvl_free(t->table_of);
    ocrvl_free(t->line_of);
    *t = (ocrvl_page_tables){0};
}

/* ---- what words are like ----------------------------------------------------------------------------- */

static bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xC3; }

/* Whether a word is what stands in columns of numbers: a number with what little is written with it, a sign of a currency
 * or of a share, a dash, "n.a.". */
static bool is_number(const char *s)
{
    static const char *const none[] = {"n.a.",   "n/a",    "N/A",    "NA",     "na",  "n.d.", "n.s.", "%",   "$",
                                       "\u20AC", "\u00A3", "\u00A5", "\u2030", "EUR", "USD",  "CHF",  "GBP", NULL};
    size_t letters = 0, digits = 0;
    for (size_t i = 0; none[i]; i++)
        if (strcmp(s, none[i]) == 0)
            return true;
    for (const unsigned char *c = (const unsigned char *)s; *c; c++) {
        digits += *c >= '0' && *c <= '9';
        letters += is_letter(*c);
        if (letters && !digits && *c != 0xE2) /* as of the sign of the euro */
            return false;
    }
    if (digits == 0)
        return strspn(s, "-.:*") == strlen(s) || strcmp(s, "\u2013") == 0 || strcmp(s, "\u2014") == 0 ||
               strcmp(s, "\u2212") == 0 || strcmp(s, "\u2026") == 0;
    return letters <= 2 && digits >= letters;
}

/* Of "12", "(12)", "12."; -1: it isn't such a number. */
static int32_t value_of(const char *s)
{
    s += *s == '(';
    size_t n = strspn(s, "0123456789");
    int32_t v = 0;
    if (n == 0 || n > 6 || strspn(s + n, ".)") != strlen(s + n))
        return -1;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (s[i] - '0');
    return v;
}

static bool is_dots(const char *s)
{
    size_t n = strspn(s, ".");
    return s[n] == '\0' && n > 0;
}

/* Whether dots lead through a line. */
static bool is_led(const ocrvl_result *r, const ocrvl_result_line *l)
{
    size_t dots = 0;
    for (size_t i = l->first; i < l->first + l->count; i++)
        if (is_dots(r->words[i].text))
            dots += strlen(r->words[i].text);
    return dots >= 5;
}

/* Whether a line begins with a table's name and number, as "Table 3:" and "Tab. IV"; of the names of captions those of
 * tables alone have this initial. */
static bool names_table(const ocrvl_result *r, const ocrvl_result_line *l)
{
    const ocrvl_result_word *w = &r->words[l->first];
    if (l->count < 2 || (w[0].text[0] | 32) != 't' || !ocrvl_names_caption(w[0].text))
        return false;
    const char *s = w[1].text, *next = l->count > 2 ? w[2].text : "";
    size_t n = strspn(s, "0123456789.-IVX"), last = strlen(s);
    bool parted = n && (strchr(".:", s[last - 1]) || strspn(next, ".:|-") || !(next[0] >= 'a' && next[0] <= 'z'));
    return n >= 1 && n + 2 >= last && parted;
}

/* ---- finding ----------------------------------------------------------------------------------------- */

typedef struct gathering {
    const ocrvl_result *r;
    const ocrvl_result_line *lines;
    ocrvl_table_word *words;
    uint32_t *which; /* of the result's words */
    size_t count;
} gathering;

static void gather_line(gathering *g, size_t index, bool prose)
{
    const ocrvl_result_line *l = &g->lines[index];
    const ocrvl_layout_line *line = &g->r->layout->lines[index];
    float width = (float)(line->ink.x1 - line->ink.x0),
          rise = width > 0 ? (line->baseline[1] - line->baseline[0]) / width : 0;
    bool led = is_led(g->r, l), caption = names_table(g->r, l);
    if (!(line->x_height > 0))
        return;
    for (size_t i = l->first; i < l->first + l->count; i++) {
        const ocrvl_result_word *w = &g->r->words[i];
        if (ocrvl_box_is_empty(w->box))
            continue;
        g->which[g->count] = (uint32_t)i;
        g->words[g->count++] = (ocrvl_table_word){
            .box = w->box,
            .base = line->baseline[0] + rise * (float)((w->box.x0 + w->box.x1) / 2 - line->ink.x0),
            .x_height = line->x_height,
            .number = is_number(w->text),
            .figures = strpbrk(w->text, "0123456789") != NULL,
            .group = strspn(w->text, "0123456789") == 3 && strcspn(w->text + 3, "0123456789") == strlen(w->text + 3),
            .value = value_of(w->text),
            .lower = w->text[0] >= 'a' && w->text[0] <= 'z',
            .bold = w->style && w->style->bold,
            .mono = w->style && w->style->mono,
            .led = led,
            .dots = led && is_dots(w->text),
            .prose = prose,
            .names_table = caption};
    }
}

static void gather(gathering *g)
{
    const ocrvl_layout *l = g->r->layout;
    for (size_t i = 0; i < l->block_count; i++) {
        const ocrvl_layout_block *k = &l->blocks[i];
        bool prose = ocrvl_is_prose(g->r, g->lines, k);
        for (size_t n = k->first_line; n < k->first_line + k->lines; n++)
            gather_line(g, n, prose);
    }
}

/* The letter that a figure may have been read as where it stands alone; 0: none. */
static char figure_of(const char *s)
{
    return s[0] == '\0' || s[1] != '\0' ? 0 : strchr("oO", s[0]) ? '0' : strchr("lI|", s[0]) ? '1' : 0;
}

/* Single letters that were read in a column of numbers are the figures that look like them. */
static void mend_column(const ocrvl_tables *t, const ocrvl_table *table, uint32_t col, ocrvl_result *r)
{
    size_t numbers = 0, others = 0;
    for (int round = 0; round < 2 && (!round || numbers > 2 * others); round++)
        for (size_t c = table->first; c < table->first + table->count; c++) {
            const ocrvl_table_cell *cell = &t->cells[c];
            if (cell->col != col || cell->header || cell->count == 0)
                continue;
            ocrvl_result_word *w = &r->words[t->words[cell->first]];
            char figure = cell->count == 1 && w->origin != OCRVL_ORIGIN_NATIVE ? figure_of(w->text) : 0;
            numbers += !round && !figure && is_number(w->text);
            others += !round && !figure && !is_number(w->text);
            if (round && figure)
                w->text[0] = figure;
        }
}

/* Whether the document says where lines stand: then the borders that it draws are among the rules. */
static bool has_known(const ocrvl_layout *l)
{
    for (size_t i = 0; i < l->line_count; i++)
        if (l->lines[i].known)
            return true;
    return false;
}

/* Rules, and the borders of shaded areas -> *out, an array [*n] that is the caller's. */
static ocrvl_status gather_rules(ocrvl_layout_rule **out, size_t *n, const ocrvl_layout *l, ocrvl_error *err)
{
    ocrvl_borders shades = {0};
    *out = NULL;
    *n = l->rule_count;
    ocrvl_status st = has_known(l) ? OCRVL_OK : ocrvl_find_shades(&shades, l, err);
    if (!st && !(*out = ocrvl_alloc_array(*n + shades.count + 1, sizeof **out)))
        st = ocrvl_fail_nomem(err);
    if (!st && *n)
        memcpy(*out, l->rules, *n * sizeof **out);
    for (size_t i = 0; !st && i < shades.count; i++)
        (*out)[(*n)++] = (ocrvl_layout_rule){shades.at[i].box, shades.at[i].vertical};
    ocrvl_borders_free(&shades);
    return st;
}

static int by_number(const void *a, const void *b)
{
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

/* A cell's words are told from the left: those of a line that runs from right to left are put as they are read. */
static void order_line(ocrvl_page_tables *t, const ocrvl_table_cell *c)
{
    uint32_t *words = t->found.words + c->first;
    for (size_t i = 0, end; i < c->count; i = end) {
        for (end = i + 1; end < c->count && t->line_of[words[end]] == t->line_of[words[i]]; end++)
            ;
        qsort(words + i, end - i, sizeof *words, by_number);
    }
}

/* How many more letters of a table's words run from right to left than others. */
static int64_t leftward(const ocrvl_tables *t, const ocrvl_table *table, const ocrvl_result *r)
{
    int64_t more = 0;
    for (size_t c = table->first; c < table->first + table->count; c++)
        for (size_t k = t->cells[c].first; k < t->cells[c].first + t->cells[c].count; k++) {
            const char *text = r->words[t->words[k]].text;
            more += ocrvl_utf8_leftward(text, strlen(text));
        }
    return more;
}

static int by_row(const void *a, const void *b)
{
    const ocrvl_table_cell *p = a, *q = b;
    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    return (p->col > q->col) - (p->col < q->col);
}

/* The columns of a table in a script that runs from right to left begin at the right. */
static void mirror(ocrvl_tables *t, const ocrvl_table *table)
{
    ocrvl_table_cell *c = t->cells + table->first;
    uint32_t columns = 0;
    for (size_t i = 0; i < table->count; i++)
        columns = c[i].col + c[i].col_span > columns ? c[i].col + c[i].col_span : columns;
    for (size_t i = 0; i < table->count; i++)
        c[i].col = columns - c[i].col - c[i].col_span;
    qsort(c, table->count, sizeof *c, by_row);
}

ocrvl_status ocrvl_page_tables_find(ocrvl_page_tables *out, ocrvl_result *r, const ocrvl_result_line *lines,
                                    ocrvl_error *err)
{
    gathering g = {.r = r, .lines = lines};
    ocrvl_layout_rule *rules = NULL;
    size_t rule_count;
    g.words = ocrvl_alloc_array(r->count + 1, sizeof *g.words);
    g.which = ocrvl_alloc_array(r->count + 1, sizeof *g.which);
    out->table_of = ocrvl_alloc_array(r->count + 1, sizeof *out->table_of);
    out->line_of = ocrvl_alloc_array(r->count + 1, sizeof *out->line_of);
    ocrvl_status st = g.words && g.which && out->table_of && out->line_of ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (uint32_t i = 0; !st && i < r->layout->line_count; i++)
        for (size_t w = lines[i].first; w < lines[i].first + lines[i].count; w++)
            out->line_of[w] = i;
    if (!st) {
        gather(&g);
        st = gather_rules(&rules, &rule_count, r->layout, err);
    }
    if (!st)
        st = ocrvl_tables_find(&out->found, g.words, g.count, rules, rule_count, err);
    ocrvl_free(rules);
    for (size_t i = 0; !st && i < out->found.word_count; i++)
        out->found.words[i] = g.which[out->found.words[i]];
    for (size_t c = 0; !st && c < out->found.cell_count; c++)
        order_line(out, &out->found.cells[c]);
    for (size_t i = 0; !st && i < out->found.count; i++)
        for (size_t c = out->found.at[i].first; c < out->found.at[i].first + out->found.at[i].count; c++)
            for (size_t w = 0; w < out->found.cells[c].count; w++)
                out->table_of[out->found.words[out->found.cells[c].first + w]] = (uint32_t)i + 1;
    for (size_t i = 0; !st && i < out->found.count; i++)
        if (leftward(&out->found, &out->found.at[i], r) > 0)
            mirror(&out->found, &out->found.at[i]);
    for (size_t i = 0; !st && i < out->found.count; i++) {
        uint32_t cols = 0;
        for (size_t c = out->found.at[i].first; c < out->found.at[i].first + out->found.at[i].count; c++)
            cols = out->found.cells[c].col >= cols ? out->found.cells[c].col + 1 : cols;
        for (uint32_t c = 0; c < cols; c++)
            mend_column(&out->found, &out->found.at[i], c, r);
    }
    ocrvl_free(g.words);
    ocrvl_free(g.which);
    if (st)
        ocrvl_page_tables_free(out);
    return st;
}

/* ---- putting ----------------------------------------------------------------------------------------- */

ocrvl_status ocrvl_put_part(ocrvl_result *r, const ocrvl_result_line *whole, size_t first, size_t count,
                            ocrvl_error *err)
{
    ocrvl_result_line l = *whole;
    bool all = first == whole->first && count == whole->count;
    l.first = first;
    l.count = count;
    l.whole &= all;
    l.lead = first == whole->first ? l.lead : 0;
    if (!all && l.ink == OCRVL_NO_INK)
        l.box = ocrvl_result_around(r, first, count);
    return ocrvl_result_put_line(r, &l, err);
}

static ocrvl_origin origin_of(const ocrvl_result *r, const uint32_t *words, size_t n)
{
    bool native = n > 0;
    for (size_t i = 0; i < n; i++)
        native &= r->words[words[i]].origin == OCRVL_ORIGIN_NATIVE;
    return native ? OCRVL_ORIGIN_NATIVE : OCRVL_ORIGIN_ALIGNED;
}

/* The words of a cell [n], each run of one line as a line. */
static ocrvl_status put_words(const ocrvl_page_tables *t, ocrvl_result *r, const ocrvl_result_line *lines,
                              const uint32_t *words, size_t n, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0, end; i < n && !st; i = end) {
        const ocrvl_result_line *whole = &lines[t->line_of[words[i]]];
        ocrvl_result_line level = *whole;
        level.lead = 0; /* a column's place says what the spaces of set-out text said */
        for (end = i + 1; end < n && words[end] == words[end - 1] + 1 && words[end] < whole->first + whole->count;
             end++)
            if (r->words[words[end]].gap_len > 1 && *r->words[words[end]].gap == ' ')
                r->words[words[end]].gap_len = 1;
        st = ocrvl_put_part(r, &level, words[i], end - i, err);
    }
    return st;
}

static ocrvl_status put_cell(const ocrvl_page_tables *t, const ocrvl_table_cell *c, ocrvl_result *r,
                             const ocrvl_result_line *lines, ocrvl_error *err)
{
    const uint32_t *words = t->found.words + c->first;
    ocrvl_node_info info = {.size = sizeof info,
                            .kind = OCRVL_CELL,
                            .row = c->row,
                            .col = c->col,
                            .row_span = c->row_span,
                            .col_span = c->col_span,
                            .header = c->header,
                            .confidence = -1,
                            .origin = origin_of(r, words, c->count)};
    for (size_t i = 0; i < c->count; i++)
        info.box = ocrvl_box_union(info.box, r->words[words[i]].box);
    ocrvl_status st = ocrvl_result_open(r, &info, err);
    if (!st)
        st = put_words(t, r, lines, words, c->count, err);
    return st ? st : ocrvl_builder_close(r->b, err);
}

ocrvl_status ocrvl_page_tables_put(const ocrvl_page_tables *t, size_t i, ocrvl_result *r,
                                   const ocrvl_result_line *lines, ocrvl_error *err)
{
    const ocrvl_table *table = &t->found.at[i];
    ocrvl_node_info info = {.size = sizeof info,
                            .kind = OCRVL_BLOCK,
                            .role = OCRVL_ROLE_TABLE,
                            .confidence = -1,
                            .box = table->box,
                            .origin = OCRVL_ORIGIN_INK};
    ocrvl_status st = ocrvl_result_open(r, &info, err);
    for (size_t c = table->first; c < table->first + table->count && !st; c++)
        st = put_cell(t, &t->found.cells[c], r, lines, err);
    return st ? st : ocrvl_builder_close(r->b, err);
}
