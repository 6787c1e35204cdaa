/* A document's own text: characters to words and lines, and what the page's ink says of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "in/glyphs.h"
#include "in/glyphs_order.h"
#include "in/own_ink.h"
#include "in/own_join.h"
#include "testing.h"

static ocrvl_glyph glyphs[64];

/* Characters of a text, 10 points wide and high each; a tab is a gap of one and a half without a space, '|' one of
 * three. */
static ocrvl_glyphs make_glyphs(const uint32_t *text, ocrvl_text_style *style)
{
    ocrvl_glyphs g = {.at = glyphs, .styles = style, .style_count = 1};
    float x = 0, y = 10;
    for (; *text; text++) {
        if (*text == '\t' || *text == '|') {
            x += *text == '\t' ? 15 : 30;
            continue;
        }
        glyphs[g.count++] = (ocrvl_glyph){*text, 0, x, y, x + 10, y + 10, false};
        x += 10;
        if (*text == '\n')
            x = 0, y += 20;
    }
    return g;
}

static void expect_lines(const uint32_t *text, const char *wanted)
{
    ocrvl_text_style style = {.font = "Times", .size = 10};
    ocrvl_glyphs g = make_glyphs(text, &style);
    ocrvl_own_lines o;
    char said[512] = "";
    size_t n = 0;
    assert_int_equal(ocrvl_own_lines_make(&o, &g, 1000, 1000, 1, 1, NULL), OCRVL_OK);
    for (size_t i = 0; i < o.line_count; i++)
        for (size_t k = 0; k < o.lines[i].count; k++)
            n += (size_t)snprintf(said + n, sizeof said - n, "%s%s", o.words[o.lines[i].first + k].text,
                                  k + 1 < o.lines[i].count ? " " : "/");
    assert_string_equal(said, wanted);
    ocrvl_own_lines_free(&o);
}

static void test_words(void **state)
{
    (void)state;
    expect_lines((const uint32_t[]){'a', 'b', ' ', 'c', '\n', 'd', '\n', 0}, "ab c/d/");
    expect_lines((const uint32_t[]){'a', '\t', 'b', '|', 'c', 0}, "a b/c/");
    expect_lines((const uint32_t[]){0xFB01, 'n', 0}, "fin/");
    expect_lines((const uint32_t[]){'a', 0xAD, 'b', ' ', 'c', 0xAD, '\n', 'd', 0}, "ab c-/d/");
    expect_lines((const uint32_t[]){0xF0B7, ' ', 'a', 0}, "\u2022 a/");
    expect_lines((const uint32_t[]){'a', ' ', 0xE001, ' ', 'b', 0}, "a/b/");
    expect_lines((const uint32_t[]){'a', ' ', 0xFFFD, 'b', ' ', 1, 0}, "a/");
    expect_lines((const uint32_t[]){0x5D0, ' ', '1', '2', ' ', 0x5D1, 0x5D2, 0}, "\u05D1\u05D2 12 \u05D0/");
}

/* Boxes of NaN, without a width and outside the page are no words, and what is partly on it is cut. */
static void test_hostile_boxes(void **state)
{
    (void)state;
    ocrvl_glyph at[] = {{'a', 0, NAN, 0, 5, 5, false},
                        {'\n', 0, 0, 0, 0, 0, false},
                        {'b', 0, -90, 0, -80, 9, false},
                        {'\n', 0, 0, 0, 0, 0, false},
                        {'c', 0, 95, 95, INFINITY, 1e30f, false},
                        {'\n', 0, 0, 0, 0, 0, false},
                        {'d', 0, 5, 5, 5, 5, false},
                        {'\n', 0, 0, 0, 0, 0, false},
                        {'e', 0, 5.5f, 5, 5.5f, 15, false}};
    ocrvl_text_style style = {.font = "", .size = 10};
    ocrvl_glyphs g = {.at = at, .count = 9, .styles = &style, .style_count = 1};
    ocrvl_own_lines o;
    assert_int_equal(ocrvl_own_lines_make(&o, &g, 100, 100, 1, 1, NULL), OCRVL_OK);
    assert_int_equal(o.word_count, 1);
    assert_string_equal(o.words[0].text, "c");
    assert_int_equal(o.words[0].box.x0, 95);
    assert_int_equal(o.words[0].box.x1, 100);
    assert_int_equal(o.outside, 4);
    ocrvl_own_lines_free(&o);
}

static void test_names(void **state)
{
    (void)state;
    ocrvl_glyphs g = {0};
    ocrvl_fonts fonts = {.count = 0};
    uint32_t a, b, c, same;
    assert_int_equal(ocrvl_glyphs_style(&g, &a, "ABCDEF+Nimbus-BoldItalic", 10.004, 0, false, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_glyphs_style(&g, &b, "Nimbus-BoldItalic", 10, 0, false, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_glyphs_style(&g, &c, NULL, NAN, 0xFF0000, true, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_glyphs_style(&g, &same, "Nimbus-BoldItalic", 10.001, 0, false, NULL), OCRVL_OK);
    assert_int_equal(b, same);
    assert_int_equal(g.style_count, 3);
    assert_int_equal(ocrvl_fonts_number(&fonts, &g, NULL), OCRVL_OK); /* each subset has characters of its own */
    assert_int_not_equal(g.styles[a].number, g.styles[b].number);
    assert_string_equal(g.styles[a].font, g.styles[b].font);
    assert_string_equal(g.styles[a].font, "Nimbus-BoldItalic");
    assert_true(g.styles[a].bold && g.styles[a].italic && !g.styles[c].bold);
    assert_true(g.styles[c].size == 0 && g.styles[c].colour == 0xFF0000 && g.styles[c].underlined);
    ocrvl_fonts_free(&fonts);
    ocrvl_glyphs_free(&g);
}

/* Letters that stand 5 pixels apart, words 12: the long word shows that the short one is spaced out. */
static void test_spaced(void **state)
{
    (void)state;
    char text[] = "s\0p\0e\0r\0t\0o\0u\0t\0end";
    ocrvl_own_word words[9] = {{0}};
    int32_t x = 10;
    for (size_t i = 0; i < 9; i++) {
        int32_t wide = i == 8 ? 20 : 6;
        x += i == 5 || i == 8 ? 12 : 5;
        words[i] = (ocrvl_own_word){.text = text + 2 * i, .box = {x, 0, x + wide, 12}};
        x += wide;
    }
    ocrvl_own_line line = {.count = 9, .box = {10, 0, x, 12}, .x_height = (float)(12 * OCRVL_X_OF_SIZE)};
    ocrvl_own_lines o = {.lines = &line, .line_count = 1, .words = words, .word_count = 9};
    ocrvl_own_lines_close_up(&o);
    assert_int_equal(line.count, 3);
    assert_string_equal(words[0].text, "spert");
    assert_string_equal(words[1].text, "out");
    assert_string_equal(words[2].text, "end");
}

/* The same with two letters that kerning brought together, among many that stand apart. */
static void test_kerned(void **state)
{
    (void)state;
    char text[] = "S\0PA\0C\0E\0D\0end";
    ocrvl_own_word words[6] = {{0}};
    const char *at = text;
    int32_t x = 10;
    for (size_t i = 0; i < 6; i++) {
        int32_t wide = 7 * (int32_t)strlen(at);
        words[i] = (ocrvl_own_word){.text = at, .box = {x, 0, x + wide, 12}};
        x += wide + (i == 4 ? 12 : 5);
        at += strlen(at) + 1;
    }
    ocrvl_own_line line = {.count = 6, .box = {10, 0, x, 12}, .x_height = (float)(12 * OCRVL_X_OF_SIZE)};
    ocrvl_own_lines o = {.lines = &line, .line_count = 1, .words = words, .word_count = 6};
    ocrvl_own_lines_close_up(&o);
    assert_int_equal(line.count, 2);
    assert_string_equal(words[0].text, "SPACED");
}

enum { W = 60, H = 30 };

/* One word of a box of 20 x 10 at (10, 10) whose glyphs are stripes; `ground` and `ink` are what the page shows there,
 * `aside` pixels further right. */
static void judge_aside(int aside, uint8_t ground, uint8_t ink, uint8_t page[H][W], size_t *unseen, bool *whole)
{
    uint8_t cover[H][W] = {{0}};
    ocrvl_own_word word = {.text = "a", .box = {10, 10, 30, 20}};
    ocrvl_own_line line = {.count = 1, .box = word.box};
    ocrvl_own_lines o = {.lines = &line, .line_count = 1, .words = &word, .word_count = 1};
    for (int y = 10; y < 20; y++)
        for (int x = 10; x < 30; x++) {
            cover[y][x] = x % 4 < 2 ? 255 : 0;
            page[y][x] = (x - aside) % 4 < 2 ? ink : ground;
        }
    ocrvl_own_ink k = {W, H, &page[0][0], &page[0][0], &cover[0][0], NULL, 0};
    assert_int_equal(ocrvl_own_ink_judge(&o, W, H, &k, unseen, whole, NULL), OCRVL_OK);
    assert_int_equal(o.word_count, 1 - *unseen);
}

static void judge(uint8_t ground, uint8_t ink, uint8_t page[H][W], size_t *unseen, bool *whole)
{
    judge_aside(0, ground, ink, page, unseen, whole);
}

static void test_ink(void **state)
{
    (void)state;
    uint8_t page[H][W];
    size_t unseen;
    bool whole;
    memset(page, 255, sizeof page);
    judge(255, 0, page, &unseen, &whole);
    assert_true(unseen == 0 && whole);
    memset(page, 255, sizeof page);
    judge(255, 255, page, &unseen, &whole); /* white on white */
    assert_true(unseen == 1);
    memset(page, 255, sizeof page);
    judge_aside(1, 255, 0, page, &unseen, &whole); /* cairo has rounded its place otherwise */
    assert_true(unseen == 0);
    memset(page, 40, sizeof page);
    judge(40, 240, page, &unseen, &whole); /* light on dark */
    assert_true(unseen == 0 && whole);
    memset(page, 255, sizeof page);
    for (int x = 5; x < 55; x++) /* a rule */
        page[25][x] = 0;
    judge(255, 0, page, &unseen, &whole);
    assert_true(unseen == 0 && whole);
    for (int y = 2; y < 8; y++) /* and what might be letters */
        for (int x = 40; x < 52; x++)
            page[y][x] = x % 3 && y % 3 ? 0 : 255;
    judge(255, 0, page, &unseen, &whole);
    assert_true(unseen == 0 && !whole);
}

static void draw_frame(uint8_t page[H][W], int x0, int y0, int x1, int y1)
{
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++)
            if (y == y0 || y == y1 || x == x0 || x == x1)
                page[y][x] = 0;
}

/* The frames of a table's cells are no text, whether they hold any or not; a box to be ticked has to be looked at. */
static void test_frames(void **state)
{
    (void)state;
    uint8_t page[H][W];
    size_t unseen;
    bool whole;
    memset(page, 255, sizeof page);
    draw_frame(page, 6, 7, 34, 23);
    draw_frame(page, 37, 7, 50, 23);
    judge(255, 0, page, &unseen, &whole);
    assert_true(unseen == 0 && whole);
    memset(page, 255, sizeof page);
    draw_frame(page, 40, 4, 50, 14);
    judge(255, 0, page, &unseen, &whole);
    assert_true(unseen == 0 && !whole);
}

/* Characters in rows and columns `across` and `down` points from one another, row by row as poppler has them -> the
 * texts of the lines. */
static void stack(float across, float down, char said[512])
{
    enum { ROWS = 6, COLUMNS = 3 };
    ocrvl_glyph at[2 * ROWS * COLUMNS];
    ocrvl_text_style style = {.font = "Mincho", .size = 10};
    ocrvl_glyphs g = {.at = at, .styles = &style, .style_count = 1};
    ocrvl_own_lines o;
    size_t n = 0;
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++) { /* read down from the right */
            float x = 100 + across * (float)c, y = 100 + down * (float)r;
            at[g.count++] =
                (ocrvl_glyph){0x4E00u + (uint32_t)((COLUMNS - 1 - c) * ROWS + r), 0, x, y, x + 10, y + 10, false};
            at[g.count++] = (ocrvl_glyph){'\n', 0, 0, 0, 0, 0, false};
        }
    assert_int_equal(ocrvl_own_lines_make(&o, &g, 1000, 1000, 1, 1, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_own_lines_stack(&o, NULL), OCRVL_OK);
    for (size_t i = 0; i < o.line_count; i++)
        n += (size_t)snprintf(said + n, 512 - n, "%s%d/", o.words[o.lines[i].first].text, o.lines[i].turn);
    ocrvl_own_lines_free(&o);
}

typedef struct spot { /* a character, and where it stands */
    uint32_t c;
    float x0, x1;
} spot;

/* Characters of one line, in poppler's order -> as they are read. */
static void expect_order(const spot *at, const char *wanted)
{
    ocrvl_glyphs g = {.at = ocrvl_alloc_array(64, sizeof *g.at)};
    ocrvl_own_lines o;
    char said[512] = "";
    size_t n = 0;
    assert_non_null(g.at);
    for (; at->c; at++)
        g.at[g.count++] = (ocrvl_glyph){at->c, 0, at->x0, 10, at->x1, 20, false};
    assert_int_equal(ocrvl_glyphs_order(&g, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_own_lines_make(&o, &g, 1000, 1000, 1, 1, NULL), OCRVL_OK);
    for (size_t i = 0; i < o.line_count; i++)
        for (size_t k = 0; k < o.lines[i].count; k++)
            n += (size_t)snprintf(said + n, sizeof said - n, "%s%s", o.words[o.lines[i].first + k].text,
                                  k + 1 < o.lines[i].count ? " " : "/");
    assert_string_equal(said, wanted);
    ocrvl_own_lines_free(&o);
    ocrvl_glyphs_free(&g);
}

/* Words that stand aside and on another line are of another line, though poppler says nothing between them; raised marks
 * are not. */
static void test_another_line(void **state)
{
    ocrvl_glyph at[] = {{'d', 0, 0, 30, 10, 40, false},
                        {'H', 0, 15, 20, 25, 30, false},
                        {'a', 0, 30, 20, 40, 30, false},
                        {'1', 0, 41, 17, 45, 24, false},
                        {'\n', 0, 0, 0, 0, 0, false}};
    ocrvl_text_style style = {.font = "", .size = 10};
    ocrvl_glyphs g = {.at = at, .count = 5, .styles = &style, .style_count = 1};
    ocrvl_own_lines o;
    (void)state;
    assert_int_equal(ocrvl_own_lines_make(&o, &g, 1000, 1000, 1, 1, NULL), OCRVL_OK);
    assert_int_equal(o.line_count, 2);
    assert_int_equal(o.lines[0].count, 1);
    assert_string_equal(o.words[0].text, "d");
    assert_string_equal(o.words[o.word_count - 1].text, "a1");
    ocrvl_own_lines_free(&o);
}

/* Text that runs both ways, as poppler gives it of Chromium's PDFs. */
static void test_order(void **state)
{
    (void)state;
    /* "ab, AB, CD, 12. e!" of a line that runs to the right: the commas and the number between letters that don't */
    expect_order((const spot[]){{'a', 0, 5},
                                {'b', 5, 10},
                                {',', 10, 12},
                                {0x5D3, 20, 25},
                                {0x5D2, 25, 30},
                                {',', 40, 42},
                                {0x5D1, 42, 47},
                                {0x5D0, 47, 52},
                                {',', 52, 54},
                                {'e', 60, 65},
                                {'!', 65, 67},
                                {0, 0, 0}},
                 "ab, \u05D0\u05D1, \u05D2\u05D3, e!/");
    /* of one that runs to the left, with an Arabic number and its sign, a name and its number */
    expect_order((const spot[]){{'.', 0, 2},
                                {'d', 2, 7},
                                {'e', 12, 17},
                                {'4', 30, 35},
                                {'5', 35, 40},
                                {'-', 40, 43},
                                {'1', 43, 48},
                                {0x631, 60, 65},
                                {'%', 75, 80},
                                {'2', 80, 85},
                                {'5', 85, 90},
                                {0x648, 100, 105},
                                {0, 0, 0}},
                 "\u0648 25% \u0631 d e 45-1./");
    /* marks come after their letters, and lam before the alef that it is one glyph with */
    expect_order((const spot[]){{0x64B, 34, 39}, {0x636, 29, 34}, {0x627, 25, 29}, {0, 0, 0}}, "\u0636\u064B\u0627/");
    expect_order((const spot[]){{0x627, 40, 44}, {0x623, 36.5f, 40}, {0x644, 33, 36.5f}, {0x648, 25, 33}, {0, 0, 0}},
                 "\u0627\u0644\u0623\u0648/");
    expect_order((const spot[]){{0x627, 40, 44}, {0x623, 37, 40}, {0x644, 33, 37}, {0, 0, 0}}, "\u0627\u0623\u0644/");
    /* a control code isn't left out of its word, which it shows to be no text */
    expect_order((const spot[]){{'a', 0, 5}, {0x5D1, 15, 20}, {3, 20, 22}, {0x5D0, 22, 27}, {0, 0, 0}}, "a/");
    /* what isn't on one line, or has no place, stays */
    expect_order((const spot[]){{0x5D0, NAN, 5}, {0x5D1, 5, 10}, {0, 0, 0}}, "");
}

/* Vertical writing: columns are lines, from right to left; what stands no nearer down than across is none. */
static void test_columns(void **state)
{
    (void)state;
    char said[512];
    stack(18, 10, said);
    assert_string_equal(said, "\u4E00\u4E01\u4E02\u4E03\u4E04\u4E0590/\u4E06\u4E07\u4E08\u4E09\u4E0A\u4E0B90/"
                              "\u4E0C\u4E0D\u4E0E\u4E0F\u4E10\u4E1190/");
    stack(18, 18, said);
    assert_int_equal(strncmp(said, "\u4E0C0/\u4E060/\u4E000/\u4E0D0/", 16), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words),  cmocka_unit_test(test_hostile_boxes),
                                       cmocka_unit_test(test_names),  cmocka_unit_test(test_ink),
                                       cmocka_unit_test(test_frames), cmocka_unit_test(test_spaced),
                                       cmocka_unit_test(test_kerned), cmocka_unit_test(test_columns),
                                       cmocka_unit_test(test_order),  cmocka_unit_test(test_another_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
