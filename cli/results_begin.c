/* What is to be written where: the arguments that the commands with results share. */
#include <string.h>

#include "options.h"
#include "results.h"

const char *const cli_results_pdfa[] = {"none", "1b", "2b", NULL};

static void on_note(void *user, const char *file, const char *text)
{
    const cli_results *r = user;
    cli_note(r->log, file, 0, "%s", text);
}

static void on_unfit(void *user, const char *file, uint64_t page, const char *why)
{
    cli_results *r = user;
    const char *then = r->args->pdfa_rasterize ? "so its image is written" : "so it stays as it is";
    if (r->args->pdfa_rasterize) {
        cli_note(r->log, file, page, "it can't be made PDF/A without a loss, %s: %s", then, why);
        return;
    }
    cli_error(r->log, file, page, "it can't be made PDF/A without a loss, %s: %s", then, why);
    r->unfit = true;
    if (r->told_unfit)
        r->told_unfit(r->user, page, why);
}

cli_exit cli_results_verdict(const cli_results *r) { return r->unfit ? CLI_EXIT_PAGES : CLI_EXIT_OK; }

static bool is_file(const char *output) { return output && strcmp(output, "-") != 0; }

bool cli_results_has(const cli_results *r, ocrvl_format format)
{
    for (size_t i = 0; i < r->sink_count; i++)
        if (r->sinks[i].format == format)
            return true;
    return false;
}

bool cli_results_has_other(const cli_results *r, ocrvl_format format)
{
    return r->sink_count > cli_results_has(r, format);
}

bool cli_results_show_images(const cli_results *r)
{
    return cli_results_has(r, OCRVL_FORMAT_PDF) || (cli_results_has(r, OCRVL_FORMAT_HTML) && !r->args->no_images);
}

bool cli_results_tell_structure(const cli_results *r)
{
    for (size_t i = 0; i < r->sink_count; i++) {
        ocrvl_format f = r->sinks[i].format;
        if (f != OCRVL_FORMAT_TEXT && f != OCRVL_FORMAT_TSV && f != OCRVL_FORMAT_PDF)
            return true;
    }
    return false;
}

/* ---- formats ----------------------------------------------------------------------------------------- */

/* The format that the output's name tells, or text. */
static cli_exit default_format(const cli_results *r, ocrvl_format *format)
{
    bool vague = false;
    *format = OCRVL_FORMAT_TEXT;
    if (is_file(r->args->output) && cli_suffix_of(r->args->output, format, &vague) && vague)
        return cli_usage_error(r->cmd, "'%s' may be alto or page: say which with --format", r->args->output);
    return CLI_EXIT_OK;
}

static cli_exit take_formats(cli_results *r)
{
    const cli_list *list = &r->args->formats;
    r->sink_count = 0;
    for (size_t i = 0; i < list->count; i++) {
        ocrvl_format format;
        if (!cli_format_called(list->items[i].text, list->items[i].len, &format))
            return cli_usage_error(r->cmd, "unknown format '%.*s'; there are: %s", (int)list->items[i].len,
                                   list->items[i].text, ocrvl_format_names());
        if (!cli_results_has(r, format))
            r->sinks[r->sink_count++].format = format;
    }
    return list->count ? CLI_EXIT_OK : default_format(r, &r->sinks[r->sink_count++].format);
}

/* ---- names ------------------------------------------------------------------------------------------- */

static cli_exit check_pattern(cli_results *r)
{
    const char *output = r->args->output;
    ocrvl_buf trial = {0};
    cli_pattern has = {false, false};
    r->by_input = r->args->dir || (is_file(output) && strstr(output, "%s"));
    if (!r->args->split && !(r->by_input && output))
        return CLI_EXIT_OK;
    bool fine = !output || cli_pattern_expand(&trial, output, "x", 1, &has);
    ocrvl_buf_free(&trial);
    r->by_input = r->args->dir || has.stem;
    if (!fine)
        return cli_usage_error(r->cmd, "in '%s' only %%s, %%d, %%0Nd and %%%% may follow a percent sign", output);
    if (r->args->split && !has.number && !r->args->dir)
        return cli_usage_error(r->cmd, "--split needs --output with %%d where the page's number goes");
    if (!r->args->split && has.number)
        return cli_usage_error(r->cmd, "the page's number in '%s' needs --split", output);
    return CLI_EXIT_OK;
}

cli_exit cli_results_begin(cli_results *r, const cli_command *cmd, const cli_results_args *args, cli_inputs *inputs,
                           const cli_log *log)
{
    *r = (cli_results){.cmd = cmd, .args = args, .inputs = inputs, .log = log};
    r->opt.size = sizeof r->opt;
    r->keep_hyphens = args->keep_hyphens;
    r->opt.no_images = args->no_images;
    r->opt.flat_tables = args->alto_flat_tables;
    r->opt.pdfa = (ocrvl_pdfa)args->pdfa;
    r->opt.on_note = on_note;
    r->opt.on_unfit = on_unfit;
    r->opt.pdfa_rasterize = args->pdfa_rasterize;
    r->opt.note_user = r;
    cli_exit status = take_formats(r);
    if (!status && args->join_hyphens && args->keep_hyphens)
        status = cli_usage_error(cmd, "--join-hyphens and --keep-hyphens contradict each other");
    if (!status && args->pdfa_rasterize && !args->pdfa)
        status = cli_usage_error(cmd, "--pdfa-rasterize needs --pdfa");
    if (!status && args->output && args->dir)
        status = cli_usage_error(cmd, "--output and --output-dir contradict each other");
    if (!status && r->sink_count > 1 && !args->dir && !is_file(args->output))
        status = cli_usage_error(cmd, "several formats need --output or --output-dir");
    if (!status)
        status = check_pattern(r);
    if (!status && r->by_input)
        status = cli_inputs_distinct(inputs, cmd, log, args->dir);
    if (!status && !r->by_input && !args->split && r->sink_count == 1 &&
        cli_inputs_overwritten(inputs, cmd, args->output))
        status = CLI_EXIT_USAGE;
    return status;
}
