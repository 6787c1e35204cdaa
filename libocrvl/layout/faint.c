/* The other side seen through thin paper, and grain: hundreds of crumbs that are far fainter than the page's own text.
 * Read, they would cost most of the page's time, and the few lines of a title page would be lost among them. */
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

enum { CROWD = 300 };       /* rows of a page that may be so */
enum { FEW = 4, TEXT = 6 }; /* letters of crumbs at most, of text at least */
#define STANDING 0.6        /* of the letters of text stand on the baseline */
#define FAINT 0.5           /* of the contrast of the darkest text */
enum { SAMPLES = 4096 };    /* pixels of a row that are looked at, about */

/* The levels between a row's paper and its ink. */
static int contrast(const ocrvl_row *r, const ocrvl_ink_mask *mask, const ocrvl_image *grey)
{
    uint32_t hist[256] = {0}, n = 0, dark = 0, light = 0, sum = 0;
    int64_t by = mask->factor, up = mask->up, x0 = r->box.x0 * by / up, x1 = r->box.x1 * by / up,
            y0 = r->box.y0 * by / up, y1 = r->box.y1 * by / up, step = 1;
    x1 = x1 < grey->width ? x1 : grey->width, y1 = y1 < grey->height ? y1 : grey->height;
    while ((x1 - x0) / step * ((y1 - y0) / step) > SAMPLES)
        step++;
    for (int64_t y = y0; y < y1; y += step)
        for (int64_t x = x0; x < x1; x += step, n++)
            hist[grey->data[y * grey->width + x]]++;
    for (uint32_t v = 0; v < 256; v++) {
        sum += hist[v];
        dark = sum * 20 <= n ? v : dark;
        light = sum * 10 <= n * 9 ? v : light;
    }
    return (int)light - (int)dark;
}

/* contrasts: [rows->count] */
static void drop(ocrvl_rows *rows, const int *contrasts)
{
    int most = 0;
    size_t faint = 0, crumbs = 0, kept = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const ocrvl_row *r = &rows->at[i];
        if (r->glyphs >= TEXT && r->standing >= STANDING && contrasts[i] > most)
            most = contrasts[i];
    }
    for (size_t i = 0; i < rows->count; i++)
        if (contrasts[i] < FAINT * most) {
            faint++;
            crumbs += rows->at[i].glyphs <= FEW;
        }
    if (faint * 2 < rows->count || crumbs * 4 < faint * 3)
        return;
    for (size_t i = 0; i < rows->count; i++)
        if (contrasts[i] >= FAINT * most)
            rows->at[kept++] = rows->at[i];
    rows->count = kept;
}

ocrvl_status ocrvl_drop_faint(ocrvl_rows *rows, const ocrvl_ink_mask *mask, const ocrvl_image *grey, ocrvl_error *err)
{
    if (rows->count < CROWD)
        return OCRVL_OK;
    int *contrasts = ocrvl_alloc_array(rows->count, sizeof *contrasts);
    if (!contrasts)
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < rows->count; i++)
        contrasts[i] = contrast(&rows->at[i], mask, grey);
    drop(rows, contrasts);
    ocrvl_free(contrasts);
    return OCRVL_OK;
}
