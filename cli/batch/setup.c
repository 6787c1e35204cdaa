#include "batch/setup.h"

#include <string.h>

#include "base/mem.h"
#include "batch/journals.h"
#include "batch/shard.h"
#include "options.h"
#include "signals.h"

static cli_exit check_formats(batch_setup *s)
{
    cli_list *list = &s->args.results.formats;
    if (list->count == 0) {
        list->items[0].text = "jsonl";
        list->items[0].len = 5;
        list->count = 1;
    }
    for (size_t i = 0; i < list->count; i++) {
        ocrvl_format f;
        const char *word = list->items[i].text;
        if (!cli_format_called(word, list->items[i].len, &f))
            return cli_usage_error(s->cmd, "unknown format '%.*s'; there are: %s", (int)list->items[i].len, word,
                                   ocrvl_format_names());
        if (s->args.place == BATCH_METS && f != OCRVL_FORMAT_ALTO && f != OCRVL_FORMAT_PAGE)
            return cli_usage_error(s->cmd, "--place mets is for the formats alto and page");
    }
    return CLI_EXIT_OK;
}

static void prepare(batch_setup *s)
{
    s->log = (cli_log){
        .command = s->cmd->name, .quiet = s->args.quiet, .verbose = s->args.verbose, .progress = &s->reading.progress};
    s->quiet = (cli_log){.command = s->cmd->name, .quiet = true};
    s->state.store = &s->store;
    s->state.pages = s->args.read.document.pages.count ? &s->args.read.document.pages : NULL;
    s->state.max_pages = s->args.read.document.max_pages;
    s->opt.size = sizeof s->opt;
    s->reading.cmd = s->cmd;
    s->reading.args = &s->args.read;
    s->reading.log = &s->log;
    s->reading.hash = true;
    s->reading.other = true;
    s->reading.opt = &s->opt;
}

bool batch_setup_parse(batch_setup *s, int argc, char **argv, bool make, size_t *operands, cli_exit *end)
{
    batch_args first = BATCH_DEFAULTS;
    cli_exit status = CLI_EXIT_OK;
    char **copy = ocrvl_alloc_array((size_t)argc + 1, sizeof *copy); /* parsing moves the operands */
    s->log.command = s->cmd->name;
    if (!copy) {
        *end = batch_no_memory(&s->log);
        return false;
    }
    memcpy(copy, argv, (size_t)argc * sizeof *copy);
    bool fine = cli_options_parse(s->cmd, &first, argc, copy, operands, &status);
    if (fine && *operands == 0) {
        status = cli_usage_error(s->cmd, "%s needs OUT, the folder of the batch", argv[0]);
        fine = false;
    }
    if (fine)
        status = batch_store_open(&s->store, copy[1], make, &s->log);
    ocrvl_free(copy);
    if (fine && !status)
        status = batch_settings_load(&s->settings, &s->store);
    if (fine && !status)
        status = batch_settings_parse(&s->settings, s->cmd, &s->args, argc, argv, s->exports, operands);
    prepare(s);
    if (fine && !status)
        status = cli_document_begin(s->cmd, &s->log, &s->args.read.document);
    if (fine && !status)
        status = check_formats(s);
    if (fine && !status)
        status = batch_shard_take(&s->args, s->cmd);
    *end = status;
    return fine && !status;
}

void batch_tell_damage(const batch_state *s, const cli_log *log)
{
    if (s->torn)
        cli_note(log, s->store->out, 0, "%llu damaged line%s passed over in its journals", (unsigned long long)s->torn,
                 s->torn == 1 ? " was" : "s were");
    if (s->irreproducible)
        cli_note(log, s->store->out, 0, "%llu page%s read twice, with results that differ",
                 (unsigned long long)s->irreproducible, s->irreproducible == 1 ? " was" : "s were");
}

bool batch_setup_open(batch_setup *s, int argc, char **argv, cli_exit *end)
{
    size_t operands = 0;
    if (!batch_setup_parse(s, argc, argv, false, &operands, end))
        return false;
    if (operands != 1)
        *end = cli_usage_error(s->cmd, "%s takes the folder of one batch", argv[0]);
    s->state.fingerprint = s->settings.fingerprint;
    if (!*end)
        *end = batch_journals_refresh(&s->state);
    if (!*end) {
        batch_tell_damage(&s->state, &s->log);
        batch_setup_outputs(s);
    }
    return *end == CLI_EXIT_OK;
}

cli_exit batch_setup_read(batch_setup *s, bool again)
{
    cli_exit status = s->reading.session ? CLI_EXIT_OK : cli_reading_begin(&s->reading);
    if (!status)
        status = batch_settings_fix(&s->settings, &s->store, &s->args, &s->reading, again);
    cli_signals_session(NULL); /* a signal ends the run after the pages in hand */
    s->state.fingerprint = s->settings.fingerprint;
    return status;
}

void batch_setup_outputs(batch_setup *s)
{
    batch_settings_describe(&s->settings, &s->opt);
    s->outputs = (batch_outputs){.cmd = s->cmd, .store = &s->store, .args = &s->args, .log = &s->quiet, .opt = s->opt};
    s->outputs.opt.join_hyphens = s->args.results.join_hyphens;
    s->outputs.opt.no_images = s->args.results.no_images;
    s->outputs.opt.flat_tables = s->args.results.alto_flat_tables;
}

void batch_setup_free(batch_setup *s)
{
    cli_reading_free(&s->reading);
    cli_document_end(&s->args.read.document);
    batch_state_free(&s->state);
    batch_settings_free(&s->settings);
    batch_store_free(&s->store);
}
