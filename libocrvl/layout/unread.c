#include "layout/unread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/forest.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* Blobs of a page, and candidates among them: with more the page is noise. */
enum { MAX_BLOBS = 200000, MAX_CANDIDATES = 20000 };
enum { LETTERS = 4 }; /* that make a region */
/* Of frames: how thick their strokes are for their size at most, how long a straight stroke is at least for it, and how
 * much of their ink is in such strokes. Letters as thin as that aren't as straight. */
#define FRAME_THICK 0.06
#define FRAME_STROKE 0.3
#define FRAME_INK 0.9
enum { FAINT = 24 }; /* levels of grey between ink and paper: on a page without text a region with fewer is none */

typedef struct candidate {
    ocrvl_box box;
    int32_t area;
} candidate;

typedef struct searching {
    const ocrvl_layout *l;
    const bool *gave;
    double xh;                  /* of the page's text, in pixels of the mask */
    ocrvl_box *lines, *figures; /* in pixels of the mask */
    size_t line_count, figure_count;
    candidate *at;
    uint32_t *groups; /* [count] regions of candidates, a forest */
    size_t count;
    int64_t read, unread; /* ink */
} searching;

static ocrvl_box to_mask(const ocrvl_layout *l, ocrvl_box b)
{
    const ocrvl_ink_mask *m = l->mask;
    int32_t up = (int32_t)m->up, k = (int32_t)m->factor;
    return (ocrvl_box){b.x0 * up / k, b.y0 * up / k, b.x1 * up / k, b.y1 * up / k};
}

/* The x-height in the middle of the lines' that gave text, or of all; 0 if there are no lines. */
static ocrvl_status measure(searching *s, ocrvl_error *err)
{
    const ocrvl_layout *l = s->l;
    const ocrvl_ink_mask *m = l->mask;
    double *x = ocrvl_alloc_array(l->line_count + 1, sizeof *x);
    size_t n = 0;
    if (!x)
        return ocrvl_fail_nomem(err);
    for (int all = 0; all < 2 && n == 0; all++)
        for (size_t i = 0; i < l->line_count; i++)
            if ((all || s->gave[i]) && !l->lines[i].mark)
                x[n++] = l->lines[i].x_height * m->up / m->factor;
    if (n)
        qsort(x, n, sizeof *x, ocrvl_compare_doubles);
    s->xh = n ? x[n / 2] : 0;
    ocrvl_free(x);
    return OCRVL_OK;
}

static ocrvl_status list_places(searching *s, ocrvl_error *err)
{
    const ocrvl_layout *l = s->l;
    s->lines = ocrvl_alloc_array(l->line_count + 1, sizeof *s->lines);
    s->figures = ocrvl_alloc_array(l->block_count + 1, sizeof *s->figures);
    if (!s->lines || !s->figures)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < l->line_count; i++)
        if (s->gave[i])
            s->lines[s->line_count++] = to_mask(l, l->lines[i].ink);
    for (size_t i = 0; i < l->block_count; i++)
        if (l->blocks[i].role == OCRVL_ROLE_FIGURE)
            s->figures[s->figure_count++] = to_mask(l, l->blocks[i].box);
    return OCRVL_OK;
}

static bool is_in(const ocrvl_box *boxes, size_t n, const ocrvl_blob *b, double more)
{
    int32_t x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2;
    for (size_t i = 0; i < n; i++)
        if (x >= boxes[i].x0 - more && x < boxes[i].x1 + more && y >= boxes[i].y0 - more && y < boxes[i].y1 + more)
            return true;
    return false;
}

/* Whether it is a piece of a frame, such as is left of a table's where words stand that are known. Without memory it is
 * none. */
static bool is_of_frame(PIX *ink, const ocrvl_blob *b)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0, side = w > h ? w : h, least = (int32_t)ceil(FRAME_STROKE * side);
    if (b->area > FRAME_THICK * (w + h) * side)
        return false;
    BOX *box = boxCreate(b->x0, b->y0, w, h);
    PIX *part = box ? pixClipRectangle(ink, box, NULL) : NULL;
    PIX *level = part ? ocrvl_keep_runs(part, least, false) : NULL;
    PIX *upright = part ? ocrvl_keep_runs(part, least, true) : NULL;
    l_int32 all = 0, straight = 0;
    if (level && upright && pixOr(level, level, upright)) {
        pixCountPixels(part, &all, NULL);
        pixCountPixels(level, &straight, NULL);
    }
    boxDestroy(&box);
    pixDestroy(&part);
    pixDestroy(&level);
    pixDestroy(&upright);
    return all && straight >= FRAME_INK * all;
}

/* Sorts the blobs that are as large as letters into what was read, and candidates. */
static ocrvl_status sort_blobs(searching *s, const ocrvl_blobs *blobs, ocrvl_error *err)
{
    const ocrvl_ink_mask *m = s->l->mask;
    s->at = ocrvl_alloc_array(blobs->count + 1, sizeof *s->at);
    s->groups = ocrvl_alloc_array(blobs->count + 1, sizeof *s->groups);
    if (!s->at || !s->groups)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < blobs->count; i++) {
        const ocrvl_blob *b = &blobs->at[i];
        double w = b->x1 - b->x0, h = b->y1 - b->y0;
        if (h < 0.6 * s->xh || h > 3 * s->xh || w < 0.12 * s->xh || w > 6 * s->xh || b->area > 0.75 * w * h + 4 * s->xh)
            continue;
        if (is_in(s->lines, s->line_count, b, 0.5 * s->xh))
            s->read += b->area;
        else if (!is_in(s->figures, s->figure_count, b, 0) && !is_of_frame(m->ink, b))
            s->at[s->count++] = (candidate){{b->x0, b->y0, b->x1, b->y1}, b->area};
    }
    return OCRVL_OK;
}

static int by_left(const void *a, const void *b)
{
    const candidate *p = a, *q = b;
    if (p->box.x0 != q->box.x0)
        return p->box.x0 < q->box.x0 ? -1 : 1;
    return (p->box.y0 > q->box.y0) - (p->box.y0 < q->box.y0);
}

/* Letters that stand side by side, a wide word gap apart at most, are of one region. */
static void group(searching *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        s->groups[i] = i;
    for (uint32_t i = 0; i < s->count; i++) {
        const ocrvl_box *a = &s->at[i].box;
        for (uint32_t k = i + 1; k < s->count && s->at[k].box.x0 < a->x1 + 2.5 * s->xh; k++) {
            const ocrvl_box *b = &s->at[k].box;
            int32_t top = a->y0 > b->y0 ? a->y0 : b->y0, bottom = a->y1 < b->y1 ? a->y1 : b->y1;
            int32_t less = a->y1 - a->y0 < b->y1 - b->y0 ? a->y1 - a->y0 : b->y1 - b->y0;
            if ((bottom - top) * 2 < less)
                continue;
            ocrvl_forest_join(s->groups, i, k);
        }
    }
}

typedef struct region {
    ocrvl_box box;
    int64_t area, wide;
    size_t letters;
} region;

static int by_top(const void *a, const void *b)
{
    const region *p = a, *q = b;
    if (p->box.y0 != q->box.y0)
        return p->box.y0 < q->box.y0 ? -1 : 1;
    return (p->box.x0 > q->box.x0) - (p->box.x0 < q->box.x0);
}

/* Whether it is as wide and as low as words are, with letters all along. */
static bool is_texty(const region *r, double xh)
{
    double w = r->box.x1 - r->box.x0, h = r->box.y1 - r->box.y0;
    return r->letters >= LETTERS && w > 4 * xh && h < 4 * xh && w > 1.5 * h && (double)r->wide > 0.3 * w;
}

/* Whether it stands on the page, and not on the next one of an open book or on what lies beside it. */
static bool is_on_page(const ocrvl_box *b, const ocrvl_box *paper)
{
    int32_t x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2;
    return x >= paper->x0 && x < paper->x1 && y >= paper->y0 && y < paper->y1;
}

/* Whether its ink is hardly darker than its paper: the grain of paper, or the other side seen through. */
static bool is_faint(const ocrvl_layout *l, ocrvl_box b)
{
    size_t counts[256] = {0}, n = 0, sum = 0;
    int dark = -1, light = -1;
    for (int32_t y = b.y0 < 0 ? 0 : b.y0; y < b.y1 && y < (int32_t)l->grey->height; y++)
        for (int32_t x = b.x0 < 0 ? 0 : b.x0; x < b.x1 && x < (int32_t)l->grey->width; x++, n++)
            counts[l->grey->data[(size_t)y * l->grey->width + (size_t)x]]++;
    for (int v = 0; v < 256; v++) {
        sum += counts[v];
        dark = dark < 0 && sum * 20 > n ? v : dark;
        light = light < 0 && sum * 20 >= n * 19 ? v : light;
    }
    return light - dark < FAINT;
}

static bool gave_any(const searching *s)
{
    for (size_t i = 0; i < s->l->line_count; i++)
        if (s->gave[i])
            return true;
    return false;
}

static ocrvl_status list_regions(searching *s, ocrvl_unread *out, ocrvl_error *err)
{
    const ocrvl_ink_mask *m = s->l->mask;
    bool blank = !gave_any(s) && s->l->grey; /* on a page with text grain isn't taken for ink */
    region *regions = ocrvl_alloc_array(s->count + 1, sizeof *regions);
    out->boxes = ocrvl_alloc_array(s->count + 1, sizeof *out->boxes);
    if (!regions || !out->boxes) {
        ocrvl_free(regions);
        return ocrvl_fail_nomem(err);
    }
    for (uint32_t i = 0; i < s->count; i++) {
        region *r = &regions[ocrvl_forest_root(s->groups, i)];
        r->box = ocrvl_box_union(r->box, s->at[i].box);
        r->area += s->at[i].area;
        r->wide += s->at[i].box.x1 - s->at[i].box.x0;
        r->letters++;
    }
    qsort(regions, s->count, sizeof *regions, by_top);
    for (size_t i = 0; i < s->count; i++) {
        if (!is_texty(&regions[i], s->xh) || !is_on_page(&regions[i].box, &m->paper))
            continue;
        ocrvl_box box = ocrvl_from_mask(s->l, regions[i].box);
        if (blank && is_faint(s->l, box))
            continue;
        out->boxes[out->count++] = box;
        s->unread += regions[i].area;
    }
    ocrvl_free(regions);
    return OCRVL_OK;
}

static ocrvl_status search(searching *s, ocrvl_unread *out, ocrvl_error *err)
{
    const ocrvl_ink_mask *m = s->l->mask;
    ocrvl_blobs blobs = {0};
    ocrvl_status st = ocrvl_blobs_find(&blobs, m->ink, MAX_BLOBS, err);
    if (st == OCRVL_E_LIMIT)
        return OCRVL_OK;
    if (!st)
        st = list_places(s, err);
    if (!st)
        st = sort_blobs(s, &blobs, err);
    ocrvl_free(blobs.at);
    if (st || s->count == 0 || s->count > MAX_CANDIDATES)
        return st;
    qsort(s->at, s->count, sizeof *s->at, by_left);
    group(s);
    st = list_regions(s, out, err);
    out->share = s->read + s->unread ? (double)s->unread / (double)(s->read + s->unread) : 0;
    return st;
}

ocrvl_status ocrvl_layout_unread(ocrvl_unread *out, const ocrvl_layout *l, const bool *gave, ocrvl_error *err)
{
    const ocrvl_ink_mask *m = l->mask;
    searching s = {.l = l, .gave = gave};
    *out = (ocrvl_unread){0};
    if (!m || !m->ink)
        return OCRVL_OK;
    ocrvl_status st = measure(&s, err);
    if (!st && s.xh >= 3)
        st = search(&s, out, err);
    ocrvl_free(s.lines);
    ocrvl_free(s.figures);
    ocrvl_free(s.at);
    ocrvl_free(s.groups);
    if (st)
        ocrvl_unread_free(out);
    return st;
}

void ocrvl_unread_free(ocrvl_unread *u)
{
    ocrvl_free(u->boxes);
    *u = (ocrvl_unread){0};
}
