#include "read/compose.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "align/align.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "markup/markup.h"
#include "unicode/normalize.h"
#include "unicode/words.h"

/* Passages without ink and lines without text that are told one by one; the rest is counted. */
enum { TOLD = 20, NONE = -1 };

typedef struct word {
    char *text;       /* NFC or, diplomatic, as read; of libocrvl's text functions */
    const char *gap;  /* white space before it on its line, gap_len bytes of the markup's text or a constant; */
    size_t gap_len;   /* 0: none */
    uint32_t row;     /* the model's own line in its run */
    float probability;
    int32_t line;     /* of the layout; NONE: on none */
    bool unsupported;
    ocrvl_box box;    /* upright frame; all zero: none */
} word;

typedef struct holder { /* words [first, first + count) of a block or cell */
    size_t first, count;
} holder;

typedef struct composing {
    const ocrvl_composing *in;
    ocrvl_markup *m;
    size_t *byte_at;   /* [code points of the said text + 1] */
    size_t points;
    word *words;
    size_t count, cap;
    holder *blocks;    /* [block_count] */
    holder *cells;     /* [cell_count] */
    size_t transcript_until; /* code points of the said text that words account for */
    size_t *on_line;   /* [line_count] words of each line */
    bool *unread;      /* [line_count] */
} composing;

static void free_composing(composing *c)
{
    for (size_t i = 0; i < c->count; i++)
        ocrvl_text_free(c->words[i].text);
    ocrvl_free(c->words);
    ocrvl_free(c->byte_at);
    ocrvl_free(c->blocks);
    ocrvl_free(c->cells);
    ocrvl_free(c->on_line);
    ocrvl_free(c->unread);
    ocrvl_markup_free(c->m);
}

/* ---- words ------------------------------------------------------------------------------------------- */

static ocrvl_status find_points(composing *c, ocrvl_error *err)
{
    const ocrvl_transcript *s = c->in->transcript;
    c->points = ocrvl_utf8_count(s->text, s->len);
    c->byte_at = ocrvl_alloc_array(c->points + 1, sizeof *c->byte_at);
    if (!c->byte_at)
        return ocrvl_fail_nomem(err);
    size_t n = 0;
    for (size_t i = 0; i < s->len; n++) {
        c->byte_at[n] = i;
        ocrvl_utf8_next(s->text, s->len, &i);
    }
    c->byte_at[n] = s->len;
    return OCRVL_OK;
}

static bool is_space(char x) { return x == ' ' || x == '\n' || x == '\t' || x == '\r'; }

/* The product of the probabilities of the tokens that wrote code points [source[0], source[count - 1]] of the said text, with
 * the marks that stand right before ("**Total"). */
static float probability(composing *c, const uint32_t *source, size_t count)
{
    size_t from = SIZE_MAX, to = 0;
    for (size_t i = 0; i < count; i++)
        if (source[i] < c->points) {
            from = source[i] < from ? source[i] : from;
            to = source[i] + 1 > to ? source[i] + 1u : to;
        }
    if (from == SIZE_MAX)
        return -1;
    while (from > c->transcript_until && !is_space(c->in->transcript->text[c->byte_at[from - 1]]))
        from--;
    c->transcript_until = to;
    return ocrvl_transcript_probability(c->in->transcript, c->byte_at[from], c->byte_at[to]);
}

static ocrvl_status add_word(composing *c, const char *text, size_t len, word w, ocrvl_error *err)
{
    size_t n;
    if (c->count == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 256;
        word *p = ocrvl_realloc_array(c->words, cap, sizeof *p);
        if (!p)
            return ocrvl_fail_nomem(err);
        c->words = p;
        c->cap = cap;
    }
    ocrvl_status st = ocrvl_normalize_or_keep(&w.text, &n, c->in->diplomatic, text, len, err);
    if (!st)
        c->words[c->count++] = w;
    return st;
}

static bool spaced(const composing *c, size_t first, size_t i) { return i > first && c->words[i].gap_len; }

/* Between two words of a run: a space, or, diplomatic, what the model wrote there if that is on one line. */
static void set_gap(const composing *c, word *w, const char *gap, size_t len)
{
    bool keep = c->in->diplomatic && !memchr(gap, '\n', len);
    w->gap = keep ? gap : " ";
    w->gap_len = keep ? len : len > 0;
}

/* The words of a run, after those of its marker. */
static ocrvl_status add_run(composing *c, const ocrvl_markup_run *run, bool space, ocrvl_error *err)
{
    const char *text = c->m->text + run->at;
    ocrvl_word_span *spans;
    size_t n, seen = 0;
    uint32_t row = 0;
    ocrvl_status st = ocrvl_text_words(text, run->len, &spans, &n, err);
    for (size_t i = 0; !st && i < n; i++) {
        word w = {.line = NONE, .gap = " ", .gap_len = space};
        if (i)
            set_gap(c, &w, text + spans[i - 1].byte_end, spans[i].byte_start - spans[i - 1].byte_end);
        for (; seen < spans[i].byte_start; seen++)
            row += text[seen] == '\n';
        w.row = row;
        w.probability = probability(c, c->m->source + run->first + spans[i].cp_start,
                                    spans[i].cp_end - spans[i].cp_start);
        st = add_word(c, text + spans[i].byte_start, spans[i].byte_end - spans[i].byte_start, w, err);
    }
    if (!st)
        ocrvl_free(spans);
    return st;
}

static ocrvl_status add_words(composing *c, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    c->blocks = ocrvl_alloc_array(c->m->block_count, sizeof *c->blocks);
    c->cells = ocrvl_alloc_array(c->m->cell_count, sizeof *c->cells);
    if (!c->blocks || !c->cells)
        return ocrvl_fail_nomem(err);
    for (uint32_t i = 0; !st && i < c->m->block_count; i++) {
        const ocrvl_markup_block *k = &c->m->blocks[i];
        size_t first = c->count;
        if (k->marker.len)
            st = add_run(c, &k->marker, false, err);
        if (!st)
            st = add_run(c, &k->text, c->count > first, err);
        c->blocks[i] = (holder){first, c->count - first};
        for (uint32_t n = k->first_cell; !st && n < k->first_cell + k->cell_count; n++) {
            first = c->count;
            st = add_run(c, &c->m->cells[n].text, false, err);
            c->cells[n] = (holder){first, c->count - first};
        }
    }
    return st;
}

/* ---- words on ink ------------------------------------------------------------------------------------ */

/* What the line reader says of each line of the layout, and how sure it is. The texts are freed with free_lines. */
static ocrvl_status read_lines(const ocrvl_composing *in, ocrvl_align_line *lines, ocrvl_buf *texts, ocrvl_error *err)
{
    for (size_t i = 0; i < in->count; i++) {
        const ocrvl_transcript *s = &in->readings[i].transcript;
        uint32_t at = in->strips[i].line;
        if (in->readings[i].skipped || !s->len)
            continue;
        if (texts[at].len)
            ocrvl_buf_putc(&texts[at], ' ');
        ocrvl_buf_put(&texts[at], s->text, s->len);
        double sum = 0;
        for (size_t k = 0; k < s->len; k++)
            sum += s->logprob[k];
        lines[at].weight += (float)sum; /* logarithms first */
    }
    for (size_t i = 0; i < in->layout->line_count; i++) {
        if (texts[i].failed)
            return ocrvl_fail_nomem(err);
        lines[i].text = texts[i].data;
        lines[i].len = texts[i].len;
        const ocrvl_layout_line *l = &in->layout->lines[i];
        lines[i].extent = l->x_height > 0 ? (float)(l->ink.x1 - l->ink.x0) / l->x_height : 0;
        size_t letters = ocrvl_utf8_count(texts[i].data ? texts[i].data : "", texts[i].len);
        lines[i].weight = letters ? expf(lines[i].weight / (float)letters) : 0; /* of a letter, the geometric mean */
    }
    return OCRVL_OK;
}

static ocrvl_status align(composing *c, const ocrvl_align_line *lines, ocrvl_error *err)
{
    size_t n = c->in->layout->line_count;
    ocrvl_alignment *a = NULL;
    ocrvl_align_word *words = ocrvl_alloc_array(c->count, sizeof *words);
    c->on_line = ocrvl_alloc_array(n, sizeof *c->on_line);
    c->unread = ocrvl_alloc_array(n, sizeof *c->unread);
    ocrvl_status st = words && c->on_line && c->unread ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < c->count; i++)
        words[i] = (ocrvl_align_word){c->words[i].text, strlen(c->words[i].text)};
    if (!st)
        st = ocrvl_align(lines, n, words, c->count, &a, err);
    for (size_t i = 0; !st && i < c->count; i++) {
        c->words[i].line = a->words[i].line;
        c->words[i].unsupported = a->words[i].unsupported;
        if (a->words[i].line >= 0)
            c->on_line[a->words[i].line]++;
    }
    for (size_t i = 0; !st && i < n; i++)
        c->unread[i] = a->lines[i].unread;
    ocrvl_alignment_free(a);
    ocrvl_free(words);
    return st;
}

/* Boxes of the words of one line, which stand on it from left to right in the order of the text. */
static ocrvl_status place_line(composing *c, size_t line, const char **texts, ocrvl_box *boxes, ocrvl_error *err)
{
    const ocrvl_layout_line *l = &c->in->layout->lines[line];
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->words[i].line == (int32_t)line)
            texts[n++] = c->words[i].text;
    if (n == 0)
        return OCRVL_OK;
    ocrvl_status st = ocrvl_layout_place_words(c->in->layout, line, l->ink.x0, l->ink.x1, texts, n, boxes, err);
    n = 0;
    for (size_t i = 0; !st && i < c->count; i++)
        if (c->words[i].line == (int32_t)line)
            c->words[i].box = boxes[n++];
    return st;
}

static ocrvl_status put_on_ink(composing *c, ocrvl_error *err)
{
    size_t n = c->in->layout->line_count;
    ocrvl_align_line *lines = ocrvl_alloc_array(n, sizeof *lines);
    ocrvl_buf *texts = ocrvl_alloc_array(n, sizeof *texts);
    const char **words = ocrvl_alloc_array(c->count, sizeof *words);
    ocrvl_box *boxes = ocrvl_alloc_array(c->count, sizeof *boxes);
    ocrvl_status st = lines && texts && words && boxes ? read_lines(c->in, lines, texts, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = align(c, lines, err);
    for (size_t i = 0; !st && i < n; i++)
        if (c->on_line[i])
            st = place_line(c, i, words, boxes, err);
    for (size_t i = 0; texts && i < n; i++)
        ocrvl_buf_free(&texts[i]);
    ocrvl_free(lines);
    ocrvl_free(texts);
    ocrvl_free(words);
    ocrvl_free(boxes);
    return st;
}

/* ---- the tree ---------------------------------------------------------------------------------------- */

static bool inked(ocrvl_box b) { return b.x1 > b.x0 && b.y1 > b.y0; }

static ocrvl_box around(ocrvl_box a, ocrvl_box b)
{
    if (!inked(a) || !inked(b))
        return inked(a) ? a : b;
    return (ocrvl_box){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0, a.x1 > b.x1 ? a.x1 : b.x1,
                       a.y1 > b.y1 ? a.y1 : b.y1};
}

/* Whether word i begins another line of the tree: another line of ink, or, where ink says nothing, of the model's text. */
static bool new_line(const composing *c, size_t i, int32_t at)
{
    const word *w = &c->words[i];
    if (w->line != NONE && at != NONE)
        return w->line != at;
    return w->row != c->words[i - 1].row;
}

/* Box, corners and baseline of a tree line that stands on line `at` of the layout: all of its ink if all its words are here. */
static void describe_ink(const composing *c, int32_t at, size_t first, size_t count, ocrvl_node_info *info)
{
    const ocrvl_layout *l = c->in->layout;
    const ocrvl_layout_line *line = &l->lines[at];
    size_t here = 0;
    ocrvl_box k = {0};
    for (size_t i = first; i < first + count; i++)
        if (c->words[i].line == at) {
            here++;
            k = around(k, c->words[i].box);
        }
    bool whole = here == c->on_line[at];
    if (whole)
        k = ocrvl_layout_line_box(l, (size_t)at);
    if (!inked(k))
        return;
    float w = (float)(line->ink.x1 - line->ink.x0), rise = w > 0 ? (line->baseline[1] - line->baseline[0]) / w : 0;
    info->box = ocrvl_layout_box_to_page(l, k);
    info->origin = whole ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_ALIGNED;
    info->quad[0] = ocrvl_layout_to_page(l, (float)k.x0, (float)k.y0);
    info->quad[1] = ocrvl_layout_to_page(l, (float)k.x1, (float)k.y0);
    info->quad[2] = ocrvl_layout_to_page(l, (float)k.x1, (float)k.y1);
    info->quad[3] = ocrvl_layout_to_page(l, (float)k.x0, (float)k.y1);
    info->baseline[0] =
        ocrvl_layout_to_page(l, (float)k.x0, line->baseline[0] + rise * (float)(k.x0 - line->ink.x0));
    info->baseline[1] =
        ocrvl_layout_to_page(l, (float)k.x1, line->baseline[0] + rise * (float)(k.x1 - line->ink.x0));
    info->x_height = line->x_height;
}

static ocrvl_status put_words(const composing *c, const ocrvl_node_info *line, size_t first, size_t count,
                              ocrvl_error *err)
{
    uint32_t start = 0;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = first; !st && i < first + count; i++) {
        const word *w = &c->words[i];
        start += i > first ? (uint32_t)ocrvl_utf8_count(w->gap, w->gap_len) : 0;
        ocrvl_node_info info = {.size = sizeof info, .kind = OCRVL_WORD, .text = w->text, .start = start,
                                .confidence = w->probability};
        ocrvl_text_differs(w->text, line, &info);
        if (inked(w->box)) {
            info.box = ocrvl_layout_box_to_page(c->in->layout, w->box);
            info.origin = OCRVL_ORIGIN_ALIGNED;
        }
        start += (uint32_t)ocrvl_utf8_count(w->text, strlen(w->text));
        st = ocrvl_builder_open(c->in->b, &info, err);
        if (!st)
            st = ocrvl_builder_close(c->in->b, err);
    }
    return st;
}

static ocrvl_status put_line(const composing *c, int32_t at, size_t first, size_t count, ocrvl_error *err)
{
    ocrvl_buf text = {0};
    ocrvl_node_info info = {.size = sizeof info, .kind = OCRVL_LINE, .confidence = -1};
    for (size_t i = first; i < first + count; i++) {
        if (i > first)
            ocrvl_buf_put(&text, c->words[i].gap, c->words[i].gap_len);
        ocrvl_buf_puts(&text, c->words[i].text);
    }
    ocrvl_status st = text.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
    if (!st) {
        info.text = text.data;
        info.lang = ocrvl_text_language(text.data, text.len);
        info.dir = ocrvl_text_direction(text.data, text.len);
        if (at != NONE)
            describe_ink(c, at, first, count, &info);
        st = ocrvl_builder_open(c->in->b, &info, err);
    }
    if (!st)
        st = put_words(c, &info, first, count, err);
    ocrvl_buf_free(&text);
    return st ? st : ocrvl_builder_close(c->in->b, err);
}

static ocrvl_status put_lines(const composing *c, holder h, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    size_t end = h.first + h.count;
    for (size_t i = h.first, first = i; !st && i < end; first = i) {
        int32_t at = c->words[i].line;
        for (i++; i < end && !new_line(c, i, at); i++)
            at = at == NONE ? c->words[i].line : at;
        st = put_line(c, at, first, i - first, err);
    }
    return st;
}

/* The box around a holder's words in the page, from their lines' ink. */
static void describe_box(const composing *c, holder h, ocrvl_node_info *info)
{
    ocrvl_box k = {0};
    for (size_t i = h.first; i < h.first + h.count; i++)
        k = around(k, c->words[i].box);
    if (!inked(k))
        return;
    info->box = ocrvl_layout_box_to_page(c->in->layout, k);
    info->origin = OCRVL_ORIGIN_ALIGNED;
}

static ocrvl_status put_cells(const composing *c, const ocrvl_markup_block *k, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (uint32_t i = k->first_cell; !st && i < k->first_cell + k->cell_count; i++) {
        const ocrvl_markup_cell *cell = &c->m->cells[i];
        ocrvl_node_info info = {.size = sizeof info, .kind = OCRVL_CELL, .row = cell->row, .col = cell->col,
                                .row_span = cell->row_span, .col_span = cell->col_span, .header = cell->header,
                                .confidence = -1};
        describe_box(c, c->cells[i], &info);
        st = ocrvl_builder_open(c->in->b, &info, err);
        if (!st)
            st = put_lines(c, c->cells[i], err);
        if (!st)
            st = ocrvl_builder_close(c->in->b, err);
    }
    return st;
}

static ocrvl_status put_block(const composing *c, uint32_t i, ocrvl_error *err)
{
    const ocrvl_markup_block *k = &c->m->blocks[i];
    holder all = c->blocks[i];
    if (k->cell_count) {
        const holder *last = &c->cells[k->first_cell + k->cell_count - 1];
        all = (holder){c->cells[k->first_cell].first, last->first + last->count - c->cells[k->first_cell].first};
    }
    ocrvl_node_info info = {.size = sizeof info, .kind = OCRVL_BLOCK, .role = k->role, .level = k->level,
                            .confidence = -1};
    if (k->role == OCRVL_ROLE_FORMULA)
        info.latex = c->m->text + k->text.at;
    describe_box(c, all, &info);
    ocrvl_status st = ocrvl_builder_open(c->in->b, &info, err);
    if (!st)
        st = k->role == OCRVL_ROLE_TABLE ? put_cells(c, k, err) : put_lines(c, c->blocks[i], err);
    return st ? st : ocrvl_builder_close(c->in->b, err);
}

/* ---- doubt ------------------------------------------------------------------------------------------- */

static ocrvl_status warn_repairs(const composing *c, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (int r = 0; !st && r < OCRVL_MARKUP_REPAIRS; r++)
        if (c->m->repairs[r].count)
            st = ocrvl_builder_warn(c->in->b, ocrvl_markup_repair_code((ocrvl_markup_repair)r),
                                    ocrvl_markup_repair_message((ocrvl_markup_repair)r), false, err);
    return st;
}

static ocrvl_status warn_text(const composing *c, const char *code, const char *before, const char *text,
                              const char *after, ocrvl_error *err)
{
    ocrvl_buf b = {0};
    size_t len = strlen(text), cut = ocrvl_utf8_offset(text, len, 80);
    ocrvl_buf_printf(&b, "%s\"", before);
    ocrvl_buf_put(&b, text, cut);
    ocrvl_buf_printf(&b, "%s\"%s", cut < len ? "..." : "", after);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(err) : ocrvl_builder_warn(c->in->b, code, b.data, c->in->strict, err);
    ocrvl_buf_free(&b);
    return st;
}

/* Runs of words that the page doesn't show. */
static ocrvl_status warn_unsupported(const composing *c, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    size_t told = 0, passages = 0;
    for (size_t i = 0; !st && i < c->count; i++) {
        if (!c->words[i].unsupported)
            continue;
        ocrvl_buf text = {0};
        for (size_t first = i; i < c->count && c->words[i].unsupported; i++)
            ocrvl_buf_printf(&text, "%s%s", spaced(c, first, i) ? " " : "", c->words[i].text);
        passages++;
        if (text.failed)
            st = ocrvl_fail_nomem(err);
        else if (told++ < TOLD)
            st = warn_text(c, "unsupported", "no ink on the page for ", text.data, "", err);
        ocrvl_buf_free(&text);
    }
    if (st || passages <= TOLD)
        return st;
    char message[80];
    snprintf(message, sizeof message, "no ink on the page for %zu more passages", passages - TOLD);
    return ocrvl_builder_warn(c->in->b, "unsupported", message, c->in->strict, err);
}

/* Lines of ink that no text is for. */
static ocrvl_status warn_unread(const composing *c, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    size_t told = 0, lines = 0;
    char message[96];
    for (size_t i = 0; !st && c->unread && i < c->in->layout->line_count; i++) {
        if (!c->unread[i])
            continue;
        ocrvl_box k = ocrvl_layout_box_to_page(c->in->layout, c->in->layout->lines[i].ink);
        lines++;
        if (told++ >= TOLD)
            continue;
        snprintf(message, sizeof message, "no text for the line at %d,%d to %d,%d", k.x0, k.y0, k.x1, k.y1);
        st = ocrvl_builder_warn(c->in->b, "unread", message, c->in->strict, err);
    }
    if (st || lines <= TOLD)
        return st;
    snprintf(message, sizeof message, "no text for %zu more lines", lines - TOLD);
    return ocrvl_builder_warn(c->in->b, "unread", message, c->in->strict, err);
}

static ocrvl_status compose(composing *c, ocrvl_error *err)
{
    bool markdown = c->in->output == OCRVL_OUTPUT_MARKDOWN || c->in->output == OCRVL_OUTPUT_FRONT_MATTER ||
                    c->in->output == OCRVL_OUTPUT_OLMOCR_JSON;
    ocrvl_status st = ocrvl_markup_parse(&c->m, c->in->transcript->text, c->in->transcript->len,
                                         markdown ? OCRVL_MARKUP_MARKDOWN : OCRVL_MARKUP_PLAIN, err);
    if (!st)
        st = find_points(c, err);
    if (!st)
        st = add_words(c, err);
    if (!st && c->in->readings)
        st = put_on_ink(c, err);
    for (uint32_t i = 0; !st && i < c->m->block_count; i++)
        st = put_block(c, i, err);
    if (!st && markdown)
        st = ocrvl_builder_markdown(c->in->b, c->in->transcript->text, err);
    if (!st)
        st = warn_repairs(c, err);
    if (!st)
        st = warn_unsupported(c, err);
    return st ? st : warn_unread(c, err);
}

ocrvl_status ocrvl_compose(const ocrvl_composing *in, ocrvl_error *err)
{
    composing c = {.in = in};
    if (in->output == OCRVL_OUTPUT_GROUNDING)
        return ocrvl_compose_grounding(in, err);
    ocrvl_status st = compose(&c, err);
    free_composing(&c);
    return st;
}
