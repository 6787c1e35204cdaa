/* HTML's character references: names of one and two code points, and those that go without a semicolon. */
#include "testing.h"

#include <string.h>

#include "base/entities.h"

static void named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t c[2];
    } known[] = {{"AElig", {0xC6, 0}},          {"zwnj", {0x200C, 0}},
                 {"amp", {'&', 0}},             {"CounterClockwiseContourIntegral", {0x2233, 0}},
                 {"Zscr", {0x1D4B5, 0}},        {"NotEqualTilde", {0x2242, 0x338}},
                 {"bne", {'=', 0x20E5}},        {"fjlig", {'f', 'j'}},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named),
        cmocka_unit_test(unknown),
        cmocka_unit_test(without_semicolon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
