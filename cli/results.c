#include "results.h"

#include "base/buf.h"
#include "document.h"
#include "options.h"
#include "signals.h"

const char *const cli_results_pdfa[] = {"none", "1b", "2b", NULL};

static void on_note(void *user, const char *file, const char *text) { cli_note(user, file, 0, "%s", text); }

cli_exit cli_results_begin(cli_results *r, const cli_command *cmd, const cli_results_args *args,
                           const char *const *files, size_t count, const cli_log *log)
{
    ocrvl_buf trial = {0};
    bool numbered = false;
    *r = (cli_results){
        .cmd = cmd, .args = args, .files = files, .count = count, .log = log, .format = OCRVL_FORMAT_TEXT};
    r->opt.size = sizeof r->opt;
    r->opt.join_hyphens = args->join_hyphens;
    r->opt.flat_tables = args->alto_flat_tables;
    r->opt.pdfa = (ocrvl_pdfa)args->pdfa;
    r->opt.on_note = on_note;
    r->opt.note_user = (void *)(uintptr_t)log;
    if (args->format && !ocrvl_format_by_name(args->format, &r->format))
        return cli_usage_error(cmd, "unknown format '%s'; there are: %s", args->format, ocrvl_format_names());
    if (!args->split)
        return cli_document_overwritten(cmd, args->output, files, count) ? CLI_EXIT_USAGE : CLI_EXIT_OK;
    bool fine = !args->output || cli_output_name(&trial, args->output, 1, &numbered);
    ocrvl_buf_free(&trial);
    if (!fine)
        return cli_usage_error(cmd, "in '%s' only %%d, %%0Nd and %%%% may follow a percent sign", args->output);
    if (!numbered)
        return cli_usage_error(cmd, "--split needs --output with %%d where the page's number goes");
    return CLI_EXIT_OK;
}

cli_exit cli_results_open(cli_results *r)
{
    ocrvl_error err;
    if (!r->args->split && cli_output_open(&r->output, r->args->output, &err))
        return cli_output_failed(r->log, r->args->output, &err);
    bool alone = ocrvl_format_one_page(r->format) || (r->format == OCRVL_FORMAT_ALTO && !r->args->alto_single);
    r->numbered = alone && r->output && cli_output_is_file(r->output);
    return CLI_EXIT_OK;
}

static int put_in_buf(void *user, const void *data, size_t len)
{
    ocrvl_buf_put(user, data, len);
    return 0;
}

/* Writes a document of this page alone. */
static ocrvl_status put_document(const cli_results *r, const ocrvl_page *page, const ocrvl_page_place *place,
                                 ocrvl_write_fn fn, void *user, ocrvl_error *err)
{
    ocrvl_writer *w;
    ocrvl_writer_options opt = r->opt;
    opt.pages = 1;
    ocrvl_status st = ocrvl_writer_new(&w, r->format, fn, user, &opt, err);
    if (!st)
        st = ocrvl_writer_page(w, page, place, err);
    if (!st)
        st = ocrvl_writer_finish(w, err);
    ocrvl_writer_free(w);
    return st;
}

/* Writes the page, or if it is NULL the one that waits, to a file of that name. */
static cli_exit put_alone(cli_results *r, const char *name, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_error err;
    cli_output *o = NULL;
    if (cli_document_overwritten(r->cmd, name, r->files, r->count))
        return CLI_EXIT_USAGE;
    ocrvl_status st = cli_output_open(&o, name, &err);
    if (!st && page)
        st = put_document(r, page, place, cli_output_write, o, &err);
    else if (!st)
        (void)cli_output_write(o, r->first.data, r->first.len); /* an error is returned by the commit */
    if (!st) {
        st = cli_output_commit(o, &err);
        o = NULL;
    }
    cli_output_discard(o);
    return st ? cli_output_failed(r->log, name, &err) : CLI_EXIT_OK;
}

static cli_exit put_split(cli_results *r, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_buf name = {0};
    bool numbered;
    cli_exit status = CLI_EXIT_LIMIT;
    if (cli_output_name(&name, r->args->output, r->pages, &numbered) && !name.failed)
        status = put_alone(r, name.data, page, place);
    else
        cli_error(r->log, NULL, 0, "out of memory");
    ocrvl_buf_free(&name);
    return status;
}

static cli_exit put_under_number(cli_results *r, uint64_t number, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_buf name = {0};
    cli_exit status = CLI_EXIT_LIMIT;
    cli_output_numbered(&name, r->args->output, number);
    if (!name.failed)
        status = put_alone(r, name.data, page, place);
    else
        cli_error(r->log, NULL, 0, "out of memory");
    ocrvl_buf_free(&name);
    return status;
}

/* The first page waits; a second one means that both get numbers. */
static cli_exit put_numbered(cli_results *r, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_error err;
    if (r->pages == 1) {
        ocrvl_status st = put_document(r, page, place, put_in_buf, &r->first, &err);
        if (!st && r->first.failed)
            st = err.status = OCRVL_E_NOMEM;
        return st ? cli_output_failed(r->log, r->args->output, &err) : CLI_EXIT_OK;
    }
    cli_exit status = CLI_EXIT_OK;
    if (r->output) {
        cli_output_discard(r->output); /* only one file at a time is guarded against signals */
        r->output = NULL;
        status = put_under_number(r, 1, NULL, NULL);
        ocrvl_buf_free(&r->first);
    }
    return status ? status : put_under_number(r, r->pages, page, place);
}

cli_exit cli_results_page(cli_results *r, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_error err;
    ocrvl_status st = OCRVL_OK;
    cli_signals_keep();
    r->pages++;
    if (r->args->split)
        return put_split(r, page, place);
    if (r->numbered)
        return put_numbered(r, page, place);
    if ((r->pages > 1 || r->opt.pages > 1 || r->count > 1 || r->several) && ocrvl_format_one_page(r->format))
        return cli_usage_error(r->cmd, "a file of the format '%s' holds one page: use --output",
                               ocrvl_format_name(r->format));
    if (!r->writer)
        st = ocrvl_writer_new(&r->writer, r->format, cli_output_write, r->output, &r->opt, &err);
    if (!st)
        st = ocrvl_writer_page(r->writer, page, place, &err);
    if (!st)
        st = cli_output_flush(r->output, &err);
    return st ? cli_output_failed(r->log, r->args->output, &err) : CLI_EXIT_OK;
}

cli_exit cli_results_finish(cli_results *r)
{
    ocrvl_error err;
    bool one = r->numbered && r->pages == 1;
    if (r->numbered && r->pages > 1)
        cli_note(r->log, r->args->output, 0, "each of the %llu pages has a file of its own, with its number",
                 (unsigned long long)r->pages);
    if (!r->writer && !one)
        return CLI_EXIT_OK;
    ocrvl_status st = r->writer ? ocrvl_writer_finish(r->writer, &err) : OCRVL_OK;
    if (one)
        (void)cli_output_write(r->output, r->first.data, r->first.len); /* an error is returned by the commit */
    if (!st) {
        st = cli_output_commit(r->output, &err);
        r->output = NULL;
    }
    return st ? cli_output_failed(r->log, r->args->output, &err) : CLI_EXIT_OK;
}

cli_exit cli_results_stop(cli_results *r)
{
    cli_exit status = cli_results_finish(r);
    return status ? status : cli_output_stopped(r->log, r->args->output, r->pages, "page");
}

void cli_results_free(cli_results *r)
{
    ocrvl_writer_free(r->writer);
    cli_output_discard(r->output);
    ocrvl_buf_free(&r->first);
}
