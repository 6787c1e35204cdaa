/* Strokes of a pen: underlines drawn by hand, which lean and bend, so that no bar of pixels holds them, and join the
 * letters of two lines and more where they touch them. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* In heights of usual letters: blobs that are looked at, since they may be letters of two lines that a stroke joins; */
#define WIDE 4
#define HIGH 1.0
#define HIGHEST 12
/* how thick a stroke is at most, how long at least, how far it strays from a straight line, */
#define THICK 0.3
#define LONG 5.0
#define ASTRAY 0.35
#define BENT 0.02
#define LEAN 0.15        /* and how steep that may be; */
#define LETTERED 0.5     /* of the ink that is left is letters', or it is handwriting; */
#define BARE 0.6         /* of its length that letters don't touch */
enum { STROKES = 16 };   /* of one blob, at most */
enum { MOST = 1 << 23 }; /* pixels that are looked at on a page: a page of joined ink is no text */

/* What a stroke's path earns by a pixel: of the stroke alone, of a letter on it, of paper; and what a step up or down
 * costs. */
#define ALONE 1.0f
#define CROSSED 0.25f
#define GAP (-1.5f)
#define STEP 0.3f

#define NEAR 2.0f /* pixels: a letter's run that ends no further beyond a stroke ends with it */

enum { BEGIN = 2 }; /* a path's first pixel; others come from -1, 0 or 1 rows below */

/* A clip of the ink, and the paths that run through it from the left. */
typedef struct area {
    PIX *ink; /* [h][w] */
    int32_t w, h, thick;
    uint8_t *run; /* [h][w] vertical run that the pixel is in, up to 255; 0: paper */
    int8_t *from; /* [h][w] where a path comes from */
    float *score; /* [2][h] of the column before and of this one */
} area;

typedef struct path { /* that ends at (x, y) and earns so much */
    int32_t x, y;
    float score;
} path;

static void measure_runs(area *a)
{
    for (int32_t x = 0; x < a->w; x++)
        for (int32_t y = 0; y < a->h;) {
            l_uint32 v = 0;
            int32_t end = y;
            while (end < a->h && pixGetPixel(a->ink, x, end, &v) == 0 && v)
                end++;
            for (int32_t k = y; k < end; k++)
                a->run[(size_t)k * a->w + x] = (uint8_t)(end - y < 255 ? end - y : 255);
            y = end + 1;
        }
}

static float worth(const area *a, int32_t x, int32_t y)
{
    int32_t run = a->run[(size_t)y * a->w + x];
    return run == 0 ? GAP : run <= a->thick ? ALONE : CROSSED;
}

/* The path that earns most. */
static path best_path(area *a)
{
    path best = {.score = 0};
    memset(a->score, 0, 2 * (size_t)a->h * sizeof *a->score);
    for (int32_t x = 0; x < a->w; x++) {
        const float *before = a->score + (size_t)(x % 2) * a->h;
        float *now = a->score + (size_t)((x + 1) % 2) * a->h;
        for (int32_t y = 0; y < a->h; y++) {
            float most = 0;
            int8_t from = BEGIN;
            for (int8_t d = -1; d <= 1; d++) {
                float s = y + d >= 0 && y + d < a->h ? before[y + d] - (d ? STEP : 0) : 0;
                if (s > most || (d == 0 && s == most && s > 0)) {
                    most = s;
                    from = d;
                }
            }
            now[y] = most + worth(a, x, y);
            a->from[(size_t)y * a->w + x] = from;
            if (now[y] > best.score)
                best = (path){x, y, now[y]};
        }
    }
    return best;
}

/* Whether the path is a stroke: long, straight or nearly, and mostly clear of letters. */
static bool is_stroke(const area *a, path p, double median)
{
    int32_t first = p.x, alone = 0, y = p.y;
    double sx = 0, sy = 0, sxx = 0, sxy = 0, n = 0, off = 0;
    for (int32_t x = p.x; x >= 0; x--) {
        int8_t from = a->from[(size_t)y * a->w + x];
        int32_t run = a->run[(size_t)y * a->w + x];
        alone += run > 0 && run <= a->thick;
        first = x;
        n++, sx += x, sy += y, sxx += (double)x * x, sxy += (double)x * y;
        if (from == BEGIN)
            break;
        y += from;
    }
    if (n < LONG * median || alone < BARE * n)
        return false;
    double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx), base = (sy - slope * sx) / n;
    y = p.y;
    for (int32_t x = p.x; x > first; y += a->from[(size_t)y * a->w + x], x--)
        off = fmax(off, fabs(y - base - slope * x));
    return fabs(slope) < LEAN && off < ASTRAY * median + BENT * n;
}

/* The rows [*top, *end) of the run that (x, y) is in; false: it is paper. */
static bool run_at(const area *a, int32_t x, int32_t y, int32_t *top, int32_t *end)
{
    *top = *end = y;
    while (*end < a->h && a->run[(size_t)*end * a->w + x])
        ++*end;
    while (*end > y && *top > 0 && a->run[(size_t)(*top - 1) * a->w + x])
        --*top;
    return *end > y;
}

static void clear(const area *a, int32_t x, int32_t top, int32_t end)
{
    for (int32_t y = top > 0 ? top : 0; y < end && y < a->h; y++) {
        pixSetPixel(a->ink, x, y, 0);
        a->run[(size_t)y * a->w + x] = 0;
    }
}

/* Takes the stroke's pixels away, and returns its length. Of letters that stand on it or hang on it their own ink stays;
 * where one crosses it, all does. The stroke's middle is known where it is alone, `middle` [w]; between such places it
 * is that of the one to the right. */
static int32_t take_stroke(const area *a, path p, float *middle)
{
    int32_t first = p.x, top, end, y = p.y;
    float thick = 0, n = 0;
    for (int32_t x = p.x; x >= 0; x--) {
        int8_t from = a->from[(size_t)y * a->w + x];
        bool alone = run_at(a, x, y, &top, &end) && end - top <= a->thick;
        middle[x] = alone ? (float)(top + end) / 2 : x < p.x ? middle[x + 1] : (float)y;
        thick += alone ? (float)(end - top) : 0;
        n += alone;
        first = x;
        if (from == BEGIN)
            break;
        y += from;
    }
    thick /= fmaxf(n, 1);
    for (int32_t x = first; x <= p.x; x++) {
        float above = middle[x] - thick / 2, below = middle[x] + thick / 2;
        if (!run_at(a, x, (int32_t)middle[x], &top, &end))
            continue;
        if (end - top <= a->thick)
            clear(a, x, top, end);
        else if ((float)end <= below + NEAR) /* a letter stands on it */
            clear(a, x, (int32_t)floorf(above), end);
        else if ((float)top >= above - NEAR) /* or hangs on it */
            clear(a, x, top, (int32_t)ceilf(below));
    }
    return p.x + 1 - first;
}

/* How many blobs of a clip are as high as letters, and how much of its ink they are. */
static ocrvl_status count_letters(PIX *clip, int32_t median, size_t *n, double *share, ocrvl_error *err)
{
    ocrvl_blobs found;
    ocrvl_status st = ocrvl_blobs_find(&found, clip, SIZE_MAX, err);
    int64_t all = 0, letters = 0;
    *n = 0;
    for (size_t i = 0; i < found.count; i++) {
        int32_t w = found.at[i].x1 - found.at[i].x0, h = found.at[i].y1 - found.at[i].y0;
        bool is = h * 2 > median && h < 2 * median && w < 12 * median;
        *n += is;
        letters += is ? found.at[i].area : 0;
        all += found.at[i].area;
    }
    *share = all ? (double)letters / (double)all : 0;
    ocrvl_free(found.at);
    return st;
}

/* Takes the strokes out of a clip of the ink; *length: of all of them. */
static ocrvl_status take_strokes(PIX *clip, int32_t median, int32_t *length, ocrvl_error *err)
{
    area a = {.ink = clip, .w = pixGetWidth(clip), .h = pixGetHeight(clip)};
    size_t n = (size_t)a.w * (size_t)a.h;
    a.thick = (int32_t)(THICK * median) > 2 ? (int32_t)(THICK * median) : 2;
    a.run = ocrvl_alloc_array(n, sizeof *a.run);
    a.from = ocrvl_alloc_array(n, sizeof *a.from);
    a.score = ocrvl_alloc_array(2 * (size_t)a.h, sizeof *a.score);
    float *middle = ocrvl_alloc_array((size_t)a.w, sizeof *middle);
    ocrvl_status st = a.run && a.from && a.score && middle ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK)
        measure_runs(&a);
    *length = 0;
    for (int i = 0; st == OCRVL_OK && i < STROKES; i++) {
        path p = best_path(&a);
        if (!is_stroke(&a, p, median))
            break;
        *length += take_stroke(&a, p, middle);
    }
    ocrvl_free(a.run);
    ocrvl_free(a.from);
    ocrvl_free(a.score);
    ocrvl_free(middle);
    return st;
}

/* Moves the strokes of a blob, if letters come free that way. */
static ocrvl_status look(ocrvl_ink_mask *mask, const ocrvl_blob *b, int32_t median, bool *any, ocrvl_error *err)
{
    int32_t w = b->x1 - b->x0, h = b->y1 - b->y0, length = 0;
    BOX *box = boxCreate(b->x0, b->y0, w, h);
    PIX *whole = box ? pixClipRectangle(mask->ink, box, NULL) : NULL, *rest = whole ? pixCopy(NULL, whole) : NULL;
    size_t before = 0, after = 0;
    double share = 0;
    ocrvl_status st = rest ? take_strokes(rest, median, &length, err) : ocrvl_fail_nomem(err);
    if (st == OCRVL_OK && length > 0)
        st = count_letters(whole, median, &before, &share, err);
    if (st == OCRVL_OK && length > 0)
        st = count_letters(rest, median, &after, &share, err);
    if (st == OCRVL_OK && after > before && share > LETTERED) {
        if (!mask->rules && !(mask->rules = pixCreateTemplate(mask->ink)))
            st = ocrvl_fail_nomem(err);
        pixXor(whole, whole, rest); /* the strokes */
        if (st == OCRVL_OK) {
            pixRasterop(mask->ink, b->x0, b->y0, w, h, PIX_SUBTRACT, whole, 0, 0);
            pixRasterop(mask->rules, b->x0, b->y0, w, h, PIX_PAINT, whole, 0, 0);
            *any = true;
        }
    }
    pixDestroy(&whole);
    pixDestroy(&rest);
    boxDestroy(&box);
    return st;
}

ocrvl_status ocrvl_take_strokes(ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, int32_t median, bool *any,
                                ocrvl_error *err)
{
    int64_t pixels = 0;
    ocrvl_status st = OCRVL_OK;
    *any = false;
    for (size_t i = 0; i < blobs->count && st == OCRVL_OK; i++) {
        const ocrvl_blob *b = &blobs->at[i];
        int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
        if (w < WIDE * median || h < HIGH * median || h > HIGHEST * median)
            continue;
        pixels += (int64_t)w * h;
        if (pixels > MOST)
            break;
        st = look(mask, b, median, any, err);
    }
    return st;
}
