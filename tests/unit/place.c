/* Strips of lines for the reader, and words put on ink. */
#include "sheet.h"

#include <stdlib.h>

#include "base/mem.h"
#include "layout/layout.h"

#define SIZE 4 /* pixels a cell: letters 20 wide and 24 apart, x-height 20 */

/* A page whose second line is `text`; *ink receives where it was drawn. */
static ocrvl_layout *page_with(const char *text, ocrvl_image **img, ocrvl_box *ink)
{
    sheet s = new_sheet((uint32_t)(strlen(text) * 6 * SIZE + 400), 500, 240, 20);
    write_text(&s, 100, 100, SIZE, "the hand that holds the tables");
    *ink = write_text(&s, 100, 200, SIZE, text);
    write_text(&s, 100, 300, SIZE, "and the beds on land tops help");
    ocrvl_layout *l = NULL;
    assert_ok(ocrvl_layout_new(&l, s.img, NULL, err));
    assert_int_equal(l->line_count, 3);
    *img = s.img;
    return l;
}

/* Every word of the drawn text gets the box of its letters, to the pixel or two. */
static void assert_placed(const char *text, const char *const *words, size_t n)
{
    ocrvl_image *img;
    ocrvl_box ink, boxes[16];
    ocrvl_layout *l = page_with(text, &img, &ink);
    assert_ok(ocrvl_layout_place_words(l, 1, l->lines[1].ink.x0, l->lines[1].ink.x1, words, n, boxes, err));
    sheet s = {img, 20};
    const char *at = text;
    for (size_t i = 0; i < n; i++) {
        at += strspn(at, " ");
        char word[64] = {0};
        memcpy(word, at, strcspn(at, " "));
        ocrvl_box b = write_text(&s, 100 + (int32_t)(at - text) * 6 * SIZE, 200, SIZE, word);
        if (abs(boxes[i].x0 - b.x0) > 2 || abs(boxes[i].x1 - b.x1) > 2 || abs(boxes[i].y0 - b.y0) > 2 ||
            abs(boxes[i].y1 - b.y1) > 2)
            fail_msg("'%s' at %d,%d,%d,%d is put at %d,%d,%d,%d", words[i], b.x0, b.y0, b.x1, b.y1, boxes[i].x0,
                     boxes[i].y0, boxes[i].x1, boxes[i].y1);
        at += strlen(word);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

static void words_on_their_ink(void **state)
{
    (void)state;
    const char *a[] = {"the", "boats", "on", "a", "pond"};
    assert_placed("the boats on a pond", a, 5);
    const char *b[] = {"tall", "poles", "and", "beds"}; /* uneven spaces */
    assert_placed("tall  poles and  beds", b, 4);
    const char *c[] = {"potatoes"};
    assert_placed("potatoes", c, 1);
    /* read with some letters too many or too few: the gaps still tell */
    const char *d[] = {"th", "bboats", "on", "aa", "pnd"};
    assert_placed("the boats on a pond", d, 5);
}

/* More words than gaps: the ink is shared, in order, without overlap. */
static void more_words_than_gaps(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_box ink, boxes[12];
    ocrvl_layout *l = page_with("pop hat", &img, &ink);
    const char *words[] = {"p", "o", "p", "h", "a", "t", "a", "b", "c", "d", "e", "f"};
    assert_ok(ocrvl_layout_place_words(l, 1, l->lines[1].ink.x0, l->lines[1].ink.x1, words, 12, boxes, err));
    int32_t last = 0;
    size_t with_ink = 0;
    for (size_t i = 0; i < 12; i++) {
        if (boxes[i].x1 == 0)
            continue;
        assert_true(boxes[i].x0 >= last && boxes[i].x1 > boxes[i].x0);
        assert_true(boxes[i].x0 >= ink.x0 - 2 && boxes[i].x1 <= ink.x1 + 2);
        last = boxes[i].x1;
        with_ink++;
    }
    assert_true(with_ink >= 6);
    /* a stretch without ink: no box is invented */
    assert_ok(ocrvl_layout_place_words(l, 1, 0, 60, words, 2, boxes, err));
    assert_int_equal(boxes[0].x1, 0);
    assert_int_equal(boxes[1].x1, 0);
    ocrvl_error err;
    assert_int_equal(ocrvl_layout_place_words(l, 3, 0, 60, words, 2, boxes, &err), OCRVL_E_ARG);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

static void one_strip(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_box ink;
    ocrvl_strip *s;
    size_t n;
    ocrvl_layout *l = page_with("the boats on a pond", &img, &ink);
    assert_ok(ocrvl_layout_strips(l, 1, STRIPS(28, 1232), &s, &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(s->height, 28);
    assert_int_equal(s->width % 28, 0);
    assert_int_equal(s->line, 1);
    assert_true(abs(s->x0 - ink.x0) <= 4 && abs(s->x1 - ink.x1) <= 4);
    uint8_t darkest = 255, rim = 255;
    for (uint32_t y = 0; y < 28; y++)
        for (uint32_t x = 0; x < s->width; x++) {
            uint8_t v = s->grey[y * s->width + x];
            darkest = v < darkest ? v : darkest;
            if (y == 0 || y == 27 || x == 0)
                rim = v < rim ? v : rim;
        }
    assert_true(darkest < 60);                    /* the ink is there, */
    assert_true(rim > 200);                       /* with room on all sides, */
    assert_int_equal(s->grey[s->width - 1], 240); /* padded with the paper's colour */
    ocrvl_strips_free(s, n);
    ocrvl_error err;
    assert_int_equal(ocrvl_layout_strips(l, 3, STRIPS(28, 1232), &s, &n, &err), OCRVL_E_ARG);
    assert_null(s);
    assert_int_equal(ocrvl_layout_strips(l, 1, STRIPS(28, 27), &s, &n, &err), OCRVL_E_ARG);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

static void assert_blank(const ocrvl_image *img, ocrvl_box ink, int32_t x0, int32_t x1)
{
    for (int32_t x = x0; x < x1; x++)
        for (int32_t y = ink.y0; y < ink.y1; y++)
            assert_int_equal(img->data[(size_t)y * img->width + (size_t)x], 240);
}

/* The pieces overlap, and cuts are between words. */
static void long_line_is_cut(void **state)
{
    (void)state;
    char text[256] = "";
    for (int i = 0; i < 20; i++)
        strncat(text, "poles and ", sizeof text - strlen(text) - 1);
    ocrvl_image *img;
    ocrvl_box ink;
    ocrvl_strip *s;
    size_t n;
    ocrvl_layout *l = page_with(text, &img, &ink);
    assert_ok(ocrvl_layout_strips(l, 1, STRIPS(28, 560), &s, &n, err));
    assert_true(n >= 4);
    for (size_t i = 0; i < n; i++) {
        assert_true(s[i].width <= 560 && s[i].width % 28 == 0);
        if (i + 1 == n)
            break;
        assert_true(s[i].x1 - s[i + 1].x0 >= 6 * 5 * SIZE);  /* both show a whole word */
        assert_blank(img, ink, s[i].x1, s[i].x1 + 4 * SIZE); /* wider than the gaps between letters */
        assert_blank(img, ink, s[i + 1].x0 - 4 * SIZE, s[i + 1].x0);
    }
    assert_true(abs(s[0].x0 - ink.x0) <= 4 && abs(s[n - 1].x1 - ink.x1) <= 4);
    ocrvl_strips_free(s, n);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

/* Widths are of whole visual tokens, whatever their side, also of strips that are cut, drawn wider or read in pieces. */
static void whole_tokens(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_box ink;
    ocrvl_layout *l = page_with("the boats on a pond", &img, &ink);
    static const uint32_t steps[] = {16, 20, 28, 32};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (uint32_t most = 4; most <= 20; most += 16) {
            ocrvl_strip_size size = {steps[i], most * steps[i] + 1, steps[i]};
            ocrvl_strip *s, *cut, wide;
            size_t n, pieces;
            assert_ok(ocrvl_layout_strips(l, 1, &size, &s, &n, err));
            assert_true(n >= 1);
            for (size_t k = 0; k < n; k++) {
                assert_true(s[k].width && s[k].width % steps[i] == 0 && s[k].width <= size.max_width);
                assert_ok(ocrvl_strip_stretch(&wide, &s[k], 1.15, &size, err));
                assert_true(wide.width && wide.width % steps[i] == 0 && wide.width <= size.max_width);
                ocrvl_free(wide.grey);
                assert_ok(ocrvl_strip_pieces(&cut, &pieces, &s[k], 2, &size, err));
                for (size_t q = 0; q < pieces; q++)
                    assert_true(cut[q].width && cut[q].width % steps[i] == 0);
                ocrvl_strips_free(cut, pieces);
            }
            ocrvl_strips_free(s, n);
        }
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

/* An area average of a flat crop is flat, and the mean of a strip is that of what it shows, at any height. */
static void scaling_keeps_the_mean(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_box ink;
    ocrvl_layout *l = page_with("the boats on a pond", &img, &ink);
    double mean[3];
    const uint32_t heights[] = {16, 28, 180};
    for (int k = 0; k < 3; k++) {
        ocrvl_strip *s;
        size_t n;
        double sum = 0;
        assert_ok(ocrvl_layout_strips(l, 1, STRIPS(heights[k], 28000), &s, &n, err));
        assert_int_equal(n, 1);
        uint32_t shown = s->width / 28 * 28 - 28; /* padding left out */
        for (uint32_t y = 0; y < s->height; y++)
            for (uint32_t x = 0; x < shown; x++)
                sum += s->grey[y * s->width + x];
        mean[k] = sum / s->height / shown;
        ocrvl_strips_free(s, n);
    }
    assert_float_equal(mean[0], mean[1], 6);
    assert_float_equal(mean[1], mean[2], 6);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

static void out_of_memory(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_box ink, boxes[5];
    ocrvl_layout *l = page_with("the boats on a pond", &img, &ink);
    const char *words[] = {"the", "boats", "on", "a", "pond"};
    ocrvl_status st;
    long n = 0;
    do {
        ocrvl_strip *s;
        size_t count;
        ocrvl_error err;
        ocrvl_mem_fail_after(++n);
        st = ocrvl_layout_strips(l, 1, STRIPS(28, 112), &s, &count, &err);
        ocrvl_mem_fail_after(0);
        assert_true(st == OCRVL_OK || (st == OCRVL_E_NOMEM && s == NULL && count == 0));
        ocrvl_strips_free(s, count);
    } while (st != OCRVL_OK && n < 1000);
    assert_true(n > 10);
    n = 0;
    do {
        ocrvl_error err;
        ocrvl_mem_fail_after(++n);
        st = ocrvl_layout_place_words(l, 1, l->lines[1].ink.x0, l->lines[1].ink.x1, words, 5, boxes, &err);
        ocrvl_mem_fail_after(0);
        assert_true(st == OCRVL_OK || st == OCRVL_E_NOMEM);
    } while (st != OCRVL_OK && n < 1000);
    assert_true(n > 4);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_on_their_ink), cmocka_unit_test(more_words_than_gaps),
        cmocka_unit_test(one_strip),          cmocka_unit_test(long_line_is_cut),
        cmocka_unit_test(whole_tokens),       cmocka_unit_test(scaling_keeps_the_mean),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
