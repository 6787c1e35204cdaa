#include "batch/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "batch/journals.h"
#include "batch/scan.h"
#include "batch/settings.h"
#include "batch/status.h"
#include "batch/work.h"
#include "names.h"
#include "options.h"
#include "signals.h"

typedef struct running { /* one run */
    const cli_command *cmd;
    batch_args args;
    cli_log log, quiet; /* quiet: without notes */
    batch_store store;
    batch_settings settings;
    batch_scan scan;
    batch_state state;
    batch_file list;
    cli_reading reading;
    ocrvl_writer_options opt;
    batch_outputs outputs;
    batch_worker worker;
} running;

/* ---- names ------------------------------------------------------------------------------------------- */

typedef struct output_name { /* what a document's outputs are called, so that equal ones are found */
    char *stem;
    const char *name;
} output_name;

static int compare(const void *a, const void *b)
{
    return strcmp(((const output_name *)a)->stem, ((const output_name *)b)->stem);
}

/* Whether the file system of OUT takes names for equal that differ in case. */
static bool ignores_case(const batch_store *store)
{
    struct stat a, b;
    char *path = ocrvl_strdup(store->base);
    char *slash = path ? strrchr(path, '/') : NULL;
    if (slash)
        memcpy(slash, "/.OCRVL", 7);
    bool same =
        slash && stat(store->base, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
    ocrvl_free(path);
    return same;
}

/* The stem in the form in which equal names are equal: NFC, and folded where the file system does so. */
static char *comparable(const batch_args *args, const char *name, bool fold)
{
    char *stem = batch_output_stem(args, name), *out = NULL;
    size_t len;
    ocrvl_text_options opt = {.size = sizeof opt, .form = OCRVL_NFC, .fold = fold};
    if (stem && ocrvl_text_transform(&out, &len, NULL, NULL, &opt, stem, strlen(stem), NULL))
        out = NULL;
    char *copy = out ? ocrvl_strdup(out) : NULL;
    ocrvl_text_free(out);
    ocrvl_free(stem);
    return copy;
}

/* Refuses documents whose outputs would have one name, before anything is read. */
static cli_exit check_names(running *r)
{
    size_t n = r->scan.count, known = r->state.count;
    output_name *all = ocrvl_alloc_array(n + known, sizeof *all);
    bool fold = ignores_case(&r->store), failed = !all;
    cli_exit status = CLI_EXIT_OK;
    size_t count = 0;
    for (size_t i = 0; i < n + known && !failed; i++) {
        const char *name = i < n ? r->scan.found[i].name : r->state.docs[i - n].name;
        if (i >= n && bsearch(&(batch_found){.name = (char *)(uintptr_t)name}, r->scan.found, n, sizeof *r->scan.found,
                              batch_compare_found))
            continue; /* the same document, found again */
        all[count] = (output_name){comparable(&r->args, name, fold), name};
        failed = !all[count++].stem;
    }
    if (count && !failed)
        qsort(all, count, sizeof *all, compare);
    for (size_t i = 1; i < count && !failed && !status; i++)
        if (strcmp(all[i - 1].stem, all[i].stem) == 0)
            status = cli_usage_error(r->cmd, "the outputs of '%s' and '%s' would have the same name%s", all[i - 1].name,
                                     all[i].name, r->args.keep_suffix ? "" : ": --keep-suffix may help");
    for (size_t i = 0; i < count; i++)
        ocrvl_free(all[i].stem);
    ocrvl_free(all);
    return failed ? batch_no_memory(&r->log) : status;
}

/* ---- steps ------------------------------------------------------------------------------------------- */

static cli_exit check_formats(running *r)
{
    cli_list *list = &r->args.results.formats;
    if (list->count == 0) {
        list->items[0].text = "jsonl";
        list->items[0].len = 5;
        list->count = 1;
    }
    for (size_t i = 0; i < list->count; i++) {
        ocrvl_format f;
        const char *word = list->items[i].text;
        if (!cli_format_called(word, list->items[i].len, &f))
            return cli_usage_error(r->cmd, "unknown format '%.*s'; there are: %s", (int)list->items[i].len, word,
                                   ocrvl_format_names());
        if (f == OCRVL_FORMAT_PDF)
            return cli_usage_error(r->cmd, "a batch writes no PDF yet");
    }
    return CLI_EXIT_OK;
}

static cli_exit parse(running *r, int argc, char **argv, size_t *operands)
{
    batch_args first = BATCH_DEFAULTS;
    cli_exit status;
    char **copy = ocrvl_alloc_array((size_t)argc + 1, sizeof *copy); /* parsing moves the operands */
    if (!copy)
        return batch_no_memory(&r->log);
    memcpy(copy, argv, (size_t)argc * sizeof *copy);
    bool fine = cli_options_parse(r->cmd, &first, argc, copy, operands, &status);
    if (fine && *operands == 0) {
        status = cli_usage_error(r->cmd, "run needs OUT, the folder of the batch");
        fine = false;
    }
    if (fine) {
        r->log.quiet = first.quiet;
        r->log.verbose = first.verbose;
        status = batch_store_open(&r->store, copy[1], true, &r->log);
        fine = !status;
    }
    ocrvl_free(copy);
    if (fine)
        status = batch_settings_load(&r->settings, &r->store);
    if (fine && !status)
        status = batch_settings_parse(&r->settings, r->cmd, &r->args, argc, argv, operands);
    return fine && !status ? check_formats(r) : status;
}

static cli_exit scan(running *r, char **inputs, size_t count)
{
    r->scan = (batch_scan){
        .log = &r->log, .out = r->store.out, .settle = (uint32_t)r->args.settle, .follow = r->args.follow_links};
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = batch_scan_add(&r->scan, inputs[i], r->args.nul);
    batch_scan_sort(&r->scan);
    if (r->scan.passed)
        cli_note(&r->log, NULL, 0, "%llu files are no documents and were passed over",
                 (unsigned long long)r->scan.passed);
    if (r->scan.young)
        cli_note(&r->log, NULL, 0, "%llu files are too young and were left alone", (unsigned long long)r->scan.young);
    if (r->scan.links_out)
        cli_note(&r->log, NULL, 0, "%llu links lead out of their folder and were not followed (see --follow-links)",
                 (unsigned long long)r->scan.links_out);
    return status;
}

/* Opens the model, and makes sure that it is the one of the batch. */
static cli_exit begin_reading(running *r, bool again)
{
    cli_reading *g = &r->reading;
    cli_exit status = g->session ? CLI_EXIT_OK : cli_reading_begin(g);
    if (!status)
        status = batch_settings_fix(&r->settings, &r->store, &r->args, g, again);
    cli_signals_session(NULL); /* a signal ends the run after the pages in hand */
    r->state.fingerprint = r->settings.fingerprint;
    return status;
}

static void prepare(running *r)
{
    r->quiet = (cli_log){.command = r->cmd->name, .quiet = true};
    r->state.store = &r->store;
    r->opt.size = sizeof r->opt;
    r->worker = (batch_worker){.log = &r->log,
                               .store = &r->store,
                               .args = &r->args,
                               .reading = &r->reading,
                               .outputs = &r->outputs,
                               .state = &r->state,
                               .list = &r->list,
                               .record = {.store = &r->store, .opt = &r->opt}};
    r->reading = (cli_reading){.cmd = r->cmd,
                               .args = &r->args.read,
                               .log = &r->log,
                               .hash = true,
                               .other = true,
                               .opt = &r->opt,
                               .put = batch_take_page,
                               .user = &r->worker};
}

/* What outputs are made with, once the settings are fixed. */
static void prepare_outputs(running *r)
{
    batch_settings_describe(&r->settings, &r->opt);
    r->outputs = (batch_outputs){.cmd = r->cmd,
                                 .store = &r->store,
                                 .args = &r->args,
                                 .log = &r->quiet,
                                 .source = &r->reading.source,
                                 .opt = r->opt};
    r->outputs.opt.join_hyphens = r->args.results.join_hyphens;
    r->outputs.opt.flat_tables = r->args.results.alto_flat_tables;
}

static cli_exit work(running *r)
{
    bool pages;
    cli_exit status = CLI_EXIT_OK;
    if (!batch_work_left(&r->state, &pages))
        return status;
    if (pages && !r->reading.session)
        status = begin_reading(r, false);
    prepare_outputs(r);
    return status ? status : batch_work(&r->worker);
}

/* Says how it stands. */
static cli_exit end(running *r, cli_exit over)
{
    batch_counts c;
    ocrvl_buf b = {0};
    batch_count(&r->state, &c);
    batch_counts_put(&b, &c);
    cli_note(&r->log, NULL, 0, "%s", b.data ? b.data : "");
    ocrvl_buf_free(&b);
    if (over && over != CLI_EXIT_STOPPED)
        return over;
    cli_exit status = batch_counts_exit(&c);
    cli_signals_forget();
    return status == CLI_EXIT_AGAIN ? status : cli_exit_worse(status, r->scan.worst);
}

static cli_exit go(running *r, char **inputs, size_t count)
{
    bool begun = r->settings.kept && !r->args.reread;
    if (!begun && !r->settings.kept && count == 0)
        return cli_usage_error(r->cmd, "nothing was begun in '%s': name the documents to be read", r->store.out);
    cli_exit status = cli_reading_check(r->cmd, &r->args.read);
    if (!status)
        status = scan(r, inputs, count);
    if (!status)
        status = cli_reading_settle(&r->reading);
    if (!status && !begun)
        status = begin_reading(r, r->args.reread);
    r->state.fingerprint = r->settings.fingerprint;
    if (!status)
        status = batch_journals_refresh(&r->state);
    if (!status)
        status = check_names(r);
    if (!status)
        status = batch_scan_record(&r->scan, &r->state, &r->list, r->args.unit);
    if (status)
        return status;
    return end(r, work(r));
}

cli_exit batch_run(const cli_command *self, int argc, char **argv)
{
    running r = {.cmd = self, .args = BATCH_DEFAULTS, .log = {.command = self->name}};
    size_t operands = 0;
    r.log.progress = &r.reading.progress;
    cli_exit status = parse(&r, argc, argv, &operands);
    if (!status) {
        cli_signals_keep();
        prepare(&r);
        status = go(&r, argv + 2, operands - 1);
    }
    batch_worker_free(&r.worker);
    batch_file_close(&r.list);
    cli_reading_free(&r.reading);
    batch_scan_free(&r.scan);
    batch_state_free(&r.state);
    batch_settings_free(&r.settings);
    batch_store_free(&r.store);
    return status;
}
