#include <math.h>
#include <stdlib.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* Roles are given on plain evidence alone; what is in doubt stays a paragraph. */
#define HEADING_SIZE 1.5 /* times the body's x-height: capitals alone may seem 1.4 times as large */
#define HEADING_LINES 3
#define NUMBER_WIDTH 6.0 /* x-heights: "- 12 -" */
#define NUMBER_APART 6.0 /* from what else stands on its level */
#define LEAST_LINES 8    /* a page of fewer has no margins to speak of */

/* What the lines of a page are like on the whole. */
typedef struct body {
    double x_height;
    double pitch; /* from level to level, in the middle of all */
    int32_t x0, x1;
} body;

static ocrvl_status measure(body *b, const ocrvl_layout *l, ocrvl_error *err)
{
    float *v = ocrvl_alloc_array(l->line_count, sizeof *v);
    size_t n = 0;
    if (!v)
        return ocrvl_fail_nomem(err);
    *b = (body){.x0 = INT32_MAX};
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_layout_line *line = &l->lines[i];
        v[i] = line->x_height;
        b->x0 = line->ink.x0 < b->x0 ? line->ink.x0 : b->x0;
        b->x1 = line->ink.x1 > b->x1 ? line->ink.x1 : b->x1;
    }
    qsort(v, l->line_count, sizeof *v, ocrvl_compare_floats);
    b->x_height = v[l->line_count / 2];
    for (size_t i = 0; i < l->line_count; i++)
        v[i] = (l->lines[i].baseline[0] + l->lines[i].baseline[1]) / 2;
    qsort(v, l->line_count, sizeof *v, ocrvl_compare_floats);
    for (size_t i = 1; i < l->line_count; i++) /* the steps from level to level */
        if (v[i] - v[i - 1] > b->x_height)
            v[n++] = v[i] - v[i - 1];
    qsort(v, n, sizeof *v, ocrvl_compare_floats);
    b->pitch = n ? v[n / 2] : 2.5 * b->x_height;
    ocrvl_free(v);
    return OCRVL_OK;
}

/* Whether the line stands at the page's top (dir -1) or bottom (1), alone but for others on its own level, with more
 * room to the text than there is between lines. */
static bool at_margin(const ocrvl_layout *l, const ocrvl_layout_line *line, int dir, const body *b)
{
    double base = (line->baseline[0] + line->baseline[1]) / 2, room = INFINITY;
    for (size_t i = 0; i < l->line_count; i++) {
        double off = ((l->lines[i].baseline[0] + l->lines[i].baseline[1]) / 2 - base) * -dir;
        if (fabs(off) < b->x_height)
            continue;
        if (off < 0)
            return false;
        room = fmin(room, off);
    }
    return room < INFINITY && room > 1.3 * b->pitch;
}

static bool same_level(const ocrvl_layout_line *a, const ocrvl_layout_line *b)
{
    return fabsf(a->baseline[0] - b->baseline[0]) < fmaxf(a->x_height, b->x_height);
}

/* Whether nothing else stands near on the line's level. */
static bool stands_apart(const ocrvl_layout *l, const ocrvl_layout_line *line, double least)
{
    for (size_t i = 0; i < l->line_count; i++) {
        const ocrvl_layout_line *o = &l->lines[i];
        if (o != line && same_level(o, line) && o->ink.x0 - line->ink.x1 < least && line->ink.x0 - o->ink.x1 < least)
            return false;
    }
    return true;
}

/* A single line as short as a number, at the top or bottom. */
static bool is_page_number(const ocrvl_layout *l, const ocrvl_layout_block *block, int dir, const body *b)
{
    const ocrvl_layout_line *line = &l->lines[block->first_line];
    return block->lines == 1 && line->ink.x1 - line->ink.x0 < NUMBER_WIDTH * b->x_height &&
           line->x_height < 1.6 * b->x_height && at_margin(l, line, dir, b) &&
           stands_apart(l, line, NUMBER_APART * b->x_height);
}

/* Whether a long rule runs between the line and the text. */
static bool has_rule(const ocrvl_layout *l, const ocrvl_layout_line *line, int dir, const body *b)
{
    for (size_t i = 0; i < l->block_count; i++) {
        const ocrvl_box *r = &l->blocks[i].box;
        double off = (r->y0 - line->baseline[0]) * -dir;
        if (l->blocks[i].role == OCRVL_ROLE_SEPARATOR && (r->x1 - r->x0) * 2 > b->x1 - b->x0 && off > 0 &&
            off < 2 * b->pitch)
            return true;
    }
    return false;
}

/* A single line at the top or bottom that shares its level with a page number, or that a rule sets off at the top. */
static bool is_running(const ocrvl_layout *l, const ocrvl_layout_block *block, int dir, const body *b)
{
    const ocrvl_layout_line *line = &l->lines[block->first_line];
    if (block->lines != 1 || line->x_height > 1.2 * b->x_height || !at_margin(l, line, dir, b))
        return false;
    for (size_t i = 0; i < l->block_count; i++)
        if (l->blocks[i].role == OCRVL_ROLE_PAGE_NUMBER && same_level(line, &l->lines[l->blocks[i].first_line]))
            return true;
    return dir < 0 && has_rule(l, line, dir, b);
}

static bool is_heading(const ocrvl_layout *l, const ocrvl_layout_block *block, const body *b)
{
    if (block->lines == 0 || block->lines > HEADING_LINES)
        return false;
    for (size_t i = 0; i < block->lines; i++) {
        const ocrvl_layout_line *line = &l->lines[block->first_line + i];
        int32_t w = line->ink.x1 - line->ink.x0, h = line->ink.y1 - line->ink.y0;
        if (line->x_height < HEADING_SIZE * b->x_height || w < h) /* one letter is a drop capital */
            return false;
    }
    return true;
}

/* Of several numbers on one level none is the page's: they head a table's columns. */
static void find_page_numbers(ocrvl_layout *l, const body *b)
{
    for (int dir = -1; dir <= 1; dir += 2) {
        size_t found = 0, at = 0;
        for (size_t i = 0; i < l->block_count; i++)
            if (l->blocks[i].lines > 0 && is_page_number(l, &l->blocks[i], dir, b))
                found++, at = i;
        if (found == 1)
            l->blocks[at].role = OCRVL_ROLE_PAGE_NUMBER;
    }
}

ocrvl_status ocrvl_layout_roles(ocrvl_layout *l, ocrvl_error *err)
{
    body b = {0};
    if (l->line_count < LEAST_LINES)
        return OCRVL_OK;
    ocrvl_status st = measure(&b, l, err);
    if (st != OCRVL_OK)
        return st;
    find_page_numbers(l, &b);
    for (size_t i = 0; i < l->block_count; i++) {
        ocrvl_layout_block *block = &l->blocks[i];
        if (block->lines == 0 || block->role != OCRVL_ROLE_PARAGRAPH)
            continue;
        if (is_running(l, block, -1, &b))
            block->role = OCRVL_ROLE_HEADER;
        else if (is_running(l, block, 1, &b))
            block->role = OCRVL_ROLE_FOOTER;
        else if (is_heading(l, block, &b))
            block->role = OCRVL_ROLE_HEADING;
    }
    return OCRVL_OK;
}
