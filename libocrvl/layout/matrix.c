/* Text printed by needles whose dots stand apart: no letter is in one piece. The dots are widened until they meet,
 * also aslant, before lines are looked for. A halftone's dots give one large piece then, letters give pieces of a
 * letter's height. */
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

enum { LEAST_DOTS = 600 };               /* of a page, or rows of them that have met */
enum { LARGEST = 6 };                    /* pixels a side of a dot */
#define DOTTED 0.6                       /* of the ink is in dots, */
#define LETTERED 0.6                     /* and when joined as much of it in pieces like letters */
enum { LOW = 4, HIGH = 24 };             /* dots: of their heights; */
enum { WIDE = 40 };                      /* their widths at most, in dots */
enum { LEAST_LETTERS = 30, FEWEST = 3 }; /* of a page; dots that make a letter */

/* The usual side of a dot, and how many there are; 0: the ink is not in dots. */
static int32_t dot_size(const ocrvl_blobs *blobs, size_t *count)
{
    size_t counts[LARGEST + 1] = {0}, sum = 0;
    int64_t all = 0, dots = 0;
    *count = 0;
    for (size_t i = 0; i < blobs->count; i++) {
        int32_t w = blobs->at[i].x1 - blobs->at[i].x0, h = blobs->at[i].y1 - blobs->at[i].y0, side = w < h ? w : h;
        all += blobs->at[i].area;
        if (side < 2 || side > LARGEST)
            continue;
        dots += blobs->at[i].area;
        counts[side]++;
        ++*count;
    }
    if (*count < LEAST_DOTS || (double)dots < DOTTED * (double)all)
        return 0;
    for (int32_t side = 2; side <= LARGEST; side++)
        if ((sum += counts[side]) * 2 >= *count)
            return side;
    return 0;
}

static bool are_letters(const ocrvl_blobs *joined, int32_t dot, size_t dots)
{
    int64_t all = 0, letters = 0;
    size_t n = 0;
    for (size_t i = 0; i < joined->count; i++) {
        const ocrvl_blob *b = &joined->at[i];
        int32_t w = b->x1 - b->x0, h = b->y1 - b->y0;
        bool letter = h >= LOW * dot && h <= HIGH * dot && w <= WIDE * dot;
        all += b->area;
        letters += letter ? b->area : 0;
        n += letter;
    }
    return n >= LEAST_LETTERS && n * FEWEST < dots && (double)letters > LETTERED * (double)all;
}

ocrvl_status ocrvl_join_dots(ocrvl_ink_mask *mask, const ocrvl_blobs *blobs, bool *joined, ocrvl_error *err)
{
    size_t dots;
    int32_t dot = dot_size(blobs, &dots);
    *joined = false;
    for (int32_t gap = dot / 2 + 1; dot > 0 && gap <= 2 * dot && !*joined; gap++) {
        PIX *whole = pixDilateBrick(NULL, mask->ink, gap + 1, gap + 1);
        ocrvl_blobs found = {0};
        ocrvl_status st = whole ? ocrvl_blobs_find(&found, whole, SIZE_MAX, err) : ocrvl_fail_nomem(err);
        if (st == OCRVL_OK && are_letters(&found, dot, dots)) {
            pixCopy(mask->ink, whole);
            *joined = true;
        }
        ocrvl_free(found.at);
        pixDestroy(&whole);
        if (st != OCRVL_OK)
            return st;
    }
    return OCRVL_OK;
}
