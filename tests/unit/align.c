/* Text put on lines by readings of them: by hand, each way in which a model's text and a page's lines differ; pages
 * made at random; sizes that would explode; and every allocation failing in turn. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "align/align.h"
#include "base/clock.h"
#include "base/mem.h"
#include "testing.h"

enum { MOST_LINES = 64, MOST_WORDS = 512 };

static size_t split(const char *text, const char *by, const char **at, size_t *len, size_t cap)
{
    size_t n = 0;
    for (const char *p = text + strspn(text, by); *p && n < cap; p += strspn(p, by)) {
        at[n] = p;
        len[n] = strcspn(p, by);
        p += len[n++];
    }
    return n;
}

static ocrvl_alignment *align_on(const char *lines, const float *weights, const float *extents, const char *words)
{
    const char *at[MOST_WORDS];
    size_t len[MOST_WORDS], n = split(lines, "\n", at, len, MOST_LINES);
    ocrvl_align_line l[MOST_LINES];
    ocrvl_align_word w[MOST_WORDS];
    ocrvl_alignment *a;
    for (size_t i = 0; i < n; i++)
        l[i] = (ocrvl_align_line){at[i], len[i], weights ? weights[i] : 0.9f, extents ? extents[i] : 0};
    size_t m = split(words, " \n", at, len, MOST_WORDS);
    for (size_t i = 0; i < m; i++)
        w[i] = (ocrvl_align_word){at[i], len[i]};
    assert_ok(ocrvl_align(l, n, w, m, &a, err));
    assert_int_equal(a->line_count, n);
    assert_int_equal(a->word_count, m);
    return a;
}

static ocrvl_alignment *align(const char *lines, const float *weights, const char *words)
{
    return align_on(lines, weights, NULL, words);
}

/* For each word where it stands: "2", over a line's end "2-3", unsupported "x" or, on a line that says something else,
 * "x2",
 * "." for none. Runs of the same are written once. Then, for each unread line, " u" and its number. */
static void tell(const ocrvl_alignment *a, char *out, size_t cap)
{
    char last[32] = "";
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < a->word_count; i++) {
        const ocrvl_align_place *p = &a->words[i];
        char one[32];
        assert_true(p->score >= 0 && p->score <= 1);
        if (p->line < 0)
            snprintf(one, sizeof one, "%s", p->unsupported ? "x" : ".");
        else if (p->line != p->last_line)
            snprintf(one, sizeof one, "%s%d-%d", p->unsupported ? "x" : "", p->line, p->last_line);
        else
            snprintf(one, sizeof one, "%s%d", p->unsupported ? "x" : "", p->line);
        if (strcmp(one, last) != 0)
            n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? " " : "", one);
        memcpy(last, one, sizeof last);
    }
    for (size_t i = 0; i < a->line_count; i++) {
        assert_true(a->lines[i].score >= 0 && a->lines[i].score <= 1);
        if (a->lines[i].unread)
            n += (size_t)snprintf(out + n, cap - n, "%su%zu", n ? " " : "", i);
    }
}

static void check(const char *lines, const float *weights, const char *words, const char *want)
{
    char got[2048];
    ocrvl_alignment *a = align(lines, weights, words);
    tell(a, got, sizeof got);
    ocrvl_alignment_free(a);
    assert_string_equal(got, want);
}

static const char *const CASTLE = "Conrad's misfortunes, but Manfred would not hear\n"
                                  "of any delay, and the wedding day was fixed\n"
                                  "for his birthday; the company were assembled\n"
                                  "in the chapel of the castle, and every thing\n"
                                  "ready for beginning the divine office\n";

static void same_text(void **state)
{
    (void)state;
    ocrvl_alignment *a = align(CASTLE, NULL, CASTLE);
    for (size_t i = 0; i < a->word_count; i++) {
        assert_true(a->words[i].score == 1);
        assert_false(a->words[i].unsupported);
    }
    for (size_t i = 0; i < a->line_count; i++)
        assert_true(a->lines[i].score == 1);
    assert_false(a->cut);
    ocrvl_alignment_free(a);
    check(CASTLE, NULL, CASTLE, "0 1 2 3 4");
}

static void misread_text(void **state)
{
    (void)state;
    check("Oonrads misfortnnes but Manfrcd wouId not bear\nof any dclay, aud the wcdding day was fixcd\n"
          "f0r his birtbday: tho companv were assemblcd\n",
          NULL,
          "Conrad's misfortunes, but Manfred would not hear of any delay, and the wedding day was fixed for his "
          "birthday; "
          "the company were assembled",
          "0 1 2");
}

/* What a fold makes equal counts in full. */
static void folded_text(void **state)
{
    (void)state;
    static const struct {
        const char *line, *word;
    } same[] = {{"ETE", "\xC3\xA9t\xC3\xA9"},
                {"l00I", "IOO1"},
                {"\"so\"", "\xE2\x80\x9Cso\xE2\x80\x9D"},
                {"a-b", "a\xE2\x80\x93"
                        "b"},
                {"a . . . . b", "a....b"},
                {"coeur", "c\xC5\x93ur"},
                {"fin", "\xEF\xAC\x81n"},
                {"STRASSE", "stra\xC3\x9F"
                            "e"},
                {"cafe\xCC\x81", "caf\xC3\xA9"},
                {"\xD0\x96\xD0\x98\xD0\x9B", "\xD0\xB6\xD0\xB8\xD0\xBB"},
                {"\xEF\xBC\xA1\xEF\xBC\xA2", "ab"},
                {"na\xC2\xADme", "name"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        ocrvl_align_line l = {same[i].line, strlen(same[i].line), 1, 0};
        ocrvl_align_word w = {same[i].word, strlen(same[i].word)};
        ocrvl_alignment *a;
        assert_ok(ocrvl_align(&l, 1, &w, 1, &a, err));
        if (a->words[0].line != 0 || a->words[0].score < 0.75f)
            fail_msg("%s is not %s", same[i].line, same[i].word);
        ocrvl_alignment_free(a);
    }
    check("abc\n", NULL, "xyz", "x0 u0");
}

/* The model reads down the columns, the layout across them; or the header last. */
static void other_order(void **state)
{
    (void)state;
    check("the left column begins here\nwhereas on the right we find\nand runs down to its end\nsome other matter "
          "entirely\n"
          "before the reader may go\nwhich closes this short page\n",
          NULL,
          "the left column begins here and runs down to its end before the reader may go whereas on the right we find "
          "some "
          "other matter entirely which closes this short page",
          "0 2 4 1 3 5");
    check("CHAPTER XII\nIt was a dark and stormy night\nand the rain fell in torrents\nFigure 3. The old mill\n", NULL,
          "Figure 3. The old mill It was a dark and stormy night and the rain fell in torrents CHAPTER XII", "3 1 2 0");
}

/* A gutter that the layout missed: each line holds a piece of either column. */
static void columns_run_together(void **state)
{
    (void)state;
    check("the left column begins here whereas on the right we find\nand runs down to its end some other matter "
          "entirely\n"
          "before the reader may go which closes this short page\n",
          NULL,
          "the left column begins here and runs down to its end before the reader may go whereas on the right we find "
          "some "
          "other matter entirely which closes this short page",
          "0 1 2 0 1 2");
}

static void hyphens(void **state)
{
    (void)state;
    const char *lines =
        "que ya no consideremos verda-\nderamente grandes sino por el\nalma y la inteligen\xC2\xAC\ncia de los demas\n";
    check(lines, NULL, "que ya no consideremos verdaderamente grandes sino por el alma y la inteligencia de los demas",
          "0 0-1 1 2 2-3 3");
    check(lines, NULL,
          "que ya no consideremos verda- deramente grandes sino por el alma y la inteligen- cia de los demas",
          "0 1 2 3");
    ocrvl_alignment *a = align(lines, NULL, "que ya no consideremos verdaderamente grandes sino por el");
    assert_true(a->words[4].score == 1 && a->lines[0].score == 1 && a->lines[1].score == 1);
    ocrvl_alignment_free(a);
    check("the book is called a-\nmong other names by all\n", NULL, "the book is called among other names by all",
          "0 0-1 1");
}

static void words_joined_or_split(void **state)
{
    (void)state;
    check("We can not tellyou what\nbecame ofhim after wards\n", NULL,
          "We cannot tell you what became of him afterwards", "0 1");
}

static void lines_lost(void **state)
{
    (void)state;
    check(CASTLE, NULL,
          "Conrad's misfortunes, but Manfred would not hear for his birthday; the company were assembled in the chapel "
          "of the "
          "castle, and every thing",
          "0 2 3 u1 u4");
    check("the cat sat on the mat\nthe dog ran to the barn\nthe cow stood in the field\n", NULL,
          "the cat sat on the mat the cow stood in the field", "0 2 u1");
    check(CASTLE, NULL, "", "u0 u1 u2 u3 u4");
}

static void passages_twice(void **state)
{
    (void)state;
    check(CASTLE, NULL,
          "Conrad's misfortunes, but Manfred would not hear of any delay, and the wedding day was fixed of any delay, "
          "and the "
          "wedding day was fixed for his birthday; the company were assembled in the chapel of the castle, and every "
          "thing "
          "ready for beginning the divine office",
          "0 1 x 2 3 4");
    check(
        CASTLE, NULL,
        "Conrad's misfortunes, but Manfred would not hear of any delay, and the wedding wedding day was fixed for his "
        "birthday; the company were assembled were assembled in the chapel of the castle, and every thing ready for "
        "beginning the divine office Conrad's misfortunes, but Manfred would not hear",
        "0 1 x 1 2 x 3 4 x");
}

static void inventions(void **state)
{
    (void)state;
    check(
        CASTLE, NULL,
        "Conrad's misfortunes, but splendid Manfred would not hear of any delay, and the wedding day was fixed for his "
        "birthday; Nobody had ever seen a more beautiful procession in Otranto, said Bianca the company were assembled "
        "in "
        "the chapel of the castle, and every tall thing ready for beginning the divine office Amen to all of that",
        "0 x 0 1 2 x 2 3 x 3 4 x");
    check("", NULL, "Nothing of this is there", "x");
}

static void noise_lines(void **state)
{
    (void)state;
    const float weights[] = {0.2f, 0.9f, 0.1f, 0.9f, 0.9f, 0.3f};
    check(
        "-s\nof any delay, and the wedding day was fixed\n. -';\nfor his birthday; the company were assembled\n"
        "in the chapel of the castle, and every thing\n3/\n",
        weights,
        "of any delay, and the wedding day was fixed for his birthday; the company were assembled in the chapel of the "
        "castle, and every thing",
        "1 3 4 u0 u2 u5");
}

/* A line that the reader couldn't read: its words stand between those of its neighbours. One that it read well, but
 * differently, speaks against them. */
static void unreadable_line(void **state)
{
    (void)state;
    const char *lines =
        "of any delay, and the wedding day was fixed\nzq wpxkkqz vvrkzqqjz jqx xkqzwqvvk mmnz pqqvxzzkq\n"
        "in the chapel of the castle, and every thing\n";
    const char *words =
        "of any delay, and the wedding day was fixed for his birthday; the company were assembled in the chapel "
        "of the castle, and every thing";
    const float low[] = {0.9f, 0.05f, 0.9f};
    check(lines, low, words, "0 1 2");
    char got[256];
    ocrvl_alignment *a = align(lines, NULL, words);
    tell(a, got, sizeof got);
    for (size_t i = 0; i < a->word_count; i++)
        assert_int_equal(a->words[i].unsupported, i >= 9 && i < 16);
    assert_true(a->lines[1].unread);
    ocrvl_alignment_free(a);
}

/* Rows that begin alike, told in another order: each goes to the text that fits it best. */
static void rows_alike(void **state)
{
    (void)state;
    check("446\nInformation sur le terme frimas\n447\nInformation sur le terme degras\n448\n"
          "Information sur le terme derive\n449\nInformation sur le terme epaler\n",
          NULL,
          "446 447 448 449 Information sur le terme frimas Information sur le terme degras Information sur le terme "
          "derive Information sur le terme epaler",
          "0 2 4 6 1 3 5 7");
    check("Information sur le terme frimas\nInformation sur le terme degras\nInformation sur le terme derive\n"
          "Information sur le terme epaler\n",
          NULL, "Information sur le terme derive Information sur le terme frimas", "2 0 u1 u3");
}

/* A word in the place of another has ink, but of something else. */
static void words_replaced(void **state)
{
    (void)state;
    check(CASTLE, NULL,
          "Conrad's misfortunes, but Theodore would not hear of any delay, and the wedding month was fixed for his "
          "birthday; the company were assembled in the chapel of the castle, and every thing ready for beginning the "
          "divine office",
          "0 x0 0 1 x1 1 2 3 4");
}

/* Words that a model invents aren't pieced together on ink that has them here and there, or has one of them. */
static void scattered_words(void **state)
{
    (void)state;
    check(CASTLE, NULL,
          "Conrad's misfortunes, but every Manfred would not hear of any delay, and the wedding day was fixed for his "
          "birthday; the company were assembled ready for beginning the divine office",
          "0 x 0 1 2 4 u3");
    check(CASTLE, NULL,
          "Conrad's misfortunes, in the but Manfred would not hear of any chapel delay, and the wedding day was fixed "
          "for his of the birthday; the company were assembled ready for beginning the divine office",
          "0 x 0 1 x 1 2 x 2 4 u3");
}

/* Words that a reading leaves out, on ink that has the room for them, and as many that were invented, on ink that
 * hasn't. */
static void words_left_out(void **state)
{
    (void)state;
    const char *lines = "Conrad's misfortunes, but Manfred would not hear\nof any delay, day was fixed\n"
                        "for his birthday; the company were assembled\nin the chapel of the castle, and every thing\n"
                        "ready for beginning the divine office\n";
    const char *words =
        "Conrad's misfortunes, but Manfred would not hear of any delay, and the wedding day was fixed for his "
        "birthday; the company were assembled in the chapel of the gloomy old castle, and every thing ready "
        "for beginning the divine office";
    const float extents[] = {48, 43, 44, 44, 37};
    char got[256];
    ocrvl_alignment *a = align_on(lines, NULL, extents, words);
    tell(a, got, sizeof got);
    ocrvl_alignment_free(a);
    assert_string_equal(got, "0 1 2 3 x 3 4");
    check(lines, NULL, words, "0 1 x 1 2 3 x 3 4");
}

static void tables(void **state)
{
    (void)state;
    const char *rows = "Jan\n10\n0\n0\nFeb\n12\n0\n5\nMar\n10\n0\n0\n";
    check(rows, NULL, "Jan 10 0 0 Feb 12 0 5 Mar 10 0 0", "0 1 2 3 4 5 6 7 8 9 10 11");
    ocrvl_alignment *a = align(rows, NULL, "Jan Feb Mar 10 12 10 0 0 0 0 5 0");
    bool used[12] = {false};
    const int32_t named[] = {0, 4, 8, -1, 5, -1, -1, -1, -1, -1, 7, -1};
    const char *cells[] = {"Jan", "10", "0", "0", "Feb", "12", "0", "5", "Mar", "10", "0", "0"};
    const char *words[] = {"Jan", "Feb", "Mar", "10", "12", "10", "0", "0", "0", "0", "5", "0"};
    for (size_t i = 0; i < 12; i++) { /* equal cells are anyone's; each is one word's */
        int32_t line = a->words[i].line;
        assert_in_range(line, 0, 11);
        assert_string_equal(cells[line], words[i]);
        assert_false(used[line]);
        assert_false(a->words[i].unsupported);
        used[line] = true;
        if (named[i] >= 0)
            assert_int_equal(line, named[i]);
    }
    ocrvl_alignment_free(a);
}

static void odd_arguments(void **state)
{
    (void)state;
    ocrvl_alignment *a;
    ocrvl_align_line l[] = {
        {"\xFF\xC3 broken \xE2\x82", 12, 1, 0}, {NULL, 0, 1, 9}, {"   ", 3, 1, NAN}, {"end", 3, -3, INFINITY}};
    ocrvl_align_word w[] = {{NULL, 0}, {"\xFF\xC3", 2}, {" ", 1}, {"broken", 6}, {"\xE2\x80\x8B", 3}, {"end", 3}};
    assert_ok(ocrvl_align(NULL, 0, NULL, 0, &a, err));
    assert_int_equal(a->word_count + a->line_count, 0);
    ocrvl_alignment_free(a);
    assert_ok(ocrvl_align(l, 4, w, 6, &a, err));
    assert_int_equal(a->words[3].line, 0);
    assert_int_equal(a->words[5].line, 3);
    assert_int_equal(a->words[0].line, -1);
    assert_false(a->words[0].unsupported);
    assert_int_equal(a->words[2].line, 0);
    assert_true(a->lines[1].unread && a->lines[2].unread);
    assert_false(a->lines[0].unread || a->lines[3].unread);
    ocrvl_alignment_free(a);
    ocrvl_align_line no_line = {NULL, 3, 1, 0};
    ocrvl_align_word no_word = {NULL, 3};
    assert_int_equal(ocrvl_align(&no_line, 1, w, 6, &a, NULL), OCRVL_E_ARG);
    assert_null(a);
    assert_int_equal(ocrvl_align(l, 4, &no_word, 1, &a, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_align(NULL, 1, w, 6, &a, NULL), OCRVL_E_ARG);
    assert_int_equal(ocrvl_align(l, (size_t)INT32_MAX + 1, w, 6, &a, NULL), OCRVL_E_LIMIT);
    ocrvl_alignment_free(NULL);
}

/* ---- pages made at random ---- */

static uint32_t roll(uint32_t *state, uint32_t n)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % n;
}

/* 60 lines of 8 words from 500, read with 8 % of letters wrong, told in blocks of 12 lines, the last first. */
static void random_pages(void **state)
{
    (void)state;
    size_t right = 0, all = 0, flagged = 0;
    for (uint32_t seed = 1; seed <= 10; seed++) {
        static char vocabulary[500][12], read[60][128];
        uint32_t r = seed * 7919, first[60];
        ocrvl_align_line l[60];
        ocrvl_align_word w[480], told[480];
        int32_t line_of[480];
        for (size_t i = 0; i < 500; i++) {
            size_t n = 1 + roll(&r, 5) + roll(&r, 5);
            for (size_t k = 0; k < n; k++)
                vocabulary[i][k] = (char)('a' + roll(&r, 26));
            vocabulary[i][n] = '\0';
        }
        for (size_t i = 0; i < 480; i++) {
            const char *v = vocabulary[roll(&r, 500) * roll(&r, 500) / 500];
            w[i] = (ocrvl_align_word){v, strlen(v)};
        }
        for (size_t i = 0; i < 60; i++) {
            size_t n = 0;
            for (size_t k = 8 * i; k < 8 * i + 8; k++) {
                for (size_t c = 0; c < w[k].len; c++)
                    if (roll(&r, 40) != 0)
                        read[i][n++] = roll(&r, 18) ? w[k].text[c] : (char)('a' + roll(&r, 26));
                read[i][n++] = ' ';
            }
            l[i] = (ocrvl_align_line){read[i], n, 0.9f, 0};
            first[i] = (uint32_t)(12 * (4 - i / 12) + i % 12);
        }
        for (size_t i = 0; i < 480; i++) {
            told[i] = w[8 * first[i / 8] + i % 8];
            line_of[i] = (int32_t)first[i / 8];
        }
        ocrvl_alignment *a;
        assert_ok(ocrvl_align(l, 60, told, 480, &a, err));
        for (size_t i = 0; i < 480; i++) {
            right += a->words[i].line == line_of[i];
            flagged += a->words[i].unsupported;
            all++;
        }
        for (size_t i = 0; i < 60; i++)
            assert_false(a->lines[i].unread);
        ocrvl_alignment_free(a);
    }
    assert_true(right * 100 >= all * 98);
    assert_true(flagged * 100 <= all * 2);
}

/* Whatever the texts are: lines exist, scores are shares, and no line's ink is used by more words than there are
 * letters. */
static void invariants(void **state)
{
    (void)state;
    static char text[4096];
    for (uint32_t seed = 1; seed <= 400; seed++) {
        uint32_t r = seed * 2654435761u | 1, letters = 1 + roll(&r, 12);
        ocrvl_align_line l[40];
        ocrvl_align_word w[80];
        size_t n = roll(&r, 40), m = roll(&r, 80), used[40] = {0};
        ocrvl_alignment *a;
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = "abcdefghkmno"[roll(&r, letters)];
        for (size_t i = 0; i < n; i++)
            l[i] =
                (ocrvl_align_line){text + roll(&r, 4000), roll(&r, 60), (float)roll(&r, 11) / 10, (float)roll(&r, 60)};
        for (size_t i = 0; i < m; i++)
            w[i] = (ocrvl_align_word){text + roll(&r, 4000), roll(&r, 12)};
        assert_ok(ocrvl_align(l, n, w, m, &a, err));
        for (size_t i = 0; i < m; i++) {
            const ocrvl_align_place *p = &a->words[i];
            assert_true(p->score >= 0 && p->score <= 1);
            assert_true(p->line >= -1 && p->line < (int32_t)n && p->last_line >= -1 && p->last_line < (int32_t)n);
            assert_int_equal(p->line < 0, p->last_line < 0);
            if (p->line >= 0 && p->line == p->last_line)
                used[p->line] += (size_t)(p->score * (float)w[i].len + 0.5f);
        }
        for (size_t i = 0; i < n; i++) {
            assert_true(a->lines[i].score >= 0 && a->lines[i].score <= 1);
            assert_true(used[i] <= l[i].len);
        }
        ocrvl_alignment_free(a);
    }
}

/* ---- sizes ---- */

static ocrvl_alignment *align_large(const char *text, size_t lines, size_t line_len, size_t words, size_t word_len,
                                    size_t step)
{
    ocrvl_align_line *l = calloc(lines, sizeof *l);
    ocrvl_align_word *w = calloc(words, sizeof *w);
    ocrvl_alignment *a;
    for (size_t i = 0; i < lines; i++)
        l[i] = (ocrvl_align_line){text + i * line_len % step, line_len, 1, 0};
    for (size_t i = 0; i < words; i++)
        w[i] = (ocrvl_align_word){text + i * word_len % step, word_len};
    double start = ocrvl_clock();
    assert_ok(ocrvl_align(l, lines, w, words, &a, err));
    assert_true(ocrvl_clock() - start < 10); /* under a tenth of a second, but for sanitizers and busy machines */
    free(l);
    free(w);
    return a;
}

static void hostile_sizes(void **state)
{
    (void)state;
    enum { BYTES = 1 << 20 };
    char *text = malloc(2 * BYTES);
    uint32_t r = 99;
    memset(text, 'x', 2 * BYTES);
    ocrvl_alignment *a = align_large(text, 5000, 200, 200000, 5, BYTES);
    assert_true(a->cut); /* and so nothing is flagged for want of the other */
    for (size_t i = 0; i < a->word_count; i++)
        assert_false(a->words[i].unsupported);
    for (size_t i = 0; i < a->line_count; i++)
        assert_false(a->lines[i].unread);
    ocrvl_alignment_free(a);
    ocrvl_alignment_free(align_large(text, 1, BYTES, 1, BYTES, BYTES));
    a = align_large(text, 750, 200, 30000, 5, BYTES); /* within the count, but without a landmark */
    assert_true(a->cut);
    assert_false(a->words[0].unsupported || a->lines[0].unread);
    ocrvl_alignment_free(a);
    ocrvl_alignment_free(align_large(text, 100000, 1, 100000, 1, BYTES));
    for (size_t i = 0; i < 2 * BYTES; i++)
        text[i] = (char)('a' + i / 5 % 7);
    ocrvl_alignment_free(align_large(text, 5000, 200, 200000, 5, BYTES));
    for (size_t i = 0; i < 2 * BYTES; i++)
        text[i] = (char)('a' + roll(&r, 26));
    ocrvl_alignment_free(align_large(text, 900, 200, 36000, 5, BYTES));
    a = align_large(text, 900, 200, 36000, 5, BYTES); /* twenty pages' text, all of it in its place */
    assert_false(a->cut);
    for (size_t i = 0; i < 36000; i++)
        assert_int_equal(a->words[i].line, i / 40);
    ocrvl_alignment_free(a);
    free(text);
}

/* Nothing that can't be right within a band: unrelated pages of ten thousand letters. */
static void unrelated_pages(void **state)
{
    (void)state;
    static char text[20000];
    uint32_t r = 5;
    ocrvl_align_line l[200];
    ocrvl_align_word w[2000];
    ocrvl_alignment *a;
    size_t flagged = 0, unread = 0;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "etaoinshrdlucmfwyp"[roll(&r, 18)];
    for (size_t i = 0; i < 200; i++)
        l[i] = (ocrvl_align_line){text + 50 * i, 50, 0.9f, 0};
    for (size_t i = 0; i < 2000; i++)
        w[i] = (ocrvl_align_word){text + 10000 + 5 * i, 5};
    assert_ok(ocrvl_align(l, 200, w, 2000, &a, err));
    for (size_t i = 0; i < 2000; i++)
        flagged += a->words[i].unsupported;
    for (size_t i = 0; i < 200; i++)
        unread += a->lines[i].unread;
    assert_true(flagged >= 1700);
    assert_true(unread >= 180);
    ocrvl_alignment_free(a);
}

static void same_each_time(void **state)
{
    (void)state;
    ocrvl_alignment *a = align(CASTLE, NULL, "of any delay, and the office was assembled in the chapel"),
                    *b = align(CASTLE, NULL, "of any delay, and the office was assembled in the chapel");
    for (size_t i = 0; i < a->word_count; i++) {
        assert_int_equal(a->words[i].line, b->words[i].line);
        assert_int_equal(a->words[i].unsupported, b->words[i].unsupported);
        assert_true(a->words[i].score == b->words[i].score);
    }
    ocrvl_alignment_free(a);
    ocrvl_alignment_free(b);
}

static void out_of_memory(void **state)
{
    (void)state;
    ocrvl_align_line l[] = {
        {"the first line of two", 21, 1, 21}, {"and here is the second", 22, 1, 22}, {"x-", 2, 1, 2}};
    ocrvl_align_word w[] = {{"and", 3}, {"here", 4},  {"is", 2},   {"the", 3}, {"second", 6}, {"nowhere", 7},
                            {"the", 3}, {"first", 5}, {"lime", 4}, {"of", 2},  {"two", 3}};
    ocrvl_alignment *a;
    long n = 1;
    for (;; n++) {
        ocrvl_error e = {0};
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_align(l, 3, w, 11, &a, &e);
        bool failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            break;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(a);
    }
    assert_true(n > 30);
    assert_int_equal(a->words[0].line, 1);
    assert_int_equal(a->words[6].line, 0);
    ocrvl_alignment_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_text),
        cmocka_unit_test(misread_text),
        cmocka_unit_test(folded_text),
        cmocka_unit_test(other_order),
        cmocka_unit_test(columns_run_together),
        cmocka_unit_test(hyphens),
        cmocka_unit_test(words_joined_or_split),
        cmocka_unit_test(lines_lost),
        cmocka_unit_test(passages_twice),
        cmocka_unit_test(inventions),
        cmocka_unit_test(noise_lines),
        cmocka_unit_test(unreadable_line),
        cmocka_unit_test(words_left_out),
        cmocka_unit_test(tables),
        cmocka_unit_test(rows_alike),
        cmocka_unit_test(scattered_words),
        cmocka_unit_test(words_replaced),
        cmocka_unit_test(odd_arguments),
        cmocka_unit_test(random_pages),
        cmocka_unit_test(invariants),
        cmocka_unit_test(hostile_sizes),
        cmocka_unit_test(unrelated_pages),
        cmocka_unit_test(same_each_time),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
