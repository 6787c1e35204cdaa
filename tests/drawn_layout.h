/* What the tests of the layout share: columns of drawn lines, and where they are found. */
#ifndef OCRVL_TESTS_DRAWN_LAYOUT_H
#define OCRVL_TESTS_DRAWN_LAYOUT_H

#include "sheet.h"

#include "layout/layout.h"

static const char *const texts[] = {"the tables and the lands", "hello banana person los",
                                    "dots on the tall beds he", "boats and bells end alone",
                                    "labels phone those hosts", "plans that hold on banal"};

/* Writes n lines below each other; boxes[] receives them. */
static inline void write_column(const sheet *s, int32_t x, int32_t y, int32_t size, size_t n, ocrvl_box *boxes)
{
    for (size_t i = 0; i < n; i++)
        boxes[i] = write_text(s, x, y + (int32_t)i * 14 * size, size, texts[i % 6]);
}

static inline ocrvl_layout *inspect(const ocrvl_image *img, const ocrvl_layout_options *opt)
{
    ocrvl_layout *l = NULL;
    assert_ok(ocrvl_layout_new(&l, img, opt, err));
    assert_non_null(l);
    return l;
}

/* The found line holds the drawn ink, and little more: the extent of its type. */
static inline void assert_holds(ocrvl_box found, ocrvl_box ink, int32_t size, int32_t slack)
{
    if (found.x0 > ink.x0 + slack || found.y0 > ink.y0 + slack || found.x1 < ink.x1 - slack ||
        found.y1 < ink.y1 - slack || found.x0 < ink.x0 - 2 * size - slack || found.x1 > ink.x1 + 2 * size + slack ||
        found.y0 < ink.y0 - 3 * size - slack || found.y1 > ink.y1 + 3 * size + slack)
        fail_msg("line at %d,%d,%d,%d is said to be at %d,%d,%d,%d", ink.x0, ink.y0, ink.x1, ink.y1, found.x0, found.y0,
                 found.x1, found.y1);
}

static inline void assert_order(const ocrvl_layout *l, const ocrvl_box *boxes, size_t n, int32_t size, int32_t slack)
{
    assert_int_equal(l->line_count, n);
    for (size_t i = 0; i < n; i++)
        assert_holds(ocrvl_layout_box_to_page(l, l->lines[i].ink), boxes[i], size, slack);
}

#endif
