#include "results.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "options.h"
#include "signals.h"

#include <string.h>

static cli_exit no_memory(const cli_results *r)
{
    cli_error(r->log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

/* ---- names ------------------------------------------------------------------------------------------- */

/* What the format's file for the input in hand is called; with --split, for its page of that number. */
static cli_exit make_name(const cli_results *r, ocrvl_format format, uint64_t number, char **out)
{
    const cli_results_args *a = r->args;
    ocrvl_buf base = {0}, name = {0};
    const char *stem = r->inputs->stems[r->input], *after = a->output ? strstr(a->output, "%s") : NULL;
    cli_naming how = a->dir ? CLI_NAME_ADD : r->sink_count > 1 ? CLI_NAME_REPLACE : CLI_NAME_AS_IS;
    cli_pattern found;
    if (r->by_input && after && !strchr(after, '.'))
        how = CLI_NAME_ADD;
    if (a->dir)
        ocrvl_buf_printf(&base, "%s/%s", a->dir, stem);
    else if (r->by_input || a->split)
        (void)cli_pattern_expand(&base, a->output, stem, number, &found); /* it was tried before */
    else
        ocrvl_buf_puts(&base, a->output);
    if (base.data)
        cli_name_put(&name, base.data, format, how);
    if (a->dir && a->split && name.data) {
        ocrvl_buf_clear(&base);
        cli_output_numbered(&base, name.data, number);
        *out = ocrvl_buf_steal(&base, NULL);
    } else {
        *out = base.failed ? NULL : ocrvl_buf_steal(&name, NULL);
    }
    ocrvl_buf_free(&base);
    ocrvl_buf_free(&name);
    return *out ? CLI_EXIT_OK : no_memory(r);
}

/* Checks that the file may be written, and makes its folder where the name comes from an input's. */
static cli_exit prepare_place(cli_results *r, const char *name)
{
    ocrvl_error err;
    int e = r->by_input ? cli_make_folders(name) : 0;
    if (e) {
        (void)ocrvl_fail_errno(&err, e, name);
        return cli_output_failed(r->log, name, &err);
    }
    return cli_inputs_overwritten(r->inputs, r->cmd, name) ? CLI_EXIT_USAGE : CLI_EXIT_OK;
}

/* Reports why the output isn't written. */
static cli_exit failed(cli_results *r, const char *name, const ocrvl_error *err)
{
    r->unwritable = err->status == OCRVL_E_IO ? OCRVL_OK : err->status;
    return cli_output_failed(r->log, name, err);
}

/* Puts the output into its place under that name; frees it. */
static ocrvl_status commit(const cli_results *r, cli_output *o, const char *name, ocrvl_error *err)
{
    bool file = cli_output_is_file(o);
    ocrvl_status st = cli_output_commit(o, err);
    if (!st && file && r->written)
        r->written(r->user, name);
    return st;
}

/* ---- documents --------------------------------------------------------------------------------------- */

static cli_exit open_sink(cli_results *r, cli_sink *s)
{
    ocrvl_error err;
    cli_exit status = CLI_EXIT_OK;
    if (r->args->split)
        return status;
    if (r->by_input || r->sink_count > 1)
        status = make_name(r, s->format, 0, &s->name);
    else if (r->args->output && !(s->name = ocrvl_strdup(r->args->output)))
        status = no_memory(r);
    if (!status && s->name && (r->by_input || r->sink_count > 1))
        status = prepare_place(r, s->name);
    if (!status && cli_output_open(&s->output, s->name, &err))
        status = cli_output_failed(r->log, s->name, &err);
    bool alone = ocrvl_format_one_page(s->format) || (s->format == OCRVL_FORMAT_ALTO && !r->args->alto_single);
    s->numbered = alone && s->output && cli_output_is_file(s->output);
    return status;
}

static void close_sink(cli_sink *s)
{
    ocrvl_writer_free(s->writer);
    cli_output_discard(s->output);
    ocrvl_buf_free(&s->first);
    ocrvl_free(s->name);
    *s = (cli_sink){.format = s->format};
}

cli_exit cli_results_open(cli_results *r)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < r->sink_count && !status; i++)
        status = open_sink(r, &r->sinks[i]);
    return status;
}

cli_exit cli_results_input(cli_results *r, size_t input)
{
    if (!r->by_input || input == r->input)
        return CLI_EXIT_OK;
    cli_exit status = cli_results_finish(r);
    for (size_t i = 0; i < r->sink_count; i++)
        close_sink(&r->sinks[i]);
    r->input = input;
    r->pages = 0;
    return status ? status : cli_results_open(r);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* The options of a document in the sink's format. */
static ocrvl_writer_options options_of(const cli_results *r, const cli_sink *s)
{
    ocrvl_writer_options opt = r->opt;
    bool flows = s->format == OCRVL_FORMAT_MARKDOWN || s->format == OCRVL_FORMAT_HTML;
    opt.join_hyphens = r->args->join_hyphens || (flows && !r->keep_hyphens);
    opt.table = s->table;
    return opt;
}

/* Writes a document of this page alone. */
static ocrvl_status put_document(const cli_results *r, const cli_sink *s, const ocrvl_page *page,
                                 const ocrvl_page_place *place, ocrvl_write_fn fn, void *user, ocrvl_error *err)
{
    ocrvl_writer *w;
    ocrvl_writer_options opt = options_of(r, s);
    opt.pages = 1;
    ocrvl_status st = ocrvl_writer_new(&w, s->format, fn, user, &opt, err);
    if (!st)
        st = ocrvl_writer_page(w, page, place, err);
    if (!st)
        st = ocrvl_writer_finish(w, err);
    ocrvl_writer_free(w);
    return st;
}

/* Writes the page, or if it is NULL the one that waits, to a file of that name. */
static cli_exit put_alone(cli_results *r, const cli_sink *s, const char *name, const ocrvl_page *page,
                          const ocrvl_page_place *place)
{
    ocrvl_error err;
    cli_output *o = NULL;
    cli_exit status = prepare_place(r, name);
    if (status)
        return status;
    ocrvl_status st = cli_output_open(&o, name, &err);
    if (!st && page)
        st = put_document(r, s, page, place, cli_output_write, o, &err);
    else if (!st)
        (void)cli_output_write(o, s->first.data, s->first.len); /* an error is returned by the commit */
    if (!st) {
        st = commit(r, o, name, &err);
        o = NULL;
    }
    cli_output_discard(o);
    return st ? failed(r, name, &err) : CLI_EXIT_OK;
}

static cli_exit put_split(cli_results *r, const cli_sink *s, uint64_t number, const ocrvl_page *page,
                          const ocrvl_page_place *place)
{
    char *name;
    cli_exit status = make_name(r, s->format, number, &name);
    if (!status)
        status = put_alone(r, s, name, page, place);
    ocrvl_free(name);
    return status;
}

/* Each table of the page to a file of its own. */
static cli_exit put_tables(cli_results *r, cli_sink *s, const ocrvl_page *page, const ocrvl_page_place *place)
{
    cli_exit status = CLI_EXIT_OK;
    s->table = 0;
    for (const ocrvl_node *n = ocrvl_page_first(page); n && !status; n = ocrvl_node_next(n)) {
        ocrvl_node_info i = {.size = sizeof i};
        ocrvl_node_get_info(n, &i);
        if (i.role != OCRVL_ROLE_TABLE || !ocrvl_node_first(n))
            continue;
        s->table++;
        status = put_split(r, s, ++s->tables, page, place);
    }
    return status;
}

static cli_exit put_under_number(cli_results *r, const cli_sink *s, uint64_t number, const ocrvl_page *page,
                                 const ocrvl_page_place *place)
{
    ocrvl_buf name = {0};
    cli_output_numbered(&name, s->name, number);
    cli_exit status = name.failed ? no_memory(r) : put_alone(r, s, name.data, page, place);
    ocrvl_buf_free(&name);
    return status;
}

/* The first page waits; a second one means that both get numbers. */
static cli_exit put_numbered(cli_results *r, cli_sink *s, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_error err;
    if (r->pages == 1) {
        ocrvl_status st = put_document(r, s, page, place, cli_put_in_buf, &s->first, &err);
        if (!st && s->first.failed)
            st = err.status = OCRVL_E_NOMEM;
        return st ? failed(r, s->name, &err) : CLI_EXIT_OK;
    }
    cli_exit status = CLI_EXIT_OK;
    if (s->output) {
        cli_output_discard(s->output);
        s->output = NULL;
        status = put_under_number(r, s, 1, NULL, NULL);
        ocrvl_buf_free(&s->first);
    }
    return status ? status : put_under_number(r, s, r->pages, page, place);
}

static cli_exit put_page(cli_results *r, cli_sink *s, const ocrvl_page *page, const ocrvl_page_place *place)
{
    ocrvl_error err;
    ocrvl_status st = OCRVL_OK;
    ocrvl_writer_options opt = options_of(r, s);
    if (r->args->split)
        return s->format == OCRVL_FORMAT_CSV ? put_tables(r, s, page, place) : put_split(r, s, r->pages, page, place);
    if (s->numbered)
        return put_numbered(r, s, page, place);
    if (ocrvl_format_one_page(s->format) &&
        (r->pages > 1 || r->opt.pages > 1 || (r->inputs->count > 1 && !r->by_input) || r->several))
        return cli_usage_error(r->cmd, "a file of the format '%s' holds one page: use --output",
                               ocrvl_format_name(s->format));
    if (!s->writer)
        st = ocrvl_writer_new(&s->writer, s->format, cli_output_write, s->output, &opt, &err);
    if (!st)
        st = ocrvl_writer_page(s->writer, page, place, &err);
    if (!st)
        st = cli_output_flush(s->output, &err);
    return st ? failed(r, s->name, &err) : CLI_EXIT_OK;
}

/* Whether the sink takes the page, which may stand for a document that couldn't be opened. */
static bool says(const cli_results *r, const cli_sink *s, const ocrvl_page_place *place)
{
    return !place->no_page || (ocrvl_format_says_failures(s->format) && !r->args->split);
}

cli_exit cli_results_page(cli_results *r, const ocrvl_page *page, const ocrvl_page_place *place)
{
    cli_exit status = CLI_EXIT_OK;
    bool written = !place->no_page;
    for (size_t i = 0; i < r->sink_count; i++)
        written |= says(r, &r->sinks[i], place);
    if (!written)
        return CLI_EXIT_OK;
    cli_signals_keep();
    r->pages++;
    r->total++;
    for (size_t i = 0; i < r->sink_count && !status; i++) {
        if (!says(r, &r->sinks[i], place))
            continue;
        bool other = r->pdf_page && r->sinks[i].format == OCRVL_FORMAT_PDF;
        status = put_page(r, &r->sinks[i], other ? r->pdf_page : page, place);
    }
    return status;
}

/* ---- ends -------------------------------------------------------------------------------------------- */

static cli_exit finish_sink(cli_results *r, cli_sink *s)
{
    ocrvl_error err;
    bool one = s->numbered && r->pages == 1;
    if (s->numbered && r->pages > 1)
        cli_note(r->log, s->name, 0, "each of the %llu pages has a file of its own, with its number",
                 (unsigned long long)r->pages);
    if (!s->writer && !one)
        return CLI_EXIT_OK;
    ocrvl_status st = s->writer ? ocrvl_writer_finish(s->writer, &err) : OCRVL_OK;
    if (one)
        (void)cli_output_write(s->output, s->first.data, s->first.len); /* an error is returned by the commit */
    if (!st) {
        st = commit(r, s->output, s->name, &err);
        s->output = NULL;
    }
    return st ? failed(r, s->name, &err) : CLI_EXIT_OK;
}

cli_exit cli_results_finish(cli_results *r)
{
    cli_exit status = CLI_EXIT_OK;
    for (size_t i = 0; i < r->sink_count && !status; i++)
        status = finish_sink(r, &r->sinks[i]);
    return status;
}

cli_exit cli_results_stop(cli_results *r)
{
    const char *where = r->args->dir ? r->args->dir : r->args->output;
    cli_exit status = cli_results_finish(r);
    return status ? status : cli_output_stopped(r->log, where, r->total, "page");
}

void cli_results_free(cli_results *r)
{
    for (size_t i = 0; i < r->sink_count; i++)
        close_sink(&r->sinks[i]);
}
