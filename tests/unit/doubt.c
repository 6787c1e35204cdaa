/* Which lines are believed. */
#include "testing.h"

#include <math.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "read/doubt.h"

typedef struct sample {
    int32_t height;
    const char *text; /* with a ">" before it: it stands to the right of the others, with a "|" beside the one before */
    float confidence;
    bool doubted;
} sample;

static ocrvl_transcript transcript(const char *text, float confidence)
{
    ocrvl_transcript t = {.len = strlen(text)};
    t.text = ocrvl_alloc_array(t.len + 1, 1);
    t.logprob = ocrvl_alloc_array(t.len + 1, sizeof *t.logprob);
    assert_true(t.text && t.logprob);
    memcpy(t.text, text, t.len + 1);
    for (size_t i = 0; i < t.len; i++) /* each word's first token; a row of signs is sure of itself */
        t.logprob[i] = text[i] == '='                                     ? logf(0.99f)
                       : text[i] != ' ' && (i == 0 || text[i - 1] == ' ') ? logf(confidence)
                                                                          : 0;
    return t;
}

static void assert_doubts(const sample *s, size_t n, uint32_t page_height)
{
    ocrvl_image grey = {.width = 1000, .height = page_height};
    ocrvl_layout_line lines[16] = {0};
    ocrvl_layout l = {.grey = &grey, .lines = lines, .line_count = n};
    ocrvl_strip strips[16] = {0};
    ocrvl_reading readings[16] = {0};
    bool *doubtful;
    for (size_t i = 0; i < n; i++) {
        bool beside = s[i].text[0] == '|', right = beside || s[i].text[0] == '>';
        int32_t y = (int32_t)(i - beside) * 100;
        lines[i].ink = (ocrvl_box){right ? 930 : 200, y, right ? 990 : 900, y + s[i].height};
        strips[i].line = (uint32_t)i;
        readings[i].cut = strstr(s[i].text, "the the the") != NULL;
        readings[i].transcript = transcript(s[i].text + right, s[i].confidence);
    }
    const ocrvl_lines read = {.strips = strips, .readings = readings, .count = n, .cap = n};
    assert_ok(ocrvl_doubt_lines(&doubtful, &l, &read, err));
    for (size_t i = 0; i < n; i++) {
        if (doubtful[i] != s[i].doubted)
            fail_msg("'%s' (%d px, %.2f) is %s", s[i].text, s[i].height, (double)s[i].confidence,
                     doubtful[i] ? "doubted" : "believed");
        ocrvl_transcript_free(&readings[i].transcript);
    }
    ocrvl_free(doubtful);
}

/* Beside text: the grain of a desk is low and reads badly; a footnote is low and reads well, handwriting is high and
 * reads badly. */
static void beside_text(void **state)
{
    (void)state;
    const sample page[] = {{40, "the minutes of the last meeting", 0.99f, false},
                           {42, "were read and approved by all", 0.98f, false},
                           {38, "who were present", 0.99f, false},
                           {9, "- - , ..", 0.4f, true},
                           {12, "ta gl 8", 0.5f, true},
                           {38, "-.;", 0.02f, true},
                           {20, "1 See the minutes of May", 0.9f, false},
                           {80, "Devichen di formationsest", 0.03f, false},
                           {40, "12", 0.5f, false},
                           {36, "-", 0.3f, false}};
    assert_doubts(page, sizeof page / sizeof *page, 2000);
}

/* Without any text: dust and halftones, however high their lines stand beside each other. A number on an empty page is
 * read. */
static void without_text(void **state)
{
    (void)state;
    const sample dust[] = {
        {9, "e", 0.7f, true}, {9, "o", 0.6f, true}, {11, "- - - - -", 0.5f, true}, {9, "7", 0.97f, false}};
    assert_doubts(dust, sizeof dust / sizeof *dust, 2000);
    const sample met[] = {{12, "e", 0.96f, true}, {13, "k", 0.97f, true}};
    assert_doubts(met, sizeof met / sizeof *met, 2000);
    const sample divider[] = {{40, "A", 0.97f, false}};
    assert_doubts(divider, 1, 2000);
    const sample halftone[] = {{40, "ooo e o o o o e e e", 0.3f, true},
                               {40, ".......... ......", 0.35f, true},
                               {40, "e e e e s s a o", 0.3f, true}};
    assert_doubts(halftone, sizeof halftone / sizeof *halftone, 2000);
}

/* A page of figures alone: numbers are words. */
static void numbers(void **state)
{
    (void)state;
    const sample page[] = {{40, "40.85 79.26", 0.8f, false},
                           {40, "1914-18", 0.7f, false},
                           {40, "12,50", 0.75f, false},
                           {40, "4711", 0.7f, false},
                           {14, "- .", 0.6f, true}};
    assert_doubts(page, sizeof page / sizeof *page, 1000);
}

/* An image of one line is that line. */
static void one_line(void **state)
{
    (void)state;
    const sample line[] = {{40, "q", 0.05f, false}}, speck[] = {{40, "q", 0.05f, true}};
    assert_doubts(line, 1, 60);
    assert_doubts(speck, 1, 2000);
}

/* Of hundreds of lines of which none is to be believed none is text, also those that look worded: grain. */
static void grain(void **state)
{
    (void)state;
    enum { MANY = 400 };
    ocrvl_image grey = {.width = 1000, .height = 2000};
    ocrvl_layout_line lines[MANY] = {{.known = 0}};
    ocrvl_layout l = {.grey = &grey, .lines = lines, .line_count = MANY};
    ocrvl_strip strips[MANY] = {{.line = 0}};
    ocrvl_reading readings[MANY] = {{.tokens = 0}};
    const ocrvl_lines read = {.strips = strips, .readings = readings, .count = MANY, .cap = MANY};
    bool *doubtful;
    for (size_t i = 0; i < MANY; i++) {
        lines[i].ink = (ocrvl_box){0, (int32_t)i * 20, 300, (int32_t)i * 20 + 20};
        strips[i].line = (uint32_t)i;
        readings[i].transcript = transcript(i % 2 ? "avist enrodi bebi" : ". . . . .", i % 2 ? 0.3f : 0.95f);
    }
    assert_ok(ocrvl_doubt_lines(&doubtful, &l, &read, err));
    for (size_t i = 0; i < MANY; i++) {
        assert_true(doubtful[i]);
        ocrvl_transcript_free(&readings[i].transcript);
    }
    ocrvl_free(doubtful);
}

/* On a page that reads well a stamp, a fold or the edge of the next page reads badly: the worse the likelier, and the
 * sooner, the further it stands from the text. What reads as badly on a page of handwriting stays. */
static void stains(void **state)
{
    (void)state;
    const sample page[] = {{40, "b.", 0.35f, true},
                           {40, "-B-", 0.5f, false},
                           {42, "the minutes of the last meeting", 0.99f, false},
                           {42, "Sollicite Paris", 0.01f, true},
                           {42, "proce = = = = = = = = = = = =", 0.01f, true},
                           {40, ">in", 0.5f, true},
                           {40, ">14", 0.5f, false},
                           {40, ">forme", 0.15f, true},
                           {40, "forme", 0.15f, false},
                           {38, "ve", 0.25f, true},
                           {38, "ve", 0.35f, false},
                           {42, "were read and approved by all who were present,", 0.98f, false},
                           {40, "and the treasurer laid the accounts of the year before them", 0.98f, false},
                           {40, "which were found to be right, and were signed.", 0.99f, false}};
    assert_doubts(page, sizeof page / sizeof *page, 2000);
    const sample letter[] = {{42, "the minutes of the", 0.9f, false},
                             {60, "Sollicite Paris", 0.01f, false},
                             {60, "Devichen di formationsest", 0.02f, false},
                             {60, "Accountation of the", 0.01f, false},
                             {60, "for the", 0.2f, false},
                             {60, "for the the the the", 0.2f, true},
                             {60, "after the the the the", 0.9f, false}};
    assert_doubts(letter, sizeof letter / sizeof *letter, 2000);
}

/* A sign with no text close beside is dust, however sure its reading is; a list's sign, a letter and a figure are not.
 */
static void lone_signs(void **state)
{
    (void)state;
    const sample page[] = {{40, "the minutes of the last meeting", 0.99f, false},
                           {42, "were read and approved by all", 0.98f, false},
                           {40, ">-", 0.95f, true},
                           {38, ">*", 0.95f, true},
                           {38, "who were present", 0.99f, false},
                           {38, "|-", 0.95f, false},
                           {40, ">7", 0.95f, false},
                           {40, ">x", 0.95f, false},
                           {36, ">- 3 -", 0.95f, false}};
    assert_doubts(page, sizeof page / sizeof *page, 2000);
}

/* A sign beside text is a stain, unless it stands in a table's row and column. */
static void cells(void **state)
{
    (void)state;
    const sample page[] = {{40, "What was sold in each month", 0.95f, false}, {40, "|Note", 0.99f, false},
                           {40, "January had twelve of them", 0.95f, false},  {40, "|O", 0.5f, false},
                           {40, "February had none, though", 0.95f, false},   {40, ">O", 0.5f, true}};
    assert_doubts(page, sizeof page / sizeof *page, 3000);
    const sample alone[] = {{40, "What was sold in each month", 0.95f, false},
                            {40, "January had twelve of them", 0.95f, false},
                            {40, "|O", 0.5f, true}};
    assert_doubts(alone, sizeof alone / sizeof *alone, 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(beside_text), cmocka_unit_test(without_text),
                                       cmocka_unit_test(numbers),     cmocka_unit_test(one_line),
                                       cmocka_unit_test(stains),      cmocka_unit_test(grain),
                                       cmocka_unit_test(cells),       cmocka_unit_test(lone_signs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
