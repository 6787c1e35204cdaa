/* The result tree: texts and offsets, statuses, languages, confidences, what the builder refuses, and every allocation
 * failing in turn. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "testing.h"

#define NODE(...) (&(ocrvl_node_info){.size = sizeof(ocrvl_node_info), __VA_ARGS__})
#define OPEN(b, ...) ocrvl_builder_open(b, NODE(__VA_ARGS__), NULL)
#define OPENED(b, ...) assert_ok(ocrvl_builder_open(b, NODE(__VA_ARGS__), err))
#define REFUSED(...) assert_int_equal(OPEN(__VA_ARGS__), OCRVL_E_ARG)

static ocrvl_builder *builder(void)
{
    ocrvl_builder *b;
    assert_ok(ocrvl_builder_new(&b, 1000, 1400, 300, 300, err));
    return b;
}

static ocrvl_page *finish(ocrvl_builder *b)
{
    ocrvl_page *page;
    assert_ok(ocrvl_builder_finish(b, &page, err));
    ocrvl_builder_free(b);
    return page;
}

static void close(ocrvl_builder *b) { assert_ok(ocrvl_builder_close(b, err)); }

/* A line without words. */
static void line(ocrvl_builder *b, const char *text)
{
    OPENED(b, .kind = OCRVL_LINE, .text = text);
    close(b);
}

static void block(ocrvl_builder *b, ocrvl_role role, const char *text)
{
    OPENED(b, .kind = OCRVL_BLOCK, .role = role);
    if (text)
        line(b, text);
    close(b);
}

static void word(ocrvl_builder *b, const char *text, uint32_t start, float confidence)
{
    OPENED(b, .kind = OCRVL_WORD, .text = text, .start = start, .confidence = confidence);
    close(b);
}

static void cell(ocrvl_builder *b, uint32_t row, uint32_t col, const char *text)
{
    OPENED(b, .kind = OCRVL_CELL, .row = row, .col = col, .row_span = 1, .col_span = 1);
    if (text)
        line(b, text);
    close(b);
}

static ocrvl_node_info info(const ocrvl_node *n)
{
    ocrvl_node_info i = {.size = sizeof i};
    ocrvl_node_get_info(n, &i);
    return i;
}

static ocrvl_page_info page_info(const ocrvl_page *page)
{
    ocrvl_page_info i = {.size = sizeof i};
    ocrvl_page_get_info(page, &i);
    return i;
}

/* Every node's text stands at its offsets in the page's text. */
static void check_spans(const ocrvl_node *n, const char *text)
{
    size_t len = strlen(text);
    for (; n; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = info(n);
        size_t from = ocrvl_utf8_offset(text, len, i.start), to = ocrvl_utf8_offset(text, len, i.end);
        assert_int_equal(to - from, strlen(i.text));
        assert_memory_equal(text + from, i.text, to - from);
        check_spans(ocrvl_node_first(n), text);
    }
}

static void test_texts(void **state)
{
    (void)state;
    ocrvl_builder *b = builder();
    block(b, OCRVL_ROLE_FIGURE, NULL);
    OPENED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_HEADING, .level = 2);
    line(b, "\xF0\xA0\xAE\xB7 caf\xC3\xA9"); /* U+20BB7 */
    line(b, "");
    OPENED(b, .kind = OCRVL_LINE, .text = "\xF0\x9F\x98\x80 e\xCC\x81n");
    word(b, "\xF0\x9F\x98\x80", 0, -1);
    word(b, "e\xCC\x81n", 2, -1);
    close(b);
    close(b);
    block(b, OCRVL_ROLE_SEPARATOR, NULL);
    block(b, OCRVL_ROLE_PARAGRAPH, "end");
    ocrvl_page *page = finish(b);
    ocrvl_page_info i = page_info(page);
    assert_string_equal(i.text, "\xF0\xA0\xAE\xB7 caf\xC3\xA9\n\xF0\x9F\x98\x80 e\xCC\x81n\n\nend");
    check_spans(ocrvl_page_first(page), i.text);
    const ocrvl_node *figure = ocrvl_page_first(page), *heading = ocrvl_node_next(figure);
    assert_int_equal(info(figure).role, OCRVL_ROLE_FIGURE);
    assert_int_equal(info(heading).level, 2);
    assert_string_equal(info(heading).text, "\xF0\xA0\xAE\xB7 caf\xC3\xA9\n\xF0\x9F\x98\x80 e\xCC\x81n");
    assert_int_equal(info(heading).end, 12);
    const ocrvl_node *third = ocrvl_node_next(ocrvl_node_next(ocrvl_node_first(heading)));
    assert_int_equal(info(third).start, 7);
    assert_int_equal(info(ocrvl_node_next(ocrvl_node_first(third))).start, 9);
    assert_int_equal(info(ocrvl_node_next(ocrvl_node_first(third))).end, 12);
    const ocrvl_node *rule = ocrvl_node_next(heading);
    assert_int_equal(info(rule).start, 12);
    assert_int_equal(info(rule).end, 12);
    assert_int_equal(info(ocrvl_node_next(rule)).start, 14);
    assert_null(ocrvl_node_next(ocrvl_node_next(rule)));
    assert_int_equal(i.status, OCRVL_PAGE_OK);
    ocrvl_page_free(page);
}

static void test_table(void **state)
{
    (void)state;
    ocrvl_builder *b = builder();
    block(b, OCRVL_ROLE_PARAGRAPH, "before");
    OPENED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, NULL);
    OPENED(b, .kind = OCRVL_CELL, .row = 0, .col = 1, .row_span = 1, .col_span = 1, .header = true);
    line(b, "two");
    line(b, "lines");
    close(b);
    cell(b, 0, 2, NULL);
    cell(b, 1, 0, "a");
    cell(b, 1, 2, "c");
    close(b);
    OPENED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE); /* one empty cell: no text at all */
    cell(b, 0, 0, NULL);
    close(b);
    block(b, OCRVL_ROLE_PARAGRAPH, "after");
    ocrvl_page *page = finish(b);
    assert_string_equal(page_info(page).text, "before\n\n\ttwo\nlines\t\na\tc\n\nafter");
    check_spans(ocrvl_page_first(page), page_info(page).text);
    const ocrvl_node *table = ocrvl_node_next(ocrvl_page_first(page));
    assert_string_equal(info(table).text, "\ttwo\nlines\t\na\tc");
    assert_string_equal(info(ocrvl_node_next(ocrvl_node_first(table))).text, "two\nlines");
    assert_true(info(ocrvl_node_next(ocrvl_node_first(table))).header);
    assert_int_equal(info(ocrvl_node_first(table)).start, 8);
    ocrvl_page_free(page);
}

/* One code point for one: offsets stay. Expected by the rules at the top of builder.c, for every control character. */
static void test_legal_text(void **state)
{
    (void)state;
    for (uint32_t c = 1; c < 0x110000; c = c < 0x3000 ? c + 1 : c < 0xD800 ? 0xE000 : c + (c % 0xFFFF ? 1 : 0xFFFE)) {
        if (c == 0x110000 - 1 || (c >= 0xD800 && c < 0xE000))
            break;
        char text[16] = "a", utf8[4];
        size_t n = ocrvl_utf8_encode(utf8, c);
        memcpy(text + 1, utf8, n);
        text[1 + n] = 'b';
        ocrvl_builder *b = builder();
        OPENED(b, .kind = OCRVL_BLOCK);
        OPENED(b, .kind = OCRVL_LINE, .text = text);
        word(b, "b", 2, -1);
        close(b);
        close(b);
        ocrvl_page *page = finish(b);
        bool space = c == 9 || c == 10 || c == 13 || c == 0x85 || c == 0x2028 || c == 0x2029;
        bool bad = !space && (c < 32 || (c > 126 && c < 160) || (c & 0xFFFF) > 0xFFFD || (c >= 0xFDD0 && c < 0xFDF0));
        const char *want = space ? "a b"
                           : bad ? "a\xEF\xBF\xBD"
                                   "b"
                                 : text;
        assert_string_equal(page_info(page).text, want);
        ocrvl_page_free(page);
    }
}

static void test_multiline_texts(void **state)
{
    (void)state;
    ocrvl_builder *b = builder();
    OPENED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FORMULA, .latex = "a\n\tb\x01");
    line(b, "ab");
    close(b);
    assert_ok(ocrvl_builder_markdown(b, "# h\n\ttext\x7F", err));
    assert_ok(ocrvl_builder_warn(b, "a_code", "file \xFF\n", false, err));
    ocrvl_page *page = finish(b);
    const char *code, *message;
    assert_string_equal(info(ocrvl_page_first(page)).latex, "a\n\tb\xEF\xBF\xBD");
    assert_string_equal(page_info(page).markdown, "# h\n\ttext\xEF\xBF\xBD");
    ocrvl_page_warning(page, 0, &code, &message);
    assert_string_equal(code, "a_code");
    assert_string_equal(message, "file \xEF\xBF\xBD ");
    ocrvl_page_warning(page, 1, &code, NULL);
    assert_string_equal(code, "");
    ocrvl_page_free(page);
}

static void test_statuses(void **state)
{
    (void)state;
    ocrvl_page *page = finish(builder());
    assert_int_equal(page_info(page).status, OCRVL_PAGE_BLANK);
    assert_string_equal(page_info(page).text, "");
    assert_true(page_info(page).confidence < 0);
    assert_null(page_info(page).error_code);
    assert_null(ocrvl_page_first(page));
    ocrvl_page_free(page);

    ocrvl_builder *b = builder(); /* a table of empty cells has tabs, but no text */
    OPENED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    cell(b, 0, 0, NULL);
    cell(b, 0, 1, "");
    close(b);
    page = finish(b);
    assert_int_equal(page_info(page).status, OCRVL_PAGE_BLANK);
    ocrvl_page_free(page);

    b = builder();
    block(b, OCRVL_ROLE_PARAGRAPH, "x");
    assert_ok(ocrvl_builder_warn(b, "rotated", "by 90 degrees", false, err));
    assert_ok(ocrvl_builder_warn(b, "cut", "at 10 tokens", true, err));
    page = finish(b);
    assert_int_equal(page_info(page).status, OCRVL_PAGE_PARTIAL);
    assert_int_equal(page_info(page).warnings, 2);
    ocrvl_page_free(page);

    b = builder();
    block(b, OCRVL_ROLE_PARAGRAPH, "x");
    assert_ok(ocrvl_builder_warn(b, "cut", "", true, err));
    assert_ok(ocrvl_builder_fail(b, "format", "broken \xC3", err));
    assert_ok(ocrvl_builder_fail(b, "io", "later", err));
    page = finish(b);
    assert_int_equal(page_info(page).status, OCRVL_PAGE_FAILED);
    assert_string_equal(page_info(page).error_code, "format");
    assert_string_equal(page_info(page).error_message, "broken \xEF\xBF\xBD");
    assert_string_equal(page_info(page).text, "x");
    ocrvl_page_free(page);

    assert_ok(ocrvl_builder_new(&b, 0, 0, 0, 0, err));
    assert_int_equal(ocrvl_builder_finish(b, &page, NULL), OCRVL_E_ARG);
    assert_null(page);
    assert_ok(ocrvl_builder_fail(b, NULL, NULL, err));
    page = finish(b);
    assert_string_equal(page_info(page).error_code, "internal");
    ocrvl_page_free(page);
}

static void test_confidence(void **state)
{
    (void)state;
    ocrvl_builder *b = builder();
    OPENED(b, .kind = OCRVL_BLOCK);
    OPENED(b, .kind = OCRVL_LINE, .text = "abc d \xF0\x9F\x98\x80");
    word(b, "abc", 0, 0.5f);
    word(b, "d", 4, 1.0f);
    word(b, "\xF0\x9F\x98\x80", 6, -1);
    close(b);                                                           /* (3 * 0.5 + 1) / 4 = 0.625 */
    OPENED(b, .kind = OCRVL_LINE, .text = "wxyz", .confidence = 0.25f); /* stands for its 4 */
    close(b);
    close(b); /* (2.5 + 1) / 8 */
    OPENED(b, .kind = OCRVL_BLOCK, .confidence = 0.75f);
    OPENED(b, .kind = OCRVL_LINE, .text = "no", .confidence = 0); /* left zero: not given */
    word(b, "no", 0, 0);
    close(b);
    close(b);
    block(b, OCRVL_ROLE_PARAGRAPH, "none");
    ocrvl_page *page = finish(b);
    const ocrvl_node *n = ocrvl_page_first(page);
    assert_float_equal(info(ocrvl_node_first(n)).confidence, 0.625, 1e-6);
    assert_float_equal(info(ocrvl_node_next(ocrvl_node_first(n))).confidence, 0.25, 1e-6);
    assert_float_equal(info(n).confidence, 3.5 / 8, 1e-6);
    n = ocrvl_node_next(n);
    assert_float_equal(info(n).confidence, 0.75, 1e-6);
    assert_float_equal(info(ocrvl_node_first(n)).confidence, 0, 0);
    assert_true(info(ocrvl_node_next(n)).confidence < 0);
    assert_float_equal(page_info(page).confidence, 3.5 / 10, 1e-6);
    ocrvl_page_free(page);
}

/* Words of the same look have the same style, whose number is its place in the page; links and names are made legal. */
static void test_styles(void **state)
{
    (void)state;
    ocrvl_builder *b = builder();
    ocrvl_text_style plain = {.font = "Times", .size = 10, .number = 77},
                     odd = {.font = "a\nb", .size = -1, .colour = ~0u};
    char name[] = "Times";
    ocrvl_text_style same = {.font = name, .size = 10};
    const ocrvl_text_style *styles[] = {&plain, &odd, &same, NULL};
    static const char *const words[] = {"one", "two", "six", "ten"};
    OPENED(b, .kind = OCRVL_BLOCK, .style = &plain, .link = "x");
    OPENED(b, .kind = OCRVL_LINE, .text = "one two six ten", .style = &plain);
    for (uint32_t i = 0; i < 4; i++) {
        OPENED(b, .kind = OCRVL_WORD, .text = words[i], .start = 4 * i, .style = styles[i], .link = i ? NULL : "#\x01");
        close(b);
    }
    close(b);
    close(b);
    memset(name, 'x', sizeof name - 1);
    ocrvl_page *page = finish(b);
    const ocrvl_node *line = ocrvl_node_first(ocrvl_page_first(page)), *w = ocrvl_node_first(line);
    assert_null(info(line).style);
    assert_null(info(ocrvl_page_first(page)).link);
    assert_ptr_equal(info(w).style, ocrvl_page_style(page, 0));
    assert_string_equal(info(w).link, "#\xEF\xBF\xBD");
    w = ocrvl_node_next(w);
    assert_ptr_equal(info(w).style, ocrvl_page_style(page, 1));
    assert_int_equal(info(w).style->number, 1);
    assert_string_equal(info(w).style->font, "a b");
    assert_true(info(w).style->size == 0 && info(w).style->colour == 0xFFFFFF && !info(w).link);
    w = ocrvl_node_next(w);
    assert_ptr_equal(info(w).style, ocrvl_page_style(page, 0));
    assert_string_equal(info(w).style->font, "Times");
    assert_null(info(ocrvl_node_next(w)).style);
    assert_null(ocrvl_page_style(page, 2));
    ocrvl_page_free(page);
}

static void test_languages(void **state)
{
    (void)state;
    ocrvl_builder *b = builder();
    OPENED(b, .kind = OCRVL_BLOCK, .lang = "en");
    line(b, "four");
    OPENED(b, .kind = OCRVL_LINE, .text = "ein Wort yes", .lang = "de");
    OPENED(b, .kind = OCRVL_WORD, .text = "yes", .start = 9, .lang = "en");
    close(b);
    close(b);
    close(b);
    OPENED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE, .lang = "en");
    OPENED(b, .kind = OCRVL_CELL, .row_span = 1, .col_span = 1, .lang = "zh-Hant");
    line(b, "\xE4\xB8\x80");
    close(b);
    close(b);
    block(b, OCRVL_ROLE_PARAGRAPH, "abc"); /* told of no language, but counts */
    ocrvl_page *page = finish(b);
    const char *langs[3];
    double shares[3];
    assert_int_equal(ocrvl_page_languages(page, NULL, NULL, 0), 3);
    assert_int_equal(ocrvl_page_languages(page, langs, shares, 3), 3);
    assert_string_equal(langs[0], "de");
    assert_string_equal(langs[1], "en");
    assert_string_equal(langs[2], "zh-Hant");
    assert_float_equal(shares[0], 9.0 / 20, 1e-9);
    assert_float_equal(shares[1], 7.0 / 20, 1e-9);
    assert_float_equal(shares[2], 1.0 / 20, 1e-9);
    ocrvl_page_free(page);
}

static void test_nesting(void **state)
{
    (void)state;
    ocrvl_page *page;
    ocrvl_builder *b = builder();
    assert_int_equal(ocrvl_builder_close(b, NULL), OCRVL_E_ARG);
    REFUSED(b, .kind = OCRVL_LINE);
    REFUSED(b, .kind = OCRVL_CELL, .row_span = 1, .col_span = 1);
    REFUSED(b, .kind = OCRVL_WORD, .text = "a");
    REFUSED(b, .kind = (ocrvl_kind)0);
    OPENED(b, .kind = OCRVL_BLOCK);
    REFUSED(b, .kind = OCRVL_BLOCK);
    REFUSED(b, .kind = OCRVL_CELL, .row_span = 1, .col_span = 1);
    REFUSED(b, .kind = OCRVL_WORD, .text = "a");
    OPENED(b, .kind = OCRVL_LINE, .text = "a");
    REFUSED(b, .kind = OCRVL_LINE, .text = "a");
    OPENED(b, .kind = OCRVL_WORD, .text = "a");
    REFUSED(b, .kind = OCRVL_WORD, .text = "a");
    assert_int_equal(ocrvl_builder_finish(b, &page, NULL), OCRVL_E_ARG);
    close(b);
    close(b);
    close(b);
    OPENED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE);
    REFUSED(b, .kind = OCRVL_LINE, .text = "a");
    REFUSED(b, .kind = OCRVL_CELL, .row_span = 0, .col_span = 1);
    OPENED(b, .kind = OCRVL_CELL, .row = 1, .col = 1, .row_span = 2, .col_span = 2);
    close(b);
    REFUSED(b, .kind = OCRVL_CELL, .row = 1, .col = 0, .row_span = 1, .col_span = 1); /* too late */
    REFUSED(b, .kind = OCRVL_CELL, .row = 2, .col = 0, .row_span = 1, .col_span = 2); /* overlaps */
    assert_int_equal(OPEN(b, .kind = OCRVL_CELL, .row = 2, .col = 999, .row_span = 1, .col_span = 2), OCRVL_E_LIMIT);
    assert_int_equal(OPEN(b, .kind = OCRVL_CELL, .row = 9, .col = UINT32_MAX, .row_span = 9, .col_span = UINT32_MAX),
                     OCRVL_E_LIMIT);
    assert_int_equal(OPEN(b, .kind = OCRVL_CELL, .row = 999999, .col = 2, .row_span = 1, .col_span = 1), OCRVL_E_LIMIT);
    OPENED(b, .kind = OCRVL_CELL, .row = 2, .col = 3, .row_span = 1, .col_span = 997);
    close(b);
    close(b);
    page = NULL;
    assert_ok(ocrvl_builder_finish(b, &page, err));
    REFUSED(b, .kind = OCRVL_BLOCK);
    assert_int_equal(ocrvl_builder_close(b, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_builder_warn(b, "a", "b", true, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_builder_fail(b, "a", "b", NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_builder_markdown(b, "a", NULL), OCRVL_E_ARG);
    ocrvl_page *second;
    assert_int_equal(ocrvl_builder_finish(b, &second, NULL), OCRVL_E_ARG);
    assert_null(second);
    ocrvl_builder_free(b);
    ocrvl_page_free(page);
    ocrvl_page_free(NULL);
    ocrvl_builder_free(NULL);
}

static void test_refusals(void **state)
{
    (void)state;
    ocrvl_builder *b;
    assert_int_equal(ocrvl_builder_new(&b, 0, 5, 0, 0, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_builder_new(&b, 1000001, 5, 0, 0, NULL), OCRVL_E_ARG);
    assert_null(b);
    b = builder();
    ocrvl_box ok = {999, 1399, 1000, 1400}, wide = {0, 0, 1001, 10}, high = {0, 0, 10, 1401};
    ocrvl_box left = {-1, 0, 10, 10}, turned = {20, 0, 10, 10}, empty = {5, 5, 5, 10};
    REFUSED(b, .kind = OCRVL_BLOCK, .box = wide, .origin = OCRVL_ORIGIN_INK);
    REFUSED(b, .kind = OCRVL_BLOCK, .box = high, .origin = OCRVL_ORIGIN_INK);
    REFUSED(b, .kind = OCRVL_BLOCK, .box = left, .origin = OCRVL_ORIGIN_INK);
    REFUSED(b, .kind = OCRVL_BLOCK, .box = turned, .origin = OCRVL_ORIGIN_INK);
    REFUSED(b, .kind = OCRVL_BLOCK, .box = ok); /* from nowhere */
    REFUSED(b, .kind = OCRVL_BLOCK, .box = ok, .origin = (ocrvl_origin)9);
    REFUSED(b, .kind = OCRVL_BLOCK, .role = (ocrvl_role)99);
    REFUSED(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_HEADING, .level = 7);
    REFUSED(b, .kind = OCRVL_BLOCK, .dir = (ocrvl_direction)-1);
    static const char *const tags[] = {"e",      "english_US", "en-",       "-en",        "e1",
                                       "en--US", "en US",      "abcdefghi", "en-\xC3\xA9"};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        REFUSED(b, .kind = OCRVL_BLOCK, .lang = tags[i]);
    assert_int_equal(ocrvl_builder_open(b, &(ocrvl_node_info){.kind = OCRVL_BLOCK}, NULL), OCRVL_E_ARG); /* no size */
    OPENED(b, .kind = OCRVL_BLOCK, .box = ok, .origin = OCRVL_ORIGIN_MODEL, .lang = "sr-Latn-x-1901abc");
    REFUSED(b, .kind = OCRVL_LINE, .text = "cut \xE4\xB8");
    REFUSED(b, .kind = OCRVL_LINE, .text = "\xED\xA0\x80"); /* a surrogate */
    REFUSED(b, .kind = OCRVL_LINE, .text = "a", .quad = {{1, 2}, {__builtin_nanf(""), 1}});
    REFUSED(b, .kind = OCRVL_LINE, .text = "a", .baseline = {{1, 2}, {__builtin_inff(), 1}});
    const ocrvl_point wild[3] = {{1, 2}, {3, 4}, {1, __builtin_nanf("")}};
    REFUSED(b, .kind = OCRVL_LINE, .text = "a", .polygon = wild, .polygon_count = 3);
    REFUSED(b, .kind = OCRVL_LINE, .text = "a", .curve = wild, .curve_count = 3);
    REFUSED(b, .kind = OCRVL_LINE, .text = "a", .curve = wild, .curve_count = OCRVL_MAX_POINTS + 1);
    OPENED(b, .kind = OCRVL_LINE, .text = "h\xC3\xA9 b", .box = empty, .origin = OCRVL_ORIGIN_INK);
    REFUSED(b, .kind = OCRVL_WORD, .text = "");
    REFUSED(b, .kind = OCRVL_WORD, .text = NULL);
    REFUSED(b, .kind = OCRVL_WORD, .text = "b", .start = 2);
    REFUSED(b, .kind = OCRVL_WORD, .text = "bb", .start = 3);
    REFUSED(b, .kind = OCRVL_WORD, .text = "b", .start = UINT32_MAX);
    word(b, "\xC3\xA9", 1, 7);                               /* over 1: 1 */
    REFUSED(b, .kind = OCRVL_WORD, .text = "h", .start = 0); /* stands there, but before the last */
    word(b, "b", 3, __builtin_nanf(""));
    close(b);
    close(b);
    assert_int_equal(ocrvl_builder_markdown(b, "\xFF", NULL), OCRVL_E_ARG);
    ocrvl_builder_set_border(b, (ocrvl_box){-1, 0, 10, 10}); /* none of these is one */
    ocrvl_builder_set_border(b, (ocrvl_box){5, 5, 5, 10});
    ocrvl_builder_set_border(b, (ocrvl_box){0, 0, 1000001, 10});
    ocrvl_builder_set_geometry(b, 270, __builtin_nan(""));
    ocrvl_page *page = finish(b);
    const ocrvl_node *l = ocrvl_node_first(ocrvl_page_first(page));
    assert_int_equal(info(l).origin, OCRVL_ORIGIN_NONE); /* an empty box is none */
    assert_int_equal(info(l).box.x1, 0);
    assert_float_equal(info(ocrvl_node_first(l)).confidence, 1, 0);
    assert_true(info(ocrvl_node_next(ocrvl_node_first(l))).confidence < 0);
    assert_int_equal(page_info(page).rotation, 270);
    assert_true(page_info(page).skew == 0);
    ocrvl_page_free(page);
}

static void test_roles(void **state)
{
    (void)state;
    for (int r = OCRVL_ROLE_PARAGRAPH; r <= OCRVL_ROLE_OTHER; r++) {
        ocrvl_role back;
        assert_true(ocrvl_role_by_name(ocrvl_role_name((ocrvl_role)r), &back));
        assert_int_equal(back, r);
    }
    ocrvl_role role;
    assert_false(ocrvl_role_by_name("nothing", &role));
    assert_string_equal(ocrvl_role_name(OCRVL_ROLE_LIST_ITEM), "list_item");
    assert_string_equal(ocrvl_role_name(OCRVL_ROLE_SEPARATOR), "separator");
    assert_string_equal(ocrvl_page_status_name(OCRVL_PAGE_PARTIAL), "partial");
}

/* A struct of an older caller is shorter; nothing is read or written past it. */
static void test_sizes(void **state)
{
    (void)state;
    ocrvl_builder *b = builder();
    ocrvl_node_info old = {
        .size = offsetof(ocrvl_node_info, text), .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_CODE, .lang = "?"};
    assert_ok(ocrvl_builder_open(b, &old, err));
    close(b);
    ocrvl_page *page = finish(b);
    ocrvl_node_info i = {.size = offsetof(ocrvl_node_info, text), .text = "mine"};
    ocrvl_node_get_info(ocrvl_page_first(page), &i);
    assert_int_equal(i.role, OCRVL_ROLE_CODE);
    assert_string_equal(i.text, "mine");
    assert_null(info(ocrvl_page_first(page)).lang);
    ocrvl_page_info p = {.size = offsetof(ocrvl_page_info, text), .text = "mine"};
    ocrvl_page_get_info(page, &p);
    assert_int_equal(p.width, 1000);
    assert_string_equal(p.text, "mine");
    ocrvl_page_free(page);
}

/* Builds a page with something of everything; the error of the first call that fails. */
static ocrvl_status build(ocrvl_page **out)
{
    static char long_text[40000]; /* over a chunk */
    ocrvl_builder *b;
    memset(long_text, 'x', sizeof long_text - 1);
    *out = NULL;
    ocrvl_status st = ocrvl_builder_new(&b, 100, 100, 0, 0, NULL);
    if (st)
        return st;
#define TRY(call) st = st ? st : (call)
    for (int i = 0; i < 40; i++) {
        TRY(OPEN(b, .kind = OCRVL_BLOCK, .lang = i % 2 ? "en" : "de"));
        TRY(OPEN(b, .kind = OCRVL_LINE, .text = i == 3 ? long_text : "a word", .confidence = 0.5f));
        TRY(i == 3 ? OCRVL_OK
                   : OPEN(b, .kind = OCRVL_WORD, .text = "word", .start = 2, .lang = "fr", .link = "a",
                          .style = &(ocrvl_text_style){.font = "b", .size = (float)i}));
        TRY(i == 3 ? OCRVL_OK : ocrvl_builder_close(b, NULL));
        TRY(ocrvl_builder_close(b, NULL));
        TRY(ocrvl_builder_close(b, NULL));
    }
    TRY(OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_TABLE));
    TRY(OPEN(b, .kind = OCRVL_CELL, .row_span = 1, .col_span = 1));
    TRY(OPEN(b, .kind = OCRVL_LINE, .text = "a"));
    TRY(ocrvl_builder_close(b, NULL));
    TRY(ocrvl_builder_close(b, NULL));
    TRY(ocrvl_builder_close(b, NULL));
    TRY(OPEN(b, .kind = OCRVL_BLOCK, .role = OCRVL_ROLE_FORMULA, .latex = "x"));
    TRY(ocrvl_builder_close(b, NULL));
    TRY(ocrvl_builder_warn(b, "a", "b", true, NULL));
    TRY(ocrvl_builder_markdown(b, long_text, NULL));
    TRY(ocrvl_builder_fail(b, "a", "b", NULL));
    TRY(ocrvl_builder_finish(b, out, NULL));
    ocrvl_builder_free(b);
    return st;
}

static void test_allocations(void **state)
{
    (void)state;
    ocrvl_page *page;
    long n = 1;
    for (;; n++) {
        ocrvl_mem_fail_after(n);
        ocrvl_status st = build(&page);
        ocrvl_mem_fail_after(0);
        if (st == OCRVL_OK)
            break;
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(page);
    }
    assert_true(n > 10);
    ocrvl_page_free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),       cmocka_unit_test(test_table),           cmocka_unit_test(test_legal_text),
        cmocka_unit_test(test_statuses),    cmocka_unit_test(test_multiline_texts), cmocka_unit_test(test_confidence),
        cmocka_unit_test(test_styles),      cmocka_unit_test(test_languages),       cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_roles),           cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
