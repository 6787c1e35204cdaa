/* Tables of models, well formed and not, to cells: nothing is lost, nothing overlaps, no claim is believed. */
#include "markups.h"

static char *parse(const char *text, size_t len)
{
    ocrvl_markup *m;
    assert_ok(ocrvl_markup_parse(&m, text, len, OCRVL_MARKUP_MARKDOWN, err));
    check_markup(m, text, len);
    char *got = describe(m);
    ocrvl_markup_free(m);
    return got;
}

static void check_all(const char *const (*e)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *got = parse(e[i][0], strlen(e[i][0]));
        if (strcmp(got, e[i][1]) != 0)
            fail_msg("of:\n%s\nwanted:\n%s\ngot:\n%s", e[i][0], e[i][1], got);
        ocrvl_free(got);
    }
}

#define CHECK(examples) check_all(examples, sizeof(examples) / sizeof *(examples))

static void pipes(void **state)
{
    (void)state;
    static const char *const e[][2] = {
        {"| a | b |\n|---|:-:|\n| 1 | 2 |\n", "table 2x2: [0,0h]a[0,1h]b[1,0]1[1,1]2\n"},
        {"a|b\n-|-\n1|2\n\nx", "table 2x2: [0,0h]a[0,1h]b[1,0]1[1,1]2\nparagraph: x\n"},
        {"text\n| a |\n|---|\n| 1 |\nafter", "paragraph: text\ntable 2x1: [0,0h]a[1,0]1\nparagraph: after\n"},
        {"| a\\|b | **c** |\n|--|--|\n| `x` | y<br>z |", "table 2x2: [0,0h]a|b[0,1h]c[1,0]x[1,1]y\\nz\n"},
        {"| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |",
         "table 3x3: [0,0h]a[0,1h]b[0,2][1,0]1[1,1][1,2][2,0]1[2,1]2[2,2]3\n!cells_missing\n"},
        {"| a | b |\n|---|---|---|\n| 1 | 2 |", "table 2x2: [0,0h]a[0,1h]b[1,0]1[1,1]2\n!pipe_columns\n"},
        {"| | |\n|---|---|\n| 1 | 2 |", "table 1x2: [0,0]1[0,1]2\n"},
        {"| | |\n|---|---|\n", "!table_empty\n"},
        {"| a | b |\n| 1 | 2 |", "table 2x2: [0,0]a[0,1]b[1,0]1[1,1]2\n!pipe_no_rule\n"},
        {"| a |\n|---|\n| 1 |\n# H", "table 2x1: [0,0h]a[1,0]1\nheading 1: H\n"},
        {"| a | b |\nx | y", "paragraph: | a | b |\\nx | y\n"},
        {"a | b\nc", "paragraph: a | b\\nc\n"},
        {"text\n--- | ---", "paragraph: text\\n--- | ---\n"},
        {"| a |\n|--x|", "table 2x1: [0,0]a[1,0]--x\n!pipe_no_rule\n"},
        {"| a |\n|---|\n| - 1 |\n- item", "table 2x1: [0,0h]a[1,0]- 1\nlist_item list=1 -: item\n"},
        {"- | a |\n  |---|\n  | 1 |", "table list=1 - 2x1: [0,0h]a[1,0]1\n"},
    };
    CHECK(e);
}

static void html(void **state)
{
    (void)state;
    static const char *const e[][2] = {
        {"<table><thead><tr><th>A</th><td>B</td></tr></thead><tbody><tr><th>1</th><td>2</td></tr></tbody></table>",
         "table 2x2: [0,0h]A[0,1h]B[1,0h]1[1,1]2\n"},
        {"<TABLE border=1>\n <TR>\n  <TD align='left'>a\n b</TD>\n </TR>\n</TABLE>", "table 1x1: [0,0]a b\n"},
        {"<table><tr><td rowspan=\"2\">a</td><td colspan=2>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
         "table 2x3: [0,0 2x1]a[0,1 1x2]b[1,1]c[1,2]d\n"},
        {"<table><tr><td nowrap rowspan=2 class=a>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
         "table 2x2: [0,0 2x1]a[0,1]b[1,1]c\n"},
        {"<table><caption>T *1*</caption><tr><td>a</td></tr></table>", "caption: T 1\ntable 1x1: [0,0]a\n"},
        {"<table><colgroup><col/><col></colgroup><tr><td>a &amp; <b>b</b><br/>c<p>d</p></td></tr></table>",
         "table 1x1: [0,0]a & b\\nc\\nd\n"},
        {"<table><tr><td>R&ampD &copy 2024 &notit; &notin; &hellip</td></tr></table>",
         "table 1x1: [0,0]R&D \u00A9 2024 \u00ACit; \u2209 &hellip\n"},
        {"|a&amp b|c|\n|-|-|", "table 1x2: [0,0h]a&amp b[0,1h]c\n"},
        {"text <table><tr><td>a</td></tr></table> more\nend",
         "paragraph: text\ntable 1x1: [0,0]a\nparagraph: more\\nend\n"},
        {"<table><tr><td></td><td>&nbsp;</td></tr></table>", "table 1x2: [0,0][0,1]\n"},
        {"<table><tr><td>$a<b$ x<y</td><td>x</td></tr></table>", "table 1x2: [0,0]$a<b$ x<y[0,1]x\n"},
        {"<table>\n<tr><td>a</td></tr>\n\n<tr><td>b</td></tr>\n</table>", "table 2x1: [0,0]a[1,0]b\n"},
        {"<table\nclass=\"x\">\r\n<tr\n><td\ncolspan=\n\"2\">a</td></tr><tr><td>b</td><td>c</td></tr></table>",
         "table 2x2: [0,0 1x2]a[1,0]b[1,1]c\n"},
        {"the `<table>` tag", "paragraph: the <table> tag\n"},
        {"<table><tr><td rowspan=0>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
         "table 2x2: [0,0 2x1]a[0,1]b[1,1]c\n"},
        {"<table><tr><td rowspan=2>a</td><td rowspan=2>b</td></tr><tr></tr><tr><td>c</td><td>d</td></tr></table>",
         "table 3x2: [0,0 2x1]a[0,1 2x1]b[2,0]c[2,1]d\n"},
    };
    CHECK(e);
}

static void repairs(void **state)
{
    (void)state;
    static const char *const e[][2] = {
        {"<table><tr><td>a<td>b<tr><td>c</table>x",
         "table 2x2: [0,0]a[0,1]b[1,0]c[1,1]\nparagraph: x\n!cell_not_closed*3 cells_missing\n"},
        {"<table><tr><td>a</td><td>cut of", "table 1x2: [0,0]a[0,1]cut of\n!table_not_closed cell_not_closed\n"},
        {"<table><tr><td>a</td></tr>\n\n# H\n", "table 1x1: [0,0]a\nheading 1: H\n!table_not_closed\n"},
        {"<table><tr><td>a</td><td>cut of\n\n# H\n\ntext",
         "table 1x2: [0,0]a[0,1]cut of\nheading 1: H\nparagraph: text\n!table_not_closed cell_not_closed\n"},
        {"<table><tr><td>a\n\n# b</td></tr></table>", "table 1x1: [0,0]a # b\n"},
        {"<tr><td>a</td></tr></table>b", "table 1x1: [0,0]a\nparagraph: b\n!table_not_opened\n"},
        {"a</table>b</td>", "paragraph: a\nparagraph: b\n!stray_tag*2\n"},
        {"<table><td>a</td><td>b</td></table>", "table 1x2: [0,0]a[0,1]b\n!row_not_opened\n"},
        {"<table>x<tr>y<td>a</td>z</tr></table>",
         "table 2x3: [0,0]x[0,1][0,2][1,0]y[1,1]a[1,2]z\n!cell_not_closed*3 cells_missing text_outside_cell*3\n"},
        {"<table></table>", "!table_empty\n"},
        {"<table><tr></tr></table>a", "paragraph: a\n!table_empty\n"},
        {"<table><tr></td><td>a</td></tr></table>", "table 1x1: [0,0]a\n!stray_tag\n"},
        {"<table><tr><td>a<table><tr><td>b</td><td>c</td></tr><tr><td>d</td></tr></table>e</td><td>f</td></tr></table>",
         "table 1x2: [0,0]a\\nb c\\nd\\ne[0,1]f\n!table_nested\n"},
        {"<table><tr><td>a</td></tr><caption>late</caption></table>",
         "table 2x1: [0,0]a[1,0]late\n!cell_not_closed text_outside_cell stray_tag*2\n"},
        {"<table><tr><td>a<caption>late</caption></table>",
         "table 2x1: [0,0]a[1,0]late\n!cell_not_closed*2 text_outside_cell stray_tag*2\n"},
        {"<table><tr><td colspan=\"x\">a</td><td rowspan=''>b</td></tr></table>",
         "table 1x2: [0,0]a[0,1]b\n!span_bad*2\n"},
        {"<table><tr><td rowspan=3>a</td><td>b</td></tr></table>", "table 1x2: [0,0]a[0,1]b\n!span_cut\n"},
        {"<table><tr><td>a</td><td rowspan=2>b</td></tr><tr><td colspan=2>c</td></tr></table>",
         "table 2x2: [0,0]a[0,1 2x1]b[1,0]c\n!span_cut\n"},
        {"<table><tr><td colspan=5>a</td></tr><tr><td>b</td><td>c</td></tr></table>",
         "table 2x2: [0,0 1x2]a[1,0]b[1,1]c\n!span_cut\n"},
        {"<table><tr><td colspan=99999999999999999999 rowspan=99999999999999999999>a</td></tr></table>",
         "table 1x1: [0,0]a\n!span_bad*2 span_cut*2\n"},
    };
    CHECK(e);
}

/* A cell for each of 1010 columns: the last ten join the thousandth. */
static void too_many_columns(void **state)
{
    (void)state;
    ocrvl_buf b = {0};
    ocrvl_buf_puts(&b, "<table><tr>");
    for (int i = 0; i < 1010; i++)
        ocrvl_buf_printf(&b, "<td>%s</td>", i == 1005 ? "" : "x");
    ocrvl_buf_puts(&b, "</tr><tr><td>y</td></tr></table>");
    ocrvl_markup *m;
    assert_ok(ocrvl_markup_parse(&m, b.data, b.len, OCRVL_MARKUP_MARKDOWN, err));
    check_markup(m, b.data, b.len);
    assert_int_equal(m->block_count, 1);
    assert_int_equal(m->blocks[0].cols, 1000);
    assert_int_equal(m->cell_count, 2000);
    assert_string_equal(m->text + m->cells[998].text.at, "x");
    assert_string_equal(m->text + m->cells[999].text.at, "x x x x x x x x x x");
    assert_int_equal(m->repairs[OCRVL_MARKUP_CELLS_JOINED].count, 10);
    ocrvl_markup_free(m);
    ocrvl_buf_free(&b);
}

static void too_many_rows(void **state)
{
    (void)state;
    ocrvl_buf b = {0};
    ocrvl_buf_puts(&b, "<table>");
    for (int i = 0; i < 2001; i++)
        ocrvl_buf_printf(&b, "<tr><td rowspan=%d>%d</td><td>x</td></tr>", i == 999 ? 3 : 1, i);
    ocrvl_buf_puts(&b, "</table>");
    ocrvl_markup *m;
    assert_ok(ocrvl_markup_parse(&m, b.data, b.len, OCRVL_MARKUP_MARKDOWN, err));
    check_markup(m, b.data, b.len);
    assert_int_equal(m->block_count, 3);
    assert_int_equal(m->blocks[0].rows, 1000);
    assert_int_equal(m->blocks[1].rows, 1000);
    assert_int_equal(m->blocks[2].rows, 1);
    assert_string_equal(m->text + m->cells[m->blocks[2].first_cell].text.at, "2000");
    assert_int_equal(m->repairs[OCRVL_MARKUP_TABLE_SPLIT].count, 2);
    assert_int_equal(m->repairs[OCRVL_MARKUP_SPAN_CUT].count, 1);
    ocrvl_markup_free(m);
    ocrvl_buf_free(&b);
}

/* A wide row and many short ones: the holes would be a hundred times what is there, and stay holes. */
static void sparse(void **state)
{
    (void)state;
    ocrvl_buf b = {0};
    ocrvl_buf_puts(&b, "<table><tr>");
    for (int i = 0; i < 1000; i++)
        ocrvl_buf_puts(&b, "<td>");
    for (int i = 0; i < 999; i++)
        ocrvl_buf_puts(&b, "<tr><td>");
    ocrvl_markup *m;
    assert_ok(ocrvl_markup_parse(&m, b.data, b.len, OCRVL_MARKUP_MARKDOWN, err));
    check_markup(m, b.data, b.len);
    assert_int_equal(m->blocks[0].rows, 1000);
    assert_int_equal(m->blocks[0].cols, 1000);
    assert_int_equal(m->cell_count, 1999);
    assert_int_equal(m->repairs[OCRVL_MARKUP_CELLS_MISSING].count, 1);
    ocrvl_markup_free(m);
    ocrvl_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pipes),         cmocka_unit_test(html),
                                       cmocka_unit_test(repairs),       cmocka_unit_test(too_many_columns),
                                       cmocka_unit_test(too_many_rows), cmocka_unit_test(sparse)};
    return cmocka_run_group_tests_name("markup_tables", tests, NULL, NULL);
}
