/* The mark within a number, as the ink shows it. */
#include "sheet.h"

#include "layout/layout.h"
#include "layout/number_marks.h"

/* Draws figures as boxes of 12 x 24 on a baseline at 60, with a mark `high` pixels high before figure `at` (0: none)
 * that reaches `below` under the baseline; returns where the mark is said to be. */
static size_t find(size_t figures, size_t at, int32_t high, int32_t below, size_t said, bool *comma)
{
    sheet s = new_sheet(400, 100, 255, 0);
    ocrvl_layout *l = NULL;
    ocrvl_layout_options how = {.mode = OCRVL_LAYOUT_LINE};
    int32_t x = 40;
    for (size_t i = 0; i < figures; i++) {
        if (at && i == at) {
            fill(&s, x, 60 + below - high, x + 4, 60 + below, 0);
            x += 8;
        }
        fill(&s, x, 36, x + 12, 60, 0);
        x += 16;
    }
    assert_ok(ocrvl_layout_new(&l, s.img, &how, err));
    assert_int_equal(l->line_count, 1);
    size_t found = ocrvl_find_number_mark(l, 0, (ocrvl_box){38, 30, x, 70}, said, comma);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
    return found;
}

static void marks(void **state)
{
    (void)state;
    bool comma;
    assert_int_equal(find(3, 2, 4, 0, 3, &comma), 2);
    assert_false(comma);
    assert_int_equal(find(4, 1, 8, 4, 4, &comma), 1);
    assert_true(comma);
}

/* No mark, a mark that isn't at the foot, figures that aren't as many as the reader says. */
static void no_marks(void **state)
{
    (void)state;
    bool comma;
    assert_int_equal(find(3, 0, 0, 0, 3, &comma), 0);
    assert_int_equal(find(3, 2, 4, -16, 3, &comma), 0);
    assert_int_equal(find(3, 2, 4, 0, 4, &comma), 0);
    assert_int_equal(find(3, 2, 4, 0, 2, &comma), 0);
    assert_int_equal(find(3, 2, 4, 0, 100, &comma), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(marks), cmocka_unit_test(no_marks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
