/* A page as files describe it: nodes are collected, and added to the builder when all are there and their order is
 * known. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/image.h"
#include "base/languages.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "in/result.h"

static bool keep(ocrvl_draft *d, ocrvl_status st)
{
    if (st && !d->failed)
        d->failed = st;
    return !d->failed;
}

void ocrvl_draft_free(ocrvl_draft *d)
{
    ocrvl_builder_free(d->builder);
    ocrvl_buf_free(&d->text);
    ocrvl_buf_free(&d->scratch);
    ocrvl_buf_free(&d->strings);
    ocrvl_free(d->words);
    ocrvl_free(d->nodes);
    ocrvl_free(d->points);
    memset(d, 0, sizeof *d);
}

void ocrvl_draft_page(ocrvl_draft *d, uint32_t width, uint32_t height, double dpi_x, double dpi_y)
{
    ocrvl_builder_free(d->builder);
    d->builder = NULL;
    d->unsized = width == 0 || height == 0;
    d->width = d->unsized ? OCRVL_MAX_SIDE : width;
    d->height = d->unsized ? OCRVL_MAX_SIDE : height;
    d->right = d->bottom = 0;
    d->outside = 0;
    d->direct = false;
    d->block = d->cell = d->line = (ocrvl_node_info){0};
    d->block_opened = d->cell_opened = false;
    d->failed = OCRVL_OK;
    d->node_count = d->point_count = 0;
    ocrvl_buf_clear(&d->strings);
    d->scale = d->scale > 0 ? d->scale : 1;
    keep(d, ocrvl_builder_new(&d->builder, d->width, d->height, dpi_x, dpi_y, &d->why));
}

/* Writes the language tag that the file gives to `out` and returns it; returns NULL if there is none. */
static const char *take_lang(char out[OCRVL_DRAFT_TAG], const char *lang)
{
    const char *tag = lang && *lang ? ocrvl_language_tag(lang) : NULL;
    if (!tag || strlen(tag) >= OCRVL_DRAFT_TAG)
        return NULL;
    memcpy(out, tag, strlen(tag) + 1);
    return out;
}

static ocrvl_node_info info_of(ocrvl_kind kind, ocrvl_box box)
{
    ocrvl_node_info i = {.size = sizeof i, .kind = kind, .box = box, .row_span = 1, .col_span = 1};
    i.origin = box.x1 > box.x0 ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_NONE;
    return i;
}

static size_t keep_string(ocrvl_draft *d, const char *s, size_t len)
{
    size_t at = d->strings.len;
    if (!s)
        return SIZE_MAX;
    ocrvl_buf_put(&d->strings, s, len);
    ocrvl_buf_put(&d->strings, "", 1);
    return at;
}

/* text is for lines and words and has len bytes. */
static bool put_node(ocrvl_draft *d, const ocrvl_node_info *info, const char *text, size_t len)
{
    if (d->failed)
        return false;
    if (!OCRVL_ARRAY_RESERVE(d->nodes, d->node_cap, d->node_count + 1))
        return keep(d, ocrvl_fail_nomem(&d->why));
    ocrvl_draft_node *n = &d->nodes[d->node_count++];
    *n = (ocrvl_draft_node){.info = *info, .rank = info->kind == OCRVL_BLOCK ? d->rank : d->line_rank};
    n->polygon = d->polygon;
    n->curve = d->curve;
    n->text = keep_string(d, text, len);
    n->lang = keep_string(d, info->lang, info->lang ? strlen(info->lang) : 0);
    n->info.text = n->info.lang = NULL;
    return d->strings.failed ? keep(d, ocrvl_fail_nomem(&d->why)) : true;
}

static void open_block(ocrvl_draft *d)
{
    if (!d->failed && !d->block_opened && d->block.kind)
        d->block_opened = put_node(d, &d->block, NULL, 0);
}

void ocrvl_draft_block(ocrvl_draft *d, ocrvl_role role, ocrvl_box box, const char *lang)
{
    ocrvl_draft_block_end(d);
    if (!d->builder) /* no page is open */
        return;
    d->block = info_of(OCRVL_BLOCK, box);
    d->block.role = role;
    d->block.lang = take_lang(d->block_lang, lang);
    d->block_used = false;
    d->rank = SIZE_MAX;
}

void ocrvl_draft_cell(ocrvl_draft *d, uint32_t row, uint32_t col, uint32_t rows, uint32_t cols, ocrvl_box box)
{
    ocrvl_draft_cell_end(d);
    if (!d->builder || !d->block.kind || d->block.role != OCRVL_ROLE_TABLE)
        return;
    open_block(d);
    d->block_used = true;
    d->cell = info_of(OCRVL_CELL, box);
    d->cell.row = row;
    d->cell.col = col;
    d->cell.row_span = rows;
    d->cell.col_span = cols;
}

/* Cells become nodes at their first line or at their end, so that the caller may describe them until then. */
static void open_cell(ocrvl_draft *d)
{
    if (!d->failed && !d->cell_opened && d->cell.kind)
        d->cell_opened = put_node(d, &d->cell, NULL, 0);
}

void ocrvl_draft_line(ocrvl_draft *d, ocrvl_box box, const char *lang)
{
    ocrvl_draft_line_end(d);
    if (!d->builder)
        return;
    if (d->block.kind && d->block.role == OCRVL_ROLE_TABLE && !d->cell.kind && !d->block_opened)
        d->block.role = OCRVL_ROLE_PARAGRAPH; /* lines are only in cells of a table, so this isn't a table */
    else if (!d->block.kind || (d->block.role == OCRVL_ROLE_TABLE && !d->cell.kind))
        ocrvl_draft_block(d, OCRVL_ROLE_PARAGRAPH, (ocrvl_box){0}, NULL);
    d->block_used = true;
    d->line = info_of(OCRVL_LINE, box);
    d->line.lang = take_lang(d->line_lang, lang);
    d->line_rank = SIZE_MAX;
    d->polygon = d->curve = 0;
    ocrvl_buf_clear(&d->text);
    d->spaces = 0;
    d->count = 0;
}

static ocrvl_point scaled(const ocrvl_draft *d, const double p[2])
{
    return (ocrvl_point){(float)(p[0] * d->scale), (float)(p[1] * d->scale)};
}

/* Keeps n points of the open line; returns where they begin. */
static size_t keep_points(ocrvl_draft *d, const ocrvl_points *p, size_t n, uint32_t *count)
{
    size_t at = d->point_count;
    *count = 0;
    if (d->failed)
        return 0;
    if (!OCRVL_ARRAY_RESERVE(d->points, d->point_cap, at + n)) {
        keep(d, ocrvl_fail_nomem(&d->why));
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        d->points[at + i] = scaled(d, p->at[i]);
    d->point_count += n;
    *count = (uint32_t)n;
    return at;
}

void ocrvl_draft_outline(ocrvl_draft *d, const ocrvl_points *p, size_t n)
{
    d->line.polygon_count = 0;
    for (size_t i = 0; i < 4; i++)
        d->line.quad[i] = n == 4 ? scaled(d, p->at[i]) : (ocrvl_point){0, 0};
    if (n > 4 && n <= OCRVL_MAX_POINTS)
        d->polygon = keep_points(d, p, n, &d->line.polygon_count);
}

void ocrvl_draft_baseline(ocrvl_draft *d, const ocrvl_points *p, size_t n)
{
    n = n < OCRVL_MAX_POINTS ? n : OCRVL_MAX_POINTS;
    d->line.curve_count = 0;
    if (n < 2)
        return;
    d->line.baseline[0] = scaled(d, p->at[0]);
    d->line.baseline[1] = scaled(d, p->at[n - 1]);
    if (n > 2)
        d->curve = keep_points(d, p, n, &d->line.curve_count);
}

static bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/* How many code points aren't white space. */
static size_t visible(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len;) {
        bool white = is_white(text[i]);
        ocrvl_utf8_next(text, len, &i);
        count += !white;
    }
    return count;
}

void ocrvl_draft_text(ocrvl_draft *d, const char *text, size_t len)
{
    if (!d->line.kind && d->builder)
        d->outside += visible(text, len);
    if (!d->line.kind || d->failed)
        return;
    for (size_t i = 0; i < len;) {
        size_t from = i;
        while (i < len && is_white(text[i]))
            i++;
        d->spaces += i - from;
        from = i;
        while (i < len && !is_white(text[i]))
            i++;
        if (i == from)
            break;
        size_t spaces = d->text.len == 0 ? 0 : d->exact ? d->spaces : d->spaces > 0;
        while (spaces-- > 0)
            ocrvl_buf_putc(&d->text, ' ');
        d->spaces = 0;
        ocrvl_draft_word *w = d->count ? &d->words[d->count - 1] : NULL;
        if (w && w->len == SIZE_MAX) { /* the word gets its text now */
            w->byte = d->text.len;
            w->len = SIZE_MAX - 1;
        }
        ocrvl_buf_put(&d->text, text + from, i - from);
    }
}

void ocrvl_draft_word_end(ocrvl_draft *d)
{
    ocrvl_draft_word *w = d->count ? &d->words[d->count - 1] : NULL;
    if (!w || w->len < SIZE_MAX - 1)
        return;
    if (w->len == SIZE_MAX) /* a word without text is dropped */
        d->count--;
    else
        w->len = d->text.len - w->byte;
}

void ocrvl_draft_word_begin(ocrvl_draft *d, ocrvl_box box, float confidence, const char *lang)
{
    if (!d->line.kind || d->failed)
        return;
    ocrvl_draft_word_end(d);
    if (!OCRVL_ARRAY_RESERVE(d->words, d->cap, d->count + 1)) {
        keep(d, ocrvl_fail_nomem(&d->why));
        return;
    }
    ocrvl_draft_word *w = &d->words[d->count++];
    memset(w, 0, sizeof *w);
    w->len = SIZE_MAX;
    w->box = box;
    w->origin = box.x1 > box.x0 ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_NONE;
    w->confidence = confidence;
    take_lang(w->lang, lang);
}

/* Replaces ill-formed UTF-8, which the builder refuses, by U+FFFD. */
static void mend(ocrvl_draft *d)
{
    size_t n = d->text.len;
    if (d->text.failed || n == 0 || ocrvl_utf8_valid(d->text.data, n))
        return;
    ocrvl_buf_clear(&d->scratch);
    for (size_t i = 0; i < n;) {
        uint32_t c = ocrvl_utf8_next(d->text.data, n, &i);
        ocrvl_buf_put_codepoint(&d->scratch, c == OCRVL_UTF8_BAD ? 0xFFFD : c);
    }
    d->count = 0; /* their offsets are lost; the text stays */
    ocrvl_buf swap = d->text;
    d->text = d->scratch;
    d->scratch = swap;
}

static void put_words(ocrvl_draft *d)
{
    uint32_t cp = 0;
    size_t at = 0;
    for (size_t k = 0; k < d->count && !d->failed; k++) {
        const ocrvl_draft_word *w = &d->words[k];
        const char *text = d->text.data + w->byte;
        ocrvl_node_info i = info_of(OCRVL_WORD, w->box);
        cp += (uint32_t)ocrvl_utf8_count(d->text.data + at, w->byte - at);
        i.start = cp;
        i.origin = w->origin;
        i.confidence = w->confidence;
        i.lang = *w->lang ? w->lang : NULL;
        put_node(d, &i, text, w->len);
        cp += (uint32_t)ocrvl_utf8_count(text, w->len);
        at = w->byte + w->len;
    }
}

void ocrvl_draft_line_end(ocrvl_draft *d)
{
    if (!d->line.kind)
        return;
    ocrvl_draft_word_end(d);
    open_block(d);
    open_cell(d);
    mend(d);
    if (d->text.failed || d->scratch.failed)
        keep(d, ocrvl_fail_nomem(&d->why));
    if (put_node(d, &d->line, d->text.data ? d->text.data : "", d->text.len))
        put_words(d);
    d->line.kind = 0;
}

void ocrvl_draft_cell_end(ocrvl_draft *d)
{
    ocrvl_draft_line_end(d);
    open_cell(d);
    d->cell.kind = 0;
    d->cell_opened = false;
}

void ocrvl_draft_block_end(ocrvl_draft *d)
{
    ocrvl_draft_cell_end(d);
    open_block(d);
    d->block.kind = 0;
    d->block_opened = false;
}

/* ---- the page ---------------------------------------------------------------------------------------- */

typedef struct piece { /* a block, cell or line with everything inside it */
    ocrvl_draft_node *first, *end;
} piece;

static int compare_ranks(const void *a, const void *b)
{
    const ocrvl_draft_node *x = ((const piece *)a)->first, *y = ((const piece *)b)->first;
    return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) : (x > y) - (x < y);
}

static int compare_cells(const void *a, const void *b)
{
    const ocrvl_draft_node *x = ((const piece *)a)->first, *y = ((const piece *)b)->first;
    if (x->info.row != y->info.row)
        return x->info.row < y->info.row ? -1 : 1;
    if (x->info.col != y->info.col)
        return x->info.col < y->info.col ? -1 : 1;
    return (x > y) - (x < y);
}

/* The pieces of that kind in [first, end), sorted; NULL if memory is exhausted. */
static piece *pieces_of(ocrvl_draft_node *first, ocrvl_draft_node *end, ocrvl_kind kind, size_t *count)
{
    *count = 0;
    for (ocrvl_draft_node *n = first; n < end; n++)
        *count += n->info.kind == kind;
    piece *p = ocrvl_alloc_array(*count + 1, sizeof *p);
    size_t k = 0;
    for (ocrvl_draft_node *n = first; p && n < end; n++)
        if (n->info.kind == kind) {
            if (k)
                p[k - 1].end = n;
            p[k++] = (piece){n, end};
        }
    if (p && k > 1)
        qsort(p, k, sizeof *p, kind == OCRVL_CELL ? compare_cells : compare_ranks);
    return p;
}

static ocrvl_status open_node(ocrvl_draft *d, const ocrvl_draft_node *n)
{
    ocrvl_node_info i = n->info;
    i.text = n->text == SIZE_MAX ? NULL : d->strings.data + n->text;
    i.lang = n->lang == SIZE_MAX ? NULL : d->strings.data + n->lang;
    i.polygon = i.polygon_count ? d->points + n->polygon : NULL;
    i.curve = i.curve_count ? d->points + n->curve : NULL;
    return ocrvl_builder_open(d->builder, &i, &d->why);
}

static ocrvl_status play_line(ocrvl_draft *d, piece line)
{
    ocrvl_status st = open_node(d, line.first);
    for (const ocrvl_draft_node *word = line.first + 1; !st && word < line.end; word++) {
        st = open_node(d, word);
        if (!st)
            st = ocrvl_builder_close(d->builder, &d->why);
    }
    return st ? st : ocrvl_builder_close(d->builder, &d->why);
}

/* parent is a block without cells, or a cell. */
static ocrvl_status play_lines(ocrvl_draft *d, piece parent)
{
    size_t count;
    piece *lines = pieces_of(parent.first, parent.end, OCRVL_LINE, &count);
    ocrvl_status st = lines ? open_node(d, parent.first) : ocrvl_fail_nomem(&d->why);
    for (size_t k = 0; !st && k < count; k++)
        st = play_line(d, lines[k]);
    ocrvl_free(lines);
    return st ? st : ocrvl_builder_close(d->builder, &d->why);
}

/* Makes a cell fit into the free positions of its row. until [COLUMNS] is the first row in which a column is free
 * again; col is the first column of the row that may be taken. */
#define COLUMNS 1000u
static void fit_cell(ocrvl_node_info *cell, const uint32_t *until, uint32_t col)
{
    uint32_t span = 0;
    cell->col = cell->col < col ? col : cell->col;
    while (cell->col < COLUMNS && until[cell->col] > cell->row)
        cell->col++;
    while (span < cell->col_span && cell->col + span < COLUMNS && until[cell->col + span] <= cell->row)
        span++;
    cell->col_span = span ? span : 1;
    cell->row_span = cell->row_span ? cell->row_span : 1;
}

static ocrvl_status play_table(ocrvl_draft *d, piece table)
{
    uint32_t until[COLUMNS] = {0}, row = 0, col = 0;
    size_t count;
    piece *cells = pieces_of(table.first, table.end, OCRVL_CELL, &count);
    ocrvl_status st = cells ? open_node(d, table.first) : ocrvl_fail_nomem(&d->why);
    for (size_t k = 0; !st && k < count; k++) {
        ocrvl_node_info *cell = &cells[k].first->info;
        col = cell->row == row ? col : 0;
        row = cell->row;
        fit_cell(cell, until, col);
        for (uint32_t c = cell->col; c < COLUMNS && c < cell->col + cell->col_span; c++)
            until[c] = cell->row + cell->row_span;
        col = cell->col + cell->col_span;
        st = play_lines(d, cells[k]);
    }
    ocrvl_free(cells);
    return st ? st : ocrvl_builder_close(d->builder, &d->why);
}

/* A block without rank gets the first of its lines' ranks. */
static void rank_blocks(ocrvl_draft *d)
{
    ocrvl_draft_node *block = NULL;
    bool told = true;
    for (ocrvl_draft_node *n = d->nodes; n < d->nodes + d->node_count; n++) {
        if (n->info.kind == OCRVL_BLOCK) {
            block = n;
            told = n->rank != SIZE_MAX;
        } else if (n->info.kind == OCRVL_LINE && !told && block && n->rank < block->rank) {
            block->rank = n->rank;
        }
    }
}

static ocrvl_status play(ocrvl_draft *d)
{
    size_t count;
    rank_blocks(d);
    piece *blocks = pieces_of(d->nodes, d->nodes + d->node_count, OCRVL_BLOCK, &count);
    ocrvl_status st = blocks ? OCRVL_OK : ocrvl_fail_nomem(&d->why);
    for (size_t k = 0; !st && k < count; k++)
        st = blocks[k].first->info.role == OCRVL_ROLE_TABLE ? play_table(d, blocks[k]) : play_lines(d, blocks[k]);
    ocrvl_free(blocks);
    return st;
}

void ocrvl_draft_abandon(ocrvl_draft *d)
{
    ocrvl_builder_free(d->builder);
    d->builder = NULL;
    d->block.kind = d->cell.kind = d->line.kind = 0;
    d->block_opened = d->cell_opened = false;
    d->failed = OCRVL_OK;
}

static ocrvl_status tell_outside(ocrvl_draft *d)
{
    char text[96];
    snprintf(text, sizeof text, "%zu characters that stand outside of lines are left out", d->outside);
    return ocrvl_builder_warn(d->builder, "text_left_out", text, true, &d->why);
}

static bool is_empty(const ocrvl_draft *d) { return d->node_count == 0 && !d->direct; }

static ocrvl_status tell_unsized(ocrvl_draft *d)
{
    if (is_empty(d))
        return ocrvl_builder_fail(d->builder, "failed", "the page has no size", &d->why);
    return ocrvl_builder_warn(d->builder, "page_size",
                              d->right ? "the page's size isn't given: it is as large as its boxes need"
                                       : "neither the page's size nor any box is given: it is as large as an A4 page",
                              false, &d->why);
}

/* A4 at 300 dpi, for pages of which no box is known. */
#define USUAL_WIDTH 2480
#define USUAL_HEIGHT 3508

static ocrvl_status set_size(ocrvl_draft *d, ocrvl_page *page)
{
    if (is_empty(d))
        return ocrvl_page_set_size(page, 0, 0, &d->why);
    bool boxes = d->right > 0;
    return ocrvl_page_set_size(page, boxes ? (uint32_t)d->right : USUAL_WIDTH,
                               boxes ? (uint32_t)d->bottom : USUAL_HEIGHT, &d->why);
}

ocrvl_status ocrvl_draft_finish(ocrvl_draft *d, ocrvl_page **page, ocrvl_error *err)
{
    ocrvl_draft_block_end(d);
    *page = NULL;
    if (!d->failed && d->outside)
        keep(d, tell_outside(d));
    if (!d->failed && d->unsized)
        keep(d, tell_unsized(d));
    if (!d->failed && d->node_count)
        keep(d, play(d));
    if (!d->failed)
        keep(d, ocrvl_builder_finish(d->builder, page, &d->why));
    if (!d->failed && d->unsized)
        keep(d, set_size(d, *page));
    ocrvl_builder_free(d->builder);
    d->builder = NULL;
    if (d->failed) {
        ocrvl_page_free(*page);
        *page = NULL;
    }
    if (d->failed && err)
        *err = d->why;
    return d->failed;
}

/* ---- numbers ----------------------------------------------------------------------------------------- */

ocrvl_box ocrvl_draft_box(ocrvl_draft *d, double x0, double y0, double x1, double y1)
{
    double v[4] = {x0 * d->scale, y0 * d->scale, x1 * d->scale, y1 * d->scale};
    for (int i = 0; i < 4; i++) {
        double most = i % 2 ? d->height : d->width;
        v[i] = v[i] > 0 ? (v[i] < most ? v[i] : most) : 0; /* NaN becomes 0 too */
    }
    ocrvl_box b = {(int32_t)lround(v[0]), (int32_t)lround(v[1]), (int32_t)lround(v[2]), (int32_t)lround(v[3])};
    if (b.x1 <= b.x0 || b.y1 <= b.y0)
        return (ocrvl_box){0};
    d->right = b.x1 > d->right ? b.x1 : d->right;
    d->bottom = b.y1 > d->bottom ? b.y1 : d->bottom;
    return b;
}

bool ocrvl_parse_number(const char **s, double *out)
{
    const char *p = *s + strspn(*s, " \t\r\n");
    bool minus = *p == '-';
    double v = 0, unit = 1;
    p += *p == '-' || *p == '+';
    size_t whole = strspn(p, "0123456789");
    for (size_t i = 0; i < whole; i++)
        v = v * 10 + (p[i] - '0');
    p += whole;
    size_t part = *p == '.' ? strspn(p + 1, "0123456789") : 0;
    for (size_t i = 1; i <= part; i++)
        v += (unit /= 10) * (p[i] - '0');
    p += part ? part + 1 : whole && *p == '.';
    if (whole + part == 0 || v > 1e15)
        return false;
    *out = minus ? -v : v;
    *s = p;
    return true;
}

size_t ocrvl_parse_points(const char *s, double (*points)[2], size_t cap)
{
    size_t n = 0;
    double x, y;
    while (ocrvl_parse_number(&s, &x)) {
        s += strspn(s, " ,");
        if (!ocrvl_parse_number(&s, &y))
            break;
        s += strspn(s, " ,");
        if (n < cap) {
            points[n][0] = x;
            points[n][1] = y;
        }
        n++;
    }
    return n;
}
