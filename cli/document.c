#include "document.h"

#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "options.h"
#include "signals.h"

/* Beside the spans what they lie in, so that a document that has none of them says so. */
static void set_pages(const cli_pages *pages, ocrvl_source_options *opt)
{
    opt->spans = pages->spans;
    opt->span_count = pages->count;
    opt->first_page = pages->spans[0].first;
    opt->last_page = pages->spans[0].last;
    for (size_t i = 1; i < pages->count; i++) {
        const ocrvl_page_span *s = &pages->spans[i];
        opt->first_page = s->first < opt->first_page ? s->first : opt->first_page;
        opt->last_page = !s->last || !opt->last_page ? 0 : s->last > opt->last_page ? s->last : opt->last_page;
    }
}

static cli_exit read_password(const cli_command *cmd, const cli_log *log, cli_document_args *args)
{
    ocrvl_error err;
    size_t len;
    if (args->password)
        return cli_usage_error(cmd, "--password and --password-file contradict each other");
    ocrvl_status st = ocrvl_file_read(&args->password_read, &len, args->password_file, 1 << 16, &err);
    if (st) {
        cli_error(log, args->password_file, 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_INPUT);
    }
    args->password_read[strcspn(args->password_read, "\r\n")] = '\0';
    args->password = args->password_read;
    return CLI_EXIT_OK;
}

cli_exit cli_document_begin(const cli_command *cmd, const cli_log *log, cli_document_args *args)
{
    cli_exit status = args->password_file ? read_password(cmd, log, args) : CLI_EXIT_OK;
    return status ? status : cli_decoding_begin(log, &args->decoding);
}

void cli_document_end(cli_document_args *args)
{
    cli_decoding_end(&args->decoding);
    ocrvl_free(args->password_read);
}

void cli_document_options(const cli_document_args *args, ocrvl_source_options *opt)
{
    memset(opt, 0, sizeof *opt);
    opt->size = sizeof *opt;
    opt->dpi = args->dpi;
    opt->render_always = args->dpi > 0;
    opt->password = args->password;
    if (args->pages.count)
        set_pages(&args->pages, opt);
    opt->max_file_bytes = args->max_bytes;
    opt->max_pixels = args->max_pixels;
    opt->max_pages = args->max_pages;
    opt->urls = true;
    opt->canceled = cli_signals_canceled;
    opt->private_addresses = args->private_addresses;
    cli_decoding_source(&args->decoding, opt);
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

void cli_document_put_name(ocrvl_buf *b, const char *file, const ocrvl_error *err)
{
    const char *name = message_name(file), *end = strstr(err->message, ": ");
    if (name)
        ocrvl_buf_puts(b, name);
    else
        ocrvl_buf_put(b, err->message, end ? (size_t)(end - err->message) : 0);
}

cli_exit cli_document_empty(const cli_log *log, const char *file, const cli_document_args *args)
{
    if (args->pages.count)
        cli_error(log, message_name(file), 0, "the document has none of the pages that --pages names");
    else
        cli_error(log, message_name(file), 0, "the document has no page");
    return CLI_EXIT_INPUT;
}
