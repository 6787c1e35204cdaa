/* Shaded areas of scans: their borders are found, and those of letters, frames and the sheet itself aren't. */
#include <string.h>

#include "base/borders.h"
#include "base/image.h"
#include "layout/shades.h"
#include "testing.h"

enum { W = 1700, H = 2200 }; /* a letter at 200 dpi */

static void fill(ocrvl_image *page, ocrvl_box b, uint8_t grey)
{
    for (int32_t y = b.y0; y < b.y1; y++)
        memset(page->data + (size_t)y * W + b.x0, grey, (size_t)(b.x1 - b.x0));
}

/* A paper with texture, and a line of strokes in each of its rows. */
static ocrvl_image *sheet(void)
{
    ocrvl_image *page;
    uint32_t noise = 1;
    assert_ok(ocrvl_image_new(&page, W, H, 1, 200, 200, 1u << 24, err));
    for (size_t i = 0; i < (size_t)W * H; i++)
        page->data[i] = (uint8_t)(236 + ((noise = noise * 1664525u + 1013904223u) >> 29));
    return page;
}

static void write_lines(ocrvl_image *page)
{
    for (int32_t y = 210; y < H - 200; y += 60)
        for (int32_t x = 320; x < W - 300; x += 15)
            fill(page, (ocrvl_box){x, y, x + 4, y + 25}, 30);
}

static size_t count(const ocrvl_image *page, ocrvl_borders *out)
{
    ocrvl_layout l = {.grey = (ocrvl_image *)page};
    *out = (ocrvl_borders){0};
    assert_ok(ocrvl_find_shades(out, &l, err));
    return out->count;
}

static void near(int32_t a, int32_t b) { assert_in_range(a - b + 1000, 990, 1010); }

static void rows(void **state)
{
    (void)state;
    ocrvl_image *page = sheet();
    ocrvl_borders b;
    for (int32_t y = 200; y < 700; y += 120)
        fill(page, (ocrvl_box){300, y, 1400, y + 60}, 215);
    write_lines(page);
    assert_int_equal(count(page, &b), 5 * 4);
    for (size_t i = 0; i < 5; i++) {
        int32_t y = 200 + 120 * (int32_t)i;
        const ocrvl_own_rule *top = &b.at[4 * i], *foot = top + 1, *left = top + 2, *right = top + 3;
        near(top->box.y0, y);
        near(foot->box.y0, y + 60);
        near(left->box.x0, 300);
        near(right->box.x0, 1400);
        assert_true(left->vertical && right->vertical && !top->vertical && !foot->vertical);
    }
    ocrvl_borders_free(&b);
    ocrvl_image_free(page);
}

static void none(void **state)
{
    (void)state;
    ocrvl_image *page = sheet();
    ocrvl_borders b;
    write_lines(page);
    for (int32_t y = 300; y < 600; y += 100) { /* a frame with its rows */
        fill(page, (ocrvl_box){200, y, 1500, y + 3}, 20);
        fill(page, (ocrvl_box){200, 300, 203, 500}, 20);
        fill(page, (ocrvl_box){1500, 300, 1503, 500}, 20);
    }
    for (int32_t x = 500; x < 1100; x += 200) /* and a chart with its bars */
        fill(page, (ocrvl_box){x, 900 - x / 3, x + 100, 1000}, 200);
    assert_int_equal(count(page, &b), 0);
    ocrvl_borders_free(&b);
    fill(page, (ocrvl_box){0, 0, W, H}, 120); /* a sheet on a desk */
    fill(page, (ocrvl_box){100, 100, W - 100, H - 100}, 240);
    write_lines(page);
    assert_int_equal(count(page, &b), 0);
    ocrvl_borders_free(&b);
    ocrvl_layout empty = {0};
    b = (ocrvl_borders){0};
    assert_ok(ocrvl_find_shades(&b, &empty, err));
    assert_int_equal(b.count, 0);
    ocrvl_image_free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
