/* Markup that nobody would write: random pieces, mutilated pages, a text of the same over and over, no memory. */
#include <time.h>

#include "markups.h"

/* Something of everything. */
static const char page[] =
    "---\nprimary_language: en\nis_table: True\n---\n# T *b* `c` [l](http://x)\n\nOne &amp; "
    "<b>two</b><br>three\nfour[^1] "
    "$a_b$ ~~x~~ ``y`` **z\n\n- a\n  - b\n\n  c\n1. d\n\n> q\n>> r\n\nS\n===\n\n```c\ncode\n```\n\n    code\n\n***\n\n"
    "| a | b |\n|---|---|\n| 1 |\n\nA <table><caption>C</caption><tr><td rowspan=2>a<td "
    "colspan=3>b</tr><tr><td>c<table>"
    "<tr><td>d</table></table> B\n\n$$\nx\n$$\n\\begin{align}y\\end{align}\n\\[ z\n\n![alt](x.png)\nFigure 1: F\n\n"
    "<!-- n\n\nm -->\n<header>H</header><ul><li>u</ul>[^1]: N\n\n- 3 -\n";

static uint32_t next_random(uint32_t *seed) { return (*seed = *seed * 1664525u + 1013904223u) >> 8; }

static void parse_and_check(const char *text, size_t len, ocrvl_markup_mode mode)
{
    ocrvl_markup *m;
    assert_ok(ocrvl_markup_parse(&m, text, len, mode, err));
    check_markup(m, text, len);
    ocrvl_markup_free(m);
}

/* ---- nothing is lost --------------------------------------------------------------------------------- */

/* Greek letters are text wherever they stand between these. */
static const char *const pieces[] = {
    "\u03B1",
    "\u03B2",
    "\u03B3",
    "\u03B4\u03B5",
    "\u03B6",
    "\u03B7",
    "\n",
    "\n",
    "\n\n",
    " ",
    "  ",
    "    ",
    "\t",
    "# ",
    "## ",
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```\n",
    "~~~\n",
    "[",
    "]",
    "](x.y)",
    "![",
    "[^1]",
    "[^2]: ",
    "[^",
    "]: ",
    "- ",
    "+ ",
    "1. ",
    "2) ",
    "> ",
    ">",
    "---\n",
    "===\n",
    "***\n",
    "|",
    "|",
    "|---|---|\n",
    "|-|\n",
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\",
    "\\begin{equation}",
    "\\end{equation}",
    "&amp;",
    "&#42;",
    "&",
    ";",
    "<",
    ">",
    "<b>",
    "</b>",
    "<br>",
    "<sup>",
    "</sup>",
    "<sub>",
    "2",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<h2>",
    "</h2>",
    "<header>",
    "</header>",
    "<footer>",
    "<page_number>",
    "<ul>",
    "<ol>",
    "</ul>",
    "<li>",
    "</li>",
    "<hr>",
    "<table>",
    "<table>",
    "</table>",
    "<thead>",
    "</thead>",
    "<tr>",
    "<tr>",
    "</tr>",
    "<td>",
    "<td>",
    "<td>",
    "</td>",
    "<th>",
    "</th>",
    "<caption>",
    "</caption>",
    "<td rowspan=2>",
    "<td colspan=2>",
    "<td rowspan=3 colspan=4>",
    "<td rowspan=0>",
    "12",
    "Page 3",
    "![](f)\n",
    "Figure 1: ",
    "x",
    "\r\n",
    "```markdown\n",
};

static void keep_greek(ocrvl_buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t from = i;
        uint32_t c = ocrvl_utf8_next(s, len, &i);
        if (c >= 0x3B1 && c <= 0x3C9)
            ocrvl_buf_put(out, s + from, i - from);
    }
}

static void nothing_is_lost(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 5000; round++) {
        ocrvl_buf text = {0}, want = {0}, got = {0};
        ocrvl_markup *m;
        uint32_t count = 1 + next_random(&seed) % 40;
        ocrvl_buf_putc(&text, ' '); /* so that no buffer is empty */
        ocrvl_buf_puts(&want, "");
        ocrvl_buf_puts(&got, "");
        for (uint32_t k = 0; k < count; k++)
            ocrvl_buf_puts(&text, pieces[next_random(&seed) % (sizeof pieces / sizeof *pieces)]);
        assert_ok(ocrvl_markup_parse(&m, text.data, text.len, OCRVL_MARKUP_MARKDOWN, err));
        check_markup(m, text.data, text.len);
        keep_greek(&want, text.data, text.len);
        for (uint32_t i = 0; i < m->block_count; i++) {
            const ocrvl_markup_block *b = &m->blocks[i];
            keep_greek(&got, m->text + b->marker.at, b->marker.len);
            keep_greek(&got, m->text + b->text.at, b->text.len);
            for (uint32_t c = b->first_cell; c < b->first_cell + b->cell_count; c++)
                keep_greek(&got, m->text + m->cells[c].text.at, m->cells[c].text.len);
        }
        if (strcmp(want.data, got.data) != 0)
            fail_msg("round %d: %s\ninstead of %s in\n%s\ngiving\n%s", round, got.data, want.data, text.data,
                     describe(m));
        ocrvl_markup_free(m);
        ocrvl_buf_free(&text);
        ocrvl_buf_free(&want);
        ocrvl_buf_free(&got);
    }
}

/* ---- mutilated pages --------------------------------------------------------------------------------- */

static void mutilate(char *s, size_t *len, size_t cap, uint32_t *seed)
{
    for (uint32_t k = 1 + next_random(seed) % 8; k > 0 && *len > 1; k--) {
        size_t from = next_random(seed) % *len, to = next_random(seed) % *len, n = next_random(seed) % 40;
        switch (next_random(seed) % 5) {
        case 0: /* another byte */ s[from] = (char)next_random(seed); break;
        case 1: /* cut */
            n = n < *len - from ? n : *len - from;
            memmove(s + from, s + from + n, *len - from - n);
            *len -= n;
            break;
        case 2: /* a part again elsewhere */
            n = n < *len - from ? n : *len - from;
            if (*len + n <= cap) {
                char part[40];
                memcpy(part, s + from, n);
                memmove(s + to + n, s + to, *len - to);
                memcpy(s + to, part, n);
                *len += n;
            }
            break;
        case 3: { /* two bytes exchanged */
            char c = s[from];
            s[from] = s[to];
            s[to] = c;
            break;
        }
        default: /* a mark more */ s[from] = "*_`[]()<>|$\\&#\n->!~^\t"[n % 21];
        }
    }
}

static void mutilated_pages(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (int round = 0; round < 5000; round++) {
        size_t len = sizeof page - 1, cap = 2 * len;
        char *s = malloc(cap), *exact;
        assert_non_null(s);
        memcpy(s, page, len);
        mutilate(s, &len, cap, &seed);
        exact = malloc(len ? len : 1); /* so that one byte past the end is seen */
        assert_non_null(exact);
        memcpy(exact, s, len);
        parse_and_check(exact, len, round % 4 ? OCRVL_MARKUP_MARKDOWN : OCRVL_MARKUP_PLAIN);
        free(exact);
        free(s);
    }
}

static void every_beginning(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof page; len++) {
        char *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, page, len);
        parse_and_check(exact, len, OCRVL_MARKUP_MARKDOWN);
        parse_and_check(exact, len, OCRVL_MARKUP_PLAIN);
        free(exact);
    }
}

/* ---- time -------------------------------------------------------------------------------------------- */

/* A quarter of a megabyte of each takes a hundredth of a second; in the square of it, minutes. */
static void time_is_linear(void **state)
{
    (void)state;
    static const char *const units[] = {
        "[",
        "]",
        "*",
        "_",
        "**a ",
        "*a ",
        "a* ",
        "*a_ ",
        "**a*b ",
        "~~",
        "~~a ",
        "`",
        "`a``",
        "``a` ",
        "$",
        "$a ",
        "$$",
        "$$\n",
        "\\",
        "\\[",
        "\\[\n",
        "\\(a",
        "\\begin{equation}\n",
        "\\begin{math}\\end{math",
        "<",
        "<p",
        "<p ",
        "<p>",
        "<p \"",
        "<!--",
        "<!--\n",
        "<!-- -->",
        "<table>",
        "<table></table>",
        "<table></table>![",
        "<table></table>$",
        "<table></table>\\begin{math}",
        "<table><tr><td>x</table>",
        "<td>",
        "<tr>",
        "</td>",
        "<tr><td>",
        "<table><tr><td>\n\n",
        "<table><caption>a",
        "<td colspan=1000 rowspan=65534>",
        "<td rowspan=0>",
        "<td rowspan=x",
        "&",
        "&amp",
        "&#",
        "![",
        "![a](b",
        "[a](b",
        "[a](b \"",
        "[a](b '",
        "](",
        "[^1]",
        "[^1]:\n",
        "[^",
        "(",
        "|",
        "|\n",
        "||\n",
        "|a|b|\n",
        "a|b\n",
        "a|\n|-|\n",
        "-|",
        "---\n",
        "- - - - -",
        ">",
        "> ",
        ">\n",
        "- ",
        "* ",
        "1. ",
        "- a\n",
        "  - a\n",
        "    ",
        "\t",
        " ",
        "\n",
        "\r",
        "#",
        "# ",
        "=",
        "a\n===\n",
        "a\n---\n",
        "```",
        "```\n",
        "```a\n",
        "~~~\n",
        "<ul>",
        "<li>a",
        "<h1>a",
        "<header>a\n",
        "<img alt=a>",
        "<sup>",
        "<sup>2</sup>",
        "<br>",
        "<a@b",
        "\xFF",
        "\xC2\xA0",
        "a",
        "a ",
        "a\n",
        "a\n\n",
        "    a\n",
    };
    const size_t n = 1 << 18;
    char *text = malloc(n + 64);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        for (int begun = 0; begun < 2; begun++) { /* alone, and in a paragraph of a list */
            size_t len = 0, unit = strlen(units[i]);
            ocrvl_markup *m;
            if (begun) {
                memcpy(text, "> - a ", 6);
                len = 6;
            }
            for (; len < n; len += unit)
                memcpy(text + len, units[i], unit);
            clock_t start = clock();
            assert_ok(ocrvl_markup_parse(&m, text, len, OCRVL_MARKUP_MARKDOWN, err));
            double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
            if (seconds > 5)
                fail_msg("%.1f s for a quarter of a megabyte of %s", seconds, units[i]);
            check_markup(m, text, len);
            ocrvl_markup_free(m);
        }
    free(text);
}

/* ---- no memory --------------------------------------------------------------------------------------- */

static void want_of_memory(void **state)
{
    (void)state;
    for (int mode = OCRVL_MARKUP_PLAIN; mode <= OCRVL_MARKUP_MARKDOWN; mode++)
        for (long n = 1;; n++) {
            ocrvl_markup *m;
            ocrvl_mem_fail_after(n);
            ocrvl_status st = ocrvl_markup_parse(&m, page, sizeof page - 1, (ocrvl_markup_mode)mode, NULL);
            int failed = ocrvl_mem_failed();
            ocrvl_mem_fail_after(0);
            if (!failed) {
                assert_int_equal(st, OCRVL_OK);
                assert_true(n > (mode == OCRVL_MARKUP_PLAIN ? 5 : 20));
                ocrvl_markup_free(m);
                break;
            }
            assert_int_equal(st, OCRVL_E_NOMEM);
            assert_null(m);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost), cmocka_unit_test(mutilated_pages),
                                       cmocka_unit_test(every_beginning), cmocka_unit_test(time_is_linear),
                                       cmocka_unit_test(want_of_memory)};
    return cmocka_run_group_tests_name("markup_random", tests, NULL, NULL);
}
