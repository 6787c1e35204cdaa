#include "out/cover.h"

#include <string.h>

#include "base/mem.h"

#define CELL 4 /* in pixels */

/* The first cell whose middle is not before v. */
static size_t cell(int32_t v, uint32_t cells)
{
    int64_t c = ((int64_t)v + CELL / 2 - 1) / CELL;
    return v <= 0 ? 0 : c < cells ? (size_t)c : cells;
}

/* Each box adds 1 at its top left and bottom right corners and subtracts 1 at the others; the sums from the top left
 * are then the number of boxes that cover a cell. */
bool ocrvl_cover_make(ocrvl_cover *m, uint32_t width, uint32_t height, const ocrvl_box *boxes, size_t count)
{
    memset(m, 0, sizeof *m);
    if (count == 0)
        return true;
    uint32_t columns = (width + CELL - 1) / CELL, rows = (height + CELL - 1) / CELL;
    size_t stride = (size_t)columns + 1;
    int32_t *c = m->count = ocrvl_alloc_array(stride * sizeof *c, (size_t)rows + 1);
    if (!c)
        return false;
    m->columns = columns;
    m->rows = rows;
    for (size_t i = 0; i < count && i < INT32_MAX; i++) {
        const ocrvl_box *b = &boxes[i];
        size_t x0 = cell(b->x0, columns), x1 = cell(b->x1, columns), y0 = cell(b->y0, rows), y1 = cell(b->y1, rows);
        if (x0 >= x1 || y0 >= y1)
            continue;
        c[y0 * stride + x0]++;
        c[y0 * stride + x1]--;
        c[y1 * stride + x0]--;
        c[y1 * stride + x1]++;
    }
    for (size_t y = 0; y <= rows; y++)
        for (size_t x = 1; x < stride; x++)
            c[y * stride + x] += c[y * stride + x - 1];
    for (size_t i = stride; i < stride * ((size_t)rows + 1); i++)
        c[i] += c[i - stride];
    return true;
}

bool ocrvl_cover_holds(const ocrvl_cover *m, double x, double y)
{
    if (!m->count || !(x >= 0 && y >= 0 && x < (double)m->columns * CELL && y < (double)m->rows * CELL))
        return false;
    return m->count[(size_t)(y / CELL) * ((size_t)m->columns + 1) + (size_t)(x / CELL)] > 0;
}

void ocrvl_cover_free(ocrvl_cover *m)
{
    ocrvl_free(m->count);
    memset(m, 0, sizeof *m);
}
