#include "read/regions.h"

#include <string.h>

#include "base/array.h"
#include "base/mem.h"

bool ocrvl_model_regions_add(ocrvl_model_regions *r, const ocrvl_model_region *region)
{
    if (!OCRVL_ARRAY_RESERVE(r->list, r->cap, r->count + 1))
        return false;
    r->list[r->count++] = *region;
    return true;
}

void ocrvl_model_regions_free(ocrvl_model_regions *r)
{
    ocrvl_free(r->list);
    memset(r, 0, sizeof *r);
}

size_t ocrvl_model_regions_find(const ocrvl_model_regions *r, size_t at)
{
    size_t low = 0, high = r->count;
    while (low < high) { /* the first that ends after it: empty ones end where they begin */
        size_t middle = low + (high - low) / 2;
        if (r->list[middle].to <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->count && r->list[low].from <= at ? low : SIZE_MAX;
}
