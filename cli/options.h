/* Reading a command line by a command's option table.
 *
 * The grammar: `--name`, `--name VALUE`, `--name=VALUE`, `-x`, `-x VALUE`, `-xVALUE`; letters without value in one word
 * (`-qv`); options and operands in any order; everything after `--` is an operand, and so is a lone `-`. Of an option
 * given twice the last counts. Long names are written in full. Nothing depends on the environment. */
#ifndef OCRVL_CLI_OPTIONS_H
#define OCRVL_CLI_OPTIONS_H

#include "command.h"

/* Reads argv[1..argc) into the struct at values, whose defaults stand already. Operands are moved to the front of
 * argv[1..) in their order and counted in *operands. False: the command ends now with *status, all having been said. */
bool cli_options_parse(const cli_command *cmd, void *values, int argc, char **argv, size_t *operands, cli_exit *status);

/* One line on stderr that ends in where help is to be had. Returns CLI_EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) cli_exit cli_usage_error(const cli_command *cmd, const char *fmt, ...);

/* The usage error of a COMMAND that isn't one. */
cli_exit cli_command_unknown(const char *name);

#endif
