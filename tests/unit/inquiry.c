/* Several questions about the same pictures: each is answered as it would be alone, and costs its own tokens only. The
 * tiny checkpoint answers, whose weights are random. */
#include <stdlib.h>
#include <string.h>

#include "sources.h"

static ocrvl_model *big;
static ocrvl_session *session;
static uint64_t last_prompt; /* tokens of the prompt that was compared last */
static ocrvl_image *pages[2];

static int set_up(void **state)
{
    (void)state;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_session_new(&session, big, NULL, err));
    pages[0] = first_page("samples/pages/en-3.png");
    pages[1] = first_page("samples/pages/en-4.png");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_session_free(session);
    ocrvl_image_free(pages[0]);
    ocrvl_image_free(pages[1]);
    ocrvl_model_free(big);
    return 0;
}

static const ocrvl_image *const *images(void) { return (const ocrvl_image *const *)pages; }

/* Asks in the inquiry, and alone; returns how many tokens were kept. *text, if wanted, is given back with free. */
static uint64_t compare(ocrvl_inquiry *q, size_t count, const ocrvl_ask_options *o, char **text)
{
    ocrvl_answer *a, *b;
    ocrvl_answer_info one = {.size = sizeof one}, two = {.size = sizeof two};
    assert_ok(ocrvl_ask(session, images(), count, o, &a, err));
    assert_ok(ocrvl_inquiry_ask(q, o, &b, err));
    ocrvl_answer_get_info(a, &one);
    ocrvl_answer_get_info(b, &two);
    assert_string_equal(two.text, one.text);
    assert_true(two.confidence == one.confidence && two.complete == one.complete);
    assert_int_equal(two.image, one.image);
    assert_memory_equal(&two.box, &one.box, sizeof one.box);
    assert_int_equal(two.image_tokens, one.image_tokens);
    assert_int_equal(two.prompt_tokens, one.prompt_tokens);
    assert_int_equal(two.output_tokens, one.output_tokens);
    assert_int_equal(one.kept_tokens, 0);
    uint64_t kept = two.kept_tokens;
    last_prompt = two.prompt_tokens;
    if (text)
        *text = strdup(two.text);
    ocrvl_answer_free(a);
    ocrvl_answer_free(b);
    return kept;
}

/* Pictures of 77 visual tokens. */
static ocrvl_ask_options options(void)
{
    return (ocrvl_ask_options){.size = sizeof(ocrvl_ask_options), .max_pixels = 80 * 28 * 28, .max_tokens = 16};
}

static void questions_about_a_page(void **state)
{
    (void)state;
    static const char *const schema = "{\"enum\": [\"yes\", \"no\"]}";
    ocrvl_ask_options o = options();
    ocrvl_inquiry *q;
    assert_ok(ocrvl_inquiry_new(&q, session, images(), 1, &o, err));
    o.question = "Who signs the letter?";
    assert_int_equal(compare(q, 1, &o, NULL), 0);
    assert_int_equal(compare(q, 1, &o, NULL), last_prompt - 1);
    o.question = "To whom?";
    assert_true(compare(q, 1, &o, NULL) > 77);
    o.schema = schema;
    assert_true(compare(q, 1, &o, NULL) > 77);
    o.schema = NULL;
    o.plain = true;
    assert_true(compare(q, 1, &o, NULL) > 77);
    o.tools = "[{\"name\": \"file\"}]"; /* which are told before the pictures */
    assert_true(compare(q, 1, &o, NULL) < 30);
    o.question = "Really?";
    assert_true(compare(q, 1, &o, NULL) > 77);
    ocrvl_inquiry_free(q);
}

static void a_conversation(void **state)
{
    (void)state;
    ocrvl_turn turns[6];
    char *said[3];
    ocrvl_ask_options o = options();
    ocrvl_inquiry *q;
    o.turns = turns;
    o.plain = true;
    assert_ok(ocrvl_inquiry_new(&q, session, images(), 2, &o, err));
    for (size_t i = 0; i < 3; i++) {
        o.question = i ? "And then?" : "What is it?";
        uint64_t kept = compare(q, 2, &o, &said[i]);
        assert_true(i == 0 ? kept == 0 : kept > 154);
        turns[2 * i] = (ocrvl_turn){"user", o.question};
        turns[2 * i + 1] = (ocrvl_turn){"assistant", said[i]};
        o.turn_count += 2;
    }
    o.turn_count = 0; /* from the beginning */
    assert_true(compare(q, 2, &o, NULL) > 154);
    ocrvl_inquiry_free(q);
    for (size_t i = 0; i < 3; i++)
        free(said[i]);
}

static void a_video(void **state)
{
    (void)state;
    ocrvl_image *frames[6];
    ocrvl_ask_options o = options();
    ocrvl_inquiry *q;
    for (int i = 0; i < 6; i++) {
        assert_ok(ocrvl_image_new(&frames[i], 140, 84, 3, 0, 0, 0, err));
        memset(ocrvl_image_pixels(frames[i]), 40 * i, 140 * 84 * 3);
    }
    o.frames = (const ocrvl_image *const *)frames;
    o.frame_count = 6;
    assert_ok(ocrvl_inquiry_new(&q, session, images(), 1, &o, err));
    o.question = "What happens?";
    assert_int_equal(compare(q, 1, &o, NULL), 0);
    o.question = "And in the end?";
    assert_true(compare(q, 1, &o, NULL) > 77);
    ocrvl_inquiry_free(q);
    for (int i = 0; i < 6; i++)
        ocrvl_image_free(frames[i]);
}

static int stop_at(void *user, uint64_t done, uint64_t total)
{
    (void)total;
    return done >= *(const uint64_t *)user;
}

/* A question that fails leaves the inquiry as it should be for the next one. */
static void after_failures(void **state)
{
    (void)state;
    uint64_t at = 0;
    ocrvl_ask_options o = options();
    ocrvl_inquiry *q;
    ocrvl_answer *a;
    assert_ok(ocrvl_inquiry_new(&q, session, images(), 1, &o, err));
    assert_int_equal(ocrvl_inquiry_ask(q, &o, &a, NULL), OCRVL_E_ARG); /* no question */
    o.question = "Who signs the letter?";
    o.on_progress = stop_at;
    o.user = &at;
    assert_int_equal(ocrvl_inquiry_ask(q, &o, &a, NULL), OCRVL_E_CANCELED);
    o.on_progress = NULL;
    assert_true(compare(q, 1, &o, NULL) > 77); /* its prompt had been run */
    o.on_progress = stop_at;
    at = 7;
    assert_int_equal(ocrvl_inquiry_ask(q, &o, &a, NULL), OCRVL_E_CANCELED);
    o.on_progress = NULL;
    o.schema = "{\"$ref\": \"elsewhere\"}";
    assert_int_equal(ocrvl_inquiry_ask(q, &o, &a, NULL), OCRVL_E_UNSUPPORTED);
    assert_null(a);
    o.schema = NULL;
    o.question = "To whom?";
    assert_true(compare(q, 1, &o, NULL) > 77);
    ocrvl_inquiry_free(q);
    ocrvl_inquiry_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(questions_about_a_page), cmocka_unit_test(a_conversation),
                                       cmocka_unit_test(a_video), cmocka_unit_test(after_failures)};
    return cmocka_run_group_tests_name("inquiry", tests, set_up, tear_down);
}
