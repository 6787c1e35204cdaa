/* Readers of results against broken files and want of memory: every file of tests/schema/foreign, cut anywhere, changed
 * at random places, and with every allocation of ours failing. What they read when all is well is for
 * tests/schema/convert.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "ocrvl_formats.h"
#include "testing.h"

static const char *const files[] = {"tesseract.hocr", "tesseract.xml", "tesseract.tsv",    "transkribus.page",
                                    "alto2.xml",      "html5.hocr",    "regions.page",     "order.page",
                                    "order.xml",      "trp.page",      "escriptorium.xml", "loose.hocr",
                                    "bnf.xml",        "unsized.tsv",   "unsized.page"};
#define FILES (sizeof files / sizeof *files)
static char path[] = "/tmp/ocrvl-convert-XXXXXX";

static int nowhere(void *user, const void *data, size_t len)
{
    (void)user;
    (void)data;
    (void)len;
    return 0;
}

static void put(const char *data, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* Reads all pages and writes them as JSON. */
static ocrvl_status read_all(uint64_t *pages, ocrvl_error *err)
{
    ocrvl_results *r;
    *pages = 0;
    ocrvl_status st = ocrvl_results_open(&r, path, err);
    while (!st) {
        ocrvl_page *page;
        ocrvl_writer *w;
        ocrvl_page_place place = {.size = sizeof place};
        st = ocrvl_results_next(r, &page, &place, err);
        if (!page)
            break;
        ++*pages;
        st = ocrvl_writer_new(&w, OCRVL_FORMAT_JSONL, nowhere, NULL, NULL, err);
        if (!st)
            st = ocrvl_writer_page(w, page, &place, err);
        ocrvl_writer_free(w);
        ocrvl_page_free(page);
    }
    ocrvl_results_free(r);
    return st;
}

static void get(size_t k, char **data, size_t *len)
{
    char name[128];
    snprintf(name, sizeof name, "tests/schema/foreign/%s", files[k]);
    assert_ok(ocrvl_file_read(data, len, name, 1 << 20, err));
}

static void test_cut(void **state)
{
    (void)state;
    for (size_t k = 0; k < FILES; k++) {
        char *data;
        size_t len;
        uint64_t pages;
        get(k, &data, &len);
        put(data, len);
        assert_ok(read_all(&pages, err));
        assert_int_equal(pages, 1);
        for (size_t n = 0; n < len; n += n < 300 ? 1 : 41) {
            ocrvl_error e = {0};
            put(data, n);
            if (read_all(&pages, &e))
                assert_true(e.message[0] != '\0');
        }
        ocrvl_free(data);
    }
}

static void test_changed(void **state)
{
    (void)state;
    static const char strange[] = "<>&\"'{}[]-;,. \0\n\t\xFF"
                                  "09ae";
    uint64_t seed = 7, pages;
    for (size_t k = 0; k < FILES; k++) {
        char *data;
        size_t len;
        get(k, &data, &len);
        for (int round = 0; round < 150; round++) {
            char *copy = ocrvl_strndup(data, len);
            assert_non_null(copy);
            for (int i = 0; i < 1 + round % 8; i++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                copy[(seed >> 33) % len] = strange[(seed >> 20) % (sizeof strange - 1)];
            }
            ocrvl_error e = {0};
            put(copy, len);
            if (read_all(&pages, &e))
                assert_true(e.message[0] != '\0');
            ocrvl_free(copy);
        }
        ocrvl_free(data);
    }
}

static void test_memory(void **state)
{
    (void)state;
    for (size_t k = 0; k < FILES; k++) {
        char *data;
        size_t len;
        uint64_t pages;
        get(k, &data, &len);
        put(data, len);
        ocrvl_free(data);
        for (long n = 1;; n++) {
            ocrvl_mem_fail_after(n);
            ocrvl_status st = read_all(&pages, NULL);
            ocrvl_mem_fail_after(0);
            if (st == OCRVL_OK && pages == 1) {
                assert_true(n > 5);
                break;
            }
            assert_int_equal(st, OCRVL_E_NOMEM);
            assert_true(n < 10000);
        }
    }
}

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 99;
    close(fd);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut), cmocka_unit_test(test_changed),
                                       cmocka_unit_test(test_memory)};
    int failed = cmocka_run_group_tests_name("convert", tests, NULL, NULL);
    unlink(path);
    return failed;
}
