#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

/* Where nano may stand, best first. A relative folder is below the one that holds the program: installed, and in the
 * source tree, where the program is build/VARIANT/ocrvl. */
static const char *const places[] = {"../share/ocrvl/nano", "../../samples/nano", OCRVL_DATADIR "/nano"};

/* The folder that holds the program, in new memory; NULL: not to be found. */
static char *program_folder(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    if (n <= 0 || (size_t)n >= sizeof path)
        return NULL;
    while (n > 1 && path[n - 1] != '/')
        n--;
    return ocrvl_strndup(path, (size_t)n);
}

/* The first place that holds a checkpoint, in new memory; NULL: none. */
static char *find_nano(void)
{
    char *program = program_folder(), *found = NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places && !found; i++) {
        bool absolute = places[i][0] == '/';
        if (!absolute && !program)
            continue;
        char *dir = absolute ? ocrvl_strdup(places[i]) : ocrvl_path_join(program, places[i]);
        char *config = dir ? ocrvl_path_join(dir, "config.json") : NULL;
        if (config && ocrvl_file_exists(config)) {
            found = dir;
            dir = NULL;
        }
        ocrvl_free(config);
        ocrvl_free(dir);
    }
    ocrvl_free(program);
    return found;
}

cli_exit cli_model_open_folder(const cli_log *log, const char *dir, ocrvl_model **out)
{
    ocrvl_error err;
    ocrvl_status st = ocrvl_model_open(out, dir, &err);
    if (st)
        cli_error(log, dir, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

static cli_exit copy_name(const cli_log *log, const char *dir, char **out)
{
    *out = ocrvl_strdup(dir);
    if (*out)
        return CLI_EXIT_OK;
    cli_error(log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

/* *by_default: it is nano because nothing was said. */
static cli_exit find_folder(const cli_log *log, const char *dir, char **out, bool *by_default)
{
    const char *named = dir ? dir : getenv("OCRVL_MODEL");
    *by_default = !named || !*named;
    if (!*by_default)
        return copy_name(log, named, out);
    *out = find_nano();
    if (*out)
        return CLI_EXIT_OK;
    cli_error(log, NULL, 0, "no model: nano is not in %s/nano; name a checkpoint's folder with -m DIR or $OCRVL_MODEL",
              OCRVL_DATADIR);
    return CLI_EXIT_MODEL;
}

static void note_nano(const cli_log *log)
{
    cli_note(
        log, NULL, 0,
        "using nano, the small line reader that comes with ocrvl; -m DIR or $OCRVL_MODEL names another checkpoint");
}

cli_exit cli_model_folder(const cli_log *log, const char *dir, char **out)
{
    bool by_default;
    cli_exit status = find_folder(log, dir, out, &by_default);
    if (!status && by_default)
        note_nano(log);
    return status;
}

cli_exit cli_line_folder(const cli_log *log, const char *dir, char **out)
{
    if (dir)
        return copy_name(log, dir, out);
    *out = find_nano();
    if (!*out)
        cli_note(log, NULL, 0, "nano is not in %s/nano: words will have no boxes; --line-model DIR names a line reader",
                 OCRVL_DATADIR);
    return CLI_EXIT_OK;
}

cli_exit cli_model_open(const cli_log *log, const char *dir, ocrvl_model **out)
{
    char *folder;
    bool by_default;
    *out = NULL;
    cli_exit status = find_folder(log, dir, &folder, &by_default);
    if (status)
        return status;
    status = cli_model_open_folder(log, folder, out);
    if (!status && by_default)
        note_nano(log);
    ocrvl_free(folder);
    return status;
}
