/* Hidden text in the operators of a page: what is cut, what must stay, and content that makes no sense. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "in/content.h"
#include "in/content_plain.h"
#include "sources.h"

static bool is_drawn(void *user, const char *font)
{
    (void)user;
    return strcmp(font, "/Drawn") == 0;
}

static void shows(void *user, const char *object) { bytes_puts(user, object); }

typedef bool find(ocrvl_cuts *cuts, const uint8_t *data, size_t len, const ocrvl_content_names *names);

static bool is_clear(void *user, const char *state, bool were)
{
    (void)user;
    return strcmp(state, "/Clear") == 0 || (were && strcmp(state, "/Opaque") != 0);
}

/* The content without what is found; NULL: it was refused. To be freed. */
static char *without_found(find *found, const char *content, size_t len, bytes *shown)
{
    ocrvl_cuts cuts = {0};
    ocrvl_buf b = {0};
    size_t at = 0;
    ocrvl_content_names names = {shown, is_drawn, shows, is_clear};
    bool fine = found(&cuts, (const uint8_t *)content, len, &names);
    for (size_t i = 0; i < cuts.count && fine; i++) {
        assert_true(cuts.list[i].from >= at && cuts.list[i].to > cuts.list[i].from && cuts.list[i].to <= len);
        ocrvl_buf_put(&b, content + at, cuts.list[i].from - at);
        ocrvl_buf_puts(&b, cuts.list[i].instead);
        at = cuts.list[i].to;
    }
    if (fine)
        ocrvl_buf_put(&b, content + at, len - at);
    ocrvl_free(cuts.list);
    return fine ? ocrvl_buf_steal(&b, NULL) : NULL;
}

/* The same of hidden text. */
static char *without(const char *content, size_t len, bytes *shown)
{
    return without_found(ocrvl_content_hidden, content, len, shown);
}

static void check_found(find *found, const char *content, const char *expected)
{
    bytes shown = {0};
    char *got = without_found(found, content, strlen(content), &shown);
    if (!got || strcmp(got, expected) != 0)
        fail_msg("\"%s\" became \"%s\", not \"%s\"", content, got ? got : "(refused)", expected);
    ocrvl_free(got);
    bytes_free(&shown);
}

static void check(const char *content, const char *expected) { check_found(ocrvl_content_hidden, content, expected); }

/* Operators that end what wasn't begun. */
static void balance(void **state)
{
    (void)state;
    check_found(ocrvl_content_unbalanced, "q Q Q 1 w Q q", "q Q   1 w   q");
    check_found(ocrvl_content_unbalanced, "q q Q Q (Q) Tj [(Q)] TJ /Q gs", "q q Q Q (Q) Tj [(Q)] TJ /Q gs");
    check_found(ocrvl_content_unbalanced, "BI /W 1 ID Q Q\nEI Q 1 w", "BI /W 1 ID Q Q\nEI   1 w");
}

/* Text that may be hidden otherwise than by its mode; and all of it. */
static void suspects(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"BT (a) Tj ET /I Do BT (b) Tj ET", "BT   ET /I Do BT (b) Tj ET"},
        {"1 g (a) Tj T* 0.9 g (b) Tj T* 1.00 g (c) Tj", "1 g   T* 0.9 g (b) Tj T* 1.00 g  "},
        {"1 1 1 rg (a) Tj T* 1 1 0 rg (b) Tj", "1 1 1 rg   T* 1 1 0 rg (b) Tj"},
        {"0 0 0 0 k (a) Tj T* 0 0 0 1 k (b) Tj", "0 0 0 0 k   T* 0 0 0 1 k (b) Tj"},
        {"q 1 g 1 w Q (a) Tj", "q 1 g 1 w Q (a) Tj"},
        {"/Clear gs (a) Tj T* /Other gs (b) Tj T* /Opaque gs (c) Tj",
         "/Clear gs   T* /Other gs   T* /Opaque gs (c) Tj"},
        {"7 Tr (a) Tj T* 0 Tr (b) Tj", "7 Tr   T* 0 Tr (b) Tj"},
        {"/OC /L BDC 1 g (a) Tj /P BMC (b) Tj EMC (c) Tj EMC T* (d) Tj",
         "/OC /L BDC 1 g (a) Tj /P BMC (b) Tj EMC (c) Tj EMC T*  "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_found(ocrvl_content_suspects, cases[i][0], cases[i][1]);
    check_found(ocrvl_content_text, "BT (a) Tj 3 Tr (b) Tj ET 1 w BT /OC /L BDC 0 Tr (c) Tj EMC",
                "BT   3 Tr   ET 1 w BT /OC /L BDC 0 Tr (c) Tj EMC");
}

static void stays(const char *content) { check(content, content); }

static void hidden_text_goes(void **state)
{
    (void)state;
    check("BT 3 Tr (a) Tj ET 1 g f", "BT 3 Tr   ET 1 g f");
    check("BT 3 Tr [(a) 3 (b)] TJ <61> Tj ET f", "BT 3 Tr     ET f");
    check("BT 3 Tr (a) ' ET f", "BT 3 Tr T* ET f");
    check("BT 3 Tr 1 .5 (a) \" ET f", "BT 3 Tr 1 Tw .5 Tc T* ET f");
    check("3 Tr BT (a(b\\)c)d) Tj ET f", "3 Tr BT   ET f");
    check("BT 3 Tr(a)Tj/F 1 Tf ET f", "BT 3 Tr /F 1 Tf ET f");
    check("BT 3 Tr % (no) Tj\n(a) Tj ET f", "BT 3 Tr % (no) Tj\n  ET f");
}

static void visible_text_stays(void **state)
{
    (void)state;
    stays("BT (a) Tj ET");
    stays("BT 0 Tr (a) Tj 7 Tr (b) Tj 2 Tr (c) ' ET");
    stays("q 3 Tr Q BT (a) Tj ET");
    stays("BT 3 Tr /Drawn 1 Tf (a) Tj ET");   /* no mode hides it */
    stays("BT 3 Tr /#44rawn 1 Tf (a) Tj ET"); /* the same name */
    stays("BT 3 Tr (a) Tj 0 Tr (b) Tj ET");   /* b stands where a ends */
    stays("BT 3.0 Tr (a) Tj ET");             /* not an integer: nothing is certain */
    stays("BT 3 Tr (a b) 1 1 1 \" (c) Tj 0 Tr (d) Tj ET");
    check("BT 3 Tr (a) Tj 0 Tr 1 0 Td (b) Tj ET", "BT 3 Tr   0 Tr 1 0 Td (b) Tj ET");
    check("BT 3 Tr (a) Tj 1 0 Td (b) Tj 0 Tr (c) Tj ET", "BT 3 Tr   1 0 Td (b) Tj 0 Tr (c) Tj ET");
    check("BT 3 Tr (a) Tj 0 Tr (b) ' ET", "BT 3 Tr   0 Tr (b) ' ET");
}

static void blocks_of_nothing_else_go_whole(void **state)
{
    (void)state;
    check("q 1 0 0 1 0 0 cm BT 3 Tr /F 9 Tf (a) Tj ET Q f", "  f");
    check("1 g q /Span <</Lang (a)>> BDC BT 3 Tr (a) Tj ET EMC Q f", "1 g   f");
    check("q q BT 3 Tr (a) Tj ET Q q 1 w Q Q", " ");
    check("q BT 3 Tr (a) Tj ET 0 0 m f Q", "q BT 3 Tr   ET 0 0 m f Q");
    check("q BT 3 Tr (a) Tj ET /A BMC Q EMC", "q BT 3 Tr   ET /A BMC Q EMC");
    check("q EMC BT 3 Tr (a) Tj ET Q", "q EMC BT 3 Tr   ET Q");
    stays("q 1 w Q f");
    check("Q Q q BT 3 Tr (a) Tj ET", "Q Q q BT 3 Tr   ET");
}

static void images_in_the_content_are_stepped_over(void **state)
{
    bytes shown = {0};
    static const char image[] = "BI /W 1 ID \x00 EI\xff(3 Tr EI Q BT 3 Tr (a) Tj ET";
    static const char rest[] = "BI /W 1 ID \x00 EI\xff(3 Tr EI Q BT 3 Tr   ET";
    (void)state;
    char *got = without(image, sizeof image - 1, &shown);
    assert_non_null(got);
    assert_memory_equal(got, rest, sizeof rest - 1);
    ocrvl_free(got);
    assert_null(without("BI ID \x01\x02", 8, &shown)); /* without an end */
    bytes_free(&shown);
}

static void objects_shown_are_told(void **state)
{
    bytes shown = {0};
    const char *content = "/A Do q /B#20c Do Q Do 3 Do";
    (void)state;
    ocrvl_free(without(content, strlen(content), &shown));
    assert_int_equal(shown.len, 6);
    assert_memory_equal(shown.data, "/A/B c", 6);
    bytes_free(&shown);
}

static void nonsense_does_no_harm(void **state)
{
    static const char *const words[] = {"q ",  "Q ",  "BT ", "ET ", "3 Tr ", "(a) ", "Tj ", "' ",   "\" ",  "[ ",
                                        "] ",  "<< ", ">> ", "< ",  "> ",    "( ",   ") ",  "BMC ", "EMC ", "ID ",
                                        "EI ", "/N ", "Do ", "\\",  "% ",    "\n",   "1 ",  "{",    "}",    "#"};
    char *deep = calloc(1, 2000);
    bytes shown = {0};
    uint32_t seed = 5;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        bytes b = {0};
        for (uint32_t n = next_random(&seed) % 40; n > 0; n--)
            bytes_puts(&b, words[next_random(&seed) % (sizeof words / sizeof *words)]);
        char *copy = malloc(b.len + 1); /* of exactly that size */
        memcpy(copy, b.data ? (char *)b.data : "", b.len);
        ocrvl_free(without(copy, b.len, &shown));
        free(copy);
        bytes_free(&b);
    }
    for (int i = 0; i < 1000; i++)
        memcpy(deep + 2 * i, "q ", 2);
    assert_null(without(deep, 2000, &shown));
    free(deep);
    bytes_free(&shown);
}

static bool is_letters(void *user, const char *name)
{
    (void)user;
    return strcmp(name, "/F") == 0;
}

static bool is_opaque(void *user, const char *name)
{
    (void)user;
    return strcmp(name, "/Opaque") == 0;
}

static bool is_plain(const char *content)
{
    const ocrvl_plain_names names = {NULL, is_letters, is_opaque};
    ocrvl_painted painted = {0};
    bool plain = ocrvl_content_is_plain((const uint8_t *)content, strlen(content), &names, &painted);
    ocrvl_painted_free(&painted);
    return plain;
}

static void dark_text_alone_is_plain(void **state)
{
    static const char *const plain[] = {
        "",
        "BT /F 12 Tf 0 g 1 0 0 1 72 700 Tm [(a) -20 (b)] TJ T* (c) ' 1 2 (d) \" ET",
        "/P << /MCID 0 >> BDC 0.1 0.2 0.5 rg /Opaque gs (q 1 g) Tj EMC",
        "0 0 0 1 k q 1 0 0 1 72 700 cm []0 d 0 J 0.398 w 0 0.199 m 3.487 0.199 l S Q",           /* TeX's underscore */
        "0 0 10 10 re W n (a) Tj",                                                               /* a clip */
        "0.9 g 0 0 99 40 re f 0 g (a) Tj",                                                       /* a light ground */
        "0.9 0.93 0.96 rg 5 0 m 95 0 l 98 0 99 3 99 5 c 99 40 l 0 40 l 0 5 l 0 3 3 0 5 0 c h f", /* with round corners */
        "0 0 200 0.5 re f 0.5 G 1 w 0 40 m 300 40 l S 0 0 99 40 re S",                           /* rules, a frame */
        "485 41 m 485 188 l 486 188 l 486 40 l f",                                               /* a frame's side */
        "0 0 3 3 re f (a) Tj",                                                                   /* a list's mark */
    };
    static const char *const others[] = {
        "BT 3 Tr (a) Tj ET",
        "1 g (a) Tj",
        "1 g 0 0 50 50 re f (a) Tj", /* white on white */
        "0.9 0.9 0.8 rg (a) Tj",
        "0 0 0 0 k (a) Tj",
        "/Pattern cs /P scn (a) Tj",
        "/Drawn 12 Tf (a) Tj",
        "/Clear gs (a) Tj",
        "/OC /Off BDC (a) Tj EMC",
        "0 0 m 10 0 l 5 9 l h W n (a) Tj",
        "0 0 10 10 re 20 0 10 10 re W n (a) Tj",
        "(a) Tj 0 0 30 13 re f",
        "0.95 g 0 0 m 90 40 l 0 40 l f",
        "0.95 g 0 0 m 0 90 90 90 90 0 c f",
        "(a) Tj /I Do",
        "(a) Tj /S sh",
        "BI /W 1 /H 1 ID x EI",
        "1 w 0 0 m 300 20 l S",
        "20 w 0 0 m 3 0 l S",
        "40 0 0 40 0 0 cm 0.1 w 0 0 m 3 0 l S",
        "1 w 0 0 m 3 0 l 3 3 l S",
        "BT 7 Tr (a) Tj",
        "(a) unknown",
    };
    char deep[2001] = "";
    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_true(is_plain(plain[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(is_plain(others[i]));
    for (int i = 0; i < 1000; i++)
        memcpy(deep + 2 * i, "q ", 2);
    assert_false(is_plain(deep));
    for (int i = 0; i < 1000; i++)
        memcpy(deep + 2 * i, "Q ", 2);
    assert_true(is_plain(deep));
}

static void what_is_painted_is_told(void **state)
{
    static const char content[] =
        "2 0 0 2 10 0 cm 0.9 g 0 0 50 20 re f 0.25 g 0.5 G 0.5 w 0 30 m 50 30 l S 0 0 1 1 re f";
    const ocrvl_plain_names names = {NULL, is_letters, is_opaque};
    ocrvl_painted p = {0};
    (void)state;
    assert_true(ocrvl_content_is_plain((const uint8_t *)content, sizeof content - 1, &names, &p));
    assert_int_equal(p.count, 2);
    assert_memory_equal(&p.at[0], (&(ocrvl_painted_box){10, 0, 110, 40, 0.9}), sizeof p.at[0]);
    assert_memory_equal(&p.at[1], (&(ocrvl_painted_box){10, 59.5, 110, 60.5, 0.5}), sizeof p.at[1]);

    enum { W = 70, H = 40 };
    uint8_t painted[H][W], page[H][W], rest[H][W];
    const ocrvl_painted_view view = {0, 80, 0.5, 0.5};
    ocrvl_painted_draw(&painted[0][0], W, H, &p, &view, 0);
    assert_int_equal(painted[30][30], 230); /* the ground, from y 20 on */
    assert_int_equal(painted[5][30], 255);
    assert_int_equal(painted[9][30], 223); /* the rule covers a quarter of this row and of the next */
    assert_int_equal(painted[10][30], 223);
    assert_int_equal(painted[30][4], 255);
    memcpy(page, painted, sizeof page);
    page[9][40] = 180; /* the page's rule is a bit thicker */
    page[30][50] = 20; /* and it has ink of its own */
    ocrvl_painted_take(&rest[0][0], &page[0][0], &painted[0][0], W, H);
    assert_int_equal(rest[30][30], 255);
    assert_int_equal(rest[9][40], 212);
    assert_int_equal(rest[30][50], 45);
    ocrvl_painted_draw(&painted[0][0], W, H, &p, &view, 1000);
    assert_int_equal(painted[30][30], 255);

    ocrvl_painted_free(&p);
    ocrvl_mem_fail_after(1);
    assert_false(ocrvl_content_is_plain((const uint8_t *)content, sizeof content - 1, &names, &p));
    ocrvl_mem_fail_after(0);
    ocrvl_painted_free(&p);
}

static void no_memory_is_told(void **state)
{
    ocrvl_cuts cuts = {0};
    ocrvl_content_names names = {NULL, is_drawn, shows, is_clear};
    (void)state;
    ocrvl_mem_fail_after(1);
    assert_false(ocrvl_content_hidden(&cuts, (const uint8_t *)"3 Tr (a) Tj", 11, &names));
    ocrvl_mem_fail_after(0);
    assert_true(cuts.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balance),
        cmocka_unit_test(suspects),
        cmocka_unit_test(hidden_text_goes),
        cmocka_unit_test(visible_text_stays),
        cmocka_unit_test(blocks_of_nothing_else_go_whole),
        cmocka_unit_test(images_in_the_content_are_stepped_over),
        cmocka_unit_test(objects_shown_are_told),
        cmocka_unit_test(dark_text_alone_is_plain),
        cmocka_unit_test(what_is_painted_is_told),
        cmocka_unit_test(nonsense_does_no_harm),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
