/* The fine-tunes' table: how each is told by its files, what it is asked, to the letter, and what is taken from its
 * logits. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "generate/checkpoint.h"
#include "read/plan.h"
#include "read/tasks.h"
#include "testing.h"

/* Length and SHA-256 of the texts in the repositories that the prompts' heads name, taken from these. */
static void prompts_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t len;
        const char *sha256;
    } published[] = {
        {"chandra", 1827, "3cdbeed4e2b12e40455738f8106b1fc7b4bb91d326f88d32178d5c5bbb178567"},
        {"chandra-html", 1370, "f12a69225d90832fe4af0cc24c09c42fedd55620f9618b7ba4932b17d5d2fbf1"},
        {"firered", 1544, "e9ecb7425bd2acee69f034de04f431004afddf23eadadc7d73bec65724df93d5"},
        {"infinity-parser", 1288, "ff599b1e17f9d02bf58cb16ee9fe44a1e914ff0eecfed51d8d6ff6fe837d71ec"},
        {"mineru", 18, "cf973f354495660ea05698654ae6b9ddd45bc86329511b7ae29466561f571fdf"},
        {"mineru-pictures", 18, "cf973f354495660ea05698654ae6b9ddd45bc86329511b7ae29466561f571fdf"},
        {"nanonets", 586, "f8f1002a2fe8c60acff90fdf513724eea103f66e15be74d71f0dc6594ec39766"},
        {"numarkdown", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"olmocr", 557, "c12f21aca8c6c5599cea6176edd974b7ea6a05cf451497abd6370dd449db3979"},
        {"olmocr-0225", 272, "12ca07872d8dbd31e396bff2bc3e65e0afd9dbb5fdaf95e73308f3467733cfcd"},
        {"olmocr-0725", 392, "94b8c3044cf8c0c74601c8fcc27c8d7635e076e63e03709c099b36ddf5f1c8ea"},
        {"rolmocr", 91, "48b131fe1a352bb4d9ced3eaa18cab2f95c286123c12f60731402573a1055d70"},
    };
    size_t count = sizeof published / sizeof *published;
    for (size_t i = 0; i < count; i++) {
        ocrvl_task t;
        char hex[65];
        assert_true(ocrvl_task_by_name(&t, published[i].name));
        assert_int_equal(t.len, published[i].len);
        assert_ok(ocrvl_sha256_hex(hex, (const uint8_t *)t.text, t.len, err));
        assert_string_equal(hex, published[i].sha256);
    }
    for (size_t i = 0; ocrvl_profile_at(i); i++) { /* each row's prompt is one of them */
        const ocrvl_profile *row = ocrvl_profile_at(i);
        size_t found = 0, taught = 0;
        for (size_t k = 0; k < count; k++) {
            found += strcmp(published[k].name, row->task) == 0 || (row->also && !strcmp(published[k].name, row->also));
            taught += ocrvl_profile_for(row, published[k].name) == row;
        }
        assert_int_equal(found, row->also ? 2 : 1);
        assert_int_equal(taught, found);
        assert_ptr_equal(ocrvl_profile_by_name(row->name), row);
        assert_null(ocrvl_profile_for(row, NULL)->name);
    }
    assert_null(ocrvl_profile_for(NULL, "mineru")->name);
}

/* ---- how they are told -------------------------------------------------------------------------------- */

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *profile;
    } cases[] = {{"MinerU2.5-2509-1.2B", "mineru"},
                 {"MinerU2.5-Pro-2605-1.2B", "mineru"},
                 {"olmOCR-7B-0225-preview", "olmocr-0225"},
                 {"olmOCR-7B-0725", "olmocr-0725"},
                 {"olmocr-7b-0825-fp8", "olmocr-0825"},
                 {"olmOCR-2-7B-1025", "olmocr"},
                 {"RolmOCR", "rolmocr"}, /* which has olmOCR's name in it */
                 {"Nanonets-OCR-s", "nanonets"},
                 {"Nanonets-OCR2-3B", "nanonets"},
                 {"Infinity-Parser-7B", "infinity-parser"},
                 {"NuMarkdown-8B-Thinking", "numarkdown"},
                 {"FireRed-OCR-2B", "firered"},
                 {"chandra", "chandra"},
                 {"Nanonets OCR2 3B", "nanonets"}, /* as in the metadata of GGUF files */
                 {"MinerU2.5 Pro 2605 1.2B", "mineru"},
                 {"Olmocr 7B 0825", "olmocr-0825"},
                 {"infinity_parser_7b", "infinity-parser"},
                 {"FireRed OCR", "firered"},
                 {"Qwen2.5-VL-7B-Instruct", NULL},
                 {"", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ocrvl_profile *p = ocrvl_profile_of_name(cases[i].name, strlen(cases[i].name));
        if (cases[i].profile)
            assert_string_equal(p ? p->name : "", cases[i].profile);
        else
            assert_null(p);
    }
}

typedef struct file {
    const char *name, *text;
} file;

/* The row of a folder with these files, or NULL. */
static const ocrvl_profile *told(const char *name, const file *files, size_t count, const ocrvl_config *c)
{
    char dir[] = "/tmp/ocrvl-profiles-XXXXXX", path[200];
    const ocrvl_profile *p;
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_true(fputs(files[i].text, f) >= 0 && fclose(f) == 0);
    }
    assert_ok(ocrvl_profile_find(&p, dir, name, c, err));
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
        unlink(path);
    }
    rmdir(dir);
    return p;
}

static void files(void **state)
{
    (void)state;
    static const char quantised[] = "---\nlicense: mit\nbase_model:\n- infly/Infinity-Parser-7B\ndatasets:\n"
                                    "- allenai/olmOCR-mix-0225\n---\ntext\n# Weights\n";
    static const struct {
        const char *name;
        file f;
        const char *profile;
    } cases[] = {{"my-model", {"config.json", "{\"_name_or_path\": \"allenai/olmOCR-2-7B-1025\"}"}, "olmocr"},
                 {"my-model", {"config.json", "{\"_name_or_path\": 7}"}, NULL},
                 {"my-model", {"config.json", "{"}, NULL},
                 {"my-model", {"README.md", "<img src=chandra.png>\n# NuMarkdown-8B\n# RolmOCR\n"}, "numarkdown"},
                 {"my-model", {"README.md", "---\ntags:\n- chandra\n---\nlike Chandra\n"}, NULL},
                 {"my-model", {"README.md", "---\nbase_model: opendatalab/MinerU2.5-2509-1.2B"}, "mineru"},
                 {"my-model", {"README.md", quantised}, "infinity-parser"},
                 {"my-model", {"tokenizer_config.json", "{\"x\": \"<|rotate_up|>\"}"}, "mineru"},
                 {"my-model", {"tokenizer.json", "{\"added_tokens\": [{\"content\": \"<|rotate_up|>\"}]}"}, "mineru"},
                 {"my-model", {"tokenizer.json", "{\"added_tokens\": []}"}, NULL},
                 {"RolmOCR-int8", {"README.md", "# olmOCR-2-7B-1025\n"}, "rolmocr"}}; /* its own name goes first */
    ocrvl_config c = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ocrvl_profile *p = told(cases[i].name, &cases[i].f, 1, &c);
        assert_string_equal(p ? p->name : "none", cases[i].profile ? cases[i].profile : "none");
    }
    c.profile = ocrvl_strdup("chandra"); /* ocrvl.json goes before all */
    assert_string_equal(told("RolmOCR", NULL, 0, &c)->name, "chandra");
    ocrvl_free(c.profile);
    c.profile = ocrvl_strdup("shandra");
    const ocrvl_profile *p;
    ocrvl_error err;
    assert_int_equal(ocrvl_profile_find(&p, "folder", "RolmOCR", &c, &err), OCRVL_E_MODEL);
    assert_string_equal(err.message, "folder/ocrvl.json: profile \"shandra\" doesn't exist");
    ocrvl_free(c.profile);
    c = (ocrvl_config){.no_profile = true};
    assert_null(told("RolmOCR", NULL, 0, &c));
    c = (ocrvl_config){.line_reader = true};
    assert_null(told("RolmOCR", NULL, 0, &c));
}

/* ---- what is made of them ----------------------------------------------------------------------------- */

static void what_is_asked(void **state)
{
    (void)state;
    ocrvl_read_options o = {.size = sizeof o};
    ocrvl_config c = {.context = 128000};
    ocrvl_task t;
    const ocrvl_profile *p = ocrvl_profile_by_name("infinity-parser");
    assert_ok(ocrvl_task_choose(&t, &o, &c, p, err));
    assert_string_equal(t.name, "infinity-parser");
    ocrvl_tile_limits l = ocrvl_plan_limits(&t, &o, &c, p);
    assert_true(l.min_pixels == 256 * 28 * 28 && l.max_pixels == 2304 * 28 * 28 && l.answer_tokens == 8192);
    const ocrvl_profile *wordless = ocrvl_profile_by_name("numarkdown");
    ocrvl_read_options none = {.size = sizeof none};
    assert_ok(ocrvl_task_choose(&t, &none, &c, wordless, err));
    l = ocrvl_plan_limits(&t, &none, &c, wordless);
    assert_true(l.min_pixels == 100 * 28 * 28 && l.max_pixels == 5000 * 28 * 28);
    assert_ok(ocrvl_task_choose(&t, &o, &c, p, err));
    o.max_pixels = 1000;
    o.max_tokens = 10;
    l = ocrvl_plan_limits(&t, &o, &c, p);
    assert_true(l.max_pixels == 1000 && l.answer_tokens == 10);
    o = (ocrvl_read_options){.size = sizeof o, .task = "markdown"}; /* a prompt that it wasn't taught has none of it */
    assert_ok(ocrvl_task_choose(&t, &o, &c, p, err));
    l = ocrvl_plan_limits(&t, &o, &c, p);
    assert_true(l.max_pixels == 0 && l.answer_tokens == OCRVL_PAGE_ANSWER);
    o.task = NULL;
    c.task = ocrvl_strdup("forms");
    assert_ok(ocrvl_task_choose(&t, &o, &c, p, err));
    assert_string_equal(t.name, "forms");
    ocrvl_free(c.task);
    c.task = NULL;
    assert_ok(ocrvl_task_choose(&t, &o, &c, NULL, err));
    assert_string_equal(t.name, "text");
}

/* Tokens said so far lose 1 and half a point for each time; 3, 4, 5 can't be followed by 6 once more. */
static void penalties(void **state)
{
    (void)state;
    static const float logits[8] = {5, 4.2f, 3.4f, 0, 0, 0, 9, 0};
    static const int32_t said[] = {3, 4, 5, 6, 0, 3, 4, 5};
    static const struct {
        size_t count;
        int32_t want;
        ocrvl_penalties p;
    } cases[] = {{8, 6, {0, 0, 0}},   {8, 0, {0, 0, 4}},   /* 6 is ruled out */
                 {8, 6, {0, 0, 5}},   {8, 6, {1, 0.5, 0}}, /* 9 - 1.5 */
                 {8, 1, {1, 0.5, 4}},                      /* 5 - 1.5 is less than 4.2 */
                 {4, 0, {4, 0.5, 0}},                      /* 9 - 4.5 is less than 5 */
                 {8, 1, {5, 0.5, 0}}, {0, 6, {4, 4, 4}}};
    const ocrvl_config c = {.repetition_penalty = 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_sampler s;
        int32_t id;
        ocrvl_sampler_init(&s, &c, -1, 0);
        s.penalties = cases[i].p;
        assert_ok(ocrvl_sample(&s, logits, 8, said, cases[i].count, &id, err));
        assert_int_equal(id, cases[i].want);
        ocrvl_sampler_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prompts_to_the_letter), cmocka_unit_test(names),
                                       cmocka_unit_test(files), cmocka_unit_test(what_is_asked),
                                       cmocka_unit_test(penalties)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
