/* Function calling with the real tokenizer of Qwen2: prompts as the published template writes them, calls as models
 * write them. A script answers for a model of the real vocabulary whose weights are small and random. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "read/tools.h"
#include "scripted.h"

static ocrvl_model real;
static char folder[] = "/tmp/ocrvl-tools-XXXXXX";

static int set_up(void **state)
{
    char command[256];
    ocrvl_model *tiny;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "xz -dc tests/vectors/data/tokenizer/tokenizer.json.xz > %s/tokenizer.json",
             folder);
    assert_int_equal(system(command), 0);
    assert_ok(ocrvl_tokenizer_open(&real.tokenizer, folder, 0, err));
    assert_ok(ocrvl_model_open(&tiny, "tests/vectors/data/tiny", err));
    ocrvl_config c = tiny->weights->config;
    c.system = c.task = NULL;
    c.prompts = NULL;
    c.vocab = 151936;
    c.context = 32768;
    c.image_token = 151655;
    c.video_token = 151656;
    c.stops[0] = 151645;
    c.stops[1] = 151643;
    c.stop_count = 2;
    ocrvl_model_free(tiny);
    assert_ok(ocrvl_weights_random(&real.weights, &c, OCRVL_PRECISION_FLOAT32, err));
    real.name = ocrvl_strdup("real");
    real.im_start = ocrvl_tokenizer_special(real.tokenizer, "<|im_start|>");
    real.im_end = ocrvl_tokenizer_special(real.tokenizer, "<|im_end|>");
    real.vision_start = ocrvl_tokenizer_special(real.tokenizer, "<|vision_start|>");
    real.vision_end = ocrvl_tokenizer_special(real.tokenizer, "<|vision_end|>");
    return 0;
}

static int tear_down(void **state)
{
    char command[256];
    (void)state;
    ocrvl_weights_free(real.weights);
    ocrvl_tokenizer_free(real.tokenizer);
    ocrvl_free(real.name);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

#define FILE_LETTER                                                                                                    \
    "{\"type\": \"function\", \"function\": {\"name\": \"file_letter\", \"description\": \"Files a letter – \\\"as " \
    "is\\\".\", "                                                                                                      \
    "\"parameters\": {\"type\": \"object\", \"properties\": {\"box\": {\"type\": \"integer\"}, \"weight\": "           \
    "{\"type\": \"number\", "                                                                                          \
    "\"default\": 0.1}}, \"required\": [\"box\"]}}}"
#define STAMP                                                                                                          \
    "{\"type\": \"function\", \"function\": {\"name\": \"stamp\", \"parameters\": {\"type\": \"object\", "             \
    "\"properties\": {}}}}"
/* The second bare, as Qwen-Agent takes it, and both without a space. */
static const char tools[] = "[{\"type\":\"function\",\"function\":{\"name\":\"file_letter\",\"description\":\"Files a "
                            "letter \\u2013 \\\"as is\\\".\","
                            "\"parameters\":{\"type\":\"object\",\"properties\":{\"box\":{\"type\":\"integer\"},"
                            "\"weight\":{\"type\":\"number\","
                            "\"default\":0.1}},\"required\":[\"box\"]}}},{\"name\":\"stamp\",\"parameters\":{\"type\":"
                            "\"object\",\"properties\":{}}}]";

static ocrvl_answer *ask(script *s, const char *answer, ocrvl_ask_options *o)
{
    ocrvl_session *session;
    ocrvl_answer *a;
    o->size = sizeof *o;
    o->question = "File it.";
    o->tools = tools;
    o->max_tokens = 400;
    assert_ok(ocrvl_session_new(&session, &real, NULL, err));
    script_play(s, session, &real, answer, strlen(answer));
    assert_ok(ocrvl_ask(session, NULL, 0, o, &a, err));
    ocrvl_session_free(session);
    return a;
}

/* The text that the chat template published with Qwen2.5 gives for these tools (rendered with Python's json.dumps,
 * ensure_ascii off, as transformers' tojson does). */
static const char head[] =
    "<|im_start|>system\nYou are a helpful assistant.\n\n# Tools\n\nYou may call one or more functions to assist with "
    "the user "
    "query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n" FILE_LETTER
    "\n" STAMP "\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
    "<tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": "
    "<args-json-object>}\n</tool_call><|im_end|>\n";

static void the_published_prompt(void **state)
{
    (void)state;
    script s = {0};
    ocrvl_buf want = {0};
    ocrvl_ids ids = {0};
    ocrvl_answer_info info = {.size = sizeof info};
    ocrvl_ask_options o = {0};
    ocrvl_answer *a = ask(&s, "No.", &o);
    ocrvl_buf_printf(&want, "%s<|im_start|>user\nFile it.<|im_end|>\n<|im_start|>assistant\n", head);
    assert_string_equal(s.prompt.data, want.data);
    ocrvl_answer_get_info(a, &info);
    assert_ok(ocrvl_tokenizer_encode(real.tokenizer, want.data, want.len, true, &ids, err));
    assert_int_equal(info.prompt_tokens, ids.len);
    assert_true(info.calls == 0 && info.bad_calls == 0 && info.complete);
    assert_string_equal(info.text, "No.");
    ocrvl_answer_free(a);
    ocrvl_ids_free(&ids);
    ocrvl_buf_free(&want);
    script_free(&s);
}

/* What functions gave back, and a system turn of the caller's. */
static void turns_of_tools(void **state)
{
    (void)state;
    script s = {0};
    static const ocrvl_turn turns[] = {
        {"system", "You file."},
        {"user", "Go on."},
        {"assistant", "<tool_call>\n{\"name\": \"stamp\", \"arguments\": {}}\n</tool_call>"},
        {"tool", "{\"done\": true}"},
        {"tool", "12"}};
    ocrvl_ask_options o = {.turns = turns, .turn_count = 5};
    ocrvl_answer *a = ask(&s, "Done.", &o);
    assert_int_equal(strncmp(s.prompt.data, "<|im_start|>system\nYou file.\n\n# Tools\n", 38), 0);
    assert_non_null(strstr(
        s.prompt.data, "</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>\n{\"done\": "
                       "true}\n</tool_response>\n<tool_response>\n12\n"
                       "</tool_response><|im_end|>\n<|im_start|>user\nFile it.<|im_end|>\n<|im_start|>assistant\n"));
    ocrvl_answer_free(a);
    script_free(&s);
}

typedef struct calls_case {
    const char *answer;
    const char *calls; /* "name arguments|name arguments" */
    uint32_t bad;
} calls_case;

#define CALL(name, arguments) "<tool_call>\n{\"name\": \"" name "\", \"arguments\": " arguments "}\n</tool_call>"
static const calls_case cases[] = {
    {CALL("file_letter", "{\"box\": 12}"), "file_letter {\"box\":12}", 0},
    {CALL("file_letter", "{\"box\": 1, \"weight\": 12.3}") "\n" CALL("stamp", "{}"),
     "file_letter {\"box\":1,\"weight\":12.3}|stamp {}", 0},
    {"I'll file it now.\n\n" CALL("stamp", "{}") "\nThen the next:" CALL("stamp",
                                                                         "{\"a\": [1, null, true]}") " That's all.",
     "stamp {}|stamp {\"a\":[1,null,true]}", 0},
    {"<tool_call>{\"name\":\"stamp\",\"arguments\":{\"text\":\"a </tool_call> in it\"}}</tool_call>",
     "stamp {\"text\":\"a </tool_call> in it\"}", 0},
    {"<tool_call>\n{\"name\": \"stamp\", \"arguments\": {}}", "stamp {}", 0}, /* ended without the tag */
    {"<tool_call>\n{\"name\": \"stamp\", \"arguments\": \"{\\\"a\\\": 1}\"}\n</tool_call>", "stamp {\"a\":1}", 0},
    {"<tool_call>\n{\"name\": \"stamp\", \"argum", "", 1}, /* cut */
    {"<tool_call>\n{\"name\": 3, \"arguments\": {}}\n</tool_call>", "", 1},
    {"<tool_call>\n{\"arguments\": {}}\n</tool_call>", "", 1},
    {"<tool_call>\n{\"name\": \"stamp\"}\n</tool_call>", "", 1},
    {"<tool_call>\n{\"name\": \"stamp\", \"arguments\": [1]}\n</tool_call>", "", 1},
    {"<tool_call>\n{\"name\": \"stamp\", \"arguments\": \"no JSON\"}\n</tool_call>", "", 1},
    {"<tool_call>\nstamp()\n</tool_call>" CALL("stamp", "{}"), "stamp {}", 1}, /* the one after it counts */
    {CALL("rm", "{\"all\": true}"), "", 1},                                    /* not offered */
    {"<tool_call>", "", 1},
    {"</tool_call> {\"name\": \"stamp\", \"arguments\": {}}", "", 0},
    {"\xE2\x9C\xBF"
     "FUNCTION\xE2\x9C\xBF: file_letter\n\xE2\x9C\xBF"
     "ARGS\xE2\x9C\xBF: {\"box\": 7}\n\xE2\x9C\xBF"
     "RESULT\xE2\x9C\xBF: filed",
     "file_letter {\"box\":7}", 0},
    {"\xE2\x9C\xBF"
     "FUNCTION\xE2\x9C\xBF: stamp\n\xE2\x9C\xBF"
     "ARGS\xE2\x9C\xBF: {\n\xE2\x9C\xBF"
     "FUNCTION\xE2\x9C\xBF: stamp",
     "", 2},
    {"", "", 0},
};

static void calls_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        script s = {0};
        ocrvl_buf b = {0};
        ocrvl_answer_info info = {.size = sizeof info};
        ocrvl_ask_options o = {0};
        const char *name, *arguments;
        ocrvl_answer *a = ask(&s, cases[i].answer, &o);
        ocrvl_answer_get_info(a, &info);
        for (uint32_t k = 0; ocrvl_answer_call(a, k, &name, &arguments); k++)
            ocrvl_buf_printf(&b, "%s%s %s", k ? "|" : "", name, arguments);
        if (strcmp(b.data ? b.data : "", cases[i].calls) != 0 || info.bad_calls != cases[i].bad)
            fail_msg("%s: %s, %u bad", cases[i].answer, b.data ? b.data : "", (unsigned)info.bad_calls);
        assert_false(ocrvl_answer_call(a, info.calls, &name, &arguments));
        assert_null(name);
        ocrvl_buf_free(&b);
        ocrvl_answer_free(a);
        script_free(&s);
    }
}

/* Many, and of allocations each fails once. */
static void many_and_no_memory(void **state)
{
    (void)state;
    ocrvl_buf b = {0};
    ocrvl_calls calls = {0};
    for (int i = 0; i < 300; i++)
        ocrvl_buf_puts(&b, CALL("stamp", "{}"));
    assert_ok(ocrvl_tools_calls(&calls, b.data, b.len, tools, err));
    assert_true(calls.count == 256 && calls.bad == 44);
    ocrvl_calls_free(&calls);
    b.len = strlen(CALL("stamp", "{}")) * 3;
    bool happened = true;
    for (long n = 1; happened; n++) {
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_tools_calls(&calls, b.data, b.len, tools, NULL);
        happened = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_int_equal(st, happened ? OCRVL_E_NOMEM : OCRVL_OK);
        ocrvl_calls_free(&calls);
        assert_true(n < 100);
    }
    ocrvl_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_published_prompt), cmocka_unit_test(turns_of_tools),
                                       cmocka_unit_test(calls_are_found), cmocka_unit_test(many_and_no_memory)};
    return cmocka_run_group_tests_name("tools", tests, set_up, tear_down);
}
