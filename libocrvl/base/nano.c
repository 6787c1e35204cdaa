#include "base/nano.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

#define INSTALLED OCRVL_DATADIR "/nano"

/* Best first. A relative folder is below the one that holds the program: installed, and in the source tree, where the
 * program is build/VARIANT/ocrvl. */
static const char *const places[] = {"../share/ocrvl/nano", "../../samples/nano", INSTALLED};

/* The folder that holds the program, in new memory. *program stays NULL where it isn't to be found. */
static ocrvl_status find_program(char **program, ocrvl_error *err)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    if (n <= 0 || (size_t)n >= sizeof path)
        return OCRVL_OK;
    while (n > 1 && path[n - 1] != '/')
        n--;
    *program = ocrvl_strndup(path, (size_t)n);
    return *program ? OCRVL_OK : ocrvl_fail_nomem(err);
}

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Names the first file that a reader needs and its folder doesn't have. */
static ocrvl_status check_files(const char *folder, ocrvl_error *err)
{
    static const char *const needed[] = {"config.json", "ocrvl.json", "model.safetensors", "tokenizer.json"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        char *path = ocrvl_path_join(folder, needed[i]);
        if (!path)
            return ocrvl_fail_nomem(err);
        ocrvl_status st = ocrvl_file_exists(path) ? OCRVL_OK
                                                  : ocrvl_fail(err, OCRVL_E_MODEL, "%s is missing, which %s needs",
                                                               path, strrchr(folder, '/') + 1);
        ocrvl_free(path);
        if (st)
            return st;
    }
    return OCRVL_OK;
}

/* *dir: the folder, if it is there; it is freed otherwise. */
static ocrvl_status try_folder(char *folder, char **dir, ocrvl_error *err)
{
    if (!folder)
        return ocrvl_fail_nomem(err);
    ocrvl_status st = OCRVL_OK;
    if (is_folder(folder) && !(st = check_files(folder, err)))
        *dir = folder;
    else
        ocrvl_free(folder);
    return st;
}

ocrvl_status ocrvl_nano_find(char **dir, ocrvl_error *err)
{
    char *program = NULL;
    *dir = NULL;
    ocrvl_status st = find_program(&program, err);
    for (size_t i = 0; i < sizeof places / sizeof *places && !st && !*dir; i++)
        if (*places[i] == '/' || program)
            st =
                try_folder(*places[i] == '/' ? ocrvl_strdup(places[i]) : ocrvl_path_join(program, places[i]), dir, err);
    ocrvl_free(program);
    if (!st && !*dir)
        st = ocrvl_fail(err, OCRVL_E_MODEL, "nano is not installed in %s", INSTALLED);
    return st;
}

ocrvl_status ocrvl_nano_find_other(char **dir, const char *nano, size_t i, ocrvl_error *err)
{
    static const char *const endings[OCRVL_NANO_OTHERS] = {"-arab", "-east"};
    ocrvl_buf name = {0};
    *dir = NULL;
    ocrvl_buf_printf(&name, "%s%s", nano, endings[i]);
    return try_folder(ocrvl_buf_steal(&name, NULL), dir, err);
}
