/* Parses a command line by a command's option table. The grammar: `--name`, `--name VALUE`, `--name=VALUE`, `-x`, `-x
 * VALUE`, `-xVALUE`; letters without value in one word (`-qv`); options and operands in any order; everything after
 * `--` is an operand, and so is a lone `-`. If an option is given twice, the last one counts, unless it is a list. Long
 * names are written in full. Nothing depends on the environment. */
#ifndef OCRVL_CLI_OPTIONS_H
#define OCRVL_CLI_OPTIONS_H

#include "command.h"

/* Parses argv[1..argc) into the struct at values, which must have its defaults already. Operands are moved to the front
 * of argv[1..) in their order and counted in *operands. Returns false if the command has to end with *status, after all
 * messages. */
bool cli_options_parse(const cli_command *cmd, void *values, int argc, char **argv, size_t *operands, cli_exit *status);

/* Prints one line on stderr, which ends with how to get help. Returns CLI_EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) cli_exit cli_usage_error(const cli_command *cmd, const char *fmt, ...);

/* Reports an unknown command as a usage error; of a file's name it says what to type. */
cli_exit cli_command_unknown(const char *name);

#endif
