/* ocrvl help. */
#include <string.h>

#include "base/buf.h"
#include "completion.h"
#include "help.h"
#include "options.h"
#include "output.h"

typedef struct help_args {
    bool roff;
    unsigned shell;
} help_args;

static const char *const shells[] = {"none", "bash", "zsh", "fish", NULL}; /* as in completion.h */

static const cli_option options[] = {
    {.name = "roff",
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(help_args, roff),
     .help = "Print the command's options as they stand in its man page's OPTIONS section."},
    {.name = "completion",
     .kind = CLI_OPTION_CHOICE,
     .arg = "SHELL",
     .offset = offsetof(help_args, shell),
     .choices = shells,
     .help = "Print the completion script for bash, zsh or fish."},
    CLI_HELP_OPTION,
};

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    help_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    const cli_command *cmd = count > 0 ? cli_command_by_name(argv[1]) : &cli_command_ocrvl;
    if (!cmd)
        return cli_command_unknown(argv[1]);
    ocrvl_buf b = {0};
    cli_log log = {.command = self->name};
    if (args.shell)
        cli_completion(&b, args.shell);
    else
        (args.roff ? cli_help_roff : cli_help_text)(&b, cmd);
    status = cli_output_buf(&log, &b);
    ocrvl_buf_free(&b);
    return status;
}

static const char *const usage[] = {"[COMMAND]", NULL};

const cli_command cli_command_help = {
    .name = "help",
    .summary = "print help about a command",
    .usage = usage,
    .about = "Prints the help of COMMAND, as ocrvl COMMAND --help does, or without COMMAND the list of commands.",
    .options = options,
    .operands = 1,
    .run = run,
};
