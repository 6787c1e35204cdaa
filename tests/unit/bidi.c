/* ocrvl_text_visual and ocrvl_text_direction against Unicode's BidiTest.txt and BidiCharacterTest.txt. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "unicode/words.h"

#define FOLDER "/usr/share/unicode/"
enum { MOST = 512 }; /* characters of a test */

/* Characters of each class, as many as tests have of one at a time, as far as there are so many. */
static const struct {
    const char *name;
    uint32_t chars[8];
    bool removed; /* rule X9 */
} classes[] = {
    {"L", {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}, false},
    {"R", {0x5D0, 0x5D1, 0x5D2, 0x5D3, 0x5D4, 0x5D5, 0x5D6, 0x5D7}, false},
    {"AL", {0x627, 0x628, 0x629, 0x62A, 0x62B, 0x62C, 0x62D, 0x62E}, false},
    {"EN", {'0', '1', '2', '3', '4', '5', '6', '7'}, false},
    {"AN", {0x660, 0x661, 0x662, 0x663, 0x664, 0x665, 0x666, 0x667}, false},
    {"ES", {'+', '-', 0x207A, 0x207B, 0x208A, 0x208B, 0x2212, 0xFF0B}, false},
    {"ET", {'#', '$', '%', 0xA2, 0xA3, 0xA4, 0xA5, 0x20AC}, false},
    {"CS", {',', '.', '/', ':', 0xA0, 0x60C, 0x202F, 0x2044}, false},
    {"NSM", {0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0x307}, false},
    {"WS", {' ', 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005}, false},
    {"ON", {'!', '&', '*', ';', '?', '@', '\\', '^'}, false},
    {"S", {'\t', 0xB, 0x1F, '\t', 0xB, 0x1F, '\t', 0xB}, false},
    {"B", {0x2029, 0x2029, 0x2029, 0x2029, 0x2029, 0x2029, 0x2029, 0x2029}, false},
    {"BN", {0xAD, 0xAD, 0xAD, 0xAD, 0xAD, 0xAD, 0xAD, 0xAD}, true},
    {"LRE", {0x202A, 0x202A, 0x202A, 0x202A, 0x202A, 0x202A, 0x202A, 0x202A}, true},
    {"RLE", {0x202B, 0x202B, 0x202B, 0x202B, 0x202B, 0x202B, 0x202B, 0x202B}, true},
    {"PDF", {0x202C, 0x202C, 0x202C, 0x202C, 0x202C, 0x202C, 0x202C, 0x202C}, true},
    {"LRO", {0x202D, 0x202D, 0x202D, 0x202D, 0x202D, 0x202D, 0x202D, 0x202D}, true},
    {"RLO", {0x202E, 0x202E, 0x202E, 0x202E, 0x202E, 0x202E, 0x202E, 0x202E}, true},
    {"LRI", {0x2066, 0x2066, 0x2066, 0x2066, 0x2066, 0x2066, 0x2066, 0x2066}, false},
    {"RLI", {0x2067, 0x2067, 0x2067, 0x2067, 0x2067, 0x2067, 0x2067, 0x2067}, false},
    {"FSI", {0x2068, 0x2068, 0x2068, 0x2068, 0x2068, 0x2068, 0x2068, 0x2068}, false},
    {"PDI", {0x2069, 0x2069, 0x2069, 0x2069, 0x2069, 0x2069, 0x2069, 0x2069}, false},
};
enum { CLASSES = sizeof classes / sizeof *classes };

typedef struct test {
    uint32_t chars[MOST];
    size_t count;
    size_t order[MOST]; /* which characters stand on the line, from left to right; the rest is removed */
    size_t shown;
} test;

static FILE *open_file(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("no %s (package unicode-data)\n", path);
        skip();
    }
    return f;
}

/* "1 0 2" to the end of the line. */
static void read_order(test *t, const char *s)
{
    char *end;
    t->shown = 0;
    for (unsigned long v = strtoul(s, &end, 10); end > s; v = strtoul(s, &end, 10)) {
        assert_true(t->shown < MOST && v < MOST);
        t->order[t->shown++] = v;
        s = end;
    }
}

static bool removed(uint32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || c == 0xAD || (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF ||
           c < 9;
}

/* Whether the order comes out as the test has it. */
static bool as_told(const test *t, ocrvl_direction dir)
{
    ocrvl_buf in = {0}, want = {0}, got = {0};
    char *out;
    for (size_t i = 0; i < t->count; i++)
        ocrvl_buf_put_codepoint(&in, t->chars[i]);
    for (size_t i = 0; i < t->shown; i++)
        ocrvl_buf_put_codepoint(&want, t->chars[t->order[i]]);
    assert_ok(ocrvl_text_visual(&out, in.data ? in.data : "", in.len, dir, err));
    for (const char *s = out; *s;) {
        size_t n = (unsigned char)*s < 0x80 ? 1 : (unsigned char)*s < 0xE0 ? 2 : (unsigned char)*s < 0xF0 ? 3 : 4;
        uint32_t c = n == 2   ? (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3F)
                     : n == 3 ? (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3F)
                              : (unsigned char)*s;
        if (!removed(c))
            ocrvl_buf_put(&got, s, n);
        s += n;
    }
    bool same = want.len == got.len && (want.len == 0 || memcmp(want.data, got.data, want.len) == 0);
    ocrvl_text_free(out);
    ocrvl_buf_free(&in);
    ocrvl_buf_free(&want);
    ocrvl_buf_free(&got);
    return same;
}

/* Characters of the classes named up to the semicolon. Returns what follows it; NULL: a class that isn't listed. */
static const char *read_classes(test *t, const char *s)
{
    size_t used[CLASSES] = {0};
    t->count = 0;
    while (*s && *s != ';') {
        size_t n = strcspn(s, " ;"), k = 0;
        while (k < CLASSES && (strlen(classes[k].name) != n || memcmp(classes[k].name, s, n) != 0))
            k++;
        if (k == CLASSES || t->count == MOST)
            return NULL;
        t->chars[t->count++] = classes[k].chars[used[k]++ % 8];
        s += n + strspn(s + n, " ");
    }
    return *s ? s + 1 : NULL;
}

static void test_classes(void **state)
{
    static const ocrvl_direction dirs[] = {OCRVL_DIR_NONE, OCRVL_DIR_LTR, OCRVL_DIR_RTL};
    FILE *f = open_file(FOLDER "BidiTest.txt");
    char line[4096];
    test t = {0};
    size_t done = 0;
    (void)state;
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "@Reorder:", 9) == 0)
            read_order(&t, line + 9);
        if (*line == '@' || *line == '#' || *line == '\n')
            continue;
        const char *bits = read_classes(&t, line);
        assert_non_null(bits);
        unsigned long which = strtoul(bits, NULL, 16);
        for (int i = 0; i < 3; i++)
            if (which & 1u << i) {
                if (!as_told(&t, dirs[i]))
                    fail_msg("direction %d of %s", (int)dirs[i], line);
                done++;
            }
    }
    fclose(f);
    assert_true(done > 700000);
    print_message("%zu cases of BidiTest.txt\n", done);
}

/* Where ICU 72 doesn't follow UAX #9 (see servo/unicode-bidi#90 and ICU-23513): overrides beside embeddings of the same
 * level, which bracket pairs reach into; marks on brackets; 64 open brackets. */
static bool icu_fails(const test *t)
{
    bool override = false, mark = false;
    for (size_t i = 0; i < t->count; i++) {
        uint32_t c = t->chars[i];
        override |= c == 0x202D || c == 0x202E;
        mark |= (c >= 0x331 && c <= 0x333) || c == 0x20D6;
    }
    return override || mark || t->count > 64;
}

/* "05D0 0028;1;1;1 0;1 0": the text, direction of the paragraph, its level, levels, order. */
static void test_characters(void **state)
{
    FILE *f = open_file(FOLDER "BidiCharacterTest.txt");
    char line[4096];
    size_t done = 0, failed = 0;
    (void)state;
    while (fgets(line, sizeof line, f)) {
        test t = {0};
        const char *s = line;
        ocrvl_buf in = {0};
        if (*line == '#' || *line == '\n')
            continue;
        while (*s != ';') {
            char *end;
            t.chars[t.count++] = (uint32_t)strtoul(s, &end, 16);
            ocrvl_buf_put_codepoint(&in, t.chars[t.count - 1]);
            s = *end == ' ' ? end + 1 : end;
        }
        int asked = s[1] - '0', level = s[3] - '0';
        s = strrchr(line, ';') + 1;
        read_order(&t, s);
        bool right = as_told(&t, asked == 0 ? OCRVL_DIR_LTR : asked == 1 ? OCRVL_DIR_RTL : OCRVL_DIR_NONE);
        if (!right && !icu_fails(&t))
            fail_msg("%s", line);
        failed += !right;
        ocrvl_direction d = ocrvl_text_direction(in.data, in.len);
        if (asked == 2 && (d == OCRVL_DIR_RTL) != (level == 1))
            fail_msg("direction %d, not of level %d: %s", (int)d, level, line);
        ocrvl_buf_free(&in);
        done++;
    }
    fclose(f);
    assert_true(done > 90000);
    assert_true(failed <= 30);
    print_message("%zu cases of BidiCharacterTest.txt, %zu not as ICU has it\n", done, failed);
}

/* UAX #9, P2: what stands in an isolate doesn't count. */
static void test_isolates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        ocrvl_direction dir;
    } rows[] = {{"", OCRVL_DIR_NONE},
                {"12 !", OCRVL_DIR_NONE},
                {"12 a", OCRVL_DIR_LTR},
                {"(\u05D0", OCRVL_DIR_RTL},
                {"\u2067\u05D0\u2069 a", OCRVL_DIR_LTR},
                {"\u2066a \u2068b\u2069 c\u2069 \u0627", OCRVL_DIR_RTL},
                {"\u2069\u2069\u05D0", OCRVL_DIR_RTL},
                {"\u2066a", OCRVL_DIR_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(ocrvl_text_direction(rows[i].text, strlen(rows[i].text)), rows[i].dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes), cmocka_unit_test(test_characters),
                                       cmocka_unit_test(test_isolates)};
    return cmocka_run_group_tests_name("bidi", tests, NULL, NULL);
}
