#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

/* Pictures are areas of ink without the white lines that run through text: looked at in cells of a quarter of a
 * letter's height, with gaps of a cell closed, they stay solid over several letters' height both ways. */
#define SOLID 10     /* cells: 2.5 letters */
#define LEAST 24     /* cells a side: 6 letters */
#define LETTERED 0.5 /* of the ink in blobs of the letters' height: heavy lines set close, no picture */

static PIX *solid_cells(PIX *ink, int steps)
{
    PIX *cells = pixReduceRankBinaryCascade(ink, steps > 0, steps > 1, steps > 2, steps > 3);
    PIX *closed = cells ? pixCloseBrick(NULL, cells, 2, 2) : NULL;
    PIX *open = closed ? pixOpenBrick(NULL, closed, SOLID, SOLID) : NULL;
    pixDestroy(&cells);
    pixDestroy(&closed);
    return open;
}

/* Light text in a dark box makes no picture of it. */
static bool holds_light_text(const ocrvl_ink_mask *mask, const ocrvl_box *b)
{
    l_int32 n = 0;
    BOX *box = mask->light ? boxCreate(b->x0, b->y0, b->x1 - b->x0, b->y1 - b->y0) : NULL;
    if (box && pixCountPixelsInRect(mask->light, box, &n, NULL) != 0)
        n = 0;
    boxDestroy(&box);
    return n > 0;
}

/* Whether most of the ink in a box is in blobs as high as the page's letters. */
static bool is_lettered(const ocrvl_blobs *blobs, const ocrvl_box *b, int32_t median)
{
    int64_t all = 0, letters = 0;
    for (size_t i = 0; i < blobs->count; i++) {
        const ocrvl_blob *k = &blobs->at[i];
        int32_t x = (k->x0 + k->x1) / 2, y = (k->y0 + k->y1) / 2, w = k->x1 - k->x0, h = k->y1 - k->y0;
        if (x < b->x0 || x >= b->x1 || y < b->y0 || y >= b->y1)
            continue;
        all += k->area;
        if (h * 2 > median && h < 2 * median && w < 12 * median)
            letters += k->area;
    }
    return (double)letters > LETTERED * (double)all;
}

ocrvl_status ocrvl_find_pictures(const ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, ocrvl_regions *regions,
                                 int32_t median, ocrvl_error *err)
{
    int steps = 0;
    int32_t w = pixGetWidth(mask->ink), h = pixGetHeight(mask->ink);
    while (steps < 4 && 8 << steps <= median)
        steps++;
    int32_t cell = 1 << steps;
    if (w < LEAST * cell || h < LEAST * cell)
        return OCRVL_OK;
    PIX *cells = solid_cells(mask->ink, steps);
    if (!cells)
        return ocrvl_fail_nomem(err);
    ocrvl_blobs found = {0};
    ocrvl_status st = ocrvl_blobs_find(&found, cells, SIZE_MAX, err);
    for (size_t i = 0; i < found.count && st == OCRVL_OK; i++) {
        const ocrvl_blob *b = &found.at[i];
        int64_t bw = b->x1 - b->x0, bh = b->y1 - b->y0;
        ocrvl_box box = {b->x0 * cell, b->y0 * cell, b->x1 * cell < w ? b->x1 * cell : w,
                         b->y1 * cell < h ? b->y1 * cell : h};
        bool at_edge = box.x0 <= cell || box.y0 <= cell || box.x1 >= w - cell || box.y1 >= h - cell;
        if (bw >= LEAST && bh >= LEAST && b->area * 5 > bw * bh * 2 && !at_edge && !holds_light_text(mask, &box) &&
            !is_lettered(blobs, &box, median))
            st = ocrvl_region_add(regions, (ocrvl_region){.box = box, .role = OCRVL_ROLE_FIGURE}, err);
    }
    ocrvl_free(found.at);
    pixDestroy(&cells);
    return st;
}
