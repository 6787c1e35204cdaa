/* HTML's character references: names of one and two code points, and those that go without a semicolon. */
#include "testing.h"

#include <string.h>

#include "base/buf.h"
#include "base/entities.h"
#include "in/xmlin.h"

static void named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t c[2];
    } known[] = {{"AElig", {0xC6, 0}},
                 {"zwnj", {0x200C, 0}},
                 {"amp", {'&', 0}},
                 {"CounterClockwiseContourIntegral", {0x2233, 0}},
                 {"Zscr", {0x1D4B5, 0}},
                 {"NotEqualTilde", {0x2242, 0x338}},
                 {"bne", {'=', 0x20E5}},
                 {"fjlig", {'f', 'j'}},
                 {"ThickSpace", {0x205F, 0x200A}}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t out[2];
        assert_int_equal(ocrvl_entity(known[i].name, strlen(known[i].name), out), known[i].c[1] ? 2 : 1);
        assert_memory_equal(out, known[i].c, sizeof out);
    }
}

static void unknown(void **state)
{
    (void)state;
    static const char *const names[] = {"", "a", "am", "ampe", "AMPERSAND", "copY", "zzzz", "~"};
    uint32_t out[2];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(ocrvl_entity(names[i], strlen(names[i]), out), 0);
    assert_int_equal(ocrvl_entity("ampersand", 3, out), 1); /* no more than len bytes are read */
}

static void without_semicolon(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        size_t used;
        uint32_t c;
    } cases[] = {{"notit", 3, 0xAC}, {"notin", 3, 0xAC}, {"copy", 4, 0xA9}, {"frac34x", 6, 0xBE},
                 {"GTx", 2, '>'},    {"hellip", 0, 0},   {"g", 0, 0},       {"", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t used;
        uint32_t out[2] = {0};
        assert_int_equal(ocrvl_entity_prefix(cases[i].s, strlen(cases[i].s), &used, out), cases[i].used ? 1 : 0);
        assert_int_equal(used, cases[i].used);
        assert_int_equal(out[0], cases[i].c);
    }
}

/* XHTML names its entities in a DTD that isn't read. */
static void in_xml(void **state)
{
    (void)state;
    static const char xml[] = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" "
                              "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n"
                              "<p>&nbsp;&starf;&NotEqualTilde;&nosuch;</p>";
    ocrvl_xmlin *x;
    ocrvl_buf text = {0};
    assert_ok(ocrvl_xmlin_open(&x, xml, sizeof xml - 1, false, err));
    for (ocrvl_xml_event e; (e = ocrvl_xmlin_next(x)) != OCRVL_XML_END;) {
        assert_int_not_equal(e, OCRVL_XML_BAD);
        if (e == OCRVL_XML_TEXT)
            ocrvl_buf_puts(&text, ocrvl_xmlin_text(x));
    }
    assert_string_equal(text.data, "\u00A0\u2605\u2242\u0338");
    ocrvl_buf_free(&text);
    ocrvl_xmlin_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named),
        cmocka_unit_test(unknown),
        cmocka_unit_test(without_semicolon),
        cmocka_unit_test(in_xml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
