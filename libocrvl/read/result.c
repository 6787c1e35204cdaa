#include "read/result.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tree/tree.h"
#include "unicode/normalize.h"
#include "unicode/visual.h"

void ocrvl_result_free(ocrvl_result *r)
{
    for (size_t i = 0; i < r->count; i++)
        ocrvl_text_free(r->words[i].text);
    ocrvl_free(r->words);
    ocrvl_free(r->points);
    r->words = NULL;
    r->points = NULL;
    r->count = r->cap = r->point_cap = 0;
}

/* ---- words ------------------------------------------------------------------------------------------- */

static ocrvl_status add_word(ocrvl_result *r, const char *text, size_t len, ocrvl_result_word w, ocrvl_error *err)
{
    size_t n;
    if (!OCRVL_ARRAY_RESERVE(r->words, r->cap, r->count + 1))
        return ocrvl_fail_nomem(err);
    ocrvl_status st = ocrvl_normalize_or_keep(&w.text, &n, r->diplomatic, text, len, err);
    if (!st)
        r->words[r->count++] = w;
    return st;
}

/* Between two words of a passage: a space, or, diplomatic, what was read there if that is on one line. */
static void set_gap(const ocrvl_result *r, ocrvl_result_word *w, const char *gap, size_t len)
{
    bool keep = r->diplomatic && !memchr(gap, '\n', len);
    w->gap = keep ? gap : " ";
    w->gap_len = keep ? len : len > 0;
}

ocrvl_status ocrvl_result_add(ocrvl_result *r, const ocrvl_passage *p, ocrvl_error *err)
{
    ocrvl_word_span *spans;
    size_t n, seen = 0;
    uint32_t row = 0;
    ocrvl_status st = ocrvl_text_words(p->text, p->len, &spans, &n, err);
    if (st)
        return st;
    for (size_t i = 0; !st && i < n; i++) {
        size_t from = spans[i].byte_start;
        ocrvl_result_word w = {.gap = " ", .gap_len = p->spaced, .ink = OCRVL_NO_INK};
        if (i)
            set_gap(r, &w, p->text + spans[i - 1].byte_end, from - spans[i - 1].byte_end);
        for (; seen < from; seen++)
            row += p->text[seen] == '\n';
        w.row = row;
        w.confidence = p->confidence(p->user, &spans[i]);
        st = add_word(r, p->text + from, spans[i].byte_end - from, w, err);
    }
    ocrvl_free(spans);
    return st;
}

enum { MOST_SPACES = 120 };

/* Spaces before a word on a grid, which stands after a word that ends at column *at, its own end from now on. */
static size_t spaces_before(const ocrvl_type_grid *g, const ocrvl_own_word *w, bool first, long *at)
{
    long from = lround((w->box.x0 - g->left) / g->width), n = from - *at, least = !first;
    n = n < least ? least : n < MOST_SPACES ? n : MOST_SPACES;
    *at += n + (long)ocrvl_utf8_count(w->text, strlen(w->text));
    return (size_t)n;
}

ocrvl_status ocrvl_result_add_own(ocrvl_result *r, const ocrvl_own_text *text, const ocrvl_own_line *line,
                                  const ocrvl_type_grid *grid, ocrvl_error *err)
{
    static const char spaces[] = "                                                            "
                                 "                                                            ";
    long at = 0;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = line->first; !st && i < line->first + line->count; i++) {
        const ocrvl_own_word *own = &text->words[i];
        ocrvl_result_word w = {.gap = spaces,
                               .gap_len = grid->width > 0 ? spaces_before(grid, own, i == line->first, &at) : 1,
                               .ink = OCRVL_NO_INK,
                               .confidence = -1,
                               .box = own->box,
                               .origin = OCRVL_ORIGIN_NATIVE,
                               .style = own->style < text->style_count ? &text->styles[own->style] : NULL,
                               .raised = own->raised,
                               .link = own->link,
                               .lang = own->lang && ocrvl_tree_is_language(own->lang) ? own->lang : NULL};
        st = add_word(r, own->text, strlen(own->text), w, err);
    }
    return st;
}

ocrvl_status ocrvl_result_place(ocrvl_result *r, size_t line, int32_t x0, int32_t x1, const size_t *which, size_t n,
                                ocrvl_error *err)
{
    const char **texts = ocrvl_alloc_array(n, sizeof *texts), **visual = ocrvl_alloc_array(n, sizeof *visual);
    size_t *order = ocrvl_alloc_array(n, sizeof *order);
    ocrvl_box *boxes = ocrvl_alloc_array(n, sizeof *boxes);
    ocrvl_status st = texts && visual && order && boxes ? OCRVL_OK : ocrvl_fail_nomem(err);
    for (size_t i = 0; !st && i < n; i++)
        texts[i] = r->words[which[i]].text;
    if (!st)
        st = ocrvl_text_visual_order(texts, n, order, err);
    for (size_t i = 0; !st && i < n; i++)
        visual[i] = texts[order[i]];
    if (!st)
        st = ocrvl_layout_place_words(r->layout, line, x0, x1, visual, n, boxes, err);
    for (size_t i = 0; !st && i < n; i++) {
        ocrvl_result_word *w = &r->words[which[order[i]]];
        w->ink = (int32_t)line;
        w->box = boxes[i];
        w->origin = OCRVL_ORIGIN_ALIGNED;
    }
    ocrvl_free(texts);
    ocrvl_free(visual);
    ocrvl_free(order);
    ocrvl_free(boxes);
    return st;
}

/* ---- boxes ------------------------------------------------------------------------------------------- */

ocrvl_box ocrvl_result_around(const ocrvl_result *r, size_t first, size_t n)
{
    ocrvl_box k = {0};
    for (size_t i = first; i < first + n; i++)
        k = ocrvl_box_union(k, r->words[i].box);
    return k;
}

/* Sets a node's box and origin, from a box in the frame of its origin. */
static void set_box(const ocrvl_result *r, ocrvl_node_info *info, ocrvl_box box, ocrvl_origin origin)
{
    bool upright = origin == OCRVL_ORIGIN_INK || origin == OCRVL_ORIGIN_ALIGNED ||
                   (origin == OCRVL_ORIGIN_NATIVE && r->own_turned);
    bool empty = ocrvl_box_is_empty(box);
    info->box = empty ? (ocrvl_box){0} : upright ? ocrvl_layout_box_to_page(r->layout, box) : box;
    info->origin = empty ? OCRVL_ORIGIN_NONE : origin;
}

/* ---- the tree ---------------------------------------------------------------------------------------- */

ocrvl_status ocrvl_result_open(ocrvl_result *r, const ocrvl_node_info *info, ocrvl_error *err)
{
    ocrvl_node_info in_page = *info;
    set_box(r, &in_page, info->box, info->origin);
    return ocrvl_builder_open(r->b, &in_page, err);
}

static float baseline_at(const ocrvl_layout_line *l, int32_t x)
{
    float w = (float)(l->ink.x1 - l->ink.x0), rise = w > 0 ? (l->baseline[1] - l->baseline[0]) / w : 0;
    return x == l->ink.x1 ? l->baseline[1] : l->baseline[0] + rise * (float)(x - l->ink.x0);
}

/* The outline of a bent line around `k`, and its baseline from one end of `ends` to the other. */
static ocrvl_status set_bent(ocrvl_result *r, const ocrvl_layout_line *ink, ocrvl_box k, ocrvl_box ends,
                             ocrvl_node_info *info, ocrvl_error *err)
{
    size_t pieces = ocrvl_layout_pieces(r->layout, k), n = pieces + 1;
    if (pieces == 1)
        return OCRVL_OK;
    if (!OCRVL_ARRAY_RESERVE(r->points, r->point_cap, 3 * n))
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        float part = (float)i / (float)pieces, x = (float)k.x0 + (float)(k.x1 - k.x0) * part;
        float at = (float)ends.x0 + (float)(ends.x1 - ends.x0) * part;
        float rise = baseline_at(ink, ends.x1) - baseline_at(ink, ends.x0);
        r->points[i] = ocrvl_layout_to_page(r->layout, x, (float)k.y0);
        r->points[2 * n - 1 - i] = ocrvl_layout_to_page(r->layout, x, (float)k.y1);
        r->points[2 * n + i] = ocrvl_layout_to_page(r->layout, at, baseline_at(ink, ends.x0) + rise * part);
    }
    info->polygon = r->points;
    info->polygon_count = (uint32_t)(2 * n);
    info->curve = r->points + 2 * n;
    info->curve_count = (uint32_t)n;
    return OCRVL_OK;
}

/* Box, outline and baseline of a line on ink. */
static ocrvl_status set_ink(ocrvl_result *r, const ocrvl_result_line *line, ocrvl_node_info *info, ocrvl_error *err)
{
    const ocrvl_layout *l = r->layout;
    const ocrvl_layout_line *ink = &l->lines[line->ink];
    ocrvl_box k = {0}, ends = ink->ink;
    for (size_t i = line->first; !line->whole && i < line->first + line->count; i++)
        if (r->words[i].ink == line->ink)
            ends = k = ocrvl_box_union(k, r->words[i].box);
    if (line->whole)
        k = ocrvl_layout_line_box(l, (size_t)line->ink);
    if (ocrvl_box_is_empty(k))
        return OCRVL_OK;
    set_box(r, info, k, line->whole ? OCRVL_ORIGIN_INK : OCRVL_ORIGIN_ALIGNED);
    info->quad[0] = ocrvl_layout_to_page(l, (float)k.x0, (float)k.y0);
    info->quad[1] = ocrvl_layout_to_page(l, (float)k.x1, (float)k.y0);
    info->quad[2] = ocrvl_layout_to_page(l, (float)k.x1, (float)k.y1);
    info->quad[3] = ocrvl_layout_to_page(l, (float)k.x0, (float)k.y1);
    info->baseline[0] = ocrvl_layout_to_page(l, (float)ends.x0, baseline_at(ink, ends.x0));
    info->baseline[1] = ocrvl_layout_to_page(l, (float)ends.x1, baseline_at(ink, ends.x1));
    info->x_height = ink->x_height;
    return set_bent(r, ink, k, ends, info, err);
}

/* Corners and baseline of a line that the document says, or of the part of it in a box; it may be turned. */
static void set_own(const ocrvl_result *r, const ocrvl_own_line *own, const ocrvl_box *b, ocrvl_node_info *info)
{
    float x0 = (float)b->x0, y0 = (float)b->y0, x1 = (float)b->x1, y1 = (float)b->y1, base = own->baseline;
    ocrvl_point corners[4] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
    for (unsigned i = 0; i < 4; i++)
        info->quad[i] = corners[(i + own->turn / 90) % 4];
    info->baseline[0] = own->turn == 90    ? (ocrvl_point){base, y0}
                        : own->turn == 180 ? (ocrvl_point){x1, base}
                        : own->turn == 270 ? (ocrvl_point){base, y1}
                                           : (ocrvl_point){x0, base};
    info->baseline[1] = own->turn == 90    ? (ocrvl_point){base, y1}
                        : own->turn == 180 ? (ocrvl_point){x0, base}
                        : own->turn == 270 ? (ocrvl_point){base, y0}
                                           : (ocrvl_point){x1, base};
    for (unsigned i = 0; i < 4 && r->own_turned; i++)
        info->quad[i] = ocrvl_layout_to_page(r->layout, info->quad[i].x, info->quad[i].y);
    for (unsigned i = 0; i < 2 && r->own_turned; i++)
        info->baseline[i] = ocrvl_layout_to_page(r->layout, info->baseline[i].x, info->baseline[i].y);
    info->x_height = own->x_height;
}

static ocrvl_status put_words(ocrvl_result *r, const ocrvl_node_info *info, const ocrvl_result_line *line,
                              ocrvl_error *err)
{
    uint32_t start = (uint32_t)line->lead;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = line->first; !st && i < line->first + line->count; i++) {
        const ocrvl_result_word *w = &r->words[i];
        start += i > line->first ? (uint32_t)ocrvl_utf8_count(w->gap, w->gap_len) : 0;
        ocrvl_node_info word = {
            .size = sizeof word, .kind = OCRVL_WORD, .text = w->text, .start = start, .confidence = w->confidence};
        ocrvl_text_differs(w->text, info, &word);
        set_box(r, &word, w->box, w->origin);
        word.style = w->style;
        word.raised = w->raised;
        word.link = w->link;
        if (w->lang)
            word.lang = w->lang;
        start += (uint32_t)ocrvl_utf8_count(w->text, strlen(w->text));
        st = ocrvl_builder_open(r->b, &word, err);
        if (!st)
            st = ocrvl_builder_close(r->b, err);
    }
    return st;
}

static ocrvl_status put_text(const ocrvl_result *r, const ocrvl_result_line *line, ocrvl_buf *text, ocrvl_error *err)
{
    for (size_t i = 0; i < line->lead; i++)
        ocrvl_buf_putc(text, ' ');
    for (size_t i = line->first; i < line->first + line->count; i++) {
        if (i > line->first)
            ocrvl_buf_put(text, r->words[i].gap, r->words[i].gap_len);
        ocrvl_buf_puts(text, r->words[i].text);
    }
    return text->failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}

ocrvl_status ocrvl_result_put_line(ocrvl_result *r, const ocrvl_result_line *line, ocrvl_error *err)
{
    ocrvl_buf text = {0};
    ocrvl_node_info info = {.size = sizeof info, .kind = OCRVL_LINE, .confidence = -1};
    ocrvl_status st = put_text(r, line, &text, err);
    if (!st) {
        info.text = text.data;
        info.lang = ocrvl_text_language(text.data, text.len);
        info.dir = ocrvl_text_direction(text.data, text.len);
        if (line->ink != OCRVL_NO_INK)
            st = set_ink(r, line, &info, err);
        else
            set_box(r, &info, line->box, line->origin);
        if (line->own)
            set_own(r, line->own, &line->box, &info);
    }
    if (!st)
        st = ocrvl_builder_open(r->b, &info, err);
    if (!st)
        st = put_words(r, &info, line, err);
    ocrvl_buf_free(&text);
    return st ? st : ocrvl_builder_close(r->b, err);
}
