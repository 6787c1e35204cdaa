/* The order of pages whose columns change down the page, and of those that pictures stand in. */
#include "drawn_layout.h"

#include "base/mem.h"

/* The words of a drawn page, which is freed, are in the order in which they were drawn; size: of their letters. */
static void assert_read_in_order(sheet *s, const ocrvl_box *boxes, size_t n, int32_t size)
{
    ocrvl_layout *l = inspect(s->img, NULL);
    assert_order(l, boxes, n, size, 4);
    ocrvl_layout_free(l);
    ocrvl_image_free(s->img);
}

/* A picture printed as dots, 10 pixels apart. */
static void draw_picture(const sheet *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    for (int32_t y = y0 + 5; y < y1; y += 10)
        for (int32_t x = x0 + 5; x < x1; x += 10) {
            int32_t half = 1 + (x - x0 + y - y0) / 100 % 4;
            fill(s, x - half, y - half, x + half, y + half, 0);
        }
}

/* Writes lines of two or three words, 30 pixels apart, to the foot of a column; returns how many. */
static size_t write_narrow(const sheet *s, int32_t x, int32_t y, int32_t foot, bool wide, ocrvl_box *boxes)
{
    static const char *const narrow[] = {"the tables and",  "hello banana", "dots on the tall",
                                         "boats and bells", "labels phone", "plans that hold"};
    size_t n = 0;
    for (; y < foot; y += 30, n++)
        boxes[n] = write_text(s, x, y, 3, wide ? texts[n % 6] : narrow[n % 6]);
    return n;
}

/* Two columns, and three below them, the middle one headed by a picture that lies under the two's gutter: the gutter
 * goes on beside it, but the columns don't. */
static void columns_under_columns(void **state)
{
    (void)state;
    sheet s = new_sheet(1200, 1700, 255, 0);
    ocrvl_box boxes[200];
    size_t n = write_narrow(&s, 100, 120, 600, true, boxes);
    n += write_narrow(&s, 620, 120, 600, true, boxes + n);
    draw_picture(&s, 430, 700, 740, 1050);
    n += write_narrow(&s, 100, 720, 1600, false, boxes + n);
    n += write_narrow(&s, 440, 1100, 1600, false, boxes + n);
    n += write_narrow(&s, 780, 720, 1600, false, boxes + n);
    assert_read_in_order(&s, boxes, n, 3);
}

/* A table in the left one of two columns has more cells than the column has lines of text. */
static void table_in_a_column(void **state)
{
    (void)state;
    static const char *const cells[] = {"ten", "pot", "bad", "hen"};
    sheet s = new_sheet(1200, 1500, 255, 0);
    ocrvl_box boxes[200];
    size_t n = 0;
    for (int32_t row = 0; row < 8; row++)
        for (int32_t col = 0; col < 4; col++)
            boxes[n++] = write_text(&s, 100 + 130 * col, 120 + 40 * row, 3, cells[(row + col) % 4]);
    n += write_narrow(&s, 100, 480, 720, true, boxes + n);
    n += write_narrow(&s, 640, 120, 720, true, boxes + n);
    assert_read_in_order(&s, boxes, n, 3);
}

/* Under a headline the left of two columns begins with a picture: the lines beside it are the right one's. */
static void picture_heads_a_column(void **state)
{
    (void)state;
    sheet s = new_sheet(1200, 1500, 255, 0);
    ocrvl_box boxes[100];
    size_t n = 1;
    boxes[0] = write_text(&s, 100, 100, 3, "the tables and the lands dots on the tall beds");
    draw_picture(&s, 90, 160, 560, 600);
    n += write_narrow(&s, 100, 660, 1400, true, boxes + n);
    n += write_narrow(&s, 620, 180, 1400, true, boxes + n);
    assert_read_in_order(&s, boxes, n, 3);
}

/* An apostrophe in a headline is as high as the small letters of the text below, and yet the headline's. */
static void apostrophe_in_headline(void **state)
{
    (void)state;
    sheet s = new_sheet(1200, 1500, 255, 0);
    ocrvl_box boxes[100];
    size_t n = 1;
    boxes[0] = write_text(&s, 100, 140, 7, "the tables and beds");
    fill(&s, 236, 91, 245, 107, 0);
    n += write_narrow(&s, 100, 220, 1400, true, boxes + n);
    n += write_narrow(&s, 620, 220, 1400, true, boxes + n);
    assert_read_in_order(&s, boxes, n, 7);
}

/* In a script that runs from right to left a headline is followed by the right column, whose paragraphs begin at the
 * right; what a line's number was tells which it is. */
static void from_the_right(void **state)
{
    (void)state;
    sheet s = new_sheet(1500, 1000, 255, 0);
    ocrvl_box boxes[21], right[21];
    boxes[0] = write_text(&s, 350, 120, 8, "the last landed");
    write_column(&s, 100, 240, 4, 10, boxes + 1);
    for (int32_t i = 0; i < 10; i++) {
        static const int wide[] = {0, 2, 4, 5};
        boxes[11 + i] = write_text(&s, 760, 240 + 56 * i, 4, i == 4 ? "the tables and the la" : texts[wide[i % 4]]);
    }
    ocrvl_layout *l = inspect(s.img, NULL);
    assert_order(l, boxes, 21, 8, 1);
    uint32_t rows[21];
    for (size_t i = 0; i < 21; i++)
        rows[i] = l->lines[i].row;
    size_t blocks = l->block_count;
    memcpy(right, boxes, sizeof *right);
    memcpy(right + 1, boxes + 11, 10 * sizeof *right);
    memcpy(right + 11, boxes + 1, 10 * sizeof *right);
    assert_ok(ocrvl_layout_from_right(l, err));
    assert_order(l, right, 21, 8, 1);
    assert_int_equal(l->blocks[0].role, OCRVL_ROLE_HEADING);
    assert_int_equal(l->block_count, blocks + 1);
    assert_int_equal(l->blocks[2].first_line, 5);
    for (size_t i = 1; i < 21; i++)
        assert_int_equal(l->lines[i].row, rows[i < 11 ? i + 10 : i - 10]);
    ocrvl_layout_free(l);
    ocrvl_image_free(s.img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_under_columns),  cmocka_unit_test(table_in_a_column),
        cmocka_unit_test(from_the_right),         cmocka_unit_test(picture_heads_a_column),
        cmocka_unit_test(apostrophe_in_headline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
