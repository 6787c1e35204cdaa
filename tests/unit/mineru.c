/* MinerU2.5's way to read a page: its layout's answer, OTSL, what is cut out and asked, and a page read so by a script
 * that answers each prompt. The answers are shaped as the public client of its makers reads them. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ocrvl_formats.h"
#include "read/mineru.h"
#include "read/otsl.h"
#include "scene.h"

/* A layout's answer, owned by the caller: of each place its numbers, its kind, and what follows. */
typedef struct place {
    const char *numbers, *kind, *tail;
} place;

static char *layout_of(const place *places, size_t count)
{
    ocrvl_buf b = {0};
    for (size_t i = 0; i < count; i++)
        ocrvl_buf_printf(&b, "<|box_start|>%s<|box_end|><|ref_start|>%s<|ref_end|>%s\n", places[i].numbers,
                         places[i].kind, places[i].tail);
    return ocrvl_buf_steal(&b, NULL);
}

/* Text whose byte i has the log-probability -i. */
static ocrvl_transcript said(const char *text)
{
    ocrvl_transcript t = {ocrvl_strdup(text), strlen(text), NULL};
    t.logprob = ocrvl_alloc_array(t.len + 1, sizeof *t.logprob);
    assert_true(t.text && t.logprob);
    for (size_t i = 0; i < t.len; i++)
        t.logprob[i] = -(float)i;
    return t;
}

/* ---- the layout -------------------------------------------------------------------------------------- */

static void layouts(void **state)
{
    (void)state;
    static const char up[] = "<|rotate_up|>";
    static const place places[] = {
        {"100 50 900 100", "doc_title", up},
        {"100 110 500 300", "text", up},
        {"100 310 900 700", "table", "<|rotate_right|>"},
        {"120 320 300 340", "text", up},
        {"500 110 900 200", "TEXT", "<|rotate_up|>txt_contd_tgt"},
        {"100 700 900 900", "image", up},
        {"110 850 890 890", "image_caption", up},
        {"100 905 900 950", "image_caption", ""},
        {"120 650 300 690", "table_caption", up}, /* a table is read without its caption */
        {"120 120 130 130", "inline_formula", up},
        {"1 2 3", "text", up},
        {"1 2 1001 4", "text", up},
        {"1 2 1 4", "text", up},
        {"1 2 3 4", "novel", up},
    };
    ocrvl_mineru m = {0};
    char *answer = layout_of(places, sizeof places / sizeof *places);
    assert_non_null(answer);
    assert_ok(ocrvl_mineru_layout(&m, answer, 2000, 3000, false, err));
    ocrvl_free(answer);
    static const struct {
        ocrvl_mineru_kind kind;
        ocrvl_box box;
        uint32_t turn;
        bool goes_on;
    } want[] = {{OCRVL_MINERU_TITLE, {200, 150, 1800, 300}, 0, false},
                {OCRVL_MINERU_TEXT, {200, 330, 1000, 900}, 0, false},
                {OCRVL_MINERU_TABLE, {200, 930, 1800, 2100}, 270, false}, /* with the text inside */
                {OCRVL_MINERU_TEXT, {1000, 330, 1800, 600}, 0, true},
                {OCRVL_MINERU_TEXT, {200, 2715, 1800, 2850}, 0, false}, /* no picture, nor the caption inside it */
                {OCRVL_MINERU_TEXT, {240, 1950, 600, 2070}, 0, false}};
    assert_int_equal(m.count, sizeof want / sizeof *want);
    for (size_t i = 0; i < m.count; i++) {
        assert_int_equal(m.blocks[i].kind, want[i].kind);
        assert_memory_equal(&m.blocks[i].box, &want[i].box, sizeof want[i].box);
        assert_int_equal(m.blocks[i].turn, want[i].turn);
        assert_int_equal(m.blocks[i].goes_on, want[i].goes_on);
    }
    assert_int_equal(m.figure_count, 1);
    assert_int_equal(m.figures[0].before, 4);
    assert_int_equal(m.bad, 4);
    assert_string_equal(ocrvl_mineru_prompt(OCRVL_MINERU_TABLE), "\nTable Recognition:");
    assert_string_equal(ocrvl_mineru_prompt(OCRVL_MINERU_FORMULA), "\nFormula Recognition:");
    assert_string_equal(ocrvl_mineru_prompt(OCRVL_MINERU_TITLE), "\nText Recognition:");
    assert_string_equal(ocrvl_mineru_prompt(OCRVL_MINERU_FIGURE), "\nImage Analysis:");
    ocrvl_mineru_free(&m);
    assert_ok(ocrvl_mineru_layout(&m, "I can't see a page.", 10, 10, true, err));
    assert_int_equal(m.count + m.bad, 0);
    ocrvl_mineru_free(&m);
}

/* Pictures that are read: large ones, alone or in what is no group of pictures. */
static void pictures(void **state)
{
    (void)state;
    static const char up[] = "<|rotate_up|>";
    static const place places[] = {
        {"100 100 900 300", "image_block", up},   {"100 100 400 300", "image", up}, /* in the group */
        {"100 310 900 600", "table", up},         {"110 320 400 590", "chart", up}, /* in the table */
        {"100 610 900 800", "list", up},          {"110 620 220 730", "chart", up}, /* in no group of pictures */
        {"120 640 200 700", "image_caption", up},                                   /* in the picture */
        {"700 620 890 790", "image_caption", up},                                   /* in the list */
        {"100 810 200 910", "image", up},                                           /* too small */
        {"300 810 320 999", "image", up},                                           /* too thin */
        {"400 810 900 832", "unknown", up},                                         /* as thin, but long enough */
    };
    char *answer = layout_of(places, sizeof places / sizeof *places);
    assert_non_null(answer);
    for (int read = 0; read < 2; read++) {
        ocrvl_mineru m = {0};
        assert_ok(ocrvl_mineru_layout(&m, answer, 1000, 1000, read, err));
        assert_int_equal(m.count, read ? 4 : 2);
        assert_int_equal(m.blocks[0].kind, OCRVL_MINERU_TABLE);
        assert_int_equal(m.blocks[1].kind, read ? OCRVL_MINERU_FIGURE : OCRVL_MINERU_TEXT);
        assert_int_equal(m.blocks[1 + read].role, OCRVL_ROLE_CAPTION);
        assert_int_equal(m.figure_count, read ? 3 : 5); /* without that in the table */
        assert_int_equal(m.figures[1].before, read ? 3 : 1);
        ocrvl_mineru_free(&m);
    }
    ocrvl_free(answer);
}

static void check_picture(const char *answer, const char *want)
{
    ocrvl_transcript t = said(answer), out = {0};
    ocrvl_growing g = {0};
    assert_ok(ocrvl_mineru_picture(&g, &t, err));
    assert_ok(ocrvl_growing_end(&g, &out, err));
    assert_string_equal(out.text, want);
    ocrvl_transcript_free(&t);
    ocrvl_transcript_free(&out);
}

#define SAID(class, caption, content)                                                                                  \
    "<|class_start|>" class "<|class_end|><|sub_class_start|>x<|sub_class_end|>\n"                                     \
                            "<|caption_start|>" caption "<|caption_end|>\n<|content_start|>" content

static void described(void **state)
{
    (void)state;
    check_picture(SAID("chart", " Rain\nby [month] ", "| a | b |\n| --- | --- |\n| 1 | 2 |\n<|content_end|>"),
                  "![Rain by \\[month\\]](.)\n\n| a | b |\n| --- | --- |\n| 1 | 2 |");
    check_picture(SAID("flowchart", "How", "graph TD\n A --> B<|content_end|>"),
                  "![How](.)\n\n```mermaid\ngraph TD\n A --> B\n```");
    check_picture(SAID("flowchart", "How", "```mermaid\ngraph TD\n```<|content_end|>"),
                  "![How](.)\n\n```mermaid\ngraph TD\n```");
    check_picture(SAID("natural_image", "A cat", "miaow<|content_end|>"), "![A cat](.)");
    check_picture(SAID("chemical", "Ethanol", "CCO<|content_end|>"), "![Ethanol](.)");
    check_picture(SAID("screenshot", "A menu", "Open file"), "![A menu](.)\n\nOpen file"); /* cut */
    check_picture(SAID("pure_table", "t", "<fcel>a<nl><|content_end|>"), "<table>\n<tr><td>a</td></tr>\n</table>");
    check_picture(SAID("pure_table", "t", "| a | b |<|content_end|>"), "| a | b |");
    check_picture(SAID("pure_formula", "f", "x^2<|content_end|>"), "$$\nx^2\n$$");
    check_picture("A dog, a `cat`.\n", "![A dog, a \\`cat\\`.](.)"); /* not of the Pro releases */
    check_picture("<|class_start|>chart", "![](.)");
}

/* The parts of a page of four quarters: grey 10, 20 above, 30, 40 below. */
static void cuts(void **state)
{
    (void)state;
    ocrvl_image *page, *part;
    assert_ok(ocrvl_image_new(&page, 200, 100, 1, 0, 0, 0, err));
    for (size_t y = 0; y < 100; y++)
        for (size_t x = 0; x < 200; x++)
            page->data[y * 200 + x] = (uint8_t)(10 + (x >= 100) * 10 + (y >= 50) * 20);
    ocrvl_mineru_block b = {.box = {50, 0, 150, 100}, .turn = 270}; /* its head points to the right */
    assert_ok(ocrvl_mineru_cut(&part, page, &b, 28, err));
    assert_int_equal(part->width, 100);
    assert_int_equal(part->data[0], 20);        /* upper left: was upper right */
    assert_int_equal(part->data[99], 40);       /* upper right: was lower right */
    assert_int_equal(part->data[99 * 100], 10); /* lower left: was upper left */
    ocrvl_image_free(part);
    b = (ocrvl_mineru_block){.box = {0, 10, 200, 12}}; /* 100 times as long as wide: padded to 4, then enlarged */
    assert_ok(ocrvl_mineru_cut(&part, page, &b, 28, err));
    uint32_t width, height;
    ocrvl_mineru_size(&b, 28, &width, &height);
    assert_int_equal(part->height, 28);
    assert_int_equal(part->width, 1400);
    assert_true(width == part->width && height == part->height);
    assert_true(part->data[0] > 200 && part->data[14 * 1400] < 60);
    ocrvl_image_free(part);
    ocrvl_image_free(page);
}

/* ---- tables ------------------------------------------------------------------------------------------ */

static void check_table(const char *answer, const char *want)
{
    ocrvl_transcript t = said(answer), out = {0};
    ocrvl_growing g = {0};
    assert_ok(ocrvl_otsl_to_html(&g, &t, err));
    assert_ok(ocrvl_growing_end(&g, &out, err));
    assert_string_equal(out.text, want);
    for (size_t i = 0; i < out.len; i++) /* each byte of the answer's own has its probability */
        if (out.logprob[i] < 0)
            assert_int_equal(out.text[i], answer[(size_t)-out.logprob[i]]);
    ocrvl_transcript_free(&t);
    ocrvl_transcript_free(&out);
}

static void tables(void **state)
{
    (void)state;
    check_table("<fcel>a<fcel>b<nl><ecel><fcel> c < d & e <nl>",
                "<table>\n<tr><td>a</td><td>b</td></tr>\n<tr><td></td><td>c &lt; d &amp; e</td></tr>\n</table>");
    check_table("<fcel>head<lcel><lcel><nl><fcel>x<fcel>y<lcel><nl><ucel><xcel><xcel><nl>",
                "<table>\n<tr><td colspan=\"3\">head</td></tr>\n"
                "<tr><td rowspan=\"2\">x</td><td colspan=\"2\" rowspan=\"2\">y</td></tr>\n<tr></tr>\n</table>");
    check_table("<fcel>short<nl><fcel>1<fcel>2",
                "<table>\n<tr><td>short</td><td></td></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>");
    check_table("before <nl><nl><lcel><ucel>lost<nl>", "<table>\n<tr></tr>\n</table>");
    check_table("no table", "no table");
    check_table("", "");
    char *many = ocrvl_alloc(6 * 200000 + 1); /* more than is kept, in one row and in many */
    assert_non_null(many);
    for (size_t i = 0; i < 200000; i++)
        memcpy(many + 6 * i, i % 2 ? "<nl>  " : "<ecel>", 6);
    ocrvl_transcript t = said(many);
    ocrvl_growing g = {0};
    assert_ok(ocrvl_otsl_to_html(&g, &t, err));
    ocrvl_growing_free(&g);
    ocrvl_transcript_free(&t);
    ocrvl_free(many);
}

static void joined(void **state)
{
    (void)state;
    ocrvl_mineru_block blocks[] = {{.kind = OCRVL_MINERU_TITLE, .said = said(" On\nWhales \n")},
                                   {.kind = OCRVL_MINERU_TEXT, .said = said("Call me")},
                                   {.kind = OCRVL_MINERU_TEXT, .said = said(" \n")},
                                   {.kind = OCRVL_MINERU_TEXT, .goes_on = true, .said = said("Ishmael.")},
                                   {.kind = OCRVL_MINERU_FORMULA, .said = said("a^2")},
                                   {.kind = OCRVL_MINERU_FORMULA, .said = said("\\[ b \\]")},
                                   {.kind = OCRVL_MINERU_TEXT, .goes_on = true, .said = said("New.")},
                                   {.kind = OCRVL_MINERU_CODE, .said = said("x = 1")},
                                   {.kind = OCRVL_MINERU_TABLE, .said = said("<fcel>t<nl>")}};
    ocrvl_mineru m = {.blocks = blocks, .count = sizeof blocks / sizeof *blocks};
    ocrvl_transcript out = {0};
    assert_ok(ocrvl_mineru_join(&m, &out, NULL, err));
    assert_string_equal(out.text,
                        "# On Whales\n\nCall me Ishmael.\n\n$$\na^2\n$$\n\n\\[ b \\]\n\nNew.\n\n```\nx = 1\n```\n\n"
                        "<table>\n<tr><td>t</td></tr>\n</table>");
    ocrvl_model_regions regions = {0};
    assert_ok(ocrvl_mineru_join(&m, &out, &regions, err)); /* a region each, but for what says nothing */
    assert_int_equal(regions.count, 8);
    assert_true(!regions.list[1].continues && regions.list[2].continues && regions.list[5].continues);
    assert_memory_equal(out.text + regions.list[2].from, "Ishmael.\n\n$$", 12);
    assert_int_equal(ocrvl_model_regions_find(&regions, regions.list[2].from), 2);
    assert_int_equal(ocrvl_model_regions_find(&regions, regions.list[2].to), SIZE_MAX);
    ocrvl_model_regions_free(&regions);
    for (size_t i = 0; i < m.count; i++)
        ocrvl_transcript_free(&blocks[i].said);
    ocrvl_transcript_free(&out);
    ocrvl_mineru_block chinese[] = {{.kind = OCRVL_MINERU_TEXT, .said = said("\u6c34")},
                                    {.kind = OCRVL_MINERU_TEXT, .goes_on = true, .said = said("\u706b")}};
    m = (ocrvl_mineru){.blocks = chinese, .count = 2};
    assert_ok(ocrvl_mineru_join(&m, &out, NULL, err));
    assert_string_equal(out.text, "\u6c34\u706b");
    for (size_t i = 0; i < 2; i++)
        ocrvl_transcript_free(&chinese[i].said);
    ocrvl_transcript_free(&out);
}

/* ---- a page ------------------------------------------------------------------------------------------ */

typedef struct wanted {
    ocrvl_role role;
    ocrvl_box box; /* by the model: thousandths of 2550 x 3300 */
    bool continues;
    const char *text;
} wanted;

static void check_list(const ocrvl_page *page, const wanted *all, size_t count)
{
    const ocrvl_node *n = ocrvl_page_first(page);
    for (size_t i = 0; i < count; i++, n = ocrvl_node_next(n)) {
        ocrvl_node_info node = {.size = sizeof node};
        assert_non_null(n);
        ocrvl_node_get_info(n, &node);
        assert_int_equal(node.role, all[i].role);
        assert_int_equal(node.origin, OCRVL_ORIGIN_MODEL);
        assert_memory_equal(&node.box, &all[i].box, sizeof node.box);
        assert_int_equal(node.continues, all[i].continues);
        assert_string_equal(node.text, all[i].text);
    }
    assert_null(n);
}

static void check_nodes(const ocrvl_page *page)
{
    static const wanted all[] = {
        {OCRVL_ROLE_HEADER, {255, 33, 1275, 66}, false, "Running head"},
        {OCRVL_ROLE_HEADING, {255, 165, 2295, 330}, false, "A title"},
        {OCRVL_ROLE_PARAGRAPH, {255, 396, 2295, 1650}, false, "Some text of the"},
        {OCRVL_ROLE_FIGURE, {255, 2145, 1275, 2640}, false, ""},
        {OCRVL_ROLE_CAPTION, {255, 2640, 1275, 2706}, false, "What it shows"},
        {OCRVL_ROLE_TABLE, {255, 1650, 2295, 1980}, false, "one\ttwo"},
        {OCRVL_ROLE_PARAGRAPH, {1530, 2145, 2295, 2640}, true, "page goes on."},
    };
    check_list(page, all, sizeof all / sizeof *all);
}

/* A page on its own, or its blocks three at a time. */
static void read_page(const ocrvl_model *big, const ocrvl_image *image, uint32_t at_once, uint64_t max_pixels)
{
    static const place places[] = {{"100 10 500 20", "header", "<|rotate_up|>"},
                                   {"100 50 900 100", "title", "<|rotate_up|>"},
                                   {"100 120 900 500", "text", "<|rotate_up|>"},
                                   {"100 650 500 800", "image", "<|rotate_up|>"},
                                   {"100 800 500 820", "image_caption", "<|rotate_up|>"},
                                   {"100 500 900 600", "table", "<|rotate_up|>"},
                                   {"110 510 120 520", "image", "<|rotate_up|>"}, /* in the table */
                                   {"600 650 900 800", "text", "<|rotate_up|>txt_contd_tgt"},
                                   {"1 2 3", "text", ""}};
    char *layout = layout_of(places, sizeof places / sizeof *places);
    const char *const answers[] = {layout,          "Running head",           "A title",       "Some text of the",
                                   "What it shows", "<fcel>one<fcel>two<nl>", "page goes on.", NULL};
    static const char *const prompts[] = {
        "Layout Detection:", "Text Recognition:",  "Text Recognition:", "Text Recognition:",
        "Text Recognition:", "Table Recognition:", "Text Recognition:"};
    ocrvl_session *session;
    ocrvl_batch *batch;
    ocrvl_page *page;
    ocrvl_read_options o = {.size = sizeof o, .no_drafts = true, .max_pixels = max_pixels};
    assert_ok(ocrvl_session_new(&session, big, NULL, err));
    scene_begin(session, answers);
    script_widest = 0;
    assert_ok(ocrvl_batch_new(&batch, session, at_once, err));
    assert_ok(ocrvl_batch_add(batch, PAGE_OF(image), &o, err));
    assert_ok(ocrvl_batch_next(batch, &page, err));
    assert_int_equal(now.next, 7);
    assert_int_equal(script_widest, 6); /* all blocks are written together, however many pages are */
    for (size_t i = 0; i < 7; i++)
        assert_non_null(strstr(now.prompts[i], prompts[i]));
    /* 1036 x 1036 of 2550 x 3300, and 2040 x 165 at its own resolution; or what the pixels allow */
    assert_int_equal(now.patches[0], max_pixels ? 38 * 38 : 74 * 74);
    assert_int_equal(now.patches[2], max_pixels ? 136 * 10 : 146 * 12);
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_get_info(page, &info);
    assert_non_null(
        strstr(info.markdown, "# A title\n\nSome text of the\n\nWhat it shows\n\n<table>\n<tr><td>one</td>"));
    bool told = false;
    for (uint32_t i = 0; i < info.warnings; i++) {
        const char *code, *message;
        ocrvl_page_warning(page, i, &code, &message);
        told = told || strcmp(message, "1 block of the layout can't be understood") == 0;
    }
    assert_true(told);
    check_nodes(page);
    ocrvl_page_free(page);
    ocrvl_batch_free(batch);
    ocrvl_session_free(session);
    scene_end();
    ocrvl_free(layout);
}

static ocrvl_image *image_of(const char *path)
{
    ocrvl_source *src;
    ocrvl_image *image;
    ocrvl_page_place at = {.size = sizeof at};
    assert_ok(ocrvl_source_open(&src, path, NULL, err));
    assert_ok(ocrvl_source_next(src, &image, &at, err));
    ocrvl_source_free(src);
    return image;
}

static void a_page(void **state)
{
    ocrvl_model *big;
    (void)state;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    big->profile = ocrvl_profile_by_name("mineru");
    ocrvl_image *image = image_of("samples/pages/en-3.png");
    read_page(big, image, 1, 0);
    read_page(big, image, 3, 0);
    read_page(big, image, 1, 300000);
    ocrvl_image_free(image);
    ocrvl_model_free(big);
}

/* What was said of a picture stands in its place, though no ink says it. */
static void a_page_with_pictures(void **state)
{
    static const place places[] = {{"100 650 900 950", "chart", "<|rotate_up|>"},
                                   {"100 50 900 350", "image", "<|rotate_up|>"}};
    char *layout = layout_of(places, 2);
    const char *const answers[] = {
        layout, SAID("chart", "Rain by month", "| a | b |\n| --- | --- |\n| 1 | 2 |<|content_end|>"), "", NULL};
    static const wanted all[] = {{OCRVL_ROLE_FIGURE, {255, 2145, 2295, 3135}, false, "Rain by month"},
                                 {OCRVL_ROLE_TABLE, {255, 2145, 2295, 3135}, false, "a\tb\n1\t2"},
                                 {OCRVL_ROLE_FIGURE, {255, 165, 2295, 1155}, false, ""}};
    ocrvl_model *big;
    ocrvl_image *image;
    ocrvl_session *session;
    ocrvl_page *page;
    ocrvl_read_options o = {.size = sizeof o, .no_drafts = true, .task = "mineru-pictures"};
    (void)state;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    big->profile = ocrvl_profile_by_name("mineru");
    image = image_of("samples/pages/en-3.png");
    assert_ok(ocrvl_session_new(&session, big, NULL, err));
    scene_begin(session, answers);
    assert_ok(ocrvl_read(session, PAGE_OF(image), &o, &page, err));
    assert_int_equal(now.next, 3);
    assert_non_null(strstr(now.prompts[0], "Layout Detection:"));
    assert_non_null(strstr(now.prompts[1], "Image Analysis:"));
    check_list(page, all, sizeof all / sizeof *all);
    ocrvl_page_free(page);
    ocrvl_session_free(session);
    scene_end();
    ocrvl_image_free(image);
    ocrvl_free(layout);
    ocrvl_model_free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(layouts),   cmocka_unit_test(pictures),
                                       cmocka_unit_test(described), cmocka_unit_test(cuts),
                                       cmocka_unit_test(tables),    cmocka_unit_test(joined),
                                       cmocka_unit_test(a_page),    cmocka_unit_test(a_page_with_pictures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
