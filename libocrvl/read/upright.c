#include "read/upright.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/layout.h"
#include "read/line_reader.h"
#include "read/schedule.h"
#include "read/tongue.h"

enum { LINES = 4 };  /* that are read each way */
enum { WAYS = 4 };   /* quarters by which the page may be turned further than its layout is */
#define LEGIBLE 0.35 /* surprise at text that is upright, at most, */
#define BETTER 2.2   /* and how many times as great it must be otherwise: capitals on their head 5.6, figures 3.6 */

typedef struct trial {
    ocrvl_lines lines;
    uint8_t *way; /* [lines.count] how each strip is turned */
    size_t way_cap;
} trial;

/* Turns a strip by 180 degrees. */
static void flip(ocrvl_strip *s)
{
    size_t n = (size_t)s->width * s->height;
    for (size_t i = 0; i < n / 2; i++) {
        uint8_t v = s->grey[i];
        s->grey[i] = s->grey[n - 1 - i];
        s->grey[n - 1 - i] = v;
    }
}

/* Adds the first strip of a line, turned so. */
static ocrvl_status add(trial *t, const ocrvl_layout *l, size_t line, const ocrvl_config *c, unsigned way,
                        ocrvl_error *err)
{
    ocrvl_lines *k = &t->lines;
    ocrvl_strip *strips;
    size_t n;
    ocrvl_strip_size size = ocrvl_tongue_strip_size(c);
    ocrvl_status st = ocrvl_layout_strips(l, line, &size, &strips, &n, err);
    if (st || !n)
        return st;
    if (!OCRVL_ARRAY_RESERVE(k->strips, k->cap, k->count + 1) ||
        !OCRVL_ARRAY_RESERVE(t->way, t->way_cap, k->count + 1)) {
        ocrvl_strips_free(strips, n);
        return ocrvl_fail_nomem(err);
    }
    t->way[k->count] = (uint8_t)way;
    k->strips[k->count] = strips[0];
    k->strips[k->count].line = (uint32_t)k->count; /* none goes on for another */
    if (way >= 2)
        flip(&k->strips[k->count]);
    k->count++;
    strips[0].grey = NULL;
    ocrvl_strips_free(strips, n);
    return OCRVL_OK;
}

/* Adds the widest lines of a layout, as they are and turned by 180 degrees. way: how it is turned itself. */
static ocrvl_status add_lines(trial *t, const ocrvl_layout *l, const ocrvl_config *c, unsigned way, ocrvl_error *err)
{
    size_t widest[LINES], n = 0;
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < l->line_count; i++) {
        int32_t w = l->lines[i].ink.x1 - l->lines[i].ink.x0;
        size_t at = n < LINES ? n++ : LINES;
        for (; at > 0 && w > l->lines[widest[at - 1]].ink.x1 - l->lines[widest[at - 1]].ink.x0; at--)
            if (at < LINES)
                widest[at] = widest[at - 1];
        if (at < LINES)
            widest[at] = i;
    }
    for (size_t i = 0; !st && i < n; i++)
        for (unsigned half = 0; !st && half < 2; half++)
            st = add(t, l, widest[i], c, way + 2 * half, err);
    return st;
}

/* How hard the strips that are turned so are to read: the mean of -ln of the probabilities of their tokens; INFINITY if
 * they say nothing. */
static double surprise(const trial *t, unsigned way)
{
    double sum = 0, tokens = 0;
    for (size_t i = 0; i < t->lines.count; i++) {
        const ocrvl_reading *r = &t->lines.readings[i];
        if (t->way[i] != way || r->tokens == 0 || r->cut || r->skipped)
            continue;
        sum -= r->likelihood;
        tokens += r->tokens + 1.0;
    }
    return tokens > 0 ? sum / tokens : INFINITY;
}

/* The way that reads far better than 0, or 0. */
static unsigned best_way(const trial *t)
{
    double own = surprise(t, 0), least = own;
    unsigned best = 0;
    for (unsigned way = 1; way < WAYS; way++) {
        double s = surprise(t, way);
        if (s < least) {
            least = s;
            best = way;
        }
    }
    return least < LEGIBLE && least * BETTER < own ? best : 0;
}

static ocrvl_status turned_layout(ocrvl_layout **out, const ocrvl_page_job *j, unsigned quarters, ocrvl_error *err)
{
    ocrvl_layout_options how = {.mode = j->opt.layout,
                                .keep_skew = j->opt.keep_skew,
                                .turned = true,
                                .rotation = (j->layout->rotation + 90 * quarters) % 360};
    return ocrvl_layout_new(out, j->in.image, &how, err);
}

ocrvl_status ocrvl_find_upright(ocrvl_page_job *j, ocrvl_error *err)
{
    trial t = {0};
    ocrvl_layout *side = NULL, *better = NULL;
    if (!j->layout->doubtful || !j->s->lines)
        return OCRVL_OK;
    const ocrvl_config *c = ocrvl_line_reader_config(j->s->lines);
    ocrvl_status st = add_lines(&t, j->layout, c, 0, err);
    if (!st && j->layout->doubtful_side)
        st = turned_layout(&side, j, 1, err);
    if (!st && side)
        st = add_lines(&t, side, c, 1, err);
    if (!st && t.lines.count)
        st = ocrvl_job_read_strips(j, &t.lines, err);
    unsigned way = !st && t.lines.count ? best_way(&t) : 0;
    if (way == 1) {
        better = side;
        side = NULL;
    } else if (way) {
        st = turned_layout(&better, j, way, err);
    }
    if (better) {
        ocrvl_layout_free(j->layout);
        j->layout = better;
    }
    ocrvl_layout_free(side);
    ocrvl_lines_free(&t.lines);
    ocrvl_free(t.way);
    return st;
}
