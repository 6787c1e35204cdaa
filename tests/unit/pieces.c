/* Readings of overlapping pieces of a line made one. */
#include "testing.h"

#include <string.h>

#include "base/mem.h"
#include "read/pieces.h"

static ocrvl_transcript transcript(const char *text)
{
    ocrvl_transcript t = {.len = strlen(text)};
    t.text = ocrvl_alloc_array(t.len + 1, 1);
    t.logprob = ocrvl_alloc_array(t.len + 1, sizeof *t.logprob);
    assert_true(t.text && t.logprob);
    memcpy(t.text, text, t.len + 1);
    for (size_t i = 0; i < t.len; i++)
        t.logprob[i] = -(float)i;
    return t;
}

/* Two pieces that show 100 columns each of a line, `both` of them twice. */
static void assert_joined_by(int32_t both, const char *a, const char *b, const char *line)
{
    ocrvl_strip strips[2] = {{.line = 4, .x1 = 100}, {.line = 4, .x0 = 100 - both, .x1 = 200 - both}};
    ocrvl_reading r[2] = {{.transcript = transcript(a), .tokens = 5, .likelihood = -1},
                          {.transcript = transcript(b), .tokens = 7, .likelihood = -2}};
    ocrvl_lines l = {.strips = strips, .readings = r, .count = 2, .cap = 2};
    assert_ok(ocrvl_join_pieces(&l, err));
    assert_int_equal(l.count, 1);
    assert_string_equal(r[0].transcript.text, line);
    assert_int_equal(r[0].transcript.len, strlen(line));
    assert_true(strips[0].x0 == 0 && strips[0].x1 == 200 - both && r[0].tokens == 12 && r[0].likelihood == -3);
    assert_null(r[1].transcript.text);
    ocrvl_transcript_free(&r[0].transcript);
}

static void assert_joined(const char *a, const char *b, const char *line) { assert_joined_by(20, a, b, line); }

static void agreeing(void **state)
{
    (void)state;
    assert_joined("the minutes of the last meeting", "last meeting were read and approved",
                  "the minutes of the last meeting were read and approved");
    assert_joined("necesarios para el desarrollo", "el desarrollo de la ciudad",
                  "necesarios para el desarrollo de la ciudad");
    assert_joined("words that the the", "the the that", "words that the the that");
    assert_joined_by(15, "mais opções de utilizador. Utili", "Utilizador Adicionar Bretão Para",
                     "mais opções de utilizador. Utilizador Adicionar Bretão Para");
    assert_joined("größer als früher", "früher waren es", "größer als früher waren es");
}

/* A line that runs to the left begins in the piece at the right; Latin words in it change nothing. */
static void running_left(void **state)
{
    (void)state;
    assert_joined("לקראת הישיבה הבאה", "בישיבה האחרונה דנו לקראת הישיבה", "בישיבה האחרונה דנו לקראת הישיבה הבאה");
    assert_joined("إلى السيد John Smith المحترم", "رسالة من الشركة إلى السيد John",
                  "رسالة من الشركة إلى السيد John Smith المحترم");
    assert_joined("the word שלום in a line", "in a line of English", "the word שלום in a line of English");
}

/* What either piece has wrong at its own cut end isn't taken over. */
static void wrong_at_the_ends(void **state)
{
    (void)state;
    assert_joined("the minutes of the last meetiug", "iast meeting were read",
                  "the minutes of the last meeting were read");
    assert_joined("the minutes of the last meeting,", "the last meeting were read",
                  "the minutes of the last meeting were read");
}

/* Pieces that agree nowhere drop as much as both show, what is read worse; one may say nothing. The letters of these
 * are the surer the nearer they are to the beginning. */
static void disagreeing(void **state)
{
    (void)state;
    assert_joined("aaaa bbbb cccc dddd", "wwww xxxx yyyy zzzz", "aaaa bbbb cccc wwww xxxx yyyy zzzz");
    assert_joined_by(5, "actiune Dată Swahili In", "Introduceti parola precedentă pentru",
                     "actiune Dată Swahili Introduceti parola precedentă pentru");
    assert_joined_by(20, "права без явного их назначения. Киргизский", "Kupauscкий Удерживайте Сопtro или",
                     "права без явного их назначения. Kupauscкий Удерживайте Сопtro или");
    assert_joined_by(4, "aaaa bbbb cc", "ddd eeee", "aaaa bbbb ddd eeee");
    assert_joined("", "wwww xxxx", "wwww xxxx");
    assert_joined("aaaa bbbb", "", "aaaa bbbb");
}

/* Lines beside each other and strips that don't overlap stay as they are. */
static void apart(void **state)
{
    (void)state;
    ocrvl_strip strips[3] = {
        {.line = 1, .x1 = 100}, {.line = 2, .x0 = 80, .x1 = 180}, {.line = 2, .x0 = 180, .x1 = 200}};
    ocrvl_reading r[3] = {
        {.transcript = transcript("a")}, {.transcript = transcript("b")}, {.transcript = transcript("c")}};
    ocrvl_lines l = {.strips = strips, .readings = r, .count = 3, .cap = 3};
    assert_ok(ocrvl_join_pieces(&l, err));
    assert_int_equal(l.count, 3);
    for (size_t i = 0; i < 3; i++)
        ocrvl_transcript_free(&r[i].transcript);
}

/* Of a strip's pieces one that is lost is left out where those beside it show what it shows; at an end it stays. */
static void lost(void **state)
{
    (void)state;
    ocrvl_strip strips[3] = {
        {.height = 28, .x1 = 300}, {.height = 28, .x0 = 190, .x1 = 430}, {.height = 28, .x0 = 315, .x1 = 600}};
    ocrvl_reading r[3] = {{.transcript = transcript("Ví o xxxxxxxx")},
                          {.transcript = transcript("«x"), .lost = true},
                          {.transcript = transcript("telegramu, který")}};
    bool joined;
    assert_ok(ocrvl_join_strip(strips, r, 3, &joined, err));
    assert_true(joined && !r[0].lost && strips[0].x1 == 600);
    assert_string_equal(r[0].transcript.text, "Ví o xxxxxxxx telegramu, který");
    for (size_t i = 0; i < 3; i++)
        ocrvl_transcript_free(&r[i].transcript);

    ocrvl_strip ends[2] = {{.height = 28, .x1 = 300}, {.height = 28, .x0 = 200, .x1 = 500}};
    ocrvl_reading of[2] = {{.transcript = transcript("telegramu, který")},
                           {.transcript = transcript("který x"), .lost = true}};
    assert_ok(ocrvl_join_strip(ends, of, 2, &joined, err));
    assert_true(joined && of[0].lost);
    assert_string_equal(of[0].transcript.text, "telegramu, který x");
    for (size_t i = 0; i < 2; i++)
        ocrvl_transcript_free(&of[i].transcript);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreeing),    cmocka_unit_test(running_left), cmocka_unit_test(wrong_at_the_ends),
        cmocka_unit_test(disagreeing), cmocka_unit_test(apart),        cmocka_unit_test(lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
