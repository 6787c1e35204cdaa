/* Grounding against grounding.json, and what stands in no vector: hostile text, time, want of memory. */
#include "markup/grounding.h"
#include "base/utf8.h"
#include "vectors.h"

static ocrvl_grounding *parse(const char *text, size_t len, uint32_t width, uint32_t height)
{
    ocrvl_grounding *g;
    assert_ok(ocrvl_grounding_parse(&g, text, len, width, height, err));
    return g;
}

static uint32_t code_point(const char *s, size_t n, size_t k)
{
    size_t i = ocrvl_utf8_offset(s, n, k);
    return ocrvl_utf8_next(s, n, &i);
}

static void check_points(const ocrvl_json *want, const ocrvl_grounding_item *item)
{
    const ocrvl_json *points = ocrvl_json_get(want, "points");
    assert_int_equal(ocrvl_json_length(points), item->kind == OCRVL_GROUNDING_BOX ? 2 : 4);
    for (size_t i = 0; i < ocrvl_json_length(points); i++)
        for (size_t k = 0; k < 2; k++) {
            double value = vectors_number(ocrvl_json_at(ocrvl_json_at(points, i), k));
            double pixels = vectors_number(ocrvl_json_at(ocrvl_json_at(ocrvl_json_get(want, "pixels"), i), k));
            assert_true(item->points[i][k] == value);
            assert_true(fabs(item->pixels[i][k] - pixels) <= 1e-9);
            assert_int_equal(item->pixels_int[i][k],
                             vectors_int(ocrvl_json_at(ocrvl_json_at(ocrvl_json_get(want, "pixels_int"), i), k)));
        }
}

static void check_item(const ocrvl_json *want, const ocrvl_grounding_item *item)
{
    bool clamped;
    size_t len;
    const char *label = ocrvl_json_string(ocrvl_json_get(want, "label"), &len);
    assert_string_equal(vectors_string(ocrvl_json_get(want, "kind")),
                        item->kind == OCRVL_GROUNDING_BOX ? "box" : "quad");
    assert_int_equal(label != NULL, item->label != NULL);
    if (label) {
        assert_int_equal(item->label_len, len);
        assert_memory_equal(item->label, label, len);
    }
    assert_true(ocrvl_json_bool(ocrvl_json_get(want, "clamped"), &clamped));
    assert_int_equal(item->clamped, clamped);
    assert_int_equal(item->start, vectors_int(ocrvl_json_get(want, "start")));
    assert_int_equal(item->end, vectors_int(ocrvl_json_get(want, "end")));
    check_points(want, item);
}

static void check_source(const ocrvl_grounding *g, const char *input, size_t len)
{
    assert_int_equal(ocrvl_utf8_count(g->text, g->text_len), g->text_count);
    for (uint32_t i = 0; i < g->text_count; i++)
        assert_int_equal(code_point(g->text, g->text_len, i), code_point(input, len, g->source[i]));
}

static void vectors(void **state)
{
    (void)state;
    ocrvl_json *root = vectors_json("grounding.json");
    const ocrvl_json *cases = ocrvl_json_get(root, "cases");
    assert_true(ocrvl_json_length(cases) >= 30);
    for (size_t c = 0; c < ocrvl_json_length(cases); c++) {
        const ocrvl_json *v = ocrvl_json_at(cases, c), *items = ocrvl_json_get(v, "items"),
                         *faults = ocrvl_json_get(v, "malformed");
        size_t len, text_len;
        const char *input = ocrvl_json_string(ocrvl_json_get(v, "input"), &len);
        const char *text = ocrvl_json_string(ocrvl_json_get(v, "text"), &text_len);
        ocrvl_grounding *g = parse(input, len, (uint32_t)vectors_int(ocrvl_json_get(v, "width")),
                                   (uint32_t)vectors_int(ocrvl_json_get(v, "height")));
        assert_int_equal(g->text_len, text_len);
        assert_memory_equal(g->text, text, text_len);
        check_source(g, input, len);
        assert_int_equal(g->item_count, ocrvl_json_length(items));
        for (size_t i = 0; i < g->item_count; i++)
            check_item(ocrvl_json_at(items, i), &g->items[i]);
        assert_int_equal(g->fault_count, ocrvl_json_length(faults));
        for (size_t i = 0; i < g->fault_count; i++) {
            const ocrvl_json *want = ocrvl_json_at(faults, i);
            assert_string_equal(ocrvl_grounding_reason_name(g->faults[i].reason),
                                vectors_string(ocrvl_json_get(want, "reason")));
            assert_int_equal(g->faults[i].start, vectors_int(ocrvl_json_get(want, "start")));
            assert_int_equal(g->faults[i].end, vectors_int(ocrvl_json_get(want, "end")));
        }
        ocrvl_grounding_free(g);
    }
    ocrvl_json_free(root);
}

#define BOX(points) "<|box_start|>" points "<|box_end|>"

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *points;
        double x0, y0, x1, y1;
        bool clamped;
    } cases[] = {
        {"(-0,-0.0),(1.50,000000000000000000000000000002)", 0, 0, 1.5, 2, false},
        {"(0.1,0.30000000000000004),(999.9999999999,1000)", 0.1, 0.30000000000000004, 999.9999999999, 1000, false},
        {"(0.1234567890123456789012345,1),(2,123.000000000000000000000000)", 0.12345678901234568, 1, 2, 123, false},
        {"(-0.001,0),(1000.001,5)", 0, 0, 1000, 5, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "<|box_start|>%s<|box_end|>", cases[i].points);
        ocrvl_grounding *g = parse(text, strlen(text), 1000, 1000);
        assert_int_equal(g->item_count, 1);
        const ocrvl_grounding_item *item = g->items;
        assert_true(fabs(item->points[0][0] - cases[i].x0) < 1e-15 && !signbit(item->points[0][0]));
        assert_true(item->points[0][1] == cases[i].y0 && !signbit(item->points[0][1]));
        assert_true(item->points[1][0] == cases[i].x1 && item->points[1][1] == cases[i].y1);
        assert_int_equal(item->clamped, cases[i].clamped);
        ocrvl_grounding_free(g);
    }
    static const char *const wrong[] = {BOX("(1.,2),(3,4)"),    BOX("(.1,2),(3,4)"),  BOX("(+1,2),(3,4)"),
                                        BOX("(1 2),(3,4)"),     BOX("(1,2)(3,4)"),    BOX("(- 1,2),(3,4)"),
                                        BOX("(1.2.3,2),(3,4)"), BOX("(1,2),(3,4) x"), BOX("\x0B(1,2),(3,4)")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ocrvl_grounding *g = parse(wrong[i], strlen(wrong[i]), 1000, 1000);
        assert_int_equal(g->item_count, 0);
        assert_int_equal(g->fault_count, 1);
        assert_int_equal(g->faults[0].reason, OCRVL_GROUNDING_SYNTAX);
        ocrvl_grounding_free(g);
    }
}

static void ill_formed_text(void **state)
{
    (void)state;
    const char text[] = "\xFF<|object_ref_start|>a\xE2\x82z\0b<|object_ref_end|>" BOX("(1,2),(3,4)") "\xC3";
    ocrvl_grounding *g = parse(text, sizeof text - 1, 100, 100);
    assert_int_equal(g->item_count, 1);
    assert_int_equal(g->items[0].label_len, 7);
    assert_memory_equal(g->items[0].label, "a\xEF\xBF\xBDz\0b", 7);
    assert_int_equal(g->items[0].start, 1 + 20 + 5 + 18);
    assert_int_equal(g->text_len, 3 + 7 + 3);
    assert_memory_equal(g->text,
                        "\xEF\xBF\xBD"
                        "a\xEF\xBF\xBDz\0b"
                        "\xEF\xBF\xBD",
                        13);
    ocrvl_grounding_free(g);
}

/* A megabyte of each; what would take time in its square would take minutes. */
static void much_of_the_same(void **state)
{
    (void)state;
    static const char *const units[] = {"<",
                                        "<|box_start|>",
                                        "<|box_end|>",
                                        BOX("(1,2),(3,4)"),
                                        BOX("(1,2"),
                                        "<|object_ref_start|>x<|object_ref_end|>",
                                        "<|quad_start|>(1,2),",
                                        "(1,1),"};
    const size_t n = 1 << 20;
    char *text = ocrvl_alloc(n + 64);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = 0, unit = strlen(units[i]);
        for (; len < n; len += unit)
            memcpy(text + len, units[i], unit);
        ocrvl_grounding *g = parse(text, len, 100, 100);
        assert_true(g->text_len <= len);
        ocrvl_grounding_free(g);
    }
    ocrvl_free(text);
}

static void want_of_memory(void **state)
{
    (void)state;
    const char text[] = "<|object_ref_start|>a<|object_ref_end|>" BOX("(1,2),(3,4)") BOX("(1,2)") "<|box_end|>";
    for (long n = 1;; n++) {
        ocrvl_grounding *g;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_grounding_parse(&g, text, sizeof text - 1, 10, 10, NULL);
        int failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            assert_true(n > 5);
            ocrvl_grounding_free(g);
            return;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(g);
    }
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static ocrvl_grounding *parse_json(const char *text, uint32_t full_width, uint32_t full_height)
{
    ocrvl_grounding *g;
    assert_ok(ocrvl_grounding_parse_json(&g, text, strlen(text), full_width, full_height, 2000, 1000, err));
    return g;
}

static void check_box(const ocrvl_grounding_item *item, const char *label, int x0, int y0, int x1, int y1)
{
    assert_int_equal(item->kind, OCRVL_GROUNDING_BOX);
    assert_int_equal(item->label != NULL, label != NULL);
    if (label) {
        assert_int_equal(item->label_len, strlen(label));
        assert_memory_equal(item->label, label, item->label_len);
    }
    const int want[2][2] = {{x0, y0}, {x1, y1}};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            assert_int_equal(item->pixels_int[i][k], want[i][k]);
}

/* As Qwen2.5-VL writes it, in pixels of the picture as it was shown, here 500 x 250 of 2000 x 1000. */
static void json_in_pixels(void **state)
{
    (void)state;
    static const char text[] = "Here are the lines:\n```json\n[\n"
                               "\t{\"bbox_2d\": [10, 20, 110, 45], \"text_content\": \"Größe {a} \\\"b\\\"\"},\n"
                               "\t{\"bbox_2d\": [499.5, 240, 520, 230], \"label\": \"edge\"},\n"
                               "\t{\"bbox_2d\": [1, 2, 3, 4]},\n"
                               "\t{\"point_2d\": [10, 20], \"label\": \"a point\"},\n"
                               "\t{\"bbox_2d\": [1, 2, 3], \"label\": \"three\"},\n"
                               "\t{\"bbox_2d\": [1, 2, 3, \"4\"], \"label\": \"a text\"},\n"
                               "\t{\"bbox_2d\": [5, 6, 7, 8], \"label\": \"cut o";
    ocrvl_grounding *g = parse_json(text, 500, 250);
    assert_int_equal(g->item_count, 3);
    check_box(&g->items[0], "Größe {a} \"b\"", 40, 80, 440, 180);
    check_box(&g->items[1], "edge", 1998, 920, 2000, 960);
    assert_true(g->items[1].clamped && !g->items[0].clamped);
    check_box(&g->items[2], NULL, 4, 8, 12, 16);
    assert_int_equal(g->input[g->items[0].from], '{');
    assert_int_equal(g->input[g->items[0].to - 1], '}');
    assert_int_equal(g->fault_count, 3);
    assert_int_equal(g->faults[0].reason, OCRVL_GROUNDING_POINTS);
    assert_int_equal(g->faults[1].reason, OCRVL_GROUNDING_POINTS);
    assert_int_equal(g->faults[2].reason, OCRVL_GROUNDING_SYNTAX);
    assert_string_equal(g->text, text);
    ocrvl_grounding_free(g);
}

/* As Qwen3-VL writes it, in thousandths; inside another object, on one line. */
static void json_in_thousandths(void **state)
{
    (void)state;
    ocrvl_grounding *g =
        parse_json("{\"page\": 1, \"items\": [{\"label\": \"x\", \"bbox_2d\": [100, 200, 500, 250]}]}", 1000, 1000);
    assert_int_equal(g->item_count, 1);
    check_box(&g->items[0], "x", 200, 200, 1000, 250);
    ocrvl_grounding_free(g);
    static const char *const nothing[] = {
        "", "no box", "{", "}", "{}", "[]", "{\"bbox_2d\": 3}", "{\"bbox_2d\": [1e999,1,1,1]}", "{\"a\": \"\n{\"}"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        g = parse_json(nothing[i], 0, 0);
        assert_int_equal(g->item_count, 0);
        ocrvl_grounding_free(g);
    }
}

/* A megabyte of each, as of the tags. */
static void much_json(void **state)
{
    (void)state;
    static const char *const units[] = {"{",  "{\"",        "{\"\\", "{}", "{\"bbox_2d\":", "{\"bbox_2d\":[1,2,3,4]}",
                                        "[[", "\"\n{\"a\":"};
    const size_t n = 1 << 20;
    char *text = ocrvl_alloc(n + 64);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = 0, unit = strlen(units[i]);
        for (; len < n; len += unit)
            memcpy(text + len, units[i], unit);
        ocrvl_grounding *g;
        assert_ok(ocrvl_grounding_parse_json(&g, text, len, 1000, 1000, 100, 100, err));
        ocrvl_grounding_free(g);
    }
    ocrvl_free(text);
}

static void want_of_memory_in_json(void **state)
{
    (void)state;
    const char text[] = "[{\"bbox_2d\": [1, 2, 3, 4], \"label\": \"a\"}, {\"bbox_2d\": [1]}]";
    for (long n = 1;; n++) {
        ocrvl_grounding *g;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_grounding_parse_json(&g, text, sizeof text - 1, 10, 10, 10, 10, NULL);
        int failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            assert_true(n > 5);
            ocrvl_grounding_free(g);
            return;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors),
                                       cmocka_unit_test(numbers),
                                       cmocka_unit_test(ill_formed_text),
                                       cmocka_unit_test(much_of_the_same),
                                       cmocka_unit_test(want_of_memory),
                                       cmocka_unit_test(json_in_pixels),
                                       cmocka_unit_test(json_in_thousandths),
                                       cmocka_unit_test(much_json),
                                       cmocka_unit_test(want_of_memory_in_json)};
    return cmocka_run_group_tests_name("grounding", tests, NULL, NULL);
}
