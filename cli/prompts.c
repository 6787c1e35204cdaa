/* ocrvl prompts: lists the prompts for page models. */
#include <string.h>

#include "base/buf.h"
#include "options.h"
#include "output.h"
#include "page_model.h"

static const cli_option options[] = {CLI_HELP_OPTION};

static void put_list(ocrvl_buf *b)
{
    const char *name, *summary, *text;
    size_t len;
    for (size_t i = 0; ocrvl_prompt_at(i, &name, &summary, &len, &text); i++)
        ocrvl_buf_printf(b, "%-17s%.*s\n", name, summary ? (int)len : 0, summary ? summary : "");
}

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    size_t count;
    cli_exit status;
    const char *text;
    if (!cli_options_parse(self, NULL, argc, argv, &count, &status))
        return status;
    if (count > 0 && !cli_prompt_known(self, argv[1], &text))
        return CLI_EXIT_USAGE;
    ocrvl_buf b = {0};
    cli_log log = {.command = self->name};
    if (count > 0)
        ocrvl_buf_puts(&b, text); /* with the line end of its file */
    else
        put_list(&b);
    status = cli_output_buf(&log, &b);
    ocrvl_buf_free(&b);
    return status;
}

static const char *const usage[] = {"[NAME]", NULL};

const cli_command cli_command_prompts = {
    .name = "prompts",
    .summary = "list or show the prompts for page models",
    .usage = usage,
    .about = "Lists the prompts that ocrvl read --prompt takes, with what each is for, or prints the text of the one "
             "that is called NAME.",
    .options = options,
    .operands = 1,
    .run = run,
};
