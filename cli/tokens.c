/* ocrvl tokens: prints the token ids of a text. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "model.h"
#include "ocrvl_dev.h"
#include "options.h"
#include "output.h"

/* Limit of the text on standard input, all of which stays in memory. */
#define MAX_TEXT (1ull << 30)

typedef struct tokens_args {
    const char *model;
    bool parse_special, jsonl, quiet;
} tokens_args;

static const cli_option options[] = {
    CLI_MODEL_OPTION(tokens_args, model),
    {.name = "parse-special",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(tokens_args, parse_special),
     .help = "Take names of special tokens in the text, as <|im_start|>, for these tokens. By default they are text "
             "like any other, as they are in text that comes from a document."},
    {.name = "jsonl",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(tokens_args, jsonl),
     .help = "Take each line for a JSON string, and print an array for each."},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(tokens_args, quiet),
     .help = "Print errors only."},
    CLI_HELP_OPTION,
};

static ocrvl_status put_ids(const ocrvl_model *m, bool special, const char *text, size_t len, cli_output *o,
                            ocrvl_error *err)
{
    int32_t *ids;
    size_t count;
    ocrvl_buf b = {0};
    ocrvl_status st = ocrvl_dev_tokenize(m, text, len, special, &ids, &count, err);
    if (st)
        return st;
    for (size_t i = 0; i < count; i++)
        ocrvl_buf_printf(&b, "%s%ld", i ? "," : "[", (long)ids[i]);
    ocrvl_buf_puts(&b, count ? "]\n" : "[]\n");
    if (b.failed)
        st = ocrvl_fail_nomem(err);
    else
        (void)cli_output_write(o, b.data, b.len); /* an error is returned by the commit */
    ocrvl_buf_free(&b);
    ocrvl_dev_free(ids);
    return st;
}

static ocrvl_status put_line(const ocrvl_model *m, bool special, const char *line, size_t len, cli_output *o,
                             ocrvl_error *err)
{
    ocrvl_json *json;
    size_t text_len;
    ocrvl_status st = ocrvl_json_parse(&json, line, len, "-", err);
    if (st)
        return ocrvl_fail(err, st, "not valid JSON");
    const char *text = ocrvl_json_string(json, &text_len);
    st = text ? put_ids(m, special, text, text_len, o, err) : ocrvl_fail(err, OCRVL_E_FORMAT, "not a JSON string");
    ocrvl_json_free(json);
    return st;
}

static cli_exit put_all(const cli_log *log, const tokens_args *args, const ocrvl_model *m, const char *data, size_t len,
                        cli_output *o)
{
    ocrvl_error err;
    ocrvl_status st = OCRVL_OK;
    if (!args->jsonl) {
        st = put_ids(m, args->parse_special, data, len, o, &err);
        if (st)
            cli_error(log, "-", 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_INPUT);
    }
    unsigned long long number = 0;
    for (size_t i = 0; i < len && !st;) {
        const char *end = memchr(data + i, '\n', len - i);
        size_t n = end ? (size_t)(end - data) - i : len - i;
        number++;
        st = put_line(m, args->parse_special, data + i, n, o, &err);
        if (st)
            cli_error(log, "-", 0, "line %llu: %s", number, err.message);
        i += n + 1;
    }
    return cli_exit_of(st, CLI_EXIT_INPUT);
}

static cli_exit tokens(const cli_log *log, const tokens_args *args, const ocrvl_model *m)
{
    char *data;
    size_t len;
    cli_output *o;
    ocrvl_error err;
    ocrvl_status st = ocrvl_file_read(&data, &len, "-", MAX_TEXT, &err);
    if (st) {
        cli_error(log, "-", 0, "%s", err.message);
        return cli_exit_of(st, CLI_EXIT_INPUT);
    }
    cli_exit status = CLI_EXIT_OK;
    if (cli_output_open(&o, NULL, &err))
        status = cli_output_failed(log, NULL, &err);
    else {
        status = put_all(log, args, m, data, len, o);
        if (cli_output_commit(o, &err))
            status = cli_output_failed(log, NULL, &err);
    }
    ocrvl_free(data);
    return status;
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    tokens_args args = {0};
    size_t count;
    cli_exit status;
    ocrvl_model *m;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    cli_log log = {.command = self->name, .quiet = args.quiet};
    status = cli_model_open_as(&log, args.model, OCRVL_DEV_OPEN_NO_WEIGHTS, &m);
    if (!status)
        status = tokens(&log, &args, m);
    ocrvl_model_free(m);
    return status;
}

static const char *const usage[] = {"[OPTIONS] < TEXT", NULL};

const cli_command cli_command_tokens = {
    .name = "tokens",
    .summary = "print the token ids of a text",
    .usage = usage,
    .about = "Prints the ids of the text on standard input as a JSON array, as the checkpoint's tokenizer has them.",
    .options = options,
    .operands = 0,
    .run = run,
};
