#include "in/painted.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/mem.h"

enum { MOST_BOXES = 20000, TIMES = 40 /* the page's pixels are painted so often at most */ };

void ocrvl_painted_free(ocrvl_painted *p)
{
    ocrvl_free(p->at);
    *p = (ocrvl_painted){0};
}

bool ocrvl_painted_add(ocrvl_painted *p, ocrvl_painted_box box)
{
    if (p->count == MOST_BOXES || !OCRVL_ARRAY_RESERVE(p->at, p->cap, p->count + 1))
        return false;
    p->at[p->count++] = box;
    return true;
}

typedef struct span { /* along one side, in pixels within the image */
    double from, to;
} span;

/* poppler draws no line thinner than this, in pixels, however thin it is. */
#define THINNEST 0.5

static span shown(double from, double to, uint32_t most)
{
    double more = fmax(THINNEST - (to - from), 0) / 2;
    return (span){fmax(from - more, 0), fmin(to + more, most)};
}

/* How much of pixel i the span covers. */
static double share(span s, uint32_t i) { return fmin(s.to, i + 1.0) - fmax(s.from, i); }

static void paint(uint8_t *grey, uint32_t width, span x, span y, double bright)
{
    uint32_t x0 = (uint32_t)x.from, x1 = (uint32_t)ceil(x.to), y1 = (uint32_t)ceil(y.to);
    for (uint32_t v = (uint32_t)y.from; v < y1; v++) {
        double high = share(y, v);
        for (uint32_t u = x0; u < x1; u++) {
            uint8_t *to = grey + (size_t)v * width + u;
            *to = (uint8_t)(*to + high * share(x, u) * (255 * bright - *to) + 0.5);
        }
    }
}

void ocrvl_painted_draw(uint8_t *grey, uint32_t width, uint32_t height, const ocrvl_painted *p,
                        const ocrvl_painted_view *view, double least)
{
    double room = TIMES * ((double)width * height + 10000);
    memset(grey, 255, (size_t)width * height);
    for (size_t i = 0; i < p->count; i++) {
        const ocrvl_painted_box *b = &p->at[i];
        span x = shown((b->x0 - view->left) * view->sx, (b->x1 - view->left) * view->sx, width),
             y = shown((view->top - b->y1) * view->sy, (view->top - b->y0) * view->sy, height);
        if (!(x.to > x.from && y.to > y.from) || fmax(b->x1 - b->x0, b->y1 - b->y0) < least)
            continue;
        room -= (x.to - x.from + 2) * (y.to - y.from + 2);
        if (room < 0)
            return;
        paint(grey, width, x, y, b->bright);
    }
}

static inline uint8_t less_of(uint8_t a, uint8_t b) { return a < b ? a : b; }

/* Pixels [1, width - 1) of a row and those around each -> what the darkest of them takes off the page. */
static void take_row(uint8_t *restrict rest, const uint8_t *restrict page, const uint8_t *restrict above,
                     const uint8_t *restrict here, const uint8_t *restrict below, uint32_t width)
{
    for (uint32_t x = 1; x + 1 < width; x++) {
        uint8_t up = less_of(less_of(above[x - 1], above[x]), above[x + 1]),
                down = less_of(less_of(below[x - 1], below[x]), below[x + 1]),
                level = less_of(less_of(here[x - 1], here[x]), here[x + 1]),
                darkest = less_of(less_of(up, down), level);
        rest[x] = page[x] > darkest ? 255 : (uint8_t)(255 - darkest + page[x]);
    }
}

void ocrvl_painted_take(uint8_t *rest, const uint8_t *page, const uint8_t *painted, uint32_t width, uint32_t height)
{
    memset(rest, 255, (size_t)width * height);
    for (uint32_t y = 1; y + 1 < height; y++) {
        size_t at = (size_t)y * width;
        take_row(rest + at, page + at, painted + at - width, painted + at, painted + at + width, width);
    }
}
