#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hub.h"
#include "base/mem.h"
#include "base/nano.h"

static cli_exit open_folder(const cli_log *log, const char *dir, ocrvl_dev_opening how, ocrvl_model **out)
{
    ocrvl_error err;
    ocrvl_status st = ocrvl_dev_model_open(out, dir, how, &err);
    if (st)
        cli_error(log, dir, 0, "%s", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

cli_exit cli_model_open_folder(const cli_log *log, const char *dir, ocrvl_model **out)
{
    return open_folder(log, dir, OCRVL_DEV_OPEN_AUTO, out);
}

cli_exit cli_model_named(const cli_log *log, const char *name, char **out)
{
    struct stat st;
    ocrvl_error err;
    *out = NULL;
    ocrvl_status status = stat(name, &st) == 0 ? OCRVL_OK : ocrvl_hub_find(out, name, &err);
    if (!status && !*out && !(*out = ocrvl_strdup(name)))
        status = ocrvl_fail_nomem(&err);
    if (status)
        cli_error(log, name, 0, "%s", err.message);
    return cli_exit_of(status, CLI_EXIT_MODEL);
}

/* *by_default: it is nano, because no model was named. */
static cli_exit find_folder(const cli_log *log, const char *dir, char **out, bool *by_default)
{
    const char *named = dir ? dir : getenv("OCRVL_MODEL");
    *by_default = !named || !*named;
    if (!*by_default && strcmp(named, "nano") != 0)
        return cli_model_named(log, named, out);
    ocrvl_error err;
    ocrvl_status st = ocrvl_nano_find(out, &err);
    if (st)
        cli_error(log, NULL, 0, "no model: %s; name a checkpoint's folder with -m DIR or $OCRVL_MODEL", err.message);
    return cli_exit_of(st, CLI_EXIT_MODEL);
}

bool cli_model_is_nano(const char *dir)
{
    static const cli_log silent = {.silent = true};
    struct stat a, b;
    char *folder = NULL, *nano = NULL;
    bool by_default;
    ocrvl_error err;
    bool is = !find_folder(&silent, dir, &folder, &by_default) && !ocrvl_nano_find(&nano, &err) &&
              stat(folder, &a) == 0 && stat(nano, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    ocrvl_free(folder);
    ocrvl_free(nano);
    return is;
}

/* For a person who looks on; scripts know what they asked for. */
static void note_nano(const cli_log *log)
{
    if (!isatty(STDERR_FILENO))
        return;
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
        return cli_model_named(log, dir, out);
    ocrvl_error err;
    if (ocrvl_nano_find(out, &err))
        cli_note(log, NULL, 0, "%s, so words will have no boxes; name a line reader with --line-model DIR",
                 err.message);
    return CLI_EXIT_OK;
}

cli_exit cli_model_open(const cli_log *log, const char *dir, ocrvl_model **out)
{
    return cli_model_open_as(log, dir, OCRVL_DEV_OPEN_AUTO, out);
}

cli_exit cli_model_open_as(const cli_log *log, const char *dir, ocrvl_dev_opening how, ocrvl_model **out)
{
    char *folder;
    bool by_default;
    *out = NULL;
    cli_exit status = find_folder(log, dir, &folder, &by_default);
    if (status)
        return status;
    status = open_folder(log, folder, how, out);
    if (!status && by_default)
        note_nano(log);
    ocrvl_free(folder);
    return status;
}
