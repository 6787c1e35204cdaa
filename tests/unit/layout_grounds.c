/* Finding lines on grounds that aren't paper. */
#include "drawn_layout.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
