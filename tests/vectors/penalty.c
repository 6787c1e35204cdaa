/* Greedy text with a repetition penalty against transformers' (make_penalty.py), with and without drafts: the penalty
 * counts the prompt's tokens as well as the answer's. */
#include "generate/checkpoint.h"
#include "generate/generate.h"
#include "vectors.h"

static ocrvl_model *model;

static int set_up(void **state)
{
    (void)state;
    assert_ok(ocrvl_model_open(&model, VECTORS "tiny", err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_model_free(model);
    return 0;
}

/* Continues the case's prompt as many tokens as the case has, or draws them if temperature isn't 0. */
static ocrvl_generation run(const ocrvl_json *c, const ocrvl_ids *draft_source, float temperature)
{
    static ocrvl_account no_limit;
    ocrvl_engine e;
    ocrvl_decoder *d;
    ocrvl_generation g;
    ocrvl_pictures none = {0};
    size_t count;
    int32_t *ids = vectors_ints(ocrvl_json_get(c, "prompt"), &count);
    ocrvl_config config = model->weights->config;
    config.stop_count = 0;
    config.repetition_penalty = vectors_number(ocrvl_json_get(c, "penalty"));
    config.top_k = 0;
    ocrvl_generate_options o = {.tokenizer = model->tokenizer,
                                .config = &config,
                                .max_tokens = ocrvl_json_length(ocrvl_json_get(c, "ids")),
                                .temperature = temperature > 0 ? temperature : -1,
                                .seed = 7,
                                .unwatched = true,
                                .time = &no_limit};
    if (draft_source) {
        o.draft = OCRVL_DRAFT;
        o.draft_source = draft_source->data;
        o.draft_source_count = draft_source->len;
    }
    assert_ok(ocrvl_engine_init(&e, model->weights, NULL, err));
    assert_ok(ocrvl_decoder_new(&d, &e, &e, NULL, err));
    ocrvl_prompt prompt = {ids, count, 0};
    assert_ok(ocrvl_generate(d, &prompt, &none, &o, &g, err));
    d->free(d);
    ocrvl_engine_free(&e);
    ocrvl_free(ids);
    return g;
}

static void assert_same(const ocrvl_ids *a, const ocrvl_ids *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->data, b->data, a->len * sizeof *a->data);
}

static void as_transformers_has_it(void **state)
{
    ocrvl_json *root = vectors_json("penalty.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    (void)state;
    assert_true(ocrvl_json_length(cases) > 2);
    for (size_t i = 0; i < ocrvl_json_length(cases); i++) {
        const ocrvl_json *c = ocrvl_json_at(cases, i);
        ocrvl_ids want = {0};
        want.data = vectors_ints(ocrvl_json_get(c, "ids"), &want.len);
        ocrvl_generation g = run(c, NULL, 0), drafted = run(c, &want, 0);
        assert_same(&g.ids, &want);
        assert_same(&drafted.ids, &want);
        assert_true(2 * drafted.passes < g.passes);
        ocrvl_generation_free(&g);
        ocrvl_generation_free(&drafted);
        ocrvl_free(want.data);
    }
    ocrvl_json_free(root);
}

/* What is drawn doesn't depend on drafts, which save passes all the same. */
static void drawn_with_drafts(void **state)
{
    ocrvl_json *root = vectors_json("penalty.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    (void)state;
    for (size_t i = 0; i < ocrvl_json_length(cases); i++)
        for (int t = 1; t <= 3; t++) {
            const ocrvl_json *c = ocrvl_json_at(cases, i);
            ocrvl_generation alone = run(c, NULL, 0.7f * (float)t), drafted = run(c, &alone.ids, 0.7f * (float)t);
            assert_same(&alone.ids, &drafted.ids);
            assert_true(2 * drafted.passes < alone.passes);
            ocrvl_generation_free(&alone);
            ocrvl_generation_free(&drafted);
        }
    ocrvl_json_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_transformers_has_it), cmocka_unit_test(drawn_with_drafts)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
