/* Finding tables among words and rules, which are drawn with characters: '|' and '-' are rules where they stand in runs
 * of two and more, '+' where they meet; other characters are words. A space is a space, two and more a gap. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "layout/tables.h"
#include "testing.h"

enum { WIDE = 10, HIGH = 20, XH = 18, MOST = 2000, SIDE = 120 };

typedef struct drawing {
    ocrvl_table_word words[MOST];
    char texts[MOST][40];
    size_t count;
    ocrvl_layout_rule rules[MOST];
    size_t rule_count;
} drawing;

static bool is_rule(char c, bool vertical) { return c == '+' || c == (vertical ? '|' : '-'); }

static char at(const char *const *rows, size_t n, size_t row, size_t col)
{
    return row < n && col < strlen(rows[row]) ? rows[row][col] : ' ';
}

static void add_rules(drawing *d, const char *const *rows, size_t n, bool vertical)
{
    for (size_t i = 0; i < SIDE; i++)
        for (size_t k = 0, end; k < SIDE; k = end) {
            size_t plain = 0;
            for (end = k; is_rule(vertical ? at(rows, n, end, i) : at(rows, n, i, end), vertical); end++)
                plain++;
            int32_t a = (int32_t)i * (vertical ? WIDE : HIGH) + (vertical ? WIDE : HIGH) / 2,
                    from = (int32_t)k * (vertical ? HIGH : WIDE), to = (int32_t)end * (vertical ? HIGH : WIDE);
            if (plain >= 2)
                d->rules[d->rule_count++] = (ocrvl_layout_rule){
                    vertical ? (ocrvl_box){a, from, a + 2, to} : (ocrvl_box){from, a, to, a + 2}, vertical};
            end += end == k;
        }
}

static void add_word(drawing *d, const char *s, size_t len, size_t row, size_t col)
{
    ocrvl_table_word *w = &d->words[d->count];
    char *text = d->texts[d->count++];
    snprintf(text, sizeof d->texts[0], "%.*s", (int)len, s);
    bool number = strspn(text, "0123456789.,%-") == len;
    *w = (ocrvl_table_word){
        .box = {(int32_t)col * WIDE, (int32_t)row * HIGH - 8, (int32_t)(col + len) * WIDE, (int32_t)row * HIGH + HIGH},
        .base = (float)(row * HIGH + HIGH - 4),
        .x_height = XH,
        .number = number,
        .value = number && strspn(text, "0123456789") == len ? atoi(text) : -1,
        .lower = islower((unsigned char)*text) != 0,
        .prose = *text == '~'};
}

static void draw(drawing *d, const char *const *rows)
{
    size_t n = 0;
    memset(d, 0, sizeof *d);
    while (rows[n])
        n++;
    add_rules(d, rows, n, false);
    add_rules(d, rows, n, true);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0, len; rows[i][k]; k += len) {
            len = strcspn(rows[i] + k, " |+");
            bool rule = len > 1 && strspn(rows[i] + k, "-") == len;
            if (len && !rule) {
                add_word(d, rows[i] + k, len, i, k);
                d->words[d->count - 1].names_table = strncmp(rows[i], "Table ", 6) == 0;
            }
            len += len == 0;
        }
}

/* The tables as "cell|cell/cell|cell", where a span stands before a cell as [rowsxcolumns] and a head's cell after '!';
 * ';' between tables. */
static void tell(char *out, size_t size, const ocrvl_tables *t, const drawing *d)
{
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < t->count; i++) {
        uint32_t row = 0;
        for (size_t k = t->at[i].first; k < t->at[i].first + t->at[i].count; k++) {
            const ocrvl_table_cell *c = &t->cells[k];
            const char *before = k == t->at[i].first ? (i ? ";" : "") : c->row != row ? "/" : "|";
            n += (size_t)snprintf(out + n, size - n, "%s%s", before, c->header ? "!" : "");
            if (c->row_span > 1 || c->col_span > 1)
                n += (size_t)snprintf(out + n, size - n, "[%ux%u]", c->row_span, c->col_span);
            for (size_t w = c->first; w < c->first + c->count; w++)
                n += (size_t)snprintf(out + n, size - n, "%s%s", w > c->first ? " " : "", d->texts[t->words[w]]);
            row = c->row;
        }
    }
}

static void expect(const char *const *rows, const char *wanted)
{
    static drawing d;
    ocrvl_tables t;
    char said[4000];
    draw(&d, rows);
    assert_ok(ocrvl_tables_find(&t, d.words, d.count, d.rules, d.rule_count, err));
    tell(said, sizeof said, &t, &d);
    assert_string_equal(said, wanted);
    ocrvl_tables_free(&t);
}

#define DRAWN (const char *const[])

static void ruled(void **state)
{
    (void)state;
    expect(DRAWN{"+--------+-----+------+", "| Name   | Old | New  |", "+--------+-----+------+",
                 "| one of |  12 |   13 |", "| them   |     |      |", "+--------+-----+------+",
                 "| two    |     |    7 |", "+--------+-----+------+", NULL},
           "!Name|!Old|!New/one of them|12|13/two||7");
}

/* Rules part the rows, and a cell has a second line with a number in it: it is no row. */
static void lines_with_numbers(void **state)
{
    (void)state;
    expect(
        DRAWN{"+---------+--------------+-----+------+", "| State   | Date         | No  | Days |",
              "+---------+--------------+-----+------+", "| Gujarat | 20.12.2009 to| 6   | 13   |",
              "|         | 3.1.2010     |     |      |", "+---------+--------------+-----+------+",
              "| Kerala  | 23.2.2010 to | 9   | 17   |", "|         | 11.3.2010    |     |      |",
              "+---------+--------------+-----+------+", "| Total   |              | 15  | 30   |",
              "+---------+--------------+-----+------+", NULL},
        "!State|!Date|!No|!Days/Gujarat|20.12.2009 to 3.1.2010|6|13/Kerala|23.2.2010 to 11.3.2010|9|17/Total||15|30");
}

/* Cells over columns and rows, as rules say; words in the middle of what they span. */
static void spans(void **state)
{
    (void)state;
    expect(DRAWN{"+--------+------------+", "|        |    Sum     |", "|  Who   +-----+------+",
                 "|        | in  | out  |", "+--------+-----+------+", "| he     |  12 |   13 |",
                 "+--------+-----+------+", "| she    |   6 |    7 |", "+--------+-----+------+", NULL},
           "![2x1]Who|![1x2]Sum/!in|!out/he|12|13/she|6|7");
}

/* Where a row has no rule between columns that another row has, its cell goes over both. */
static void merged(void **state)
{
    (void)state;
    expect(DRAWN{"+-------+-----+-----+--------+", "| Time  | Old | New | Where  |", "+-------+-----+-----+--------+",
                 "| 9.00  | One | Two | Room B |", "+-------+-----+-----+--------+", "| 10.00 | Sports    | Room C |",
                 "+-------+-----------+--------+", NULL},
           "!Time|!Old|!New|!Where/9.00|One|Two|Room B/10.00|[1x2]Sports|Room C");
}

/* A head of two rows, the first of which names groups of columns at their left. */
static void two_heads(void **state)
{
    (void)state;
    expect(DRAWN{"Region    Men           Women", "          2019   2020   2019   2020",
                 "North       41     44     37     48", "South       52     55     48     59",
                 "East        38     41     34     45", NULL},
           "![2x1]Region|![1x2]Men|![1x2]Women/!2019|!2020|!2019|!2020/North|41|44|37|48/South|52|55|48|59/"
           "East|38|41|34|45");
    expect(
        DRAWN{"          Men     Women", "North     41      37", "South     52      48", "East      38      34", NULL},
        "!|!Men|!Women/North|41|37/South|52|48/East|38|34");
}

/* Lines of cells stand closer than rows, and a line begins where the one before it had no room for more. */
static void steps(void **state)
{
    (void)state;
    expect(DRAWN{"Option      Default   What it does", "", "buffer      64        How many pages are kept in memory",
                 "size                  before the oldest is written", "",
                 "verbose     5         Whether each step, or none, is",
                 "                      written to the log of it", "",
                 "limit       600       After so many seconds all is", "                      stopped", NULL},
           "!Option|!Default|!What it does/buffer size|64|How many pages are kept in memory before the oldest is "
           "written/verbose|5|Whether each step, or none, is written to the log of it/limit|600|After so many "
           "seconds all is stopped");
}

/* Rules between columns and under the head alone: rows are lines, save those that go on. */
static void half_ruled(void **state)
{
    (void)state;
    expect(DRAWN{"+----------+-----+------+", "| Name     | Old | New  |", "+----------+-----+------+",
                 "| one      |  12 |   13 |", "| two and  |   4 |    5 |", "| more     |     |      |",
                 "| three    |   1 |    2 |", "| four     |  15 |   22 |", "+----------+-----+------+", NULL},
           "!Name|!Old|!New/one|12|13/two and more|4|5/three|1|2/four|15|22");
    expect(DRAWN{"-------------------------", "  Name       Old   New   ", "-------------------------",
                 "  one         12    13   ", "  two          4     5   ", "  three of     1     2   ",
                 "-------------------------", NULL},
           "!Name|!Old|!New/one|12|13/two|4|5/three of|1|2");
}

static void unruled(void **state)
{
    (void)state;
    expect(DRAWN{"What this is said of:", "", "Country      Old    New", "Austria       12     13",
                 "Belgium        4      5", "all others            2", "", "And this follows it.", NULL},
           "!Country|!Old|!New/Austria|12|13/Belgium|4|5/all others||2");
}

/* Rows on shaded ground by turns, whose cells are for others to fill in; the last one is plain. */
static void striped(void **state)
{
    (void)state;
    expect(DRAWN{"+-------------------------------+", "|               First    Second |",
                 "+-------------------------------+", "  how many                       ",
                 "+-------------------------------+", "| how often                     |",
                 "+-------------------------------+", "  why                            ", "", "And this follows it.",
                 NULL},
           "!|!First|!Second/how many||/how often||/why||");
    expect(DRAWN{"+---------------------+", "| What there is       |", "+---------------------+",
                 "  a first thing        ", "+---------------------+", "| another             |",
                 "+---------------------+", "  the last one         ", "", NULL},
           "!What there is/a first thing/another/the last one");
}

/* Under a caption, without it there would be none. */
static void named(void **state)
{
    (void)state;
    expect(DRAWN{"Table 3: What is seen", "", "Of what    How it looks to you", "Water", "Salt", "Wood", "",
                 "And this follows it.", NULL},
           "!Of what|!How it looks to you/Water|/Salt|/Wood|");
    expect(DRAWN{"Table 4: What was seen     in many years", "Country      Old    New", "Austria       12     13",
                 "Belgium        4      5", "Croatia        3      2", NULL},
           "!Country|!Old|!New/Austria|12|13/Belgium|4|5/Croatia|3|2");
    expect(DRAWN{"Things that are seen", "", "Of what    How it looks to you", "Water", "Salt", "Wood", "",
                 "And this follows it.", NULL},
           "");
}

/* Two beside each other, two below each other. */
static void several(void **state)
{
    (void)state;
    expect(DRAWN{"+-----+-----+     +-----+-----+", "| A   | B   |     | E   | F   |",
                 "+-----+-----+     +-----+-----+", "| 1   | 2   |     | 5   | 6   |",
                 "+-----+-----+     +-----+-----+", "", "+-----+-----+", "| C   | D   |", "+-----+-----+",
                 "| 3   | 4   |", "+-----+-----+", NULL},
           "!A|!B/1|2;!E|!F/5|6;!C|!D/3|4");
}

/* In two columns of a page, with text of one column's width above one of them or rules of its own. */
static void beside(void **state)
{
    (void)state;
    expect(DRAWN{"~and ~so ~it ~was ~told ~there      Region   2019   2020",
                 "Item      Quantity   Price          North      41     44",
                 "Ink              3    9.00          South      52     55",
                 "Pens            40    0.80          East       38     41",
                 "Paper           12    4.50          West       60     63", NULL},
           "!Region|!2019|!2020/North|41|44/South|52|55/East|38|41/West|60|63;"
           "!Item|!Quantity|!Price/Ink|3|9.00/Pens|40|0.80/Paper|12|4.50");
    expect(DRAWN{"----------------      ----------------", "Year    Births        Month     Rain  ",
                 "----------------      ----------------", "1990       800        January     30  ",
                 "1991       813        March       37  ", "1992       826        May         44  ",
                 "----------------      ----------------", NULL},
           "!Year|!Births/1990|800/1991|813/1992|826;!Month|!Rain/January|30/March|37/May|44");
}

/* What looks like one, and isn't. */
static void none(void **state)
{
    (void)state;
    expect(DRAWN{"The first column says this   and the second one has it",
                 "in lines that are as wide,   that words stand beside it",
                 "all the way down, so that    in each of its own lines,",
                 "no number is seen in it.     with nothing to count up.", NULL},
           "");
    expect(DRAWN{"1 Introduction         5", "2 What was done        7", "2.1 With whom         11",
                 "3 What came of it     23", "4 Conclusions         31", NULL},
           "");
    expect(DRAWN{"1.  The first point of it", "2.  Another point", "3.  The last of them", NULL}, "");
    expect(DRAWN{"Mr. A. Sender            Ms. B. Getter", "Long Street 4            Short Street 5",
                 "Old Town                 New Town", NULL},
           "");
    expect(DRAWN{"+---------------------+", "| A note in a frame   |", "| that has two lines. |",
                 "+---------------------+", NULL},
           "");
    expect(DRAWN{"+---------------------+", "| 40                  |", "|   10   20   30   40   50   60 |",
                 "+---------------------+", NULL},
           "");
}

/* Scales of charts: along the axes of one in a frame, and of two beside each other. */
static void charts(void **state)
{
    (void)state;
    expect(DRAWN{"+-----+-----+-----+-----+", "| 5   | 10  | 15  | 20  |", "+-----+-----+-----+-----+",
                 "| 0.1 | 0.2 | 0.3 | 0.4 |", "+-----+-----+-----+-----+", NULL},
           "");
    expect(DRAWN{"One place         Another", "400               400", "350               350", "300               300",
                 "Bond              250", "200               4", "100               150", "Jan               Jul",
                 NULL},
           "");
    expect(DRAWN{"Dose    Mass   Length", "100     12     7", "200     17     5", "300     24     11",
                 "400     26     8", NULL},
           "!Dose|!Mass|!Length/100|12|7/200|17|5/300|24|11/400|26|8");
}

/* A page full of words and rules takes no end of time: of columns, of words on one another. */
static void hostile(void **state)
{
    (void)state;
    enum { N = 20000, RULES = 3000 };
    ocrvl_table_word *words = ocrvl_alloc_array(N, sizeof *words);
    ocrvl_layout_rule *rules = ocrvl_alloc_array(RULES, sizeof *rules);
    ocrvl_tables t;
    assert_true(words && rules);
    for (int32_t kind = 0; kind < 3; kind++) {
        for (int32_t i = 0; i < N; i++) {
            int32_t x = kind == 2 ? i % 71 * 9 : i % 200 * 60 + i / 200 % 7 * kind * 5,
                    y = kind == 2 ? i / 71 * 3 : i / 200 * 30;
            words[i] = (ocrvl_table_word){.box = {x, y, x + 20, y + 15},
                                          .base = (float)(y + 12),
                                          .x_height = (float)(i % (4 * kind + 1) + 8),
                                          .number = i % 3 == 0};
        }
        for (int32_t i = 0; i < RULES; i++) {
            int32_t x = i % 67 * 180, y = i % 61 * 50;
            rules[i] = (ocrvl_layout_rule){{x, y, x + (i % 2 ? 2 : 4000), y + (i % 2 ? 3000 : 2)}, i % 2 != 0};
        }
        assert_ok(ocrvl_tables_find(&t, words, N, rules, kind ? RULES : 0, err));
        ocrvl_tables_free(&t);
    }
    assert_ok(ocrvl_tables_find(&t, words, 0, NULL, 0, err));
    ocrvl_tables_free(&t);
    ocrvl_free(words);
    ocrvl_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ruled),      cmocka_unit_test(lines_with_numbers),
                                       cmocka_unit_test(spans),      cmocka_unit_test(merged),
                                       cmocka_unit_test(two_heads),  cmocka_unit_test(steps),
                                       cmocka_unit_test(half_ruled), cmocka_unit_test(unruled),
                                       cmocka_unit_test(striped),    cmocka_unit_test(named),
                                       cmocka_unit_test(several),    cmocka_unit_test(beside),
                                       cmocka_unit_test(none),       cmocka_unit_test(charts),
                                       cmocka_unit_test(hostile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
