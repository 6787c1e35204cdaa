/* olmOCR's anchor text: the form as its own program writes it, the choice where it is too long, and pages of all kinds.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "ocrvl_formats.h"
#include "read/anchor.h"
#include "scripted.h"

#define TEN(s) s s s s s s s s s s

static const ocrvl_anchor_picture pictures[] = {
    {10, 20, 100.4, 120}, {100.8, 60, 150, 90}, {300, 300, 400, 400.6}, {0, 500, 612, 792}};
static const char *const pieces[] = {"  Plain text \n",
                                     "a [bracket] and\ttab",
                                     "“quoted” and ‘single’ – ﬁn oﬀer",
                                     "   ",
                                     TEN("word word word word word word word ") "end",
                                     TEN("xxxxxxxxxx") TEN("xxxxxxxxxx") TEN("xxxxxxxxxx"),
                                     TEN("ääääääääääää") " [b] " TEN("öööööööööö") TEN("öööööööööö"),
                                     "日本語 text"};
static const double places[][2] = {{72, 700.4}, {72.5, 680.5}, {10.49, -0.4}, {1, 1},
                                   {100, 100},  {3.5, 2.5},    {4.5, 99.5},   {200, 300}};

/* What allenai/olmocr's _linearize_pdf_report makes of the above (at f7cfe4c, with ftfy 6.3.1). */
static const char want[] =
    "Page dimensions: 612.0x792.0\n"
    "[Image 10x20 to 150x120]\n"
    "[Image 300x300 to 400x401]\n"
    "[Image 0x500 to 612x792]\n"
    "[72x700]Plain text\n"
    "[72x680]a \\[bracket\\] and\\ttab\n"
    "[10x-0]\"quoted\" and 'single' – fin offer\n"
    "[100x100]word word word word word word word word word word word word word word word word word word word word word "
    "word word word ... word word word word word word word word word word word word word word word word word word word "
    "word word word word end\n"
    "[4x2]" TEN("xxxxxxxxxx") "xxxxxxxxxxxxxxxxxxxxxx ... " TEN(
        "xxxxxxxxxx") "xxxxxxxxxxxxxxxxxxxxxx\n"
                      "[4x100]" TEN("ääääääääääää") " ... " TEN("öööööööööö") "öööööööööööööööööööööö\n"
                                                                              "[200x300]日本語 text\n";

static void the_published_form(void **state)
{
    (void)state;
    ocrvl_anchor_text texts[8];
    ocrvl_buf b = {0};
    for (size_t i = 0; i < 8; i++)
        texts[i] = (ocrvl_anchor_text){pieces[i], strlen(pieces[i]), places[i][0], places[i][1]};
    ocrvl_anchor a = {612, 792.05, pictures, 4, texts, 8};
    assert_ok(ocrvl_anchor_put(&b, &a, OCRVL_ANCHOR_MOST, err));
    assert_string_equal(b.data, want);
    ocrvl_buf_free(&b);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, what)); p++)
        n++;
    return n;
}

static void the_choice(void **state)
{
    (void)state;
    enum { N = 2000 };
    static char words[N][16];
    static ocrvl_anchor_text texts[N];
    ocrvl_buf b = {0}, again = {0};
    for (size_t i = 0; i < N; i++) {
        snprintf(words[i], sizeof words[i], "wörd%zu", i);
        texts[i] = (ocrvl_anchor_text){words[i], strlen(words[i]), 50 + (double)(i * 7 % 400), 50 + (double)(i % 600)};
    }
    texts[1234].x = 3;
    texts[77].y = 790;
    texts[1999].x = 600;
    texts[500].y = 1;
    ocrvl_anchor a = {612, 792, pictures, 4, texts, N};
    assert_ok(ocrvl_anchor_put(&b, &a, OCRVL_ANCHOR_MOST, err));
    size_t length = ocrvl_utf8_count(b.data, b.len);
    assert_true(length <= OCRVL_ANCHOR_MOST && length > OCRVL_ANCHOR_MOST - 40);
    assert_int_equal(count(b.data, "wörd1234\n") + count(b.data, "wörd77\n") + count(b.data, "wörd1999\n") +
                         count(b.data, "wörd500\n"),
                     4);
    assert_true(strstr(b.data, "[Image 0x500") && strstr(b.data, "[Image 10x20"));
    int last_x = -1, x, y;
    for (const char *p = strchr(b.data, '\n') + 1; *p; p = strchr(p, '\n') + 1) { /* from left to right */
        assert_true(sscanf(p, *p == '[' && p[1] == 'I' ? "[Image %dx%d" : "[%dx%d", &x, &y) == 2);
        assert_true(x >= last_x);
        last_x = x;
    }
    assert_ok(ocrvl_anchor_put(&again, &a, OCRVL_ANCHOR_MOST, err));
    assert_string_equal(b.data, again.data);
    ocrvl_buf_clear(&b);
    assert_ok(ocrvl_anchor_put(&b, &a, 100, err)); /* what must stay does, and nothing is added */
    assert_int_equal(count(b.data, "\n"), 1 + 2 + 4);
    bool happened = true;
    a.text_count = 20;
    for (long n = 1; happened; n++) {
        ocrvl_buf_free(&b);
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_anchor_put(&b, &a, 300, NULL);
        happened = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        assert_int_equal(st, happened ? OCRVL_E_NOMEM : OCRVL_OK);
        assert_true(n < 1000);
    }
    ocrvl_buf_free(&b);
    ocrvl_buf_free(&again);
}

/* The prompt that a page of the file gets; the caller frees s. */
static void read_anchored(script *s, const char *file, bool lines, double dpi)
{
    ocrvl_source *src;
    ocrvl_image *img;
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_model *big, *nano;
    ocrvl_session *session;
    ocrvl_page *page;
    assert_ok(ocrvl_source_open(&src, file, NULL, err));
    assert_ok(ocrvl_source_next(src, &img, &place, err));
    img->dpi_x = img->dpi_y = dpi;
    assert_ok(ocrvl_model_open(&big, "tests/vectors/data/tiny", err));
    assert_ok(ocrvl_model_open(&nano, "samples/nano", err));
    ocrvl_session_options o = {.size = sizeof o, .line_model = lines ? nano : NULL};
    ocrvl_read_options r = {.size = sizeof r, .task = "olmocr-0225"};
    assert_ok(ocrvl_session_new(&session, big, &o, err));
    script_play(s, session, big, "{\"natural_text\": \"x\"}", 21);
    assert_ok(ocrvl_read(session, PAGE_OF(img), &r, &page, err));
    ocrvl_page_free(page);
    ocrvl_session_free(session);
    ocrvl_model_free(nano);
    ocrvl_model_free(big);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
}

/* Where the line that holds `what` stands in the prompt. */
static void at(const char *prompt, const char *what, int *x, int *y)
{
    const char *p = strstr(prompt, what);
    assert_non_null(p);
    while (p[-1] != '\n')
        p--;
    assert_int_equal(sscanf(p, "[%dx%d]", x, y), 2);
}

static void pages(void **state)
{
    (void)state;
    script s = {0};
    int x, y;
    read_anchored(&s, "samples/pages/en-3.png", true, 300); /* a scan: what the line reader reads */
    assert_non_null(strstr(s.prompt.data, "RAW_TEXT_START\nPage dimensions: 612.0x792.0\n[Image 0x0 to 612x792]\n["));
    assert_non_null(strstr(s.prompt.data, "\n\nRAW_TEXT_END<|vision_start|>"));
    assert_true(count(s.prompt.data, "\n[") >= 28);
    at(s.prompt.data, "Holmwood introduced him", &x, &y);
    assert_in_range(x, 87, 92); /* 368 of 2550 pixels, and its baseline 352 of 3300 from the top */
    assert_in_range(y, 704, 710);
    script_free(&s);
    s = (script){0};
    read_anchored(&s, "samples/pages/en-3.png", false, 0); /* without one; at img2pdf's 96 dpi */
    assert_non_null(strstr(s.prompt.data,
                           "RAW_TEXT_START\nPage dimensions: 1912.5x2475.0\n[Image 0x0 to 1912x2475]\n\nRAW_TEXT_END"));
    script_free(&s);
}

static ocrvl_text_place layer[] = {{"First [line]", {300, 150, 900, 200}}, {"Second", {300, 250, 700, 300}}};

/* A document's own lines come before the line reader's; on a page that is turned they are turned with it. */
static void text_layers(void **state)
{
    (void)state;
    ocrvl_layout l = {.page_width = 1500, .page_height = 3000};
    ocrvl_image *img;
    assert_ok(ocrvl_image_new(&img, 1500, 3000, 1, 150, 150, 0, err));
    ocrvl_layout_block figure = {.role = OCRVL_ROLE_FIGURE, .box = {150, 1500, 1350, 2700}};
    ocrvl_page_job j = {.in = {.image = img}, .layout = &l};
    ocrvl_buf b = {0};
    l.blocks = &figure;
    l.block_count = 1;
    j.in.text_places = layer;
    j.in.text_place_count = 2;
    assert_ok(ocrvl_anchor_of_page(&b, &j, err));
    assert_string_equal(
        b.data,
        "Page dimensions: 720.0x1440.0\n[Image 72x144 to 648x720]\n[144x1349]First \\[line\\]\n[144x1301]Second\n");
    static const char *const turned[] = {"[1344x346]First", "[288x77]First", "[72x202]First"};
    for (int i = 0; i < 3; i++) {
        l.rotation = 90u * (unsigned)(i + 1);
        l.block_count = 0;
        ocrvl_buf_clear(&b);
        assert_ok(ocrvl_anchor_of_page(&b, &j, err));
        assert_int_equal(
            strncmp(b.data, i == 1 ? "Page dimensions: 720.0x1440.0\n" : "Page dimensions: 1440.0x720.0\n", 30), 0);
        if (!strstr(b.data, turned[i]))
            fail_msg("%u: %s", l.rotation, b.data);
    }
    ocrvl_buf_free(&b);
    ocrvl_image_free(img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_published_form), cmocka_unit_test(the_choice),
                                       cmocka_unit_test(pages), cmocka_unit_test(text_layers)};
    return cmocka_run_group_tests_name("anchor", tests, NULL, NULL);
}
