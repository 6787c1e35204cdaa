/* Finding lines on grounds that aren't paper. */
#include "drawn_layout.h"

#include "layout/strips.h"

static size_t figures(const ocrvl_layout *l)
{
    size_t n = 0;
    for (size_t b = 0; b < l->block_count; b++)
        n += l->blocks[b].role == OCRVL_ROLE_FIGURE;
    return n;
}

/* Lines in a box tinted by a screen are text, and the dots that don't touch them are painted out. */
static void tint(void **state)
{
    (void)state;
    sheet s = new_sheet(1000, 1300, 255, 0);
    ocrvl_box boxes[15];
    for (int32_t y = 450; y < 860; y += 8)
        for (int32_t x = 60; x < 900; x += 8)
            fill(&s, x, y, x + 3, y + 3, 0);
    write_column(&s, 100, 100, 4, 5, boxes);
    write_column(&s, 100, 530, 5, 5, boxes + 5);
    write_column(&s, 100, 950, 4, 5, boxes + 10);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 15, 5, 4);
    assert_int_equal(figures(l), 0);
    for (uint32_t y = 450; y < 860; y++) /* between the first words of the third line, and above and below */
        for (uint32_t x = 226; x < 240; x++)
            assert_true(l->grey->data[(size_t)y * l->grey->width + x] > 200 || y < 600 || y > 670);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Dark text on a middling shade beside light text on another, and light text on a bar that is as high as a line and
 * hardly darker than paper: each line is found, says of which kind it is, and is dark on light in its picture. */
static void panels(void **state)
{
    (void)state;
    sheet s = new_sheet(1700, 1300, 255, 0), light = {s.img, 255}, dim = {s.img, 200};
    ocrvl_box boxes[16];
    const bool inverted[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0};
    fill(&s, 100, 400, 800, 700, 140);
    fill(&s, 850, 400, 1600, 700, 90);
    fill(&s, 100, 800, 1600, 860, 190);
    fill(&s, 100, 900, 1600, 1200, 200);
    write_column(&s, 120, 100, 4, 5, boxes);
    write_column(&s, 120, 470, 4, 4, boxes + 5);
    write_column(&dim, 880, 470, 4, 3, boxes + 9);
    boxes[12] = write_text(&light, 600, 845, 4, texts[0]);
    write_column(&s, 600, 970, 4, 3, boxes + 13);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 16, 4, 4);
    for (size_t i = 0; i < 16; i++) {
        ocrvl_strip *strips;
        size_t count;
        uint32_t dark = 0;
        assert_ok(ocrvl_layout_strips(l, i, STRIPS(28, 1232), &strips, &count, err));
        for (uint32_t x = 0; x < 28 * strips[0].width; x++)
            dark += strips[0].grey[x] + 30 < strips[0].grey[0];
        assert_int_equal(l->lines[i].inverted, inverted[i]);
        assert_true(dark > 28 && dark * 2 < 28 * strips[0].width);
        ocrvl_strips_free(strips, count);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

/* Four dark lines above some 600 pieces of print seen through the paper: the lines are found, and hardly more. */
static void seen_through(void **state)
{
    (void)state;
    uint32_t seed = 7;
    sheet s = new_sheet(2600, 3400, 250, 10);
    for (int32_t y = 800; y < 3300; y += 75)
        for (int32_t x = 150; x < 2450; x += 140) {
            seed = seed * 1664525 + 1013904223;
            int32_t dx = (int32_t)(seed >> 8) % 20, dy = (int32_t)(seed >> 16) % 30;
            fill(&s, x + dx, y + dy, x + dx + 18, y + dy + 30, 205);
            fill(&s, x + dx + 6, y + dy + 6, x + dx + 12, y + dy + 24, 250);
        }
    ocrvl_box boxes[4];
    write_column(&s, 400, 250, 5, 4, boxes);
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_true(l->line_count < 30);
    for (size_t i = 0; i < 4; i++)
        assert_holds(ocrvl_layout_box_to_page(l, l->lines[i].ink), boxes[i], 5, 3);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tint),
        cmocka_unit_test(panels),
        cmocka_unit_test(seen_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
