#include "read/assemble.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "layout/check_box.h"
#include "read/check_boxes.h"
#include "read/doubt.h"
#include "read/numbers.h"
#include "read/own_tags.h"
#include "read/pairs.h"
#include "read/rule_pieces.h"
#include "read/unread.h"
#include "tree/tree.h"

/* Measured on the sample pages: a reading of this confidence is right half the time; one so bad says nothing. */
#define HALF 0.5
#define HOPELESS 0.15
enum { LONG = 8 };    /* characters on which that can be told */
enum { TINY = 2000 }; /* times a box goes into a page: it is no picture of the box */

typedef struct assembling {
    ocrvl_result r;
    const ocrvl_lines *lines;
    const ocrvl_own_page *own;
    size_t at;               /* the next strip, */
    size_t leader;           /* and the next leader, of the layout's */
    bool *doubtful;          /* by line of the layout */
    ocrvl_result_line *said; /* [line_count] what stands on each line of the layout */
    ocrvl_page_tables tables;
    bool *put;              /* [tables.found.count] the table is in the tree */
    ocrvl_line_fate *fates; /* [line_count] what came of each */
    size_t empty, noise, cut, skipped;
    size_t read, unsure; /* lines; unsure: right less than half the time */
} assembling;

static float confidence(void *user, const ocrvl_word_span *span)
{
    return ocrvl_transcript_probability(user, span->byte_start, span->byte_end);
}

/* Nobody reads a leader. */
static float unknown(void *user, const ocrvl_word_span *span)
{
    (void)user;
    (void)span;
    return -1;
}

/* Adds the words of one strip, and puts them on its ink. */
static ocrvl_status add_strip(assembling *a, const ocrvl_strip *s, const ocrvl_transcript *t, bool spaced,
                              ocrvl_error *err)
{
    ocrvl_passage p = {t->text, t->len, spaced, confidence, (void *)(uintptr_t)t};
    size_t first = a->r.count;
    ocrvl_status st = ocrvl_result_add(&a->r, &p, err);
    size_t n = a->r.count - first, *which = st || !n ? NULL : ocrvl_alloc_array(n, sizeof *which);
    if (st || !n)
        return st;
    if (!which)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        which[i] = first + i;
    st = ocrvl_result_place(&a->r, s->line, s->x0, s->x1, which, n, err);
    ocrvl_free(which);
    return st;
}

/* Adds a text that no reader said, but the ink in the box, on a line of the layout. */
static ocrvl_status add_seen(assembling *a, size_t line, const char *text, ocrvl_box box, bool spaced, ocrvl_error *err)
{
    ocrvl_passage p = {text, strlen(text), spaced, unknown, NULL};
    size_t first = a->r.count;
    ocrvl_status st = ocrvl_result_add(&a->r, &p, err);
    for (size_t i = first; !st && i < a->r.count; i++) {
        a->r.words[i].ink = (int32_t)line;
        a->r.words[i].box = box;
        a->r.words[i].origin = OCRVL_ORIGIN_INK;
    }
    return st;
}

/* Puts the leaders of a line that begin left of x, and haven't been put yet, among its words. *at: the next leader. */
static ocrvl_status add_leaders(assembling *a, size_t line, int32_t x, size_t *at, bool spaced, ocrvl_error *err)
{
    const ocrvl_layout *l = a->r.layout;
    ocrvl_status st = OCRVL_OK;
    for (; !st && *at < l->leader_count && l->leaders[*at].line == line && l->leaders[*at].box.x0 < x; ++*at) {
        st = add_seen(a, line, OCRVL_LEADER_TEXT, l->leaders[*at].box, spaced, err);
        spaced = true;
    }
    return st;
}

static const ocrvl_own_line *own_line(const assembling *a, size_t line)
{
    uint32_t known = a->r.layout->lines[line].known;
    return known ? &a->own->text->lines[a->own->line[known - 1]] : NULL;
}

/* The grid on which a block of code stands; none of other blocks. */
static ocrvl_type_grid grid_of(const assembling *a, const ocrvl_layout_block *k)
{
    ocrvl_type_grid g = {1e9, 0};
    double pixels = 0, characters = 0;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++) {
        const ocrvl_own_line *own = own_line(a, i);
        if (!own || !a->own->known[a->r.layout->lines[i].known - 1].code)
            return (ocrvl_type_grid){0, 0};
        for (size_t w = own->first; w < own->first + own->count; w++) {
            const ocrvl_own_word *word = &a->own->text->words[w];
            pixels += word->box.x1 - word->box.x0;
            characters += (double)ocrvl_utf8_count(word->text, strlen(word->text));
        }
        g.left = fmin(g.left, own->box.x0);
    }
    g.width = characters > 0 ? pixels / characters : 0;
    return g;
}

/* Takes a line as the document says it. */
static ocrvl_status take_own(assembling *a, const ocrvl_own_line *own, const ocrvl_type_grid *grid,
                             ocrvl_result_line *l, ocrvl_error *err)
{
    *l = (ocrvl_result_line){.first = a->r.count,
                             .count = own->count,
                             .ink = OCRVL_NO_INK,
                             .box = own->box,
                             .origin = OCRVL_ORIGIN_NATIVE,
                             .own = own};
    ocrvl_status st = ocrvl_result_add_own(&a->r, a->own->text, own, grid, err);
    l->lead = !st && grid->width > 0 ? a->r.words[l->first].gap_len : 0;
    return st;
}

/* Whether the line says nothing but marks of that kind. */
static bool is_read_as(const assembling *a, const ocrvl_result_line *l, char mark)
{
    for (size_t i = l->first; i < l->first + l->count; i++) {
        const char *text = a->r.words[i].text;
        if (a->r.words[i].confidence < 0.5f)
            return false;
        for (size_t at = 0, n = strlen(text); at < n;) {
            uint32_t c = ocrvl_utf8_next(text, n, &at);
            bool quote = c == '"' || c == '\'' || c == ',' || c == 0xAB || c == 0xBB || (c >= 0x2018 && c <= 0x201F);
            bool dash = c == '-' || (c >= 0x2010 && c <= 0x2015), star = c == '*';
            if (!(mark == '"' ? quote : mark == '-' ? dash : star))
                return false;
        }
    }
    return true;
}

/* Counts a line that was read, or leaves it out if what it says is hopeless, as is what a foreign script is taken for.
 */
static void judge(assembling *a, size_t index, bool foreign, ocrvl_result_line *l)
{
    double sum = 0, chars = 0;
    for (size_t i = l->first; i < l->first + l->count; i++) {
        const ocrvl_result_word *w = &a->r.words[i];
        double n = w->confidence < 0 ? 0 : (double)ocrvl_utf8_count(w->text, strlen(w->text));
        sum += n * w->confidence;
        chars += n;
    }
    double c = chars > 0 ? sum / chars : 1;
    bool hopeless = chars >= LONG && c < (foreign ? HALF : HOPELESS);
    a->fates[index] = hopeless ? OCRVL_LINE_HOPELESS : OCRVL_LINE_READ;
    if (hopeless) {
        l->count = 0;
        return;
    }
    a->read++;
    a->unsure += c < HALF;
}

/* Leaves out a line that was read if it is dust or noise, or says nothing. */
static void decide(assembling *a, size_t index, bool foreign, ocrvl_result_line *l)
{
    char mark = a->r.layout->lines[index].mark;
    if (mark && !is_read_as(a, l, mark)) {
        l->count = 0;
    } else if (ocrvl_are_check_boxes(&a->r, l->first)) { /* their ink tells them, not the reader */
        a->fates[index] = OCRVL_LINE_READ;
    } else if (a->doubtful[index]) {
        a->noise++;
        l->count = 0;
        a->fates[index] = OCRVL_LINE_DROPPED;
    } else {
        judge(a, index, foreign, l);
    }
}

/* A line that is one square is a box to be ticked, whatever the reader made of it. */
static ocrvl_status see_check_box(assembling *a, size_t index, ocrvl_result_line *l, ocrvl_error *err)
{
    ocrvl_box ink = a->r.layout->lines[index].ink;
    bool checked;
    if (!ocrvl_is_check_box(a->r.layout, index, ink, &checked))
        return OCRVL_OK;
    l->first = a->r.count;
    ocrvl_status st = add_seen(a, index, ocrvl_check_box_text(checked), ink, false, err);
    l->count = a->r.count - l->first;
    return st;
}

/* Takes the strips of line `index` into l; empty if they say nothing, or nothing to be believed. */
static ocrvl_status take_line(assembling *a, size_t index, ocrvl_result_line *l, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    bool skipped = false, cut = false, foreign = false;
    size_t read = 0;
    *l = (ocrvl_result_line){.first = a->r.count, .ink = (int32_t)index, .whole = true};
    for (; a->at < a->lines->count && a->lines->strips[a->at].line == index; a->at++) {
        const ocrvl_reading *r = &a->lines->readings[a->at];
        skipped |= r->skipped;
        cut |= r->cut;
        foreign |= r->foreign;
        if (!st)
            st = add_leaders(a, index, a->lines->strips[a->at].x0, &a->leader, a->r.count > l->first, err);
        size_t led = a->r.count;
        if (!st && !r->skipped)
            st = add_strip(a, &a->lines->strips[a->at], &r->transcript, led > l->first, err);
        read += a->r.count - led;
    }
    if (!st)
        st = add_leaders(a, index, INT32_MAX, &a->leader, a->r.count > l->first, err);
    if (!st && read)
        ocrvl_drop_rule_pieces(&a->r, index, l->first);
    if (!st && read)
        st = ocrvl_put_check_boxes(&a->r, index, l->first, err);
    if (!st && read)
        st = ocrvl_put_number_marks(&a->r, index, l->first, err);
    l->count = read ? a->r.count - l->first : 0;
    if (!st && (!read || a->doubtful[index]))
        st = see_check_box(a, index, l, err);
    a->skipped += skipped;
    a->cut += cut;
    a->empty += !st && !skipped && l->count == 0;
    if (skipped)
        a->fates[index] = OCRVL_LINE_SKIPPED;
    if (!st && l->count)
        decide(a, index, foreign, l);
    return st;
}

/* Leaves out small boxes to be ticked on a page where nothing else was read: with nothing to tick them for, they are
 * dust. */
static void drop_lone_boxes(assembling *a)
{
    const ocrvl_layout *l = a->r.layout;
    double page = (double)l->page_width * l->page_height;
    for (size_t i = 0; i < l->line_count; i++)
        for (size_t w = a->said[i].first; w < a->said[i].first + a->said[i].count; w++)
            if (!ocrvl_is_check_box_text(a->r.words[w].text))
                return;
    for (size_t i = 0; i < l->line_count; i++) {
        ocrvl_box b = l->lines[i].ink;
        if (a->said[i].count == 0 || (double)(b.x1 - b.x0) * (b.y1 - b.y0) * TINY > page)
            continue;
        a->noise++;
        a->said[i].count = 0;
        a->fates[i] = OCRVL_LINE_DROPPED;
    }
}

/* Takes all lines of the layout, block by block, which is their order. */
static ocrvl_status take_lines(assembling *a, ocrvl_error *err)
{
    const ocrvl_layout *l = a->r.layout;
    ocrvl_status st = OCRVL_OK;
    a->said = ocrvl_alloc_array(l->line_count + 1, sizeof *a->said);
    if (!a->said)
        return ocrvl_fail_nomem(err);
    for (size_t b = 0; b < l->block_count && !st; b++) {
        const ocrvl_layout_block *k = &l->blocks[b];
        ocrvl_type_grid grid = grid_of(a, k);
        for (size_t i = k->first_line; i < k->first_line + k->lines && !st; i++) {
            const ocrvl_own_line *own = own_line(a, i);
            st = own ? take_own(a, own, &grid, &a->said[i], err) : take_line(a, i, &a->said[i], err);
        }
    }
    return st;
}

/* How many of words [first, end) from the first on are all in a table, or all in none; *table: which, 0: none. */
static size_t run_of(const assembling *a, size_t first, size_t end, uint32_t *table)
{
    size_t n = 1;
    *table = a->tables.table_of[first];
    while (first + n < end && a->tables.table_of[first + n] == *table)
        n++;
    return n;
}

/* Whether some of a block's words are in tables. */
static bool is_tabular(const assembling *a, const ocrvl_layout_block *k)
{
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++)
        for (size_t w = a->said[i].first; w < a->said[i].first + a->said[i].count; w++)
            if (a->tables.table_of[w])
                return true;
    return false;
}

/* A block's box holds its lines', or, of a block that is partly a table, the words that aren't. */
static ocrvl_box box_of(const assembling *a, const ocrvl_layout_block *k, bool tabular)
{
    const ocrvl_layout *l = a->r.layout;
    ocrvl_box b = tabular ? (ocrvl_box){0} : k->box;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++) {
        const ocrvl_result_line *said = &a->said[i];
        if (!tabular)
            b = ocrvl_box_union(b, l->lines[i].known ? l->lines[i].ink : ocrvl_layout_line_box(l, i));
        for (size_t w = said->first; w < said->first + said->count; w++)
            if (!a->tables.table_of[w])
                b = ocrvl_box_union(b, a->r.words[w].box);
    }
    return b;
}

/* Where the box of a block of lines comes from: the document, if all of them do. */
static ocrvl_origin origin_of(const ocrvl_layout *l, const ocrvl_layout_block *k)
{
    bool native = k->lines > 0;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++)
        native &= l->lines[i].known > 0;
    return native ? OCRVL_ORIGIN_NATIVE : OCRVL_ORIGIN_INK;
}

/* Puts the tables that a block has words of, unless they are there already. */
static ocrvl_status put_tables(assembling *a, const ocrvl_layout_block *k, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++)
        for (size_t w = a->said[i].first; !st && w < a->said[i].first + a->said[i].count; w++) {
            uint32_t table = a->tables.table_of[w];
            if (!table || a->put[table - 1])
                continue;
            a->put[table - 1] = true;
            st = ocrvl_page_tables_put(&a->tables, table - 1, &a->r, a->said, err);
        }
    return st;
}

/* Puts the words of a line that are in no table; opens the block before the first of them. */
static ocrvl_status put_line(assembling *a, size_t line, const ocrvl_node_info *info, bool *open, ocrvl_error *err)
{
    const ocrvl_result_line *said = &a->said[line];
    ocrvl_status st = OCRVL_OK;
    for (size_t w = said->first, n; !st && w < said->first + said->count; w += n) {
        uint32_t table;
        n = run_of(a, w, said->first + said->count, &table);
        if (table)
            continue;
        if (!*open)
            st = ocrvl_result_open(&a->r, info, err);
        *open = true;
        if (!st)
            st = ocrvl_put_part(&a->r, said, w, n, err);
    }
    return st;
}

/* Whether a rule or figure is part of a table. */
static bool in_table(const assembling *a, const ocrvl_box *b)
{
    int32_t x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2;
    for (size_t i = 0; i < a->tables.found.count; i++) {
        const ocrvl_box *t = &a->tables.found.at[i].box;
        int32_t near = 8 + (t->y1 - t->y0) / 50;
        if (x >= t->x0 - near && x < t->x1 + near && y >= t->y0 - near && y < t->y1 + near)
            return true;
    }
    return false;
}

static bool is_field(const assembling *a, const ocrvl_layout_block *k)
{
    const ocrvl_own_line *own = k->lines ? own_line(a, k->first_line) : NULL;
    return own && own->field;
}

/* What the document says of a block. */
static void take_told(const assembling *a, const ocrvl_layout_block *k, ocrvl_node_info *info)
{
    info->level = k->level;
    if (!k->tag)
        return;
    info->continues = a->own->text->tags[k->tag - 1].continues;
    info->alt = a->own->text->tags[k->tag - 1].alt;
    info->origin = OCRVL_ORIGIN_NATIVE;
}

/* A page's tables are those of the document's tags if it has any. */
static ocrvl_status find_tables(assembling *a, ocrvl_error *err)
{
    if (a->own->tagged && a->own->text->tagged_tables)
        return ocrvl_own_tags_tables(&a->tables, &a->r, a->said, a->own, err);
    return ocrvl_page_tables_find(&a->tables, &a->r, a->said, err);
}

static ocrvl_status put_block(assembling *a, const ocrvl_layout_block *k, ocrvl_error *err)
{
    bool tabular = is_tabular(a, k);
    ocrvl_node_info info = {.size = sizeof info,
                            .kind = OCRVL_BLOCK,
                            .role = is_field(a, k) ? OCRVL_ROLE_FORM_FIELD : k->role,
                            .confidence = -1,
                            .box = box_of(a, k, tabular),
                            .origin = origin_of(a->r.layout, k)};
    bool open = k->lines == 0; /* a figure or rule; a block of text only opens with its first line of text */
    if (open && k->role == OCRVL_ROLE_SEPARATOR && in_table(a, &k->box))
        return OCRVL_OK;
    info.told = k->told;
    if (k->told)
        take_told(a, k, &info);
    else
        info.level = k->role == OCRVL_ROLE_HEADING || k->role == OCRVL_ROLE_TITLE ? (k->level ? k->level : 1) : 0;
    ocrvl_status st = open ? ocrvl_result_open(&a->r, &info, err) : OCRVL_OK;
    for (size_t i = k->first_line; !st && i < k->first_line + k->lines; i++)
        st = put_line(a, i, &info, &open, err);
    if (!st && open)
        st = ocrvl_builder_close(a->r.b, err);
    return st || !tabular ? st : put_tables(a, k, err);
}

/* What befell n lines: `one` and `several` are what the number is followed by. */
static ocrvl_status warn(const assembling *a, size_t n, const char *code, const char *one, const char *several,
                         bool partial, ocrvl_error *err)
{
    char message[128];
    if (n == 0)
        return OCRVL_OK;
    snprintf(message, sizeof message, "%zu %s", n, n == 1 ? one : several);
    return ocrvl_builder_warn(a->r.b, code, message, partial, err);
}

/* The document's lines that aren't level, a block each. */
static ocrvl_status put_turned(assembling *a, ocrvl_error *err)
{
    static const ocrvl_type_grid none = {0, 0};
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; !st && a->own->text && i < a->own->text->line_count; i++) {
        const ocrvl_own_line *own = &a->own->text->lines[i];
        ocrvl_node_info info = {.size = sizeof info,
                                .kind = OCRVL_BLOCK,
                                .role = OCRVL_ROLE_OTHER,
                                .confidence = -1,
                                .box = own->box,
                                .origin = OCRVL_ORIGIN_NATIVE};
        ocrvl_result_line l;
        if (!own->turn)
            continue;
        st = ocrvl_result_open(&a->r, &info, err);
        if (!st)
            st = take_own(a, own, &none, &l, err);
        if (!st)
            st = ocrvl_result_put_line(&a->r, &l, err);
        if (!st)
            st = ocrvl_builder_close(a->r.b, err);
    }
    return st;
}

ocrvl_status ocrvl_assemble(ocrvl_builder *b, const ocrvl_layout *l, const ocrvl_lines *lines,
                            const ocrvl_own_page *own, bool diplomatic, ocrvl_error *err)
{
    assembling a = {.r = {b, l, diplomatic, own->turned != NULL, NULL, 0, 0}, .lines = lines, .own = own};
    size_t covered = 0;
    b->guessed = true;
    ocrvl_status st = ocrvl_doubt_lines(&a.doubtful, l, lines, err);
    if (!st && !(a.fates = ocrvl_alloc_array(l->line_count + 1, sizeof *a.fates)))
        st = ocrvl_fail_nomem(err);
    if (!st)
        st = take_lines(&a, err);
    if (!st)
        drop_lone_boxes(&a);
    if (!st)
        st = find_tables(&a, err);
    if (!st)
        st = ocrvl_join_pairs(&a.r, a.said, &a.tables, own->tagged, err);
    if (!st && !(a.put = ocrvl_alloc_array(a.tables.found.count + 1, sizeof *a.put)))
        st = ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < l->block_count; i++)
        st = put_block(&a, &l->blocks[i], err);
    if (!st)
        st = put_turned(&a, err);
    ocrvl_result_free(&a.r);
    ocrvl_page_tables_free(&a.tables);
    ocrvl_free(a.doubtful);
    ocrvl_free(a.said);
    ocrvl_free(a.put);
    if (!st)
        st = ocrvl_warn_unread(b, l, a.fates, &covered, err);
    ocrvl_free(a.fates);
    if (!st && a.unsure * 2 > a.read)
        st = warn(&a, a.unsure, "low_confidence", "line is read with less confidence than is right half the time",
                  "lines are read with less confidence than is right half the time", true, err);
    size_t noise = covered < a.noise ? a.noise - covered : 0;
    if (!st)
        st = warn(&a, a.empty, "no_text", "line with ink was left without text",
                  "lines with ink were left without text", false, err);
    if (!st)
        st = warn(&a, noise, "noise", "line with ink looked like no text and was left out",
                  "lines with ink looked like no text and were left out", false, err);
    if (!st)
        st = warn(&a, a.cut, "line_cut", "line ended at the token limit", "lines ended at the token limit", true, err);
    return st ? st
              : warn(&a, a.skipped, "time_limit", "line was not read, because time ran out",
                     "lines were not read, because time ran out", true, err);
}
