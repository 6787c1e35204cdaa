/* Borders of what is drawn on a small image, as rules of the page. */
#include "base/borders.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "testing.h"

enum { WIDTH = 61, HEIGHT = 45 }; /* no multiples of what is taken at once */

typedef struct sheet {
    uint8_t page[WIDTH * HEIGHT], over[WIDTH * HEIGHT], none[WIDTH * HEIGHT];
} sheet;

static void ink(sheet *s, int x0, int y0, int x1, int y1)
{
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            s->page[y * WIDTH + x] = 0;
            s->over[x * HEIGHT + y] = 0;
        }
}

static ocrvl_borders find(const sheet *s, bool over, uint32_t page_w, uint32_t page_h)
{
    ocrvl_borders b = {0};
    ocrvl_drawn d = {over ? HEIGHT : WIDTH, over ? WIDTH : HEIGHT, over ? s->over : s->page, s->none};
    assert_int_equal(ocrvl_borders_find(&b, page_w, page_h, &d, NULL), OCRVL_OK);
    return b;
}

static bool has(const ocrvl_borders *b, ocrvl_box box, bool vertical)
{
    for (size_t i = 0; i < b->count; i++) {
        const ocrvl_box *r = &b->at[i].box;
        if (b->at[i].vertical == vertical && r->x0 == box.x0 && r->y0 == box.y0 && r->x1 == box.x1 && r->y1 == box.y1)
            return true;
    }
    return false;
}

static void a_rule_each_way(void **state)
{
    (void)state;
    sheet *s = ocrvl_alloc(sizeof *s);
    memset(s->page, 255, sizeof s->page);
    memset(s->over, 255, sizeof s->over);
    ink(s, 5, 20, 50, 21);
    ink(s, 30, 2, 31, 42);
    ocrvl_borders b = find(s, false, WIDTH, HEIGHT), over = find(s, true, HEIGHT, WIDTH);
    assert_int_equal(b.count, 2);
    assert_true(has(&b, (ocrvl_box){5, 20, 50, 21}, false));
    assert_true(has(&b, (ocrvl_box){30, 2, 31, 42}, true));
    assert_int_equal(over.count, 2);
    assert_true(has(&over, (ocrvl_box){20, 5, 21, 50}, true));
    assert_true(has(&over, (ocrvl_box){2, 30, 42, 31}, false));
    ocrvl_borders_free(&b);
    ocrvl_borders_free(&over);
    ocrvl_free(s);
}

/* Whatever the page's size, a rule at its very edge doesn't reach beyond it. */
static void rules_stay_on_the_page(void **state)
{
    (void)state;
    sheet *s = ocrvl_alloc(sizeof *s);
    memset(s->page, 255, sizeof s->page);
    ink(s, 20, HEIGHT - 1, WIDTH, HEIGHT);
    ink(s, WIDTH - 1, 10, WIDTH, HEIGHT);
    for (uint32_t side = 1000; side < 3000; side += 7) {
        ocrvl_borders b = find(s, false, side, side + 1);
        assert_true(b.count >= 2);
        for (size_t i = 0; i < b.count; i++) {
            assert_true(b.at[i].box.x1 <= (int32_t)side);
            assert_true(b.at[i].box.y1 <= (int32_t)side + 1);
        }
        ocrvl_borders_free(&b);
    }
    ocrvl_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_each_way),
        cmocka_unit_test(rules_stay_on_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
