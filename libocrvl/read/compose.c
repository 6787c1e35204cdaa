#include "read/compose.h"

#include <stdio.h>
#include <string.h>

#include "align/align.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/maths.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "markup/markup.h"
#include "read/check_boxes.h"
#include "read/result.h"

/* Passages without ink and lines without text that have a warning each; the rest is counted. */
enum { MAX_WARNINGS = 20 };

typedef struct holder { /* words [first, first + count) of a block or cell */
    size_t first, count;
} holder;

typedef struct composing {
    const ocrvl_composing *in;
    ocrvl_result r;
    ocrvl_markup *m;
    size_t *byte_at; /* [code points of the transcript + 1] */
    size_t points;
    size_t transcript_until; /* code points of the transcript that words account for */
    const uint32_t *source;  /* of the run whose words are added: the transcript's code point of each of its own */
    holder *blocks;          /* [block_count] */
    size_t *region_of;       /* [block_count] the region of each, or SIZE_MAX; with regions */
    size_t region;           /* the next region without text that hasn't been put */
    holder *cells;           /* [cell_count] */
    bool *unsupported;       /* [words] */
    size_t *on_line;         /* [line_count] words of each line */
    bool *unread;            /* [line_count] */
} composing;

static void free_composing(composing *c)
{
    ocrvl_result_free(&c->r);
    ocrvl_free(c->byte_at);
    ocrvl_free(c->blocks);
    ocrvl_free(c->region_of);
    ocrvl_free(c->cells);
    ocrvl_free(c->unsupported);
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

/* The product of the probabilities of the tokens that wrote a word of the run, with the marks that stand right before
 * ("**Total"). */
static float probability(void *user, const ocrvl_word_span *span)
{
    composing *c = user;
    size_t from = SIZE_MAX, to = 0;
    for (const uint32_t *at = c->source + span->cp_start; at < c->source + span->cp_end; at++)
        if (*at < c->points) {
            from = *at < from ? *at : from;
            to = *at + 1 > to ? *at + 1u : to;
        }
    if (from == SIZE_MAX)
        return -1;
    while (from > c->transcript_until && !is_space(c->in->transcript->text[c->byte_at[from - 1]]))
        from--;
    c->transcript_until = to;
    return ocrvl_transcript_probability(c->in->transcript, c->byte_at[from], c->byte_at[to]);
}

/* The words of a run; spaced: after those of its marker. */
static ocrvl_status add_run(composing *c, const ocrvl_markup_run *run, bool spaced, ocrvl_error *err)
{
    c->source = c->m->source + run->first;
    ocrvl_passage p = {c->m->text + run->at, run->len, spaced, probability, c};
    return ocrvl_result_add(&c->r, &p, err);
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
        size_t first = c->r.count;
        if (k->marker.len)
            st = add_run(c, &k->marker, false, err);
        if (!st)
            st = add_run(c, &k->text, c->r.count > first, err);
        c->blocks[i] = (holder){first, c->r.count - first};
        for (uint32_t n = k->first_cell; !st && n < k->first_cell + k->cell_count; n++) {
            first = c->r.count;
            st = add_run(c, &c->m->cells[n].text, false, err);
            c->cells[n] = (holder){first, c->r.count - first};
        }
    }
    return st;
}

/* ---- words on ink ------------------------------------------------------------------------------------ */

/* What the line reader says of each line of the layout, and how sure it is. The texts are freed with free_lines. */
static ocrvl_status read_lines(const ocrvl_composing *in, ocrvl_align_line *lines, ocrvl_buf *texts, ocrvl_error *err)
{
    for (size_t i = 0; i < in->lines->count; i++) {
        const ocrvl_transcript *s = &in->lines->readings[i].transcript;
        uint32_t at = in->lines->strips[i].line;
        if (in->lines->readings[i].skipped || !s->len)
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
        /* of a letter, the geometric mean */
        lines[i].weight = letters ? (float)ocrvl_exp((double)lines[i].weight / (double)letters) : 0;
    }
    return OCRVL_OK;
}

static ocrvl_status align(composing *c, const ocrvl_align_line *lines, ocrvl_error *err)
{
    size_t n = c->in->layout->line_count;
    ocrvl_alignment *a = NULL;
    ocrvl_align_word *words = ocrvl_alloc_array(c->r.count, sizeof *words);
    c->unsupported = ocrvl_alloc_array(c->r.count, sizeof *c->unsupported);
    c->on_line = ocrvl_alloc_array(n, sizeof *c->on_line);
    c->unread = ocrvl_alloc_array(n, sizeof *c->unread);
    ocrvl_status st = words && c->unsupported && c->on_line && c->unread ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < c->r.count; i++)
        words[i] = (ocrvl_align_word){c->r.words[i].text, strlen(c->r.words[i].text)};
    if (!st)
        st = ocrvl_align(lines, n, words, c->r.count, &a, err);
    for (size_t i = 0; !st && i < c->r.count; i++) {
        c->r.words[i].ink = a->words[i].line >= 0 ? a->words[i].line : OCRVL_NO_INK;
        c->unsupported[i] = a->words[i].unsupported;
        if (a->words[i].line >= 0)
            c->on_line[a->words[i].line]++;
    }
    for (size_t i = 0; !st && i < n; i++)
        c->unread[i] = a->lines[i].unread;
    ocrvl_alignment_free(a);
    ocrvl_free(words);
    return st;
}

static ocrvl_status place_line(composing *c, size_t line, size_t *which, ocrvl_error *err)
{
    const ocrvl_layout_line *l = &c->in->layout->lines[line];
    size_t n = 0;
    for (size_t i = 0; i < c->r.count; i++)
        if (c->r.words[i].ink == (int32_t)line)
            which[n++] = i;
    return ocrvl_result_place(&c->r, line, l->ink.x0, l->ink.x1, which, n, err);
}

static ocrvl_status put_on_ink(composing *c, ocrvl_error *err)
{
    size_t n = c->in->layout->line_count;
    ocrvl_align_line *lines = ocrvl_alloc_array(n, sizeof *lines);
    ocrvl_buf *texts = ocrvl_alloc_array(n, sizeof *texts);
    size_t *which = ocrvl_alloc_array(c->r.count, sizeof *which);
    ocrvl_status st = lines && texts && which ? read_lines(c->in, lines, texts, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = align(c, lines, err);
    for (size_t i = 0; !st && i < n; i++)
        if (c->on_line[i])
            st = place_line(c, i, which, err);
    for (size_t i = 0; texts && i < n; i++)
        ocrvl_buf_free(&texts[i]);
    ocrvl_free(lines);
    ocrvl_free(texts);
    ocrvl_free(which);
    return st;
}

/* ---- the tree ---------------------------------------------------------------------------------------- */

/* Whether word i begins another line of the tree: another line of ink, or, where ink says nothing, of the model's text.
 */
static bool new_line(const composing *c, size_t i, int32_t at)
{
    const ocrvl_result_word *w = &c->r.words[i];
    if (w->ink != OCRVL_NO_INK && at != OCRVL_NO_INK)
        return w->ink != at;
    return w->row != c->r.words[i - 1].row;
}

/* Whether all words that stand on the ink of a line are this line's. */
static bool is_whole(const composing *c, const ocrvl_result_line *l)
{
    size_t here = 0;
    for (size_t i = l->first; i < l->first + l->count; i++)
        here += c->r.words[i].ink == l->ink;
    return l->ink != OCRVL_NO_INK && here == c->on_line[l->ink];
}

/* Spaces at the beginning of a line of code. */
static size_t indent_of(const char *code, uint32_t row)
{
    while (row && *(code += strcspn(code, "\n"))) {
        code++;
        row--;
    }
    return strspn(code, " ");
}

/* code: the text of what is code, whose lines keep their spaces; else NULL. */
static ocrvl_status put_lines(composing *c, holder h, const char *code, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    size_t end = h.first + h.count;
    for (size_t i = h.first; !st && i < end;) {
        ocrvl_result_line l = {.first = i, .ink = c->r.words[i].ink};
        for (i++; i < end && !new_line(c, i, l.ink); i++)
            l.ink = l.ink == OCRVL_NO_INK ? c->r.words[i].ink : l.ink;
        l.count = i - l.first;
        l.whole = is_whole(c, &l);
        l.lead = code ? indent_of(code, c->r.words[l.first].row) : 0;
        st = ocrvl_result_put_line(&c->r, &l, err);
    }
    return st;
}

/* Opens a block or cell, whose box is around its words on ink. */
static ocrvl_status open_around(composing *c, holder h, ocrvl_node_info *info, ocrvl_error *err)
{
    info->box = ocrvl_result_around(&c->r, h.first, h.count);
    info->origin = OCRVL_ORIGIN_ALIGNED;
    return ocrvl_result_open(&c->r, info, err);
}

static ocrvl_status put_cells(composing *c, const ocrvl_markup_block *k, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (uint32_t i = k->first_cell; !st && i < k->first_cell + k->cell_count; i++) {
        const ocrvl_markup_cell *cell = &c->m->cells[i];
        ocrvl_node_info info = {.size = sizeof info,
                                .kind = OCRVL_CELL,
                                .row = cell->row,
                                .col = cell->col,
                                .row_span = cell->row_span,
                                .col_span = cell->col_span,
                                .header = cell->header,
                                .confidence = -1};
        st = open_around(c, c->cells[i], &info, err);
        if (!st)
            st = put_lines(c, c->cells[i], NULL, err);
        if (!st)
            st = ocrvl_builder_close(c->in->b, err);
    }
    return st;
}

/* ---- regions ----------------------------------------------------------------------------------------- */

/* The byte of the transcript at which a block's text begins; SIZE_MAX: it has none. */
static size_t block_at(const composing *c, const ocrvl_markup_block *k)
{
    const ocrvl_markup_run *run = k->marker.count ? &k->marker : &k->text;
    for (uint32_t i = k->first_cell; !run->count && i < k->first_cell + k->cell_count; i++)
        run = &c->m->cells[i].text;
    uint32_t at = run->count ? c->m->source[run->first] : UINT32_MAX;
    return at < c->points ? c->byte_at[at] : SIZE_MAX;
}

static ocrvl_status find_regions(composing *c, ocrvl_error *err)
{
    if (!c->in->regions)
        return OCRVL_OK;
    c->region_of = ocrvl_alloc_array(c->m->block_count, sizeof *c->region_of);
    if (!c->region_of)
        return ocrvl_fail_nomem(err);
    for (uint32_t i = 0; i < c->m->block_count; i++) {
        size_t at = block_at(c, &c->m->blocks[i]);
        c->region_of[i] = at == SIZE_MAX ? SIZE_MAX : ocrvl_model_regions_find(c->in->regions, at);
    }
    return OCRVL_OK;
}

static bool has_box(ocrvl_box b) { return b.x1 > b.x0 && b.y1 > b.y0; }

/* What the model says of the block's region: its box, if the region has no other block or none of its words stands on
 * ink, and the role of a paragraph. */
static void take_region(const composing *c, uint32_t i, ocrvl_node_info *info)
{
    size_t at = c->region_of ? c->region_of[i] : SIZE_MAX;
    if (at == SIZE_MAX)
        return;
    const ocrvl_model_region *r = &c->in->regions->list[at];
    bool first = i == 0 || c->region_of[i - 1] != at;
    bool alone = first && (i + 1 == c->m->block_count || c->region_of[i + 1] != at);
    if (has_box(r->box) && (alone || !has_box(info->box))) {
        info->box = ocrvl_upright_to_page(c->in->layout, r->box);
        info->origin = OCRVL_ORIGIN_MODEL;
    }
    if (info->role == OCRVL_ROLE_PARAGRAPH && r->role != OCRVL_ROLE_PARAGRAPH) {
        info->role = r->role;
        info->level = r->level;
    }
    info->continues = first && r->continues;
}

/* The regions without text that stand before byte `at`: figures. */
static ocrvl_status put_figures(composing *c, size_t at, ocrvl_error *err)
{
    const ocrvl_model_regions *all = c->in->regions;
    ocrvl_status st = OCRVL_OK;
    for (; !st && all && c->region < all->count && all->list[c->region].from <= at; c->region++) {
        const ocrvl_model_region *r = &all->list[c->region];
        if (r->to > r->from || !has_box(r->box))
            continue;
        ocrvl_node_info info = {.size = sizeof info,
                                .kind = OCRVL_BLOCK,
                                .role = OCRVL_ROLE_FIGURE,
                                .confidence = -1,
                                .box = ocrvl_upright_to_page(c->in->layout, r->box),
                                .origin = OCRVL_ORIGIN_MODEL};
        st = ocrvl_result_open(&c->r, &info, err);
        if (!st)
            st = ocrvl_builder_close(c->in->b, err);
    }
    return st;
}

static ocrvl_status put_block(composing *c, uint32_t i, ocrvl_error *err)
{
    const ocrvl_markup_block *k = &c->m->blocks[i];
    holder all = c->blocks[i];
    if (k->cell_count) {
        const holder *last = &c->cells[k->first_cell + k->cell_count - 1];
        all = (holder){c->cells[k->first_cell].first, last->first + last->count - c->cells[k->first_cell].first};
    }
    ocrvl_node_info info = {
        .size = sizeof info, .kind = OCRVL_BLOCK, .role = k->role, .level = k->level, .confidence = -1};
    if (k->role == OCRVL_ROLE_FORMULA)
        info.latex = c->m->text + k->text.at;
    info.box = ocrvl_result_around(&c->r, all.first, all.count);
    info.origin = OCRVL_ORIGIN_ALIGNED;
    take_region(c, i, &info);
    if (info.role == OCRVL_ROLE_PARAGRAPH && ocrvl_begins_with_check_box(c->m->text + k->text.at))
        info.role = OCRVL_ROLE_FORM_FIELD;
    const char *code = k->role == OCRVL_ROLE_CODE ? c->m->text + k->text.at : NULL;
    size_t at = c->region_of ? block_at(c, k) : SIZE_MAX;
    ocrvl_status st = at == SIZE_MAX ? OCRVL_OK : put_figures(c, at, err);
    if (!st)
        st = ocrvl_result_open(&c->r, &info, err);
    if (!st)
        st = k->role == OCRVL_ROLE_TABLE ? put_cells(c, k, err) : put_lines(c, c->blocks[i], code, err);
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
    size_t reported = 0, passages = 0;
    for (size_t i = 0; !st && c->unsupported && i < c->r.count; i++) {
        if (!c->unsupported[i])
            continue;
        ocrvl_buf text = {0};
        for (size_t first = i; i < c->r.count && c->unsupported[i]; i++)
            ocrvl_buf_printf(&text, "%s%s", i > first && c->r.words[i].gap_len ? " " : "", c->r.words[i].text);
        passages++;
        if (text.failed)
            st = ocrvl_fail_nomem(err);
        else if (reported++ < MAX_WARNINGS)
            st = warn_text(c, "unsupported", "there is no ink on the page for ", text.data, "", err);
        ocrvl_buf_free(&text);
    }
    if (st || passages <= MAX_WARNINGS)
        return st;
    char message[80];
    snprintf(message, sizeof message, "there is no ink on the page for %zu more passages", passages - MAX_WARNINGS);
    return ocrvl_builder_warn(c->in->b, "unsupported", message, c->in->strict, err);
}

/* Lines of ink that no text is for. */
static ocrvl_status warn_unread(const composing *c, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    size_t reported = 0, lines = 0;
    char message[96];
    for (size_t i = 0; !st && c->unread && i < c->in->layout->line_count; i++) {
        if (!c->unread[i])
            continue;
        ocrvl_box k = ocrvl_layout_box_to_page(c->in->layout, c->in->layout->lines[i].ink);
        lines++;
        if (reported++ >= MAX_WARNINGS)
            continue;
        snprintf(message, sizeof message, "the answer has no text for the line at %d,%d to %d,%d", k.x0, k.y0, k.x1,
                 k.y1);
        st = ocrvl_builder_warn_at(c->in->b, "unread", message, k, c->in->strict, err);
    }
    if (st || lines <= MAX_WARNINGS)
        return st;
    snprintf(message, sizeof message, "the answer has no text for %zu more lines", lines - MAX_WARNINGS);
    return ocrvl_builder_warn(c->in->b, "unread", message, c->in->strict, err);
}

/* The page's Markdown: what the model wrote, without front matter, which says things about the page. */
static ocrvl_status keep_markdown(composing *c, ocrvl_error *err)
{
    const ocrvl_transcript *said = c->in->transcript;
    const char *text = c->in->markdown ? c->in->markdown : said->text;
    size_t from = 0;
    for (uint32_t i = 0; text == said->text && i < c->m->front.end; i++)
        ocrvl_utf8_next(text, said->len, &from);
    return ocrvl_builder_markdown(c->in->b, text + from, err);
}

static ocrvl_status compose(composing *c, ocrvl_error *err)
{
    bool markdown = c->in->output == OCRVL_OUTPUT_MARKDOWN || c->in->output == OCRVL_OUTPUT_FRONT_MATTER ||
                    c->in->output == OCRVL_OUTPUT_OLMOCR_JSON || c->in->output == OCRVL_OUTPUT_HTML;
    ocrvl_status st = ocrvl_markup_parse(&c->m, c->in->transcript->text, c->in->transcript->len,
                                         markdown ? OCRVL_MARKUP_MARKDOWN : OCRVL_MARKUP_PLAIN, err);
    if (!st)
        st = find_points(c, err);
    if (!st)
        st = add_words(c, err);
    if (!st)
        st = find_regions(c, err);
    if (!st && c->in->lines && c->in->lines->readings)
        st = put_on_ink(c, err);
    for (uint32_t i = 0; !st && i < c->m->block_count; i++)
        st = put_block(c, i, err);
    if (!st)
        st = put_figures(c, SIZE_MAX, err);
    if (!st && markdown && c->in->output != OCRVL_OUTPUT_HTML)
        st = keep_markdown(c, err);
    if (!st)
        st = warn_repairs(c, err);
    if (!st)
        st = warn_unsupported(c, err);
    return st ? st : warn_unread(c, err);
}

ocrvl_status ocrvl_compose(const ocrvl_composing *in, ocrvl_error *err)
{
    composing c = {.in = in, .r = {in->b, in->layout, in->diplomatic, false, NULL, 0, 0}};
    if (in->output == OCRVL_OUTPUT_GROUNDING)
        return ocrvl_compose_grounding(in, err);
    ocrvl_status st = compose(&c, err);
    free_composing(&c);
    return st;
}
