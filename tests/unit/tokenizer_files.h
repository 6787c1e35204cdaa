/* Tokenizer folders made from the tiny one of the vectors. */
#ifndef TOKENIZER_FILES_H
#define TOKENIZER_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "tokenizer/tokenizer.h"

#define TINY "tests/vectors/data/tiny"

static char folder[] = "/tmp/ocrvl-tokenizer-XXXXXX";
static char *tiny_json; /* TINY/tokenizer.json */
static size_t tiny_len;

static int make_folder(void **state)
{
    ocrvl_error err;
    (void)state;
    return !mkdtemp(folder) || ocrvl_file_read(&tiny_json, &tiny_len, TINY "/tokenizer.json", 1 << 20, &err);
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = ocrvl_path_join(folder, names[i]);
        unlink(path);
        ocrvl_free(path);
    }
    ocrvl_free(tiny_json);
    return rmdir(folder);
}

static void put_file(const char *name, const char *data, size_t len)
{
    char *path = ocrvl_path_join(folder, name);
    unlink(path); /* file systems write a file that is made shorter to the disk at once */
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    ocrvl_free(path);
}

/* The tiny tokenizer.json with the first `from` in it made `to`. */
static void put_changed(const char *from, const char *to)
{
    const char *at = strstr(tiny_json, from);
    ocrvl_buf b = {0};
    if (!at)
        fail_msg("the tiny tokenizer.json has no %s", from);
    ocrvl_buf_put(&b, tiny_json, (size_t)(at - tiny_json));
    ocrvl_buf_puts(&b, to);
    ocrvl_buf_puts(&b, at + strlen(from));
    put_file("tokenizer.json", b.data, b.len);
    ocrvl_buf_free(&b);
}

#endif
