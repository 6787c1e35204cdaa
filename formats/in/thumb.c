#include "in/thumb.h"

#include <stddef.h>

#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"

ocrvl_status ocrvl_thumb_of_image(ocrvl_thumb *t, const ocrvl_image *img, uint32_t side, ocrvl_error *err)
{
    size_t ch = img->channels, stride = img->width * ch;
    t->side = side;
    t->width = img->width / side;
    t->height = img->height / side;
    t->data = ocrvl_alloc_array(t->width, t->height);
    if (!t->data)
        return ocrvl_fail_nomem(err);
    for (size_t y = 0; y < t->height; y++)
        for (size_t x = 0; x < t->width; x++) {
            uint64_t sum = 0;
            for (size_t v = y * side; v < (y + 1) * side; v++)
                for (size_t u = x * side * ch; u < (x + 1) * side * ch; u++)
                    sum += img->data[v * stride + u];
            t->data[y * t->width + x] = (uint8_t)(sum / (side * side * ch));
        }
    return OCRVL_OK;
}

typedef struct range {
    int low, mid, high;
} range;

/* The range of a pixel and the eight around it. */
static range around(const uint8_t *p, ptrdiff_t right, ptrdiff_t down)
{
    range r = {255, *p, 0};
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) {
            int v = p[i * down + j * right];
            r.low = v < r.low ? v : r.low;
            r.high = v > r.high ? v : r.high;
        }
    return r;
}

/* Whether b has near it what a is. A scan that is placed a fraction of a point off the page's edge is shifted by less
 * than a pixel of the thumbnail, which can take three quarters of a stroke's contrast; plain paper loses nothing, so
 * that even the faintest mark on it is noticed. */
static bool is_near(range a, range b)
{
    enum { NOISE = 10 };
    return b.low <= a.mid + 3 * (a.high - a.mid) / 4 + NOISE && b.high >= a.mid - 3 * (a.mid - a.low) / 4 - NOISE;
}

bool ocrvl_thumb_same(const ocrvl_thumb *a, const ocrvl_thumb *b, unsigned o, uint64_t *sum)
{
    bool turned = o >= 5, mirror_x = o == 2 || o == 3 || o == 6 || o == 7, mirror_y = o == 3 || o == 4 || o >= 7;
    /* Steps in b to the right and down in the upright image, and the position of its first pixel. */
    ptrdiff_t right = turned ? (ptrdiff_t)b->width : 1, down = turned ? 1 : (ptrdiff_t)b->width, stride = a->width;
    const uint8_t *first =
        b->data + (mirror_x ? right * (stride - 1) : 0) + (mirror_y ? down * ((ptrdiff_t)a->height - 1) : 0);
    right = mirror_x ? -right : right;
    down = mirror_y ? -down : down;
    *sum = 0;
    for (ptrdiff_t y = 1; y + 1 < (ptrdiff_t)a->height; y++)
        for (ptrdiff_t x = 1; x + 1 < stride; x++) {
            range in_a = around(a->data + y * stride + x, 1, stride);
            range in_b = around(first + y * down + x * right, right, down);
            if (!is_near(in_a, in_b) || !is_near(in_b, in_a))
                return false;
            *sum += (uint64_t)((in_a.mid - in_b.mid) * (in_a.mid - in_b.mid));
        }
    return true;
}
