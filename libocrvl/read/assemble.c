#include "read/assemble.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "unicode/normalize.h"
#include "unicode/words.h"

/* A short line of which the reader is so unsure is a stain, a stamp's edge or a scrap of a drawing. On samples/pages 4 such
 * lines were no text and 1 was a word read wrong; at 0.1 it would be 7 and 3. */
#define NOISE 0.01f
enum { SHORT = 12 }; /* code points */

typedef struct word {
    char *text;     /* NFC or, diplomatic, as read; owned by libocrvl's text functions */
    uint32_t start; /* in the line's text, code points */
    float confidence;
    ocrvl_box box; /* upright frame; all zero: no ink of its own */
} word;

typedef struct line {
    ocrvl_buf text;
    uint32_t length; /* code points */
    word *words;
    size_t count, cap;
} line;

typedef struct assembling {
    ocrvl_builder *b;
    const ocrvl_layout *l;
    const ocrvl_strip *strips;
    const ocrvl_reading *readings;
    size_t count, at; /* strips; the next one */
    bool diplomatic;
    size_t empty, noise, cut, skipped;
} assembling;

static void free_line(line *l)
{
    for (size_t i = 0; i < l->count; i++)
        ocrvl_text_free(l->words[i].text);
    ocrvl_free(l->words);
    ocrvl_buf_free(&l->text);
    memset(l, 0, sizeof *l);
}

typedef struct piece { /* of what was read */
    const char *text;
    size_t len;
} piece;

/* space: what stands before it in its line. */
static ocrvl_status add_word(line *l, piece transcript, piece space, float confidence, bool diplomatic, ocrvl_error *err)
{
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        word *p = ocrvl_realloc_array(l->words, cap, sizeof *p);
        if (!p)
            return ocrvl_fail_nomem(err);
        l->words = p;
        l->cap = cap;
    }
    word w = {.confidence = confidence};
    size_t n;
    ocrvl_status st = ocrvl_normalize_or_keep(&w.text, &n, diplomatic, transcript.text, transcript.len, err);
    if (st)
        return st;
    ocrvl_buf_put(&l->text, space.text, space.len);
    l->length += (uint32_t)ocrvl_utf8_count(space.text, space.len);
    w.start = l->length;
    ocrvl_buf_put(&l->text, w.text, n);
    l->length += (uint32_t)ocrvl_utf8_count(w.text, n);
    l->words[l->count++] = w;
    return l->text.failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

/* Boxes of words [from, count) within the strip's ink; right-to-left lines have their words in the other order there. */
static ocrvl_status place(const assembling *a, line *l, size_t from, const ocrvl_strip *s, bool rtl, ocrvl_error *err)
{
    size_t n = l->count - from;
    const char **texts = ocrvl_alloc_array(n, sizeof *texts);
    ocrvl_box *boxes = ocrvl_alloc_array(n, sizeof *boxes);
    ocrvl_status st = texts && boxes ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < n; i++)
        texts[i] = l->words[from + (rtl ? n - 1 - i : i)].text;
    if (!st)
        st = ocrvl_layout_place_words(a->l, s->line, s->x0, s->x1, texts, n, boxes, err);
    for (size_t i = 0; !st && i < n; i++)
        l->words[from + (rtl ? n - 1 - i : i)].box = boxes[i];
    ocrvl_free(texts);
    ocrvl_free(boxes);
    return st;
}

/* What stands between word i of a strip and the one before it; between two strips it is a space. */
static piece space_before(const assembling *a, const line *l, const ocrvl_reading *r, const ocrvl_word_span *spans,
                          size_t i)
{
    static const char space[] = " ";
    if (i == 0)
        return (piece){space, l->count > 0};
    size_t from = spans[i - 1].byte_end, n = spans[i].byte_start - from;
    return a->diplomatic ? (piece){r->transcript.text + from, n} : (piece){space, n > 0};
}

/* Adds what one strip says. Every run of white space is one space, unless diplomatic. */
static ocrvl_status add_strip(const assembling *a, line *l, const ocrvl_strip *s, const ocrvl_reading *r,
                              ocrvl_error *err)
{
    ocrvl_word_span *spans;
    size_t n, from = l->count;
    ocrvl_status st = ocrvl_text_words(r->transcript.text, r->transcript.len, &spans, &n, err);
    if (st)
        return st;
    for (size_t i = 0; !st && i < n; i++) {
        piece transcript = {r->transcript.text + spans[i].byte_start, spans[i].byte_end - spans[i].byte_start};
        st = add_word(l, transcript, space_before(a, l, r, spans, i),
                      ocrvl_transcript_probability(&r->transcript, spans[i].byte_start, spans[i].byte_end), a->diplomatic, err);
    }
    ocrvl_free(spans);
    bool rtl = ocrvl_text_direction(r->transcript.text, r->transcript.len) == OCRVL_DIR_RTL;
    return st || l->count == from ? st : place(a, l, from, s, rtl, err);
}

static void describe(const assembling *a, const ocrvl_layout_line *at, const line *l, ocrvl_node_info *info)
{
    ocrvl_box k = ocrvl_layout_line_box(a->l, (size_t)(at - a->l->lines));
    *info = (ocrvl_node_info){.size = sizeof *info, .kind = OCRVL_LINE, .text = l->text.data, .confidence = -1};
    info->box = ocrvl_layout_box_to_page(a->l, k);
    info->origin = OCRVL_ORIGIN_INK;
    info->quad[0] = ocrvl_layout_to_page(a->l, (float)k.x0, (float)k.y0);
    info->quad[1] = ocrvl_layout_to_page(a->l, (float)k.x1, (float)k.y0);
    info->quad[2] = ocrvl_layout_to_page(a->l, (float)k.x1, (float)k.y1);
    info->quad[3] = ocrvl_layout_to_page(a->l, (float)k.x0, (float)k.y1);
    info->baseline[0] = ocrvl_layout_to_page(a->l, (float)at->ink.x0, at->baseline[0]);
    info->baseline[1] = ocrvl_layout_to_page(a->l, (float)at->ink.x1, at->baseline[1]);
    info->x_height = at->x_height;
    info->lang = ocrvl_text_language(l->text.data, l->text.len);
    info->dir = ocrvl_text_direction(l->text.data, l->text.len);
}

static ocrvl_status put_line(const assembling *a, const ocrvl_layout_line *at, const line *l, ocrvl_error *err)
{
    ocrvl_node_info info;
    describe(a, at, l, &info);
    ocrvl_status st = ocrvl_builder_open(a->b, &info, err);
    for (size_t i = 0; !st && i < l->count; i++) {
        const word *w = &l->words[i];
        bool inked = w->box.x1 > w->box.x0 && w->box.y1 > w->box.y0;
        ocrvl_node_info one = {.size = sizeof one, .kind = OCRVL_WORD, .text = w->text, .start = w->start,
                               .confidence = w->confidence};
        ocrvl_text_differs(w->text, &info, &one);
        if (inked) {
            one.box = ocrvl_layout_box_to_page(a->l, w->box);
            one.origin = OCRVL_ORIGIN_ALIGNED;
        }
        st = ocrvl_builder_open(a->b, &one, err);
        if (!st)
            st = ocrvl_builder_close(a->b, err);
    }
    return st ? st : ocrvl_builder_close(a->b, err);
}

static bool is_noise(const line *l)
{
    float sum = 0;
    for (size_t i = 0; i < l->count; i++)
        sum += l->words[i].confidence;
    return l->count && l->length <= SHORT && sum < NOISE * (float)l->count;
}

/* Takes the strips of line `index` into l; empty if they say nothing, or nothing to be believed. */
static ocrvl_status take_line(assembling *a, size_t index, line *l, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    bool skipped = false, cut = false;
    for (; a->at < a->count && a->strips[a->at].line == index; a->at++) {
        const ocrvl_reading *r = &a->readings[a->at];
        skipped |= r->skipped;
        cut |= r->cut;
        if (!st && !r->skipped)
            st = add_strip(a, l, &a->strips[a->at], r, err);
    }
    a->skipped += skipped;
    a->cut += cut;
    a->empty += !st && !skipped && l->count == 0;
    if (!st && a->l->line_count > 1 && is_noise(l)) {
        a->noise++;
        free_line(l);
    }
    return st;
}

/* A block's box holds its lines'. */
static ocrvl_box box_of(const ocrvl_layout *l, const ocrvl_layout_block *k)
{
    ocrvl_box b = k->box;
    for (size_t i = k->first_line; i < k->first_line + k->lines; i++) {
        ocrvl_box o = ocrvl_layout_line_box(l, i);
        b = (ocrvl_box){o.x0 < b.x0 ? o.x0 : b.x0, o.y0 < b.y0 ? o.y0 : b.y0, o.x1 > b.x1 ? o.x1 : b.x1,
                        o.y1 > b.y1 ? o.y1 : b.y1};
    }
    return b;
}

static ocrvl_status put_block(assembling *a, const ocrvl_layout_block *k, ocrvl_error *err)
{
    ocrvl_node_info info = {.size = sizeof info, .kind = OCRVL_BLOCK, .role = k->role, .confidence = -1,
                            .box = ocrvl_layout_box_to_page(a->l, box_of(a->l, k)), .origin = OCRVL_ORIGIN_INK};
    bool open = k->lines == 0; /* a figure or rule; a block of text only opens with its first line of text */
    info.level = k->role == OCRVL_ROLE_HEADING || k->role == OCRVL_ROLE_TITLE ? 1 : 0;
    ocrvl_status st = open ? ocrvl_builder_open(a->b, &info, err) : OCRVL_OK;
    for (size_t i = 0; !st && i < k->lines; i++) {
        line l = {0};
        st = take_line(a, k->first_line + i, &l, err);
        if (!st && l.count && !open) {
            st = ocrvl_builder_open(a->b, &info, err);
            open = true;
        }
        if (!st && l.count)
            st = put_line(a, &a->l->lines[k->first_line + i], &l, err);
        free_line(&l);
    }
    return st || !open ? st : ocrvl_builder_close(a->b, err);
}

/* What befell n lines: `one` and `several` are what the number is followed by. */
static ocrvl_status warn(const assembling *a, size_t n, const char *code, const char *one, const char *several,
                         bool partial, ocrvl_error *err)
{
    char message[128];
    if (n == 0)
        return OCRVL_OK;
    snprintf(message, sizeof message, "%zu %s", n, n == 1 ? one : several);
    return ocrvl_builder_warn(a->b, code, message, partial, err);
}

ocrvl_status ocrvl_assemble(ocrvl_builder *b, const ocrvl_layout *l, const ocrvl_strip *strips,
                            const ocrvl_reading *readings, size_t count, bool diplomatic, ocrvl_error *err)
{
    assembling a = {
        .b = b, .l = l, .strips = strips, .readings = readings, .count = count, .diplomatic = diplomatic};
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; !st && i < l->block_count; i++)
        st = put_block(&a, &l->blocks[i], err);
    if (!st)
        st = warn(&a, a.empty, "no_text", "line with ink was left without text", "lines with ink were left without text", false,
                  err);
    if (!st)
        st = warn(&a, a.noise, "noise", "line with ink looked like no text and was left out",
                  "lines with ink looked like no text and were left out", false, err);
    if (!st)
        st = warn(&a, a.cut, "line_cut", "line ended at the token limit", "lines ended at the token limit", true, err);
    return st ? st : warn(&a, a.skipped, "time_limit", "line was not read, because time ran out",
                          "lines were not read, because time ran out", true, err);
}
