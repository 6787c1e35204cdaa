/* The structure of documents: pages made line by line, and what their blocks are taken for. */
#include <stdio.h>
#include <string.h>

#include "structure/marks.h"
#include "testing.h"
#include "tree/tree.h"

static ocrvl_error error, *const err = &error;

enum { WIDTH = 1000, HEIGHT = 1400, DPI = 120 };

typedef struct maker {
    ocrvl_builder *b;
    bool open;
    bool scan; /* its type is measured, not told */
} maker;

static maker begin(void)
{
    maker m = {0};
    assert_int_equal(ocrvl_builder_new(&m.b, WIDTH, HEIGHT, DPI, DPI, err), OCRVL_OK);
    m.b->guessed = true;
    return m;
}

static void end_block(maker *m)
{
    if (m->open)
        assert_int_equal(ocrvl_builder_close(m->b, err), OCRVL_OK);
    m->open = false;
}

static void begin_block(maker *m)
{
    ocrvl_node_info block = {.size = sizeof block, .kind = OCRVL_BLOCK, .confidence = -1};
    end_block(m);
    assert_int_equal(ocrvl_builder_open(m->b, &block, err), OCRVL_OK);
    m->open = true;
}

/* A line of the open block in type of so many points, from (x, y) on. */
static void line(maker *m, const char *text, float size, bool bold, int32_t x, int32_t y)
{
    ocrvl_text_style style = {.font = "Times", .size = size, .bold = bold, .mono = size == 9};
    int32_t high = (int32_t)(size * DPI / 72), wide = high / 2, at = 0;
    ocrvl_node_info l = {.size = sizeof l,
                         .kind = OCRVL_LINE,
                         .text = text,
                         .box = {x, y, x + (int32_t)strlen(text) * wide, y + high},
                         .origin = OCRVL_ORIGIN_NATIVE,
                         .baseline = {{(float)x, (float)(y + high * 3 / 4)}, {(float)x + 1, (float)(y + high * 3 / 4)}},
                         .x_height = m->scan ? 0.5f * size * DPI / 72 : 0,
                         .confidence = -1};
    assert_int_equal(ocrvl_builder_open(m->b, &l, err), OCRVL_OK);
    for (const char *s = text; *s;) {
        char word[64];
        int32_t n = (int32_t)strcspn(s, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, s);
        ocrvl_node_info w = {.size = sizeof w,
                             .kind = OCRVL_WORD,
                             .text = word,
                             .start = (uint32_t)at,
                             .box = {x + at * wide, y, x + (at + n) * wide, y + high},
                             .origin = OCRVL_ORIGIN_NATIVE,
                             .style = m->scan ? NULL : &style,
                             .confidence = -1};
        assert_int_equal(ocrvl_builder_open(m->b, &w, err), OCRVL_OK);
        assert_int_equal(ocrvl_builder_close(m->b, err), OCRVL_OK);
        for (int32_t k = 0; k < n; k++)
            at += (s[k] & 0xC0) != 0x80;
        at += s[n] == ' ';
        s += n + (s[n] == ' ');
    }
    assert_int_equal(ocrvl_builder_close(m->b, err), OCRVL_OK);
}

/* A block of one line. */
static void put(maker *m, const char *text, float size, bool bold, int32_t x, int32_t y)
{
    begin_block(m);
    line(m, text, size, bold, x, y);
}

static ocrvl_page *end(maker *m)
{
    ocrvl_page *page;
    end_block(m);
    assert_int_equal(ocrvl_builder_finish(m->b, &page, err), OCRVL_OK);
    ocrvl_builder_free(m->b);
    return page;
}

/* "heading 2|paragraph|..." of a page, with '+' before what continues. */
static void describe(char *out, size_t size, const ocrvl_page *page)
{
    size_t n = 0;
    *out = '\0';
    for (const ocrvl_node *b = ocrvl_page_first(page); b && n < size; b = ocrvl_node_next(b)) {
        ocrvl_node_info i = {.size = sizeof i};
        char level[16] = "";
        ocrvl_node_get_info(b, &i);
        if (i.level)
            snprintf(level, sizeof level, " %u", i.level);
        n += (size_t)snprintf(out + n, size - n, "%s%s%s%s", n ? "|" : "", i.continues ? "+" : "",
                              ocrvl_role_name(i.role), level);
    }
}

static void expect(ocrvl_page *page, const char *wanted)
{
    char said[1000];
    assert_non_null(page);
    describe(said, sizeof said, page);
    assert_string_equal(said, wanted);
    ocrvl_page_free(page);
}

static ocrvl_page *alone(ocrvl_page *page)
{
    ocrvl_structure *s;
    assert_int_equal(ocrvl_structure_new(&s, 0, err), OCRVL_OK);
    assert_int_equal(ocrvl_structure_add(s, page, true, err), OCRVL_OK);
    page = ocrvl_structure_next(s, false);
    ocrvl_structure_free(s);
    return page;
}

static void put_body(maker *m, int32_t x, int32_t y)
{
    begin_block(m);
    for (int i = 0; i < 3; i++)
        line(m, "Some words of running text that goes on and on for", 10, false, x, y + 20 * i);
    line(m, "a while and then ends.", 10, false, x, y + 60);
}

static void test_marks(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        ocrvl_mark_kind kind;
        uint32_t value;
    } marks[] = {{"\u2022", OCRVL_MARK_BULLET, 0x2022},
                 {"-", OCRVL_MARK_BULLET, '-'},
                 {"12.", OCRVL_MARK_NUMBER, 12},
                 {"(4)", OCRVL_MARK_NUMBER, 4},
                 {"b)", OCRVL_MARK_LETTER, 2},
                 {"iv)", OCRVL_MARK_ROMAN, 4},
                 {"xiii.", OCRVL_MARK_ROMAN, 13},
                 {"xii.", OCRVL_MARK_ROMAN, 12},
                 {"(4", OCRVL_MARK_NONE, 0},
                 {"", OCRVL_MARK_NONE, 0},
                 {"1984.", OCRVL_MARK_NONE, 0},
                 {"(3.", OCRVL_MARK_NONE, 0},
                 {"word", OCRVL_MARK_NONE, 0}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        ocrvl_mark m = ocrvl_mark_of(marks[i].word);
        assert_int_equal(m.kind, marks[i].kind);
        assert_int_equal(m.value, marks[i].value);
    }
    ocrvl_mark h = ocrvl_mark_of("h)"), i = ocrvl_mark_of("i)"), j = ocrvl_mark_of("j)");
    assert_true(ocrvl_mark_follows(&h, &i) && ocrvl_mark_follows(&i, &j) && !ocrvl_mark_follows(&h, &j));
    assert_int_equal(ocrvl_number_depth("2.10.1"), 3);
    assert_int_equal(ocrvl_number_depth("A.1."), 2);
    assert_int_equal(ocrvl_number_depth("2.x"), 0);
    assert_true(ocrvl_names_caption("Fig.") && ocrvl_names_caption("Tabelle") && !ocrvl_names_caption("Figures"));
}

/* Levels go by the ladder of sizes, below a title that doesn't come back. */
static void test_headings(void **state)
{
    (void)state;
    maker m = begin();
    put(&m, "The Title of It All", 20, true, 100, 100);
    put(&m, "First Chapter", 16, true, 100, 200);
    put_body(&m, 100, 300);
    put(&m, "A Section", 12, true, 100, 500);
    put_body(&m, 100, 600);
    put(&m, "Second Chapter", 16, true, 100, 800);
    put(&m, "Bold and of one size", 10, true, 100, 900);
    put_body(&m, 100, 1000);
    put(&m, "Bold, but it ends as a sentence does.", 10, true, 100, 1150);
    expect(alone(end(&m)), "heading 1|heading 2|paragraph|heading 3|paragraph|heading 2|heading 4|paragraph|paragraph");
}

/* In a scan the number of a chapter, set large, is a heading, and no other number is. */
static void test_measured_numbers(void **state)
{
    (void)state;
    maker m = begin();
    m.scan = true;
    put(&m, "4", 19, true, 100, 200);
    put_body(&m, 100, 300);
    put(&m, "4", 11, true, 100, 500);
    put_body(&m, 100, 600);
    expect(alone(end(&m)), "heading 1|paragraph|paragraph|paragraph");
}

/* Of a page most of whose characters are those of small notes the larger text isn't headings. */
static void test_small_body(void **state)
{
    (void)state;
    maker m = begin();
    put(&m, "The Title of It All", 20, true, 100, 50);
    for (int i = 0; i < 20; i++)
        put(&m, "words of a table in very small type as there are many", 7, false, 100 + 450 * (i % 2), 100 + 30 * i);
    put_body(&m, 100, 800);
    put_body(&m, 100, 900);
    put(&m, "and one line more", 10, false, 100, 1000);
    ocrvl_page *page = end(&m);
    char said[1000];
    describe(said, sizeof said, page = alone(page));
    assert_int_equal(strncmp(said, "heading 1|", 10), 0);
    assert_non_null(strstr(said, "paragraph|paragraph"));
    assert_null(strstr(said + 10, "heading"));
    ocrvl_page_free(page);
}

/* What has numbers is as deep as they say, below what stands above the first of them. */
static void test_numbered(void **state)
{
    (void)state;
    maker m = begin();
    put(&m, "The Title of It All", 20, true, 100, 100);
    put(&m, "1 Chapter", 14, true, 100, 200);
    put_body(&m, 100, 300);
    put(&m, "1.1 Section", 12, true, 100, 500);
    put_body(&m, 100, 600);
    put(&m, "1.2 Section", 12, true, 100, 700);
    put(&m, "2 Chapter", 14, true, 100, 800);
    put_body(&m, 100, 900);
    put(&m, "References", 14, true, 100, 1100);
    expect(alone(end(&m)), "heading 1|heading 2|paragraph|heading 3|paragraph|heading 3|heading 2|paragraph|heading 2");
}

static void test_lists(void **state)
{
    (void)state;
    maker m = begin();
    put_body(&m, 100, 100);
    put(&m, "1. first", 10, false, 100, 200);
    put(&m, "\u2022 inner", 10, false, 150, 220);
    put(&m, "\u2022 inner", 10, false, 150, 240);
    put(&m, "2. second", 10, false, 100, 260);
    put(&m, "which has a second paragraph.", 10, false, 125, 290);
    put_body(&m, 100, 400);
    put(&m, "A. Smith wrote this.", 10, false, 100, 600);
    put(&m, "a. one", 10, false, 100, 650);
    put(&m, "b. two", 10, false, 100, 670);
    expect(alone(end(&m)),
           "paragraph|list_item 1|list_item 2|list_item 2|list_item 1|paragraph 1|paragraph|paragraph|list_item 1|"
           "list_item 1");
}

static void test_blocks(void **state)
{
    (void)state;
    maker m = begin();
    put_body(&m, 100, 100);
    begin_block(&m);
    line(&m, "Words that someone else has said in some", 10, false, 160, 200);
    line(&m, "other book and that are set in from all", 10, false, 160, 220);
    put_body(&m, 100, 300);
    put(&m, "int main(void)", 9, false, 100, 500);
    put(&m, "Figure 3: What there is to be seen.", 10, false, 100, 600);
    put(&m, "Figure 3 shows it", 10, false, 100, 700);
    put_body(&m, 100, 800);
    put(&m, "1 A note in small type.", 8, false, 100, 1200);
    expect(alone(end(&m)), "paragraph|quote|paragraph|code|caption|paragraph|paragraph|footnote");
}

/* Two columns, and the page after them. */
static void test_flow(void **state)
{
    (void)state;
    ocrvl_structure *s;
    maker m = begin();
    put_body(&m, 50, 600);
    put(&m, "This sentence goes on in", 10, false, 50, 1000);
    begin_block(&m);
    line(&m, "the other column.", 10, false, 550, 100);
    put(&m, "And this one on the", 10, false, 550, 1000);
    ocrvl_page *first = end(&m);
    m = begin();
    put(&m, "page after.", 10, false, 50, 100);
    put_body(&m, 50, 300);
    ocrvl_page *second = end(&m);
    assert_int_equal(ocrvl_structure_new(&s, 1, err), OCRVL_OK);
    assert_int_equal(ocrvl_structure_add(s, first, true, err), OCRVL_OK);
    assert_null(ocrvl_structure_next(s, false));
    assert_int_equal(ocrvl_structure_add(s, second, false, err), OCRVL_OK);
    expect(ocrvl_structure_next(s, false), "paragraph|paragraph|+paragraph|paragraph");
    assert_null(ocrvl_structure_next(s, false));
    expect(ocrvl_structure_next(s, true), "+paragraph|paragraph");
    assert_null(ocrvl_structure_next(s, true));
    ocrvl_structure_free(s);
}

/* What comes back runs; a page number counts. Another document begins anew. */
static void test_margins(void **state)
{
    (void)state;
    ocrvl_structure *s;
    assert_int_equal(ocrvl_structure_new(&s, 2, err), OCRVL_OK);
    for (int i = 0; i < 4; i++) {
        char number[16];
        maker m = begin();
        snprintf(number, sizeof number, "%d", i + 7);
        put(&m, "A Book of Things", 10, false, 100, 40);
        put(&m, i == 1 ? "Its own beginning" : i == 3 ? "Another one" : "Yet another", 10, false, 100, 100);
        put_body(&m, 100, 300);
        put(&m, number, 10, false, 500, 1350);
        assert_int_equal(ocrvl_structure_add(s, end(&m), i == 0, err), OCRVL_OK);
    }
    for (int i = 0; i < 4; i++)
        expect(ocrvl_structure_next(s, true),
               i == 0 || i == 2 ? "header|header|paragraph|page_number" : "header|paragraph|paragraph|page_number");
    maker m = begin();
    put(&m, "A Book of Things", 10, false, 100, 40);
    put_body(&m, 100, 300);
    assert_int_equal(ocrvl_structure_add(s, end(&m), true, err), OCRVL_OK);
    expect(ocrvl_structure_next(s, true), "paragraph|paragraph");
    ocrvl_structure_free(s);
}

/* Pages whose roles a model gave, and pages without text, stay as they are. */
static void test_given(void **state)
{
    (void)state;
    maker m = begin();
    m.b->guessed = false;
    put(&m, "A Title", 20, true, 100, 100);
    put_body(&m, 100, 300);
    expect(alone(end(&m)), "paragraph|paragraph");
    m = begin();
    expect(alone(end(&m)), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks),      cmocka_unit_test(test_headings), cmocka_unit_test(test_measured_numbers),
        cmocka_unit_test(test_small_body), cmocka_unit_test(test_numbered), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_blocks),     cmocka_unit_test(test_flow),     cmocka_unit_test(test_margins),
        cmocka_unit_test(test_given),
    };
    return cmocka_run_group_tests_name("structure", tests, NULL, NULL);
}
