/* Questions: prompts, places of answers, JSON by schema, function calls, what can't be asked. A script answers. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "read/locate.h"
#include "read/olmocr.h"
#include "read/stitch.h"
#include "read/tasks.h"
#include "read/tiles.h"
#include "read/tools.h"
#include "scripted.h"
#include "sources.h"

static ocrvl_model *big, *nano;
static ocrvl_image *pages[2];

static int set_up(void **state)
{
    (void)state;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_model_open(&nano, "samples/nano", err));
    pages[0] = first_page("samples/pages/en-3.png");
    pages[1] = first_page("samples/pages/en-4.png");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_image_free(pages[0]);
    ocrvl_image_free(pages[1]);
    ocrvl_model_free(nano);
    ocrvl_model_free(big);
    return 0;
}

/* Asks with a script for an answer; the prompt is left in s. */
static ocrvl_answer *ask(script *s, const char *answer, size_t images, const ocrvl_ask_options *o)
{
    ocrvl_session *session;
    ocrvl_session_options so = {.size = sizeof so, .line_model = nano};
    ocrvl_answer *a;
    assert_ok(ocrvl_session_new(&session, big, &so, err));
    script_play(s, session, big, answer, strlen(answer));
    assert_ok(ocrvl_ask(session, (const ocrvl_image *const *)pages, images, o, &a, err));
    ocrvl_session_free(session);
    return a;
}

/* What models think is no part of the answer, and JSON is asked for without a thought. */
static void thoughts(void **state)
{
    (void)state;
    script s = {0};
    ocrvl_ask_options o = {.size = sizeof o, .question = "Who writes?"};
    ocrvl_answer_info info = {.size = sizeof info};
    for (int by_prompt = 0; by_prompt < 2; by_prompt++) {
        big->thinks = by_prompt;
        ocrvl_answer *a = ask(&s, by_prompt ? "A letter.\n</think>\n\nLucy" : "<think>A letter.</think>Lucy", 1, &o);
        ocrvl_answer_get_info(a, &info);
        assert_string_equal(info.text, "Lucy");
        assert_string_equal(info.thinking, "A letter.");
        assert_true((strstr(s.prompt.data, "assistant\n<think>\n") != NULL) == by_prompt);
        ocrvl_answer_free(a);
        script_free(&s);
        s = (script){0};
    }
    o.schema = "{\"type\": \"string\"}";
    ocrvl_answer *a = ask(&s, "\"Lucy\"", 1, &o);
    ocrvl_answer_get_info(a, &info);
    assert_string_equal(info.text, "\"Lucy\"");
    assert_null(info.thinking);
    assert_non_null(strstr(s.prompt.data, "<think>\n\n</think>\n\n"));
    ocrvl_answer_free(a);
    script_free(&s);
    big->thinks = false;
}

static void an_answer_has_its_place(void **state)
{
    (void)state;
    script s = {0};
    ocrvl_ask_options o = {.size = sizeof o, .question = "Who signs the letter?"};
    ocrvl_answer_info info = {.size = sizeof info};
    ocrvl_answer *a = ask(&s, " LETTER, LUCY WESTENRA TO MINA MURRAY\n", 2, &o);
    ocrvl_answer_get_info(a, &info);
    assert_string_equal(info.text, "LETTER, LUCY WESTENRA TO MINA MURRAY");
    assert_true(info.complete && info.confidence > 0.9f);
    assert_int_equal(info.image, 0);
    assert_true(info.box.x1 - info.box.x0 > 300 && info.box.y1 - info.box.y0 < 120);
    assert_int_equal(s.pictures, 2);
    assert_non_null(strstr(s.prompt.data, "Picture 1: <|vision_start|><|image_pad|><|vision_end|>Picture 2: "));
    assert_non_null(strstr(s.prompt.data, "Who signs the letter?"));
    ocrvl_answer_free(a);
    s.at = 0;
    a = ask(&s, "nothing like it anywhere xyzzy", 1, &o);
    ocrvl_answer_get_info(a, &info);
    assert_int_equal(info.image, -1);
    assert_null(strstr(s.prompt.data, "Picture 1"));
    ocrvl_answer_free(a);
    script_free(&s);
}

/* In an inquiry the page is read by lines once, and each answer finds its place. */
static void answers_have_their_places(void **state)
{
    (void)state;
    static const char *const answers[] = {"LETTER, LUCY WESTENRA TO MINA MURRAY", "xyzzy nowhere",
                                          "LETTER, LUCY WESTENRA TO MINA MURRAY"};
    script s = {0};
    ocrvl_session *session;
    ocrvl_session_options so = {.size = sizeof so, .line_model = nano};
    ocrvl_ask_options o = {.size = sizeof o, .question = "Who?"};
    ocrvl_inquiry *q;
    ocrvl_box first = {0};
    assert_ok(ocrvl_session_new(&session, big, &so, err));
    assert_ok(ocrvl_inquiry_new(&q, session, (const ocrvl_image *const *)pages, 1, &o, err));
    for (size_t i = 0; i < 3; i++) {
        ocrvl_answer *a;
        ocrvl_answer_info info = {.size = sizeof info};
        script_play(&s, session, big, answers[i], strlen(answers[i]));
        assert_ok(ocrvl_inquiry_ask(q, &o, &a, err));
        ocrvl_answer_get_info(a, &info);
        assert_int_equal(info.image, i == 1 ? -1 : 0);
        if (i == 0)
            first = info.box;
        else if (i == 2)
            assert_memory_equal(&info.box, &first, sizeof first);
        ocrvl_answer_free(a);
    }
    assert_true(first.x1 - first.x0 > 300 && first.y1 - first.y0 < 120);
    ocrvl_inquiry_free(q);
    ocrvl_session_free(session);
    script_free(&s);
}

static void json_by_schema(void **state)
{
    (void)state;
    script s = {0};
    ocrvl_ask_options o = {.size = sizeof o, .question = "The sender?"};
    ocrvl_answer_info info = {.size = sizeof info};
    ocrvl_json *v;
    o.schema =
        "{\"type\":\"object\",\"properties\":{\"sender\":{\"type\":[\"string\",\"null\"],\"maxLength\":12},\"pages\":"
        "{\"type\":\"integer\"}},\"required\":[\"sender\",\"pages\"]}";
    o.max_tokens = 400;
    ocrvl_answer *a = ask(&s, "this is no JSON at all, whatever the schema says", 1, &o); /* the mask makes it JSON */
    ocrvl_answer_get_info(a, &info);
    assert_ok(ocrvl_json_parse(&v, info.text, strlen(info.text), "answer", err));
    assert_true(ocrvl_json_is_object(v) && ocrvl_json_get(v, "sender") && ocrvl_json_get(v, "pages"));
    assert_non_null(strstr(s.prompt.data, o.schema));
    ocrvl_json_free(v);
    ocrvl_answer_free(a);
    script_free(&s);
}

static void functions(void **state)
{
    (void)state;
    script s = {0};
    ocrvl_ask_options o = {.size = sizeof o, .question = "File it."};
    ocrvl_answer_info info = {.size = sizeof info};
    const char *name, *arguments;
    o.tools = "[{\"name\": \"file\", \"parameters\": {\"type\": \"object\"}}]";
    ocrvl_answer *a = ask(&s, "<tool_call>\n{\"name\": \"file\", \"arguments\": {\"box\": 12}}\n</tool_call>", 1, &o);
    ocrvl_answer_get_info(a, &info);
    assert_int_equal(info.calls, 1);
    assert_int_equal(info.image, -1);
    assert_true(ocrvl_answer_call(a, 0, &name, &arguments));
    assert_string_equal(name, "file");
    assert_string_equal(arguments, "{\"box\":12}");
    assert_non_null(strstr(s.prompt.data, "<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"file\""));
    ocrvl_answer_free(a);
    script_free(&s);
    ocrvl_buf b = {0};
    assert_int_equal(ocrvl_tools_describe(&b, "{}", NULL), OCRVL_E_FORMAT);
    assert_int_equal(ocrvl_tools_describe(&b, "[{}]", NULL), OCRVL_E_FORMAT);
    assert_int_equal(ocrvl_tools_describe(&b, "[", NULL), OCRVL_E_FORMAT);
    ocrvl_buf_free(&b);
}

static void conversations(void **state)
{
    (void)state;
    script s = {0};
    static const ocrvl_turn turns[] = {{"user", "What is it?"}, {"assistant", "A letter."}};
    ocrvl_ask_options o = {.size = sizeof o, .question = "From whom?", .turns = turns, .turn_count = 2};
    ocrvl_answer *a = ask(&s, "Lucy", 1, &o);
    const char *p = s.prompt.data;
    const char *first = strstr(p, "<|vision_end|>What is it?<|im_end|>"),
               *last = strstr(p, "user\nFrom whom?<|im_end|>");
    assert_true(first && last && first < strstr(p, "A letter.") && strstr(p, "A letter.") < last);
    ocrvl_answer_free(a);
    script_free(&s);
}

static void a_video_is_shown(void **state)
{
    (void)state;
    script s = {0};
    ocrvl_image *frames[4];
    for (int i = 0; i < 4; i++)
        assert_ok(ocrvl_image_new(&frames[i], 140, 84, 3, 0, 0, 0, err));
    ocrvl_ask_options o = {.size = sizeof o, .question = "What happens?"};
    o.frames = (const ocrvl_image *const *)frames;
    o.frame_count = 4;
    ocrvl_answer *a = ask(&s, "Nothing.", 1, &o);
    assert_non_null(strstr(s.prompt.data, "<|vision_start|><|video_pad|><|vision_end|><|vision_start|><|image_pad|>"));
    assert_int_equal(s.pictures, 2);
    ocrvl_answer_free(a);
    for (int i = 0; i < 4; i++)
        ocrvl_image_free(frames[i]);
    script_free(&s);
}

static void budgets_make_pictures_smaller(void **state)
{
    (void)state;
    script s = {0};
    ocrvl_planner *p;
    ocrvl_ask_options o = {.size = sizeof o, .question = "Who?"};
    ocrvl_answer_info info = {.size = sizeof info};
    assert_ok(ocrvl_planner_new(&p, "tests/vectors/data/tiny", "samples/nano", 2, err));
    o.planner = p;
    o.max_tokens = 16;
    for (int way = 0; way < 3; way++) { /* at will, by seconds, by memory */
        uint64_t memory = way == 2 ? 190ull << 20 : 0;
        if (way)
            assert_ok(ocrvl_planner_limit(p, memory, way == 1 ? 0.0001 : 0, err));
        s.patches = 0;
        ocrvl_answer *a = ask(&s, "Lucy", 2, &o);
        ocrvl_answer_get_info(a, &info);
        assert_int_equal(info.image_tokens * 4, s.patches);
        if (way == 0) {
            assert_null(info.budget);
            assert_int_equal(info.image_tokens, 2 * 34 * 44); /* an x of 10 pixels, as `read` shows the page */
        } else
            assert_non_null(strstr(info.budget, "pictures were shown smaller"));
        if (way == 1)
            assert_true(info.image_tokens > 400 && info.image_tokens <= 512 &&
                        strstr(info.budget, "still the answer takes"));
        if (way == 2)
            assert_true(info.image_tokens > 512 && info.image_tokens < 2 * 34 * 44 && !strstr(info.budget, "still"));
        ocrvl_answer_free(a);
    }
    script_free(&s);
    ocrvl_planner_free(p);
}

static void lines_answer_nothing(void **state)
{
    (void)state;
    ocrvl_session *session;
    ocrvl_ask_options o = {.size = sizeof o, .question = "Who?"};
    ocrvl_answer *a;
    ocrvl_error err = {0};
    assert_int_equal(ocrvl_session_new(&session, nano, NULL, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_ask(session, NULL, 0, &o, &a, &err), OCRVL_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "questions need a page model"));
    ocrvl_session_free(session);
}

static void prompts_are_filled(void **state)
{
    (void)state;
    ocrvl_task t;
    ocrvl_buf b = {0};
    ocrvl_task_values v = {.languages = "de, fr", .question = "a {schema} in it"};
    size_t n = 0, len;
    const char *name, *summary, *text;
    while (ocrvl_prompt_at(n, &name, &summary, &len, &text)) {
        assert_true(ocrvl_task_by_name(&t, name) && summary && len > 10);
        assert_true(t.len > 15 || strcmp(name, "numarkdown") == 0); /* which is asked without a word */
        n++;
    }
    assert_int_equal(n, 24);
    assert_true(ocrvl_task_by_name(&t, "text") && t.output == OCRVL_OUTPUT_TEXT && !t.text_first);
    ocrvl_task_fill(&t, &v, &b);
    assert_non_null(strstr(b.data, "The text is in: de, fr."));
    ocrvl_buf_clear(&b);
    v.languages = NULL;
    ocrvl_task_fill(&t, &v, &b);
    assert_null(strchr(b.data, '{'));
    ocrvl_buf_clear(&b);
    assert_true(ocrvl_task_by_name(&t, "question"));
    ocrvl_task_fill(&t, &v, &b); /* what is put in is not looked at again */
    assert_non_null(strstr(b.data, "a {schema} in it"));
    assert_true(ocrvl_task_by_name(&t, "olmocr") && t.text_first && t.longest_side == 1288);
    assert_false(ocrvl_task_by_name(&t, "nonsense"));
    ocrvl_buf_free(&b);
}

static ocrvl_transcript transcript(const char *text)
{
    size_t n = strlen(text);
    return (ocrvl_transcript){ocrvl_strdup(text), n, ocrvl_alloc_array(n + 1, sizeof(float))};
}

static void tiles_are_joined(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *both;
        bool overlap;
    } cases[] = {
        {"", "one\ntwo", "one\ntwo", true},
        {"one\ntwo\nthree of it", "three of it\nfour", "one\ntwo\nthree of it\nfour", true},
        {"one\ntwo\nthree of it", "thrce of 1t\nfour", "one\ntwo\nthree of it\nfour", true},
        {"line two\nline six", "line two\nline six\nnew", "line two\nline six\nnew", true},
        {"one\ntwo", "other\nthings", "one\ntwo\n\nother\nthings", true},
        {"same", "same", "same\n\nsame", false},
        {"same old", "same old", "same old", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_transcript a = transcript(cases[i].a), b = transcript(cases[i].b);
        assert_ok(ocrvl_join(&a, &b, cases[i].overlap, err));
        assert_string_equal(a.text, cases[i].both);
        assert_int_equal(a.len, strlen(cases[i].both));
        ocrvl_transcript_free(&a);
        ocrvl_transcript_free(&b);
    }
}

static void tiles_side_by_side_are_joined(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        size_t from;
        const char *b, *both;
    } cases[] = {
        {"one", 0, "two", "one two"},
        {"above\n\none\nthree", 7, "two\nfour\n", "above\n\none two\nthree four"},
        {"one\n\nthree", 0, "two\n\nfour", "one two\n\nthree four"},
        {"one\nthree", 0, "two", "one\nthree\n\ntwo"},
        {"", 0, "two", "two"},
        {"one", 0, "", "one"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_transcript a = transcript(cases[i].a), b = transcript(cases[i].b);
        if (b.len)
            b.logprob[0] = -2;
        assert_ok(ocrvl_join_beside(&a, cases[i].from, &b, err));
        assert_string_equal(a.text, cases[i].both);
        assert_int_equal(a.len, strlen(cases[i].both));
        const char *at = strstr(a.text, "two");
        assert_true(!at || a.logprob[at - a.text] == -2);
        ocrvl_transcript_free(&a);
        ocrvl_transcript_free(&b);
    }
}

/* A strip of one line, over 200 times as wide as high, with a gap at x = 300 * k. */
static void long_strips_are_cut(void **state)
{
    (void)state;
    enum { WIDTH = 30000, HEIGHT = 50 };
    ocrvl_image *img;
    ocrvl_tiles k;
    ocrvl_config c = {.patch = 14, .merge = 2, .min_pixels = 3136, .max_pixels = 12845056, .context = 32768};
    ocrvl_layout_line line = {.ink = {10, 10, WIDTH - 10, 40}, .x_height = 20};
    ocrvl_tile_limits limits = {.prompt_tokens = 100, .answer_tokens = 1000};
    assert_ok(ocrvl_image_new(&img, WIDTH, HEIGHT, 1, 0, 0, 1u << 30, err));
    uint8_t *p = ocrvl_image_pixels(img);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            p[y * WIDTH + x] = y == 20 && x % 300 > 8 ? 0 : 255;
    ocrvl_layout l = {.grey = img, .lines = &line, .line_count = 1, .page_width = WIDTH, .page_height = HEIGHT};
    for (int way = 0; way < 3; way++) { /* also for a model that was taught one size, and one of small pictures */
        limits.longest_side = way == 1 ? 1288 : 0;
        limits.max_pixels = way == 2 ? 40000 : 0;
        assert_ok(ocrvl_plan_tiles(&k, &c, &l, 0, &limits, err));
        assert_true(k.count >= 6 && k.tile[0].part.x0 == 0 && k.tile[k.count - 1].part.x1 == WIDTH);
        for (size_t i = 0; i < k.count; i++) {
            const ocrvl_tile *t = &k.tile[i];
            assert_true(t->beside == (i > 0) && t->width <= 200 * t->height);
            assert_true(i == 0 || (t->part.x0 == t[-1].part.x1 && t->part.x0 % 300 <= 8));
        }
    }
    l.page_width = HEIGHT; /* standing */
    l.page_height = WIDTH;
    l.line_count = 0;
    l.grey = NULL;
    limits.longest_side = limits.max_pixels = 0;
    assert_ok(ocrvl_plan_tiles(&k, &c, &l, 0, &limits, err));
    assert_true(k.count >= 6 && k.tile[k.count - 1].part.y1 == WIDTH && !k.tile[1].beside);
    ocrvl_image_free(img);
}

static void olmocr_answers(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *text;
        uint32_t turn;
    } cases[] = {
        {"{\"primary_language\":\"en\",\"natural_text\": \"One\\nline \\\"two\\\" \\u00e9\\ud83d\\ude00\"}",
         "One\nline \"two\" \xC3\xA9\xF0\x9F\x98\x80", 0},
        {"{\"natural_text\":\"cut sho", "cut sho", 0},
        {"{\"natural_text\":\"bad \\u00", "bad u00", 0},
        {"{\"natural_text\": null}", "", 0},
        {"no JSON", "no JSON", 0},
        {"{\"natural_text\":\"\\", "\\", 0},
        {"{\"is_rotation_valid\": false, \"rotation_correction\":90,\"natural_text\":\"x\"}", "x", 90},
        {"{\"is_rotation_valid\": true, \"rotation_correction\":90,\"natural_text\":\"x\"}", "x", 0},
        {"{\"is_rotation_valid\": false, \"rotation_correction\":45,\"natural_text\":\"x\"}", "x", 0},
        {"{\"natural_text\":\"\", \"is_rotation_valid\": false, \"rotation_correction\":90}", "", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_transcript s = transcript(cases[i].answer);
        uint32_t turn;
        assert_ok(ocrvl_olmocr_text(&s, &turn, err));
        assert_int_equal(turn, cases[i].turn);
        assert_string_equal(s.text, cases[i].text);
        ocrvl_transcript_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(thoughts),
                                       cmocka_unit_test(an_answer_has_its_place),
                                       cmocka_unit_test(answers_have_their_places),
                                       cmocka_unit_test(json_by_schema),
                                       cmocka_unit_test(functions),
                                       cmocka_unit_test(conversations),
                                       cmocka_unit_test(lines_answer_nothing),
                                       cmocka_unit_test(a_video_is_shown),
                                       cmocka_unit_test(budgets_make_pictures_smaller),
                                       cmocka_unit_test(prompts_are_filled),
                                       cmocka_unit_test(tiles_are_joined),
                                       cmocka_unit_test(long_strips_are_cut),
                                       cmocka_unit_test(tiles_side_by_side_are_joined),
                                       cmocka_unit_test(olmocr_answers)};
    return cmocka_run_group_tests_name("ask", tests, set_up, tear_down);
}
