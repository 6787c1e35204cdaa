/* ocrvl version. */
#include "base/buf.h"
#include "options.h"
#include "output.h"

static const cli_option options[] = {CLI_HELP_OPTION};

static cli_exit run(const cli_command *self, int argc, char **argv)
{
    char args = 0;
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    cli_log log = {0};
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "ocrvl %s\n", ocrvl_version());
    status = cli_output_buf(&log, &b);
    ocrvl_buf_free(&b);
    return status;
}

static const char *const usage[] = {"", NULL};

const cli_command cli_command_version = {
    .name = "version",
    .summary = "print the version",
    .usage = usage,
    .about = "Prints the version, as ocrvl --version does.",
    .options = options,
    .operands = 0,
    .run = run,
};
