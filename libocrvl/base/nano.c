#include "base/nano.h"

#include <stddef.h>
#include <unistd.h>

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

/* *dir: the place, where a checkpoint stands there. */
static ocrvl_status try_place(const char *place, const char *program, char **dir, ocrvl_error *err)
{
    char *folder = *place == '/' ? ocrvl_strdup(place) : ocrvl_path_join(program, place);
    char *config = folder ? ocrvl_path_join(folder, "config.json") : NULL;
    bool there = config && ocrvl_file_exists(config);
    ocrvl_status st = config ? OCRVL_OK : ocrvl_fail_nomem(err);
    ocrvl_free(config);
    if (there)
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
            st = try_place(places[i], program, dir, err);
    ocrvl_free(program);
    if (!st && !*dir)
        st = ocrvl_fail(err, OCRVL_E_MODEL, "nano is not installed in %s", INSTALLED);
    return st;
}
