/* What was found on a page, drawn on its image: words by confidence, lines, blocks with their number in the reading
 * order and role, the way from one block to the next, and the places of warnings. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "out/parts.h"
#include "out/tinyfont.h"

typedef struct colour {
    uint8_t r, g, b;
} colour;

typedef struct canvas {
    ocrvl_image *img; /* RGB */
    int32_t unit;     /* pixels of a thin line; a sheet of A4 at 100 dots an inch has 1 */
} canvas;

static const colour sure = {46, 125, 50}, unsure = {230, 126, 0}, doubtful = {211, 32, 38},
                    line_colour = {120, 144, 190};
static const colour order_colour = {150, 0, 150}, warning_colour = {211, 0, 120}, white = {255, 255, 255};

static colour of_role(ocrvl_role role)
{
    switch (role) {
    case OCRVL_ROLE_TITLE:
    case OCRVL_ROLE_HEADING: return (colour){183, 28, 28};
    case OCRVL_ROLE_TABLE: return (colour){0, 105, 92};
    case OCRVL_ROLE_FIGURE: return (colour){93, 64, 55};
    case OCRVL_ROLE_PARAGRAPH: return (colour){13, 71, 161};
    case OCRVL_ROLE_LIST_ITEM: return (colour){74, 20, 140};
    default: return (colour){69, 90, 100};
    }
}

/* ---- pixels ------------------------------------------------------------------------------------------ */

static void fill(canvas *c, int32_t x0, int32_t y0, int32_t x1, int32_t y1, colour k)
{
    int32_t w = (int32_t)c->img->width, h = (int32_t)c->img->height;
    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 > w ? w : x1;
    y1 = y1 > h ? h : y1;
    for (int32_t y = y0; y < y1; y++)
        for (int32_t x = x0; x < x1; x++)
            memcpy(c->img->data + ((size_t)y * c->img->width + (size_t)x) * 3, &k, 3);
}

/* A frame of that thickness just around the box. */
static void frame(canvas *c, ocrvl_box b, int32_t t, colour k)
{
    fill(c, b.x0 - t, b.y0 - t, b.x1 + t, b.y0, k);
    fill(c, b.x0 - t, b.y1, b.x1 + t, b.y1 + t, k);
    fill(c, b.x0 - t, b.y0, b.x0, b.y1, k);
    fill(c, b.x1, b.y0, b.x1 + t, b.y1, k);
}

/* Points of a side t thick, closely one after the other, from a to b. */
static void stroke(canvas *c, ocrvl_point a, ocrvl_point b, int32_t t, colour k)
{
    int32_t steps = (int32_t)fmaxf(fabsf(b.x - a.x), fabsf(b.y - a.y)) + 1;
    for (int32_t i = 0; i <= steps; i++) {
        float part = (float)i / (float)steps;
        int32_t x = (int32_t)(a.x + (b.x - a.x) * part), y = (int32_t)(a.y + (b.y - a.y) * part);
        fill(c, x - t / 2, y - t / 2, x - t / 2 + t, y - t / 2 + t, k);
    }
}

/* The text in white on a tag of the colour, left of the box's upper left corner, or where there is no room, above it.
 */
static void tag(canvas *c, int32_t x, int32_t y, const char *text, colour k)
{
    int32_t dot = c->unit * 2, high = dot * (OCRVL_TINY_HIGH + 2);
    int32_t wide = dot * ((int32_t)strlen(text) * (OCRVL_TINY_WIDE + 1) + 1);
    if (x >= wide) {
        x -= wide;
        y += high;
    }
    x = x + wide > (int32_t)c->img->width ? (int32_t)c->img->width - wide : x;
    x = x < 0 ? 0 : x;
    y = y < high ? high : y;
    fill(c, x, y - high, x + wide, y, k);
    for (; *text; text++, x += dot * (OCRVL_TINY_WIDE + 1))
        for (int32_t row = 0; row < OCRVL_TINY_HIGH; row++)
            for (int32_t col = 0; col < OCRVL_TINY_WIDE; col++)
                if (ocrvl_tiny_dot(*text, row, col)) {
                    int32_t px = x + dot * (col + 1), py = y - high + dot * (row + 1);
                    fill(c, px, py, px + dot, py + dot, white);
                }
}

/* ---- the page ---------------------------------------------------------------------------------------- */

static void draw_word(canvas *c, const ocrvl_node_info *i)
{
    colour k = i->confidence < 0 || i->confidence >= 0.8f ? sure : i->confidence >= 0.5f ? unsure : doubtful;
    frame(c, i->box, c->unit, k);
    if (i->confidence >= 0 && i->confidence < 0.8f) /* told by more than its colour */
        fill(c, i->box.x0, i->box.y1, i->box.x1, i->box.y1 + 3 * c->unit, k);
}

static ocrvl_point within(const canvas *c, ocrvl_point p)
{
    return (ocrvl_point){fminf(fmaxf(p.x, 0), (float)c->img->width), fminf(fmaxf(p.y, 0), (float)c->img->height)};
}

/* Draws a line's outline; false: none is known, or it is as good as the box. */
static bool draw_outline(canvas *c, const ocrvl_node_info *i)
{
    size_t n;
    const ocrvl_point *p = ocrvl_outline(i, &n);
    const ocrvl_box *b = &i->box;
    bool leans = n > 4;
    for (size_t k = 0; k < n && !leans; k++)
        leans = fminf(fabsf(p[k].y - (float)b->y0), fabsf(p[k].y - (float)b->y1)) > 1;
    for (size_t k = 0; k < n && leans; k++)
        stroke(c, within(c, p[k]), within(c, p[(k + 1) % n]), c->unit, line_colour);
    return leans;
}

/* Lines, cells and words below a block. */
static void draw_below(canvas *c, const ocrvl_node *node)
{
    for (const ocrvl_node *n = ocrvl_node_first(node); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        bool box = ocrvl_has_box(&i);
        if (box && i.kind == OCRVL_WORD)
            draw_word(c, &i);
        else if (box && !(i.kind == OCRVL_LINE && draw_outline(c, &i)))
            frame(c, i.box, c->unit, i.kind == OCRVL_CELL ? of_role(OCRVL_ROLE_TABLE) : line_colour);
        draw_below(c, n); /* at most three levels deep */
    }
}

static ocrvl_point middle(ocrvl_box b) { return (ocrvl_point){(float)(b.x0 + b.x1) / 2, (float)(b.y0 + b.y1) / 2}; }

static void draw_blocks(canvas *c, const ocrvl_page *page)
{
    unsigned number = 0;
    ocrvl_point last = {0, 0};
    for (const ocrvl_node *n = ocrvl_page_first(page); n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = ocrvl_info(n);
        ocrvl_box box = ocrvl_box_around(n, (ocrvl_box){0});
        char text[64];
        number++;
        if (!box.x1)
            continue;
        frame(c, box, 2 * c->unit, of_role(i.role));
        if (last.x > 0)
            stroke(c, last, middle(box), c->unit, order_colour);
        last = middle(box);
        fill(c, (int32_t)last.x - 4 * c->unit, (int32_t)last.y - 4 * c->unit, (int32_t)last.x + 4 * c->unit,
             (int32_t)last.y + 4 * c->unit, order_colour);
        snprintf(text, sizeof text, "%u %s", number, ocrvl_role_name(i.role));
        tag(c, box.x0 - 2 * c->unit, box.y0 - 2 * c->unit, text, of_role(i.role));
    }
}

static void draw_warnings(canvas *c, const ocrvl_page *page)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    for (uint32_t i = 0; i < info.warnings; i++) {
        const char *code;
        ocrvl_box box = ocrvl_page_warning_box(page, i);
        ocrvl_page_warning(page, i, &code, NULL);
        if (!box.x1)
            continue;
        frame(c, box, 3 * c->unit, warning_colour);
        tag(c, box.x0 - 3 * c->unit, box.y0 - 3 * c->unit, code, warning_colour);
    }
}

ocrvl_status ocrvl_image_overlay(ocrvl_image **out, const ocrvl_image *img, const ocrvl_page *page, ocrvl_error *err)
{
    ocrvl_page_info info = ocrvl_info_of_page(page);
    *out = NULL;
    if (info.width != img->width || info.height != img->height)
        return ocrvl_fail(err, OCRVL_E_ARG, "the image has %u x %u pixels, and the page %u x %u", img->width,
                          img->height, info.width, info.height);
    ocrvl_status st = ocrvl_image_new(out, img->width, img->height, 3, img->dpi_x, img->dpi_y, OCRVL_MAX_PIXELS, err);
    if (st)
        return st;
    uint32_t longer = img->width > img->height ? img->width : img->height;
    canvas c = {*out, longer < 1170 ? 1 : (int32_t)(longer / 1170)};
    size_t n = (size_t)img->width * img->height;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 3; k++) /* paler, so that what is drawn stands out */
            (*out)->data[i * 3 + k] =
                (uint8_t)(64 + img->data[i * img->channels + (img->channels == 3 ? k : 0)] * 191 / 255);
    for (const ocrvl_node *b = ocrvl_page_first(page); b; b = ocrvl_node_next(b))
        draw_below(&c, b);
    draw_blocks(&c, page);
    draw_warnings(&c, page);
    return OCRVL_OK;
}
