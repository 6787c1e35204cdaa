/* Words on measured ink, whoever read them: the line reader's readings and a page model's answer about the same lines
 * come out with the same boxes and baselines, and in lines written from right to left every word stands where it is
 * drawn. */
#include "testing.h"

#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "layout/layout_parts.h"
#include "read/assemble.h"
#include "read/compose.h"

enum { WIDTH = 600, HEIGHT = 420, LINES = 5, WORDS = 3, LETTER = 16, PITCH = 22, SPACE = 20, LEFT = 112, RIGHT = 486 };

/* Letters of each word, in the order of the text. */
static const int32_t letters[WORDS] = {8, 3, 5};

static int32_t width_of(int32_t n) { return (n - 1) * PITCH + LETTER; }

/* Where a word is drawn, from the left or from the right. */
static void find_word(size_t word, bool rtl, int32_t *x0, int32_t *x1)
{
    int32_t before = 0;
    for (size_t i = 0; i < word; i++)
        before += width_of(letters[i]) + SPACE;
    *x0 = rtl ? RIGHT - before - width_of(letters[word]) : LEFT + before;
    *x1 = *x0 + width_of(letters[word]);
}

static void draw_letter(ocrvl_image *img, int32_t x, int32_t y)
{
    uint8_t *p = ocrvl_image_pixels(img);
    for (int32_t dy = 0; dy < 24; dy++)
        for (int32_t dx = 0; dx < LETTER; dx++)
            if (dy < 4 || dy >= 20 || dx < 4 || dx >= LETTER - 4)
                p[(y + dy) * WIDTH + x + dx] = 0;
}

static ocrvl_layout *draw(ocrvl_image **img, bool rtl)
{
    ocrvl_layout *l;
    ocrvl_layout_options how = {.keep_rotation = true, .keep_skew = true};
    assert_ok(ocrvl_image_new(img, WIDTH, HEIGHT, 1, 0, 0, 0, err));
    for (int32_t line = 0; line < LINES; line++)
        for (size_t w = 0; w < WORDS; w++) {
            int32_t x0, x1;
            find_word(w, rtl, &x0, &x1);
            for (int32_t x = x0; x < x1; x += PITCH)
                draw_letter(*img, x, 60 + 60 * line);
        }
    assert_ok(ocrvl_layout_new(&l, *img, &how, err));
    assert_int_equal(l->line_count, LINES);
    return l;
}

static ocrvl_transcript transcript_of(const char *text, size_t copies)
{
    ocrvl_buf b = {0};
    for (size_t i = 0; i < copies; i++)
        ocrvl_buf_printf(&b, "%s%s", i ? "\n" : "", text);
    ocrvl_transcript t = {0};
    t.text = ocrvl_buf_steal(&b, &t.len);
    t.logprob = ocrvl_alloc_array(t.len + 1, sizeof *t.logprob);
    assert_non_null(t.text);
    assert_non_null(t.logprob);
    return t;
}

/* The page as the line reader's adapter or the page model's makes it; each line says the text. */
static ocrvl_page *make_page(const ocrvl_layout *l, const char *text, bool page_model)
{
    ocrvl_strip strips[LINES];
    ocrvl_reading readings[LINES];
    ocrvl_builder *b;
    ocrvl_page *page;
    ocrvl_transcript answer = transcript_of(text, LINES);
    assert_ok(ocrvl_builder_new(&b, WIDTH, HEIGHT, 0, 0, err));
    for (uint32_t i = 0; i < LINES; i++) {
        strips[i] = (ocrvl_strip){.line = i, .x0 = l->lines[i].ink.x0, .x1 = l->lines[i].ink.x1};
        readings[i] = (ocrvl_reading){.transcript = transcript_of(text, 1)};
    }
    ocrvl_lines lines = {.strips = strips, .readings = readings, .count = LINES, .cap = LINES};
    ocrvl_composing c = {.b = b, .layout = l, .lines = &lines, .transcript = &answer};
    if (page_model)
        assert_ok(ocrvl_compose(&c, err));
    else
        assert_ok(ocrvl_assemble(b, l, &lines, &(ocrvl_own_page){0}, false, err));
    assert_ok(ocrvl_builder_finish(b, &page, err));
    ocrvl_builder_free(b);
    ocrvl_transcript_free(&answer);
    for (size_t i = 0; i < LINES; i++)
        ocrvl_transcript_free(&readings[i].transcript);
    return page;
}

static void assert_word(const ocrvl_node *n, size_t word, bool rtl)
{
    ocrvl_node_info w = {.size = sizeof w};
    int32_t x0, x1;
    find_word(word, rtl, &x0, &x1);
    ocrvl_node_get_info(n, &w);
    if (w.box.x0 < x0 - 4 || w.box.x0 > x0 + 4 || w.box.x1 < x1 - 4 || w.box.x1 > x1 + 4)
        fail_msg("word %zu is drawn at %d..%d and said to be at %d..%d", word, x0, x1, w.box.x0, w.box.x1);
    assert_int_equal(w.origin, OCRVL_ORIGIN_ALIGNED);
}

/* Every word where it is drawn; every baseline from one end of the ink to the other. */
static void assert_page(const ocrvl_page *page, const ocrvl_layout *l, ocrvl_direction dir)
{
    size_t lines = 0;
    for (const ocrvl_node *b = ocrvl_page_first(page); b; b = ocrvl_node_next(b))
        for (const ocrvl_node *n = ocrvl_node_first(b); n; n = ocrvl_node_next(n), lines++) {
            ocrvl_node_info info = {.size = sizeof info};
            size_t words = 0;
            ocrvl_node_get_info(n, &info);
            assert_int_equal(info.dir, dir);
            assert_int_equal(info.origin, OCRVL_ORIGIN_INK);
            assert_true(lines < LINES && info.baseline[0].x == (float)l->lines[lines].ink.x0);
            assert_true(info.baseline[1].x == (float)l->lines[lines].ink.x1);
            assert_true(info.baseline[0].y == l->lines[lines].baseline[0]);
            assert_true(info.baseline[1].y == l->lines[lines].baseline[1]);
            for (const ocrvl_node *w = ocrvl_node_first(n); w; w = ocrvl_node_next(w))
                assert_word(w, words++, dir == OCRVL_DIR_RTL);
            assert_int_equal(words, WORDS);
        }
    assert_int_equal(lines, LINES);
}

static void both_ways(const char *text, ocrvl_direction dir)
{
    ocrvl_image *img;
    ocrvl_layout *l = draw(&img, dir == OCRVL_DIR_RTL);
    for (int page_model = 0; page_model < 2; page_model++) {
        ocrvl_page *page = make_page(l, text, page_model);
        assert_page(page, l, dir);
        ocrvl_page_free(page);
    }
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

static void from_left_to_right(void **state)
{
    (void)state;
    both_ways("ananasco son sonar", OCRVL_DIR_LTR);
}

static void from_right_to_left(void **state)
{
    (void)state;
    both_ways("\u05D0\u05D1\u05D2\u05D3\u05D4\u05D5\u05D6\u05D7 \u05E9\u05DC\u05DD \u05DE\u05DC\u05DB\u05D5\u05EA",
              OCRVL_DIR_RTL);
}

/* A leader between two strips of a line is a word of its own on its dots; a line of dots alone says nothing. */
static void leaders(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_layout *l = draw(&img, false);
    ocrvl_box dots = {300, 80, 400, 84};
    l->leaders = ocrvl_alloc_array(2, sizeof *l->leaders);
    assert_non_null(l->leaders);
    l->leader_count = 2;
    l->leaders[0] = (ocrvl_leader){0, dots};
    l->leaders[1] = (ocrvl_leader){1, dots};
    ocrvl_strip strips[] = {{.line = 0, .x0 = LEFT, .x1 = 290}, {.line = 0, .x0 = 410, .x1 = RIGHT}, {.line = 1}};
    ocrvl_reading readings[] = {{.transcript = transcript_of("ananasco", 1)},
                                {.transcript = transcript_of("27", 1)},
                                {.transcript = transcript_of("", 1)}};
    ocrvl_lines lines = {.strips = strips, .readings = readings, .count = 3, .cap = 3};
    ocrvl_builder *b;
    ocrvl_page *page;
    assert_ok(ocrvl_builder_new(&b, WIDTH, HEIGHT, 0, 0, err));
    assert_ok(ocrvl_assemble(b, l, &lines, &(ocrvl_own_page){0}, false, err));
    assert_ok(ocrvl_builder_finish(b, &page, err));
    const ocrvl_node *block = ocrvl_page_first(page), *line = ocrvl_node_first(block), *word = ocrvl_node_first(line);
    ocrvl_node_info info = {.size = sizeof info};
    ocrvl_node_get_info(line, &info);
    assert_string_equal(info.text, "ananasco " OCRVL_LEADER_TEXT " 27");
    ocrvl_node_get_info(ocrvl_node_next(word), &info);
    assert_string_equal(info.text, OCRVL_LEADER_TEXT);
    assert_memory_equal(&info.box, &dots, sizeof dots);
    assert_true(info.confidence < 0);
    assert_null(ocrvl_node_next(line));
    assert_null(ocrvl_node_next(block));
    ocrvl_page_free(page);
    ocrvl_builder_free(b);
    for (size_t i = 0; i < 3; i++)
        ocrvl_transcript_free(&readings[i].transcript);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

/* A page whose lines sag: their outlines and baselines follow them, and a straight one has corners alone. */
static void bent(void **state)
{
    (void)state;
    enum { COLUMNS = 13, STEP = 50 };
    ocrvl_image *img;
    ocrvl_layout *l = draw(&img, false);
    l->bend = (ocrvl_bend){.step = STEP,
                           .count = COLUMNS,
                           .head = ocrvl_alloc_array(COLUMNS, sizeof(float)),
                           .foot = ocrvl_alloc_array(COLUMNS, sizeof(float)),
                           .height = HEIGHT};
    assert_true(l->bend.head && l->bend.foot);
    for (int i = 0; i < COLUMNS; i++) { /* a parabola, deepest in the middle of the page, and none at its foot */
        float x = (float)(i * STEP - WIDTH / 2) / (WIDTH / 2);
        l->bend.head[i] = 40 * (1 - x * x);
        l->bend.foot[i] = HEIGHT;
    }
    ocrvl_page *page = make_page(l, "ananasco son sonar", false);
    size_t line = 0;
    for (const ocrvl_node *n = ocrvl_node_first(ocrvl_page_first(page)); n; n = ocrvl_node_next(n), line++) {
        ocrvl_node_info info = {.size = sizeof info};
        ocrvl_node_get_info(n, &info);
        assert_true(info.curve_count > 2 && info.polygon_count == 2 * info.curve_count);
        uint32_t last = info.curve_count - 1;
        assert_memory_equal(&info.curve[0], &info.baseline[0], sizeof info.baseline[0]);
        assert_memory_equal(&info.curve[last], &info.baseline[1], sizeof info.baseline[1]);
        const uint32_t corners[4] = {0, last, last + 1, info.polygon_count - 1};
        for (int i = 0; i < 4; i++)
            assert_memory_equal(&info.polygon[corners[i]], &info.quad[i], sizeof info.quad[i]);
        for (float x = LEFT + 5; x < RIGHT - 5; x += 7) { /* not only where its points are */
            uint32_t k = 1;
            while (info.curve[k].x < x)
                k++;
            const ocrvl_point *a = &info.curve[k - 1], *b = &info.curve[k];
            float y = a->y + (b->y - a->y) * (x - a->x) / (b->x - a->x);
            double truth = ocrvl_bend_at(&l->bend, (double)x, (double)l->lines[line].baseline[0]);
            assert_float_equal(y, truth, 0.75);
        }
    }
    assert_int_equal(line, LINES);
    ocrvl_page_free(page);
    for (int i = 0; i < COLUMNS; i++)
        l->bend.head[i] = 3;
    page = make_page(l, "ananasco son sonar", false);
    ocrvl_node_info info = {.size = sizeof info};
    ocrvl_node_get_info(ocrvl_node_first(ocrvl_page_first(page)), &info);
    assert_true(info.curve == NULL && info.polygon == NULL && info.quad[2].x > 0);
    ocrvl_page_free(page);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(from_left_to_right), cmocka_unit_test(from_right_to_left),
                                       cmocka_unit_test(leaders), cmocka_unit_test(bent)};
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
