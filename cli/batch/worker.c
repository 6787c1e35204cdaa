#include "batch/worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/deaths.h"
#include "batch/journals.h"
#include "options.h"
#include "signals.h"

static cli_exit begin_reading(void *user)
{
    batch_setup *s = user;
    cli_exit status = batch_setup_read(s, false);
    batch_setup_outputs(s);
    return status;
}

void batch_worker_join(batch_worker *w, batch_setup *s, batch_file *list, batch_claim *claim)
{
    *w = (batch_worker){.log = &s->log,
                        .store = &s->store,
                        .args = &s->args,
                        .reading = &s->reading,
                        .outputs = &s->outputs,
                        .state = &s->state,
                        .list = list,
                        .claim = claim,
                        .begin = begin_reading,
                        .user = s,
                        .record = {.store = &s->store, .opt = &s->opt}};
    s->reading.put = batch_take_page;
    s->reading.next = batch_next_page;
    s->reading.user = w;
}

static cli_exit work(batch_setup *s, const char *token, const char *alone, const char *page)
{
    batch_worker w;
    batch_file list = {0};
    batch_claim claim = {.fd = -1};
    batch_name_process(s->store.self, sizeof s->store.self, (long)getpid(), token);
    batch_worker_join(&w, s, &list, &claim);
    w.shard = s->args.shard;
    s->state.fingerprint = s->settings.fingerprint;
    cli_exit status = cli_reading_settle(&s->reading);
    if (!status)
        status = batch_journals_refresh(&s->state);
    if (!status)
        status = batch_claim_open(&claim, &s->store, s->store.self, (long)getpid(), (double)s->args.lease);
    batch_deaths deaths = {0};
    if (!status)
        status = batch_deaths_count(&deaths, &s->state, &claim);
    batch_deaths_free(&deaths);
    batch_setup_outputs(s);
    if (!status)
        status = *alone ? batch_work_alone(&w, alone, (uint32_t)strtoul(page, NULL, 10)) : batch_work(&w);
    batch_claim_close(&claim);
    batch_worker_free(&w);
    batch_file_close(&list);
    ocrvl_decoders *decoders = s->args.read.document.decoding.decoders;
    return status && decoders && ocrvl_decoders_lost(decoders) ? (cli_exit)BATCH_WORKER_LOST : status;
}

cli_exit batch_worker_run(const cli_command *self, int argc, char **argv)
{
    batch_setup s = {.cmd = self, .args = BATCH_DEFAULTS};
    size_t operands = 0;
    cli_exit status;
    if (argc < 6)
        return cli_usage_error(self, "the action has to come first");
    cli_signals_keep();
    cli_signals_stop_by(SIGUSR1);
    if (batch_setup_parse(&s, argc - 5, argv + 5, false, &operands, &status)) {
        s.args.decoders = strtoull(argv[4], NULL, 10);
        status = work(&s, argv[1], argv[2], argv[3]);
    }
    batch_setup_free(&s);
    cli_signals_forget();
    return status == CLI_EXIT_STOPPED ? CLI_EXIT_AGAIN : status;
}
