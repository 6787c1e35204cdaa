/* ocrvl read: reads documents and writes one document of text. */
#include "base/mem.h"
#include "inputs.h"
#include "options.h"
#include "reading.h"
#include "results.h"

typedef struct read_args {
    cli_results_args results;
    cli_read_args reading;
    bool seconds, quiet, verbose, no_progress;
} read_args;

static const cli_option options[] = {
    CLI_RESULTS_OPTIONS(read_args, results),
    CLI_READ_OPTIONS(read_args, reading),
    {.name = "seconds",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, seconds),
     .help = "In JSON, record the seconds that each page took. They differ from run to run, unlike all else in the "
             "output."},
    CLI_MESSAGE_OPTIONS(read_args, quiet, verbose),
    {.name = "no-progress",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(read_args, no_progress),
     .help = "Show no progress on the terminal."},
    CLI_HELP_OPTION,
};

typedef struct command { /* one run of it */
    const read_args *args;
    cli_inputs inputs;
    cli_log log;
    cli_results results;
    cli_reading reading;
} command;

/* Writes a page to the outputs of its input. */
static cli_exit put_page(void *user, const ocrvl_page *page, const ocrvl_page *pdf_page, const cli_queued *q)
{
    command *c = user;
    cli_exit over = cli_results_input(&c->results, q->file - 1);
    if (over)
        return over;
    c->results.pdf_page = pdf_page;
    c->results.opt.pages = c->results.by_input || c->inputs.count == 1 ? q->pages : 0;
    return cli_results_page(&c->results, page, &q->place);
}

static cli_exit run_reading(command *c)
{
    cli_reading *r = &c->reading;
    cli_exit over = cli_results_open(&c->results);
    if (!over)
        over = cli_reading_begin(r);
    for (size_t i = 0; i < c->inputs.count && !over; i++) {
        cli_read_document doc = {.path = c->inputs.paths[i]};
        over = cli_reading_document(r, &doc);
    }
    if (!over || over == CLI_EXIT_STOPPED) { /* pages may be done that stand before the one in hand */
        cli_exit rest = cli_reading_drain(r);
        over = rest ? rest : over;
    }
    if (over == CLI_EXIT_STOPPED)
        return cli_results_stop(&c->results);
    return over ? over : cli_results_finish(&c->results);
}

/* What reading has to know of the outputs. */
static void set_outputs(command *c)
{
    cli_results *out = &c->results;
    cli_reading *r = &c->reading;
    r->any_pdf = cli_results_has(out, OCRVL_FORMAT_PDF);
    r->onto_pdf = r->any_pdf && !c->args->results.pdfa_rasterize; /* of any page an image may be written then */
    r->other = cli_results_has_other(out, OCRVL_FORMAT_PDF);
    r->hash = cli_results_has(out, OCRVL_FORMAT_JSON) || cli_results_has(out, OCRVL_FORMAT_JSONL) ||
              cli_results_has(out, OCRVL_FORMAT_ALTO) || cli_results_has(out, OCRVL_FORMAT_PAGE);
    r->images = cli_results_show_images(out);
    r->structured = cli_results_tell_structure(out);
    r->at_once = !cli_results_has_other(out, OCRVL_FORMAT_JSONL); /* nobody is made to wait */
    r->paths = (const char *const *)c->inputs.paths;
    r->opt = &out->opt;
    out->opt.seconds = c->args->seconds;
    out->keep_hyphens |= c->args->reading.diplomatic;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    read_args args = {.reading = CLI_READ_DEFAULTS};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    command c = {.args = &args};
    cli_reading *r = &c.reading;
    c.log = (cli_log){.command = self->name, .quiet = args.quiet, .verbose = args.verbose, .progress = &r->progress};
    *r = (cli_reading){.cmd = self, .args = &args.reading, .log = &c.log, .put = put_page, .user = &c};
    if (args.reading.diplomatic && args.results.join_hyphens)
        return cli_usage_error(self, "--diplomatic and --join-hyphens contradict each other");
    status = cli_document_begin(self, &c.log, &args.reading.document);
    if (!status)
        status = cli_reading_check(self, &args.reading);
    if (!status)
        status = cli_inputs_take(&c.inputs, self, &c.log, ocrvl_source_knows, argv + 1, count);
    if (!status)
        status = cli_results_begin(&c.results, self, &args.results, &c.inputs, &c.log);
    if (!status) {
        set_outputs(&c);
        status = cli_reading_settle(r);
    }
    if (!status) {
        cli_progress_init(&r->progress, !args.quiet && !args.no_progress, c.inputs.count);
        status = run_reading(&c);
        cli_progress_wipe(&r->progress);
        cli_tally_print(&r->tally, &c.log);
    }
    r->worst = cli_exit_worse(r->worst, cli_results_verdict(&c.results));
    cli_results_free(&c.results);
    cli_reading_free(r);
    cli_inputs_free(&c.inputs);
    cli_document_end(&args.reading.document);
    return status ? status : r->worst;
}

static const char *const usage[] = {"[OPTIONS] [FILE...]", NULL};

const cli_command cli_command_read = {
    .name = "read",
    .summary = "read documents and print their text",
    .usage = usage,
    .about =
        "Reads scanned and born-digital documents (PDF, TIFF and common image formats) and writes their text, in one "
        "output document, in the order of the FILEs. A FILE that is a folder stands for the documents in it. "
        "Without FILE, or where FILE is -, standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
