/* Option tables as text for users: usage lines, --help, and the OPTIONS section of a man page. */
#ifndef OCRVL_CLI_HELP_H
#define OCRVL_CLI_HELP_H

#include "base/buf.h"
#include "command.h"

/* "Usage: ocrvl read [OPTIONS] [FILE...]", one line for each form. */
void cli_help_usage(ocrvl_buf *b, const cli_command *cmd);
/* Everything that `ocrvl COMMAND --help` prints. */
void cli_help_text(ocrvl_buf *b, const cli_command *cmd);
/* The options as an mdoc(7) list. */
void cli_help_roff(ocrvl_buf *b, const cli_command *cmd);
/* Appends text in lines of at most 79 columns, and a newline. The first line continues at `column`; the others are
 * indented by `indent`. */
void cli_help_wrap(ocrvl_buf *b, const char *text, size_t column, size_t indent);

#endif
