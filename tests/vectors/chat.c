/* The chat template against the published one: text and ids, with and without expanded placeholders, and that text from
 * users never becomes a special token. */
#include "generate/chat.h"
#include "generate/checkpoint.h"
#include "generate/template.h"
#include "vectors.h"

/* A model of which only the real tokenizer is there. */
static ocrvl_weights weights;
static ocrvl_model model;
static char folder[] = "/tmp/ocrvl-chat-XXXXXX";

static int set_up(void **state)
{
    char command[256];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "xz -dc " VECTORS "tokenizer/tokenizer.json.xz > %s/tokenizer.json", folder);
    assert_int_equal(system(command), 0);
    assert_ok(ocrvl_tokenizer_open(&model.tokenizer, folder, 0, err));
    model.weights = &weights;
    weights.config.family = ocrvl_family_of_type("qwen2_vl");
    weights.config.image_token = 151655;
    weights.config.video_token = 151656;
    model.im_start = ocrvl_tokenizer_special(model.tokenizer, "<|im_start|>");
    model.im_end = ocrvl_tokenizer_special(model.tokenizer, "<|im_end|>");
    model.vision_start = ocrvl_tokenizer_special(model.tokenizer, "<|vision_start|>");
    model.vision_end = ocrvl_tokenizer_special(model.tokenizer, "<|vision_end|>");
    return 0;
}

static int tear_down(void **state)
{
    char command[256];
    (void)state;
    ocrvl_tokenizer_free(model.tokenizer);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* One message; pictures take their sizes from the case's grids, or are one token each. */
static void add_message(ocrvl_chat *chat, const ocrvl_json *m, const ocrvl_json *grids, bool expand, size_t *at)
{
    size_t len;
    const ocrvl_json *content = ocrvl_json_get(m, "content");
    const char *text = ocrvl_json_string(content, &len);
    assert_ok(ocrvl_chat_begin(chat, vectors_string(ocrvl_json_get(m, "role")), err));
    if (text)
        assert_ok(ocrvl_chat_text(chat, text, len, err));
    for (size_t i = 0; !text && i < ocrvl_json_length(content); i++) {
        const ocrvl_json *part = ocrvl_json_at(content, i);
        const char *t = ocrvl_json_string(ocrvl_json_get(part, "text"), &len);
        if (t) {
            assert_ok(ocrvl_chat_text(chat, t, len, err));
            continue;
        }
        size_t tokens = 1;
        if (expand) {
            const ocrvl_json *g = ocrvl_json_at(grids, (*at)++);
            tokens = (size_t)(vectors_int(ocrvl_json_at(g, 0)) * vectors_int(ocrvl_json_at(g, 1)) *
                              vectors_int(ocrvl_json_at(g, 2)) / 4);
        }
        ocrvl_clip clip = {.count = 2};
        if (strcmp(vectors_string(ocrvl_json_get(part, "type")), "video") == 0)
            assert_ok(ocrvl_chat_video(chat, &clip, tokens, err));
        else
            assert_ok(ocrvl_chat_picture(chat, tokens, err));
    }
    assert_ok(ocrvl_chat_end(chat, err));
}

static void check_case(const ocrvl_json *c, bool expand)
{
    bool yes = false;
    size_t at = 0, n, len;
    ocrvl_chat chat = {.model = &model};
    assert_true(ocrvl_json_bool(ocrvl_json_get(c, "add_vision_id"), &chat.vision_ids));
    const ocrvl_json *messages = ocrvl_json_get(c, "messages");
    for (size_t i = 0; i < ocrvl_json_length(messages); i++)
        add_message(&chat, ocrvl_json_at(messages, i), ocrvl_json_get(c, "grids"), expand, &at);
    assert_true(ocrvl_json_bool(ocrvl_json_get(c, "add_generation_prompt"), &yes));
    if (yes)
        assert_ok(ocrvl_chat_answer(&chat, err));
    else
        assert_ok(ocrvl_chat_flush(&chat, err));
    const char *name = vectors_string(ocrvl_json_get(c, "name")),
               *text = ocrvl_json_string(ocrvl_json_get(c, "text"), &len);
    int32_t *ids = vectors_ints(ocrvl_json_get(c, expand ? "expanded_ids" : "ids"), &n);
    assert_int_equal(chat.text.len, len);
    assert_memory_equal(chat.text.data, text, len);
    /* Hugging Face lets the user's text become special tokens; we don't */
    if (strcmp(name, "special_text_inside") == 0) {
        size_t ours = 0, theirs = 0;
        for (size_t i = 0; i < chat.ids.len; i++)
            ours += ocrvl_tokenizer_is_special(model.tokenizer, chat.ids.data[i]);
        for (size_t i = 0; i < n; i++)
            theirs += ocrvl_tokenizer_is_special(model.tokenizer, ids[i]);
        assert_int_equal(theirs, ours + 2);
    } else {
        assert_int_equal(chat.ids.len, n);
        assert_memory_equal(chat.ids.data, ids, n * sizeof *ids);
    }
    ocrvl_free(ids);
    ocrvl_chat_free(&chat);
}

static void template(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("template.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    assert_true(ocrvl_json_length(cases) > 12);
    for (size_t i = 0; i < ocrvl_json_length(cases); i++) {
        check_case(ocrvl_json_at(cases, i), false);
        if (ocrvl_json_get(ocrvl_json_at(cases, i), "expanded_ids"))
            check_case(ocrvl_json_at(cases, i), true);
    }
    ocrvl_json_free(root);
}

/* What Qwen3-VL's Thinking checkpoints are asked with; with a schema the thought is over at once. */
static void thoughts(void **state)
{
    (void)state;
    static const char *const ends[] = {"<|im_start|>assistant\n<think>\n",
                                       "<|im_start|>assistant\n<think>\n\n</think>\n\n"};
    model.thinks = true;
    for (int at_once = 0; at_once < 2; at_once++) {
        ocrvl_chat chat = {.model = &model, .at_once = at_once};
        ocrvl_ids ids = {0};
        assert_ok(ocrvl_chat_answer(&chat, err));
        assert_string_equal(chat.text.data, ends[at_once]);
        assert_ok(ocrvl_tokenizer_encode(model.tokenizer, ends[at_once], strlen(ends[at_once]), true, &ids, err));
        assert_int_equal(chat.ids.len, ids.len);
        assert_memory_equal(chat.ids.data, ids.data, ids.len * sizeof *ids.data);
        ocrvl_ids_free(&ids);
        ocrvl_chat_free(&chat);
    }
    model.thinks = false;
}

static void templates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool thinks, system;
    } cases[] = {
        {"{{- '<|im_start|>assistant\\n<think>\\n' }}", true, false},
        {"You are a helpful assistant.{% if x %}<|im_start|>assistant\n<think>\n{% endif %}", true, true},
        {"{{- '<|im_start|>assistant\\n' }}{{- '<think>\\n\\n</think>' }}", false, false},
        {"{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}", false, false},
        {"{{- '<|im_start|>assistant\\n<think>", false, false},
        {"<|im_start|>assistant", false, false},
        {"", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_template t = ocrvl_template_of(cases[i].text, ocrvl_family_of_type("qwen2_5_vl"));
        assert_true(t.there && t.thinks == cases[i].thinks && t.system == cases[i].system);
        assert_false(ocrvl_template_of(cases[i].text, ocrvl_family_of_type("qwen3_vl")).system);
    }
}

static void profiles_change_the_first_turn(void **state)
{
    (void)state;
    ocrvl_chat chat = {.model = &model};
    weights.config.no_system = true;
    assert_ok(ocrvl_chat_begin(&chat, "user", err));
    assert_string_equal(chat.text.data, "<|im_start|>user\n");
    ocrvl_chat_free(&chat);
    weights.config.no_system = false;
    chat = (ocrvl_chat){.model = &model};
    weights.config.system = (char[]){"Be brief."};
    assert_ok(ocrvl_chat_begin(&chat, "user", err));
    assert_string_equal(chat.text.data, "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n");
    ocrvl_chat_free(&chat);
    weights.config.system = NULL;
}

/* Qwen3-VL: no system turn of its own, and a video's slots as pictures with their times before them, to a tenth of a
 * second as Python prints it. */
static void times_of_a_video(void **state)
{
    static const double seconds[] = {0, 0.5, 1.25, 1.45, 10};
    ocrvl_clip clip = {.count = 5, .seconds = seconds};
    ocrvl_chat chat = {.model = &model};
    (void)state;
    weights.config.family = ocrvl_family_of_type("qwen3_vl");
    weights.config.temporal = 2;
    assert_ok(ocrvl_chat_begin(&chat, "user", err));
    assert_ok(ocrvl_chat_video(&chat, &clip, 6, err));
    assert_ok(ocrvl_chat_end(&chat, err));
    ocrvl_buf_putc(&chat.text, '\0');
    assert_string_equal(chat.text.data, "<|im_start|>user\n<0.2 seconds><|vision_start|><|video_pad|><|vision_end|>"
                                        "<1.4 seconds><|vision_start|><|video_pad|><|vision_end|>"
                                        "<10.0 seconds><|vision_start|><|video_pad|><|vision_end|><|im_end|>\n");
    size_t pads = 0;
    for (size_t i = 0; i < chat.ids.len; i++)
        pads += chat.ids.data[i] == weights.config.video_token;
    assert_int_equal(pads, 6);
    ocrvl_chat_free(&chat);
    weights.config.family = ocrvl_family_of_type("qwen2_vl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(template), cmocka_unit_test(profiles_change_the_first_turn),
                                       cmocka_unit_test(thoughts), cmocka_unit_test(templates),
                                       cmocka_unit_test(times_of_a_video)};
    return cmocka_run_group_tests_name("chat", tests, set_up, tear_down);
}
