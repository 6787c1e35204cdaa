/* What a page will take: looks and tokens as reading really uses them, costs that grow as they must. */
#include <string.h>

#include "model/cost.h"
#include "ocrvl_formats.h"
#include "testing.h"

static ocrvl_image *page(void)
{
    ocrvl_source *src;
    ocrvl_image *img;
    ocrvl_page_place place = {.size = sizeof place};
    assert_ok(ocrvl_source_open(&src, "samples/pages/en-3.png", NULL, err));
    assert_ok(ocrvl_source_next(src, &img, &place, err));
    ocrvl_source_free(src);
    return img;
}

static ocrvl_page_plan plan_with(const char *dir, const ocrvl_image *img, const ocrvl_read_options *o)
{
    ocrvl_planner *p;
    ocrvl_page_plan plan = {.size = sizeof plan};
    assert_ok(ocrvl_planner_new(&p, dir, NULL, 2, err));
    assert_ok(ocrvl_planner_page(p, img, o, &plan, err));
    ocrvl_planner_free(p);
    return plan;
}

static void a_page_model(void **state)
{
    (void)state;
    ocrvl_image *img = page();
    ocrvl_model *m;
    ocrvl_session *s;
    ocrvl_page *read;
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_read_options o = {.size = sizeof o, .max_pixels = 200000};
    o.limits.max_tokens = 4;
    ocrvl_page_plan plan = plan_with("tests/vectors/data/tiny", img, &o);
    assert_ok(ocrvl_model_open(&m, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_session_new(&s, m, NULL, err));
    assert_ok(ocrvl_read(s, img, &o, &read, err));
    ocrvl_page_get_info(read, &info);
    assert_int_equal(plan.visual_tokens, info.image_tokens); /* what was planned is what was done */
    assert_true(plan.looks > 1 && (uint64_t)plan.look_width * plan.look_height <= 200000);
    assert_true(plan.look_width % 28 == 0 && plan.look_height % 28 == 0);
    assert_true(plan.x_height > 15 && plan.x_height < 40 && plan.lines >= 27);
    assert_true(plan.seconds > 0 && plan.memory > (uint64_t)plan.width * plan.height);
    ocrvl_page_free(read);
    ocrvl_session_free(s);
    ocrvl_model_free(m);
    ocrvl_image_free(img);
}

static void a_line_reader(void **state)
{
    (void)state;
    ocrvl_image *img = page();
    ocrvl_page_plan plan = plan_with("samples/nano", img, NULL);
    assert_true(plan.looks >= plan.lines && plan.lines >= 27 && plan.look_height == 28);
    assert_true(plan.memory < 400u << 20 && plan.seconds < 60);
    ocrvl_image_free(img);
}

static void blank_and_wrong(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_planner *p;
    ocrvl_page_plan plan = {.size = sizeof plan};
    ocrvl_read_options o = {.size = sizeof o, .task = "no such task"};
    ocrvl_error err = {0};
    assert_int_equal(ocrvl_image_new(&img, 600, 800, 1, 0, 0, NULL, NULL), OCRVL_OK);
    ocrvl_page_plan blank = plan_with("tests/vectors/data/tiny", img, NULL);
    assert_int_equal(blank.lines, 0);
    assert_int_equal(blank.looks, 0);
    assert_int_equal(blank.visual_tokens, 0);
    ocrvl_image_free(img);
    img = page();
    assert_int_equal(ocrvl_planner_new(&p, "tests/vectors/data/tiny", NULL, 1, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_planner_page(p, img, &o, &plan, &err), OCRVL_E_ARG);
    assert_non_null(strstr(err.message, "no such task"));
    ocrvl_planner_free(p);
    assert_int_not_equal(ocrvl_planner_new(&p, "samples", NULL, 1, NULL), OCRVL_OK);
    ocrvl_image_free(img);
}

/* The published 2B: counts that can be reckoned by hand. */
static void costs(void **state)
{
    (void)state;
    ocrvl_config c = {.width = 1536, .layers = 28, .heads = 12, .kv_heads = 2, .head_dim = 128, .intermediate = 8960,
                      .vocab = 151936, .v_width = 1280, .v_depth = 32, .v_heads = 16, .v_head_dim = 80, .v_mlp = 5120,
                      .patch = 14, .merge = 2, .temporal = 2};
    ocrvl_pass_shape s = {.patches = 5040, .longest = 5040, .tokens = 1300, .answer = 512, .sequences = 1, .threads = 2};
    assert_true(ocrvl_token_parameters(&c) > 1.53e9 && ocrvl_token_parameters(&c) < 1.56e9);
    double vision = ocrvl_vision_flop(&c, &s);
    assert_true(vision > 8e12 && vision < 12e12);
    s.patches = 2 * s.patches; /* two pictures of that size */
    assert_true(ocrvl_vision_flop(&c, &s) == 2 * vision);
    uint64_t bytes = ocrvl_pass_bytes(&c, &s);
    s.answer += 1000;
    uint64_t more = ocrvl_pass_bytes(&c, &s) - bytes, cache = 1000ull * 28 * 2 * 256 * 4;
    assert_true(more >= cache && more < cache + cache / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_page_model), cmocka_unit_test(a_line_reader),
                                       cmocka_unit_test(blank_and_wrong), cmocka_unit_test(costs)};
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
