#include "batch/merge.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "batch/compact.h"
#include "batch/journals.h"
#include "batch/setup.h"
#include "options.h"

enum { MAX_DEPTH = 64 };

typedef struct merging {
    const cli_log *log;
    const batch_store *to, *from;
    bool replace; /* files that are there; journals and results never differ */
} merging;

static cli_exit copy_tree(const merging *m, const char *from, const char *to, int depth);

/* Copies a file, durably, under a name beside and then into its place. */
static cli_exit copy_file(const merging *m, const char *from, const char *to)
{
    const uint8_t *data = NULL;
    size_t len = 0;
    ocrvl_error err;
    cli_output *o = NULL;
    struct stat st;
    if (!m->replace && stat(to, &st) == 0)
        return CLI_EXIT_OK;
    int e = cli_make_folders(to);
    if (e)
        return batch_store_failed(m->to, to, e);
    if (ocrvl_file_map(&data, &len, from, &err)) {
        cli_error(m->log, from, 0, "%s", err.message);
        return CLI_EXIT_INPUT;
    }
    ocrvl_status s = cli_output_open(&o, to, &err);
    if (!s) {
        (void)cli_output_write(o, data, len); /* an error is returned by the commit */
        s = cli_output_commit(o, &err);
    }
    ocrvl_file_unmap(data, len);
    return s ? cli_output_failed(m->log, to, &err) : CLI_EXIT_OK;
}

static cli_exit copy_entry(const merging *m, const char *from, const char *to, int depth)
{
    struct stat st;
    if (lstat(from, &st) != 0)
        return batch_store_failed(m->from, from, errno);
    if (S_ISDIR(st.st_mode))
        return copy_tree(m, from, to, depth + 1);
    return S_ISREG(st.st_mode) ? copy_file(m, from, to) : CLI_EXIT_OK;
}

/* Copies the files in a folder and in its folders, but for those whose names begin with a dot. */
static cli_exit copy_tree(const merging *m, const char *from, const char *to, int depth)
{
    DIR *d = depth < MAX_DEPTH ? opendir(from) : NULL;
    if (!d)
        return batch_store_failed(m->from, from, depth < MAX_DEPTH ? errno : ELOOP);
    cli_exit status = CLI_EXIT_OK;
    bool any = false;
    int error = 0;
    for (const char *name; !status && (name = ocrvl_folder_next(d, &error));) {
        if (name[0] == '.')
            continue;
        char *a = ocrvl_path_join(from, name), *b = ocrvl_path_join(to, name);
        status = a && b ? copy_entry(m, a, b, depth) : batch_no_memory(m->log);
        ocrvl_free(a);
        ocrvl_free(b);
        any = true;
    }
    closedir(d);
    if (error)
        status = batch_store_failed(m->from, from, error);
    return status || !any ? status : batch_sync_folder(m->to, to);
}

/* A part must have been made with the same settings. */
static cli_exit check_part(const batch_setup *s, const batch_settings *part, const char *name)
{
    const char *a = ocrvl_json_string(ocrvl_json_get(s->settings.kept, "fingerprint"), NULL);
    const char *b = ocrvl_json_string(ocrvl_json_get(part->kept, "fingerprint"), NULL);
    if (a && b && strcmp(a, b) == 0)
        return CLI_EXIT_OK;
    return cli_usage_error(s->cmd, "'%s' was made with another model, prompt or other options", name);
}

/* What makes pages done comes last, so that a merge that is cut off leaves a batch that is sound. */
static cli_exit merge_part(batch_setup *s, const char *name)
{
    static const char *const folders[] = {"inputs", "results", "", "journal"}; /* "": the outputs */
    batch_store from = {0};
    batch_settings settings = {0};
    cli_exit status = batch_store_open(&from, name, false, &s->log);
    if (!status)
        status = batch_settings_load(&settings, &from);
    if (!status)
        status = check_part(s, &settings, name);
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !status; i++) {
        merging m = {&s->log, &s->store, &from, .replace = !*folders[i]};
        char *a = *folders[i] ? batch_store_path(&from, folders[i], "") : ocrvl_strdup(name);
        char *b = *folders[i] ? batch_store_path(&s->store, folders[i], "") : ocrvl_strdup(s->store.out);
        status = a && b ? copy_tree(&m, a, b, 0) : CLI_EXIT_LIMIT;
        ocrvl_free(a);
        ocrvl_free(b);
    }
    batch_settings_free(&settings);
    batch_store_free(&from);
    return status;
}

/* A folder that isn't there yet begins with the settings of the first part. */
static cli_exit begin(batch_setup *s, const char *part)
{
    char *from = ocrvl_path_join(part, ".ocrvl/batch.json"), *data = NULL;
    size_t len;
    ocrvl_error err;
    bool made;
    cli_exit status = from ? CLI_EXIT_OK : batch_no_memory(&s->log);
    if (!status && ocrvl_file_read(&data, &len, from, 1 << 20, &err)) {
        cli_error(&s->log, from, 0, "%s", err.message);
        status = CLI_EXIT_USAGE;
    }
    if (!status)
        status = batch_store_make(&s->store, "batch.json", data, len, false, &made);
    if (!status)
        status = batch_settings_load(&s->settings, &s->store);
    ocrvl_free(data);
    ocrvl_free(from);
    return status;
}

/* Without parts: the files of all processes become few. */
static cli_exit fold(batch_setup *s)
{
    s->state.fingerprint = s->settings.fingerprint;
    cli_exit status = batch_journals_refresh(&s->state);
    return status ? status : batch_compact(s);
}

cli_exit batch_merge(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .args = BATCH_DEFAULTS};
    size_t operands = 0;
    cli_exit status;
    if (batch_setup_parse(&s, argc, argv, true, &operands, &status)) {
        if (operands < 2 && !s.settings.kept)
            status = cli_usage_error(self, "merge needs a folder, and the parts to merge into it");
        else if (operands < 2)
            status = fold(&s);
        if (!status && !s.settings.kept)
            status = begin(&s, argv[2]);
        for (size_t i = 2; i <= operands && !status; i++)
            status = merge_part(&s, argv[i]);
    }
    batch_setup_free(&s);
    return status;
}
