#include "document.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "options.h"
#include "output.h"
#include "signals.h"

void cli_document_options(const cli_document_args *args, ocrvl_source_options *opt)
{
    memset(opt, 0, sizeof *opt);
    opt->size = sizeof *opt;
    opt->dpi = args->dpi;
    opt->render_always = args->dpi > 0;
    opt->password = args->password;
    opt->first_page = args->pages.first;
    opt->last_page = args->pages.last;
    opt->max_file_bytes = args->max_bytes;
    opt->max_pixels = args->max_pixels;
    opt->max_pages = args->max_pages;
    opt->urls = true;
    opt->canceled = cli_signals_canceled;
    opt->private_addresses = args->private_addresses;
}

/* The name that messages begin with. It is empty for a URL, which may be long or contain a password; the library's
 * messages have a cleaned one. */
static const char *message_name(const char *file)
{
    static const char *const schemes[] = {"data:", "http:", "https:"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(file, schemes[i], strlen(schemes[i])) == 0)
            return NULL;
    return file;
}

const char *const *cli_document_files(const cli_command *cmd, char **operands, size_t *count)
{
    static const char *const standard_input[] = {"-"};
    if (*count > 0)
        return (const char *const *)operands;
    if (isatty(STDIN_FILENO)) {
        cli_usage_error(cmd, "no FILE given, and standard input is a terminal");
        return NULL;
    }
    *count = 1;
    return standard_input;
}

cli_exit cli_document_failed(const cli_log *log, const cli_document_args *args, const char *file, uint64_t page,
                             const ocrvl_error *err, cli_exit side)
{
    const char *hint = err->status == OCRVL_E_PASSWORD && !args->password ? " (give it with --password)" : "";
    const char *shown = page ? file : message_name(file);
    cli_log nameless = {.quiet = log->quiet, .progress = log->progress};
    cli_error(shown ? log : &nameless, shown, page, "%s%s", err->message, hint);
    /* for the library a page that the document doesn't have is the caller's mistake; here it is the user's */
    return err->status == OCRVL_E_ARG ? side : cli_exit_of(err->status, side);
}

cli_exit cli_document_empty(const cli_log *log, const char *file, const cli_document_args *args)
{
    if (args->pages.first || args->pages.last)
        cli_error(log, message_name(file), 0, "the document has none of the pages that --pages names");
    else
        cli_error(log, message_name(file), 0, "the document has no page");
    return CLI_EXIT_INPUT;
}

bool cli_document_overwritten(const cli_command *cmd, const char *output, const char *const *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cli_same_file(output, files[i])) {
            cli_usage_error(cmd, "the output '%s' is also an input", output);
            return true;
        }
    return false;
}
