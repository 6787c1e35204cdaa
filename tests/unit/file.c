/* Whole files: read, mapped, limits, what isn't a file. */
#include "testing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static char folder[] = "/tmp/ocrvl-file-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink("data");
    unlink("empty");
    unlink("fifo");
    unlink("link");
    return rmdir(folder);
}

static void put(const char *name, const void *data, size_t len)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void read_and_mapped(void **state)
{
    enum { N = 200001 }; /* more than one step of reading */
    char *want = ocrvl_alloc(N), *data;
    const uint8_t *map;
    size_t len;
    (void)state;
    for (size_t i = 0; i < N; i++)
        want[i] = (char)(i * 7);
    put("data", want, N);
    assert_ok(ocrvl_file_read(&data, &len, "data", N, err));
    assert_int_equal(len, N);
    assert_memory_equal(data, want, N);
    assert_int_equal(data[N], 0);
    ocrvl_free(data);
    assert_ok(ocrvl_file_map(&map, &len, "data", err));
    assert_int_equal(len, N);
    assert_memory_equal(map, want, N);
    ocrvl_file_unmap(map, len);
    ocrvl_free(want);
}

static void empty(void **state)
{
    char *data;
    const uint8_t *map;
    size_t len;
    (void)state;
    put("empty", "", 0);
    assert_ok(ocrvl_file_read(&data, &len, "empty", 0, err));
    assert_int_equal(len, 0);
    assert_string_equal(data, "");
    ocrvl_free(data);
    assert_ok(ocrvl_file_map(&map, &len, "empty", err));
    assert_null(map);
    assert_int_equal(len, 0);
    ocrvl_file_unmap(map, len);
}

static void too_long(void **state)
{
    char *data;
    size_t len;
    ocrvl_error e;
    (void)state;
    put("data", "12345", 5);
    assert_int_equal(ocrvl_file_read(&data, &len, "data", 4, &e), OCRVL_E_LIMIT);
    assert_string_equal(e.message, "data: there are more than 4 bytes");
    assert_null(data);
    assert_int_equal(ocrvl_file_read(&data, &len, "/dev/zero", 100000, &e), OCRVL_E_LIMIT); /* has no end */
    assert_null(data);
}

static void not_files(void **state)
{
    static const struct {
        const char *path;
        int sys_errno;
    } rows[] = {{"missing", ENOENT}, {".", EISDIR}, {"data/x", ENOTDIR}, {"", ENOENT}};
    ocrvl_error e;
    char *data;
    const uint8_t *map;
    size_t len;
    (void)state;
    put("data", "x", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(ocrvl_file_read(&data, &len, rows[i].path, 9, &e), OCRVL_E_IO);
        assert_int_equal(e.sys_errno, rows[i].sys_errno);
        assert_null(data);
        assert_int_equal(ocrvl_file_map(&map, &len, rows[i].path, &e), OCRVL_E_IO);
        assert_null(map);
        assert_false(ocrvl_file_exists(rows[i].path));
    }
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(ocrvl_file_map(&map, &len, "fifo", &e), OCRVL_E_IO); /* at once, with nobody writing */
    assert_string_equal(e.message, "fifo: not a regular file");
    assert_int_equal(ocrvl_file_map(&map, &len, "/dev/null", &e), OCRVL_E_IO);
    assert_false(ocrvl_file_exists("fifo"));
    assert_int_equal(symlink("data", "link"), 0);
    assert_true(ocrvl_file_exists("data") && ocrvl_file_exists("link"));
}

static void standard_input(void **state)
{
    char *data;
    size_t len;
    (void)state;
    put("data", "from stdin", 10);
    assert_non_null(freopen("data", "rb", stdin));
    assert_ok(ocrvl_file_read(&data, &len, "-", 100, err));
    assert_string_equal(data, "from stdin");
    ocrvl_free(data);
    assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_CUR), 10); /* still open */
}

static void no_memory(void **state)
{
    char *data;
    size_t len;
    (void)state;
    put("data", "x", 1);
    for (long n = 1;; n++) {
        ocrvl_error e;
        ocrvl_mem_fail_after(n);
        ocrvl_status st = ocrvl_file_read(&data, &len, "data", 100, &e);
        bool failed = ocrvl_mem_failed();
        ocrvl_mem_fail_after(0);
        if (!failed) {
            assert_int_equal(st, OCRVL_OK);
            ocrvl_free(data);
            assert_true(n > 1);
            return;
        }
        assert_int_equal(st, OCRVL_E_NOMEM);
        assert_null(data);
    }
}

static void joined(void **state)
{
    static const char *const rows[][3] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *p = ocrvl_path_join(rows[i][0], rows[i][1]);
        assert_string_equal(p, rows[i][2]);
        ocrvl_free(p);
    }
    ocrvl_mem_fail_after(1);
    char *p = ocrvl_path_join("a", "b");
    ocrvl_mem_fail_after(0);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_mapped), cmocka_unit_test(empty),          cmocka_unit_test(too_long),
        cmocka_unit_test(not_files),       cmocka_unit_test(standard_input), cmocka_unit_test(no_memory),
        cmocka_unit_test(joined),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
