/* Which of several line readers reads a line. */
#include "testing.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "read/script_choice.h"
#include "read/script_shapes.h"
#include "read/session.h"

enum { HIGH = 28, WIDE = 560 };

static uint8_t paper[HIGH * WIDE];

/* Bars of 2 pixels in rows [y0, y1), one in 8 columns. */
static void draw_bars(uint32_t y0, uint32_t y1)
{
    memset(paper, 240, sizeof paper);
    for (uint32_t y = y0; y < y1; y++)
        for (uint32_t x = 8; x < WIDE - 8; x++)
            if (x % 8 < 2)
                paper[y * WIDE + x] = 10;
}

static ocrvl_strip strip_of(uint32_t line)
{
    return (ocrvl_strip){.grey = paper, .width = WIDE, .height = HIGH, .line = line, .x1 = WIDE};
}

static void measured(void **state)
{
    double m[OCRVL_SHAPE_MEASURES];
    ocrvl_strip s = strip_of(0);
    (void)state;
    draw_bars(4, 20); /* 16 rows, 68 bars from x = 8 to x = 545 */
    assert_true(ocrvl_shape_measure(&s, m));
    for (size_t b = 0; b < 8; b++) {
        assert_float_equal(m[b], 1.0 / 8, 1e-9);
        assert_float_equal(m[8 + b], 68 * 16.0 / 538, 1e-9); /* strokes in 16 pixels of a row */
    }
    assert_float_equal(m[16], 1 - 136.0 / 538, 1e-9); /* columns without ink */
    assert_float_equal(m[17], 68 * 16.0 / 538, 1e-9);
    assert_float_equal(m[18], 2.0 / 16, 1e-9); /* a bar is 2 wide and 16 high */
    assert_float_equal(m[19], 1, 1e-9);
    assert_float_equal(m[20], 1, 1e-9);
    memset(paper, 240, sizeof paper);
    double likely[OCRVL_SHAPES];
    assert_false(ocrvl_shape_measure(&s, m));
    ocrvl_shapes_of_strip(&s, likely);
    for (size_t k = 0; k < OCRVL_SHAPES; k++)
        assert_float_equal(likely[k], 1.0 / OCRVL_SHAPES, 1e-9);
}

static void scripts_have_shapes(void **state)
{
    (void)state;
    assert_int_equal(ocrvl_shape_of_script("Latn Grek"), OCRVL_SHAPE_EUROPEAN);
    assert_int_equal(ocrvl_shape_of_script("Arab"), OCRVL_SHAPE_ARABIC);
    assert_int_equal(ocrvl_shape_of_script("Hebr"), OCRVL_SHAPE_HEBREW);
    assert_int_equal(ocrvl_shape_of_script("Jpan"), OCRVL_SHAPE_EASTERN);
    assert_int_equal(ocrvl_shape_of_script("Thai"), OCRVL_SHAPES);
}

/* Less likely letters, a reading that was cut, and one that says next to nothing of a wide strip score lower. */
static void scored(void **state)
{
    ocrvl_strip s = strip_of(0);
    ocrvl_reading sure = {.tokens = 49, .likelihood = -1}, poor = {.tokens = 49, .likelihood = -20},
                  cut = {.tokens = 49, .likelihood = -INFINITY, .cut = true}, lazy = {.tokens = 1, .likelihood = -0.1};
    (void)state;
    assert_float_equal(ocrvl_script_score(&s, &sure), -0.02, 1e-9);
    assert_float_equal(ocrvl_script_score(&s, &poor), -0.4, 1e-9);
    assert_true(ocrvl_script_score(&s, &cut) == -INFINITY);
    assert_float_equal(ocrvl_script_score(&s, &lazy), (-0.1 - 0.7 * 9) / 11, 1e-9); /* 10 letters at least */
}

/* A page of `count` strips for readers of Latin, Hebrew and Greek, all read by the first, `doubtful` of them badly. */
enum { STRIPS = 40 };

typedef struct page {
    ocrvl_strip strips[STRIPS];
    ocrvl_reading readings[STRIPS];
    ocrvl_lines lines;
    ocrvl_config config[3];
    ocrvl_script_choice k;
} page;

static void make_page(page *p, size_t tongues, size_t doubtful)
{
    const ocrvl_config *c[] = {&p->config[0], &p->config[1], &p->config[2]};
    memset(p, 0, sizeof *p);
    strcpy(p->config[0].scripts, "Latn Cyrl");
    strcpy(p->config[1].scripts, "Hebr");
    strcpy(p->config[2].scripts, "Grek");
    memset(paper, 240, sizeof paper); /* without ink the first is as good as any */
    for (uint32_t i = 0; i < STRIPS; i++) {
        p->strips[i] = strip_of(i);
        p->readings[i] = (ocrvl_reading){.tokens = 49, .likelihood = i < doubtful ? -20 - (double)i : -1};
    }
    p->lines = (ocrvl_lines){.strips = p->strips, .readings = p->readings, .count = STRIPS, .cap = STRIPS};
    assert_ok(ocrvl_script_choice_init(&p->k, c, tongues, p->strips, STRIPS, err));
    for (size_t i = 0; i < STRIPS; i++)
        assert_int_equal(p->k.tongue[i], 0);
}

/* One reader is never doubted. */
static void alone(void **state)
{
    page p;
    (void)state;
    make_page(&p, 1, STRIPS);
    ocrvl_script_choice_next(&p.k, &p.lines);
    assert_int_equal(p.k.trials, 0);
    ocrvl_script_choice_free(&p.k);
}

/* A page that is hard to read, but of one script: two strips of forty, the worst, are read for nothing. */
static void of_one_script(void **state)
{
    page p;
    (void)state;
    make_page(&p, 2, 30);
    ocrvl_script_choice_next(&p.k, &p.lines);
    assert_int_equal(p.k.trials, 2);
    assert_int_equal(p.k.which[0], 29);
    assert_int_equal(p.k.which[1], 28);
    for (size_t i = 0; i < 2; i++) {
        ocrvl_reading worse = {.tokens = 30, .likelihood = -60};
        size_t at = p.k.which[i];
        assert_false(ocrvl_script_choice_judge(&p.k, at, &p.strips[at], &p.readings[at], &worse));
        assert_int_equal(p.k.tongue[at], 0);
    }
    ocrvl_script_choice_next(&p.k, &p.lines);
    assert_int_equal(p.k.trials, 0);
    ocrvl_script_choice_free(&p.k);
}

/* Once a strip is read better by another, all doubtful ones are tried, and by each reader that there is; those that
 * read well are left alone. */
static void of_another_script(void **state)
{
    page p;
    size_t rounds = 0, shown = 0;
    (void)state;
    make_page(&p, 3, 20);
    for (;; rounds++) {
        ocrvl_script_choice_next(&p.k, &p.lines);
        if (!p.k.trials)
            break;
        shown += p.k.trials;
        for (size_t i = 0; i < p.k.trials; i++) {
            size_t at = p.k.which[i];
            assert_true(at < 20);
            ocrvl_reading other = {.tokens = 49, .likelihood = p.k.trial[at] == 2 ? -2 : -40};
            bool better = ocrvl_script_choice_judge(&p.k, at, &p.strips[at], &p.readings[at], &other);
            assert_int_equal(better, p.k.trial[at] == 2);
            if (better)
                p.readings[at] = other;
        }
    }
    for (size_t i = 0; i < STRIPS; i++)
        assert_int_equal(p.k.tongue[i], i < 20 ? 2 : 0);
    assert_true(rounds >= 2 && shown >= 20 && shown <= 40);
    ocrvl_script_choice_free(&p.k);
}

/* Whether strip 0, which Latin's reader read as `own`, goes to Hebrew's, which reads `other`. */
static bool goes_over(page *p, ocrvl_reading own, ocrvl_reading other)
{
    make_page(p, 2, 0);
    p->readings[0] = own;
    ocrvl_script_choice_next(&p->k, &p->lines);
    assert_int_equal(p->k.trials, 1);
    bool over = ocrvl_script_choice_judge(&p->k, 0, &p->strips[0], &p->readings[0], &other);
    assert_int_equal(p->k.tongue[0], over);
    ocrvl_script_choice_free(&p->k);
    return over;
}

/* A reading in letters of another reader's scripts never wins, and always loses to one in its own. */
static void of_its_own_letters(void **state)
{
    page p;
    ocrvl_reading poor = {.tokens = 49, .likelihood = -20}, cut = {.tokens = 49, .likelihood = -INFINITY, .cut = true},
                  sure = {.tokens = 49, .likelihood = -1};
    (void)state;
    assert_true(goes_over(&p, poor, sure));
    sure.other = true;
    assert_false(goes_over(&p, poor, sure));
    assert_false(goes_over(&p, cut, sure));
    assert_true(goes_over(&p, sure, cut));
}

/* A stroke may be taken for alef: a letter or two count only where more has been read by that reader. */
static void a_stroke(void **state)
{
    page p;
    ocrvl_reading poor = {.tokens = 1, .likelihood = -8}, alef = {.tokens = 1, .likelihood = -0.02},
                  word = {.tokens = 3, .likelihood = -0.1};
    (void)state;
    assert_false(goes_over(&p, poor, alef));
    assert_true(goes_over(&p, poor, word));
    make_page(&p, 2, 0);
    p.readings[0] = poor;
    p.k.tongue[1] = 1;
    ocrvl_script_choice_next(&p.k, &p.lines);
    assert_true(ocrvl_script_choice_judge(&p.k, 0, &p.strips[0], &p.readings[0], &alef));
    ocrvl_script_choice_free(&p.k);
}

/* What looks like a script that no reader reads, and reads badly, is foreign, unless it says figures: these are few
 * shapes, and smeared ones look like any script. */
static void smeared_figures(void **state)
{
    static char figures[] = "27.36 1.64 29.00", letters[] = "27 qms wrdek Iq";
    page p;
    (void)state;
    make_page(&p, 2, STRIPS);
    p.k.strange[0] = true;
    p.readings[0].transcript = (ocrvl_transcript){.text = letters, .len = strlen(letters)};
    assert_true(ocrvl_script_is_foreign(&p.k, 0, &p.strips[0], &p.readings[0]));
    p.readings[0].transcript = (ocrvl_transcript){.text = figures, .len = strlen(figures)};
    assert_false(ocrvl_script_is_foreign(&p.k, 0, &p.strips[0], &p.readings[0]));
    ocrvl_script_choice_free(&p.k);
}

/* A session wants line readers, not too many, and a first one. */
static void sessions(void **state)
{
    ocrvl_model *nano, *tiny;
    ocrvl_session *s;
    ocrvl_error said;
    (void)state;
    assert_ok(ocrvl_model_open(&nano, "samples/nano", err));
    assert_ok(ocrvl_model_open(&tiny, "tests/vectors/data/tiny", err));
    const ocrvl_model *more[] = {nano, nano, nano, nano, nano, nano, nano, nano};
    ocrvl_session_options o = {.size = sizeof o, .threads = 1, .more_line_models = more, .more_line_model_count = 2};
    assert_ok(ocrvl_session_new(&s, nano, &o, err));
    ocrvl_session_free(s);
    assert_int_equal(ocrvl_session_new(&s, tiny, &o, &said), OCRVL_E_ARG);
    assert_string_equal(said.message, "further line readers, but no first one");
    o.more_line_model_count = 8;
    assert_int_equal(ocrvl_session_new(&s, nano, &o, &said), OCRVL_E_ARG);
    assert_string_equal(said.message, "9 line readers: there may be 8 at most");
    o.more_line_model_count = 2;
    more[1] = tiny;
    assert_int_equal(ocrvl_session_new(&s, nano, &o, &said), OCRVL_E_ARG);
    assert_string_equal(said.message, "tiny: not a line reader");
    ocrvl_model_free(nano);
    ocrvl_model_free(tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(measured),
                                       cmocka_unit_test(scripts_have_shapes),
                                       cmocka_unit_test(scored),
                                       cmocka_unit_test(alone),
                                       cmocka_unit_test(of_one_script),
                                       cmocka_unit_test(of_another_script),
                                       cmocka_unit_test(of_its_own_letters),
                                       cmocka_unit_test(a_stroke),
                                       cmocka_unit_test(smeared_figures),
                                       cmocka_unit_test(sessions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
