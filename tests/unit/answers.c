/* What fine-tunes answer about a page, played by a script in the shape that their makers document, and what comes of it
 * in the result. */
#include <string.h>

#include "base/mem.h"
#include "ocrvl_formats.h"
#include "read/html_blocks.h"
#include "read/thinking.h"
#include "scene.h"

static ocrvl_model *big;
static ocrvl_image *image; /* 2550 x 3300 */

static int set_up(void **state)
{
    ocrvl_source *src;
    ocrvl_page_place place = {.size = sizeof place};
    (void)state;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_source_open(&src, "samples/pages/en-3.png", NULL, err));
    assert_ok(ocrvl_source_next(src, &image, &place, err));
    ocrvl_source_free(src);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_image_free(image);
    ocrvl_model_free(big);
    return 0;
}

/* The page as a fine-tune reads it that gives these answers. */
static ocrvl_page *read_as(const char *profile, const char *const *answers)
{
    ocrvl_session *session;
    ocrvl_page *page;
    ocrvl_read_options o = {.size = sizeof o, .no_drafts = true};
    big->profile = ocrvl_profile_by_name(profile);
    assert_non_null(big->profile);
    assert_ok(ocrvl_session_new(&session, big, NULL, err));
    scene_begin(session, answers);
    assert_ok(ocrvl_read(session, PAGE_OF(image), &o, &page, err));
    ocrvl_session_free(session);
    return page;
}

typedef struct block {
    ocrvl_role role;
    uint32_t level;
    const char *text;
    ocrvl_box box; /* by the model; all zero: not looked at */
} block;

static void check_blocks(const ocrvl_page *page, const block *want, size_t count)
{
    const ocrvl_node *n = ocrvl_page_first(page);
    for (size_t i = 0; i < count; i++, n = ocrvl_node_next(n)) {
        ocrvl_node_info k = {.size = sizeof k};
        assert_non_null(n);
        ocrvl_node_get_info(n, &k);
        assert_string_equal(k.text, want[i].text);
        assert_int_equal(k.role, want[i].role);
        assert_int_equal(k.level, want[i].level);
        if (want[i].box.x1) {
            assert_memory_equal(&k.box, &want[i].box, sizeof k.box);
            assert_int_equal(k.origin, OCRVL_ORIGIN_MODEL);
        }
    }
    assert_null(n);
}

static size_t warnings(const ocrvl_page *page, const char *code, const char *part)
{
    ocrvl_page_info info = {.size = sizeof info};
    const char *c, *m;
    size_t n = 0;
    ocrvl_page_get_info(page, &info);
    for (uint32_t i = 0; i < info.warnings; i++) {
        ocrvl_page_warning(page, i, &c, &m);
        n += strcmp(c, code) == 0 && strstr(m, part) != NULL;
    }
    return n;
}

static void end(ocrvl_page *page)
{
    ocrvl_page_free(page);
    scene_end();
}

/* ---- Chandra ----------------------------------------------------------------------------------------- */

static void chandra(void **state)
{
    (void)state;
    static const char answer[] =
        "<div data-bbox=\"102 20 512 41\" data-label=\"Page-Header\">The * Weekly_News</div>\n"
        "<div data-bbox=\"[102, 61, 922, 82]\" data-label=\"Section-Header\"><h1>1. On\n Whales</h1></div>\n"
        "<div data-bbox=\"102 102 922 205\" data-label=\"Text\"><p>Call me <i>Ishmael</i>: <math>a &lt; b^2</math>, "
        "50&nbsp;$ and\nso on.</p><p>- 2 | 3</p></div>\n"
        "<div data-bbox=\"102 205 512 410\" data-label=\"Image\"><img alt=\"A <whale> in the sea\"/></div>\n"
        "<div data-bbox=\"512 205 922 410\" data-label=\"Figure\"></div>\n"
        "<div data-bbox=\"102 420 922 440\" data-label=\"Caption\"><p>What it shows</p></div>\n"
        "<div data-bbox=\"102 441 922 461\" data-label=\"Equation-Block\"><math display=\"block\">e = "
        "mc^2</math></div>\n"
        "<div data-bbox=\"102 462 922 482\" data-label=\"Equation-Block\">x &gt; 1</div>\n"
        "<div data-bbox=\"102 483 922 512\" data-label=\"List-Group\"><ul><li>one</li><li># two</li></ul></div>\n"
        "<div data-bbox=\"102 512 922 614\" data-label=\"Table\"><table><tr><th>a</th><th>b*</th></tr>\n"
        "<tr><td colspan=\"2\"><math>x_1</math></td></tr></table></div>\n"
        "<div data-bbox=\"102 615 922 655\" data-label=\"Form\"><p><input type=\"checkbox\" checked/> Yes "
        "<input type=\"checkbox\"/> No</p></div>\n"
        "<div data-bbox=\"102 656 922 700\" data-label=\"Code-Block\"><pre><code>if a &lt; b:\n    # "
        "1\n</code></pre></div>\n"
        "<div data-bbox=\"102 701 922 2000\" data-label=\"Footnote\"><p>A note</p></div>\n"
        "<div data-label=\"Text\">Nowhere</div>\n"
        "<div data-bbox=\"500 1000 520 1020\" data-label=\"Page-Footer\">12</div>";
    static const char *const answers[] = {answer, NULL};
    static const block want[] = {
        {OCRVL_ROLE_HEADER, 0, "The * Weekly_News", {254, 64, 1275, 132}},
        {OCRVL_ROLE_HEADING, 1, "1. On Whales", {254, 196, 2295, 264}},
        {OCRVL_ROLE_PARAGRAPH, 0, "Call me Ishmael: $a < b^2$, 50 $ and so on.", {254, 328, 2295, 660}},
        {OCRVL_ROLE_PARAGRAPH, 0, "- 2 | 3", {254, 328, 2295, 660}},
        {OCRVL_ROLE_FIGURE, 0, "A <whale> in the sea", {254, 660, 1275, 1321}},
        {OCRVL_ROLE_FIGURE, 0, "", {1275, 660, 2295, 1321}},
        {OCRVL_ROLE_CAPTION, 0, "What it shows", {254, 1353, 2295, 1417}},
        {OCRVL_ROLE_FORMULA, 0, "e = mc^2", {254, 1421, 2295, 1485}},
        {OCRVL_ROLE_FORMULA, 0, "x > 1", {254, 1488, 2295, 1553}},
        {OCRVL_ROLE_LIST_ITEM, 0, "one", {0}},
        {OCRVL_ROLE_LIST_ITEM, 0, "# two", {0}},
        {OCRVL_ROLE_TABLE, 0, "a\tb*\n$x_1$", {254, 1650, 2295, 1978}},
        {OCRVL_ROLE_FORM_FIELD, 0, "\u2611 Yes \u2610 No", {254, 1981, 2295, 2110}},
        {OCRVL_ROLE_CODE, 0, "if a < b:\n    # 1", {254, 2114, 2295, 2255}},
        {OCRVL_ROLE_FOOTNOTE, 0, "A note", {0}},
        {OCRVL_ROLE_PARAGRAPH, 0, "Nowhere", {0}},
        {OCRVL_ROLE_PAGE_NUMBER, 0, "12", {1245, 3222, 1294, 3287}},
    };
    ocrvl_page *page = read_as("chandra", answers);
    assert_non_null(strstr(now.prompts[0], "OCR this image to HTML, arranged as layout blocks."));
    check_blocks(page, want, sizeof want / sizeof *want);
    assert_int_equal(warnings(page, "layout", "2 blocks without a box"), 1);
    end(page);
}

/* HTML as it may come: cut, nested, false. */
static void html(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *markup;
        size_t regions, bad;
    } cases[] = {
        {"plain _text_", "plain &#95;text&#95;", 0, 0},
        {"<p>a</p>", "<p>a</p>", 0, 0},
        {"<div data-bbox='0 0 9 9'>a<div>b</div>c</div>", "\n\na\n\nb\n\nc\n\n", 1, 0},
        {"<div data-bbox='0 0 9 9' data-label='Text'>cut", "\n\ncut\n\n", 1, 0},
        {"<div data-bbox='0 0 9 9' data-label='Text'><math>x", "\n\n$x$\n\n", 1, 0},
        {"<div data-bbox='9 9 9 9' data-label='Text'>a</div>", "\n\na\n\n", 1, 1},
        {"<div data-bbox='0 0 9999999 9' data-label='Text'>a</div>", "\n\na\n\n", 1, 1},
        {"<div data-bbox='0 0 9 9 9' data-label='Text'>a</div>", "\n\na\n\n", 1, 1},
        {"<div data-bbox='0 0 9 1025' data-label='Text'>a</div>", "\n\na\n\n", 1, 1},
        {"<div data-bbox='-1 0 9 9' data-label='Text'>a</div>", "\n\na\n\n", 1, 1},
        {"<div data-bbox='9 12.5 3 1' data-label='Text'>a</div>", "\n\na\n\n", 1, 0},
        {"<div data-bbox='0 0 9 9' data-label='Text'></div>", "\n\n\n\n", 0, 0},
        {"</div></math><math></pre>", "$&lt;/pre>$", 0, 0},
        {"<a href=\"x", "<a href=\"x", 0, 0},
        {"&#42; &lt; &no", "&#42; &lt; &no", 0, 0},
        {"<math>&amp;&#955;&#x3BB;&bad;&#10;</math>", "$&\u03bb\u03bb&bad;&#10;$", 0, 0},
        {"<img data-alt='no' alt='yes'>", "\n\n<img alt=\"yes\">\n\n", 0, 0},
        {"<div data-bbox = '0 0 9 9' data-label=Text>a 1 < 2 or 3 > 2</div>", "\n\na 1 < 2 or 3 &#62; 2\n\n", 1, 0},
        {"<input value=\"3*\"><input>", "3&#42;", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i].answer), bad = 0;
        ocrvl_transcript t = {ocrvl_strdup(cases[i].answer), n, ocrvl_alloc_array(n + 1, sizeof(float))}, out = {0};
        ocrvl_model_regions r = {0};
        assert_ok(ocrvl_html_blocks(&t, 1000, 700, &out, &r, &bad, err));
        if (strcmp(cases[i].answer, "</div></math><math></pre>") != 0)
            assert_string_equal(out.text, cases[i].markup);
        assert_int_equal(r.count, cases[i].regions);
        assert_int_equal(bad, cases[i].bad);
        ocrvl_model_regions_free(&r);
        ocrvl_transcript_free(&t);
        ocrvl_transcript_free(&out);
    }
}

/* ---- NuMarkdown -------------------------------------------------------------------------------------- */

static void thinking(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *text, *thought;
        bool unfinished, begun;
    } cases[] = {
        {"<think>\nIt has\na table.\n</think>\n<answer>\n# T\n</answer>", "# T\n", "It has\na table.", false, false},
        {" <think>a</think>b", "b", "a", false, false},
        {"<think>a</think><answer>b", "b", "a", false, false},
        {"<think>a", "", "a", true, false},
        {"<think></think>", "", "", false, false},
        {"b <think>a</think>", "b <think>a</think>", "", false, false},
        {"", "", "", false, false},
        {"\na\n</think>\n\nb", "b", "a", false, true}, /* by the prompt, as of Qwen3-VL's Thinking */
        {"<think>a</think>b", "b", "a", false, true},
        {"a", "", "a", true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i].answer);
        ocrvl_transcript t = {ocrvl_strdup(cases[i].answer), n, ocrvl_alloc_array(n + 1, sizeof(float))};
        ocrvl_buf thought = {0};
        bool unfinished = false;
        for (size_t k = 0; k < n; k++)
            t.logprob[k] = -(float)k;
        assert_ok(ocrvl_cut_thinking(&t, cases[i].begun, &thought, &unfinished, err));
        assert_string_equal(t.text, cases[i].text);
        assert_int_equal(t.len, strlen(t.text));
        assert_string_equal(thought.data ? thought.data : "", cases[i].thought);
        assert_int_equal(unfinished, cases[i].unfinished);
        if (t.len) /* each byte keeps the probability of its token */
            assert_int_equal(cases[i].answer[(size_t)-t.logprob[0]], t.text[0]);
        ocrvl_buf_free(&thought);
        ocrvl_transcript_free(&t);
    }
    static const char *const answers[] = {"<think>\n1. A heading.\n2. A table.\n</think>\n<answer>\n# Prices\n\n| a | "
                                          "b |\n|---|---|\n| 1 | 2 |\n</answer>",
                                          NULL};
    static const block want[] = {{OCRVL_ROLE_HEADING, 1, "Prices", {0}}, {OCRVL_ROLE_TABLE, 0, "a\tb\n1\t2", {0}}};
    ocrvl_page *page = read_as("numarkdown", answers);
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    assert_string_equal(info.thinking, "1. A heading.\n2. A table.");
    assert_non_null(strstr(now.prompts[0], "<|vision_end|><|im_end|>")); /* not a word */
    check_blocks(page, want, 2);
    end(page);
    static const char *const endless[] = {"<think>\nWell", NULL};
    page = read_as("numarkdown", endless);
    check_blocks(page, NULL, 0);
    assert_int_equal(warnings(page, "thinking", "still thinking"), 1);
    end(page);
}

/* ---- Nanonets-OCR ------------------------------------------------------------------------------------ */

static void nanonets(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "<watermark>COPY</watermark>\n\n# Lease\n\n\u2611 Paid \u2610 Due \u2612 Void\n\n"
        "<img>A round logo</img>\n\n<signature>J. Doe</signature>\n\n"
        "<table><tr><th>Fee</th></tr><tr><td>$5</td></tr></table>\n\n"
        "$$\na = b\n$$\n\n<page_number>9/22</page_number>",
        NULL};
    static const block want[] = {{OCRVL_ROLE_OTHER, 0, "COPY", {0}},
                                 {OCRVL_ROLE_HEADING, 1, "Lease", {0}},
                                 {OCRVL_ROLE_FORM_FIELD, 0, "\u2611 Paid \u2610 Due \u2612 Void", {0}},
                                 {OCRVL_ROLE_FIGURE, 0, "A round logo", {0}},
                                 {OCRVL_ROLE_OTHER, 0, "J. Doe", {0}},
                                 {OCRVL_ROLE_TABLE, 0, "Fee\n$5", {0}},
                                 {OCRVL_ROLE_FORMULA, 0, "a = b", {0}},
                                 {OCRVL_ROLE_PAGE_NUMBER, 0, "9/22", {0}}};
    ocrvl_page *page = read_as("nanonets", answers);
    check_blocks(page, want, sizeof want / sizeof *want);
    end(page);
}

/* ---- olmOCR ------------------------------------------------------------------------------------------ */

#define HEAD(valid, turn)                                                                                              \
    "---\nprimary_language: en\nis_rotation_valid: " valid "\nrotation_correction: " turn                              \
    "\nis_table: False\nis_diagram: False\n---\n"

static void olmocr(void **state)
{
    (void)state;
    static const char *const upright[] = {HEAD("True", "0") "One", NULL};
    static const char *const turned[] = {HEAD("False", "90") "nothing", HEAD("True", "0") "Two words", NULL};
    static const char *const undecided[] = {HEAD("False", "180") "a", HEAD("False", "180") "b", HEAD("False", "90") "c",
                                            HEAD("False", "90") "d", NULL};
    static const block one[] = {{OCRVL_ROLE_PARAGRAPH, 0, "One", {0}}},
                       two[] = {{OCRVL_ROLE_PARAGRAPH, 0, "Two words", {0}}},
                       last[] = {{OCRVL_ROLE_PARAGRAPH, 0, "d", {0}}};
    ocrvl_page *page = read_as("olmocr", upright);
    ocrvl_page_info info = {.size = sizeof info};
    check_blocks(page, one, 1);
    ocrvl_page_get_info(page, &info);
    assert_string_equal(info.markdown, "One");
    assert_int_equal(now.next, 1);
    assert_int_equal(warnings(page, "rotation", ""), 0);
    end(page);
    page = read_as("olmocr", turned);
    check_blocks(page, two, 1);
    assert_int_equal(now.next, 2);
    assert_true(now.patches[0] == now.patches[1]);
    assert_int_equal(warnings(page, "rotation", "turned by 270 degrees clockwise"), 1);
    end(page);
    page = read_as("olmocr", undecided); /* three more times, and then the last answer holds */
    check_blocks(page, last, 1);
    assert_int_equal(now.next, 4);
    assert_int_equal(warnings(page, "rotation", "turned by 270 degrees clockwise"), 1);
    end(page);
    static const char *const json[] = {
        "{\"is_rotation_valid\":false,\"rotation_correction\":90,\"natural_text\":\"\"}",
        "{\"is_rotation_valid\":true,\"rotation_correction\":0,\"natural_text\":\"One\"}", NULL};
    page = read_as("olmocr-0225", json);
    check_blocks(page, one, 1);
    assert_int_equal(now.next, 2);
    assert_int_equal(warnings(page, "rotation", "turned by 90 degrees clockwise"), 1);
    end(page);
}

/* ---- how far it is ----------------------------------------------------------------------------------- */

typedef struct told {
    size_t times;
    double last;
} told;

static void note(void *user, double part)
{
    told *t = user;
    assert_true(part > 0 && part <= 1 && part > t->last);
    t->last = part;
    t->times++;
}

static void progress(void **state)
{
    (void)state;
    told t = {0};
    ocrvl_session *session;
    ocrvl_page *page;
    ocrvl_read_options o = {
        .size = sizeof o, .max_pixels = 60000, .max_tokens = 2, .task = "olmocr", .on_prompt = note, .user = &t};
    big->profile = NULL;
    assert_ok(ocrvl_session_new(&session, big, NULL, err));
    assert_ok(ocrvl_read(session, PAGE_OF(image), &o, &page, err));
    assert_true(t.times >= big->weights->config.v_depth + big->weights->config.layers);
    assert_true(t.last == 1);
    ocrvl_page_free(page);
    ocrvl_session_free(session);
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

static void markdown(void **state)
{
    (void)state;
    static const char *const fenced[] = {"```markdown\n# T\n\n| a |\n|---|\n| b |\n\n$$x$$\n```", NULL};
    static const char *const tables[] = {"# T\n\n<table><tr><td>a</td></tr><tr><td>b</td></tr></table>\n\n\\[x\\]",
                                         NULL};
    static const char *const plain[] = {"T\n\na and b", NULL};
    static const block all[] = {{OCRVL_ROLE_HEADING, 1, "T", {0}},
                                {OCRVL_ROLE_TABLE, 0, "a\nb", {0}},
                                {OCRVL_ROLE_FORMULA, 0, "x", {0}}},
                       text[] = {{OCRVL_ROLE_PARAGRAPH, 0, "T", {0}}, {OCRVL_ROLE_PARAGRAPH, 0, "a and b", {0}}};
    ocrvl_page *page = read_as("infinity-parser", fenced);
    assert_non_null(strstr(now.prompts[0], "Please convert the image document into Markdown format, strictly"));
    assert_non_null(strstr(now.prompts[0], "consistency in the conversion.\n<|im_end|>"));
    check_blocks(page, all, 3);
    end(page);
    page = read_as("firered", tables);
    check_blocks(page, all, 3);
    end(page);
    page = read_as("rolmocr", plain);
    assert_non_null(strstr(now.prompts[0], "reading it naturally.\n<|im_end|>"));
    check_blocks(page, text, 2);
    end(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chandra),  cmocka_unit_test(html),   cmocka_unit_test(thinking),
                                       cmocka_unit_test(nanonets), cmocka_unit_test(olmocr), cmocka_unit_test(markdown),
                                       cmocka_unit_test(progress)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
