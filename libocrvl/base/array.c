#include "base/array.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

enum { SMALLEST = 16 }; /* members */

bool ocrvl_array_grow(void *data, size_t *cap, size_t need, size_t size)
{
    size_t most = *cap > SIZE_MAX / 2 ? need : 2 * *cap;
    most = most < SMALLEST ? SMALLEST : most;
    most = most < need ? need : most;
    void *p; /* copied out and back: a T * isn't to be written through a void ** */
    memcpy(&p, data, sizeof p);
    p = ocrvl_realloc_array(p, most, size);
    if (!p)
        return false;
    memcpy(data, &p, sizeof p);
    *cap = most;
    return true;
}
