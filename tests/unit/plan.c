/* What a page will take: looks and tokens as reading really uses them, costs that grow as they must. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "model/cost.h"
#include "sources.h"

static ocrvl_image *page(void) { return first_page("samples/pages/en-3.png"); }

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
    o.max_tokens = 4;
    ocrvl_page_plan plan = plan_with("tests/vectors/data/tiny", img, &o);
    assert_ok(ocrvl_model_open(&m, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_session_new(&s, m, NULL, err));
    assert_ok(ocrvl_read(s, PAGE_OF(img), &o, &read, err));
    ocrvl_page_get_info(read, &info);
    assert_int_equal(plan.visual_tokens, info.image_tokens); /* what was planned is what was done */
    assert_true(plan.tiles > 1 && (uint64_t)plan.tile_width * plan.tile_height <= 200000);
    assert_true(plan.tile_width % 28 == 0 && plan.tile_height % 28 == 0);
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
    assert_true(plan.tiles >= plan.lines && plan.lines >= 27 && plan.tile_height == 28);
    assert_true(plan.memory < 400u << 20 && plan.seconds > 0 /* how many is the machine's affair */);
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
    assert_int_equal(ocrvl_image_new(&img, 600, 800, 1, 0, 0, 0, NULL), OCRVL_OK);
    ocrvl_page_plan blank = plan_with("tests/vectors/data/tiny", img, NULL);
    assert_int_equal(blank.lines, 0);
    assert_int_equal(blank.tiles, 0);
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
    ocrvl_config c = {.width = 1536,
                      .layers = 28,
                      .heads = 12,
                      .kv_heads = 2,
                      .head_dim = 128,
                      .intermediate = 8960,
                      .vocab = 151936,
                      .v_width = 1280,
                      .v_depth = 32,
                      .v_heads = 16,
                      .v_head_dim = 80,
                      .v_mlp = 5120,
                      .patch = 14,
                      .merge = 2,
                      .temporal = 2};
    ocrvl_pass_shape s = {
        .patches = 5040, .longest = 5040, .tokens = 1300, .answer = 512, .sequences = 1, .threads = 2};
    assert_true(ocrvl_token_parameters(&c) > 1.53e9 && ocrvl_token_parameters(&c) < 1.56e9);
    double vision = ocrvl_vision_flop(&c, &s);
    assert_true(vision > 8e12 && vision < 12e12);
    s.patches = 2 * s.patches; /* two pictures of that size */
    assert_true(ocrvl_vision_flop(&c, &s) == 2 * vision);
    uint64_t before = ocrvl_pass_bytes(&c, &s);
    s.answer += 1000;
    uint64_t more = ocrvl_pass_bytes(&c, &s) - before, cache = 1000ull * 28 * 2 * 256 * 4;
    assert_true(more >= cache && more < cache + cache / 5);
}

/* ---- budgets ----------------------------------------------------------------------------------------- */

/* What reading with the planner shows the model, and the message of its warning "budget"; both as planned. */
static void read_as_planned(ocrvl_planner *p, const ocrvl_image *img, ocrvl_read_options *o, ocrvl_page_plan *plan)
{
    ocrvl_model *m;
    ocrvl_session *s;
    ocrvl_page *page;
    ocrvl_page_info info = {.size = sizeof info};
    const char *code, *message, *told = "";
    *plan = (ocrvl_page_plan){.size = sizeof *plan};
    o->max_tokens = 4;
    assert_ok(ocrvl_planner_page(p, img, o, plan, err));
    o->planner = p;
    assert_ok(ocrvl_model_open(&m, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_session_new(&s, m, NULL, err));
    assert_ok(ocrvl_read(s, PAGE_OF(img), o, &page, err));
    ocrvl_page_get_info(page, &info);
    for (uint32_t i = 0; i < info.warnings; i++) {
        ocrvl_page_warning(page, i, &code, &message);
        told = strcmp(code, "budget") == 0 ? message : told;
    }
    assert_int_equal(info.image_tokens, plan->visual_tokens);
    assert_int_equal(strncmp(told, plan->budget, 40), 0); /* seconds, further on, aren't measured twice the same */
    ocrvl_page_free(page);
    ocrvl_session_free(s);
    ocrvl_model_free(m);
}

static void memory_makes_tiles_smaller(void **state)
{
    (void)state;
    ocrvl_image *img = page();
    ocrvl_planner *p;
    ocrvl_read_options o = {.size = sizeof o};
    ocrvl_page_plan free, held;
    assert_ok(ocrvl_planner_new(&p, "tests/vectors/data/tiny", NULL, 2, err));
    assert_true(ocrvl_planner_max_pixels(p) == UINT64_MAX);
    read_as_planned(p, img, &o, &free);
    assert_int_equal(free.tiles, 1);
    assert_string_equal(free.budget, "");
    for (uint64_t mib = 1; mib <= 9; mib += 4) {
        assert_ok(ocrvl_planner_limit(p, free.memory - (mib << 20), 0, err));
        read_as_planned(p, img, &o, &held);
        assert_true(held.tiles > 1 && held.memory <= free.memory - (mib << 20));
        assert_non_null(strstr(held.budget, "MiB of memory the page was shown in pictures of at most"));
    }
    assert_ok(ocrvl_planner_limit(p, free.memory + (100u << 20), 0, err)); /* enough */
    read_as_planned(p, img, &o, &held);
    assert_int_equal(held.tiles, 1);
    assert_string_equal(held.budget, "");
    ocrvl_planner_free(p);
    ocrvl_image_free(img);
}

static void seconds_make_letters_smaller(void **state)
{
    (void)state;
    ocrvl_image *img = page();
    ocrvl_planner *p;
    ocrvl_read_options o = {.size = sizeof o};
    ocrvl_page_plan plan;
    assert_ok(ocrvl_planner_new(&p, "tests/vectors/data/tiny", NULL, 2, err));
    assert_ok(ocrvl_planner_limit(p, 0, 100000, err));
    read_as_planned(p, img, &o, &plan);
    assert_string_equal(plan.budget, "");
    uint32_t width = plan.tile_width;
    assert_ok(ocrvl_planner_limit(p, 0, 0.001, err));
    read_as_planned(p, img, &o, &plan);
    assert_true(plan.tile_width > width / 2 && plan.tile_width < width * 2 / 3); /* 6 of 10 pixels */
    assert_non_null(strstr(plan.budget, "an x 6 pixels high"));
    assert_non_null(strstr(plan.budget, "and still the page takes about"));
    o.task = "olmocr"; /* whose pages are 1288 pixels high else */
    read_as_planned(p, img, &o, &plan);
    assert_true(plan.tile_height < 800 && plan.tiles == 1);
    ocrvl_planner_free(p);
    ocrvl_image_free(img);
}

static void too_little_memory(void **state)
{
    (void)state;
    ocrvl_image *img = page();
    ocrvl_planner *p;
    ocrvl_page_plan plan = {.size = sizeof plan};
    ocrvl_error err = {0};
    static const char *const dirs[] = {"tests/vectors/data/tiny", "samples/nano"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ocrvl_planner_new(&p, dirs[i], NULL, 1, NULL), OCRVL_OK);
        assert_int_equal(ocrvl_planner_limit(p, 40 << 20, 0, &err), OCRVL_E_LIMIT);
        assert_non_null(strstr(err.message, "MiB of memory, more than the 40 MiB that there may be"));
        assert_true(ocrvl_planner_max_pixels(p) == UINT64_MAX);
        assert_int_equal(ocrvl_planner_limit(p, 300 << 20, 0, &err), OCRVL_OK);
        assert_true(ocrvl_planner_max_pixels(p) > 1u << 20 && ocrvl_planner_max_pixels(p) < 60u << 20);
        ocrvl_planner_free(p);
    }
    assert_int_equal(ocrvl_planner_new(&p, dirs[0], NULL, 1, NULL), OCRVL_OK);
    assert_int_equal(ocrvl_planner_limit(p, 70 << 20, 0, &err), OCRVL_OK); /* but not for a page of 8 million pixels */
    assert_int_equal(ocrvl_planner_page(p, img, NULL, &plan, &err), OCRVL_E_LIMIT);
    assert_non_null(strstr(err.message, "reading this page takes at least"));
    ocrvl_planner_free(p);
    ocrvl_image_free(img);
}

static void put_file(const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "mkdir -p $(dirname %s/%s)", dir, name);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void limits_of_control_groups(void **state)
{
    (void)state;
    char root[] = "/tmp/ocrvl-groups-XXXXXX", command[64];
    assert_non_null(mkdtemp(root));
    assert_true(ocrvl_machine_group_memory(root) == UINT64_MAX);
    put_file(root, "proc/self/cgroup", "0::/a/b\n");
    put_file(root, "sys/fs/cgroup/a/b/memory.max", "max\n");
    assert_true(ocrvl_machine_group_memory(root) == UINT64_MAX);
    put_file(root, "sys/fs/cgroup/a/memory.max", "3000000000\n"); /* one around it */
    assert_int_equal(ocrvl_machine_group_memory(root), 3000000000);
    put_file(root, "sys/fs/cgroup/memory.max", "2000000000\n"); /* a container sees itself as the root */
    assert_int_equal(ocrvl_machine_group_memory(root), 2000000000);
    put_file(root, "proc/self/cgroup", "12:cpu,cpuacct:/x\n5:memory:/c/d\n0::/\n"); /* both versions at once */
    put_file(root, "sys/fs/cgroup/memory/c/d/memory.limit_in_bytes", "1000000000\n");
    put_file(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assert_int_equal(ocrvl_machine_group_memory(root), 1000000000);
    assert_true(ocrvl_machine_memory() > 100 << 20 && ocrvl_machine_memory() <= ocrvl_machine_group_memory(""));
    snprintf(command, sizeof command, "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_page_model),
                                       cmocka_unit_test(a_line_reader),
                                       cmocka_unit_test(blank_and_wrong),
                                       cmocka_unit_test(costs),
                                       cmocka_unit_test(memory_makes_tiles_smaller),
                                       cmocka_unit_test(seconds_make_letters_smaller),
                                       cmocka_unit_test(too_little_memory),
                                       cmocka_unit_test(limits_of_control_groups)};
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
