/* ocrvl norm: text through ICU. */
#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "inputs.h"
#include "options.h"
#include "output.h"

typedef struct norm_args {
    unsigned form;
    bool fold, unhyphenate, map;
    const char *transliterate, *output;
    bool quiet;
} norm_args;

static const char *const forms[] = {"nfc", "nfd", "nfkc", "nfkd", "none", NULL};
static const ocrvl_norm values[] = {OCRVL_NFC, OCRVL_NFD, OCRVL_NFKC, OCRVL_NFKD, 0};

static const cli_option options[] = {
    {.name = "form",
     .letter = 'f',
     .kind = CLI_OPTION_CHOICE,
     .arg = "FORM",
     .offset = offsetof(norm_args, form),
     .choices = forms,
     .help = "Normalization form: nfc, nfd, nfkc, nfkd or none. The default is nfc."},
    {.name = "fold",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(norm_args, fold),
     .help =
         "Fold for search: letters without case, compatibility characters as plain ones, characters that don't show "
         "left out (Unicode's NFKC_Casefold), and typographic quotes and dashes as on a keyboard. Accents stay."},
    {.name = "unhyphenate",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(norm_args, unhyphenate),
     .help = "Put together words that are broken at the ends of lines: a letter and a hyphen before the line break, a "
             "small letter after it."},
    {.name = "transliterate",
     .kind = CLI_OPTION_NAME,
     .arg = "ID",
     .offset = offsetof(norm_args, transliterate),
     .help = "Transliterate as ICU's ID says, such as Greek-Latin, Any-Latin or Latin-ASCII."},
    {.name = "map",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(norm_args, map),
     .help = "Print a JSON object for each FILE with the text and where each part of it came from."},
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPTION_NAME,
     .arg = "FILE",
     .offset = offsetof(norm_args, output),
     .help = "Write to FILE instead of standard output. It appears when it is complete, and what stood there before is "
             "kept until then."},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(norm_args, quiet),
     .help = "Print errors only."},
    CLI_HELP_OPTION,
};

#define MAX_BYTES (64ull << 20)

static void put_map(ocrvl_buf *b, const char *text, size_t len, const ocrvl_text_run *map, size_t runs)
{
    ocrvl_buf_puts(b, "{\"schema\":\"ocrvl.norm/1\",\"text\":");
    ocrvl_json_put_string(b, text, len);
    ocrvl_buf_puts(b, ",\"map\":[");
    for (size_t i = 0; map && i < runs; i++)
        ocrvl_buf_printf(b, "%s[%u,%u,%u,%u]", i ? "," : "", map[i].out_start, map[i].out_end, map[i].in_start,
                         map[i].in_end);
    ocrvl_buf_puts(b, "]}\n");
}

static ocrvl_status put_text(cli_output *o, const norm_args *args, const char *data, size_t len, ocrvl_error *err)
{
    ocrvl_text_options opt = {.size = sizeof opt,
                              .form = values[args->form],
                              .fold = args->fold,
                              .unhyphenate = args->unhyphenate,
                              .transliterate = args->transliterate};
    ocrvl_text_run *map = NULL;
    size_t n, runs = 0;
    char *text;
    ocrvl_buf b = {0};
    ocrvl_status st = ocrvl_text_transform(&text, &n, args->map ? &map : NULL, &runs, &opt, data, len, err);
    if (st)
        return st;
    if (args->map)
        put_map(&b, text, n, map, runs);
    else
        ocrvl_buf_put(&b, text, n);
    ocrvl_text_free(text);
    ocrvl_text_map_free(map);
    if (b.failed) {
        st = ocrvl_fail_nomem(err);
    } else {
        (void)cli_output_write(o, b.data, b.len); /* an error is returned by the commit */
    }
    ocrvl_buf_free(&b);
    return st;
}

static cli_exit do_file(const cli_log *log, const norm_args *args, const char *file, cli_output *o)
{
    char *data;
    size_t len;
    ocrvl_error err;
    ocrvl_status st = ocrvl_file_read(&data, &len, file, MAX_BYTES, &err);
    if (!st) {
        st = put_text(o, args, data, len, &err);
        ocrvl_free(data);
    }
    if (st)
        cli_error(log, st == OCRVL_E_ARG ? NULL : file, 0, "%s", err.message);
    return st == OCRVL_E_ARG ? CLI_EXIT_USAGE : cli_exit_of(st, CLI_EXIT_INPUT);
}

static cli_exit norm_all(const cli_command *self, const norm_args *args, cli_inputs *in, const cli_log *log)
{
    ocrvl_error err;
    cli_output *o;
    cli_exit status = CLI_EXIT_OK;
    if (cli_inputs_overwritten(in, self, args->output))
        return CLI_EXIT_USAGE;
    if (cli_output_open(&o, args->output, &err))
        return cli_output_failed(log, args->output, &err);
    for (size_t i = 0; i < in->count && status != CLI_EXIT_USAGE; i++)
        status = cli_exit_worse(status, do_file(log, args, in->paths[i], o));
    if (status) {
        if (!args->output && cli_output_flush(o, &err))
            status = cli_output_failed(log, args->output, &err);
        cli_output_discard(o);
    } else if (cli_output_commit(o, &err)) {
        status = cli_output_failed(log, args->output, &err);
    }
    return status;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    norm_args args = {0};
    cli_inputs in = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    cli_log log = {.command = self->name, .quiet = args.quiet};
    status = cli_inputs_take(&in, self, &log, NULL, argv + 1, count);
    if (!status)
        status = norm_all(self, &args, &in, &log);
    cli_inputs_free(&in);
    return status;
}

static const char *const usage[] = {"[OPTIONS] [FILE...]", NULL};

const cli_command cli_command_norm = {
    .name = "norm",
    .summary = "normalise text, fold it for search, transliterate it",
    .usage = usage,
    .about = "Puts UTF-8 text into a Unicode normalization form, and on request folds it for search, puts broken words "
             "together or transliterates it. Without FILE, or where FILE is -, standard input is read.",
    .options = options,
    .operands = SIZE_MAX,
    .run = run,
};
