/* What reading does to text by default, and that it does nothing with `diplomatic`: of lines, of a page model's text,
 * of labels with boxes. */
#include "testing.h"

#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "read/assemble.h"
#include "read/compose.h"
#include "unicode/normalize.h"

/* Decomposed, singletons (Angstrom, Kelvin), Hebrew points not in order, white space of three kinds. */
#define SAID "cafe\u0301  \u212B\u00A0\u212A \u05D1\u05BC\u05B0"
#define NFC "caf\u00E9 \u00C5 K \u05D1\u05B0\u05BC"

static ocrvl_builder *builder(void)
{
    ocrvl_builder *b;
    assert_ok(ocrvl_builder_new(&b, 400, 60, 0, 0, err));
    return b;
}

/* The page's text, which must be `want`; every word must stand where it says. */
static void assert_text(ocrvl_builder *b, const char *want)
{
    ocrvl_page *page;
    ocrvl_page_info info = {.size = sizeof info};
    assert_ok(ocrvl_builder_finish(b, &page, err));
    ocrvl_page_get_info(page, &info);
    assert_string_equal(info.text, want);
    ocrvl_page_free(page);
    ocrvl_builder_free(b);
}

static ocrvl_transcript spelling(const char *text)
{
    ocrvl_transcript s = {.text = ocrvl_strdup(text), .len = strlen(text)};
    s.logprob = ocrvl_alloc_array(s.len + 1, sizeof *s.logprob);
    assert_non_null(s.text);
    assert_non_null(s.logprob);
    return s;
}

static void of_lines(void **state)
{
    (void)state;
    ocrvl_image *img;
    ocrvl_layout *l;
    ocrvl_layout_options how = {.mode = OCRVL_LAYOUT_LINE, .keep_rotation = true, .keep_skew = true};
    assert_ok(ocrvl_image_new(&img, 400, 60, 1, 0, 0, 0, err));
    for (size_t y = 10; y < 40; y++) /* letters of two heights: those of one would be a row of dots */
        for (size_t x = 20; x < 380; x++)
            ocrvl_image_pixels(img)[y * 400 + x] = x % 20 < 12 && (y >= 20 || x / 20 % 3 == 0) ? 0 : 255;
    assert_ok(ocrvl_layout_new(&l, img, &how, err));
    assert_int_equal(l->line_count, 1);
    ocrvl_strip strip = {.line = 0, .x0 = l->lines[0].ink.x0, .x1 = l->lines[0].ink.x1};
    ocrvl_reading reading = {.transcript = spelling(SAID)};
    ocrvl_lines lines = {.strips = &strip, .readings = &reading, .count = 1, .cap = 1};
    ocrvl_builder *b = builder();
    assert_ok(ocrvl_assemble(b, l, &lines, &(ocrvl_own_page){0}, false, err));
    assert_text(b, NFC);
    b = builder();
    assert_ok(ocrvl_assemble(b, l, &lines, &(ocrvl_own_page){0}, true, err));
    assert_text(b, SAID);
    ocrvl_transcript_free(&reading.transcript);
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
}

static void compose(ocrvl_prompt_output output, bool diplomatic, const char *text, const char *want)
{
    ocrvl_layout none = {.page_width = 400, .page_height = 60};
    ocrvl_transcript transcript = spelling(text);
    ocrvl_builder *b = builder();
    ocrvl_composing c = {
        .b = b, .layout = &none, .transcript = &transcript, .output = output, .diplomatic = diplomatic};
    assert_ok(ocrvl_compose(&c, err));
    assert_text(b, want);
    ocrvl_transcript_free(&transcript);
}

static void of_a_page_model(void **state)
{
    (void)state;
    compose(OCRVL_OUTPUT_TEXT, false, SAID "\n" SAID, NFC "\n" NFC);
    compose(OCRVL_OUTPUT_TEXT, true, SAID "\n" SAID, SAID "\n" SAID);
    compose(OCRVL_OUTPUT_GROUNDING, false,
            "<|object_ref_start|>cafe\u0301<|object_ref_end|><|box_start|>(1,2),(500,600)<|box_end|>", "caf\u00E9");
    compose(OCRVL_OUTPUT_GROUNDING, true,
            "<|object_ref_start|>cafe\u0301<|object_ref_end|><|box_start|>(1,2),(500,600)<|box_end|>", "cafe\u0301");
}

static void ill_formed(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        char *out;
        size_t n;
        assert_ok(ocrvl_normalize_or_keep(&out, &n, keep, "a\xFF\xED\xA0\x80", 5, err));
        assert_string_equal(out, "a\uFFFD\uFFFD\uFFFD\uFFFD");
        assert_int_equal(n, strlen(out));
        ocrvl_text_free(out);
        ocrvl_mem_fail_after(1);
        assert_int_equal(ocrvl_normalize_or_keep(&out, &n, keep, "a\xFF", 2, NULL), OCRVL_E_NOMEM);
        ocrvl_mem_fail_after(0);
        assert_null(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_lines), cmocka_unit_test(of_a_page_model),
                                       cmocka_unit_test(ill_formed)};
    return cmocka_run_group_tests_name("diplomatic", tests, NULL, NULL);
}
