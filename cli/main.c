/* The command: finds the subcommand, and ends the process as Unix filters end. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "signals.h"
#include "stderr.h"

typedef struct main_args {
    bool version;
} main_args;

static const cli_option options[] = {
    {.name = "version",
     .letter = 'V',
     .kind = CLI_OPTION_FLAG,
     .offset = offsetof(main_args, version),
     .help = "Print the version."},
    {.name = "help",
     .letter = 'h',
     .kind = CLI_OPTION_HELP,
     .help = "Print this help; after a COMMAND, that command's help."},
    {.name = NULL},
};

/* A standard stream that is closed at the start would become the next file that we open. A stand-in that can't be used
 * for its purpose takes its place, so that its use is an error. */
static void fill_standard_streams(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY}; /* of the stand-ins for 0, 1 and 2 */
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)open("/dev/null", modes[fd]);
}

/* Handles `ocrvl --version`, `ocrvl --help`, and unknown options. */
static cli_exit run_options(const cli_command *self, int argc, char **argv)
{
    main_args args = {0};
    size_t count;
    cli_exit status;
    if (!cli_options_parse(self, &args, argc, argv, &count, &status))
        return status;
    if (args.version)
        return cli_command_version.run(&cli_command_version, 1, argv);
    return cli_usage_error(self, "no command");
}

static const char *const usage[] = {"COMMAND [OPTIONS] [FILE...]", NULL};

const cli_command cli_command_ocrvl = {
    .name = "",
    .summary = "document OCR",
    .usage = usage,
    .about = "Reads documents and writes their text, with word boxes and confidences.",
    .options = options,
    .operands = 0,
    .run = run_options,
};

static cli_exit run_command(int argc, char **argv)
{
    if (argc < 2) {
        ocrvl_buf b = {0};
        cli_help_text(&b, &cli_command_ocrvl);
        if (b.data)
            cli_stderr(b.data, b.len);
        ocrvl_buf_free(&b);
        return CLI_EXIT_USAGE;
    }
    if (argv[1][0] == '-')
        return run_options(&cli_command_ocrvl, argc, argv);
    const cli_command *cmd = cli_command_by_name(argv[1]);
    return cmd ? cmd->run(cmd, argc - 1, argv + 1) : cli_command_unknown(argv[1]);
}

#ifdef OCRVL_FAIL_ALLOCATIONS

/* In the program that tests/cli/memory.sh runs: $OCRVL_FAIL is the number of the allocation that fails, with all that
 * follow, or with '!' behind it alone. Where it came to that, the file that $OCRVL_FAIL_TOLD names is there at the
 * end. */
static void begin_failing(void)
{
    const char *n = getenv("OCRVL_FAIL");
    if (n && strchr(n, '!'))
        ocrvl_mem_fail_once(strtol(n, NULL, 10));
    else if (n)
        ocrvl_mem_fail_after(strtol(n, NULL, 10));
}

static void end_failing(void)
{
    const char *told = getenv("OCRVL_FAIL_TOLD");
    if (told && ocrvl_mem_failed())
        close(open(told, O_WRONLY | O_CREAT, 0666));
}

#else

static void begin_failing(void) {}

static void end_failing(void) {}

#endif

int main(int argc, char **argv)
{
    fill_standard_streams();
    begin_failing();
    cli_stderr_ours_alone();
    cli_signals_install();
    cli_exit status = run_command(argc, argv);
    end_failing();
    cli_signals_die_of_stop();
    if (status != CLI_EXIT_PIPE)
        return (int)status;
    cli_signals_die_of_pipe();
    return CLI_EXIT_OUTPUT;
}
