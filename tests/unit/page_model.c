/* Reading a whole page with a page model: a script plays what a big model would write about a sample page, right or
 * wrong, and what comes of it is compared with the page's truth. The tiny checkpoint lends its tokenizer, nano reads
 * the lines. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "scripted.h"
#include "sources.h"

#define PAGE "samples/pages/en-3"

static ocrvl_model *big, *nano;
static ocrvl_image *image;
static ocrvl_json *truth;

static ocrvl_page *read_script(script *s, const char *text, size_t len, const ocrvl_read_options *given)
{
    ocrvl_session *session;
    ocrvl_session_options o = {.size = sizeof o, .line_model = nano};
    ocrvl_read_options none = {.size = sizeof none};
    ocrvl_page *page;
    assert_ok(ocrvl_session_new(&session, big, &o, err));
    script_play(s, session, big, text, len);
    assert_ok(ocrvl_read(session, PAGE_OF(image), given ? given : &none, &page, err));
    assert_non_null(strstr(s->prompt.data, "<|vision_start|><|image_pad|><|vision_end|>"));
    ocrvl_session_free(session);
    script_free(s);
    return page;
}

/* ---- the page ---------------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_model_open(&nano, "samples/nano", err));
    image = first_page(PAGE ".png");
    assert_ok(ocrvl_json_load(&truth, PAGE ".json", 1 << 24, err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocrvl_json_free(truth);
    ocrvl_image_free(image);
    ocrvl_model_free(nano);
    ocrvl_model_free(big);
    return 0;
}

static size_t line_count(void) { return ocrvl_json_length(ocrvl_json_get(truth, "lines")); }

static const char *line_text(size_t i)
{
    const char *s = ocrvl_json_string(ocrvl_json_get(ocrvl_json_at(ocrvl_json_get(truth, "lines"), i), "text"), NULL);
    assert_non_null(s);
    return s;
}

static int64_t edge(size_t line, const char *key)
{
    int64_t n;
    assert_true(ocrvl_json_int(ocrvl_json_get(ocrvl_json_at(ocrvl_json_get(truth, "lines"), line), key), &n));
    return n;
}

/* Warnings of a code whose message holds a text. */
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

typedef struct tally {
    size_t words, boxed, right;
} tally;

/* Counts words, those with boxes, and those whose box's middle lies in the truth's line that holds the word. */
static void count_words(const ocrvl_node *n, tally *t)
{
    for (; n; n = ocrvl_node_next(n)) {
        ocrvl_node_info w = {.size = sizeof w};
        ocrvl_node_get_info(n, &w);
        if (w.kind != OCRVL_WORD) {
            count_words(ocrvl_node_first(n), t);
            continue;
        }
        int32_t x = (w.box.x0 + w.box.x1) / 2, y = (w.box.y0 + w.box.y1) / 2;
        bool right = false;
        for (size_t i = 0; i < line_count() && !right; i++)
            right = x >= edge(i, "x0") && x < edge(i, "x1") && y >= edge(i, "y0") && y < edge(i, "y1") &&
                    strstr(line_text(i), w.text) != NULL;
        t->words++;
        t->boxed += w.origin == OCRVL_ORIGIN_ALIGNED;
        t->right += right;
        assert_true(w.confidence > 0.9f && w.confidence <= 1);
    }
}

static void the_truth_stands_on_its_lines(void **state)
{
    (void)state;
    ocrvl_buf text = {0};
    script s = {0};
    tally t = {0};
    for (size_t i = 0; i < line_count(); i++)
        ocrvl_buf_printf(&text, "%s\n", line_text(i));
    ocrvl_page *page = read_script(&s, text.data, text.len, NULL);
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    assert_int_equal(info.status, OCRVL_PAGE_OK);
    assert_int_equal(s.pictures, 1);
    print_message("# %.2f tokens a pass with the line reader's drafts\n",
                  (double)info.output_tokens / (double)info.passes);
    assert_true(info.output_tokens > 3 * info.passes);
    count_words(ocrvl_page_first(page), &t);
    assert_true(t.words > 200);
    assert_true(100 * t.boxed >= 98 * t.words);
    assert_true(100 * t.right >= 98 * t.words);
    assert_true(warnings(page, "unsupported", "") <= 2); /* the line reader's own errors: under 1 % of the words */
    assert_int_equal(warnings(page, "unread", ""), 0);
    ocrvl_page_free(page);
    ocrvl_buf_free(&text);
}

static void inventions_and_gaps_are_reported(void **state)
{
    (void)state;
    static const char invented[] = "Quarterly revenue exceeded all expectations in Luxembourg";
    ocrvl_buf text = {0};
    script s = {0};
    for (size_t i = 0; i < line_count(); i++) {
        if (i == 9)
            ocrvl_buf_printf(&text, "%s\n", invented);
        else
            ocrvl_buf_printf(&text, "%s\n", line_text(i));
    }
    ocrvl_read_options o = {.size = sizeof o, .strict = true};
    ocrvl_page *page = read_script(&s, text.data, text.len, &o);
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    assert_int_equal(info.status, OCRVL_PAGE_PARTIAL);
    assert_true(warnings(page, "unsupported", "Quarterly") == 1);
    assert_true(warnings(page, "unread", "no text for the line") >= 1);
    ocrvl_page_free(page);
    ocrvl_buf_free(&text);
}

static void markdown_becomes_blocks(void **state)
{
    (void)state;
    ocrvl_buf text = {0};
    script s = {0};
    ocrvl_buf_printf(&text, "# %s\n\n%s\n%s\n\n<table><tr><td>%s</td><td>%s</td></tr></table>\n", line_text(0),
                     line_text(1), line_text(2), line_text(3), line_text(4));
    ocrvl_read_options o = {.size = sizeof o, .task = "markdown"};
    ocrvl_page *page = read_script(&s, text.data, text.len, &o);
    ocrvl_node_info info = {.size = sizeof info};
    const ocrvl_node *n = ocrvl_page_first(page);
    ocrvl_node_get_info(n, &info);
    assert_int_equal(info.role, OCRVL_ROLE_HEADING);
    assert_string_equal(info.text, line_text(0));
    n = ocrvl_node_next(n);
    ocrvl_node_get_info(n, &info);
    assert_int_equal(info.role, OCRVL_ROLE_PARAGRAPH);
    n = ocrvl_node_next(n);
    ocrvl_node_get_info(n, &info);
    assert_int_equal(info.role, OCRVL_ROLE_TABLE);
    n = ocrvl_node_next(ocrvl_node_first(n));
    ocrvl_node_get_info(n, &info);
    assert_int_equal(info.kind, OCRVL_CELL);
    assert_int_equal(info.col, 1);
    assert_string_equal(info.text, line_text(4));
    assert_int_equal(info.origin, OCRVL_ORIGIN_ALIGNED);
    assert_true(info.box.y0 >= edge(4, "y0") - 5 && info.box.y1 <= edge(4, "y1") + 5);
    ocrvl_page_free(page);
    ocrvl_buf_free(&text);
}

static void boxes_of_the_model(void **state)
{
    (void)state;
    static const char transcript[] =
        "<|object_ref_start|>Mina Murray<|object_ref_end|><|box_start|>(100,200),(500,250)<|box_end|>"
        "<|object_ref_start|>a stamp<|object_ref_end|><|box_start|>(1,2)<|box_end|>";
    script s = {0};
    ocrvl_read_options o = {.size = sizeof o, .task = "spotting", .max_pixels = 100000};
    ocrvl_page *page = read_script(&s, transcript, sizeof transcript - 1, &o);
    const ocrvl_node *n = ocrvl_page_first(page);
    ocrvl_node_info info = {.size = sizeof info};
    ocrvl_node_get_info(n, &info);
    assert_string_equal(info.text, "Mina Murray");
    assert_int_equal(info.origin, OCRVL_ORIGIN_MODEL);
    assert_int_equal(info.box.x0, 255); /* of 2550 x 3300 pixels */
    assert_int_equal(info.box.y0, 660);
    assert_int_equal(info.box.x1, 1275);
    assert_int_equal(info.box.y1, 825);
    assert_null(ocrvl_node_next(n));
    assert_int_equal(s.pictures, 1); /* however small the page must be shown */
    assert_int_equal(warnings(page, "grounding", "1 malformed box"), 1);
    ocrvl_page_free(page);
}

/* Of a checkpoint that writes JSON in pixels of what it was shown: it is asked to, and the boxes are scaled. */
static void boxes_in_json(void **state)
{
    (void)state;
    static const char transcript[] = "```json\n[{\"bbox_2d\": [26, 62, 126, 77], \"label\": \"Mina Murray\"},\n"
                                     "{\"bbox_2d\": [1, 2], \"label\": \"a stamp\"}]\n```";
    script s = {0};
    ocrvl_read_options o = {.size = sizeof o, .task = "spotting", .max_pixels = 100000};
    const ocrvl_family *was = big->weights->config.family;
    big->weights->config.family = ocrvl_family_of_type("qwen2_5_vl");
    ocrvl_session *session;
    ocrvl_session_options so = {.size = sizeof so, .line_model = nano};
    ocrvl_page *page;
    assert_ok(ocrvl_session_new(&session, big, &so, err));
    script_play(&s, session, big, transcript, sizeof transcript - 1);
    assert_ok(ocrvl_read(session, PAGE_OF(image), &o, &page, err));
    assert_non_null(strstr(s.prompt.data, "bounding box. Output a JSON list of objects, each with \"bbox_2d\""));
    ocrvl_session_free(session);
    script_free(&s);
    big->weights->config.family = was;
    const ocrvl_node *n = ocrvl_page_first(page);
    ocrvl_node_info info = {.size = sizeof info};
    ocrvl_node_get_info(n, &info);
    assert_string_equal(info.text, "Mina Murray");
    assert_int_equal(info.box.x0, 263); /* 2550 x 3300 pixels, shown as 252 x 336 */
    assert_int_equal(info.box.y0, 609);
    assert_int_equal(info.box.x1, 1275);
    assert_int_equal(info.box.y1, 756);
    assert_int_equal(warnings(page, "grounding", "1 malformed box"), 1);
    assert_null(ocrvl_node_next(n));
    ocrvl_page_free(page);
}

static void a_loop_is_cut_and_reported(void **state)
{
    (void)state;
    script s = {.for_ever = true};
    ocrvl_read_options o = {.size = sizeof o, .retries = OCRVL_NONE};
    ocrvl_page *page = read_script(&s, "the same again and\n", 19, &o);
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    assert_int_equal(info.status, OCRVL_PAGE_PARTIAL);
    assert_int_equal(warnings(page, "loop_cut", "1 loop"), 1);
    size_t len;
    char *text;
    assert_ok(ocrvl_normalize(&text, &len, OCRVL_NFC, info.text, strlen(info.text), err));
    for (size_t i = 0; i < len; i++)
        /* words that are on the page by chance stand on lines of their own */
        text[i] = text[i] == '\n' ? ' ' : text[i];
    assert_string_equal(text, "the same again and");
    ocrvl_text_free(text);
    ocrvl_page_free(page);
}

/* A budget that a page doesn't fit: it is shown in bands, and what they both show stands once. */
static void bands_are_joined(void **state)
{
    (void)state;
    ocrvl_buf text = {0};
    script s = {0};
    for (size_t i = 0; i < line_count(); i++)
        ocrvl_buf_printf(&text, "%s\n", line_text(i));
    ocrvl_read_options o = {.size = sizeof o, .max_pixels = 300000};
    ocrvl_page *page = read_script(&s, text.data, text.len, &o);
    assert_true(s.pictures >= 2);
    assert_true(s.patches * 196 / s.pictures <= 300000);
    assert_int_equal(warnings(page, "parts", "shown in"), 1);
    ocrvl_page_free(page);
    ocrvl_buf_free(&text);
}

/* The real engine behind it: random weights say nothing sensible, but the page comes back, the same for any threads. */
static void the_engine_behind_it(void **state)
{
    (void)state;
    ocrvl_page *page[2];
    ocrvl_page_info info[2];
    for (uint32_t way = 0; way < 2; way++) {
        ocrvl_session *session;
        ocrvl_session_options o = {.size = sizeof o, .line_model = nano, .threads = 1 + 2 * way};
        ocrvl_read_options r = {.size = sizeof r, .max_pixels = 100000, .no_drafts = way == 1};
        r.max_tokens = 60;
        assert_ok(ocrvl_session_new(&session, big, &o, err));
        assert_ok(ocrvl_read(session, PAGE_OF(image), &r, &page[way], err));
        ocrvl_session_free(session);
        info[way].size = sizeof info[way];
        ocrvl_page_get_info(page[way], &info[way]);
    }
    assert_string_equal(info[0].text, info[1].text);
    assert_true(info[0].output_tokens > 0 && info[0].confidence == info[1].confidence);
    ocrvl_page_free(page[0]);
    ocrvl_page_free(page[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_truth_stands_on_its_lines),
                                       cmocka_unit_test(inventions_and_gaps_are_reported),
                                       cmocka_unit_test(markdown_becomes_blocks),
                                       cmocka_unit_test(boxes_of_the_model),
                                       cmocka_unit_test(boxes_in_json),
                                       cmocka_unit_test(a_loop_is_cut_and_reported),
                                       cmocka_unit_test(bands_are_joined),
                                       cmocka_unit_test(the_engine_behind_it)};
    return cmocka_run_group_tests_name("page_model", tests, set_up, tear_down);
}
