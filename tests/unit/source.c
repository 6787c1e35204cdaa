/* Sources as such: what format it is, files, pipes and standard input, ranges of pages, limits, digests, and no memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources.h"

#include "base/mem.h"

#define CORPUS "tests/fuzz/corpus/source/"

/* The digits are of `printf 'P5 1 1 255\n\007' | sha256sum`. */
static const char dot[] = "P5 1 1 255\n\007";
static const char dot_sha256[] = "269d98dd59b6f41864bc8c5b6c1beccab0ba3d0caaf8eaf07f69e9d15b546f27";

static bytes dots(unsigned n)
{
    bytes b = {0};
    for (unsigned i = 1; i <= n; i++) {
        char text[32];
        snprintf(text, sizeof text, "P5 %u 1 255\n", i);
        bytes_puts(&b, text);
        for (unsigned k = 0; k < i; k++)
            bytes_puts(&b, "x");
    }
    return b;
}

static void known_by_first_bytes(void **state)
{
    (void)state;
    static const char *const files[][2] = {{"gray.png", "image/png"},
                                           {"gray.jpg", "image/jpeg"},
                                           {"g4.tif", "image/tiff"},
                                           {"big-endian.tif", "image/tiff"},
                                           {"big.tif", "image/tiff"},
                                           {"text.pdf", "application/pdf"},
                                           {"plain.ppm", "image/x-portable-anymap"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[200];
        ocrvl_source *src;
        snprintf(path, sizeof path, CORPUS "%s", files[i][0]);
        assert_ok(ocrvl_source_open(&src, path, NULL, err));
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_image *img = next_page(src, &place);
        assert_string_equal(place.file, path);
        assert_string_equal(place.media_type, files[i][1]);
        assert_int_equal(place.width, ocrvl_image_width(img));
        ocrvl_image_free(img);
        ocrvl_source_free(src);
    }
    static const char *const others[] = {"x",        "GIF89a......", "II*", "P8 1 1", "P5",
                                         "\xff\xd8", "\x89PNG\r\n",  "%PD", "P5x"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bytes b = {0};
        bytes_puts(&b, others[i]);
        expect_error(&b, NULL, OCRVL_E_UNSUPPORTED, "test: not a PDF, TIFF, PNG, JPEG, PNM, ");
        bytes_free(&b);
    }
    bytes none = {0};
    expect_error(&none, NULL, OCRVL_E_FORMAT, "test: the file is empty");
}

static void digest_and_place(void **state)
{
    (void)state;
    bytes b = {0};
    ocrvl_page_place place = {.size = sizeof place};
    bytes_put(&b, dot, sizeof dot - 1);
    ocrvl_source *src = open_bytes(&b, NULL);
    ocrvl_image *img = next_page(src, &place);
    assert_string_equal(place.sha256, dot_sha256);
    assert_string_equal(place.file, "test");
    assert_null(place.label);
    assert_int_equal(place.index, 0);
    assert_int_equal(place.pages, 1);
    assert_false(place.native);
    ocrvl_image_free(img);
    ocrvl_source_free(src);
    /* A caller with a shorter struct gets no more than it has room for. */
    struct {
        ocrvl_page_place place;
        char after;
    } small;
    memset(&small, 0x55, sizeof small);
    small.place.size = offsetof(ocrvl_page_place, index);
    src = open_bytes(&b, NULL);
    ocrvl_image_free(next_page(src, &small.place));
    assert_int_equal(small.place.size, offsetof(ocrvl_page_place, index));
    assert_string_equal(small.place.media_type, "image/x-portable-anymap");
    assert_int_equal(small.place.index, 0x5555555555555555);
    ocrvl_source_free(src);
    bytes_free(&b);
}

static void ranges(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, last, from, to;
    } cases[] = {{0, 0, 1, 5}, {2, 4, 2, 4}, {5, 0, 5, 5}, {0, 2, 1, 2}, {1, 99, 1, 5}, {3, 3, 3, 3}};
    bytes b = dots(5);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_source_options opt = {.size = sizeof opt, .first_page = cases[i].first, .last_page = cases[i].last};
        ocrvl_source *src = open_bytes(&b, &opt);
        assert_int_equal(ocrvl_source_count(src), cases[i].to - cases[i].from + 1);
        for (uint64_t n = cases[i].from; n <= cases[i].to; n++) {
            ocrvl_page_place place = {.size = sizeof place};
            ocrvl_image *img = next_page(src, &place);
            assert_int_equal(ocrvl_image_width(img), n);
            assert_int_equal(place.index, n - 1);
            assert_int_equal(place.pages, 5);
            ocrvl_image_free(img);
        }
        assert_null(next_page(src, NULL));
        assert_null(next_page(src, NULL));
        ocrvl_source_free(src);
    }
    ocrvl_source_options opt = {.size = sizeof opt, .first_page = 6};
    expect_error(&b, &opt, OCRVL_E_ARG, "test: there is no page 6 in a document of 5");
    opt = (ocrvl_source_options){.size = sizeof opt, .first_page = 3, .last_page = 2};
    expect_error(&b, &opt, OCRVL_E_ARG, "pages 3 to 2");
    opt = (ocrvl_source_options){0};
    expect_error(&b, &opt, OCRVL_E_ARG, "size");
    opt = (ocrvl_source_options){.size = sizeof opt, .dpi = -1};
    expect_error(&b, &opt, OCRVL_E_ARG, "dpi");
    bytes_free(&b);
}

/* Of several spans the pages come in the document's order, each once. */
static void spans(void **state)
{
    (void)state;
    static const struct {
        ocrvl_page_span spans[3];
        size_t count;
        const char *pages;
    } cases[] = {{{{1, 1}, {3, 3}, {4, 0}}, 3, "1345"},
                 {{{4, 5}, {1, 2}}, 2, "1245"},
                 {{{2, 4}, {3, 9}, {4, 4}}, 3, "2345"},
                 {{{0, 2}, {5, 0}}, 2, "125"},
                 {{{9, 0}}, 1, ""},
                 {{{2, 2}}, 1, "2"}};
    bytes b = dots(5);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ocrvl_source_options opt = {.size = sizeof opt, .spans = cases[i].spans, .span_count = cases[i].count};
        ocrvl_source *src = open_bytes(&b, &opt);
        assert_int_equal(ocrvl_source_count(src), strlen(cases[i].pages));
        for (const char *p = cases[i].pages; *p; p++) {
            ocrvl_page_place place = {.size = sizeof place};
            ocrvl_image_free(next_page(src, &place));
            assert_int_equal(place.index, *p - '1');
        }
        assert_null(next_page(src, NULL));
        ocrvl_source_free(src);
    }
    static const ocrvl_page_span two[] = {{1, 2}, {4, 5}};
    ocrvl_source_options opt = {.size = sizeof opt, .spans = two, .span_count = 2, .max_pages = 3};
    expect_error(&b, &opt, OCRVL_E_LIMIT, "test: 4 pages are over the limit of 3");
    opt.first_page = 2;
    ocrvl_source_free(open_bytes(&b, &opt));
    assert_true(ocrvl_source_knows(b.data, b.len));
    assert_false(ocrvl_source_knows("text", 4));
    assert_false(ocrvl_source_knows(NULL, 0));
    bytes_free(&b);
}

static void limits(void **state)
{
    (void)state;
    bytes b = dots(5);
    ocrvl_source_options opt = {.size = sizeof opt, .max_pages = 4};
    expect_error(&b, &opt, OCRVL_E_LIMIT, "test: 5 pages are over the limit of 4");
    opt.last_page = 4;
    ocrvl_source_free(open_bytes(&b, &opt));
    opt.first_page = 2;
    opt.last_page = 5;
    ocrvl_source_free(open_bytes(&b, &opt));
    opt = (ocrvl_source_options){.size = sizeof opt, .max_file_bytes = b.len - 1};
    expect_error(&b, &opt, OCRVL_E_LIMIT, "bytes are over the limit");
    opt.max_file_bytes = b.len;
    ocrvl_source_free(open_bytes(&b, &opt));
    opt = (ocrvl_source_options){.size = sizeof opt, .max_pixels = 3};
    ocrvl_source *src = open_bytes(&b, &opt);
    for (int i = 1; i <= 5; i++) { /* the pages that are too large fail, the others don't */
        ocrvl_image *img;
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_error e;
        assert_int_equal(ocrvl_source_next(src, &img, &place, &e), i <= 3 ? OCRVL_OK : OCRVL_E_LIMIT);
        ocrvl_image_free(img);
    }
    ocrvl_source_free(src);
    bytes_free(&b);
}

static void expect_open_error(const char *path, int sys_errno)
{
    ocrvl_error e = {0};
    ocrvl_source *src;
    assert_int_equal(ocrvl_source_open(&src, path, NULL, &e), OCRVL_E_IO);
    assert_null(src);
    assert_int_equal(e.sys_errno, sys_errno);
    assert_non_null(strstr(e.message, path));
}

static void files_and_pipes(void **state)
{
    (void)state;
    char dir[] = "/tmp/ocrvl-source-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    expect_open_error(dir, EISDIR);
    snprintf(path, sizeof path, "%s/a", dir);
    expect_open_error(path, ENOENT);
    FILE *f = fopen(path, "wb"); /* empty */
    assert_non_null(f);
    ocrvl_error e = {0};
    ocrvl_source *src;
    assert_int_equal(ocrvl_source_open(&src, path, NULL, &e), OCRVL_E_FORMAT);
    fwrite(dot, 1, sizeof dot - 1, f);
    fclose(f);
    assert_ok(ocrvl_source_open(&src, path, NULL, err));
    ocrvl_image_free(next_page(src, NULL));
    ocrvl_source_free(src);
    unlink(path);
    rmdir(dir);
    bytes b = dots(5); /* standard input, from a pipe */
    int ends[2], was = dup(0);
    assert_true(was >= 0);
    for (int way = 0; way < 2; way++) {
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], b.data, b.len), b.len);
        close(ends[1]);
        dup2(ends[0], 0);
        ocrvl_source_options opt = {.size = sizeof opt, .max_file_bytes = way ? b.len - 1 : 0};
        if (way)
            assert_int_equal(ocrvl_source_open(&src, "-", &opt, &e), OCRVL_E_LIMIT);
        else {
            ocrvl_page_place place = {.size = sizeof place};
            assert_ok(ocrvl_source_open(&src, "-", &opt, err));
            assert_int_equal(ocrvl_source_count(src), 5);
            ocrvl_image_free(next_page(src, &place));
            assert_string_equal(place.file, "-");
            ocrvl_source_free(src);
        }
        close(ends[0]);
    }
    dup2(was, 0);
    close(was);
    bytes_free(&b);
}

/* Every allocation of ours fails once, over every format: an error each time, and nothing is left behind. */
static void out_of_memory(void **state)
{
    (void)state;
    static const char *const files[] = {
        "gray.png",  "interlaced-alpha.png", "cmyk.jpg", "turned.jpg", "g4.tif",    "tiles.tif",
        "ycbcr.tif", "palette.tif",          "scan.pdf", "text.pdf",   "plain.ppm", "alpha.pam"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[200];
        snprintf(path, sizeof path, CORPUS "%s", files[i]);
        bool happened = true;
        for (long n = 1; happened; n++) {
            ocrvl_error e = {0};
            ocrvl_source *src = NULL;
            ocrvl_image *img = NULL;
            ocrvl_page_place place = {.size = sizeof place};
            ocrvl_mem_fail_after(n);
            ocrvl_status st = ocrvl_source_open(&src, path, NULL, &e);
            if (st == OCRVL_OK)
                st = ocrvl_source_next(src, &img, &place, &e);
            happened = ocrvl_mem_failed();
            ocrvl_mem_fail_after(0);
            if (st != (happened ? OCRVL_E_NOMEM : OCRVL_OK) && !(happened && st == OCRVL_OK && img))
                fail_msg("%s, allocation %ld: %s: %s", path, n, ocrvl_status_name(st), e.message);
            assert_true(st == OCRVL_OK || !img);
            ocrvl_image_free(img);
            ocrvl_source_free(src);
            assert_true(n < 1000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_by_first_bytes),
                                       cmocka_unit_test(digest_and_place),
                                       cmocka_unit_test(ranges),
                                       cmocka_unit_test(spans),
                                       cmocka_unit_test(limits),
                                       cmocka_unit_test(files_and_pipes),
                                       cmocka_unit_test(out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
