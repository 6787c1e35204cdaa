/* The next page of an open book: beside the fold between the two, which is darker than their paper, stand pieces of
 * lines that the image's side cuts off. */
#include <math.h>
#include <stdlib.h>

#include "base/compare.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"

#define REACH 0.22  /* of the image's width: no fold lies further in */
#define FOLD 0.9    /* of the paper's grey: a fold is darker, all down the page */
#define LETTERS 0.3 /* of the page's: the next page's edge has no more */
enum { CUT = 4 };   /* pixels of the mask: what comes so near to the side is cut off by it */
enum { LEAST = 3 }; /* pieces that the side cuts off: fewer are no page */

typedef struct side {
    const ocrvl_rows *rows;
    int32_t width;
    bool right;
} side;

/* Columns of the mask from the side inwards. */
static int32_t depth(const side *s, int32_t x) { return s->right ? s->width - x : x; }

/* Whether a row lies beyond a fold at depth d (-1), or crosses it (0). */
static int place(const side *s, const ocrvl_box *b, int32_t d)
{
    int32_t near = depth(s, s->right ? b->x1 : b->x0), far = depth(s, s->right ? b->x0 : b->x1);
    return far <= d ? -1 : near < d ? 0 : 1;
}

/* Whether the rows beyond depth d are a few that the side cuts off, and none crosses it. */
static bool are_cut_off(const side *s, int32_t d)
{
    size_t beyond = 0, cut = 0, letters = 0, all = 0;
    for (size_t i = 0; i < s->rows->count; i++) {
        const ocrvl_row *r = &s->rows->at[i];
        int where = place(s, &r->box, d);
        if (where == 0)
            return false;
        all += r->glyphs;
        if (where > 0)
            continue;
        beyond++;
        letters += r->glyphs;
        cut += depth(s, s->right ? r->box.x1 : r->box.x0) <= CUT;
    }
    return cut >= LEAST && cut * 2 > beyond && (double)letters < LETTERS * (double)all;
}

/* The mean grey of a column, its ends left out. */
static double mean_of(const ocrvl_image *g, uint32_t x)
{
    uint32_t from = g->height / 10, to = g->height - from, n = 0;
    uint64_t sum = 0;
    for (uint32_t y = from; y < to; y += 3, n++)
        sum += g->data[(size_t)y * g->width + x];
    return n ? (double)sum / n : 255;
}

/* The depth in columns of the mask of the darkest column that may be a fold; 0: there is none. means [width]: of the
 * columns of the mask; paper: their usual grey. */
static int32_t find_fold(const side *s, const double *means, double paper)
{
    double darkest = FOLD * paper;
    int32_t found = 0;
    for (int32_t d = 1; d < REACH * s->width; d++) {
        double v = means[s->right ? s->width - 1 - d : d];
        if (v < darkest && are_cut_off(s, d)) {
            darkest = v;
            found = d;
        }
    }
    return found;
}

static void drop_beyond(const side *s, ocrvl_rows *rows, ocrvl_regions *regions, int32_t d)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (place(s, &rows->at[i].box, d) > 0)
            rows->at[kept++] = rows->at[i];
    rows->count = kept;
    kept = 0;
    for (size_t i = 0; i < regions->count; i++)
        if (place(s, &regions->at[i].box, d) >= 0)
            regions->at[kept++] = regions->at[i];
    regions->count = kept;
}

ocrvl_status ocrvl_drop_next_page(ocrvl_rows *rows, ocrvl_regions *regions, ocrvl_ink_mask *mask,
                                  const ocrvl_image *grey, ocrvl_error *err)
{
    int32_t w = pixGetWidth(mask->ink);
    if (rows->count < 2 * LEAST || mask->inverted_page)
        return OCRVL_OK;
    double *means = ocrvl_alloc_array((size_t)w, sizeof *means), *sorted = ocrvl_alloc_array((size_t)w, sizeof *sorted);
    if (means && sorted) {
        for (int32_t x = 0; x < w; x++) {
            uint32_t at = (uint32_t)x * mask->factor / mask->up;
            sorted[x] = means[x] = mean_of(grey, at < grey->width ? at : grey->width - 1);
        }
        qsort(sorted, (size_t)w, sizeof *sorted, ocrvl_compare_doubles);
        for (int right = 0; right < 2; right++) {
            side s = {rows, w, right};
            int32_t d = find_fold(&s, means, sorted[w / 2]);
            if (d == 0)
                continue;
            drop_beyond(&s, rows, regions, d);
            if (right)
                mask->paper.x1 = w - d < mask->paper.x1 ? w - d : mask->paper.x1;
            else
                mask->paper.x0 = d > mask->paper.x0 ? d : mask->paper.x0;
        }
    }
    ocrvl_status st = means && sorted ? OCRVL_OK : ocrvl_fail_nomem(err);
    ocrvl_free(means);
    ocrvl_free(sorted);
    return st;
}
