/* Seals: rings with letters along them, which stand upright in few places, so that single ones would be read. */
#include <math.h>

#include "layout/layout_parts.h"

enum { RINGS = 64 };  /* that are looked at on a page */
enum { LETTERS = 8 }; /* that a seal has along its ring, */
enum { SECTORS = 8 }; /* in most of the eighths of it */
#define LEAST 4       /* heights of usual letters: no seal is smaller */
#define ROUND 1.25    /* the longer side of a ring's box by the shorter one, at most */
#define SPARSE 0.3    /* of the box: a ring has less ink */
#define EDGE 0.08 /* of the box's sides: a ring has ink so near to the middle of each side, and none in the corners */
#define INNER 0.5 /* of the ring's radius: letters along it stand further out, */
#define ALONG 0.4 /* as so many of those within it do; the others are an emblem */

static bool has_ink(PIX *ink, double x0, double y0, double x1, double y1)
{
    return ocrvl_ink_in(ink, (int32_t)x0, (int32_t)y0, (int32_t)ceil(x1), (int32_t)ceil(y1)) > 0;
}

/* Whether a blob is a ring, by its sides and its corners. */
static bool is_ring(PIX *ink, const ocrvl_blob *b, int32_t median)
{
    double w = b->x1 - b->x0, h = b->y1 - b->y0, ex = EDGE * w, ey = EDGE * h, mx = b->x0 + w / 2, my = b->y0 + h / 2;
    if (fmin(w, h) < LEAST * median || fmax(w, h) > ROUND * fmin(w, h) || b->area > SPARSE * w * h)
        return false;
    return has_ink(ink, b->x0, my - ey, b->x0 + ex, my + ey) && has_ink(ink, b->x1 - ex, my - ey, b->x1, my + ey) &&
           has_ink(ink, mx - ex, b->y0, mx + ex, b->y0 + ey) && has_ink(ink, mx - ex, b->y1 - ey, mx + ex, b->y1) &&
           !has_ink(ink, b->x0, b->y0, b->x0 + ex, b->y0 + ey) && !has_ink(ink, b->x1 - ex, b->y0, b->x1, b->y0 + ey) &&
           !has_ink(ink, b->x0, b->y1 - ey, b->x0 + ex, b->y1) && !has_ink(ink, b->x1 - ex, b->y1 - ey, b->x1, b->y1);
}

/* Whether letters stand along the inside of a ring, all round. */
static bool is_lettered(const ocrvl_blobs *blobs, const ocrvl_blob *ring, int32_t median)
{
    double rx = (ring->x1 - ring->x0) / 2.0, ry = (ring->y1 - ring->y0) / 2.0;
    size_t within = 0, along = 0, sectors = 0;
    bool seen[SECTORS] = {false};
    for (size_t i = 0; i < blobs->count; i++) {
        const ocrvl_blob *b = &blobs->at[i];
        int32_t w = b->x1 - b->x0, h = b->y1 - b->y0, high = w > h ? w : h;
        double x = (b->x0 + b->x1) / 2.0 - ring->x0 - rx, y = (b->y0 + b->y1) / 2.0 - ring->y0 - ry,
               out = sqrt(x / rx * (x / rx) + y / ry * (y / ry));
        if (out > 1 || high * 2 < median || high > rx)
            continue;
        within++;
        if (out < INNER)
            continue;
        along++;
        seen[(x > 0) + 2 * (y > 0) + 4 * (fabs(x / rx) > fabs(y / ry))] = true;
    }
    for (int i = 0; i < SECTORS; i++)
        sectors += seen[i];
    return along >= LETTERS && (double)along > ALONG * (double)within && sectors >= SECTORS - 2;
}

ocrvl_status ocrvl_find_seals(const ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, ocrvl_regions *regions,
                              int32_t median, ocrvl_error *err)
{
    size_t rings = 0;
    for (size_t i = 0; i < blobs->count && rings < RINGS; i++) {
        const ocrvl_blob *b = &blobs->at[i];
        if (!is_ring(mask->ink, b, median))
            continue;
        rings++;
        ocrvl_region seal = {.box = {b->x0, b->y0, b->x1, b->y1}, .role = OCRVL_ROLE_FIGURE};
        ocrvl_status st = is_lettered(blobs, b, median) ? ocrvl_region_add(regions, seal, err) : OCRVL_OK;
        if (st != OCRVL_OK)
            return st;
    }
    return OCRVL_OK;
}
