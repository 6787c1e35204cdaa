/* Rows by where they stand on the page. */
#include <stdlib.h>

#include "layout/segment_parts.h"

static int compare(const void *a, const void *b)
{
    const ocrvl_placed *p = a, *q = b;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->row > q->row) - (p->row < q->row);
}

void ocrvl_placed_sort(ocrvl_placed *at, size_t count) { qsort(at, count, sizeof *at, compare); }

size_t ocrvl_placed_from(const ocrvl_placed *at, size_t count, double y)
{
    size_t lo = 0, hi = count;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (at[mid].y < y)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}
