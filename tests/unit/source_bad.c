/* Cut and mangled documents of every format: an error or a page, never a crash, a leak or a hang. Each file of the
 * corpus is cut at many places and changed in many ways, the same in every run. */
#include <dirent.h>
#include <unistd.h>

#include "sources.h"

#define CORPUS "tests/fuzz/corpus/source/"

static bool has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static void each(const char *suffix, void (*fn)(const bytes *b, bool slow))
{
    unsigned files = 0;
    DIR *dir = opendir(CORPUS);
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        char path[512];
        if (!has_suffix(d->d_name, suffix))
            continue;
        snprintf(path, sizeof path, CORPUS "%s", d->d_name);
        bytes b = bytes_load(path);
        alarm(120); /* a hang ends the test */
        fn(&b, has_suffix(d->d_name, ".pdf"));
        alarm(0);
        bytes_free(&b);
        files++;
    }
    closedir(dir);
    assert_true(files > 0);
}

static void cut(const bytes *b, bool slow)
{
    for (size_t len = 0; len < b->len; len += slow ? 41 : len < 200 ? 1 : 7)
        read_anything(b->data, len, "secret");
}

/* Bytes set at random, to their neighbours' values and to the extremes; bits turned; pieces taken out and doubled. */
static void mangle(bytes *b, uint32_t *state)
{
    static const uint8_t extremes[] = {0, 1, 0x7F, 0x80, 0xFF, 0xFE};
    for (unsigned n = 1 + next_random(state) % 4; n > 0 && b->len > 1; n--) {
        size_t at = next_random(state) % b->len, piece = 1 + next_random(state) % 16;
        switch (next_random(state) % 6) {
        case 0: b->data[at] = (uint8_t)next_random(state); break;
        case 1: b->data[at] ^= (uint8_t)(1u << next_random(state) % 8); break;
        case 2: b->data[at] = extremes[next_random(state) % sizeof extremes]; break;
        case 3: b->data[at] = (uint8_t)(b->data[at] + 1 - 2 * (next_random(state) & 1)); break;
        case 4:
            piece = piece < b->len - at ? piece : b->len - at;
            memmove(b->data + at, b->data + at + piece, b->len - at - piece);
            b->len -= piece;
            break;
        default:
            piece = piece < b->len - at ? piece : b->len - at;
            if (b->cap - b->len < piece)
                break;
            memmove(b->data + at + piece, b->data + at, b->len - at);
            b->len += piece;
        }
    }
}

static void mangled(const bytes *b, bool slow)
{
    uint32_t state = 0x9E3779B9;
    for (int i = 0; i < (slow ? 120 : 600); i++) {
        bytes copy = {0};
        bytes_put(&copy, b->data, b->len);
        mangle(&copy, &state);
        read_anything(copy.data, copy.len, "secret");
        bytes_free(&copy);
    }
}

static void whole(const bytes *b, bool slow)
{
    (void)slow;
    assert_true(read_anything(b->data, b->len, "secret") > 0);
}

#define FORMATS(X)                                                                                                     \
    X(png) X(jpg) X(tif) X(pdf) X(ppm) X(pgm) X(pbm) X(pam) X(mixed) X(webp) X(gif) X(bmp) X(jp2) X(j2k) X(avif)
#define TESTS(suffix)                                                                                                  \
    static void whole_##suffix(void **state)                                                                           \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        each("." #suffix, whole);                                                                                      \
    }                                                                                                                  \
    static void cut_##suffix(void **state)                                                                             \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        each("." #suffix, cut);                                                                                        \
    }                                                                                                                  \
    static void mangled_##suffix(void **state)                                                                         \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        each("." #suffix, mangled);                                                                                    \
    }
FORMATS(TESTS)

#define LIST(suffix)                                                                                                   \
    cmocka_unit_test(whole_##suffix), cmocka_unit_test(cut_##suffix), cmocka_unit_test(mangled_##suffix),

int main(void)
{
    const struct CMUnitTest tests[] = {FORMATS(LIST)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
