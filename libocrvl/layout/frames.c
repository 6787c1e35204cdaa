#include "layout/frames.h"

#include <math.h>

#include "base/image.h"
#include "base/maths.h"
#include "layout/layout_parts.h"

#define PI 3.14159265358979323846

ocrvl_point ocrvl_layout_to_page(const ocrvl_layout *l, float x, float y)
{
    double w = l->page_width, h = l->page_height, px = x, py = l->bend.count ? ocrvl_bend_at(&l->bend, x, y) : y;
    if (l->skew != 0) {
        double tw = l->rotation % 180 ? h : w, th = l->rotation % 180 ? w : h, c, s;
        ocrvl_sincos(l->skew * PI / 180, &s, &c);
        double u = x - l->grey->width / 2.0, v = py - l->flat_height / 2.0;
        px = u * c + v * s + tw / 2;
        py = v * c - u * s + th / 2;
    }
    switch (l->rotation) {
    case 90: return (ocrvl_point){(float)py, (float)(h - px)};
    case 180: return (ocrvl_point){(float)(w - px), (float)(h - py)};
    case 270: return (ocrvl_point){(float)(w - py), (float)px};
    default: return (ocrvl_point){(float)px, (float)py};
    }
}

#define STRAIGHT 0.5 /* pixels: no side strays further from its pieces */
enum { MOST_PIECES = 256 };

/* Whether the level from x0 to x1 strays in the page frame from the straight line between its ends. */
static bool strays(const ocrvl_layout *l, double x0, double x1, double y)
{
    enum { PLACES = 8 };
    ocrvl_point a = ocrvl_layout_to_page(l, (float)x0, (float)y), b = ocrvl_layout_to_page(l, (float)x1, (float)y);
    for (int i = 1; i < PLACES; i++) {
        double part = (double)i / PLACES;
        ocrvl_point p = ocrvl_layout_to_page(l, (float)(x0 + (x1 - x0) * part), (float)y);
        double dx = (double)p.x - ((double)a.x + ((double)b.x - (double)a.x) * part);
        double dy = (double)p.y - ((double)a.y + ((double)b.y - (double)a.y) * part);
        if (dx * dx + dy * dy > STRAIGHT * STRAIGHT)
            return true;
    }
    return false;
}

size_t ocrvl_layout_pieces(const ocrvl_layout *l, ocrvl_box k)
{
    size_t n = 1;
    for (bool bent = l->bend.count > 0; bent && n < MOST_PIECES; n += bent) {
        bent = false;
        for (size_t i = 0; i < n && !bent; i++) {
            double wide = (double)(k.x1 - k.x0) / (double)n, x = k.x0 + wide * (double)i;
            bent = strays(l, x, x + wide, k.y0) || strays(l, x, x + wide, k.y1);
        }
    }
    return n;
}

static int32_t clip(double v, uint32_t most) { return v < 0 ? 0 : v > most ? (int32_t)most : (int32_t)v; }

ocrvl_box ocrvl_layout_box_to_page(const ocrvl_layout *l, ocrvl_box b)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    int pieces = l->bend.count ? 1 + (int)((b.x1 - b.x0) / l->bend.step) : 1; /* of a bent side */
    for (int i = 0; i < 2 * (pieces + 1); i++) {
        double x = b.x0 + (double)(b.x1 - b.x0) * (i / 2) / pieces;
        ocrvl_point p = ocrvl_layout_to_page(l, (float)x, (float)(i & 1 ? b.y1 : b.y0));
        x0 = fmin(x0, p.x), x1 = fmax(x1, p.x);
        y0 = fmin(y0, p.y), y1 = fmax(y1, p.y);
    }
    const double near = 0.01; /* what rounding of floats may add isn't a pixel */
    return (ocrvl_box){clip(floor(x0 + near), l->page_width), clip(floor(y0 + near), l->page_height),
                       clip(ceil(x1 - near), l->page_width), clip(ceil(y1 - near), l->page_height)};
}
