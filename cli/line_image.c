#include "line_image.h"

#include <math.h>

#include "base/image.h"
#include "base/mem.h"

/* A line's outline: points along its upper side from left to right, and as many along its lower side. Pixel (0, 0)
 * reaches from 0 to 1. */
typedef struct outline {
    const ocrvl_point *points; /* the upper side, and then the lower one from right to left */
    uint32_t count;            /* of each side */
} outline;

static ocrvl_point lower(const outline *o, uint32_t i) { return o->points[2 * o->count - 1 - i]; }

/* False: the line has a box alone. */
static bool outline_of(const ocrvl_node_info *line, outline *o)
{
    bool sides = line->curve_count >= 2 && line->polygon_count == 2 * line->curve_count;
    *o = sides ? (outline){line->polygon, line->curve_count} : (outline){line->quad, 2};
    return sides || line->quad[1].x != line->quad[0].x || line->quad[1].y != line->quad[0].y;
}

/* ---- upright lines ----------------------------------------------------------------------------------- */

static bool near(double a, double b) { return fabs(a - b) <= 0.5; }

static bool is_corner(ocrvl_point p, int32_t x, int32_t y) { return near(p.x, x) && near(p.y, y); }

/* Whether the outline is the box, and how the box has to be turned so that its text is upright. */
static bool is_box(const outline *o, ocrvl_box b, uint32_t *turn)
{
    const int32_t x[] = {b.x0, b.x1, b.x1, b.x0}, y[] = {b.y0, b.y0, b.y1, b.y1}; /* clockwise */
    if (o->count != 2)
        return false;
    for (uint32_t first = 0; first < 4; first++) { /* which of them is the upper left one of the text */
        bool same = true;
        for (uint32_t i = 0; i < 4; i++)
            same &= is_corner(o->points[i], x[(first + i) % 4], y[(first + i) % 4]);
        if (same) {
            *turn = (4 - first) % 4 * 90;
            return true;
        }
    }
    return false;
}

static ocrvl_status cut_box(ocrvl_image **out, const ocrvl_image *page, ocrvl_box b, uint32_t turn, ocrvl_error *err)
{
    ocrvl_image *part;
    int32_t w = (int32_t)page->width, h = (int32_t)page->height;
    b = (ocrvl_box){b.x0 > 0 ? b.x0 : 0, b.y0 > 0 ? b.y0 : 0, b.x1 < w ? b.x1 : w, b.y1 < h ? b.y1 : h};
    if (ocrvl_box_is_empty(b))
        return OCRVL_OK;
    ocrvl_status st = ocrvl_image_crop(&part, page, b, err);
    if (st || turn == 0) {
        *out = part;
        return st;
    }
    st = ocrvl_image_turn(out, part, turn, err);
    ocrvl_image_free(part);
    return st;
}

/* ---- lines that lean or bend ------------------------------------------------------------------------- */

static double distance(ocrvl_point a, ocrvl_point b) { return hypot((double)b.x - a.x, (double)b.y - a.y); }

static ocrvl_point between(ocrvl_point a, ocrvl_point b, double t)
{
    return (ocrvl_point){(float)(a.x + t * ((double)b.x - a.x)), (float)(a.y + t * ((double)b.y - a.y))};
}

/* How long the outline is from point i to the next, in its middle. */
static double length_of(const outline *o, uint32_t i)
{
    return distance(between(o->points[i], lower(o, i), 0.5), between(o->points[i + 1], lower(o, i + 1), 0.5));
}

/* The page's pixels at (x, y), between its pixels' centres; beside the page they are those of its edge. */
static void sample(uint8_t *to, const ocrvl_image *page, double x, double y)
{
    double right = page->width - 1.0, bottom = page->height - 1.0;
    x = fmin(fmax(x - 0.5, 0), right);
    y = fmin(fmax(y - 0.5, 0), bottom);
    size_t x0 = (size_t)x, y0 = (size_t)y, n = page->channels, row = page->width * n;
    size_t dx = x0 + 1 < page->width ? n : 0, dy = y0 + 1 < page->height ? row : 0;
    double fx = x - (double)x0, fy = y - (double)y0;
    const uint8_t *p = page->data + y0 * row + x0 * n;
    for (size_t c = 0; c < n; c++, p++)
        to[c] = (uint8_t)((1 - fy) * ((1 - fx) * p[0] + fx * p[dx]) + fy * ((1 - fx) * p[dy] + fx * p[dx + dy]) + 0.5);
}

static void draw_column(const ocrvl_image *to, uint32_t x, const ocrvl_image *page, ocrvl_point top, ocrvl_point bottom)
{
    for (uint32_t y = 0; y < to->height; y++) {
        ocrvl_point p = between(top, bottom, (y + 0.5) / to->height);
        sample(to->data + ((size_t)y * to->width + x) * to->channels, page, p.x, p.y);
    }
}

/* Draws the outline straight: column by column, from its upper side to its lower one. */
static void draw(const ocrvl_image *to, const ocrvl_image *page, const outline *o)
{
    double before = 0, length = length_of(o, 0);
    uint32_t i = 0;
    for (uint32_t x = 0; x < to->width; x++) {
        while (x + 0.5 > before + length && i + 2 < o->count) {
            before += length;
            length = length_of(o, ++i);
        }
        double t = length > 0 ? fmin((x + 0.5 - before) / length, 1) : 0;
        draw_column(to, x, page, between(o->points[i], o->points[i + 1], t), between(lower(o, i), lower(o, i + 1), t));
    }
}

/* ---- both -------------------------------------------------------------------------------------------- */

ocrvl_status cli_line_image(ocrvl_image **out, const ocrvl_image *page, const ocrvl_node_info *line, uint32_t turn,
                            ocrvl_error *err)
{
    outline o;
    double width = 0, height = 0, most = 2.0 * page->width * page->height;
    *out = NULL;
    if (!outline_of(line, &o) || is_box(&o, line->box, &turn))
        return cut_box(out, page, line->box, turn, err);
    for (uint32_t i = 0; i < o.count; i++) {
        width += i + 1 < o.count ? length_of(&o, i) : 0;
        height += distance(o.points[i], lower(&o, i)) / o.count;
    }
    width = round(width);
    height = round(height);
    if (!(width >= 1 && height >= 1 && width * height <= most)) /* no line's outline, or a file that lies */
        return cut_box(out, page, line->box, turn, err);
    ocrvl_status st =
        ocrvl_image_new(out, (uint32_t)width, (uint32_t)height, page->channels, page->dpi_x, page->dpi_y, 0, err);
    if (!st)
        draw(*out, page, &o);
    return st;
}
